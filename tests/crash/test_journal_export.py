"""A piece of the chain, handed over and verified elsewhere; pages drawn from tables; a large journal starts fast."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner

from kiosk.cli.commands import app
from kiosk.clock import Clock
from kiosk.journal import GENESIS, Journal, JournalError, canonical, chain_hash
from kiosk.journal import file as journal_file
from kiosk.journal.segment import Range, verify_segment, write_segment
from kiosk.state_machines import COMMAND, page

ROOT = Path(__file__).parents[2]
cli = CliRunner()


def bulk(path: Path, entries: int, *, day: str = "2026-11-21") -> Path:
    """A journal file of many entries, written in one transaction."""
    with closing(journal_file.connect(path)) as db:
        prev = GENESIS
        db.execute("BEGIN")
        for seq in range(1, entries + 1):
            at = f"{day if seq % 2 else '2026-11-22'}T{seq % 24:02}:00:00.000+08:00"
            row = (seq, at, f"v-{seq // 20}", "step", canonical({"n": seq}))
            digest = chain_hash(prev, *row)
            db.execute("INSERT INTO entry VALUES(?,?,?,?,?,?,?)", (*row, prev, digest))
            prev = digest
        db.execute("COMMIT")
    return path


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """2,500 entries: more than two pages of an export."""
    return bulk(tmp_path_factory.mktemp("large") / "journal.db", 2500)


def exported(large: Path, to: Path, *more: str) -> Path:
    """What `kiosk journal export` wrote."""
    done = cli.invoke(app, ["journal", "export", str(large), "--out", str(to), *more])
    assert done.exit_code == 0, done.output
    return to


@pytest.mark.promise("P9")
def test_an_export_verifies_elsewhere_and_joins_its_neighbour(large: Path, tmp_path: Path) -> None:
    one = exported(large, tmp_path / "one.jsonl", "--to", "1200")
    two = exported(large, tmp_path / "two.jsonl", "--from", "1201")
    first, second = verify_segment(one), verify_segment(two)
    assert (first.first, first.last, first.start, first.broken) == (1, 1200, GENESIS.hex(), "")
    assert (second.first, second.last, second.broken) == (1201, 2500, "")
    assert second.start == first.end
    done = cli.invoke(app, ["journal", "verify", str(two)])
    assert done.exit_code == 0
    assert second.end in done.output
    again = cli.invoke(app, ["journal", "export", str(large), "--out", str(one)])
    assert again.exit_code == 2
    assert verify_segment(one).last == 1200


def test_a_day_is_all_between_its_first_and_last_entry(large: Path, tmp_path: Path) -> None:
    day = exported(large, tmp_path / "day.jsonl", "--day", "2026-11-22")
    found = verify_segment(day)
    assert (found.first, found.last, found.broken) == (2, 2500, "")
    none = cli.invoke(app, ["journal", "export", str(large), "--day", "2020-01-01"])
    assert none.exit_code == 2
    assert "2020-01-01" in none.output
    assert cli.invoke(app, ["journal", "export", str(large), "--day", "yesterday"]).exit_code == 2


@pytest.mark.promise("P9")
@pytest.mark.parametrize(
    "harm",
    ["body", "drop", "swap", "cut", "no-end", "start", "twice", "noise", "more"],
)
def test_a_changed_export_is_found_out(large: Path, tmp_path: Path, harm: str) -> None:
    lines = exported(large, tmp_path / "e.jsonl", "--from", "100", "--to", "140").read_text().splitlines()
    match harm:
        case "body":
            lines[20] = lines[20].replace('\\"n\\":', '\\"n\\":1')
        case "drop":
            del lines[20]
        case "swap":
            lines[20], lines[21] = lines[21], lines[20]
        case "cut":
            del lines[30:]
        case "no-end":
            lines.pop()
        case "start":
            lines[0] = lines[0].replace('"start":"', '"start":"00')
        case "twice":
            lines[20:20] = [lines[20]]
        case "noise":
            lines[20] = "[1]"
        case _:
            lines.append(lines[20])
    changed = tmp_path / "changed.jsonl"
    changed.write_text("\n".join(lines) + "\n")
    assert verify_segment(changed).broken, harm
    assert cli.invoke(app, ["journal", "verify", str(changed)]).exit_code == 1


def test_a_line_without_end_is_refused_at_its_bound(tmp_path: Path) -> None:
    endless = tmp_path / "endless.jsonl"
    endless.write_text('{"format":"kiosk-journal/1","first":1,"last":2,"start":"00"}\n' + "x" * 200_000)
    with pytest.raises(JournalError, match="longer than"):
        verify_segment(endless)


def test_an_export_of_a_million_would_not_grow_in_memory(large: Path) -> None:
    class Sink:
        longest = 0

        def write(self, text: str) -> int:
            self.longest = max(self.longest, len(text))
            return len(text)

    sink = Sink()
    write_segment(large, Range(), sink)  # type: ignore[arg-type]  # as far as a text file is used
    assert 0 < sink.longest < 1000


async def test_export_and_show_read_beside_a_running_terminal(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j.db", Clock())
    await journal.open()
    await journal.note("v-1", "visit.opened", {"terminal": "WH-HC-0001"})
    shown = cli.invoke(app, ["journal", "show", str(journal.path), "--visit", "v-1"])
    assert "visit.opened" in shown.output
    assert cli.invoke(app, ["journal", "show", str(journal.path), "--kind", "clock."]).output == ""
    out = cli.invoke(app, ["journal", "export", str(journal.path)])
    assert [json.loads(line).get("kind") for line in out.output.splitlines()][1] == "visit.opened"
    await journal.note("v-1", "visit.closed", {})
    last = cli.invoke(app, ["journal", "show", str(journal.path), "--last", "1"])
    assert "visit.closed" in last.output
    assert "visit.opened" not in last.output
    await journal.close()


async def test_the_start_reads_the_tail_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = bulk(tmp_path / "j.db", 2500)
    monkeypatch.setattr(journal_file, "TAIL_ENTRIES", 100)
    taken = []
    take = journal_file.Walk.take
    monkeypatch.setattr(journal_file.Walk, "take", lambda self, row: (taken.append(row[0]), take(self, row))[1])
    journal = Journal(path, Clock())
    assert (await journal.open()).entries == 2500
    assert taken == list(range(2401, 2501))
    assert (await journal.verify_aside(pause_s=0)).entries == 2500
    await journal.close()


def test_what_is_asked_of_the_journal_uses_an_index(large: Path) -> None:
    with closing(sqlite3.connect(large)) as db:
        for query in ("SELECT * FROM entry WHERE visit='v'", "SELECT * FROM intent WHERE visit='v'"):
            plan = " ".join(str(row) for row in db.execute(f"EXPLAIN QUERY PLAN {query}"))
            assert "USING INDEX" in plan, query


def test_the_page_of_state_machines_is_as_the_tables_are() -> None:
    assert (ROOT / "docs" / "state-machines.md").read_text(encoding="utf-8") == page(), f"run: {COMMAND}"
