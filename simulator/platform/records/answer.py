"""The parts that an answer is made of, and the dice that invent it: the same number and item give the same answer."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Literal, TypeAlias, TypeVar

from config.catalogue import Catalogue, Service
from simulator.people import Citizen

T = TypeVar("T")
Said: TypeAlias = dict[str, str]
Section: TypeAlias = dict[str, Any]
Sensitivity = Literal["public", "personal", "sensitive"]


class Dice:
    """Numbers drawn from a text by SHA-256; each draw goes on where the last one stopped."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._drawn = 0

    def upto(self, most: int) -> int:
        """A number from 0 to `most`."""
        self._drawn += 1
        digest = hashlib.sha256(f"{self._text}:{self._drawn}".encode()).digest()
        return int.from_bytes(digest[:6], "big") % (most + 1)

    def between(self, low: int, high: int) -> int:
        """A number from `low` to `high`."""
        return low + self.upto(high - low)

    def one_in(self, many: int) -> bool:
        """True once in so many."""
        return self.upto(many - 1) == 0

    def pick(self, choices: Sequence[T]) -> T:
        """One of them."""
        return choices[self.upto(len(choices) - 1)]

    def digits(self, count: int) -> str:
        """So many digits."""
        return "".join(str(self.upto(9)) for _ in range(count))


@dataclass(frozen=True, slots=True)
class Ask:
    """One question: the item, what was filled in, who asks (None at level A0), the day, what the city has on file."""

    service: Service
    params: Mapping[str, str]
    who: Citizen | None
    today: date
    cx: sqlite3.Connection
    catalogue: Catalogue
    found: bool | None = None
    """QA's wish: always something, never anything; None is by rule."""
    dice: Dice = field(default_factory=lambda: Dice(""))

    @property
    def person(self) -> Citizen:
        """Who asks. Only for items of level A1 and above, where the session has somebody."""
        assert self.who is not None
        return self.who

    def get(self, key: str) -> str:
        """What was filled in, "" when nothing."""
        return self.params.get(key, "")

    def nothing(self, one_in: int = 6) -> bool:
        """Whether there is no record: by rule once in so many, or as QA wishes."""
        drawn = self.dice.one_in(one_in)
        return drawn if self.found is None else not self.found

    def ago(self, days: int) -> str:
        """A day in the past."""
        return (self.today - timedelta(days=days)).isoformat()

    def ahead(self, days: int) -> str:
        """A day to come."""
        return (self.today + timedelta(days=days)).isoformat()

    def months(self, count: int, back: int = 0) -> list[str]:
        """The last `count` months as YYYY-MM, the newest first, beginning `back` months ago."""
        at = self.today.year * 12 + self.today.month - 1 - back
        return [f"{(at - i) // 12:04d}-{(at - i) % 12 + 1:02d}" for i in range(count)]


Make: TypeAlias = Callable[[Ask], "list[Section] | None"]


@dataclass(frozen=True, slots=True)
class Record:
    """One item's records: who keeps them, how they are made (None: nothing on file), what to do then."""

    source: Said
    make: Make
    advice: Said
    sensitivity: Sensitivity = "personal"


def say(zh: str, en: str = "") -> Said:
    """Words in both languages; names and numbers are the same in both."""
    return {"zh": zh, "en": en or zh}


def yuan(fen: int) -> Said:
    """An amount."""
    return say(f"{fen // 100:,}.{fen % 100:02d} 元", f"{fen // 100:,}.{fen % 100:02d} yuan")


def line(label: Said, value: Said | str, *, private: bool = False) -> dict[str, Any]:
    """A label and a value."""
    return {"label": label, "value": say(value) if isinstance(value, str) else value, "private": private}


def figures(title: Said, *rows: dict[str, Any]) -> Section:
    """The few numbers that most people came for."""
    return {"kind": "figures", "title": title, "rows": list(rows)}


def rows(title: Said, *lines: dict[str, Any]) -> Section:
    """A card of lines."""
    return {"kind": "rows", "title": title, "rows": list(lines)}


def table(title: Said, columns: Sequence[Said], records: Sequence[Sequence[Said | str]]) -> Section:
    """A table; the platform hands it out page by page."""
    cells = [[say(c) if isinstance(c, str) else c for c in record] for record in records]
    return {"kind": "table", "title": title, "columns": list(columns), "records": cells}


def steps(title: Said, *events: tuple[Said, str, str], note: Said | None = None) -> Section:
    """What has been done and what comes: (label, state, day); `note` stands at the step that it has reached."""
    quiet = say("")
    return {
        "kind": "steps",
        "title": title,
        "steps": [
            {"label": label, "state": state, "at": at, "note": note if note and state in ("current", "late") else quiet}
            for label, state, at in events
        ],
    }


def masked(name: str) -> str:
    """Somebody else's name."""
    return name[:1] + "*" * max(1, len(name) - 1)


def tail(number: str) -> str:
    """The last four characters of a number."""
    return f"**** {number[-4:]}"
