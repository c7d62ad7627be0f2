"""The hash chain: what binds entries together, and the walk that finds where it does not. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

GENESIS = b"\0" * 32
MAX_BODY_BYTES = 16384
MAX_BREAKS = 100
BREAK_ACCEPTED = "journal.break-accepted"


class JournalError(Exception):
    """The journal cannot be written or trusted; the message says which file and what to do. No money may move."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found: entries that are good, the first break that nobody accepted ("" none), the last good hash.

    `break_at` and `break_hash` name that break for a technician who accepts it.
    """

    entries: int
    broken: str = ""
    head: str = GENESIS.hex()
    break_at: int = 0
    break_hash: str = ""


@dataclass(frozen=True, slots=True)
class _Break:
    at: int
    good: int
    head: bytes
    found: str
    why: str


def chain_hash(prev: bytes, seq: int, at: str, visit: str, kind: str, body: str) -> bytes:
    """The hash of one entry: SHA-256 over its predecessor's hash and its own fields, separated by NUL."""
    return hashlib.sha256(b"\0".join([prev, *(str(part).encode() for part in (seq, at, visit, kind, body))])).digest()


def canonical(body: Mapping[str, Any]) -> str:
    """JSON with sorted keys and no spaces. Raises `JournalError` when it is too large to be references only."""
    text = json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    if len(text.encode()) > MAX_BODY_BYTES:
        raise JournalError(f"journal: a body of {len(text)} characters; at most {MAX_BODY_BYTES} bytes of references")
    return text


class Walk:
    """Takes entries in order, from anywhere in the chain; memory does not grow with their number."""

    def __init__(self, prev: bytes = GENESIS, expected: int = 1) -> None:
        self._prev = prev
        self._expected = expected
        self._breaks: list[_Break] = []
        self._accepted: set[tuple[int, str]] = set()

    @property
    def seq(self) -> int:
        """The last entry that was taken."""
        return self._expected - 1

    def take(self, row: tuple[Any, ...]) -> None:
        """One row: seq, at, visit, kind, body, prev, hash."""
        seq, at, visit, kind, body, stored_prev, stored = row
        if len(self._breaks) < MAX_BREAKS:
            self._check(seq, (at, visit, kind, body), stored_prev, stored)
        self._prev = stored if isinstance(stored, bytes) else b""
        self._expected = seq + 1
        if kind == BREAK_ACCEPTED:
            self._accept(body)

    def _check(self, seq: int, words: tuple[str, str, str, str], stored_prev: object, stored: object) -> None:
        if seq != self._expected:
            self._broken(self._expected, stored, f"entry {self._expected} is missing")
        elif stored_prev != self._prev or chain_hash(self._prev, seq, *words) != stored:
            self._broken(seq, stored, f"entry {seq} ({words[2]}) does not fit the chain")

    def _broken(self, at: int, stored: object, why: str) -> None:
        found = stored.hex() if isinstance(stored, bytes) else ""
        self._breaks.append(_Break(at, self._expected - 1, self._prev, found, why))

    def _accept(self, body: object) -> None:
        try:
            told = json.loads(str(body))
            self._accepted.add((int(told["break"]), str(told["found"])))
        except (ValueError, KeyError, TypeError):
            return  # an acceptance that names nothing accepts nothing

    def verdict(self) -> Verdict:
        """What was found so far."""
        for each in self._breaks:
            if (each.at, each.found) not in self._accepted:
                return Verdict(each.good, each.why, each.head.hex(), each.at, each.found)
        return Verdict(self._expected - 1, "", self._prev.hex())
