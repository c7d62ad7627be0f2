"""The cabinet's options in a profile, and the error that each failure of a request is, with what to do about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from config.cabinet_map import CabinetMap, cabinet_map
from drivers.cabinet.frames import EXCEPTION_WORDS
from drivers.cabinet.host import Failed, Why
from drivers.errors import DeviceError, DeviceFault, NoAnswer, ProtocolError, WrongDevice

STANDARD: Final = "standard"
_BOUNDS: Final[Mapping[str, tuple[float, float]]] = {
    "poll_s": (0.05, 0.3),
    "rest_poll_s": (0.05, 0.7),
    "answer_s": (0.02, 2.0),
    "tries": (1, 5),
}
_BY_CODE: Final[Mapping[int, tuple[type[DeviceError], str]]] = {
    1: (WrongDevice, "its register map is another board's: check `map` in the profile"),
    2: (WrongDevice, "its register map is another board's: check `map` in the profile"),
    3: (WrongDevice, "its register map is another board's: check `map` in the profile"),
    4: (DeviceFault, "the board says that it is broken: change it"),
    5: (NoAnswer, "the board is busy for too long: switch it off and on"),
    6: (NoAnswer, "the board is busy for too long: switch it off and on"),
    8: (DeviceFault, "the board's memory is broken: change it"),
    10: (NoAnswer, "the gateway does not reach the board: check its settings"),
    11: (NoAnswer, "the gateway hears nothing from the board: check the board's power and cable"),
}


@dataclass(frozen=True, slots=True)
class Options:
    """`map`: a name in config/cabinets, a *.toml file, or the table itself. Times in seconds."""

    map: CabinetMap
    poll_s: float = 0.2
    rest_poll_s: float = 0.2
    """While nobody has stood there for half a minute. Slower (0.6 saves some 0.3 % of a core) only where the board
    latches its keys and shocks: a press of the emergency key between two looks would be lost, and presence may fail."""
    answer_s: float = 0.25
    tries: int = 2

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> Options:
        """From the profile's table. Raises `ValueError` with every fault, `SettingsError` for faults of the map."""
        given = dict(options)
        source = given.pop("map", STANDARD)
        faults = [f"{key} is unknown; there are map, {', '.join(_BOUNDS)}" for key in sorted(set(given) - set(_BOUNDS))]
        if not isinstance(source, (str, Mapping)):
            faults.append("map must be a name, a *.toml file or a table")
        for key, (low, high) in _BOUNDS.items():
            number = given.get(key, low)
            whole = key == "tries"
            if isinstance(number, bool) or not isinstance(number, int if whole else (int, float)):
                faults.append(f"{key} must be a {'whole ' if whole else ''}number")
            elif not low <= number <= high:
                faults.append(f"{key} must be {low:g} to {high:g}")
        if faults:
            raise ValueError("cabinet options: " + "; ".join(faults))
        return cls(cabinet_map(source), **given)


def error_of(device: str, url: str, unit: int, failed: Failed) -> DeviceError:
    """The error that `failed` is, saying what happened, where, and what to do."""
    if failed.why is Why.REFUSED:
        said = EXCEPTION_WORDS.get(failed.number, "an exception that Modbus does not name")
        kind, hint = _BY_CODE.get(failed.number, (ProtocolError, "ask the board's vendor"))
        sentence = f"{device}: the board refuses to {failed.request} ({said}); {hint}"
        return kind(sentence, code=f"exception-{failed.number}")
    if failed.why is Why.OTHER_UNIT:
        sentence = (
            f"{device}: unit {failed.number} answers on {url} and not unit {unit}; set `unit` or the board's switch"
        )
        return WrongDevice(sentence, code=f"unit-{failed.number}")
    if failed.why is Why.GARBLED:
        sentence = f"{device}: {url} says something that is no Modbus answer; check speed, parity and cable"
        return ProtocolError(sentence)
    return NoAnswer(f"{device}: silence on {url} (unit {unit}); check the board's power, cable and unit number")
