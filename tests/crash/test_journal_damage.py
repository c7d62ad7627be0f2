"""Damaged files: found, put aside, never repaired in silence; money waits for a technician (P9)."""

from __future__ import annotations

import json
import random
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from kiosk.clock import Clock
from kiosk.intents import Kind
from kiosk.journal import Journal, JournalError, verify_file
from kiosk.journal.acceptance import accept

ENTRIES = 120


async def filled(path: Path) -> Journal:
    """An open journal of `ENTRIES` entries, one of them an open charge."""
    journal = Journal(path, Clock())
    assert (await journal.open()).broken == ""
    await journal.write(lambda w: w.mint("chg-open", Kind.CHARGE, "v-0", {"fen": 2000, "order": "o"}))
    for n in range(ENTRIES - 1):
        await journal.note(f"v-{n}", "step", {"n": n, "pad": "x" * 200})
    return journal


@pytest.mark.promise("P9")
@pytest.mark.parametrize("place", ["header", "anywhere", "index", "wal"])
async def test_no_flipped_bit_goes_unnoticed(tmp_path: Path, place: str) -> None:
    journal = await filled(tmp_path / "j.db")
    if place != "wal":
        await journal.close()
    whole = journal.path.read_bytes()
    wal_file = Path(f"{journal.path}-wal")
    wal = wal_file.read_bytes() if wal_file.exists() else b""
    if place == "wal":
        await journal.close()
    index_pages = _pages_of(journal.path, "entry_visit") if place == "index" else []
    noticed = 0
    for seed in range(30):
        chance = random.Random(f"{place} {seed}")
        at = {
            "header": lambda c: c.randrange(100),
            "anywhere": lambda c: c.randrange(len(whole)),
            "index": lambda c: (c.choice(index_pages) - 1) * 4096 + c.randrange(4096),
            "wal": lambda c: c.randrange(len(wal)),
        }[place](chance)
        folder = tmp_path / f"{place}-{seed}"
        folder.mkdir()
        db, log = bytearray(whole), bytearray(wal)
        (log if place == "wal" else db)[at] ^= 1 << chance.randrange(8)
        (folder / "j.db").write_bytes(db)
        if wal:
            (folder / "j.db-wal").write_bytes(log)
        again = Journal(folder / "j.db", Clock())
        try:
            verdict = await again.open()
        except JournalError:
            assert again.trouble, f"{place} seed {seed}"
            noticed += 1
            continue
        noticed += bool(again.hold)
        bits = (await again.verify()).entries
        # Where nothing is noticed, nothing may differ; of a WAL the tail from the flipped bit on is as good as torn.
        assert again.hold or place == "wal" or bits == ENTRIES, f"{place} seed {seed} byte {at}"
        assert bool(verdict.broken) == bool(again.hold), f"{place} seed {seed} byte {at}"
        await again.close()
    assert noticed or place in ("wal", "index"), place


def _pages_of(path: Path, name: str) -> list[int]:
    with closing(sqlite3.connect(path)) as db:
        root = db.execute("SELECT rootpage FROM sqlite_master WHERE name=?", (name,)).fetchone()[0]
    return [root]


@pytest.mark.promise("P9", "P1")
async def test_what_was_put_aside_is_named_and_locks_money_over_restarts_until_it_is_accepted(tmp_path: Path) -> None:
    path = tmp_path / "j.db"
    journal = await filled(path)
    head = (await journal.verify()).head
    await journal.close()
    raw = bytearray(path.read_bytes())
    leaf = raw.index(b'{"n":60,') // 4096 * 4096
    raw[leaf : leaf + 4096] = bytes(4096)
    path.write_bytes(raw)
    for life in range(2):
        again = Journal(path, Clock())
        await again.open()
        assert "put aside" in again.hold, life
        first = (await again.entries())[0]
        assert first["kind"] == "journal.quarantined"
        await again.close()
    assert journal.path.with_name(str(again._aside and next(iter(again._aside)))).read_bytes() == bytes(raw)

    body = json.loads(first["body"])
    assert 0 < body["entries"] < ENTRIES
    assert body["head"] != head
    assert body["open"] == {"chg-open": "charge.minted"}
    done = accept(path, "T-0042", Clock().now())
    assert len(done) == 1
    assert body["head"] in done[0]
    again = Journal(path, Clock())
    await again.open()
    assert again.hold == ""
    last = (await again.entries())[-1]
    assert last["kind"] == "journal.quarantine-accepted"
    assert json.loads(last["body"]) == {"file": body["file"], "head": body["head"], "by": "T-0042"}
    await again.close()
    assert accept(path, "T-0042", Clock().now()) == []


@pytest.mark.promise("P9")
async def test_a_break_locks_until_it_is_accepted_and_only_that_break(tmp_path: Path) -> None:
    path = tmp_path / "j.db"
    journal = await filled(path)
    await journal.close()
    _tamper(path, "UPDATE entry SET body='{}' WHERE seq=50")
    again = Journal(path, Clock())
    await again.open()
    assert "entry 50" in again.hold
    await again.close()
    assert accept(path, "T-0042", Clock().now())
    assert verify_file(path).broken == ""
    again = Journal(path, Clock())
    await again.open()
    assert again.hold == ""
    await again.close()
    _tamper(path, "DELETE FROM entry WHERE seq=60")
    assert "60" in verify_file(path).broken
    _tamper(path, "UPDATE entry SET hash=x'00' WHERE seq=50")
    assert "50" in verify_file(path).broken


@pytest.mark.promise("P9")
async def test_an_intent_that_the_chain_does_not_tell_is_a_break(tmp_path: Path) -> None:
    path = tmp_path / "j.db"
    await (await filled(path)).close()
    _tamper(path, "UPDATE intent SET state='done' WHERE id='chg-open'")
    again = Journal(path, Clock())
    await again.open()
    assert "chg-open" in again.hold
    await again.close()


async def test_a_name_is_not_taken_for_a_staff_number(tmp_path: Path) -> None:
    with pytest.raises(JournalError, match="staff number"):
        accept(tmp_path / "j.db", "王 小明", Clock().now())


@pytest.mark.promise("P9")
async def test_a_break_far_behind_the_tail_is_found_beside_the_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from kiosk.journal import file

    monkeypatch.setattr(file, "TAIL_ENTRIES", 30)
    monkeypatch.setattr(file, "CHUNK_ENTRIES", 7)
    path = tmp_path / "j.db"
    await (await filled(path)).close()
    _tamper(path, "UPDATE entry SET at='2020' WHERE seq=20")
    again = Journal(path, Clock())
    assert (await again.open()).broken == ""
    assert again.hold == ""
    verdict = await again.verify_aside(pause_s=0)
    assert verdict.entries == 19
    assert "entry 20" in again.hold
    await again.close()


def _tamper(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute(statement)
