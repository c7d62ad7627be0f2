"""What a device profile may say of a receipt printer besides its link."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from config.receipt_printers import PrinterProfile, command_bytes, receipt_printer

KNOWN = ("profile", "roll_m", "take_back", "take_s")


@dataclass(frozen=True, slots=True)
class PrinterOptions:
    """The model, and what this one printer has otherwise: metres of a roll, seconds to take a ticket, how to clear."""

    profile: PrinterProfile
    roll_m: int
    take_s: float
    take_back: bytes


def read_options(name: str, options: Mapping[str, Any]) -> PrinterOptions:
    """Raises `ValueError` that names the device, the option and what is allowed; `SettingsError` for a profile."""
    if unknown := sorted(set(options) - set(KNOWN)):
        raise ValueError(f"{name}: unknown options {unknown}; a receipt printer knows {list(KNOWN)}")
    profile = receipt_printer(str(options.get("profile", "chinese-80mm")))
    roll_m = _within(name, "roll_m", options.get("roll_m", profile.roll_m), 1, 1000)
    take_s = _within(name, "take_s", options.get("take_s", profile.take_s), 5, 600)
    return PrinterOptions(
        profile, int(roll_m), take_s, _command(name, "take_back", options.get("take_back", profile.take_back))
    )


def _within(name: str, option: str, value: Any, least: float, most: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
        raise ValueError(f"{name}: option {option}={value!r}: a number from {least:g} to {most:g}")
    return value


def _command(name: str, option: str, text: Any) -> bytes:
    try:
        return command_bytes(str(text))
    except ValueError as error:
        raise ValueError(f"{name}: option {option}={text!r}: {error}; bytes in hexadecimal, as in 1D 65 02") from None
