"""A pad that holds the money first (06 22) and books or frees it later: what is held, taken and free, by the ledger."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # importlib mode gives tests no package to import each other from
from pad_support import FEN, Desk, on_desk

from drivers.errors import Unsupported
from drivers.outcome import Done, Outcome, Refused, Unknown
from drivers.payment_pad.approval import Approval

HOLDS = {"settlement": "preauthorise"}
BOTH = pytest.mark.parametrize("transport", ["tcp", "serial"])
BOOKINGS = pytest.mark.parametrize("booking", ["total", "unused"])


def _held(outcome: Outcome[Approval]) -> Approval:
    assert isinstance(outcome, Done), outcome
    return outcome.value


def _ledger(desk: Desk) -> tuple[int, int]:
    desk.simulated.state()
    return desk.simulated.terminal.ledger.held_fen, desk.simulated.terminal.ledger.balance_fen


@BOTH
@BOOKINGS
@pytest.mark.parametrize("fen", [FEN, FEN - 210, 1])
def test_what_is_held_is_booked_in_part_or_whole_and_the_rest_is_free(transport: str, booking: str, fen: int) -> None:
    async def run(desk: Desk) -> None:
        assert desk.pad.holds
        approval = _held(await desk.pay_with("tap"))
        assert _ledger(desk) == (FEN, 0)
        assert await desk.pad.open_holds() == [approval.receipt_no]
        booked = await desk.pad.book(approval.receipt_no, FEN, fen)
        assert isinstance(booked, Done)
        assert (booked.value.fen, booked.value.already) == (FEN - fen, False)
        assert booked.value.receipt_lines[0] == "BOOKED"
        assert _ledger(desk) == (0, fen)
        assert await desk.pad.open_holds() == []
        again = await desk.pad.book(approval.receipt_no, FEN, fen)
        assert isinstance(again, Done)
        assert again.value.already
        undone = await desk.pad.reverse(approval.receipt_no, fen)
        assert isinstance(undone, Done)
        assert _ledger(desk) == (0, 0)

    on_desk(run, transport, **HOLDS, booking=booking)


@BOTH
@pytest.mark.parametrize("how", ["release", "reverse", "book nothing"])
def test_what_is_held_is_freed_and_freeing_again_is_done_already(transport: str, how: str) -> None:
    async def run(desk: Desk) -> None:
        receipt_no = _held(await desk.pay_with("tap")).receipt_no

        async def free() -> Any:
            if how == "release":
                return await desk.pad.release(receipt_no)
            if how == "reverse":
                return await desk.pad.reverse(receipt_no, FEN)
            return await desk.pad.book(receipt_no, FEN, 0)

        first, second = await free(), await free()
        assert isinstance(first, Done)
        assert not first.value.already
        assert isinstance(second, Done)
        assert second.value.already
        assert _ledger(desk) == (0, 0)
        late = await desk.pad.book(receipt_no, FEN, FEN)
        assert not (isinstance(late, Done) and not late.value.already), late
        assert _ledger(desk) == (0, 0)

    on_desk(run, transport, **HOLDS)


@pytest.mark.parametrize("keep", [False, True])
def test_a_hold_of_less_than_asked_is_refused_and_freed(keep: bool) -> None:
    """The amount in 04 0F may be lower than asked; `keep`: a pad that holds it though we refused."""

    async def run(desk: Desk) -> None:
        desk.simulated.do("less", fen=10)
        desk.simulated.do("keep_refused_hold", on=keep)
        outcome = await desk.pay_with("tap")
        assert isinstance(outcome, Refused)
        assert outcome.cause == "amount-differs"
        assert desk.journal.approvals == []
        assert _ledger(desk) == (0, 0)
        assert await desk.pad.open_holds() == []

    on_desk(run, **HOLDS)


@pytest.mark.promise("P2")
@BOTH
@pytest.mark.parametrize("when", ["before_status", "before_ack", "after_ack"])
@pytest.mark.parametrize("knob", ["", "keep_on_loss", "repeat_after_cut"])
@pytest.mark.parametrize("less", [0, 10])
def test_a_hold_whose_answer_is_lost_is_held_or_certainly_not(transport: str, knob: str, when: str, less: int) -> None:
    async def run(desk: Desk) -> None:
        other = _held(await desk.pay_with("tap")).receipt_no
        mark = await desk.pad.mark()
        assert mark.open_holds == (other,)
        if knob:
            desk.simulated.do(knob)
        desk.simulated.do("less", fen=less)
        desk.simulated.do("lose_answer", when=when)
        truth = await desk.pay_with("tap")
        if isinstance(truth, Unknown):
            truth = await desk.pad.resolve(FEN, mark, "order-1")
        assert not isinstance(truth, Unknown), truth
        await asyncio.sleep(60)
        open_now = await desk.pad.open_holds()
        assert other in open_now
        if isinstance(truth, Done):
            assert not less
            assert open_now == [other, truth.value.receipt_no]
            assert _ledger(desk) == (2 * FEN, 0)
        else:
            assert truth.cause in ("not-charged", "amount-differs")
            assert open_now == [other]
            assert _ledger(desk) == (FEN, 0)

    on_desk(run, transport, **HOLDS)


@pytest.mark.promise("P2")
@pytest.mark.parametrize("verb", ["book", "release", "reverse"])
def test_booking_and_freeing_over_a_link_cut_at_every_byte(verb: str) -> None:
    """After `Unknown` the same verb is done again, until the pad has said what became of it."""
    seen: set[str] = set()

    def life(direction: str, at: int) -> Any:
        async def run(desk: Desk) -> int:
            receipt_no = _held(await desk.pay_with("tap")).receipt_no
            before = dict(desk.scissors.passed)
            desk.scissors.arm(direction, at)
            outcome: Outcome[Any] = Unknown("begin")
            for _ in range(4):
                if verb == "book":
                    outcome = await desk.pad.book(receipt_no, FEN, FEN - 10)
                elif verb == "release":
                    outcome = await desk.pad.release(receipt_no)
                else:
                    outcome = await desk.pad.reverse(receipt_no, FEN)
                seen.add(type(outcome).__name__)
                if isinstance(outcome, Done):
                    break
            assert isinstance(outcome, Done), (direction, at, outcome)
            await asyncio.sleep(60)
            assert _ledger(desk) == ((0, FEN - 10) if verb == "book" else (0, 0)), (direction, at)
            return desk.scissors.passed[direction] - before[direction]

        return run

    for direction in ("in", "out"):
        length = on_desk(life(direction, 10_000), **HOLDS)
        for at in range(length + 2):
            on_desk(life(direction, at), **HOLDS)
    assert {"Done", "Unknown"} <= seen


@pytest.mark.promise("P2")
@pytest.mark.promise("P8")
@pytest.mark.parametrize("silent", [False, True])
@pytest.mark.parametrize("options", [HOLDS, {**HOLDS, "message_ids": True}, {"message_ids": True}])
def test_outcome_equals_ledger_wherever_a_numbered_or_held_payment_is_cut(
    options: dict[str, Any], silent: bool
) -> None:
    seen: set[tuple[str, str]] = set()
    step = 1 if len(options) == 2 and not silent else 6

    def life(direction: str, at: int) -> Any:
        async def run(desk: Desk) -> int:
            desk.simulated.do("auto", after=0.2)
            mark = await desk.pad.mark()
            before = dict(desk.scissors.passed)
            desk.scissors.arm(direction, at, silent=silent)
            outcome = await desk.pay()
            first = type(outcome).__name__
            for _ in range(3):
                if isinstance(outcome, Unknown):
                    outcome = await desk.pad.resolve(FEN, mark, "order-1")
            passed = desk.scissors.passed[direction] - before[direction]
            await asyncio.sleep(90)
            seen.add((first, type(outcome).__name__))
            where = (direction, at, outcome)
            assert not isinstance(outcome, Unknown), where
            held = desk.pad.holds
            expected = (0, 0) if isinstance(outcome, Refused) else (FEN, 0) if held else (0, FEN)
            assert _ledger(desk) == expected, where
            assert isinstance(await desk.pay(FEN + 1), Done), where
            return passed

        return run

    for direction in ("in", "out"):
        length = on_desk(life(direction, 10_000), **options)
        for at in range(0, length + 2, step):
            on_desk(life(direction, at), **options)
    assert {("Done", "Done"), ("Unknown", "Refused")} <= seen
    assert step > 1 or ("Unknown", "Done") in seen


def test_holds_are_closed_before_the_end_of_the_day() -> None:
    """SMART; ABN C5.1."""

    async def run(desk: Desk) -> None:
        for _ in range(3):
            _held(await desk.pay_with("tap"))
        first = (await desk.pad.open_holds())[0]
        assert isinstance(await desk.pad.book(first, FEN, FEN), Done)
        assert _ledger(desk) == (2 * FEN, FEN)
        done = await desk.pad.end_of_day()
        assert isinstance(done, Done)
        assert done.value.fen == FEN
        assert await desk.pad.open_holds() == []
        assert _ledger(desk) == (0, FEN)

    on_desk(run, **HOLDS)


def test_a_pad_without_the_list_or_without_holds_says_so() -> None:
    async def run(desk: Desk) -> None:
        desk.simulated.do("no_hold_list")
        receipt_no = _held(await desk.pay_with("tap")).receipt_no
        with pytest.raises(Unsupported):
            await desk.pad.open_holds()
        assert (await desk.pad.mark()).open_holds == ()
        for _ in range(2):
            assert isinstance(await desk.pad.reverse(receipt_no, FEN), Done)
        assert _ledger(desk) == (0, 0)
        desk.simulated.do("no_holds")
        refused = await desk.pay()
        assert isinstance(refused, Refused)
        assert refused.cause == "unsupported"
        assert isinstance(await desk.pad.release("0001"), Refused)

    on_desk(run, **HOLDS)


def test_only_what_is_held_can_be_booked() -> None:
    async def run(desk: Desk) -> None:
        receipt_no = _held(await desk.pay_with("tap")).receipt_no
        for fen in (-1, FEN + 1):
            with pytest.raises(ValueError, match="held"):
                await desk.pad.book(receipt_no, FEN, fen)
        unknown = await desk.pad.book("0099", FEN, FEN)
        assert isinstance(unknown, Unknown)
        assert unknown.cause == "hold-gone"
        desk.simulated.do("status_code", code="F0")
        locked = await desk.pad.release(receipt_no)
        assert isinstance(locked, Refused)
        assert locked.cause == "end-of-day-needed"

    on_desk(run, **HOLDS)


def test_a_pad_that_takes_at_once_holds_nothing() -> None:
    async def run(desk: Desk) -> None:
        assert not desk.pad.holds
        _held(await desk.pay_with("tap"))
        assert _ledger(desk) == (0, FEN)
        assert await desk.pad.open_holds() == []

    on_desk(run)
