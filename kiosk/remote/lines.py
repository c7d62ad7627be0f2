"""What crosses the socket of `kiosk ctl`: one JSON object a line, UTF-8 (docs/remote.md).

-> {"v": 1, "verb": "logs", "args": {"lines": 50}}
<- {"v": 1, "still": "a visit is under way"}           any number of these while something takes long
<- {"v": 1, "ok": true, "result": {...}}
<- {"v": 1, "ok": false, "error": {"code": "busy", "message": "...", "remedy": "..."}}
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

VERSION: Final = 1
MOST_REQUEST: Final = 4096
"""Octets of one request, its end included."""
MOST_ANSWER: Final = 16 << 20
"""Octets of one answer: a picture of the largest panel, in base64."""
MOST_ARGS: Final = 8
MOST_TEXT: Final = 400
Code: TypeAlias = Literal[
    "not-understood", "too-long", "too-slow", "too-many", "not-yours", "not-signed-in", "not-allowed", "shut", "busy",
    "withheld", "refused", "failed", "internal",
]  # fmt: skip
"""Why not. not-understood, too-long: the request; too-slow, too-many: try again; not-yours, not-signed-in, not-allowed,
shut: who asks; busy, withheld, refused, failed: the terminal."""
Value: TypeAlias = str | int | bool
Result: TypeAlias = Mapping[str, Any]


class Refused(Exception):
    """Not done. The message says what and why, `remedy` what to do next; neither names a citizen."""

    def __init__(self, code: Code, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.code: Code = code
        self.remedy = remedy


@dataclass(frozen=True, slots=True)
class Request:
    """One verb and what it is about."""

    verb: str
    args: Mapping[str, Value]


def read_request(line: bytes) -> Request:
    """Raises `Refused`: not-understood, too-long."""
    if len(line) > MOST_REQUEST:
        raise Refused("too-long", f"a request is at most {MOST_REQUEST} octets")
    try:
        told = json.loads(line)
    except (ValueError, RecursionError):
        raise Refused("not-understood", "a request is one JSON object a line") from None
    if not isinstance(told, dict) or set(told) - {"v", "verb", "args"} or not isinstance(told.get("verb"), str):
        raise Refused("not-understood", 'expected {"v": 1, "verb": "...", "args": {...}}')
    if type(told.get("v")) is not int or told["v"] != VERSION:
        raise Refused("not-understood", f"version {repr(told.get('v'))[:20]}; this terminal speaks {VERSION}")
    args = told.get("args", {})
    if (
        not isinstance(args, dict)
        or len(args) > MOST_ARGS
        or not all(name.isprintable() and _good(value) for name, value in args.items())
    ):
        raise Refused("not-understood", f"args: at most {MOST_ARGS} texts ({MOST_TEXT} characters), numbers, booleans")
    return Request(told["verb"][:40], args)


def _good(value: object) -> bool:
    if isinstance(value, str):
        return len(value) <= MOST_TEXT and value.isprintable()
    return isinstance(value, int) and abs(value) < 2**31


def line_of(body: Mapping[str, Any]) -> bytes:
    """One line of an answer."""
    octets = json.dumps({"v": VERSION, **body}, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
    if len(octets) > MOST_ANSWER:
        return line_of(refusal(Refused("failed", f"the answer has {len(octets)} octets; at most {MOST_ANSWER}")))
    return octets


def refusal(refused: Refused) -> dict[str, Any]:
    """The body of an answer that says no."""
    return {"ok": False, "error": {"code": refused.code, "message": str(refused), "remedy": refused.remedy}}


class Args:
    """Reads the arguments of a request, each once; `done` says which were not known. All raise `Refused`."""

    def __init__(self, given: Mapping[str, Value]) -> None:
        self._left = dict(given)

    def text(self, name: str, usual: str = "", *, of: tuple[str, ...] = (), most: int = MOST_TEXT) -> str:
        """A text, one of `of` where given."""
        value = self._left.pop(name, usual)
        if not isinstance(value, str) or len(value) > most:
            raise Refused("not-understood", f"{name}: expected a text of at most {most} characters")
        if of and value not in of:
            raise Refused("not-understood", f"{name}: one of {', '.join(each for each in of if each)}")
        return value

    def number(self, name: str, usual: int, low: int, high: int) -> int:
        """A whole number between `low` and `high`."""
        value = self._left.pop(name, usual)
        if type(value) is not int or not low <= value <= high:
            raise Refused("not-understood", f"{name}: expected a whole number from {low} to {high}")
        return value

    def flag(self, name: str) -> bool:
        """True or false; false when left out."""
        value = self._left.pop(name, False)
        if not isinstance(value, bool):
            raise Refused("not-understood", f"{name}: expected true or false")
        return value

    def done(self) -> None:
        """Nothing else was given."""
        if self._left:
            raise Refused("not-understood", f"not known here: {', '.join(sorted(self._left))[:80]}")
