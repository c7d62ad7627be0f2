"""A device that is taken out of the profile with something open at it: told and kept, never lost; and back again."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import asdict
from pathlib import Path

import pytest
from work_hall import SIGNED, WHO, play, restart, states, visit, workshop

from kiosk.diagnostics.gather import facts_now
from kiosk.diagnostics.left_behind import left_on_disk
from kiosk.diagnostics.ranking import first_line, report
from kiosk.diagnostics.sections import Section
from kiosk.in_process.terminal import acts
from kiosk.intents import Kind, State
from kiosk.journal import Write
from kiosk.technician.work.refill import new_roll, new_toner, plain_paper
from kiosk.technician.work.refusal import Refusal
from kiosk.technician.work.settling import settle
from simulator.hall import Hall
from simulator.trade import STOCK, Trade


async def sections(hall: Hall) -> dict[str, Section]:
    return {each.id: each for each in report(await facts_now(workshop(hall), (0, 0)), {})}


async def without(hall: Hall, *roles: str) -> None:
    """The plug is out; the profile says otherwise from here on."""
    hall.settings = {**hall.settings, "terminal.without": list(roles)}
    await restart(hall)


async def becomes(hall: Hall, kind: str, state: str) -> None:
    """Wait for it, at most 15 virtual minutes."""
    for _ in range(180):
        if states(hall, kind) == [state]:
            return
        await asyncio.sleep(5)


@pytest.mark.promise("P8")
def test_a_payment_in_doubt_waits_for_its_pad_and_phones_pay_meanwhile(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def story(hall: Hall) -> None:
        tools = workshop(hall).tools
        body = {"order": "ord-1", "fen": 3500, "mark": asdict(await tools.pad.mark())}
        await tools.journal.write(lambda w: w.mint("chg-aaaa", Kind.CHARGE, "v-gone", body))
        with caplog.at_level(logging.WARNING):
            await without(hall, "payment_pad")
        assert "event=removed.money" in caplog.text
        await asyncio.sleep(20)
        assert states(hall, "charge") == ["unknown"]
        made = workshop(hall)
        assert made.tools.ways is not None
        assert made.tools.ways.offered == ("shown", "scanned")
        assert made.tools.ways.none() == ""
        told = await sections(hall)
        assert (told["pad"].state, told["pad"].sentence("en")) == (
            "attention", "the payment pad is gone and payments at it are not settled (1, 35.00 CNY)",
        )  # fmt: skip
        assert "35.00" in first_line(list(told.values()), "zh")
        assert [left.event for left in left_on_disk(made.tools.settings)] == ["removed.money"]
        await without(hall)
        await becomes(hall, "charge", "refused")
        assert states(hall, "charge") == ["refused"], "its pad knows of no such payment"
        assert (await sections(hall))["pad"].state == "ok"

    play(tmp_path, story)


@pytest.mark.promise("P1")
def test_money_that_is_owed_goes_back_by_the_platform_when_its_pad_is_gone(tmp_path: Path) -> None:
    async def story(hall: Hall) -> None:
        def charged(when: str) -> bool:
            return when == "after" and any(a["state"] == "charged" for a in acts(hall.folder) if a["kind"] == "charge")

        hall.on_write = charged
        await visit(hall)
        hall.on_write = None
        assert states(hall, "charge") == ["charged"]
        assert sum(hall.paid_fen().values()) > 0
        await without(hall, "payment_pad")
        await becomes(hall, "charge", "reversed")
        assert states(hall, "charge") == ["reversed"]
        assert sum(hall.paid_fen().values()) == 0
        assert (await sections(hall))["pad"].state == "absent"

    play(tmp_path, story)


@pytest.mark.promise("P3")
def test_forms_and_a_print_in_doubt_outlast_their_printer(tmp_path: Path) -> None:
    async def story(hall: Hall) -> None:
        made = workshop(hall)
        free = hall.life.forms_left(STOCK)
        body = {"jti": "jti-1", "job": 3, "printer": "urn:uuid:0", "up_time": 7, "pages": 1}

        def sent(write: Write) -> None:
            write.mint("prt-aaaa", Kind.PRINT, "v-gone", {"service": "WH-SI-001"})
            write.move("prt-aaaa", State.AUTHORISED, {"jti": "jti-1"})
            write.move("prt-aaaa", State.SENT, body)

        await made.tools.journal.write(sent)
        await without(hall, "licence_printer")
        await asyncio.sleep(20)
        assert states(hall, "print") == ["sent"]
        printer = (await sections(hall))["licence-printer"]
        assert [trouble.event for trouble in printer.troubles] == ["removed.prints", "removed.forms"]
        assert f"{STOCK} {free}" in printer.troubles[1].sentence("ko")
        await settle(workshop(hall), "prt-aaaa", "none-out", who=WHO, signed=SIGNED)
        assert states(hall, "print") == ["refused"]
        printer = (await sections(hall))["licence-printer"]
        assert [trouble.event for trouble in printer.troubles] == ["removed.forms"]
        await without(hall)
        assert hall.life.forms_left(STOCK) == free
        assert (await sections(hall))["licence-printer"].state == "ok"

    assert play(tmp_path, story, Trade(forms=True)).errors == []


def test_nothing_is_refilled_in_a_printer_that_is_not_there(tmp_path: Path) -> None:
    async def story(hall: Hall) -> None:
        await without(hall, "receipt_printer", "licence_printer")
        for refill in (new_roll, new_toner, plain_paper):
            with pytest.raises(Refusal, match="this terminal has no such device"):
                await refill(workshop(hall), WHO)
        assert {(await sections(hall))[id_].state for id_ in ("receipt-printer", "licence-printer")} == {"absent"}

    play(tmp_path, story)


def test_the_day_is_compared_without_a_pad(tmp_path: Path) -> None:
    async def story(hall: Hall) -> None:
        await without(hall, "payment_pad")
        await asyncio.sleep(3)
        made = workshop(hall)
        body = {"order": "ord-1", "fen": 3500, "mark": {"receipt_no": "0004", "trace": "000004", "open_holds": []}}
        await made.tools.journal.write(lambda w: w.mint("chg-aaaa", Kind.CHARGE, "v-gone", body))
        assert await made.settlement.close_day(hall.now().date())
        assert await made.tools.journal.last("settlement.compared") is not None
        assert await made.tools.journal.last("settlement.pad") is None

    play(tmp_path, story)
