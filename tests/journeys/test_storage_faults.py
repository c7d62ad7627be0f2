"""The disk fails under a working terminal: money stops, free queries go on, and all comes back by itself (P7)."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import subprocess
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from citizens_hall import Hall

from kiosk.journal import Journal, file, verify_file
from kiosk.offering.capability import INTENT_STEPS, Capability, Network
from kiosk.supervision.storage_watch import StorageWatch
from simulator.virtual_time import run_virtual

Story = Callable[[Hall], Awaitable[None]]


class SickDisk(sqlite3.Connection):
    """A connection to a disk that refuses to write while `ill` says why."""

    ill = ""

    def execute(self, sql: str, *given: Any) -> sqlite3.Cursor:
        """Refuse what writes."""
        if SickDisk.ill and sql.startswith(("BEGIN", "COMMIT", "PRAGMA journal_mode")):
            raise sqlite3.OperationalError(SickDisk.ill)
        return super().execute(sql, *given)


@pytest.fixture(autouse=True)
def disk(monkeypatch: pytest.MonkeyPatch) -> type[SickDisk]:
    """Every connection of the journal is to this disk."""
    monkeypatch.setattr(SickDisk, "ill", "")
    connect = sqlite3.connect
    monkeypatch.setattr(file.sqlite3, "connect", lambda *a, **k: connect(*a, **{**k, "factory": SickDisk}))
    return SickDisk


def play(folder: Path, story: Story) -> None:
    """One story in a hall with a watch over its disk."""

    async def told() -> None:
        async with Hall(folder) as hall:
            settler = hall.terminal.settler
            assert settler is not None
            hall.capability.storage = lambda: hall.journal.trouble

            def changed(hold: str) -> None:
                settler.hold = hold
                settler.poke()
                hall.tools.outbox.poke()
                hall.terminal.poke()

            watch = asyncio.ensure_future(StorageWatch(hall.journal, changed).run())
            try:
                await story(hall)
            finally:
                watch.cancel()
                with suppress(asyncio.CancelledError):
                    await watch

    run_virtual(told())
    assert verify_file(folder / "journal.db").broken == ""


def limits(hall: Hall) -> list[str]:
    """What the standby page says cannot be done."""
    screen = hall.display.screen
    assert screen is not None
    return [str(screen)] if "存储" in str(screen) else []


@pytest.mark.promise("P7")
@pytest.mark.parametrize("ill", ["database or disk is full", "attempt to write a readonly database", "disk I/O error"])
def test_standby_says_so_within_five_seconds_and_takes_it_back(
    tmp_path: Path, disk: type[SickDisk], ill: str, caplog: pytest.LogCaptureFixture
) -> None:
    async def story(hall: Hall) -> None:
        await hall.page("standby")
        assert limits(hall) == []
        disk.ill = ill
        await asyncio.sleep(5.0)
        assert limits(hall)
        offered = [s for s in hall.tools.catalogue.services.values() if hall.capability.of(s).available]
        assert all(INTENT_STEPS.isdisjoint(service.steps) for service in offered)
        assert ill in hall.journal.trouble
        disk.ill = ""
        await asyncio.sleep(10.0)
        assert limits(hall) == []
        assert hall.capability.available() > 0
        assert not hall.money.locked
        await hall.renewal_to_pay()
        hall.pad_there.do("tap", card="citizen-02")
        await hall.goodbye()
        assert hall.paid_fen() == 2000

    play(tmp_path, story)
    assert ill in caplog.text
    assert "can be written again" in caplog.text


@pytest.mark.promise("P1", "P7")
def test_a_disk_that_fails_while_the_citizen_stands_at_the_pad_takes_no_money(
    tmp_path: Path, disk: type[SickDisk]
) -> None:
    async def story(hall: Hall) -> None:
        await hall.renewal_to_pay()
        disk.ill = "disk I/O error"
        hall.pad_there.do("tap", card="citizen-02")
        await hall.page("not_done", "standby", "closed", within_s=400)
        assert hall.paid_fen() == 0
        disk.ill = ""
        hall.lift()
        await asyncio.sleep(240)
        assert hall.paid_fen() == 0
        assert await hall.journal.open_intents() == []
        assert hall.capability.available() > 0

    play(tmp_path, story)


@pytest.mark.promise("P7")
def test_what_needs_no_intent_goes_on_and_is_journalled_late(tmp_path: Path, disk: type[SickDisk]) -> None:
    async def story(hall: Hall) -> None:
        disk.ill = "disk I/O error"
        await asyncio.sleep(5)
        service = next(iter(hall.tools.catalogue.services.values()))
        query = service.model_copy(update={"steps": ("consent", "finish"), "needs": (), "form_stock": ""})
        free: Any = query.model_copy(update={"fee": query.fee.model_copy(update={"type": "free", "fen": 0})})
        capability = Capability(hall.tools.catalogue, {}, hall.money, Network())
        capability.storage = lambda: hall.journal.trouble
        assert capability.of(service).reason == "reason.storage"
        assert capability.of(free).available
        await hall.journal.note("v-late", "visit.opened", {})
        await hall.journal.note("v-late", "visit.closed", {})
        disk.ill = ""
        await asyncio.sleep(10)
        late = [e for e in await hall.journal.entries() if e["visit"] == "v-late"]
        assert [e["kind"] for e in late] == ["visit.opened", "visit.closed"]
        assert all("late" in json.loads(e["body"]) for e in late)

    play(tmp_path, story)


@pytest.mark.promise("P9")
def test_a_file_that_vanishes_is_told_and_locks_money(tmp_path: Path) -> None:
    async def story(hall: Hall) -> None:
        await hall.page("standby")
        for each in tmp_path.glob("journal.db*"):
            each.unlink()
        await asyncio.sleep(6)
        assert "journal.db" in hall.journal.hold
        assert hall.money.locked
        assert (await hall.journal.entries())[0]["kind"] == "journal.lost"

    play(tmp_path, story)


FILE_LIMIT = """
import asyncio, resource, signal, sys
from pathlib import Path
from kiosk.clock import Clock
from kiosk.journal import Journal, JournalError

async def main():
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    journal = Journal(Path(sys.argv[1]), Clock(), min_free_bytes=0)
    await journal.open()
    await journal.note("", "first", {})
    resource.setrlimit(resource.RLIMIT_FSIZE, (200000, resource.RLIM_INFINITY))
    done = 1
    for _ in range(1000):
        try:
            await journal.write(lambda w: w.entry("", "filler", {"x": "y" * 3000}))
            done += 1
        except JournalError:
            assert journal.trouble
            # What is in the WAL may still find room in the file itself: then the trouble is over for now.
            if await journal.probe():
                break
    else:
        raise AssertionError("never full")
    assert done > 10
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    assert await journal.probe() == ""
    await journal.note("", "last", {})
    verdict = await journal.verify()
    assert (verdict.entries, verdict.broken) == (done + 1, ""), (verdict, done)
    await journal.close()

asyncio.run(main())
"""


@pytest.mark.promise("P9")
def test_the_operating_system_refuses_to_grow_the_file_and_then_allows_it(tmp_path: Path) -> None:
    run = [sys.executable, "-c", FILE_LIMIT, str(tmp_path / "journal.db")]
    done = subprocess.run(run, capture_output=True, text=True, timeout=60, cwd=Path(__file__).parents[2], check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.promise("P7")
async def test_a_disk_with_little_room_takes_no_new_act_but_ends_those_under_way(tmp_path: Path) -> None:
    from kiosk.clock import Clock

    journal = Journal(tmp_path / "journal.db", Clock(), min_free_bytes=1 << 60)
    await journal.open()
    assert "make room" in await journal.probe()
    await journal.write(lambda w: w.entry("v", "charge.done", {}))
    assert (await journal.verify()).entries == 1
    await journal.close()
