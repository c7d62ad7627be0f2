"""The simulated cabinet: what a person and the mains can do to it, what its lights show, its wire in words."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from config.cabinet_map import cabinet_map
from drivers.cabinet.frames import Framing, Parser, words
from simulator.device import SimDevice, UnknownVerb, told_version
from simulator.models.cabinet_board import Board
from simulator.ports.serve import Port, Tap, make_port
from simulator.wire.cabinet import ALWAYS, LINE_FAULTS, BoardEnd, Fault, Routine
from simulator.wire.endpoint import DeviceEnd

Join = Callable[[DeviceEnd, Tap], Port]
USUAL_BAUD = 9600
DEVICE_FAILURE = 4
MAX_TIMES = 1000


def _switch(given: Any) -> bool:
    return given not in (False, 0, "0", "false", "off", "no", "")


def _times(given: Any) -> int:
    times = ALWAYS if given == "always" else int(given)
    if times != ALWAYS and not 1 <= times <= MAX_TIMES:
        raise ValueError(f"times is 1 to {MAX_TIMES}, or 'always'")
    return times


def _number(given: Any, low: float, high: float, what: str) -> float:
    number = float(given)
    if not low <= number <= high:
        raise ValueError(f"{what} is {low:g} to {high:g}")
    return number


class CabinetSim(SimDevice):
    """One board. `join` makes its port at every plugging in; by default at `address`.

    Its wire record leaves out looks that found nothing new: there are many in a second.
    """

    family = "cabinet"
    verbs = {  # noqa: RUF012 - a constant table, as in SimDevice
        "open_door": "open the cabinet's door",
        "close_door": "close it",
        "tilt": "tilt the cabinet: on=true",
        "presence": "somebody stands before the terminal: on=true",
        "headset": "a headset is plugged in: on=true",
        "key": "press the emergency key: seconds=0.5; or hold=true to hold it down, hold=false to let it go",
        "temperature": "the air inside has so many degrees Celsius: c=70",
        "fan": "the fan turns: on=true",
        "ups_engage": "mains fail, the UPS takes over",
        "ups_low": "the UPS battery is nearly empty (mains failed before)",
        "ups_recover": "mains are back",
        "silent": "no answer: times=1 or always",
        "wrong_unit": "answers carry another unit number: unit=9, times=1 or always",
        "exception": "answers are a Modbus exception: code=4, times=1 or always",
        "garbled": "answers with a wrong CRC (TCP: a wrong header): times=1 or always",
        "truncated": "answers cut in half: times=1 or always",
        "noise": "stray bytes before an answer (serial only): times=1 or always",
        "slow": "answers come later: seconds=0.2, times=1 or always",
        "firmware": "another firmware, told at the next opening: version=1.5",
        "restart": "the board's supply blinks: its lights go dark",
        "clear_faults": "end every fault of the line",
    }

    def __init__(
        self,
        address: str,
        *,
        map: str | dict[str, Any] = "standard",  # noqa: A002 - the name of the terminal's own option
        unit: int = 1,
        baud: int = USUAL_BAUD,
        paced: bool = True,
        framing: Framing | None = None,
        join: Join | None = None,
    ) -> None:
        super().__init__()
        self.address = address
        self.framing: Framing = framing or ("tcp" if address.startswith("tcp://") else "rtu")
        if not 1 <= unit <= 247:
            raise ValueError("cabinet: unit is 1 to 247")
        self.board = Board(cabinet_map(map))
        self.end = BoardEnd(self.board, self.framing, unit)
        self._baud = baud
        self._paced = paced
        self._join = join or self._make_port
        self._port: Port | None = None
        self._lights = self.board.lights()
        self._routine = Routine(self.framing)

    def _make_port(self, end: DeviceEnd, tap: Tap) -> Port:
        return make_port(end, self.address, tap, baud=self._baud if self._paced else 0)

    @property
    def link(self) -> str:
        """The link URL for the profile."""
        if not self.address.startswith("tcp://"):
            return f"serial://{self.address.removeprefix('pty:')}?baud={self._baud}&unit={self.end.unit}"
        framing = "&framing=rtu" if self.framing == "rtu" else ""
        return f"tcp://{urlsplit(self.address).netloc}?unit={self.end.unit}{framing}"

    async def plug(self) -> None:
        """Power and line come; the lights are dark."""
        if self._port is None:
            self.board.power_on()
            port = self._join(self.end, self._tapped)
            await port.plug()
            self._port = port
            if self.address.startswith("tcp://"):
                self.address = port.address
            self.changed()

    async def unplug(self) -> None:
        """Power and line go."""
        port, self._port = self._port, None
        if port is not None:
            await port.unplug()
            self.board.power_on()
            self.changed()

    def _tapped(self, direction: str, data: bytes) -> None:
        for crossing in self._routine.worth_noting(direction, data):
            self.tap(*crossing)
        if direction == "out" and self.board.lights() != self._lights:
            self._lights = self.board.lights()
            self.changed()

    def state(self) -> dict[str, Any]:
        """As `SimDevice.state`, with every sensor, the lights by slot, and armed faults."""
        b = self.board
        lights = {slot: {"pattern": lit.pattern, "colour": lit.colour} for slot, lit in b.lights().items()}
        return {
            "plugged": self._port is not None,
            "words": self._words(),
            "door": "open" if b.door else "closed",
            "tilt": b.tilt,
            "presence": b.presence,
            "headset": b.headset,
            "key": b.emergency_key,
            "temperature_c": b.temperature,
            "fan": b.fan,
            "ups": {
                "on_mains": b.ups_on_mains,
                "low": b.ups_low,
                "engaged": b.ups_engaged,
                "recovered": b.ups_recovered,
            },
            "lights": lights,
            "map": b.cabinet.sentence,
            "faults": [fault.kind for fault in self.end.faults],
        }

    def _words(self) -> str:
        b = self.board
        lit = [
            f"{slot} {one.colour or ''} {one.pattern}".replace("  ", " ")
            for slot, one in b.lights().items()
            if one.pattern != "off"
        ]
        parts = [
            "" if self._port else "unplugged",
            "door open" if b.door else "door closed",
            "tilted" * b.tilt,
            "somebody there" * b.presence,
            "headset in" * b.headset,
            "emergency key pressed" * b.emergency_key,
            f"{b.temperature:g} °C",
            "" if b.fan else "fan stands",
            "" if b.ups_on_mains else "on battery" + ", nearly empty" * b.ups_low,
            "lights: " + (", ".join(lit) or "dark"),
        ]
        return "; ".join(part for part in parts if part)

    def do(self, verb: str, **args: Any) -> Any:
        """As `SimDevice.do`. Raises `ValueError` for what cannot be done now or has wrong arguments."""
        if verb not in self.verbs:
            raise UnknownVerb(f"the cabinet cannot {verb!r}; it can {', '.join(self.verbs)}")
        try:
            if verb in LINE_FAULTS:
                self._line_fault(verb, **args)
            else:
                getattr(self, f"_do_{verb}")(**args)
        except TypeError as error:
            raise ValueError(f"{verb}: {error}; {self.verbs[verb]}") from error
        if self._port:
            self._port.touch()
        self.changed()
        return self.state()

    def _do_open_door(self) -> None:
        self.board.door = True

    def _do_close_door(self) -> None:
        self.board.door = False

    def _do_tilt(self, on: Any = True) -> None:
        self.board.tilt = _switch(on)

    def _do_presence(self, on: Any = True) -> None:
        self.board.presence = _switch(on)

    def _do_headset(self, on: Any = True) -> None:
        self.board.headset = _switch(on)

    def _do_key(self, seconds: Any = 0.5, hold: Any = None) -> None:
        self.board.emergency_key = hold is None or _switch(hold)
        held = _number(seconds, 0.05, 60, "seconds")
        self.board.key_until = asyncio.get_running_loop().time() + held if hold is None else None

    def _do_temperature(self, c: Any) -> None:
        self.board.temperature = _number(c, -40, 120, "c")

    def _do_fan(self, on: Any = True) -> None:
        self.board.fan = _switch(on)

    def _do_ups_engage(self) -> None:
        self.board.engage_ups()

    def _do_ups_low(self) -> None:
        if not self.board.ups_engaged:
            raise ValueError("ups_low: mains are on, so the battery is charged; do ups_engage first")
        self.board.ups_low = True

    def _do_ups_recover(self) -> None:
        self.board.recover_ups()

    def _do_wrong_unit(self, unit: Any = 9, times: Any = 1) -> None:
        number = _number(unit, 0, 255, "unit")
        self.end.faults.append(Fault("wrong_unit", _times(times), number))

    def _do_exception(self, code: Any = DEVICE_FAILURE, times: Any = 1) -> None:
        number = _number(code, 1, 255, "code")
        self.end.faults.append(Fault("exception", _times(times), number))

    def _do_slow(self, seconds: Any = 0.2, times: Any = 1) -> None:
        delay = _number(seconds, 0.001, 60, "seconds")
        self.end.faults.append(Fault("slow", _times(times), delay))

    def _do_firmware(self, version: Any = "1.5") -> None:
        self.board.firmware = told_version(version)

    def _do_restart(self) -> None:
        self.board.power_on()

    def _do_clear_faults(self) -> None:
        self.end.faults.clear()

    def _line_fault(self, kind: str, times: Any = 1) -> None:
        self.end.faults.append(Fault(kind, _times(times)))

    def decode(self, direction: str, data: bytes) -> str:
        """Modbus in words; nothing on this wire is personal."""
        parser = Parser(self.framing, requests=direction == "in")
        said = [words(frame.message) for frame in parser.feed(data)]
        if parser.waiting:
            said.append("a part of a frame")
        return "; ".join(said) or f"{len(data)} bytes that are no frame"


def make(address: str, **options: Any) -> CabinetSim:
    """A cabinet at `tcp://host:port` (Modbus TCP, or RTU with framing="rtu") or `pty:PATH` (RTU).

    Options: map (a name in config/cabinets, a file or a table), unit, baud, paced (False: a pty without a speed),
    framing. Raises `ValueError` for any other.
    """
    known = {"map", "unit", "baud", "paced", "framing"}
    if unknown := sorted(set(options) - known):
        raise ValueError(f"cabinet: unknown options {', '.join(unknown)}; there are {', '.join(sorted(known))}")
    return CabinetSim(address, **options)
