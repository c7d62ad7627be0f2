"""Where the parts of a machine-readable zone stand, and what each check digit counts (ICAO Doc 9303, parts 4 to 7)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

Kind = Literal["letter", "digit", "date", "any"]


@dataclass(frozen=True, slots=True)
class Span:
    """Characters `start` to `end` (excluded) of line `line`, all counted from 0."""

    line: int
    start: int
    end: int
    kind: Kind = "any"

    @property
    def length(self) -> int:
        """How many characters."""
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Check:
    """One check digit: where it stands and what it counts, in this order."""

    at: Span
    over: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """One size of document."""

    name: str
    lines: int
    width: int
    visa: bool
    spans: Mapping[str, Span]
    checks: Mapping[str, Check]


def _digit(line: int, at: int) -> Span:
    return Span(line, at, at + 1, "digit")


def _layout(name: str, lines: int, width: int, spans: dict[str, Span], checks: dict[str, Check]) -> Layout:
    # The places of check digits are spans too: only digits can stand there, except where a filler may.
    places = {f"check.{key}": c.at for key, c in checks.items() if key not in ("number", "optional")}
    return Layout(
        name, lines, width, name.startswith("MRV"), MappingProxyType(spans | places), MappingProxyType(checks)
    )


def _two_lines(name: str, width: int, optional: Span, extra: dict[str, Check]) -> Layout:
    """Passports, TD2 cards and visas differ only in their width and in what follows the expiry."""
    number, birth, expiry = Span(1, 0, 9), Span(1, 13, 19, "date"), Span(1, 21, 27, "date")
    spans = {
        "code": Span(0, 0, 2, "letter"),
        "issuer": Span(0, 2, 5, "letter"),
        "name": Span(0, 5, width, "letter"),
        "number": number,
        "nationality": Span(1, 10, 13, "letter"),
        "birth": birth,
        "sex": Span(1, 20, 21, "letter"),
        "expiry": expiry,
        "optional": optional,
    }
    checks = {
        "number": Check(_digit(1, 9), (number,)),
        "birth": Check(_digit(1, 19), (birth,)),
        "expiry": Check(_digit(1, 27), (expiry,)),
        **extra,
    }
    return _layout(name, 2, width, spans, checks)


_TD1_NUMBER, _TD1_BIRTH, _TD1_EXPIRY = Span(0, 5, 14), Span(1, 0, 6, "date"), Span(1, 8, 14, "date")
_TD1 = _layout(
    "TD1",
    3,
    30,
    {
        "code": Span(0, 0, 2, "letter"),
        "issuer": Span(0, 2, 5, "letter"),
        "number": _TD1_NUMBER,
        "optional": Span(0, 15, 30),
        "birth": _TD1_BIRTH,
        "sex": Span(1, 7, 8, "letter"),
        "expiry": _TD1_EXPIRY,
        "nationality": Span(1, 15, 18, "letter"),
        "more": Span(1, 18, 29),
        "name": Span(2, 0, 30, "letter"),
    },
    {
        "number": Check(_digit(0, 14), (_TD1_NUMBER,)),
        "birth": Check(_digit(1, 6), (_TD1_BIRTH,)),
        "expiry": Check(_digit(1, 14), (_TD1_EXPIRY,)),
        "composite": Check(_digit(1, 29), (Span(0, 5, 30), Span(1, 0, 7), Span(1, 8, 15), Span(1, 18, 29))),
    },
)
_UPPER_TO_EXPIRY = (Span(1, 0, 10), Span(1, 13, 20))
_TD2 = _two_lines("TD2", 36, Span(1, 28, 35), {"composite": Check(_digit(1, 35), (*_UPPER_TO_EXPIRY, Span(1, 21, 35)))})
_TD3_OPTIONAL = Span(1, 28, 42)
_TD3 = _two_lines(
    "TD3",
    44,
    _TD3_OPTIONAL,
    {
        "optional": Check(_digit(1, 42), (_TD3_OPTIONAL,)),
        "composite": Check(_digit(1, 43), (*_UPPER_TO_EXPIRY, Span(1, 21, 43))),
    },
)
LAYOUTS: Mapping[str, Layout] = MappingProxyType(
    {
        layout.name: layout
        for layout in (
            _TD1,
            _TD2,
            _TD3,
            _two_lines("MRV-A", 44, Span(1, 28, 44), {}),
            _two_lines("MRV-B", 36, Span(1, 28, 36), {}),
        )
    }
)
