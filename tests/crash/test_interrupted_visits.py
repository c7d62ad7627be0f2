"""A power cut after everything was done and before anything was said: what was done is told after the restart, once."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from kiosk.clock import Clock
from kiosk.intents import Kind, State
from kiosk.journal import Journal
from kiosk.recovery import Settler


async def settled(journal: Journal, visit: str = "") -> list[tuple[str, str]]:
    """What a fresh start tells, as (fate, number)."""
    nobody: Any = SimpleNamespace(locked="")
    settler = Settler(journal, nobody, nobody, lambda: visit)
    await settler.settle_once()
    return [(s.fate, s.number) for s in settler.settled]


@pytest.mark.promise("P1")
@pytest.mark.promise("P8")
async def test_what_was_done_and_never_shown_is_told_once(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j.db", Clock())
    await journal.open()
    await journal.note("v-1", "visit.opened", {})
    await journal.write(lambda w: w.mint("chg-1", Kind.CHARGE, "v-1", {"fen": 2000}))
    await journal.move("chg-1", State.CHARGED)
    await journal.write(lambda w: w.mint("sub-1", Kind.SUBMIT, "v-1", {"charge": "chg-1"}))
    await journal.move("sub-1", State.DONE, number="3710022611220001")
    await journal.move("chg-1", State.DONE)
    assert await settled(journal) == [("kept", "3710022611220001")]
    assert await settled(journal) == []
    await journal.close()


async def test_a_visit_that_was_closed_or_is_under_way_is_not_told(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j.db", Clock())
    await journal.open()
    for visit in ("v-closed", "v-now"):
        await journal.note(visit, "visit.opened", {})
        await journal.write(lambda w, v=visit: w.mint(f"prt-{v}", Kind.PRINT, v, {}))
        await journal.move(f"prt-{visit}", State.REFUSED)
    await journal.note("v-closed", "visit.closed", {})
    assert await settled(journal, "v-now") == []
    assert await journal.unclosed_visits() == ["v-now"]
    await journal.close()
