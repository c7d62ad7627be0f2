"""Driver against simulated pad under virtual time: one test for each thing that pads are known to do."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # importlib mode gives tests no package to import each other from
from pad_support import FEN, Desk, on_desk

from drivers.device import DeviceState
from drivers.errors import DeviceError, NeedsPeople
from drivers.outcome import Done, Outcome, Refused, Unknown
from drivers.payment_pad.approval import Approval, ReceiptMark
from drivers.payment_pad.driver import PaymentPad
from simulator.device import UnknownVerb

BOTH = pytest.mark.parametrize("transport", ["tcp", "serial"])
PAID = [(FEN, "booked")]


def _paid(outcome: Outcome[Approval]) -> Approval:
    assert isinstance(outcome, Done), outcome
    return outcome.value


@BOTH
def test_a_tap_pays_and_is_journalled_before_it_is_acknowledged(transport: str) -> None:
    async def run(desk: Desk) -> None:
        desk.journal.delay_s = 0.2
        seen: list[str] = []

        async def before_ack(approval: Approval) -> None:
            await asyncio.sleep(0.2)
            seen.extend(state for _, state in desk.charges)
            await desk.journal.write(approval)

        acting = asyncio.create_task(desk.person("tap", card="citizen-07"))
        outcome = await desk.pad.authorise(FEN, order="o", on_prompt=desk.prompts.append, before_ack=before_ack)
        await acting
        approval = _paid(outcome)
        assert seen == ["authorised"]
        assert desk.charges == PAID
        assert (approval.fen, approval.receipt_no, approval.trace) == (FEN, "0001", "000001")
        assert approval.masked_card.startswith("****")
        assert approval.receipt_lines[:2] == ("PAYMENT (SPECIMEN)", "CNY 12.10")
        assert desk.journal.approvals[0].key == approval.key
        assert desk.prompts[:2] == ["present-card", "online"]
        assert await desk.pad.last_transaction() is not None

    on_desk(run, transport)


@pytest.mark.promise("P1")
def test_a_pin_payment_asks_for_the_pin() -> None:
    async def run(desk: Desk) -> None:
        _paid(await desk.pay_with("insert", pin="1234"))
        assert desk.prompts == ["present-card", "enter-pin", "online"]
        assert desk.charges == PAID

    on_desk(run)


def test_a_wrong_pin_is_refused_and_may_be_tried_again_in_the_same_payment() -> None:
    """Several 04 0F come in one payment: 27 55, then 27 00."""

    async def run(desk: Desk) -> None:
        outcome = await desk.pay_with("insert", pin="wrong")
        assert isinstance(outcome, Refused)
        assert (outcome.cause, outcome.code, outcome.again) == ("wrong-pin", "55", True)
        assert desk.charges == []
        _paid(await desk.pay_with("insert", pin="wrong-then-right"))
        assert "wrong-pin" in desk.prompts
        assert desk.charges == PAID

    on_desk(run)


@pytest.mark.promise("P8")
@pytest.mark.parametrize("how", ["abort", "completion", "bare"])
@pytest.mark.parametrize(
    ("code", "cause"), [("05", "declined"), ("51", "insufficient"), ("78", "card-expired"), ("9B", "no-bank")]
)
def test_a_decline_is_refused_however_the_pad_ends_it(how: str, code: str, cause: str) -> None:
    async def run(desk: Desk) -> None:
        desk.simulated.do("decline_ending", how=how)
        outcome = await desk.pay_with("decline", code=code)
        assert isinstance(outcome, Refused)
        assert (outcome.cause, outcome.code) == (cause, code)
        assert desk.charges == []
        assert desk.journal.approvals == []

    on_desk(run)


def test_the_red_key_the_cancel_event_and_nobody_at_all() -> None:
    async def run(desk: Desk) -> None:
        outcome = await desk.pay_with("cancel_key")
        assert isinstance(outcome, Refused)
        assert outcome.cause == "cancelled"

        cancel = asyncio.Event()

        async def walk_away() -> None:
            await desk.until("waiting")
            cancel.set()

        walking = asyncio.create_task(walk_away())
        outcome = await desk.pay(cancel=cancel)
        await walking
        assert isinstance(outcome, Refused)
        assert (outcome.cause, outcome.code) == ("cancelled", "6C")
        assert "06 B0 abort" in desk.said()

        before = asyncio.get_running_loop().time()
        outcome = await desk.pay(deadline_s=20.0)
        assert isinstance(outcome, Refused)
        assert outcome.cause == "timeout"
        assert asyncio.get_running_loop().time() - before < 25
        outcome = await desk.pay(cancel=cancel)
        assert isinstance(outcome, Refused)
        assert desk.charges == []

    on_desk(run)


@pytest.mark.promise("P2")
def test_an_approval_after_our_abort_is_still_an_approval() -> None:
    async def run(desk: Desk) -> None:
        desk.simulated.do("late_approval")
        cancel = asyncio.Event()

        async def race() -> None:
            await desk.until("waiting")
            cancel.set()
            await asyncio.sleep(0.5)
            desk.simulated.do("tap")

        racing = asyncio.create_task(race())
        outcome = await desk.pay(cancel=cancel)
        await racing
        _paid(outcome)
        assert "06 B0 abort" in desk.said()
        assert desk.charges == PAID

    on_desk(run)


def test_an_abort_that_comes_too_late_is_refused_by_the_pad() -> None:
    async def run(desk: Desk) -> None:
        desk.simulated.do("slow", seconds=10)
        cancel = asyncio.Event()

        async def race() -> None:
            await desk.person("tap")
            await asyncio.sleep(3)
            cancel.set()

        racing = asyncio.create_task(race())
        _paid(await desk.pay(cancel=cancel))
        await racing
        assert "84 83 refused: unsupported" in desk.said("out")
        assert desk.charges == PAID

    on_desk(run)


@pytest.mark.promise("P1")
def test_a_journal_that_fails_makes_the_pad_reverse() -> None:
    async def run(desk: Desk) -> None:
        desk.journal.fails = True
        outcome = await desk.pay_with("tap")
        assert isinstance(outcome, Refused)
        assert outcome.cause == "not-recorded"
        assert "84 6C refused: cancelled" in desk.said()
        assert desk.charges == []
        desk.journal.fails = False
        _paid(await desk.pay_with("tap"))

    on_desk(run)


@pytest.mark.promise("P1")
@BOTH
def test_a_slow_journal_is_bridged_by_still_issuing(transport: str) -> None:
    """84 9C until the caller has written; the pad repeats the same 04 0F every 2 s."""

    async def run(desk: Desk) -> None:
        desk.journal.delay_s = 7.0
        _paid(await desk.pay_with("tap"))
        assert "84 9C refused: busy" in desk.said()
        assert len(desk.journal.approvals) == 1
        assert desk.charges == PAID

    on_desk(run, transport)


@pytest.mark.promise("P1")
def test_a_journal_that_never_answers_is_not_waited_for_for_ever() -> None:
    async def run(desk: Desk) -> None:
        desk.journal.delay_s = 10_000.0
        outcome = await desk.pay_with("tap")
        assert isinstance(outcome, Refused)
        assert outcome.cause == "not-recorded"
        assert desk.charges == []

    on_desk(run)


def test_a_pad_that_repeats_only_a_few_times_reverses_and_we_say_so() -> None:
    async def run(desk: Desk) -> None:
        desk.journal.delay_s = 15.0
        outcome = await desk.pay_with("tap")
        assert isinstance(outcome, Refused)
        assert outcome.cause == "reversed"
        assert desk.charges == []

    on_desk(run, vending=False)


@pytest.mark.promise("P2")
@pytest.mark.parametrize("when", ["before_status", "before_ack", "after_ack"])
@pytest.mark.parametrize("knob", ["", "keep_on_loss", "repeat_after_cut"])
@BOTH
def test_a_lost_answer_is_unknown_until_the_pad_is_asked(transport: str, knob: str, when: str) -> None:
    async def run(desk: Desk) -> None:
        _paid(await desk.pay_with("tap"))
        mark = await desk.pad.mark()
        assert mark.receipt_no == "0001"
        if knob:
            desk.simulated.do(knob)
        desk.simulated.do("lose_answer", when=when)
        outcome = await desk.pay_with("tap")
        assert isinstance(outcome, Unknown)
        assert outcome.evidence["order"] == "order-1"
        truth = await desk.pad.resolve(FEN, mark, "order-1")
        assert not isinstance(truth, Unknown)
        assert desk.charges == PAID * (2 if isinstance(truth, Done) else 1)
        if when == "after_ack" or knob == "keep_on_loss":
            assert _paid(truth).receipt_no == "0002"
        elif not knob:
            assert isinstance(truth, Refused)
            assert truth.cause == "not-charged"

    on_desk(run, transport)


@pytest.mark.promise("P8")
def test_a_payment_without_end_is_unknown_and_then_found() -> None:
    async def run(desk: Desk) -> None:
        mark = await desk.pad.mark()
        desk.simulated.do("no_completion")
        outcome = await desk.pay_with("tap")
        assert isinstance(outcome, Unknown)
        assert outcome.evidence["receipt_no"] == "0001"
        assert _paid(await desk.pad.resolve(FEN, mark, "o")).receipt_no == "0001"
        assert desk.charges == PAID

    on_desk(run)


@pytest.mark.promise("P8")
@pytest.mark.parametrize("at", ["waiting", "settling"])
@pytest.mark.parametrize("kept", [False, True])
def test_a_pad_that_loses_power_in_a_payment(at: str, kept: bool) -> None:
    async def run(desk: Desk) -> None:
        desk.simulated.do("keep_on_loss", on=kept)
        desk.journal.delay_s = 1.0
        mark = await desk.pad.mark()

        async def pull() -> None:
            await desk.until("waiting")
            if at == "settling":
                desk.simulated.do("tap")
                await asyncio.sleep(1.0)
            desk.simulated.do("power_cycle")

        pulling = asyncio.create_task(pull())
        outcome = await desk.pay()
        await pulling
        assert isinstance(outcome, Unknown)
        truth = await desk.pad.resolve(FEN, mark, "o")
        if at == "settling" and kept:
            _paid(truth)
            assert desk.charges == PAID
        else:
            assert isinstance(truth, Refused)
            assert desk.charges == []

    on_desk(run)


@pytest.mark.promise("P8")
def test_a_dead_pad_leaves_the_outcome_unknown() -> None:
    async def run(desk: Desk) -> None:
        mark = await desk.pad.mark()

        async def die() -> None:
            await desk.person("tap")
            desk.simulated.do("silent")

        dying = asyncio.create_task(die())
        outcome = await desk.pay(deadline_s=30)
        await dying
        assert isinstance(outcome, Unknown)
        assert isinstance(await desk.pad.resolve(FEN, mark, "o", deadline_s=20), Unknown)
        desk.simulated.do("silent", on=False)
        assert isinstance(await desk.pad.resolve(FEN, mark, "o"), Refused)
        assert desk.charges == []

    on_desk(run)


def test_an_approval_of_another_amount_is_refused() -> None:
    async def run(desk: Desk) -> None:
        desk.simulated.do("other_amount", times=1)
        outcome = await desk.pay_with("tap")
        assert isinstance(outcome, Refused)
        assert outcome.cause == "amount-differs"
        assert desk.charges == []
        assert desk.journal.approvals == []

    on_desk(run)


@pytest.mark.promise("P2")
def test_a_repeated_approval_is_one_payment() -> None:
    async def run(desk: Desk) -> None:
        desk.simulated.do("double_status")
        _paid(await desk.pay_with("tap"))
        assert len(desk.journal.approvals) == 1
        assert desk.charges == PAID

    on_desk(run)


@pytest.mark.promise("P1")
def test_reversal_by_receipt_number_and_twice_is_once() -> None:
    async def run(desk: Desk) -> None:
        receipt = _paid(await desk.pay_with("tap")).receipt_no
        wrong = await desk.pad.reverse(receipt, FEN + 1)
        assert isinstance(wrong, Refused)
        assert (wrong.cause, desk.charges) == ("reversal-not-possible", PAID)
        done = await desk.pad.reverse(receipt, FEN)
        assert isinstance(done, Done)
        assert (done.value.already, done.value.fen) == (False, FEN)
        assert "REVERSAL" in done.value.receipt_lines
        again = await desk.pad.reverse(receipt, FEN)
        assert isinstance(again, Done)
        assert again.value.already
        assert desk.charges == []
        assert desk.simulated.state()["balance_fen"] == 0
        missing = await desk.pad.reverse("0999", FEN)
        assert isinstance(missing, Refused)

    on_desk(run)


@pytest.mark.promise("P8")
@pytest.mark.parametrize("direction", ["in", "out"])
def test_a_reversal_cut_anywhere_can_simply_be_repeated(direction: str) -> None:
    async def measure(desk: Desk) -> int:
        receipt = _paid(await desk.pay_with("tap")).receipt_no
        before = desk.scissors.passed[direction]
        await desk.pad.reverse(receipt, FEN)
        return desk.scissors.passed[direction] - before

    async def run(desk: Desk, at: int) -> None:
        receipt = _paid(await desk.pay_with("tap")).receipt_no
        desk.scissors.arm(direction, at)
        first = await desk.pad.reverse(receipt, FEN)
        if isinstance(first, Done):
            assert desk.charges == []
        await asyncio.sleep(10)
        second = await desk.pad.reverse(receipt, FEN)
        assert isinstance(second, Done), (at, first, second)
        assert desk.charges == []

    for at in range(on_desk(measure)):
        on_desk(lambda desk, at=at: run(desk, at))


def test_refund_gives_money_to_a_card() -> None:
    async def run(desk: Desk) -> None:
        _paid(await desk.pay_with("tap"))
        acting = asyncio.create_task(desk.person("tap"))
        outcome = await desk.pad.refund(500, order="r", on_prompt=desk.prompts.append, before_ack=desk.journal.write)
        await acting
        assert _paid(outcome).fen == 500
        assert desk.simulated.state()["balance_fen"] == FEN - 500

    on_desk(run)


def test_end_of_day_lock_and_mute() -> None:
    async def run(desk: Desk) -> None:
        _paid(await desk.pay_with("tap"))
        desk.simulated.do("end_of_day_fails")
        failed = await desk.pad.end_of_day()
        assert isinstance(failed, Refused)
        assert failed.cause == "end-of-day-failed"
        locked = await desk.pay()
        assert isinstance(locked, Refused)
        assert (locked.cause, locked.code) == ("end-of-day-needed", "F0")
        status = await desk.pad.poll()
        assert status.device is DeviceState.USER_ERROR
        assert not status.usable
        desk.simulated.do("end_of_day_fails", on=False)
        desk.simulated.do("mute", seconds=8)
        done = await desk.pad.end_of_day()
        assert isinstance(done, Done)
        assert done.value.fen == FEN
        assert (await desk.pad.poll()).fault is not None
        assert (await desk.pad.mark(deadline_s=30)).empty
        assert (await desk.pad.poll()).usable
        gone = await desk.pad.reverse("0001", FEN)
        assert isinstance(gone, Refused)

    on_desk(run)


def test_a_status_without_length_byte_at_the_end_of_the_day() -> None:
    async def run(desk: Desk) -> None:
        _paid(await desk.pay_with("tap"))
        desk.simulated.do("lengthless_totals")
        done = await desk.pad.end_of_day()
        assert isinstance(done, Done)
        assert done.value.fen == FEN

    on_desk(run)


@pytest.mark.promise("P8")
def test_after_the_end_of_day_a_lost_receipt_is_unknown_not_uncharged() -> None:
    async def run(desk: Desk) -> None:
        _paid(await desk.pay_with("tap"))
        mark = await desk.pad.mark()
        assert isinstance(await desk.pad.end_of_day(), Done)
        answer = await desk.pad.resolve(FEN, mark, "o")
        assert isinstance(answer, Unknown)
        assert answer.cause == "receipt-gone"
        empty = await desk.pad.resolve(FEN, ReceiptMark(), "o")
        assert isinstance(empty, Refused)
        assert isinstance(await desk.pad.resolve(FEN, None, "o"), Unknown)

    on_desk(run)

    async def closes(desk: Desk) -> None:
        assert isinstance(await desk.pad.resolve(FEN, ReceiptMark(), "o"), Unknown)

    on_desk(closes, closes_day=True)


@pytest.mark.parametrize(("code", "command"), [("51", "06 93"), ("62", "06 91"), ("C2", "06 70")])
def test_what_can_be_cured_without_money_is_cured_at_once(code: str, command: str) -> None:
    async def run(desk: Desk) -> None:
        desk.simulated.do("status_code", code=code)
        await desk.pad.open()
        assert desk.pad.status.device is DeviceState.ONLINE
        said = desk.said()
        assert any(words.startswith(command) for words in said)
        assert not any(words.startswith(("06 01", "06 50")) for words in said)

    on_desk(run)


@pytest.mark.parametrize(
    ("code", "state", "usable"),
    [
        ("DF", DeviceState.HARDWARE_ERROR, False),
        ("F0", DeviceState.USER_ERROR, False),
        ("B1", DeviceState.USER_ERROR, False),
        ("9C", DeviceState.BUSY, True),
        ("DC", DeviceState.ONLINE, True),
        ("E0", DeviceState.USER_ERROR, False),
    ],
)
def test_status_bytes_are_told_in_words(code: str, state: DeviceState, usable: bool) -> None:
    async def run(desk: Desk) -> None:
        desk.simulated.do("status_code", code=code)
        status = await desk.pad.poll()
        assert (status.device, status.usable) == (state, usable)
        if not usable:
            assert status.fault is not None
            assert status.fault.code == code
            outcome = await desk.pay()
            assert isinstance(outcome, Refused)
        desk.simulated.do("clear_faults")
        assert (await desk.pad.poll()).usable

    on_desk(run)


@pytest.mark.parametrize("knob", [("unsolicited_status", {}), ("byte_by_byte", {}), ("segment", {"size": 5})])
@BOTH
def test_dialects_of_the_wire(transport: str, knob: tuple[str, dict[str, Any]]) -> None:
    async def run(desk: Desk) -> None:
        desk.simulated.do(knob[0], **knob[1])
        await desk.pad.open()
        assert desk.pad.status.usable
        _paid(await desk.pay_with("tap"))
        assert desk.charges == PAID

    on_desk(run, transport)


@pytest.mark.parametrize("length", [0, 1, 2])
def test_completions_of_any_length(length: int) -> None:
    async def run(desk: Desk) -> None:
        desk.simulated.do("completion_length", length=length)
        _paid(await desk.pay_with("tap"))

    on_desk(run)


@pytest.mark.parametrize(("knob", "times"), [("nak", 2), ("bad_crc", 2)])
def test_a_noisy_serial_line_is_ridden_out(knob: str, times: int) -> None:
    async def run(desk: Desk) -> None:
        desk.simulated.do(knob, times=times)
        _paid(await desk.pay_with("tap"))
        assert desk.charges == PAID

    on_desk(run, "serial")


def test_a_serial_line_that_refuses_everything_before_the_payment_is_refused() -> None:
    async def run(desk: Desk) -> None:
        desk.simulated.do("nak", times=1000)
        outcome = await desk.pay()
        assert isinstance(outcome, Refused)
        assert desk.charges == []

    on_desk(run, "serial")


def test_an_idle_connection_that_the_pad_closes_is_opened_again() -> None:
    async def run(desk: Desk) -> None:
        desk.simulated.do("idle_close", seconds=1.5)
        for _ in range(3):
            await asyncio.sleep(5)
            assert (await desk.pad.poll()).usable
        await asyncio.sleep(5)
        _paid(await desk.pay_with("tap"))

    on_desk(run)


def test_another_protocol_on_the_port_is_named() -> None:
    async def run(desk: Desk) -> None:
        desk.simulated.do("wrong_protocol", times=1000)
        with pytest.raises(DeviceError, match="another protocol"):
            await desk.pad.open()
        outcome = await desk.pay()
        assert isinstance(outcome, Refused)
        desk.simulated.do("wrong_protocol", times=0)
        await desk.pad.open()
        assert desk.pad.status.usable

    on_desk(run)


def test_a_busy_pad_is_waited_for_and_then_refused() -> None:
    async def run(desk: Desk) -> None:
        desk.simulated.do("busy")
        outcome = await desk.pay()
        assert isinstance(outcome, Refused)
        assert (outcome.cause, outcome.again) == ("busy", True)
        with pytest.raises(NeedsPeople):
            await desk.pad.mark(deadline_s=4)

    on_desk(run)


def test_closing_during_a_payment_does_not_cut_it_off() -> None:
    """A supervisor that gives up on opening closes the device; a payment that runs then goes on."""

    async def run(desk: Desk) -> None:
        async def give_up() -> None:
            await desk.until("waiting")
            await desk.pad.close()
            desk.simulated.do("tap")

        giving_up = asyncio.create_task(give_up())
        _paid(await desk.pay())
        await giving_up
        assert desk.charges == PAID

    on_desk(run)


@pytest.mark.promise("P2")
def test_a_cancelled_caller_leaves_nothing_charged_that_is_not_booked() -> None:
    async def run(desk: Desk) -> None:
        mark = await desk.pad.mark()
        paying = asyncio.create_task(desk.pay())
        await desk.until("waiting")
        paying.cancel()
        await asyncio.wait({paying})
        assert paying.cancelled()
        assert isinstance(await desk.pad.resolve(FEN, mark, "o"), Refused)
        assert desk.charges == []
        _paid(await desk.pay_with("tap"))

    on_desk(run)


def test_diagnosis_and_abort_are_no_transactions() -> None:
    async def run(desk: Desk) -> None:
        assert await desk.pad.diagnose() == "ok"
        assert await desk.pad.abort() is False
        assert (await desk.pad.pad_status()).ready
        assert desk.simulated.ledger() == []

    on_desk(run)


def test_no_card_number_leaves_the_pad() -> None:
    from simulator.people import CITIZENS

    async def run(desk: Desk) -> None:
        approval = _paid(await desk.pay_with("tap", card="citizen-11"))
        pan = CITIZENS["citizen-11"].pan
        shown = repr((approval, desk.simulated.state(), desk.simulated.ledger(), list(desk.said()), desk.said("out")))
        assert pan not in shown
        assert approval.masked_card == "****" + pan[-4:]
        assert pan[:12] not in "".join(c.data.hex() for c in desk.simulated.wire)

    on_desk(run)


def test_verbs_and_options_say_what_they_want() -> None:
    async def run(desk: Desk) -> None:
        with pytest.raises(UnknownVerb, match="tap"):
            desk.simulated.do("levitate")
        with pytest.raises(ValueError, match="waits"):
            desk.simulated.do("tap")
        for verb, args in {
            "decline": {"code": "00"},
            "segment": {"size": -1},
            "lose_answer": {"when": "never"},
            "busy": {"what": 1},
            "auto": {"card": "nobody"},
        }.items():
            with pytest.raises(ValueError):
                desk.simulated.do(verb, **args)
        with pytest.raises(ValueError, match="amount"):
            await desk.pay(0)

    on_desk(run)
    for options in (
        {"currency": "XXX"},
        {"password": "1"},
        {"config": "XYZ"},
        {"speed": 1},
        {"vending": "yes"},
        {"t4_s": 0},
    ):
        with pytest.raises(ValueError, match=r"devices\.pad\.options"):
            PaymentPad("pad", "tcp://127.0.0.1:20007", options)


def test_state_tells_the_bench_what_it_shows() -> None:
    async def run(desk: Desk) -> None:
        paying = asyncio.create_task(desk.pay())
        await desk.until("waiting")
        state = desk.simulated.state()
        assert (state["amount_fen"], state["display"]) == (FEN, "PRESENT CARD")
        assert state["words"] == "waits for a card: CNY 12.10"
        desk.simulated.do("decline")
        assert desk.simulated.state()["faults"] == ["decline 05"]
        assert isinstance(await paying, Refused)
        (row,) = desk.simulated.ledger()
        assert (row["kind"], row["state"], row["fen"], row["code"]) == ("payment", "declined", FEN, "05")

    on_desk(run)
