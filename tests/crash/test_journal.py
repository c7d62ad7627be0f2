"""The journal after crashes, tampering and full disks (P9), and what it refuses."""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from kiosk.clock import Clock
from kiosk.intents import FINAL, TRANSITIONS, Kind, State, WrongTransition
from kiosk.journal import Journal, JournalError, verify_file


async def opened(path: Path) -> Journal:
    journal = Journal(path, Clock())
    verdict = await journal.open()
    assert verdict.broken == ""
    return journal


async def test_an_entry_is_on_disk_when_the_call_returns(tmp_path: Path) -> None:
    journal = await opened(tmp_path / "j.db")
    await journal.note("v-1", "visit.opened", {"service": "WH-SI-001"})
    copy = tmp_path / "copy.db"
    for suffix in ("", "-wal"):
        shutil.copy(f"{journal.path}{suffix}", f"{copy}{suffix}")
    assert verify_file(copy).entries == 1
    await journal.close()


@pytest.mark.promise("P9")
async def test_a_torn_tail_is_dropped_and_the_rest_verifies(tmp_path: Path) -> None:
    journal = await opened(tmp_path / "j.db")
    for n in range(20):
        await journal.note("v-1", "step", {"n": n})
    wal = Path(f"{journal.path}-wal").read_bytes()
    counts = set()
    for cut in range(0, len(wal), 997):
        copy = tmp_path / f"cut-{cut}.db"
        shutil.copy(journal.path, copy)
        Path(f"{copy}-wal").write_bytes(wal[:cut])
        again = Journal(copy, Clock())
        verdict = await again.open()
        assert verdict.broken == ""
        assert verdict.entries <= 20
        counts.add(verdict.entries)
        await again.note("v-2", "after", {})
        await again.close()
    assert len(counts) > 5
    await journal.close()


@pytest.mark.promise("P9")
@pytest.mark.parametrize(
    "tamper",
    [
        "UPDATE entry SET body='{\"n\":99}' WHERE seq=3",
        "DELETE FROM entry WHERE seq=3",
        "UPDATE entry SET at='2020-01-01' WHERE seq=3",
        "UPDATE entry SET hash=zeroblob(32) WHERE seq=3",
    ],
)
async def test_a_broken_chain_is_reported_with_its_place(tmp_path: Path, tamper: str) -> None:
    journal = await opened(tmp_path / "j.db")
    for n in range(5):
        await journal.note("v-1", "step", {"n": n})
    await journal.close()
    with closing(sqlite3.connect(tmp_path / "j.db", isolation_level=None)) as db:
        db.execute(tamper)
    verdict = verify_file(tmp_path / "j.db")
    assert "3" in verdict.broken
    assert verdict.entries == 2


@pytest.mark.promise("P9")
async def test_a_file_that_is_no_database_is_put_aside_not_repaired(tmp_path: Path) -> None:
    path = tmp_path / "j.db"
    path.write_bytes(os.urandom(8192))
    before = path.read_bytes()
    journal = Journal(path, Clock())
    verdict = await journal.open()
    assert verdict.broken
    assert journal.quarantined is not None
    assert journal.quarantined.read_bytes() == before
    await journal.note("v-1", "boot", {})
    await journal.close()


async def test_a_transaction_stands_or_falls_whole(tmp_path: Path) -> None:
    journal = await opened(tmp_path / "j.db")

    def work(write: object) -> None:
        write.mint("i-1", Kind.SUBMIT, "v-1", {})  # type: ignore[attr-defined]
        write.post("i-1", "submit", "v-1", b"sealed")  # type: ignore[attr-defined]
        raise RuntimeError("power")

    with pytest.raises(RuntimeError, match="power"):
        await journal.write(work)
    assert await journal.rows() == []
    assert await journal.open_intents() == []
    assert (await journal.verify()).entries == 0
    await journal.close()


async def test_intents_follow_only_the_arrows_of_the_table(tmp_path: Path) -> None:
    journal = await opened(tmp_path / "j.db")
    number = 0
    for kind, arrows in TRANSITIONS.items():
        reachable = {State.MINTED}
        for state in State:
            number += 1
            name = f"{kind}-{number}"
            await journal.write(lambda w, n=name, k=kind: w.mint(n, k, "v", {"fen": 1}))
            if state in arrows.get(State.MINTED, frozenset()):
                moved = await journal.move(name, state)
                assert moved.open == (state not in FINAL[kind])
                reachable.add(state)
            else:
                with pytest.raises(WrongTransition):
                    await journal.move(name, state)
        assert len(reachable) > 1
    await journal.close()


async def test_a_body_too_large_to_be_references_is_refused(tmp_path: Path) -> None:
    journal = await opened(tmp_path / "j.db")
    with pytest.raises(JournalError, match="references"):
        await journal.note("v", "x", {"blob": "x" * 20000})
    await journal.close()


async def test_a_full_disk_is_a_named_error_and_nothing_is_half_written(tmp_path: Path) -> None:
    journal = await opened(tmp_path / "j.db")
    await journal.note("v", "first", {})
    await journal._run(lambda: journal._handle().execute("PRAGMA max_page_count=14"))

    async def fill() -> None:
        for _ in range(200):
            await journal.write(lambda w: w.entry("v", "filler", {"x": "y" * 4000}))

    with pytest.raises(JournalError, match="nothing was written"):
        await fill()
    assert (await journal.verify()).broken == ""
    await journal.close()


async def test_a_directory_that_cannot_be_written_is_a_named_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    journal = Journal(tmp_path / "file" / "j.db", Clock())
    with pytest.raises(JournalError, match="file"):
        await journal.open()
