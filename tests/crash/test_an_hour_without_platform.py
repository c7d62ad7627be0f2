"""An hour without the platform in the middle of forty visits: what was queued arrives once, in order (R16, P4)."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from random import Random

import pytest

from simulator.hall import Hall
from simulator.inline_loop import run_inline
from simulator.platform.faults import FaultPlan
from simulator.soak import settle
from simulator.wayward import Person
from simulator.wishes import Wish

SEED = 20261121
VISITS = 40
HOUR_S = 3600.0


async def _forty_visits(hall: Hall) -> None:
    """Ten visits, an hour of twenty visits without a platform, ten more."""
    await hall.open()
    faults = hall.app.state.faults
    began = 0.0
    for index in range(VISITS):
        chance = Random(f"{SEED}:{index}")
        if index == 10:
            faults.set(FaultPlan(down=True))
            began = asyncio.get_running_loop().time()
        if index == 30:
            await asyncio.sleep(max(0.0, HOUR_S - (asyncio.get_running_loop().time() - began)))
            faults.set(FaultPlan())
        person = Person(hall, Wish.drawn(chance), chance)
        await person.visit()
        person.lift()
        await asyncio.sleep(5.0)
    await settle(hall)
    hall.life.workshop.outbox.poke()
    await asyncio.sleep(120.0)


@pytest.mark.promise("P4")
def test_everything_queued_in_an_hour_without_platform_arrives_once_and_in_order(tmp_path, monkeypatch):
    monkeypatch.setattr("kiosk.terminal.STANDBY_REFRESH_S", 30.0)  # an idle hour is looked at less often: half the time
    print(f"seed {SEED}")

    async def walk():
        hall = Hall(tmp_path, SEED, with_cabinet=False, poll_s=5.0)
        await _forty_visits(hall)
        events = hall.rows("SELECT seq, visit, kind, at, body, broken FROM event ORDER BY rowid")
        ratings = hall.rows("SELECT subject, round FROM evaluation")
        cases = hall.rows("SELECT kiosk, intent FROM application")
        journal = hall.terminal.entries(tmp_path)
        await hall.close()
        return events, ratings, cases, journal

    events, ratings, cases, journal = run_inline(walk())
    assert [e["seq"] for e in events] == list(range(1, len(events) + 1))
    assert not any(e["broken"] for e in events)
    told = [(e["visit"], e["kind"]) for e in events]
    assert told == [(e["visit"], e["kind"]) for e in journal[: len(told)]]
    closed = Counter(e["visit"] for e in events if e["kind"] == "visit.closed")
    assert len(closed) == VISITS
    assert set(closed.values()) == {1}
    for visit in closed:
        kinds = [e["kind"] for e in events if e["visit"] == visit]
        assert (kinds[0], kinds[-1]) == ("visit.opened", "visit.closed") or kinds.index("visit.opened") == 0
        times = [e["at"] for e in events if e["visit"] == visit]
        assert times == sorted(times)
        steps = [json.loads(e["body"]).get("step") for e in events if e["visit"] == visit and e["kind"] == "step.began"]
        assert len(steps) == len([k for k in kinds if k == "step.ended"])
    assert len({(r["subject"], r["round"]) for r in ratings}) == len(ratings)
    assert len({(r["kiosk"], r["intent"]) for r in cases}) == len(cases)
    submitted = [json.loads(e["body"])["intent"] for e in events if e["kind"] == "submit.done"]
    assert sorted(submitted) == sorted(r["intent"] for r in cases)
