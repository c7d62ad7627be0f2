"""Paying by phone under virtual time: what the citizen sees, what the payers' ledger says, what the disk holds."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from citizens_hall import Hall

from config.payments import payments
from drivers.errors import NoMedia
from kiosk.intents import Kind, State
from kiosk.journal import verify_file
from simulator.virtual_time import run_virtual

Story = Callable[[Hall], Awaitable[None]]
FEE = 2000
pytestmark = [pytest.mark.promise("P1"), pytest.mark.promise("P2")]


class Phones:
    """The camera sees what a phone holds up; each code once."""

    def __init__(self, hall: Hall) -> None:
        self.codes: list[str] = []
        self.asked: list[frozenset[str]] = []
        camera: Any = hall.camera
        camera.read_code = self.read_code

    async def read_code(self, expect: Any, deadline_s: float, cancel: Any = None) -> Any:
        """As `drivers.families.Seeing`."""
        self.asked.append(frozenset(expect))
        await asyncio.sleep(0.5)
        if not self.codes:
            await asyncio.sleep(deadline_s)
            raise NoMedia("camera: no readable code was held up")
        return SimpleNamespace(text=self.codes.pop(0), format="qr")


def play(folder: Path, story: Story) -> None:
    async def told() -> None:
        async with Hall(folder, ("shown", "card", "scanned")) as hall:
            await story(hall)

    run_virtual(told())
    assert verify_file(folder / "journal.db").broken == ""


async def to_method(hall: Hall) -> None:
    """The renewal up to the choice."""
    await hall.identified("WH-PS-001")
    await hall.page("consent")
    await hall.press("agree")
    await hall.page("form")
    await hall.type("19906311074")
    await hall.press("choose:receive_mode", "pickup")
    await hall.press("next")
    await hall.page("review")
    await hall.press("confirm")
    await hall.page("pay_method")


async def paid_fen(hall: Hall) -> int:
    """What all payers have paid by phone."""
    ledger = await asyncio.to_thread(hall._at_desk, "GET", "payers", None)
    assert len([e for e in ledger["items"] if e["kind"] == "payment"]) <= 1
    return int(ledger["paid_fen"])


async def qr_states(hall: Hall) -> list[str]:
    entries = await hall.journal.entries(limit=5000)
    return [e["kind"].removeprefix("qr.") for e in entries if e["kind"].startswith("qr.")]


async def settled(hall: Hall, within_s: float = 3000) -> None:
    """Until nothing is open; everybody has left."""
    async with asyncio.timeout(within_s):
        while await hall.journal.open_intents() or await hall.journal.rows():
            await asyncio.sleep(1)


def left_on(folder: Path, code: str) -> bool:
    return any(code.encode() in p.read_bytes() for p in folder.rglob("*") if p.is_file())


@pytest.mark.promise("P6")
@pytest.mark.parametrize("provider", ["wechat", "alipay", "unionpay", "bestpay"])
def test_our_code_is_scanned_and_paid(tmp_path: Path, provider: str) -> None:
    async def story(hall: Hall) -> None:
        await to_method(hall)
        await hall.press("way", "shown")
        screen = await hall.page("pay_code")
        assert screen.countdown is not None
        code = next(b.payload for b in screen.blocks if type(b).__name__ == "Qr")
        await hall.desk("phone/pay", provider=provider, code=code)
        finish = await hall.page("finish")
        assert payments().name(provider, "zh") in str(finish.blocks)
        await hall.goodbye()
        assert await paid_fen(hall) == FEE
        assert hall.paid_fen() == 0
        assert [o["state"] for o in await hall.sim("orders")] == ["PAID"]
        assert len(await hall.sim("cases")) == 1
        await settled(hall)
        assert await qr_states(hall) == ["minted", "sent", "charged", "done"]
        assert not left_on(tmp_path, code)
        assert payments().name(provider, "zh") in hall.receipts_there.artefact("receipt-1.txt")[1].decode()

    play(tmp_path, story)


@pytest.mark.promise("P6")
@pytest.mark.parametrize("provider", ["wechat", "alipay", "unionpay", "bestpay"])
def test_their_code_is_scanned_and_paid(tmp_path: Path, provider: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    seen: list[str] = []

    async def story(hall: Hall) -> None:
        phones = Phones(hall)
        await to_method(hall)
        code = (await hall.desk("phone/code", provider=provider))["code"]
        seen.append(code)
        phones.codes = ["https://health.example/1", code]
        await hall.desk("provider", paying_s=8)
        await hall.press("way", "scanned")
        await hall.page("pay_phone")
        await hall.page("finish")
        await hall.goodbye()
        assert phones.asked[0] == {"qr", "code128"}
        assert await paid_fen(hall) == FEE
        await settled(hall)
        assert await qr_states(hall) == ["minted", "sent", "paying", "charged", "done"]
        assert code not in "".join(str(s) for s in hall.display.screens)

    play(tmp_path, story)
    assert not left_on(tmp_path, seen[0])
    assert seen[0] not in caplog.text


def test_what_is_no_payment_code_is_said_and_costs_nothing(tmp_path: Path) -> None:
    async def story(hall: Hall) -> None:
        phones = Phones(hall)
        await to_method(hall)
        phones.codes = ["6901234567892", "999999999999999999"]
        await hall.press("way", "scanned")
        await hall.page("pay_scan")
        await asyncio.sleep(3)
        assert hall.display.screen is not None
        assert "不是付款码" in str(hall.display.screen.blocks)
        await asyncio.sleep(15)
        assert "没有读到" in str(hall.display.screen.blocks)
        await hall.press("other")
        await hall.page("pay_method")
        assert await hall.sim("orders") == []
        await hall.press("way", "card")
        await hall.page("pay")
        hall.pad_there.do("tap", card="citizen-02")
        await hall.page("finish")
        await hall.goodbye()
        assert (hall.paid_fen(), await paid_fen(hall)) == (FEE, 0)

    play(tmp_path, story)


@pytest.mark.parametrize("way", ["", "scanned"])
def test_not_paying_after_all_leads_home_and_leaves_nothing_open(tmp_path: Path, way: str) -> None:
    async def story(hall: Hall) -> None:
        Phones(hall)
        await to_method(hall)
        if way:
            await hall.press("way", way)
            await hall.page("pay_scan")
        await hall.press("cancel")
        await hall.page("home")
        assert await hall.sim("orders") == []
        assert await hall.journal.open_intents() == []

    play(tmp_path, story)


def test_another_way_closes_the_code_before_the_pad_is_asked(tmp_path: Path) -> None:
    async def story(hall: Hall) -> None:
        await to_method(hall)
        await hall.press("way", "shown")
        await hall.page("pay_code")
        await hall.press("other")
        await hall.page("pay_method")
        await hall.press("way", "card")
        await hall.page("pay")
        hall.pad_there.do("tap", card="citizen-02")
        await hall.page("finish")
        await hall.goodbye()
        assert [o["state"] for o in await hall.sim("orders")] == ["CLOSED", "PAID"]
        assert (hall.paid_fen(), await paid_fen(hall)) == (FEE, 0)
        await settled(hall)
        assert await qr_states(hall) == ["minted", "sent", "reversing", "closed", "refused"]

    play(tmp_path, story)


@pytest.mark.parametrize("cause", ["insufficient", "declined", "code-invalid"])
def test_a_payers_service_that_says_no(tmp_path: Path, cause: str) -> None:
    async def story(hall: Hall) -> None:
        phones = Phones(hall)
        await to_method(hall)
        phones.codes = [(await hall.desk("phone/code", provider="wechat"))["code"]]
        await hall.desk("provider", declines=cause)
        await hall.press("way", "scanned")
        page = await hall.page("not_done")
        assert "不会扣款" in str(page.blocks)
        await hall.press("again")
        await hall.page("pay_method")
        assert await paid_fen(hall) == 0

    play(tmp_path, story)


def test_a_payer_who_never_enters_the_password_is_undone_and_asked_to_try_again(tmp_path: Path) -> None:
    async def story(hall: Hall) -> None:
        phones = Phones(hall)
        await to_method(hall)
        phones.codes = [(await hall.desk("phone/code", provider="wechat"))["code"]]
        await hall.desk("provider", never_pays=True)
        await hall.press("way", "scanned")
        began = asyncio.get_running_loop().time()
        await hall.page("not_done")
        took = asyncio.get_running_loop().time() - began
        assert 40 < took < 60, "the service's own advice: about 45 s, then reversed"
        assert await paid_fen(hall) == 0
        assert [o["state"] for o in await hall.sim("orders")] == ["CLOSED"]

    play(tmp_path, story)


@pytest.mark.promise("P8")
def test_unknown_is_asked_and_never_charged_again(tmp_path: Path) -> None:
    async def story(hall: Hall) -> None:
        phones = Phones(hall)
        await to_method(hall)
        phones.codes = [(await hall.desk("phone/code", provider="alipay"))["code"]]
        await hall.desk("provider", unknown_s=30)
        await hall.press("way", "scanned")
        await hall.page("finish")
        await hall.goodbye()
        assert await paid_fen(hall) == FEE
        await settled(hall)
        assert await qr_states(hall) == ["minted", "sent", "unknown", "charged", "done"]

    play(tmp_path, story)


@pytest.mark.promise("P8")
@pytest.mark.promise("P7")
def test_what_stays_unknown_has_a_reference_locks_the_phones_and_is_given_back(tmp_path: Path) -> None:
    async def story(hall: Hall) -> None:
        phones = Phones(hall)
        await to_method(hall)
        phones.codes = [(await hall.desk("phone/code", provider="wechat"))["code"]]
        await hall.desk("provider", unknown_s=600, reversal_refused=1000)
        await hall.press("way", "scanned")
        page = await hall.page("not_done", within_s=200)
        order = (await hall.sim("orders"))[-1]
        assert order["id"][-8:].upper() in str(page.blocks)
        assert hall.qr.locked
        await hall.goodbye()
        await to_method(hall)
        assert hall.display.screen is not None
        assert "正在核对" in str(hall.display.screen.blocks)
        await hall.press("way", "card")
        page = await hall.page("not_done")
        assert "核对" in str(page.blocks), "one charge a bill: refused while the first is in doubt"
        hall.lift()
        await hall.press("leave")
        await hall.page("standby")
        await asyncio.sleep(700)
        await settled(hall)
        assert (await paid_fen(hall), hall.paid_fen()) == (0, 0)
        assert not hall.qr.locked
        assert (await qr_states(hall))[-1] == "reversed"

    play(tmp_path, story)


def test_a_payment_that_arrives_after_the_close_is_refunded(tmp_path: Path) -> None:
    async def story(hall: Hall) -> None:
        await to_method(hall)
        await hall.desk("provider", paid_after_close=True, late_s=60)
        await hall.press("way", "shown")
        await hall.page("pay_code")
        await hall.desk("phone/pay", provider="alipay")
        await hall.page("pay_phone")
        await hall.page("not_done", within_s=300)
        hall.lift()
        await hall.press("leave")
        await hall.page("standby", "settled")
        await asyncio.sleep(120)
        await settled(hall)
        assert await paid_fen(hall) == 0
        assert [e["kind"] for e in (await asyncio.to_thread(hall._at_desk, "GET", "payers", None))["items"]] == [
            "payment", "refund",
        ]  # fmt: skip
        assert (await qr_states(hall))[-4:] == ["closed", "owed", "refunding", "reversed"]

    play(tmp_path, story)


@pytest.mark.promise("P8")
@pytest.mark.parametrize("lost", ["drop_reply_after_commit", "half"])
def test_a_lost_reply_to_the_scan(tmp_path: Path, lost: str) -> None:
    async def story(hall: Hall) -> None:
        phones = Phones(hall)
        await to_method(hall)
        code = (await hall.desk("phone/code", provider="wechat"))["code"]
        phones.codes = [code]
        create = hall.platform.create_order

        async def then_lose(*args: Any) -> Any:
            order = await create(*args)
            await hall.fault(**{lost: True}, area="payment-orders", times=1)
            return order

        hall.platform.create_order = then_lose  # type: ignore[method-assign]  # the fault begins after the order
        await hall.press("way", "scanned")
        await hall.page("finish")
        await hall.goodbye()
        assert await paid_fen(hall) == FEE
        await settled(hall)
        assert (await qr_states(hall))[:3] == ["minted", "sent", "unknown"]

    play(tmp_path, story)


def test_a_payment_told_twice_is_one_payment(tmp_path: Path) -> None:
    async def story(hall: Hall) -> None:
        await to_method(hall)
        await hall.desk("provider", duplicate_notify=True)
        await hall.press("way", "shown")
        await hall.page("pay_code")
        await hall.desk("phone/pay")
        await hall.page("finish")
        await hall.goodbye()
        assert await paid_fen(hall) == FEE

    play(tmp_path, story)


def test_a_refused_application_gives_the_phone_its_money_back(tmp_path: Path) -> None:
    async def story(hall: Hall) -> None:
        from kiosk.platform.errors import Problem

        async def no(*_: Any, **__: Any) -> Any:
            raise Problem("validation", 422, retryable=False)

        await to_method(hall)
        hall.platform.applying.submit = no  # type: ignore[method-assign]  # the platform says no
        await hall.desk("provider", refund_refused=1)
        await hall.press("way", "shown")
        await hall.page("pay_code")
        await hall.desk("phone/pay")
        await hall.page("not_done")
        await hall.goodbye()
        await settled(hall)
        assert await paid_fen(hall) == 0
        assert (await qr_states(hall))[-5:] == ["owed", "refunding", "owed", "refunding", "reversed"]

    play(tmp_path, story)


@pytest.mark.promise("P7")
def test_without_a_pad_phones_still_pay_and_without_a_network_nothing_is_taken(tmp_path: Path) -> None:
    async def story(hall: Hall) -> None:
        service = hall.tools.catalogue.services["WH-PS-001"]
        await hall.pad_there.unplug()
        async with asyncio.timeout(300):
            while hall.tools.pad.status.usable:
                await asyncio.sleep(1)
        assert hall.capability.of(service).available
        await to_method(hall)
        await hall.press("way", "card")
        assert hall.display.screen is not None
        assert hall.display.screen.page == "pay_method", "what cannot be used cannot be chosen"
        await hall.press("way", "shown")
        await hall.page("pay_code")
        await hall.desk("phone/pay")
        await hall.page("finish")
        await hall.goodbye()
        hall.network.online = False
        assert not hall.capability.of(service).available

    play(tmp_path, story)


def test_the_table_has_no_arrow_from_doubt_to_a_fresh_charge() -> None:
    from kiosk.intents import FINAL, TRANSITIONS

    table = TRANSITIONS[Kind.QR]
    for state in (State.UNKNOWN, State.PAYING, State.REVERSING, State.CLOSED, State.OWED, State.REFUNDING):
        assert not table[state] & {State.MINTED, State.SENT}
    reached = {State.MINTED}
    for _ in range(12):
        reached |= {after for before in reached for after in table.get(before, frozenset())}
    assert reached == set(table) | FINAL[Kind.QR]
    assert not set(table) & FINAL[Kind.QR]
