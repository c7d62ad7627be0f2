"""The ECR end alone: its state table, its timers, and what it does with words that nobody waits for."""

from __future__ import annotations

import pytest

from drivers.payment_pad.events import (
    AbortAnswered,
    Aborted,
    Accepted,
    Completed,
    Event,
    Failed,
    Held,
    Printed,
    Prompted,
    Rejected,
    StatusCame,
    Stray,
)
from drivers.payment_pad.frames import (
    Abort,
    AbortCommand,
    Apdu,
    ApduReader,
    Authorisation,
    Completion,
    IntermediateStatus,
    LineFailed,
    PrintLine,
    ReadCard,
    RepeatReceipt,
    Reset,
    StatusEnquiry,
    StatusInformation,
    TcpLine,
    negative,
    positive,
)
from drivers.payment_pad.host import Approvals, Ecr, Timers

APPROVED = StatusInformation(0, 1210, 156, "0007", "000042", terminal_id="52523535")
DECLINED = StatusInformation(5, terminal_id="52523535")


class Bench:
    """An ECR and what it said."""

    def __init__(self, *, running: Approvals | None = None) -> None:
        self.ecr = Ecr(TcpLine(), Timers())
        self.now = 0.0
        if running is not None:
            self.ecr.start(0.0, Authorisation(1210, 156), running)
            self.said()
            assert self.hear(positive()) == [Accepted()]

    def hear(self, *units: Apdu) -> list[Event]:
        return self.ecr.receive(self.now, b"".join(u.encode() for u in units))

    def said(self) -> list[Apdu]:
        return ApduReader().feed(self.ecr.out())


def test_a_payment_by_the_table() -> None:
    b = Bench(running=Approvals.HELD)
    assert b.hear(IntermediateStatus(0x0A).apdu()) == [Prompted(0x0A)]
    assert b.said() == [positive()]
    assert b.hear(APPROVED.apdu()) == [Held(APPROVED)]
    assert b.said() == []
    assert b.ecr.holding
    assert b.ecr.accept(1.0)
    assert b.said() == [positive()]
    assert b.hear(PrintLine(0x80, "PAID").apdu()) == [Printed(("PAID",))]
    assert b.hear(Completion().apdu()) == [Completed(Completion())]
    assert b.said() == [positive(), positive()]
    assert b.ecr.idle
    assert b.ecr.wake_at is None


def test_every_command_of_the_pad_is_answered_in_every_state() -> None:
    words = [IntermediateStatus(1), DECLINED, Completion(), Abort(0x6C), PrintLine(0, "x")]
    for start in (None, "asked", "running", "holding"):
        for word in words:
            b = Bench(running=Approvals.HELD if start in ("running", "holding") else None)
            if start == "asked":
                b.ecr.start(0.0, StatusEnquiry())
                b.said()
            if start == "holding":
                b.hear(APPROVED.apdu())
            b.hear(word.apdu())
            assert b.said() == [positive()], (start, word)


def test_unknown_commands_and_fields_are_answered_84_83() -> None:
    b = Bench(running=Approvals.HELD)
    assert b.hear(Apdu(0x0401, b"\x01")) == []
    assert b.said() == [negative(0x83)]
    assert b.hear(Apdu(0x040F, b"\x27\x00\x4a\x00")) == []
    assert b.said() == [negative(0x83)]
    with pytest.raises(LineFailed, match="unreadable 040F"):
        b.hear(Apdu(0x040F, b"\x27"))


def test_refused_commands_and_commands_that_are_only_answered() -> None:
    b = Bench()
    b.ecr.start(0.0, Authorisation(1, 156), Approvals.HELD)
    assert b.hear(negative(0x9C)) == [Rejected(0x9C)]
    b.ecr.start(0.0, Reset())
    assert b.hear(Apdu(0x8400)) == [Completed(Completion())]
    b.ecr.start(0.0, ReadCard(15), Approvals.REPORTED)
    card = StatusInformation(0, card="****1234")
    assert b.hear(positive(), card.apdu()) == [Accepted(), StatusCame(card), Completed(Completion())]


def test_no_answer_to_a_command_within_t3() -> None:
    b = Bench()
    b.ecr.start(0.0, StatusEnquiry())
    assert b.ecr.wake_at == 5.0
    assert b.ecr.wake(4.9) == []
    assert b.ecr.wake(5.0) == [Failed("no-answer")]


def test_t4_is_started_again_by_every_word_of_the_pad() -> None:
    """Four minutes of PIN play (a library that did not do this broke long PIN entries)."""
    b = Bench(running=Approvals.HELD)
    for b.now in (100.0, 200.0, 240.0):
        b.hear(IntermediateStatus(0x02).apdu())
        assert b.ecr.wake_at == b.now + 180.0
    b.hear(IntermediateStatus(0x02, 5).apdu())
    assert b.ecr.wake_at == 240.0 + 300.0
    b.hear(DECLINED.apdu())
    assert b.ecr.wake_at == 540.0


def test_silence_for_t4_makes_us_ask_for_an_end_and_then_give_up() -> None:
    b = Bench(running=Approvals.HELD)
    assert b.ecr.wake(180.0) == []
    assert b.said() == [AbortCommand().apdu()]
    assert b.ecr.wake(209.0) == []
    assert b.ecr.wake(210.0) == [Failed("silent")]


def test_abort_accepted_refused_and_too_early() -> None:
    b = Bench(running=Approvals.HELD)
    b.ecr.abort(1.0)
    b.ecr.abort(2.0)
    assert b.said() == [AbortCommand().apdu()]
    assert b.hear(positive()) == [AbortAnswered(True)]
    assert b.hear(Abort(0x6C).apdu()) == [Aborted(Abort(0x6C))]
    b = Bench(running=Approvals.HELD)
    b.ecr.abort(1.0)
    assert b.hear(negative(0x83)) == [AbortAnswered(False)]
    assert b.hear(APPROVED.apdu()) == [Held(APPROVED)]
    b = Bench()
    b.ecr.start(0.0, Authorisation(1, 156), Approvals.HELD)
    b.ecr.abort(0.1)
    b.said()
    b.hear(positive())
    assert b.said() == [AbortCommand().apdu()]


@pytest.mark.promise("P1")
def test_an_approval_is_never_acknowledged_by_itself() -> None:
    b = Bench(running=Approvals.HELD)
    b.hear(APPROVED.apdu())
    assert b.said() == []
    assert b.hear(APPROVED.apdu()) == []
    assert b.said() == [negative(0x9C)]
    assert not b.ecr.accept(1.0)
    assert b.said() == []


def test_postponed_repeated_accepted() -> None:
    b = Bench(running=Approvals.HELD)
    b.hear(APPROVED.apdu())
    b.ecr.postpone(1.5)
    assert b.said() == [negative(0x9C)]
    assert b.hear(APPROVED.apdu()) == [Held(APPROVED, again=True)]
    b.ecr.refuse(2.0)
    assert b.said() == [negative(0x6C)]


@pytest.mark.promise("P2")
def test_an_approval_that_was_acknowledged_is_acknowledged_again_when_it_is_repeated() -> None:
    b = Bench(running=Approvals.HELD)
    b.hear(APPROVED.apdu())
    b.ecr.accept(1.0)
    b.said()
    assert b.hear(APPROVED.apdu()) == [StatusCame(APPROVED)]
    assert b.said() == [positive()]


def test_the_pad_takes_a_held_approval_back() -> None:
    b = Bench(running=Approvals.HELD)
    b.hear(APPROVED.apdu())
    gone = StatusInformation(0x6C)
    assert b.hear(gone.apdu()) == [StatusCame(gone)]
    assert b.said() == [positive()]
    assert not b.ecr.accept(2.0)
    assert b.said() == []


@pytest.mark.promise("P1")
@pytest.mark.parametrize("known", [False, True])
def test_an_approval_of_a_payment_that_was_cut_off(known: bool) -> None:
    """After a reconnect the pad says it again: accepted when it is recorded, else reversed. Never in silence."""
    b = Bench()
    if known:
        b.ecr.known.add(APPROVED.key)
    b.ecr.start(0.0, StatusEnquiry())
    b.said()
    assert b.hear(APPROVED.apdu()) == [Stray(APPROVED, known)]
    assert b.said() == [positive() if known else negative(0x6C)]
    assert b.hear(Completion().apdu()) == []
    assert b.hear(positive(), Completion(0, bare=True).apdu()) == [Accepted(), Completed(Completion(0, bare=True))]


def test_a_repeated_receipt_is_a_report_not_money() -> None:
    b = Bench()
    b.ecr.start(0.0, RepeatReceipt(), Approvals.REPORTED)
    b.said()
    assert b.hear(positive(), APPROVED.apdu()) == [Accepted(), StatusCame(APPROVED)]
    assert b.said() == [positive()]


def test_answers_nobody_asked_for_change_nothing() -> None:
    b = Bench(running=Approvals.HELD)
    assert b.hear(positive(), negative(0x9C), positive()) == []
    assert b.hear(Completion().apdu()) == [Completed(Completion())]
    assert b.hear(positive(), Completion().apdu()) == []
