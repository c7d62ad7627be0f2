"""The chain of events between a real journal and the platform: once, in order; gaps, duplicates, tampering."""

from __future__ import annotations

import pytest

from kiosk.clock import Clock
from kiosk.duties.event_feed import EventFeed
from kiosk.journal import Journal
from kiosk.platform.errors import NoReply, Problem
from simulator.platform.faults import FaultPlan
from simulator.virtual_time import run_virtual


async def journal_of(folder, count):
    journal = Journal(folder / "journal.db", Clock(0.0))
    await journal.open()
    for number in range(count):
        await journal.note(f"v-{number % 7:016x}", "step.began", {"step": "fill", "n": number, "zh": "威海"})
    return journal


def on_record(town):
    with town.app.state.city.store.transaction() as cx:
        return [tuple(r) for r in cx.execute("SELECT seq, broken FROM event ORDER BY rowid")]


def test_everything_arrives_once_and_in_order_over_several_batches(town, tmp_path):
    async def walk():
        journal = await journal_of(tmp_path, 450)
        feed = EventFeed(journal, town.platform)
        assert await feed.deliver() == 450
        assert on_record(town) == [(n, 0) for n in range(1, 451)]
        assert await feed.deliver() == 0
        await journal.note("", "boot", {})
        again = EventFeed(journal, town.platform)  # after a restart: the platform says where to go on
        assert await again.deliver() == 1
        assert len(on_record(town)) == 451
        await journal.close()

    run_virtual(walk())


def test_a_reply_that_was_lost_makes_no_duplicate_and_no_gap(town, tmp_path):
    async def walk():
        journal = await journal_of(tmp_path, 30)
        feed = EventFeed(journal, town.platform)
        town.app.state.faults.set(FaultPlan(area="events", drop_reply_after_commit=True, times=1))
        with pytest.raises(NoReply):
            await feed.deliver()
        await journal.note("", "boot", {})
        await feed.deliver()
        assert [seq for seq, _ in on_record(town)] == list(range(1, 32))
        await journal.close()

    run_virtual(walk())


def test_an_event_behind_a_gap_is_refused_and_the_feed_goes_on_from_where_the_platform_is(town, tmp_path):
    async def walk():
        journal = await journal_of(tmp_path, 20)
        feed = EventFeed(journal, town.platform)
        await feed.deliver()
        with town.app.state.city.store.transaction() as cx:
            cx.execute("DELETE FROM event WHERE seq > 12")  # the platform was set back to a backup
        await journal.note("", "boot", {})
        chain = await journal.chain_id()
        with pytest.raises(Problem, match="events-missing"):
            await town.platform.cases.events(chain, [{"id": "evt-21xx", **(await journal.links(20, 1))[0]}])
        await feed.deliver()
        assert [seq for seq, _ in on_record(town)] == list(range(1, 22))
        await journal.close()

    run_virtual(walk())


@pytest.mark.parametrize("member", ["body", "at", "visit", "kind", "prev", "hash"])
def test_an_event_that_was_changed_is_kept_and_named(town, tmp_path, member):
    other = {
        "body": {"step": "pay"}, "at": "2026-11-21T20:14:00.000+08:00", "visit": "v-x", "kind": "boot",
        "prev": "1" * 64, "hash": "2" * 64,
    }  # fmt: skip

    async def walk():
        journal = await journal_of(tmp_path, 3)
        events = [{"id": f"evt-{e['seq']:04d}", **e} for e in await journal.links(0, 10)]
        events[1] = {**events[1], member: other[member]}
        kept = await town.platform.cases.events(await journal.chain_id(), events)
        assert kept.head == 3
        assert "evt-0002" in kept.broken
        assert [seq for seq, broken in on_record(town) if not broken][:1] == [1]
        await journal.close()

    run_virtual(walk())
