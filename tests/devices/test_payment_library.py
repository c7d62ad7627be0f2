"""A bank's library as the payment pad: real calls into a library of ours that behaves as badly as it is told."""

from __future__ import annotations

import asyncio
import subprocess
import time
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from drivers.device import DeviceState
from drivers.errors import NeedsPeople, PortMissing, Unsupported
from drivers.outcome import Done, Refused, Unknown
from drivers.payment_library.driver import PaymentLibrary
from drivers.payment_pad.approval import Approval, ReceiptMark
from drivers.registry import load_as
from kiosk.clock import WEIHAI

FEN = 2000
NOON = datetime(2026, 11, 21, 12, 0, tzinfo=WEIHAI)
KINDS: dict[str, Any] = {
    "pos": "POS00001", "operator": "OPER01", "settle_s": 0.0, "voided": ["Y1"], "empty": ["X1"], "quick_s": 5.0,
}  # fmt: skip


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The library, made by gcc."""
    out = tmp_path_factory.mktemp("vendor") / "libbank.so"
    source = Path(__file__).with_name("bank_vendor.c")
    subprocess.run(["gcc", "-shared", "-fPIC", "-O1", "-o", out, source], check=True, capture_output=True, timeout=60)
    return out.read_bytes()


class Desk:
    """The library in a folder of its own, and the driver."""

    def __init__(self, folder: Path, compiled: bytes, **options: Any) -> None:
        self.folder = folder
        self.now = NOON
        self.library = folder / "libbank.so"
        self.library.write_bytes(compiled)
        self.noted: list[Approval] = []
        self.prompts: list[str] = []
        self.disk_fails = False
        self.pad = self.made(**options)

    def made(self, **options: Any) -> PaymentLibrary:
        """A driver, as after a restart of the terminal."""
        return PaymentLibrary("pad", f"library://{self.library}", {**KINDS, **options}, clock=lambda: self.now)

    def mood(self, word: str) -> None:
        """How the library behaves from now on."""
        (self.folder / "mood").write_text(word)

    @property
    def totals(self) -> tuple[int, int, int]:
        """(charged, held, sign-ins) by the bank's own books."""
        file = self.folder / "totals"
        charged, held, signed_in = file.read_text().split() if file.exists() else ("0", "0", "0")
        return int(charged), int(held), int(signed_in)

    async def before_ack(self, approval: Approval) -> None:
        """The journal."""
        if self.disk_fails:
            raise OSError("no space left")
        self.noted.append(approval)

    async def pay(self, fen: int = FEN, deadline_s: float = 5.0) -> Any:
        """One payment."""
        return await self.pad.authorise(
            fen, order="o-1", on_prompt=self.prompts.append, before_ack=self.before_ack, deadline_s=deadline_s
        )


@pytest.fixture
async def desk(tmp_path: Path, compiled: bytes) -> AsyncIterator[Desk]:
    """A desk whose pad is open."""
    desk = Desk(tmp_path, compiled)
    await desk.pad.open()
    yield desk
    await desk.pad.close()


async def test_a_sale_is_paid_and_reversed_by_its_voucher(desk: Desk) -> None:
    assert desk.pad.status.device is DeviceState.ONLINE
    assert await desk.pad.mark() == ReceiptMark()
    outcome = await desk.pay()
    assert isinstance(outcome, Done)
    assert outcome.value.receipt_no == "000001-000000000501-20261121"
    assert (outcome.value.fen, outcome.value.masked_card) == (FEN, "************1234")
    assert desk.noted == [outcome.value]
    assert desk.prompts == ["present-card"]
    assert desk.totals == (FEN, 0, 1)
    assert (await desk.pad.mark()).receipt_no == outcome.value.receipt_no
    undone = await desk.pad.reverse(outcome.value.receipt_no, FEN)
    assert isinstance(undone, Done)
    assert not undone.value.already
    again = await desk.pad.reverse(outcome.value.receipt_no, FEN)
    assert isinstance(again, Done)
    assert again.value.already
    assert desk.totals[0] == 0


async def test_a_decline_says_why_and_takes_nothing(desk: Desk) -> None:
    desk.mood("decline")
    outcome = await desk.pay()
    assert outcome == Refused("insufficient", "The account does not hold enough.", "51", again=True)
    assert desk.totals[0] == 0
    assert desk.noted == []


@pytest.mark.promise("P2", "P8")
@pytest.mark.parametrize(
    ("mood", "charged"),
    [
        ("crash-before", False), ("hang-before", False), ("crash-after", True), ("hang-after", True), ("exit", True),
        ("echo", True), ("short", True), ("bytes", True), ("returns", True),
    ],
)  # fmt: skip
async def test_what_nobody_can_say_is_unknown_until_the_last_transaction_says_it(
    tmp_path: Path, compiled: bytes, mood: str, charged: bool
) -> None:
    desk = Desk(tmp_path, compiled, success=[0])
    await desk.pad.open()
    mark = await desk.pad.mark()
    desk.mood(mood)
    began = time.monotonic()
    outcome = await desk.pay(deadline_s=1.0)
    assert isinstance(outcome, Unknown), outcome
    assert time.monotonic() - began < 4
    assert desk.totals[0] == (FEN if charged else 0)
    assert desk.noted == []
    desk.mood("")
    settled = await desk.made().resolve(FEN, mark, "o-1")
    if charged:
        assert isinstance(settled, Done)
        assert settled.value.fen == FEN
        assert isinstance(await desk.pad.reverse(settled.value.receipt_no, FEN), Done)
        assert desk.totals[0] == 0
    else:
        assert isinstance(settled, Refused)
        assert settled.cause == "not-charged"
    await desk.pad.close()


@pytest.mark.promise("P2")
async def test_no_proves_nothing_while_the_pad_may_still_be_at_work(tmp_path: Path, compiled: bytes) -> None:
    desk = Desk(tmp_path, compiled, settle_s=1.5)
    await desk.pad.open()
    mark = await desk.pad.mark()
    desk.mood("hang-before")
    assert isinstance(await desk.pay(deadline_s=0.5), Unknown)
    desk.mood("")
    status = await desk.pad.poll()
    assert status.fault is not None
    assert status.fault.cause == "at-work"
    assert not status.usable
    with pytest.raises(NeedsPeople):
        await desk.pad.mark()
    first = await desk.pad.resolve(FEN, mark, "o-1")
    assert isinstance(first, Unknown)
    assert first.cause == "pad-at-work"
    refused = await desk.pay()
    assert isinstance(refused, Refused)
    assert refused.cause == "busy"
    await asyncio.sleep(1.6)
    assert (await desk.pad.poll()).usable
    restarted = desk.made(settle_s=1.0)
    await restarted.open()
    assert restarted.status.usable
    early = await restarted.resolve(FEN, mark, "o-1")
    assert isinstance(early, Unknown)
    assert early.cause == "pad-at-work"
    await asyncio.sleep(1.1)
    assert isinstance(await restarted.resolve(FEN, mark, "o-1"), Refused)
    assert isinstance(await desk.pad.resolve(FEN, mark, "o-1"), Refused)
    assert isinstance(await desk.pay(), Done)


@pytest.mark.promise("P1")
async def test_an_approval_that_cannot_be_recorded_is_voided_at_once(desk: Desk) -> None:
    desk.disk_fails = True
    outcome = await desk.pay()
    assert isinstance(outcome, Refused)
    assert outcome.cause == "not-recorded"
    assert desk.totals[0] == 0


@pytest.mark.promise("P8")
async def test_an_approval_that_can_be_neither_recorded_nor_voided_is_unknown(desk: Desk) -> None:
    desk.disk_fails = True
    desk.mood("void-refused")
    outcome = await desk.pay()
    assert isinstance(outcome, Unknown)
    assert outcome.evidence["receipt_no"] == "000001-000000000501-20261121"


async def test_another_amount_is_voided(desk: Desk) -> None:
    desk.mood("less")
    outcome = await desk.pay()
    assert isinstance(outcome, Refused)
    assert outcome.cause == "amount-differs"
    assert desk.totals[0] == 0


async def test_a_void_that_hangs_is_asked_again(tmp_path: Path, compiled: bytes) -> None:
    desk = Desk(tmp_path, compiled, quick_s=1.0)
    await desk.pad.open()
    paid = await desk.pay()
    desk.mood("void-hang")
    assert isinstance(await desk.pad.reverse(paid.value.receipt_no, FEN), Unknown)
    desk.mood("")
    again = await desk.pad.reverse(paid.value.receipt_no, FEN)
    assert isinstance(again, Done)
    assert again.value.already
    assert desk.totals[0] == 0


async def test_signing_in_comes_first_and_once_a_day(desk: Desk) -> None:
    await desk.pad.poll()
    await desk.pay()
    assert desk.totals[2] == 1
    desk.now += timedelta(days=1)
    await desk.pad.poll()
    assert desk.totals[2] == 2
    assert await desk.pad.diagnose() == "ok"
    assert desk.totals[2] == 3
    desk.mood("keys")
    assert await desk.pad.diagnose() == "keys-missing"


async def test_a_bank_that_refuses_to_sign_in_keeps_the_pad_out_of_use(tmp_path: Path, compiled: bytes) -> None:
    desk = Desk(tmp_path, compiled)
    desk.mood("keys")
    with pytest.raises(NeedsPeople, match="sign in"):
        await desk.pad.open()
    refused = await desk.pay()
    assert isinstance(refused, Refused)
    assert desk.totals[0] == 0


async def test_a_sale_of_yesterday_is_not_voided_but_refunded_where_the_profile_says_so(
    tmp_path: Path, compiled: bytes
) -> None:
    desk = Desk(tmp_path, compiled)
    await desk.pad.open()
    paid = await desk.pay()
    assert isinstance(await desk.pad.end_of_day(), Done)
    desk.now += timedelta(days=1)
    late = await desk.pad.reverse(paid.value.receipt_no, FEN)
    assert isinstance(late, Refused)
    assert late.cause == "day-closed"
    desk.pad = desk.made(late_void="refund")
    await desk.pad.open()
    assert isinstance(await desk.pad.reverse(paid.value.receipt_no, FEN), Done)
    assert desk.totals[0] == 0


async def test_a_refund_goes_to_the_payment_of_its_order(desk: Desk) -> None:
    async def refund(order: str) -> Any:
        return await desk.pad.refund(FEN, order=order, on_prompt=desk.prompts.append, before_ack=desk.before_ack)

    assert (await refund("o-1")).cause == "no-original"
    await desk.pay()
    assert isinstance(await refund("o-1"), Done)
    assert desk.totals[0] == 0


async def test_money_that_is_held_is_booked_or_freed(tmp_path: Path, compiled: bytes) -> None:
    desk = Desk(tmp_path, compiled, mode="hold")
    await desk.pad.open()
    assert desk.pad.holds
    held = await desk.pay(5000)
    assert desk.totals[:2] == (0, 5000)
    assert held.value.receipt_no.endswith("-H5000")
    booked = await desk.pad.book(held.value.receipt_no, 5000, 3000)
    assert isinstance(booked, Done)
    assert booked.value.fen == 2000
    assert desk.totals[:2] == (3000, 0)
    second = await desk.pay(1000)
    assert isinstance(await desk.pad.release(second.value.receipt_no), Done)
    third = await desk.pay(700)
    assert isinstance(await desk.pad.reverse(third.value.receipt_no, 700), Done)
    assert desk.totals[:2] == (3000, 0)
    assert isinstance(await desk.pad.undo_booking(held.value.receipt_no, 3000), Done)
    assert desk.totals[:2] == (0, 0)
    with pytest.raises(Unsupported):
        await desk.pad.open_holds()


async def test_a_held_payment_that_was_cut_is_found_as_held(tmp_path: Path, compiled: bytes) -> None:
    desk = Desk(tmp_path, compiled, mode="hold")
    await desk.pad.open()
    mark = await desk.pad.mark()
    desk.mood("crash-after")
    assert isinstance(await desk.pay(), Unknown)
    desk.mood("")
    found = await desk.pad.resolve(FEN, mark, "o-1")
    assert isinstance(found, Done)
    assert isinstance(await desk.pad.release(found.value.receipt_no), Done)
    assert desk.totals[:2] == (0, 0)


async def test_resolve_does_not_take_another_amount_for_ours(desk: Desk) -> None:
    mark = await desk.pad.mark()
    await desk.pay(100)
    found = await desk.pad.resolve(FEN, mark, "o-2")
    assert isinstance(found, Unknown)
    assert found.cause == "other-amount"
    assert isinstance(await desk.pad.resolve(FEN, None, "o-2"), Unknown)
    gone = await desk.pad.resolve(FEN, ReceiptMark("000009-1-20261120", terminal_id="99999999"), "o-2")
    assert isinstance(gone, Unknown)
    assert gone.cause == "other-pad"


async def test_a_chatty_library_and_one_that_leaves_a_child_do_no_harm(desk: Desk) -> None:
    desk.mood("chatty")
    assert isinstance(await desk.pay(), Done)
    desk.mood("fork")
    assert isinstance(await desk.pay(), Done)
    listed = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, timeout=10, check=True)
    assert str(desk.library) not in listed.stdout


async def test_leaving_in_the_middle_ends_the_process(tmp_path: Path, compiled: bytes) -> None:
    desk = Desk(tmp_path, compiled)
    await desk.pad.open()
    desk.mood("hang-before")
    task = asyncio.ensure_future(desk.pay(deadline_s=30))
    await asyncio.sleep(0.6)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    listed = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, timeout=10, check=True)
    assert str(desk.library) not in listed.stdout
    assert not desk.pad.lock.locked()


async def test_another_name_of_the_function_and_cancel_before_the_start(tmp_path: Path, compiled: bytes) -> None:
    desk = Desk(tmp_path, compiled, function="other_name", industry=True)
    await desk.pad.open()
    cancel = asyncio.Event()
    cancel.set()
    refused = await desk.pad.authorise(
        1, order="o", on_prompt=desk.prompts.append, before_ack=desk.before_ack, cancel=cancel
    )
    assert isinstance(refused, Refused)
    assert isinstance(await desk.pay(), Done)
    assert not await desk.pad.abort()


async def test_a_library_that_is_missing_or_none_is_a_named_fault(tmp_path: Path, compiled: bytes) -> None:
    desk = Desk(tmp_path, compiled, function="nothing_called_so")
    with pytest.raises(PortMissing, match="nothing_called_so"):
        await desk.pad.open()
    desk.library.write_bytes(b"no library")
    with pytest.raises(PortMissing, match="cannot be used"):
        await desk.pad.open()
    desk.library.unlink()
    with pytest.raises(PortMissing, match="is missing"):
        await desk.pad.open()
    assert isinstance(await desk.pay(), Refused)


@pytest.mark.parametrize(
    ("link", "options", "words"),
    [
        ("tcp://1.2.3.4:5", {}, "library:///"),
        ("library://host/x.so", {}, "library:///"),
        ("library:///x.so", {"pos": "123456789"}, "pos"),
        ("library:///x.so", {"function": "a b"}, "function"),
        ("library:///x.so", {"colour": "red"}, "colour"),
        ("library:///x.so", {"mode": "both"}, "mode"),
    ],
)
def test_a_wrong_line_of_the_profile_is_named(link: str, options: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        PaymentLibrary("pad", link, options)


def test_it_is_a_whole_payment_pad() -> None:
    assert not getattr(PaymentLibrary, "__abstractmethods__", ())


def test_the_profile_finds_it_by_its_name() -> None:
    from drivers.families import CardPaying

    assert load_as("payment_pad", "library", CardPaying) is PaymentLibrary
