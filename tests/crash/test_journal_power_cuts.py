"""The plug is pulled at every commit: what was synced is there, what was not is gone whole, the chain verifies (P9).

The file set is taken after each commit. What the disk may hold after a cut is built from two neighbours: the WAL with
its new part torn at a byte or with any subset of its sectors written, and, where a checkpoint ran, the database with
any subset of its changed sectors written under the whole WAL.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest

from kiosk.clock import Clock
from kiosk.intents import Kind, State
from kiosk.journal import Journal, Write
from kiosk.journal.file import check_all, connect

SECTOR = 512
WAL_HEADER, FRAME_HEADER, PAGE = 32, 24, 4096


@dataclass(frozen=True)
class Files:
    """The file set as it was; `entries` were acknowledged."""

    db: bytes
    wal: bytes
    entries: int


async def recorded(folder: Path, commits: int) -> list[Files]:
    """The file set after each of `commits` commits of several shapes, with many checkpoints among them."""
    journal = Journal(folder / "journal.db", Clock())
    await journal.open()
    await journal._run(lambda: journal._handle().execute("PRAGMA wal_autocheckpoint=9"))
    taken: list[Files] = []

    def keep() -> None:
        wal = Path(f"{journal.path}-wal")
        entries = journal._handle().execute("SELECT count(*) FROM entry").fetchone()[0]
        taken.append(Files(journal.path.read_bytes(), wal.read_bytes(), entries))

    await journal._run(keep)
    journal.hook = lambda when: keep() if when == "after" else None
    for n in range(commits):
        shape = n % 4
        if shape == 0:
            await journal.note(f"v-{n}", "step", {"n": n, "pad": "x" * (n * 37 % 3000)})
        elif shape == 1:
            await journal.write(lambda w, n=n: minted(w, n))
        elif shape == 2:
            await journal.move(f"i-{n - 1}", State.DONE)
        else:
            await journal.write(lambda w, n=n: (w.delivered(f"i-{n - 2}"), w.entry("", "delivered", {})))
    journal.hook = None
    await journal.close()
    return taken


def minted(write: Write, n: int) -> None:
    """An intent with its sealed row, as a submission is."""
    write.mint(f"i-{n}", Kind.SUBMIT, "v", {"n": n})
    write.post(f"i-{n}", "submit", "v", bytes(1500))


def after_a_cut(before: Files, now: Files, chance: random.Random) -> Iterator[tuple[str, bytes, bytes]]:
    """(what, database, WAL) that a cut between two commits may leave."""
    for cut in tears(before.wal, now.wal, chance):
        yield f"WAL torn at {cut}", before.db, now.wal[:cut] + before.wal[cut:]
        if cut >= len(before.wal):
            yield f"WAL ends at {cut}", before.db, now.wal[:cut]
    for n in range(3):
        yield f"WAL sectors {n}", before.db, mixed(before.wal, now.wal, chance)
    if before.db != now.db:
        for n in range(4):
            yield f"checkpoint {n}", mixed(before.db, now.db, chance), now.wal


def tears(old: bytes, new: bytes, chance: random.Random) -> list[int]:
    """Places in what is new: around headers, at pages, and anywhere."""
    first = next((i for i, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))
    frames = range(WAL_HEADER, len(new) + 1, FRAME_HEADER + PAGE)
    places = {0, 7, WAL_HEADER - 1, WAL_HEADER} if first < WAL_HEADER else set()
    for frame in frames:
        places |= {frame - 1, frame, frame + 8, frame + FRAME_HEADER, frame + FRAME_HEADER + 2049}
    places |= {chance.randrange(first, len(new)) for _ in range(2)} if first < len(new) else set()
    fresh = [p for p in places if first <= p <= len(new)]
    return sorted(chance.sample(fresh, min(5, len(fresh))))


def mixed(old: bytes, new: bytes, chance: random.Random) -> bytes:
    """Sectors of either: a disk writes in any order."""
    length = max(len(old), len(new))
    sectors = range(0, length, SECTOR)
    pick = [new if chance.random() < 0.5 else old for _ in sectors]
    return b"".join(
        p[at : at + SECTOR].ljust(min(SECTOR, length - at), b"\0") for p, at in zip(pick, sectors, strict=True)
    )


@pytest.mark.promise("P9")
@pytest.mark.parametrize("seed", [1, 2])
async def test_after_a_cut_at_any_commit_all_that_was_acknowledged_is_there(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    taken = await recorded(tmp_path, 28)
    assert [f.entries for f in taken] == list(range(29))
    checkpoints = sum(a.db != b.db for a, b in pairwise(taken))
    restarts = sum(a.wal[:32] != b.wal[:32] for a, b in pairwise(taken))
    assert checkpoints > 3
    assert restarts > 3
    tried, reached = 0, set()
    for before, now in pairwise(taken):
        variants = [("synced", now.db, now.wal), *after_a_cut(before, now, chance)]
        for what, db, wal in variants:
            where = f"seed {seed}, after entry {before.entries}: {what}"
            found = opened(tmp_path / "cut", db, wal)
            synced = what == "synced" or what.startswith("checkpoint")
            allowed = {now.entries} if synced else {before.entries, now.entries}
            assert found in allowed, where
            reached.add(found - before.entries)
            tried += 1
    assert tried > 250
    assert reached == {0, 1}


def opened(folder: Path, db: bytes, wal: bytes) -> int:
    """Open as the terminal does after the cut, and go on writing: the number of entries that it found."""
    folder.mkdir(exist_ok=True)
    path = folder / "journal.db"
    Path(f"{path}-shm").unlink(missing_ok=True)
    path.write_bytes(db)
    Path(f"{path}-wal").write_bytes(wal)
    with closing(connect(path)) as again:
        verdict = check_all(again)
        assert verdict.broken == ""
        again.execute("BEGIN IMMEDIATE")
        Write(again, "2026-11-21T12:00:00+08:00").entry("", "boot", {})
        again.execute("COMMIT")
        after = check_all(again)
        assert (after.entries, after.broken) == (verdict.entries + 1, "")
    return verdict.entries
