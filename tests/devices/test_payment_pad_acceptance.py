"""An acquirer's acceptance plan for unattended terminals (ABN), case by case against the simulated pad."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # importlib mode gives tests no package to import each other from
from pad_support import FEN, Desk, on_desk

from drivers.outcome import Done, Refused, Unknown
from simulator.models.pad_terminal import Times

Case = Callable[[Desk], Awaitable[None]]


async def a1_registration(desk: Desk) -> None:
    assert desk.said()[0] == "06 00 registration"
    assert desk.pad.status.usable
    assert desk.pad.status.serial == "52523535"


async def b1_1_pay(desk: Desk) -> None:
    assert isinstance(await desk.pay_with("insert"), Done)
    assert desk.charges == [(FEN, "booked")]


async def b1_2_repeat_receipt_tells_when_both_disagree(desk: Desk) -> None:
    mark = await desk.pad.mark()
    desk.simulated.do("lose_answer", when="after_ack")
    assert isinstance(await desk.pay_with("tap"), Unknown)
    assert isinstance(await desk.pad.resolve(FEN, mark, "o"), Done)
    assert "06 20 repeat receipt" in desk.said()


async def b1_3_reversal(desk: Desk) -> None:
    paid = await desk.pay_with("tap")
    assert isinstance(paid, Done)
    for already in (False, True):
        undone = await desk.pad.reverse(paid.value.receipt_no, FEN)
        assert isinstance(undone, Done)
        assert undone.value.already is already
    assert desk.charges == []


async def b3_1_amount_with_dle(desk: Desk) -> None:
    """10.10: two bytes 10, which serial lines double."""
    assert isinstance(await desk.pay_with("tap", 1010), Done)
    assert desk.charges == [(1010, "booked")]


async def b4_1_host_cut(desk: Desk) -> None:
    outcome = await desk.pay_with("decline", code="9B")
    assert isinstance(outcome, Refused)
    assert (outcome.cause, outcome.code) == ("no-bank", "9B")
    assert "06 1E abort 9B: no-bank" in desk.said("out")
    assert desk.charges == []


async def b4_2_stop_key(desk: Desk) -> None:
    outcome = await desk.pay_with("cancel_key")
    assert isinstance(outcome, Refused)
    assert outcome.code == "6C"
    assert desk.charges == []


async def b4_3_nobody_comes(desk: Desk) -> None:
    before = asyncio.get_running_loop().time()
    outcome = await desk.pay()
    assert isinstance(outcome, Refused)
    assert outcome.code == "6C"
    assert 55 < asyncio.get_running_loop().time() - before < 125


async def b4_4_cable_pulled_at_the_pin_for_good(desk: Desk) -> None:
    mark = await desk.pad.mark()

    async def pull() -> None:
        await desk.person("insert", pin="1234")
        desk.scissors.arm("in", 0, silent=True)
        desk.scissors.direction = "out"

    pulling = asyncio.create_task(pull())
    before = asyncio.get_running_loop().time()
    outcome = await desk.pay(deadline_s=400)
    await pulling
    assert isinstance(outcome, Unknown)
    took = asyncio.get_running_loop().time() - before
    # A serial line knows after three frames without an acknowledgement; over TCP only T4 tells.
    assert 10 < took < 20 if desk.simulated.transport == "serial" else 170 < took < 300
    truth = await desk.pad.resolve(FEN, mark, "o")
    assert isinstance(truth, Refused)
    assert isinstance(await desk.pay_with("tap"), Done)


async def b4_5_four_minutes_of_pin_play(desk: Desk) -> None:
    """Every prompt starts T4 again: one payment of far more than 180 s."""
    before = asyncio.get_running_loop().time()
    acting = asyncio.create_task(desk.person("insert", pin="wrong-then-wrong-then-wrong-then-right"))
    outcome = await desk.pay(deadline_s=600)
    await acting
    assert isinstance(outcome, Done)
    assert asyncio.get_running_loop().time() - before > 240
    assert desk.charges == [(FEN, "booked")]


async def b4_6_cable_pulled_after_the_pin_and_back(desk: Desk) -> None:
    """The pad says 04 0F again on the new connection: taken once, by its receipt and trace."""
    desk.simulated.do("repeat_after_cut")
    mark = await desk.pad.mark()
    desk.simulated.do("lose_answer", when="before_ack")
    truth: Any = await desk.pay_with("insert", pin="1234")
    assert isinstance(truth, Unknown)
    await asyncio.sleep(5)
    truth = await desk.pad.resolve(FEN, mark, "o")
    assert not isinstance(truth, Unknown)
    assert desk.charges == ([(FEN, "booked")] if isinstance(truth, Done) else [])


async def c5_1_open_reservations_before_the_end_of_day(desk: Desk) -> None:
    assert isinstance(await desk.pay_with("tap"), Done)
    assert len(await desk.pad.open_holds()) == 1
    assert isinstance(await desk.pad.end_of_day(), Done)
    controls = [words[:5] for words in desk.said()]
    assert controls.index("06 25") < controls.index("06 50")
    assert desk.simulated.terminal.ledger.held_fen == 0


async def a2_end_of_day_broken_then_locked_then_done(desk: Desk) -> None:
    """A2.1 rc 77, A2.2 then F0, A2.3 the end of day goes through and the pad pays again."""
    assert isinstance(await desk.pay_with("tap"), Done)
    desk.simulated.do("end_of_day_fails")
    failed = await desk.pad.end_of_day()
    assert isinstance(failed, Refused)
    assert failed.code == "77"
    locked = await desk.pay()
    assert isinstance(locked, Refused)
    assert locked.code == "F0"
    desk.simulated.do("end_of_day_fails", on=False)
    assert isinstance(await desk.pad.end_of_day(), Done)
    assert isinstance(await desk.pay_with("tap"), Done)


async def a3_update_after_the_end_of_day(desk: Desk) -> None:
    desk.simulated.do("mute", seconds=30, deaf=True)
    done = await desk.pad.end_of_day()
    assert isinstance(done, Done)
    assert done.value.then == "E0"
    assert (await desk.pad.mark(deadline_s=120)).empty
    assert isinstance(await desk.pay_with("tap"), Done)


HELD = {"settlement": "preauthorise"}
SLOW_PIN = Times(pin_s=70.0)
PLAN: dict[str, tuple[Case, dict[str, Any]]] = {
    "A1": (a1_registration, {}),
    "B1.1": (b1_1_pay, {}),
    "B1.2": (b1_2_repeat_receipt_tells_when_both_disagree, {}),
    "B1.3": (b1_3_reversal, {}),
    "B3.1": (b3_1_amount_with_dle, {}),
    "B4.1": (b4_1_host_cut, {}),
    "B4.2": (b4_2_stop_key, {}),
    "B4.3": (b4_3_nobody_comes, {}),
    "B4.4": (b4_4_cable_pulled_at_the_pin_for_good, {}),
    "B4.5": (b4_5_four_minutes_of_pin_play, {"times": SLOW_PIN}),
    "B4.6": (b4_6_cable_pulled_after_the_pin_and_back, {}),
    "C5.1": (c5_1_open_reservations_before_the_end_of_day, HELD),
    "A2.1-A2.3": (a2_end_of_day_broken_then_locked_then_done, {}),
    "A3": (a3_update_after_the_end_of_day, {}),
}


@pytest.mark.promise("P2")
@pytest.mark.parametrize("transport", ["tcp", "serial"])
@pytest.mark.parametrize("case", list(PLAN))
def test_case(case: str, transport: str) -> None:
    run, options = PLAN[case]

    async def on(desk: Desk) -> None:
        await run(desk)

    on_desk(on, transport, **options)
