"""Any mixture of people, dialects, journals and cuts: the driver says what the bank's ledger says, every time."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))  # importlib mode gives tests no package to import each other from
from pad_support import FEN, Desk, on_desk

from drivers.links.memory import MemoryPort
from drivers.outcome import Done, Unknown
from drivers.payment_pad.approval import ReceiptMark
from drivers.payment_pad.frames import StatusInformation
from drivers.payment_pad.verdict import conclude

ACTS: dict[str, tuple[str, dict[str, str]]] = {
    "tap": ("tap", {}),
    "pin": ("insert", {"pin": "1234"}),
    "wrong pin": ("insert", {"pin": "wrong"}),
    "wrong pin, then right": ("insert", {"pin": "wrong-then-right"}),
    "declined": ("decline", {"code": "05"}),
    "red key": ("cancel_key", {}),
}
KNOBS = (
    *("keep_on_loss", "repeat_after_cut", "late_approval", "unsolicited_status", "double_status"),
    *("byte_by_byte", "no_completion", "other_amount", "nothing"),
)


@dataclass(frozen=True)
class Story:
    """One payment as it went."""

    act: str
    knobs: frozenset[str]
    lose: str
    ending: str
    journal_s: float
    journal_fails: bool
    cancel_after: float | None
    cut: tuple[str, int, bool] | None


stories = st.builds(
    Story,
    st.sampled_from((*ACTS, "tap", "tap", "nobody")),
    st.frozensets(st.sampled_from(KNOBS), max_size=3),
    st.sampled_from(("", "", "", "before_status", "before_ack", "after_ack")),
    st.sampled_from(("abort", "completion", "bare")),
    st.sampled_from((0.0, 0.1, 3.0, 30.0)),
    st.booleans().map(lambda b: b) | st.just(False),
    st.none() | st.floats(0.0, 6.0),
    st.none() | st.tuples(st.sampled_from(("in", "out")), st.integers(0, 400), st.booleans()),
)


async def _live(desk: Desk, story: Story) -> None:
    simulated, pad = desk.simulated, desk.pad
    simulated.do("clear_faults")
    for knob in story.knobs - {"nothing"}:
        simulated.do(knob)
    simulated.do("decline_ending", how=story.ending)
    if story.lose:
        simulated.do("lose_answer", when=story.lose)
    desk.journal.delay_s, desk.journal.fails = story.journal_s, story.journal_fails
    before = len(desk.charges)
    mark = await pad.mark()
    cancel = asyncio.Event()
    if story.cut:
        desk.scissors.arm(story.cut[0], story.cut[1], silent=story.cut[2])
    if story.cancel_after is not None:
        asyncio.get_running_loop().call_later(story.cancel_after, cancel.set)
    acting = asyncio.create_task(_act(desk, story.act))
    outcome = await pad.authorise(
        FEN, order="o", on_prompt=desk.prompts.append, before_ack=desk.journal.write, deadline_s=40, cancel=cancel
    )
    acting.cancel()
    await asyncio.wait({acting})
    desk.scissors.left = None
    first = outcome
    for _ in range(3):
        if isinstance(outcome, Unknown):
            outcome = await pad.resolve(FEN, mark, "o")
    await asyncio.sleep(60)
    new = desk.charges[before:]
    other = "other_amount" in story.knobs and bool(new)
    if not other:
        assert not isinstance(outcome, Unknown), (story, first, outcome, new)
        assert new == ([(FEN, "booked")] if isinstance(outcome, Done) else []), (story, first, outcome, new)
    else:
        # Only a pad that keeps what we refused can charge another amount; that is never called done or not charged.
        assert isinstance(outcome, Unknown), (story, first, outcome, new)


async def _act(desk: Desk, act: str) -> None:
    if act in ACTS:
        verb, args = ACTS[act]
        await desk.person(verb, **args)


@pytest.mark.promise("P1")
@pytest.mark.promise("P2")
@pytest.mark.promise("P8")
@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.sampled_from(("tcp", "serial")), st.lists(stories, min_size=1, max_size=3))
def test_the_word_of_the_driver_is_the_truth_of_the_ledger(transport: str, lives: list[Story]) -> None:
    MemoryPort.ports.clear()

    async def run(desk: Desk) -> None:
        for story in lives:
            await _live(desk, story)

    on_desk(run, transport)


MARK = ReceiptMark("0007", "000042", "101500", "1121", "52523535")


def _last(**more: object) -> StatusInformation:
    found = {"result": 0, "amount": FEN, "receipt_no": "0008", "trace": "000043", "terminal_id": "52523535"}
    return StatusInformation(**{**found, **more})  # type: ignore[arg-type]  # fields by name


@pytest.mark.promise("P8")
@pytest.mark.parametrize(
    ("before", "last", "verdict", "cause"),
    [
        (MARK, _last(), "Done", ""),
        (MARK, _last(receipt_no="0007", trace="000042", time="101500", date="1121"), "Refused", "not-charged"),
        (MARK, _last(receipt_no="0007", trace="000042", time="101501", date="1121"), "Unknown", "order-unclear"),
        (MARK, _last(receipt_no="0006", trace="000041"), "Unknown", "order-unclear"),
        (MARK, _last(amount=FEN + 1), "Unknown", "other-amount"),
        (MARK, _last(result=0x6C), "Refused", "not-charged"),
        (MARK, _last(terminal_id="11111111"), "Unknown", "other-pad"),
        (MARK, None, "Unknown", "receipt-gone"),
        (ReceiptMark(), None, "Refused", "not-charged"),
        (ReceiptMark(), _last(), "Done", ""),
        (None, _last(), "Unknown", "no-mark"),
        (None, None, "Unknown", "no-mark"),
        (ReceiptMark("9999", "999999", "", "", ""), _last(receipt_no="0001", trace="000001"), "Done", ""),
        (ReceiptMark("9999"), _last(receipt_no="0001", trace=""), "Done", ""),
    ],
)
def test_what_a_mark_and_the_last_receipt_prove(
    before: ReceiptMark | None, last: StatusInformation | None, verdict: str, cause: str
) -> None:
    outcome = conclude(FEN, before, last, nothing_booked=True, order="o")
    assert type(outcome).__name__ == verdict
    assert getattr(outcome, "cause", "") == cause
    if last is None and before is not None:
        assert isinstance(conclude(FEN, before, None, nothing_booked=False, order="o"), Unknown)
