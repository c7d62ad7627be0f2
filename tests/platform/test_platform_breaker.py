"""Areas that fail alone: the breaker by itself, the client with a platform whose areas fail, the tables of areas."""

from __future__ import annotations

import asyncio

import pytest

from config.platform_contract import contract
from kiosk.platform.areas import AREAS, GROUND, area_of, areas_of
from kiosk.platform.breaker import Breaker, Breakers, Limits, State
from kiosk.platform.errors import AreaDown, NoReply, Problem
from simulator.platform.faults import PARTS, FaultPlan, Faults, plan_of
from simulator.virtual_time import run_virtual

LIMITS = Limits(failures=3, slow_s=1.0, open_s=5.0, longest_s=12.0, probe_s=30.0)


def test_it_opens_after_failures_in_a_row_and_closes_by_a_probe():
    b = Breaker(LIMITS)
    for at in (0.0, 1.0):
        b.failed(at)
    b.done(2.0, took_s=0.1)
    for at in (3.0, 4.0):
        b.failed(at)
        assert b.state is State.CLOSED
    b.done(5.0, took_s=1.5)
    assert b.state is State.OPEN
    assert not b.admits(9.9)
    assert b.admits(10.0)
    assert not b.admits(10.1), "one probe at a time"
    b.done(11.0, took_s=0.1)
    assert (b.state, b.admits(11.0)) == (State.CLOSED, True)


def test_a_failed_probe_waits_longer_each_time_and_a_lost_one_is_not_waited_for():
    b = Breaker(LIMITS)
    for _ in range(3):
        b.failed(0.0)
    opened = []
    for _ in range(3):
        at = b.until
        assert b.admits(at)
        b.failed(at)
        opened.append(b.until - at)
    assert opened == [10.0, 12.0, 12.0]
    at = b.until
    assert b.admits(at)
    assert not b.admits(at + LIMITS.probe_s - 0.1)
    assert b.admits(at + LIMITS.probe_s)
    b.given_up()
    assert b.admits(at + LIMITS.probe_s)


def test_calls_from_before_it_opened_do_not_prolong_it():
    b = Breaker(LIMITS)
    for _ in range(3):
        b.failed(0.0)
    b.failed(1.0)
    assert b.until == 5.0


def test_areas_are_apart_and_hurry_when_the_platform_is_back():
    all_ = Breakers(LIMITS)
    for _ in range(3):
        all_.of("payments").failed(0.0)
    all_.of("prints").failed(0.0)
    assert (all_.down(), all_.due(1.0)) == (frozenset({"payments"}), frozenset())
    all_.hurry()
    assert all_.due(1.0) == frozenset({"payments"})


def test_every_path_of_the_contract_has_an_area_on_both_sides():
    parts = {path.lstrip("/").split("/")[0].split(":")[0] for path in contract()["paths"]} - {"health"}
    assert {part: area_of(f"/{part}") for part in parts if area_of(f"/{part}") == GROUND} == {}
    theirs = {part: area for area, names in PARTS.items() for part in names}
    assert {part: area_of(f"/{part}") for part in parts if area_of(f"/{part}") != theirs.get(part)} == {}
    assert set(PARTS) == set(AREAS)
    assert areas_of(("consent", "pay", "receipt")) == {"identity", "payments"}


def test_an_area_that_fails_is_not_asked_and_the_others_go_on(town, who):
    async def walk():
        p = town.platform
        session, _ = await town.proven(who)
        town.app.state.faults.add(FaultPlan(down=True, area="payments"))
        failures = p.connection.breakers.of("payments").limits.failures
        for n in range(failures):
            with pytest.raises(NoReply):
                await p.create_order(session, "WH-PS-001", f"chg-{n:08d}")
        asked = len(town.adapter.log)
        with pytest.raises(AreaDown) as caught:
            await p.create_order(session, "WH-PS-001", "chg-99999999")
        assert (caught.value.certain, caught.value.area, p.areas_down()) == (True, "payments", {"payments"})
        assert len(town.adapter.log) == asked, "it was not even asked"
        assert await p.open_session(town.key("ses"))
        await asyncio.sleep(5.0)
        await p.look_again()
        assert p.areas_down() == {"payments"}
        town.app.state.faults.set(FaultPlan())
        await p.look_again()
        assert p.areas_down() == {"payments"}, "not yet its time"
        await asyncio.sleep(10.0)
        await p.look_again()
        assert p.areas_down() == frozenset()
        assert (await p.create_order(session, "WH-PS-001", "chg-99999999")).intent == "chg-99999999"

    run_virtual(walk())


@pytest.mark.parametrize(
    ("plan", "counts"),
    [
        (FaultPlan(status=503), True),
        (FaultPlan(drop_reply_after_commit=True), True),
        (FaultPlan(half=True), True),
        (FaultPlan(slow_s=30), True),
        (FaultPlan(problem="upstream-unavailable"), True),
        (FaultPlan(problem="maintenance"), True),
        (FaultPlan(problem="item-not-available"), False),
        (FaultPlan(problem="rate-limited"), False),
        (FaultPlan(duplicate=True), False),
        (FaultPlan(clock_skew_s=200), False),
    ],
)
def test_what_counts_as_a_failure(town, plan, counts):
    async def walk():
        p = town.platform
        await p.health()
        town.session.mount("http://", town.adapter.inner)  # a gateway's page is not in the contract
        town.app.state.faults.set(plan.model_copy(update={"area": "identity"}))
        for n in range(p.connection.breakers.of("identity").limits.failures):
            try:
                await p.open_session(f"ses-count-{n:04d}")
            except (NoReply, Problem):
                continue
        assert ("identity" in p.areas_down()) is counts

    run_virtual(walk())


def test_faults_of_several_areas_stand_beside_each_other():
    faults = Faults()
    faults.add(plan_of("area=payments,slow_s=3"))
    faults.add(plan_of("down,area=queries,times=1"))
    faults.add(plan_of("problem=maintenance"))
    assert faults.take("payment-orders").slow_s == 3
    assert faults.take("queries").down
    assert faults.take("queries").problem == "maintenance"
    assert faults.shown()["problem"] == "maintenance"
    assert len(faults.listed()) == 2
    faults.add(plan_of("area=payments"))
    assert faults.take("payments").problem == "maintenance"
    faults.set(FaultPlan())
    assert faults.listed() == []


@pytest.mark.parametrize("text", ["area=Payments", "slow_s=fast", "colour=red", "problem=none-such", "status=200"])
def test_a_fault_that_is_none_is_explained(text):
    with pytest.raises(ValueError, match="known: down"):
        plan_of(text)
