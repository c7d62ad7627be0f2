"""The link is cut at every byte of a payment, both directions: what the driver says is what the bank's ledger says.

Every other byte a day, the others the next (`--dense`: all).
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # importlib mode gives tests no package to import each other from
from pad_support import FEN, Desk, on_desk

from drivers.outcome import Done, Outcome, Unknown
from drivers.payment_pad.approval import Approval

SETTLED_S = 90.0


async def _measure(desk: Desk) -> dict[str, int]:
    desk.simulated.do("auto", after=0.2)
    await desk.pad.mark()
    before = dict(desk.scissors.passed)
    assert isinstance(await desk.pay(), Done)
    return {direction: desk.scissors.passed[direction] - before[direction] for direction in before}


def _cut(direction: str, at: int, *, silent: bool, knob: str = "", history: int = 0):  # type: ignore[no-untyped-def]  # a test's closure
    async def run(desk: Desk) -> tuple[Outcome[Approval], Outcome[Approval]]:
        desk.simulated.do("auto", after=0.2)
        for _ in range(history):
            assert isinstance(await desk.pay(FEN), Done)
        already = len(desk.charges)
        if knob:
            desk.simulated.do(knob)
        mark = await desk.pad.mark()
        desk.scissors.arm(direction, at, silent=silent)
        first = last = await desk.pay()
        for _ in range(3):
            if not isinstance(last, Unknown):
                break
            last = await desk.pad.resolve(FEN, mark, "order-1")
        await asyncio.sleep(SETTLED_S)
        new = desk.charges[already:]
        where = f"{direction} byte {at}, {'silence' if silent else 'hang-up'} {knob}: {first} then {last}: {new}"
        assert not isinstance(last, Unknown), where
        assert new == ([(FEN, "booked")] if isinstance(last, Done) else []), where
        if isinstance(last, Done):
            assert last.value.receipt_no == desk.simulated.terminal.store[-1].info.receipt_no, where
        # The pad serves on.
        assert isinstance(await desk.pay(FEN + 1), Done), where
        return first, last

    return run


@pytest.mark.promise("P2")
@pytest.mark.promise("P8")
@pytest.mark.parametrize(
    ("transport", "silent", "knob"),
    [
        ("tcp", False, ""),
        ("tcp", True, ""),
        ("serial", False, ""),
        ("serial", True, ""),
        ("tcp", False, "keep_on_loss"),
        ("tcp", False, "repeat_after_cut"),
        ("tcp", True, "repeat_after_cut"),
    ],
)
def test_outcome_equals_ledger_wherever_the_wire_is_cut(
    transport: str, silent: bool, knob: str, of_the_day: Callable[[Sequence[int], int], Sequence[int]]
) -> None:
    lengths = on_desk(_measure, transport)
    seen: set[tuple[str, str]] = set()
    for direction, length in lengths.items():
        assert length > 40
        for at in of_the_day(range(length + 4), 2):
            run = _cut(direction, at, silent=silent, knob=knob, history=at // 2 % 2)
            first, last = on_desk(run, transport)
            seen.add((type(first).__name__, type(last).__name__))
    assert {("Unknown", "Done"), ("Unknown", "Refused"), ("Done", "Done")} <= seen
    assert not {pair for pair in seen if pair[0] == "Refused" and pair[1] != "Refused"}
