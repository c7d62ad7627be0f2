"""Hypothesis over citizen, pad, platform, printers, power and every fault: the promises as invariants.

A failing run is printed as the few steps that lead to it; they replay as they stand, for all chance is in the steps.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from simulator import promises
from simulator.hall import Hall
from simulator.inline_loop import InlineLoop
from simulator.mishaps import MISHAPS, Mishap, mend, strike
from simulator.people import CITIZENS
from simulator.promises import Came
from simulator.soak import listening, settle
from simulator.wayward import Person
from simulator.wishes import AT_THE_PAD, PLACES, Wish

SEED = 1
MEMORY = Path("/dev/shm")
ACCIDENTS = [mishap for mishap in MISHAPS if mishap.kind not in ("power", "cabinet")]
WISHES = st.builds(
    Wish,
    citizen=st.sampled_from([CITIZENS[key] for key in ("citizen-01", "citizen-02", "citizen-07", "citizen-09")]),
    service=st.sampled_from(["WH-PS-001", "WH-SI-001"]),
    pad=st.sampled_from(AT_THE_PAD),
    walks_away=st.sampled_from(["", "", "", *PLACES]),
    takes_card=st.booleans(),
    rates=st.sampled_from([0, 5]),
)


class Day(RuleBasedStateMachine):
    """One hall; its loop stands still between the steps."""

    def __init__(self) -> None:
        super().__init__()
        self.things = ExitStack()
        self.ears = self.things.enter_context(listening())
        self.runner = self.things.enter_context(asyncio.Runner(loop_factory=InlineLoop))
        self.folder = Path(tempfile.mkdtemp(prefix="machine-", dir=MEMORY if MEMORY.is_dir() else None))
        self.things.callback(shutil.rmtree, self.folder, ignore_errors=True)
        self.came: list[Came] = []
        self.visit: asyncio.Task[None] | None = None

    @initialize()
    def morning(self) -> None:
        self.hall = Hall(self.folder, SEED, with_cabinet=False, poll_s=2.5)
        self.runner.run(self.hall.open())

    def here(self) -> bool:
        return self.visit is not None and not self.visit.done()

    def powered(self) -> bool:
        return self.hall.life is not None and not self.hall.life.is_dead

    @precondition(lambda self: not self.here() and self.powered())
    @rule(wish=WISHES)
    def somebody_comes(self, wish: Wish) -> None:
        each = Came(len(self.came), wish, promises.Saw())
        self.came.append(each)

        async def stay() -> None:
            person = Person(self.hall, wish, Random(SEED))
            each.saw = person.saw
            await person.visit()
            person.lift()

        async def begin() -> None:
            self.visit = asyncio.ensure_future(stay())

        self.runner.run(begin())

    @rule(seconds=st.sampled_from([0.1, 1.0, 5.0, 20.0, 60.0]))
    def time_passes(self, seconds: float) -> None:
        self.runner.run(asyncio.sleep(seconds))

    @precondition(lambda self: self.here())
    @rule()
    def they_finish(self) -> None:
        assert self.visit is not None
        self.runner.run(asyncio.wait_for(self.visit, 7200))

    @rule(mishap=st.sampled_from(ACCIDENTS))
    def something_breaks(self, mishap: Mishap) -> None:
        if self.runner.run(strike(self.hall, mishap)) and self.came:
            self.came[-1].mishaps.append(mishap.name)

    @rule()
    def somebody_mends(self) -> None:
        self.runner.run(mend(self.hall))

    @precondition(lambda self: self.powered())
    @rule()
    def power_goes(self) -> None:
        self.hall.pull_the_plug()
        if self.came:
            self.came[-1].mishaps.append("power:cut")

    @precondition(lambda self: not self.powered())
    @rule(ready=st.booleans())
    def power_returns(self, ready: bool) -> None:
        async def again() -> None:
            if self.visit is not None:
                await self.visit
            await self.hall.bury()
            await self.hall.boot(ready=ready)

        self.runner.run(again())

    @invariant()
    def no_charge_without_an_intent(self) -> None:
        if not self.came:
            return
        charges = [act for act in self.hall.terminal.acts(self.folder) if act["kind"] == "charge"]
        live = [entry for entry in self.hall.bank if entry.kind == "payment" and entry.moved_fen]
        assert len(live) <= len(charges), f"P2: {len(live)} charges stand for {len(charges)} intents"

    @invariant()
    def no_sheet_without_an_authorisation(self) -> None:
        if not self.came:
            return
        known = {row["jti"] for row in self.hall.rows("SELECT jti FROM print")}
        for name, sheets in Counter(self.hall.sheets).items():
            assert not sheets or name in known, f"P3: {name}"
            assert sheets <= 1, f"P3: {sheets} sheets of {name}"

    @invariant()
    def the_chain_holds(self) -> None:
        if self.came:
            assert promises.journal(self.hall) == []

    def teardown(self) -> None:
        async def evening() -> list[str]:
            if self.visit is not None:
                await self.visit
            found = await settle(self.hall)
            found += promises.settled(self.hall, self.came)
            found += [sentence for each in self.came for sentence in promises.after_visit(self.hall, each)]
            await self.hall.close()
            return found + [f"the terminal ended by {error!r}" for error in self.hall.errors]

        try:
            if hasattr(self, "hall"):
                found = self.runner.run(evening())
                found += promises.said(self.ears.lines)
                assert found == []
                assert self.ears.bugs == []
        finally:
            self.things.close()


Day.TestCase.settings = settings(
    max_examples=8,
    stateful_step_count=14,
    derandomize=True,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.promise("P1")
@pytest.mark.promise("P2")
@pytest.mark.promise("P3")
@pytest.mark.promise("P4")
@pytest.mark.promise("P6")
@pytest.mark.promise("P8")
@pytest.mark.promise("P9")
class TestDay(Day.TestCase):  # type: ignore[misc,name-defined]  # made by Hypothesis at run time
    """Runs as a unittest of pytest."""
