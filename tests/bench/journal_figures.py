"""The journal's rows of `make bench`: commits a second against plain SQLite with the same settings, and the start.

python tests/bench/journal_figures.py                 print the rows alone
"""

from __future__ import annotations

import asyncio
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from reader_figures import Row

COMMITS = 400
LARGE = 100_000
BODY = {"terminal": "WH-HC-0001", "service": "WH-PS-001", "order": "ord-0123456789"}


def rows() -> Iterator[Row]:
    """All rows; about ten seconds."""
    yield commits()
    yield start()


def commits() -> Row:
    """Entries written one by one, each on disk before the next; the peer writes the same text with a running number."""
    with tempfile.TemporaryDirectory() as folder:
        peer = plain(Path(folder))
        ours = asyncio.run(journalled(Path(folder)))
    what = "journal, synced entries with hash chain"
    return Row(what, f"{ours:.0f}/s", f"sqlite3, same settings, no chain {peer:.0f}/s", f"{ours / peer:.2f}")


async def journalled(folder: Path) -> float:
    """Commits a second of ours, from a loop through its writer thread."""
    from kiosk.clock import Clock
    from kiosk.journal import Journal

    journal = Journal(folder / "ours.db", Clock())
    await journal.open()
    began = time.perf_counter()
    for n in range(COMMITS):
        await journal.note(f"v-{n // 20}", "step", BODY)
    took = time.perf_counter() - began
    await journal.close()
    return COMMITS / took


def plain(folder: Path) -> float:
    """Commits a second of the standard library alone."""
    with closing(sqlite3.connect(folder / "plain.db", isolation_level=None)) as db:
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("PRAGMA synchronous=FULL")
        db.execute("CREATE TABLE entry(seq INTEGER PRIMARY KEY, at TEXT, visit TEXT, kind TEXT, body TEXT)")
        began = time.perf_counter()
        for n in range(COMMITS):
            db.execute("BEGIN IMMEDIATE")
            values = ("2026-11-21T12:00:00.000+08:00", f"v-{n // 20}", "step", str(BODY))
            db.execute("INSERT INTO entry(at,visit,kind,body) VALUES(?,?,?,?)", values)
            db.execute("COMMIT")
        return COMMITS / (time.perf_counter() - began)


def start() -> Row:
    """Opening a journal of 100,000 entries: the tail is verified first, the rest beside the terminal's work."""
    from kiosk.clock import Clock
    from kiosk.journal import GENESIS, Journal, canonical, chain_hash, file

    async def opened(path: Path) -> tuple[float, float]:
        journal = Journal(path, Clock())
        began = time.perf_counter()
        await journal.open()
        first = time.perf_counter() - began
        began = time.perf_counter()
        verdict = await journal.verify()
        whole = time.perf_counter() - began
        await journal.close()
        assert (verdict.entries, verdict.broken) == (LARGE, "")
        return first, whole

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "large.db"
        with closing(file.connect(path)) as db:
            prev = GENESIS
            db.execute("BEGIN")
            for seq in range(1, LARGE + 1):
                row = (seq, "2026-11-21T12:00:00.000+08:00", f"v-{seq // 20}", "step", canonical(BODY))
                digest = chain_hash(prev, *row)
                db.execute("INSERT INTO entry VALUES(?,?,?,?,?,?,?)", (*row, prev, digest))
                prev = digest
            db.execute("COMMIT")
        first, whole = asyncio.run(opened(path))
    return Row(
        f"journal of {LARGE:,} entries, checked start",
        f"{first * 1000:.0f} ms",
        f"the whole chain {whole * 1000:.0f} ms",
        f"{first / whole:.2f}",
    )


if __name__ == "__main__":
    for row in rows():
        print(" | ".join(row))
