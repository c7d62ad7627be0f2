"""NUT's network protocol, both directions: lines of words, quoted where they hold a space (RFC 9271, 4 and 5).

Pure: no I/O, no clock. Every line and every list has a cap.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from drivers.told import printable

MAX_LINE: Final = 1024
MAX_VARS: Final = 400
PORT: Final = 3493


class NutError(ValueError):
    """What came is not NUT's protocol; the message says what."""


class NutRefused(Exception):
    """The server answered `ERR`; `code` as in RFC 9271, 4.2.12 (UNKNOWN-UPS, DATA-STALE, ACCESS-DENIED, ...)."""

    def __init__(self, code: str) -> None:
        super().__init__(f"the NUT server answered {code}")
        self.code = code


def words_of(line: bytes) -> list[str]:
    """The words of one line without its end. Raises `NutError`."""
    if len(line) > MAX_LINE:
        raise NutError(f"a line of more than {MAX_LINE} bytes")
    text = line.decode("utf-8", "replace").strip("\r\n")
    found: list[str] = []
    word, quoted, escaped, open_ = "", False, False, False
    for char in text:
        if escaped:
            word, escaped = word + char, False
        elif char == "\\":
            escaped = True
        elif char == '"':
            quoted, open_ = not quoted, True
        elif char == " " and not quoted:
            if word or open_:
                found.append(word)
            word, open_ = "", False
        else:
            word += char
    if quoted or escaped:
        raise NutError("a quote that does not end")
    if word or open_:
        found.append(word)
    return found


def line_of(words: Iterable[str]) -> bytes:
    """One line with its end; words with a space, a quote or nothing in them are quoted. Raises `NutError`."""
    line = " ".join(_quoted(word) for word in words).encode() + b"\n"
    if len(line) > MAX_LINE:
        raise NutError(f"a line of more than {MAX_LINE} bytes")
    return line


def _quoted(word: str) -> str:
    if word and not any(char in ' "\\\n' for char in word):
        return word
    if "\n" in word:
        raise NutError("a word with a line end in it")
    return '"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"'


@dataclass(frozen=True, slots=True)
class UpsReading:
    """One look at a UPS. `status` are NUT's words (OL, OB, LB, RB, FSD, ...); None: it does not say."""

    status: frozenset[str]
    charge: float | None = None
    """Percent."""
    runtime_s: float | None = None
    load: float | None = None
    """Percent."""
    model: str = ""
    serial: str = ""
    firmware: str = ""

    @property
    def on_battery(self) -> bool:
        """Mains are away."""
        return "OB" in self.status

    @property
    def low(self) -> bool:
        """The UPS itself says that its battery is nearly empty, or that the machine must be switched off now."""
        return bool(self.status & {"LB", "FSD"}) and "OL" not in self.status

    @property
    def worn(self) -> bool:
        """Its battery is to be replaced."""
        return "RB" in self.status


def reading_of(variables: Mapping[str, str]) -> UpsReading:
    """What the variables of `LIST VAR` say. Raises `NutError` without a status."""
    status = frozenset(variables.get("ups.status", "").split()[:16])
    if not status:
        raise NutError("the UPS has no ups.status")
    name = " ".join(filter(None, (variables.get("ups.mfr", ""), variables.get("ups.model", ""))))
    return UpsReading(
        status,
        _number(variables.get("battery.charge"), 100),
        _number(variables.get("battery.runtime"), 10**6),
        _number(variables.get("ups.load"), 1000),
        printable(name),
        printable(variables.get("ups.serial", variables.get("device.serial", ""))),
        printable(variables.get("ups.firmware", "")),
    )


def _number(text: str | None, most: float) -> float | None:
    """A number from 0 to `most`; None for anything else."""
    try:
        number = float(text or "")
    except ValueError:
        return None
    return number if 0 <= number <= most else None
