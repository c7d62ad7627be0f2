"""Money that is owed: pursued over days and restarts, at the pad while that can, then through the platform."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from drivers.errors import LinkLost
from drivers.outcome import Done, Outcome, Refused, Unknown
from drivers.payment_pad.approval import Approval, ReceiptMark, Reversal
from kiosk.cli.money import app as cli
from kiosk.clock import Clock
from kiosk.duties.outbox import Outbox
from kiosk.intents import State
from kiosk.journal import Journal
from kiosk.keys import MachineKey
from kiosk.money.charging import Money
from kiosk.money.holds import served
from kiosk.money.refunds import Refunds
from kiosk.money.settlement_marks import PAD_DAY_END
from kiosk.platform.errors import NoReply, Problem, Unreachable
from kiosk.platform.paying import Refund
from kiosk.recovery import Settler
from simulator.virtual_time import run_virtual

pytestmark = pytest.mark.promise("P1")
EPOCH = 1_795_000_000.0
DAY_S = 86_400.0
FEE = 2000


class Pad:
    """Does as told; `said` is what the next reversals, bookings and releases answer, the last one for ever."""

    def __init__(self, *, holds: bool = False) -> None:
        self.holds = holds
        self.said: list[Outcome[Reversal] | Exception] = [Done(Reversal("0007", FEE))]
        self.held: list[str] = ["0007"]
        self.asked: list[str] = []

    async def mark(self) -> ReceiptMark:
        return ReceiptMark("0006", "000011")

    async def authorise(self, fen: int, *, before_ack: Any, **_: Any) -> Outcome[Approval]:
        approval = Approval(fen, "0007", "000012", "", "", "", "************1234", "", "", 0)
        await before_ack(approval)
        return Done(approval)

    async def _answer(self, what: str) -> Outcome[Reversal]:
        self.asked.append(what)
        answer = self.said.pop(0) if len(self.said) > 1 else self.said[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def reverse(self, receipt_no: str, fen: int) -> Outcome[Reversal]:
        return await self._answer("reverse")

    async def book(self, receipt_no: str, held_fen: int, fen: int) -> Outcome[Reversal]:
        return await self._answer("book")

    async def release(self, receipt_no: str) -> Outcome[Reversal]:
        return await self._answer("release")

    async def open_holds(self) -> list[str]:
        return self.held


class Bank:
    """The platform's refunds: its answers in order, the last one for ever; `given` is what really went back."""

    def __init__(self) -> None:
        self.answers: list[str | Exception] = ["DONE"]
        self.given: dict[str, int] = {}
        self.seen: list[str] = []
        self.order_state = "PAID"
        self.paying = self

    async def refund(self, refund_no: str, order: str, fen: int, reason: str) -> Refund:
        return self._answer(refund_no, order, fen)

    async def refund_state(self, refund_no: str) -> Refund:
        if refund_no not in self.seen:
            raise Problem("not-found", 404, retryable=False)
        return self._answer(refund_no, "o-1", FEE)

    def _answer(self, refund_no: str, order: str, fen: int) -> Refund:
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        self.seen.append(refund_no)
        if answer == "DONE":
            self.given[refund_no] = fen
        return Refund(refund_no, order, fen, answer)  # type: ignore[arg-type]  # one of the contract's words

    async def order(self, order_id: str) -> Any:
        class Order:
            state = self.order_state

        return Order()


class Order:
    """As far as money asks."""

    id = "o-1"
    fen = FEE


class Life:
    """One life of the terminal's process over a journal."""

    def __init__(self, folder: Path, pad: Pad, bank: Bank) -> None:
        loop = asyncio.get_running_loop()
        self.clock = Clock(EPOCH + loop.time())
        self.journal = Journal(folder / "journal.db", self.clock)
        platform: Any = bank
        device: Any = pad
        outbox = Outbox(self.journal, MachineKey.load(folder / "machine.key"))
        self.refunds = Refunds(self.journal, platform, self.clock.monotonic)
        self.money = Money(self.journal, outbox, device, self.refunds)
        self.settler = Settler(self.journal, self.money, object(), lambda: "", None, self.refunds)  # type: ignore[arg-type]  # nothing is printed

    async def __aenter__(self) -> Life:
        await self.journal.open()
        self._task = asyncio.ensure_future(self.settler.run())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        await self.journal.close()

    async def charge(self) -> None:
        order: Any = Order()
        outcome = await self.money.charge(
            "v-1", "chg-0001", order, on_prompt=lambda _: None, cancel=asyncio.Event(), deadline_s=60
        )
        assert isinstance(outcome, Done)

    async def state(self) -> State:
        intent = await self.journal.intent("chg-0001")
        assert intent is not None
        return intent.state


def test_over_five_days_and_restarts_until_the_money_is_back(tmp_path: Path) -> None:
    """Day 1 the pad refuses, then its day ends; days 2 to 4 the platform is away, silent, refuses; day 5 it is done."""
    pad, bank = Pad(), Bank()
    pad.said = [Refused("no-line", "", "9B"), Refused("reversal-not-possible", "", "B5")]

    async def story() -> None:
        for day in range(1, 6):
            async with Life(tmp_path, pad, bank) as life:
                if day == 1:
                    await life.charge()
                    assert not await life.money.give_back("chg-0001")
                    assert await life.state() is State.OWED
                    bank.answers = [Unreachable("down")]
                elif day == 2:
                    bank.answers = [NoReply("lost")]
                elif day == 3:
                    bank.answers = ["REFUSED"]
                elif day == 4:
                    bank.answers = ["PROCESSING"]
                else:
                    bank.answers = ["PROCESSING", "DONE"]
                await asyncio.sleep(DAY_S)
                if day < 5:
                    assert await life.state() in (State.OWED, State.REFUNDING), f"day {day}"
                    assert not life.money.locked, "what is owed to one citizen keeps nobody else from paying"
        assert list(bank.given.values()) == [FEE], "exactly once"
        async with Life(tmp_path, pad, bank) as life:
            assert await life.state() is State.REVERSED
            assert len(await life.journal.entries(limit=5000)) < 400, "five days of trying fit into few entries"

    run_virtual(story())
    assert pad.asked.count("reverse") == 2, "after B5 the pad is not asked again"


def test_a_bright_day_reverses_at_the_pad_at_once(tmp_path: Path) -> None:
    async def story() -> None:
        async with Life(tmp_path, Pad(), bank := Bank()) as life:
            await life.charge()
            assert await life.money.give_back("chg-0001")
            assert await life.money.give_back("chg-0001"), "again is harmless"
            assert bank.given == {}

    run_virtual(story())


def test_after_the_days_end_the_pad_is_not_asked_for_an_older_payment(tmp_path: Path) -> None:
    pad, bank = Pad(), Bank()

    async def story() -> None:
        async with Life(tmp_path, pad, bank) as life:
            await life.charge()
            await asyncio.sleep(1)
            await life.journal.note("", PAD_DAY_END, {"day": "2026-11-18", "outcome": "done"})
            assert await life.money.give_back("chg-0001")

    run_virtual(story())
    assert pad.asked == [], "its receipt numbers may begin again"
    assert list(bank.given.values()) == [FEE]


@pytest.mark.promise("P8")
def test_a_reversal_without_an_answer_is_repeated_and_never_refunded_beside(tmp_path: Path) -> None:
    pad, bank = Pad(), Bank()
    pad.said = [Unknown("silent"), LinkLost("cable"), Done(Reversal("0007", FEE, already=True))]

    async def story() -> None:
        async with Life(tmp_path, pad, bank) as life:
            await life.charge()
            assert not await life.money.give_back("chg-0001")
            assert await life.state() is State.REVERSING
            await asyncio.sleep(600)
            assert await life.state() is State.REVERSED

    run_virtual(story())
    assert bank.given == {}


@pytest.mark.promise("P8")
def test_a_reversal_in_doubt_when_the_day_ended_waits_for_a_clerk(tmp_path: Path) -> None:
    pad, bank = Pad(), Bank()
    pad.said = [Unknown("silent")]

    async def story() -> None:
        async with Life(tmp_path, pad, bank) as life:
            await life.charge()
            await life.money.give_back("chg-0001")
            await asyncio.sleep(1)
            await life.journal.note("", PAD_DAY_END, {"day": "2026-11-18", "outcome": "done"})
            await asyncio.sleep(DAY_S)
            assert await life.state() is State.OWED
            assert bank.given == {}, "perhaps it was reversed: a refund could be the second one"
        found = CliRunner().invoke(cli, ["owed", str(tmp_path / "journal.db")])
        assert found.exit_code == 1
        assert "20.00 yuan" in found.output
        assert "at the counter" in found.output
        async with Life(tmp_path, pad, bank) as life:
            bank.order_state = "REFUNDED"
            await asyncio.sleep(DAY_S)
            assert await life.state() is State.REVERSED

    run_virtual(story())
    found = CliRunner().invoke(cli, ["owed", str(tmp_path / "journal.db")])
    assert (found.exit_code, found.output.strip()) == (0, "nothing is owed, nothing is in doubt")


# Money that is only held


def test_what_is_held_is_booked_once_the_service_was_given(tmp_path: Path) -> None:
    pad = Pad(holds=True)
    pad.said = [Unknown("silent"), Done(Reversal("0007", 0))]

    async def story() -> None:
        async with Life(tmp_path, pad, Bank()) as life:
            await life.charge()
            assert await life.state() is State.HELD
            assert pad.asked == []
            await life.journal.write(lambda w: served(w, "chg-0001"))
            await asyncio.sleep(300)
            assert await life.state() is State.DONE

    run_virtual(story())
    assert pad.asked == ["book", "book"]


@pytest.mark.parametrize(
    "said",
    [
        [Done(Reversal("0007", FEE))],
        [Unknown("silent"), Done(Reversal("0007", FEE))],
        [LinkLost("cable"), Done(Reversal("0007", FEE))],
    ],
)
def test_what_is_held_is_released_when_it_was_not(tmp_path: Path, said: list[Any]) -> None:
    pad = Pad(holds=True)
    pad.said = said

    async def story() -> None:
        async with Life(tmp_path, pad, Bank()) as life:
            await life.charge()
            await life.money.give_back("chg-0001")
            await asyncio.sleep(600)
            assert await life.state() is State.REVERSED

    run_virtual(story())
    assert set(pad.asked) == {"release"}


def test_a_hold_after_a_power_cut_is_released(tmp_path: Path) -> None:
    pad = Pad(holds=True)

    async def story() -> None:
        async with Life(tmp_path, pad, Bank()) as life:
            life._task.cancel()
            await life.charge()
        async with Life(tmp_path, pad, Bank()) as life:
            await asyncio.sleep(60)
            assert await life.state() is State.REVERSED

    run_virtual(story())


def test_a_service_given_meanwhile_is_not_undone(tmp_path: Path) -> None:
    """Who settles may have looked at the intent before its submission was accepted."""
    pad = Pad(holds=True)
    pad.said = [Done(Reversal("0007", 0))]

    async def story() -> None:
        async with Life(tmp_path, pad, Bank()) as life:
            await life.charge()
            await life.journal.write(lambda w: served(w, "chg-0001"))
            assert not await life.money.give_back("chg-0001")
            assert await life.state() is State.DONE

    run_virtual(story())
    assert pad.asked == ["book"]


def test_a_hold_that_is_gone_before_it_was_booked_is_shown_to_a_person(tmp_path: Path) -> None:
    pad = Pad(holds=True)
    pad.said, pad.held = [Refused("hold-unknown", "", "B8")], []

    async def story() -> None:
        async with Life(tmp_path, pad, Bank()) as life:
            await life.charge()
            await life.money.serve("chg-0001")
            assert await life.state() is State.LAPSED

    run_virtual(story())
    found = CliRunner().invoke(cli, ["owed", str(tmp_path / "journal.db")])
    assert (found.exit_code, "nothing held any more" in found.output) == (1, True)


def test_a_wrong_file_is_said_with_what_to_do(tmp_path: Path) -> None:
    for verb in ("owed", "reconcile"):
        found = CliRunner().invoke(cli, [verb, str(tmp_path / "none.db")])
        assert found.exit_code == 2
        assert "give the terminal's journal.db" in found.output
