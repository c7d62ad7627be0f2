"""A journal of the first version of this program (commit 99c51da) is read, gone on with, and could be gone back to."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from kiosk.clock import Clock
from kiosk.intents import State
from kiosk.journal import Journal, JournalError, verify_file
from kiosk.journal.file import SCHEMA_VERSION, SCHEMAS_READ

GOLDEN = Path(__file__).parents[1] / "golden" / "journal-schema-1.db"


def columns(path: Path) -> dict[str, list[tuple[str, str]]]:
    """Table -> its columns with their types."""
    with closing(sqlite3.connect(path)) as db:
        names = [row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type='table'")]
        return {name: [(row[1], row[2]) for row in db.execute(f"PRAGMA table_info({name})")] for name in names}


@pytest.mark.promise("P9")
async def test_the_oldest_journal_is_read_and_gone_on_with(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    shutil.copyfile(GOLDEN, path)
    journal = Journal(path, Clock())
    verdict = await journal.open()
    try:
        assert (verdict.entries, verdict.broken, journal.hold) == (14, "", "")
        open_ = await journal.open_intents()
        assert [(each.id, each.state, each.body["fen"]) for each in open_] == [("chg-2", State.MINTED, 1000)]
        assert [row.id for row in await journal.rows(10)] == ["row-1"]
        await journal.move("chg-2", State.REFUSED)
        await journal.note("", "boot", {"entries": 14, "broken": ""})
        assert await journal.open_intents() == []
    finally:
        await journal.close()
    assert verify_file(path).entries == 16
    assert verify_file(path).broken == ""


async def test_the_version_before_could_go_on_with_what_this_one_wrote(tmp_path: Path) -> None:
    """It knows its three tables and makes with IF NOT EXISTS what it misses: their columns are as they were."""
    path = tmp_path / "journal.db"
    shutil.copyfile(GOLDEN, path)
    journal = Journal(path, Clock())
    await journal.open()
    await journal.probe()
    await journal.close()
    before, after = columns(GOLDEN), columns(path)
    assert {name: after[name] for name in before} == before
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("PRAGMA user_version").fetchone()[0] == 1
        triggers = db.execute("SELECT count(*) FROM sqlite_master WHERE type='trigger'").fetchone()[0]
    assert triggers == 0  # nothing that an older program would set off without knowing


async def test_a_journal_of_a_newer_program_is_refused_with_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    shutil.copyfile(GOLDEN, path)
    with closing(sqlite3.connect(path)) as db:
        db.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    journal = Journal(path, Clock())
    with pytest.raises(JournalError, match="install that version"):
        await journal.open()
    await journal.close()
    assert columns(path) == columns(GOLDEN)


def test_every_schema_that_is_read_has_its_golden_journal() -> None:
    assert SCHEMA_VERSION in SCHEMAS_READ
    for schema in SCHEMAS_READ:
        assert (GOLDEN.parent / f"journal-schema-{schema}.db").exists()
