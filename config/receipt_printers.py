"""Receipt printer models as data: `config/receipts/printers.toml`, read once."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cache
from typing import Any, Literal, get_args, get_type_hints

from config import DATA
from config.load import SettingsError, read_toml

EndMark = Literal["gs-paren-h", "gs-r"]
Clear = Literal["dle-dc4-8", "dle-enq-2"]
Presenter = Literal["none", "dle-eot-20"]
PRINTERS = DATA / "receipts" / "printers.toml"
_BOUNDS = {
    "columns": (20, 80),
    "dots": (200, 1024),
    "line_feed": (8, 255),
    "roll_m": (1, 1000),
    "take_s": (5, 600),
}
_COMMANDS = ("present", "take_back")
MAX_COMMAND = 16


@dataclass(frozen=True, slots=True)
class PrinterProfile:
    """One model; the fields are explained at the top of printers.toml. Lengths in dots of 1/203 inch."""

    name: str
    sentence: str
    escpos_profile: str
    columns: int
    dots: int
    line_feed: int
    chinese_at_power_on: bool
    gs_size_on_chinese: bool
    esc_bang_on_chinese: bool
    end_mark: EndMark
    clear: Clear
    partial_cut_only: bool
    native_qr: bool
    near_end_sensor: bool
    maker: str
    model: str
    roll_m: int
    presenter: Presenter
    present: str
    take_back: str
    take_s: int

    @property
    def has_presenter(self) -> bool:
        """True when the printer sees whether its ticket was taken."""
        return self.presenter != "none"


def command_bytes(text: str) -> bytes:
    """The command written as hexadecimal bytes. Raises `ValueError` for anything else, or more than `MAX_COMMAND`."""
    made = bytes.fromhex(text)
    if len(made) > MAX_COMMAND:
        raise ValueError(f"a command of {len(made)} bytes; at most {MAX_COMMAND}")
    return made


def receipt_printer(name: str) -> PrinterProfile:
    """The profile called `name`. Raises `SettingsError` that lists the names there are."""
    known = _read()
    if name not in known:
        raise SettingsError(f"receipt printer profile {name!r}: no such profile; {PRINTERS.name} has {sorted(known)}")
    return known[name]


def receipt_printers() -> dict[str, PrinterProfile]:
    """Every profile by name."""
    return dict(_read())


@cache
def _read() -> dict[str, PrinterProfile]:
    return {name: _profile(name, table) for name, table in read_toml(PRINTERS).items()}


def _profile(name: str, table: dict[str, Any]) -> PrinterProfile:
    hints = get_type_hints(PrinterProfile)
    wanted = {field.name for field in fields(PrinterProfile)} - {"name"}
    faults = [f"{key}: missing" for key in sorted(wanted - set(table))]
    faults += [f"{key}: not a key of a receipt printer" for key in sorted(set(table) - wanted)]
    for key in wanted & set(table):
        value, hint = table[key], hints[key]
        choices = get_args(hint)
        if choices and value not in choices:
            faults.append(f"{key}: {value!r} is not one of {list(choices)}")
        elif not choices and type(value) is not hint:
            faults.append(f"{key}: {value!r} is not {hint.__name__}")
        elif key in _BOUNDS and not _BOUNDS[key][0] <= value <= _BOUNDS[key][1]:
            faults.append(f"{key}: {value} is not within {_BOUNDS[key]}")
        elif key in _COMMANDS:
            faults += _command_faults(key, value)
    if faults:
        raise SettingsError(f"{PRINTERS.name}, [{name}]: " + "; ".join(faults))
    return PrinterProfile(name=name, **table)


def _command_faults(key: str, text: str) -> list[str]:
    try:
        command_bytes(text)
    except ValueError as error:
        return [f"{key}: {text!r}: {error}; write bytes in hexadecimal, as in 1D 65 02"]
    return []
