"""Taking members out of a reply: each is there, of its type and within its bound, or the reply is a `BadReply`.

Unknown members are passed over: the contract may grow. Messages name members, never values.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from kiosk.platform.errors import BadReply
from kiosk.platform.signing import canonical

ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9:._-]{1,119}", re.ASCII)
MOST = 5000


class Members:
    """One object of a reply; `where` names it in errors."""

    def __init__(self, value: Any, where: str) -> None:
        if not isinstance(value, Mapping):
            raise BadReply(f"{where}: expected an object")
        self._members = value
        self._where = where

    def _wrong(self, key: str, expected: str) -> BadReply:
        return BadReply(f"{self._where}.{key}: expected {expected}")

    def has(self, key: str) -> bool:
        """Whether there is such a member."""
        return key in self._members

    def text(self, key: str, longest: int = 500, pattern: re.Pattern[str] | None = None) -> str:
        """A string of at most `longest` characters that `pattern` matches as a whole."""
        value = self._members.get(key)
        if not isinstance(value, str) or len(value) > longest:
            raise self._wrong(key, f"text of at most {longest} characters")
        if pattern and not pattern.fullmatch(value):
            raise self._wrong(key, f"text of the form {pattern.pattern}")
        return value

    def text_or_none(self, key: str, longest: int = 500, pattern: re.Pattern[str] | None = None) -> str | None:
        """As `text`, or null."""
        return None if self._members.get(key, "") is None else self.text(key, longest, pattern)

    def id(self, key: str) -> str:
        """An opaque id."""
        return self.text(key, 120, ID)

    def id_or_none(self, key: str) -> str | None:
        """An opaque id, or null."""
        return None if self._members.get(key, "") is None else self.id(key)

    def words(self, key: str, most: int, longest: int) -> dict[str, str]:
        """An object of at most `most` short texts."""
        value = self._members.get(key)
        if not isinstance(value, Mapping) or len(value) > most:
            raise self._wrong(key, f"an object of at most {most} members")
        inside = Members(value, f"{self._where}.{key}")
        return {str(name)[:40]: inside.text(name, longest) for name in value}

    def word(self, key: str, words: frozenset[str]) -> str:
        """One of a known set."""
        value = self.text(key, 40)
        if value not in words:
            raise self._wrong(key, f"one of {', '.join(sorted(words))}")
        return value

    def number(self, key: str, low: int, high: int) -> int:
        """An integer from `low` to `high`."""
        value = self._members.get(key)
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise self._wrong(key, f"an integer from {low} to {high}")
        return value

    def number_or_none(self, key: str, low: int, high: int) -> int | None:
        """An integer from `low` to `high`, or null."""
        return None if self._members.get(key, "") is None else self.number(key, low, high)

    def flag(self, key: str) -> bool:
        """True or false."""
        value = self._members.get(key)
        if not isinstance(value, bool):
            raise self._wrong(key, "true or false")
        return value

    def day(self, key: str) -> date:
        """A plain date."""
        try:
            return date.fromisoformat(self.text(key, 10))
        except ValueError:
            raise self._wrong(key, "a date YYYY-MM-DD") from None

    def day_or_none(self, key: str) -> date | None:
        """A plain date, or null."""
        return None if self._members.get(key, "") is None else self.day(key)

    def time(self, key: str) -> datetime:
        """A time with its offset."""
        try:
            value = datetime.fromisoformat(self.text(key, 40))
        except ValueError:
            raise self._wrong(key, "an RFC 3339 time") from None
        if value.tzinfo is None:
            raise self._wrong(key, "a time with its offset")
        return value

    def octets(self, key: str, most: int) -> bytes:
        """Base64 of at most `most` octets."""
        try:
            data = base64.b64decode(self.text(key, 4 * ((most + 2) // 3)), validate=True)
        except binascii.Error:
            raise self._wrong(key, "base64") from None
        if len(data) > most:
            raise self._wrong(key, f"at most {most} octets")
        return data

    def digest(self, key: str) -> str:
        """SHA-256 of the member's canonical JSON, in hex."""
        return hashlib.sha256(canonical(self._members.get(key))).hexdigest()

    def members_or_none(self, key: str) -> Members | None:
        """An object inside, or null."""
        return None if self._members.get(key, "") is None else self.members(key)

    def members(self, key: str) -> Members:
        """An object inside."""
        return Members(self._members.get(key), f"{self._where}.{key}")

    def share(self, key: str) -> float:
        """A number from 0 to 1."""
        value = self._members.get(key)
        if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value <= 1:
            raise self._wrong(key, "a number from 0 to 1")
        return float(value)

    def plain(self, key: str) -> Mapping[str, Any]:
        """An object inside as it is, for a schema of its own."""
        value = self._members.get(key)
        if not isinstance(value, Mapping):
            raise self._wrong(key, "an object")
        return value

    def each(self, key: str, most: int = MOST) -> list[Any]:
        """A list of at most `most` entries."""
        value = self._members.get(key)
        if not isinstance(value, list) or len(value) > most:
            raise self._wrong(key, f"a list of at most {most} entries")
        return value

    def objects(self, key: str, most: int = MOST) -> list[Members]:
        """A list of objects."""
        return [Members(entry, f"{self._where}.{key}[{i}]") for i, entry in enumerate(self.each(key, most))]

    def texts(self, key: str, most: int, longest: int) -> tuple[str, ...]:
        """A list of strings."""
        return tuple(Members({"entry": v}, f"{self._where}.{key}").text("entry", longest) for v in self.each(key, most))

    def keyed(self, key: str, most: int) -> dict[str, Members]:
        """An object whose values are objects."""
        value = self._members.get(key)
        if not isinstance(value, Mapping) or len(value) > most or not all(isinstance(k, str) for k in value):
            raise self._wrong(key, f"an object of at most {most} members")
        return {k: Members(v, f"{self._where}.{key}[]") for k, v in value.items()}
