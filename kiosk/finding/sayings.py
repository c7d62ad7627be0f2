"""What people say and what the items call it: config/finding/sayings.csv, verbs.csv; and what a "not" takes away."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from functools import cache

from config import DATA

_NOT = re.compile(
    r"(?:(?:没有?|并没|别|不是)(?:丢失|丢|遗失|坏|损坏|过期|到期|挂失|被偷|离婚|注销)了?|不是[^,，。;；、]{1,8}(?=[,，。;；、是而]))"
)
"""A state or a service that is denied: 没丢, 不是到期, 不是查询，是."""
_KINDS = ("apply", "pay", "verify", "print", "query")


@dataclass(frozen=True, slots=True)
class Saying:
    """A pattern of colloquial words and the items' words that it means."""

    pattern: re.Pattern[str]
    means: str


@cache
def sayings() -> tuple[Saying, ...]:
    """All sayings, in the file's order. Raises `ValueError` that names a row that says or means nothing."""
    found = []
    with (DATA / "finding" / "sayings.csv").open(encoding="utf-8", newline="") as file:
        lines = (line for line in file if not line.startswith("#"))
        for row in csv.DictReader(lines):
            said = [part for part in (row["said"] or "").split("|") if part]
            if not said or not row["means"]:
                raise ValueError(f"sayings.csv: a row needs 'said' and 'means': {row}")
            joined = "|".join(_pattern(part) for part in sorted(said, key=len, reverse=True))
            found.append(Saying(re.compile(joined), row["means"].lower()))
    return tuple(found)


def _pattern(said: str) -> str:
    pattern = ".{0,8}?".join(re.escape(part) for part in said.lower().split("…"))
    return rf"(?<![a-z]){pattern}(?![a-z])" if said.isascii() and said.isalpha() else pattern


def without_denied(text: str) -> str:
    """`text` without what it denies: 身份证没丢，是过期了 keeps 身份证 and 过期了."""
    return _NOT.sub(" ", text)


def meanings(text: str) -> list[str]:
    """What the sayings in a normal text mean, each once."""
    return list(dict.fromkeys(saying.means for saying in sayings() if saying.pattern.search(text)))


@cache
def _verbs() -> tuple[tuple[str, re.Pattern[str]], ...]:
    with (DATA / "finding" / "verbs.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(line for line in file if not line.startswith("#")))
    if wrong := [row["kind"] for row in rows if row["kind"] not in _KINDS]:
        raise ValueError(f"verbs.csv: kind {wrong[0]!r}; known are {', '.join(_KINDS)}")
    return tuple((row["kind"], re.compile("|".join(_pattern(cue) for cue in row["cues"].split("|")))) for row in rows)


def kinds_said(text: str) -> frozenset[str]:
    """The verbs that a normal text names: apply, pay, verify, print, query."""
    return frozenset(kind for kind, pattern in _verbs() if pattern.search(text))
