"""Acts that no machine can tell any more: asked first, then settled by evidence, never by a guess (P1, P2, P3, P8)."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from work_hall import LICENCES, PAD, SIGNED, WHO, bodies, play, states, visit, workshop

from kiosk.intents import Kind, State
from kiosk.journal import Write
from kiosk.technician.work.open_acts import Evidence, OpenAct, ask, open_acts
from kiosk.technician.work.refusal import Refusal
from kiosk.technician.work.settling import Slip, settle
from simulator.hall import Hall
from simulator.trade import PRINTED, STOCK, Trade


async def pay_and_lose_the_pad(hall: Hall) -> OpenAct:
    """A citizen pays; the moment the bank has the money the pad is dead, and stays so."""

    async def pull() -> None:
        while not any(entry.moved_fen for entry in hall.bank):
            await asyncio.sleep(0.02)
        await hall.devices[PAD].unplug()

    hall.do(PAD, "keep_on_loss")
    hall.do(PAD, "lose_answer", when="before_status")
    pulled = asyncio.create_task(pull())
    await visit(hall)
    await pulled
    (act,) = await open_acts(workshop(hall).tools.journal)
    assert (act.kind, act.says, act.asks) == (Kind.CHARGE, "intent.payment-in-doubt", "pad")
    assert act.evidence == ("slip-approved", "slip-declined", "not-on-pad")
    assert dict(act.facts)["amount"] == f"{act.fen / 100:.2f}"
    return act


def slip(hall: Hall, act: OpenAct, **other: str) -> Slip:
    entry = next(entry for entry in hall.bank if entry.moved_fen)
    return Slip(other.get("receipt_no", entry.receipt_no.lstrip("0")), other.get("trace", entry.trace), act.fen)


@pytest.mark.promise("P1")
@pytest.mark.promise("P8")
def test_a_slip_that_says_approved_brings_the_money_back(tmp_path: Path) -> None:
    async def story(hall: Hall) -> None:
        act = await pay_and_lose_the_pad(hall)
        here = workshop(hall)
        still = await ask(here, act.id)
        assert still is not None
        assert still.says == "intent.payment-in-doubt"
        with pytest.raises(Refusal, match="supervisor"):
            await settle(here, act.id, "slip-approved", who=WHO, signed=None, slip=slip(hall, act))
        with pytest.raises(Refusal, match="nothing that can be seen"):
            await settle(here, act.id, "all-out", who=WHO, signed=SIGNED, pages=1)
        wrong = Slip("4711", "815", act.fen + 1)
        with pytest.raises(Refusal, match="another payment"):
            await settle(here, act.id, "slip-approved", who=WHO, signed=SIGNED, slip=wrong)
        with pytest.raises(Refusal, match="receipt no"):
            await settle(here, act.id, "slip-approved", who=WHO, signed=SIGNED, slip=None)
        assert states(hall, "charge") == [State.UNKNOWN]
        now = await settle(here, act.id, "slip-approved", who=WHO, signed=SIGNED, slip=slip(hall, act))
        assert now is State.CHARGED
        await hall.plug(PAD)
        async with asyncio.timeout(900):
            while states(hall, "charge") != [State.REVERSED]:
                await asyncio.sleep(5)
        assert set(hall.paid_fen().values()) == {0}

    hall = play(tmp_path, story)
    (moved,) = map(json.loads, bodies(hall, "charge.charged"))
    assert (moved["evidence"], moved["by"], moved["signed"]) == ("slip-approved", WHO, SIGNED.reference)


@pytest.mark.promise("P8")
def test_what_the_pad_says_counts_more_than_any_slip(tmp_path: Path) -> None:
    async def story(hall: Hall) -> None:
        act = await pay_and_lose_the_pad(hall)
        here = workshop(hall)
        # The pad is back, and the settler has not come round to it yet.
        async with here.settler.alone:
            await hall.plug(PAD)
            while not here.tools.pad.status.usable:
                await asyncio.sleep(0.2)
            lying = asyncio.create_task(settle(here, act.id, "slip-declined", who=WHO, signed=SIGNED))
            await asyncio.sleep(0.1)
        with pytest.raises(Refusal, match="answered just now"):
            await lying
        async with asyncio.timeout(900):
            while states(hall, "charge") != [State.REVERSED]:
                await asyncio.sleep(5)
        assert set(hall.paid_fen().values()) == {0}

    play(tmp_path, story)


@pytest.mark.promise("P2")
def test_one_slip_settles_one_payment(tmp_path: Path) -> None:
    async def story(hall: Hall) -> None:
        await visit(hall)
        paid = next(entry for entry in hall.bank if entry.moved_fen)
        act = await another_in_doubt(hall, paid.fen)
        used = Slip(paid.receipt_no, paid.trace, act.fen)
        with pytest.raises(Refusal, match="another payment"):
            await settle(workshop(hall), act.id, "slip-approved", who=WHO, signed=SIGNED, slip=used)
        now = await settle(workshop(hall), act.id, "slip-declined", who=WHO, signed=SIGNED)
        assert now is State.REFUSED
        with pytest.raises(Refusal, match="answered just now"):
            await settle(workshop(hall), act.id, "slip-declined", who=WHO, signed=SIGNED)

    play(tmp_path, story)


async def another_in_doubt(hall: Hall, fen: int) -> OpenAct:
    """Another payment was begun, and the pad is gone."""
    await hall.devices[PAD].unplug()
    journal = workshop(hall).tools.journal
    body = {"order": "ord-of-another", "fen": fen, "mark": {}}
    await journal.write(lambda write: write.mint("chg-0000000000000000beef", Kind.CHARGE, "v-another", body))
    (act,) = [a for a in await open_acts(journal) if a.kind is Kind.CHARGE]
    return act


async def print_and_lose_the_printer(hall: Hall) -> OpenAct:
    """A certificate is sent; the power goes, and when it is back the printer is dead."""
    hall.on_write = lambda at: at == "after" and "sent" in states(hall, "print")
    await visit(hall, PRINTED)
    hall.on_write = None
    await hall.devices[LICENCES].unplug()
    await hall.bury()
    await hall.boot()
    return await print_in_doubt(hall)


async def print_in_doubt(hall: Hall) -> OpenAct:
    (act,) = [a for a in await open_acts(workshop(hall).tools.journal) if a.kind is Kind.PRINT]
    assert (act.state, act.says, act.asks) == (State.SENT, "intent.print-in-doubt", "printer")
    return act


async def print_was_sent(hall: Hall) -> OpenAct:
    """As after such a cut, written straight into the journal."""
    await hall.devices[LICENCES].unplug()
    await asyncio.sleep(30)
    prints, intent = workshop(hall).tools.prints, "prt-0000000000000000cafe"

    def sent(write: Write) -> None:
        write.mint(intent, Kind.PRINT, "v-cut", {"service": PRINTED})
        forms = prints.stock.reserve(write, "v-cut", STOCK, 1, intent)
        write.move(intent, State.AUTHORISED, {"jti": "prt-jti", "stock": STOCK, "forms": list(forms)})
        write.move(intent, State.SENT, {"job": 7, "printer": "urn:uuid:0", "up_time": 9, "pages": 1})

    await workshop(hall).tools.journal.write(sent)
    return await print_in_doubt(hall)


@pytest.mark.promise("P1")
@pytest.mark.promise("P3")
def test_no_sheet_came_out_and_the_money_goes_back(tmp_path: Path) -> None:
    async def story(hall: Hall) -> None:
        act = await print_and_lose_the_printer(hall)
        assert await settle(workshop(hall), act.id, "none-out", who=WHO, signed=SIGNED) is State.REFUSED
        async with asyncio.timeout(900):
            while states(hall, "charge") != [State.REVERSED]:
                await asyncio.sleep(5)
        assert set(hall.paid_fen().values()) == {0}

    hall = play(tmp_path, story, Trade(prints_cost=True, forms=True))
    assert len(bodies(hall, "stock.spoiled")) == 1


@pytest.mark.promise("P3")
@pytest.mark.parametrize(
    ("evidence", "pages", "ends", "forms"),
    [
        ("all-out", 1, State.DONE, "used"),
        ("none-out", 0, State.REFUSED, "spoiled"),
        ("some-out", 0, State.UNCLEAR, "unclear"),
    ],
)
def test_what_lies_in_the_tray_settles_a_print(
    evidence: Evidence, pages: int, ends: State, forms: str, tmp_path: Path
) -> None:
    async def story(hall: Hall) -> None:
        act = await print_was_sent(hall)
        here = workshop(hall)
        if evidence == "all-out":
            with pytest.raises(Refusal, match="3 / 1"):
                await settle(here, act.id, "all-out", who=WHO, signed=SIGNED, pages=3)
        assert await settle(here, act.id, evidence, who=WHO, signed=SIGNED, pages=pages) is ends
        assert len(bodies(hall, f"stock.{forms}")) == 1

    hall = play(tmp_path, story, Trade(forms=True))
    moved = json.loads(bodies(hall, f"print.{ends}")[0])
    assert (moved["evidence"], moved["signed"]) == (evidence, SIGNED.reference)


@pytest.mark.promise("P9")
@pytest.mark.parametrize("when", ["before", "after"])
def test_power_goes_while_evidence_is_written(when: str, tmp_path: Path) -> None:
    async def story(hall: Hall) -> None:
        act = await print_was_sent(hall)
        hall.on_write = lambda at: at == when
        task = asyncio.create_task(settle(workshop(hall), act.id, "all-out", who=WHO, signed=SIGNED, pages=1))
        await asyncio.wait({task}, timeout=30)
        hall.on_write = None
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await hall.bury()
        await hall.boot()
        assert states(hall, "print") == [State.SENT if when == "before" else State.DONE]

    play(tmp_path, story, Trade(forms=True))
