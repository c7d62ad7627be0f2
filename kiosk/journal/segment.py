"""A piece of the chain as JSON Lines: self-contained, verifiable elsewhere, without personal data.

First line: what this is (journal, from, to, start: the hash before the first entry). Then one entry a line. Last line:
how many, and the hash of the last. Both ways stream: memory does not grow with the number of entries.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from kiosk.journal.chain import GENESIS, JournalError, Walk
from kiosk.journal.file import read_only

FORMAT = "kiosk-journal/1"
MAX_LINE_BYTES = 1 << 17
PAGE = 1000
_HASH_HEX = 64


@dataclass(frozen=True, slots=True)
class Range:
    """Which entries: by number, or all that were written on a day (YYYY-MM-DD in the terminal's zone)."""

    first: int = 1
    last: int = 2**63 - 1
    day: str = ""


@dataclass(frozen=True, slots=True)
class Segment:
    """What a file of JSON Lines was found to hold. `broken` is "" when it is whole."""

    first: int
    last: int
    start: str
    end: str
    broken: str = ""


def write_segment(path: Path, wanted: Range, out: IO[str]) -> Segment:
    """Write the entries of `path` to `out`, reading only; the terminal may run. Raises `JournalError`."""
    try:
        with closing(read_only(path)) as db:
            wanted = _numbers(db, wanted)
            return _write(db, wanted, out)
    except sqlite3.Error as error:
        raise JournalError(f"{path}: {error}") from error


def _numbers(db: sqlite3.Connection, wanted: Range) -> Range:
    """The range by numbers. A day's entries are those between its first and its last: the clock may have jumped."""
    if not wanted.day:
        return wanted
    query = "SELECT min(seq), max(seq) FROM entry WHERE seq BETWEEN ? AND ? AND substr(at,1,10)=?"
    first, last = db.execute(query, (wanted.first, wanted.last, wanted.day)).fetchone()
    if first is None:
        raise JournalError(f"no entry was written on {wanted.day}")
    return Range(first, last)


def _write(db: sqlite3.Connection, wanted: Range, out: IO[str]) -> Segment:
    query = "SELECT min(seq), max(seq) FROM entry WHERE seq BETWEEN ? AND ?"
    first, last = db.execute(query, (wanted.first, wanted.last)).fetchone()
    if first is None:
        raise JournalError(f"no entry from {wanted.first} to {wanted.last}")
    start = GENESIS.hex()
    if before := db.execute("SELECT hash FROM entry WHERE seq<? ORDER BY seq DESC LIMIT 1", (first,)).fetchone():
        start = before[0].hex()
    _line(out, {"format": FORMAT, "first": first, "last": last, "start": start})
    end, count, at = start, 0, first - 1
    while at < last:
        page = _page(db, at, last)
        if not page:
            break
        for entry in page:
            _line(out, entry)
            end, count, at = entry["hash"], count + 1, entry["seq"]
    _line(out, {"entries": count, "end": end})
    return Segment(first, last, start, end)


def _page(db: sqlite3.Connection, after: int, last: int) -> list[dict[str, Any]]:
    query = "SELECT seq,at,visit,kind,body,prev,hash FROM entry WHERE seq>? AND seq<=? ORDER BY seq LIMIT ?"
    return [
        # The body stays the text that was hashed: another writer of JSON would change its bytes.
        {"seq": s, "at": at, "visit": v, "kind": k, "body": body, "prev": prev.hex(), "hash": digest.hex()}
        for s, at, v, k, body, prev, digest in db.execute(query, (after, last, PAGE))
    ]


def _line(out: IO[str], value: dict[str, Any]) -> None:
    out.write(json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n")


def is_segment(path: Path) -> bool:
    """Whether the file begins as an export does."""
    try:
        with path.open("rb") as file:
            return file.read(12).startswith(b'{"format"')
    except OSError:
        return False


def verify_segment(path: Path) -> Segment:
    """Walk the chain of an exported file. Raises `JournalError` when it is no export at all."""
    try:
        with path.open("rb") as file:
            lines = _lines(file, path)
            head = next(lines, None)
            if not isinstance(head, dict) or head.get("format") != FORMAT:
                raise JournalError(f"{path}: no journal export ({FORMAT})")
            return _verify(head, lines, path)
    except OSError as error:
        raise JournalError(f"{path}: {error.strerror}") from error


def _verify(head: dict[str, Any], lines: Iterator[Any], path: Path) -> Segment:
    try:
        first, last, start = int(head["first"]), int(head["last"]), bytes.fromhex(head["start"])
    except (KeyError, TypeError, ValueError):
        raise JournalError(f"{path}: line 1 does not say which entries follow") from None
    walk, tail, count = Walk(start, first), None, 0
    for line in lines:
        if tail is not None:
            return Segment(first, last, start.hex(), "", "lines after the end")
        if isinstance(line, dict) and "entries" in line:
            tail = line
            continue
        try:
            walk.take(_row(line))
        except (KeyError, TypeError, ValueError):
            return Segment(first, last, start.hex(), "", f"line {count + 2} is no entry")
        count += 1
    verdict = walk.verdict()
    broken = verdict.broken
    if not broken and tail is None:
        broken = f"the file ends after entry {walk.seq}; it was cut"
    if not broken and tail is not None and (tail["entries"], tail.get("end")) != (count, verdict.head):
        broken = "the last line does not fit the entries"
    if not broken and walk.seq != last:
        broken = f"entries up to {last} were promised, {walk.seq} is the last"
    return Segment(first, last, start.hex(), verdict.head, broken)


def _row(line: Any) -> tuple[Any, ...]:
    words = tuple(line[name] for name in ("at", "visit", "kind", "body"))
    if not isinstance(line["seq"], int) or not all(isinstance(word, str) for word in words):
        raise TypeError
    return (line["seq"], *words, bytes.fromhex(line["prev"]), bytes.fromhex(line["hash"]))


def _lines(file: IO[bytes], path: Path) -> Iterator[Any]:
    number = 0
    while raw := file.readline(MAX_LINE_BYTES + 1):
        number += 1
        if len(raw) > MAX_LINE_BYTES:
            raise JournalError(f"{path}: line {number} is longer than {MAX_LINE_BYTES} bytes")
        try:
            yield json.loads(raw)
        except (ValueError, RecursionError):
            yield None
