"""Bills and fees at the terminal: seen before they are confirmed, charged as confirmed, once (P1, P2, R12, R45)."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from citizens_hall import Display
from paper_hall import PaperHall, play

from kiosk.intents import Kind, State
from kiosk.journal import Write
from kiosk.money import fees
from kiosk.money.fee_words import certainly_costs, fee_line
from kiosk.steps.bills import settle
from kiosk.visits.case import Case
from kiosk.visits.visit import Replies, Visit
from screens.screen import Reply

CODE = "37100020260000012345"


def case_of(hall: PaperHall, service: str, form: dict[str, str]) -> Case:
    """A journey of its own, beside the terminal's visits."""
    visit = Visit(Display(), Replies(), hall.terminal.place(), hall.tools.settings.manners)
    case = Case(visit, hall.tools.catalogue.services[service], hall.tools)
    case.keep_form(form)
    return case


async def touch(case: Case, page: str, key: str, value: str = "") -> None:
    """Touch something on a page as soon as that page is there."""
    display = case.visit.display
    assert isinstance(display, Display)
    async with asyncio.timeout(60):
        while display.screen is None or display.screen.page != page:
            await asyncio.sleep(0.05)
    await asyncio.sleep(0.3)
    case.visit.replies.put(Reply(key, value))
    await asyncio.sleep(0.3)


@pytest.mark.promise("P2")
def test_a_bill_that_was_paid_here_is_not_charged_before_the_platform_heard_of_it(tmp_path: Path) -> None:
    async def story(hall: PaperHall) -> None:
        case = case_of(hall, "WH-GN-009", {"pay_code": CODE})
        fee = await fees.assess(case)
        assert fee.fen > 0
        assert not await fees.in_doubt(hall.journal, fee.bills)
        body = {"order": "ord_1", "fen": fee.fen, "mark": {}, "bills": list(fee.bills)}
        hall.tools.outbox.online = False
        await hall.fault(down=True)

        def paid(write: Write) -> None:
            write.mint("chg-1", Kind.CHARGE, "v-1", body)
            told = {"order": "ord_1", "state": "PAID", "fen": fee.fen}
            hall.tools.outbox.post(write, "payment-outcome", "v-1", "chg-1:PAID", told)

        await hall.journal.write(paid)
        assert await fees.in_doubt(hall.journal, fee.bills)
        assert not await fees.in_doubt(hall.journal, ("bil_another",))
        await hall.journal.move("chg-1", State.REFUSED, cause="test")

    play(tmp_path, story)


def test_nothing_found_leads_back_to_the_form_and_one_bill_needs_no_choice(tmp_path: Path) -> None:
    async def story(hall: PaperHall) -> None:
        none = case_of(hall, "WH-UT-001", {"account_no": "063100"})
        asked = asyncio.ensure_future(settle(none))
        await touch(none, "bill_none", "edit")
        assert await asked == "back"
        one = case_of(hall, "WH-GN-009", {"pay_code": CODE})
        assert await settle(one) == "next"
        fee = fees.due(one)
        assert fee is not None
        assert fee.pay_code == CODE

    play(tmp_path, story)


def test_of_several_bills_the_citizen_takes_some(tmp_path: Path) -> None:
    async def story(hall: PaperHall) -> None:
        case = case_of(hall, "WH-UT-001", {"account_no": "063103"})
        found = await fees.find_bills(case)
        assert len(found) == 3
        asked = asyncio.ensure_future(settle(case))
        await touch(case, "bills", "bill", found[1].id)
        await touch(case, "bills", "next")
        assert await asked == "next"
        fee = fees.due(case)
        assert fee is not None
        assert fee.fen == found[0].fen + found[2].fen
        assert set(fee.bills) == {found[0].id, found[2].id}

    play(tmp_path, story)


def test_no_amount_of_0_makes_a_service_free(tmp_path: Path) -> None:
    async def story(hall: PaperHall) -> None:
        services = hall.tools.catalogue.services
        for service in services.values():
            line = fee_line(service.fee, "zh")
            assert (line == "免费") == (service.fee.type == "free"), service.id
            assert ("pay" in service.steps) == (service.fee.type != "free"), service.id
            if certainly_costs(service.fee):
                assert fees.costs(case_of(hall, service.id, {})), service.id
        assert fee_line(services["WH-EE-006"].fee, "zh") == "15.00–80.00 元"
        assert fee_line(services["WH-UT-001"].fee, "en") == "As the bill says"

    play(tmp_path, story)
