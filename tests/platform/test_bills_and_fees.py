"""Every type of fee, bills and their orders, reductions, changed amounts, e-bills: the client against the platform."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import requests
from platform_town import ZHANG, Town

from config.catalogue import load_catalogue
from kiosk.platform.errors import Problem

CATALOGUE = load_catalogue().services
CODE = "37100020260000012345"
WATER = {"account_no": "0631204517"}


def run(work: Any) -> Any:
    return asyncio.run(work)


async def anonymous(town: Town) -> str:
    return await town.platform.open_session(town.key("ses"))


async def desk(town: Town, path: str, **body: Any) -> Any:
    there = requests.Session()  # the desk is not in the contract
    there.mount("http://", town.adapter.inner)
    reply = await asyncio.to_thread(there.post, f"http://platform.test/sim/{path}", json=body)
    assert reply.status_code == 200, reply.text
    return reply.json()


@pytest.mark.parametrize(
    ("service", "form", "fen"),
    [
        ("WH-PS-001", {}, 2000),
        ("WH-EE-006", {"kind": "multi", "purpose": "tour"}, 8000),
        ("WH-EE-004", {"place": "HK", "kind": "3m2"}, 3000),
        ("WH-RE-005", {"contract_no": "A1", "unit_no": "U1", "phone": ZHANG.phone}, 8000),
        ("WH-RE-008", {"cert_no": "A1", "change": "name", "new_value": "x"}, 0),
        ("WH-TX-003", {"price": "1200000", "area": "141.5", "family_house_no": "1"}, 1_800_000),
        ("WH-TX-003", {"price": "1200000", "area": "140", "family_house_no": "2"}, 1_200_000),
        ("WH-TX-003", {"price": "1200000", "area": "90", "family_house_no": "3+"}, 3_600_000),
        ("WH-TX-005", {"price_ex_vat": "100000", "new_energy": "no"}, 1_000_000),
        ("WH-TX-005", {"price_ex_vat": "100000", "new_energy": "yes"}, 500_000),
        ("WH-TX-016", {"category": "subsidised"}, 20_000),
        ("WH-TX-017", {"months": "202601-202602", "base_level": "60", "kinds": "pension"}, 181_656),
        ("WH-NO-001", {"kind": "birth", "copies": "3"}, 12_000),
        ("WH-HO-004", {"unit_no": "U1", "area": "90.5"}, 724_000),
        ("WH-TR-006", {"amount": "50"}, 5000),
        ("WH-UT-002", {"account_no": "0631204517", "amount": "88.5"}, 8850),
        ("WH-PS-013", {}, 2000),
        ("WH-GN-016", {"copies": "2"}, 0),
        ("WH-GN-012", {"case_no": "3710002611210001", "pay_by": "government"}, 0),
    ],
)  # fmt: skip
def test_each_type_of_fee(town: Town, service: str, form: dict[str, str], fen: int) -> None:
    async def story() -> None:
        fee = await town.platform.bills.assess(await anonymous(town), service, form)
        assert fee.fen == fen
        assert sum(item.fen for item in fee.items) == fen
        assert fee.payee.zh

    run(story())


def test_every_item_with_a_fee_is_assessed_or_says_what_it_needs(town: Town) -> None:
    """No item that costs something ends in a fault: an amount, a bill, or a refusal that names what is missing."""

    async def story() -> None:
        session = await anonymous(town)
        for service in CATALOGUE.values():
            if service.fee.type == "free":
                continue
            form = {
                s.key: s.options[0].key
                if s.options
                else {"money": "1000", "range": "202601-202603", "digits": CODE, "int": "2"}.get(s.type, "371000A123")
                for s in service.form
            }
            said = ""
            try:
                await town.platform.bills.assess(session, service.id, form)
            except Problem as problem:
                said = problem.slug
            assert said in ("", "validation", "bill-not-found", "bill-already-paid"), (service.id, said)

    run(story())


@pytest.mark.promise("P2")
def test_a_bill_is_paid_once_and_its_ebill_is_genuine(town: Town) -> None:
    async def story() -> None:
        p, session = town.platform, await anonymous(town)
        (bill,) = await p.bills.by_code(session, CODE)
        assert (bill.state, bill.pay_code, bill.ebill) == ("due", CODE, True)
        fee = await p.bills.assess(session, "WH-GN-009", {"pay_code": CODE})
        assert (fee.fen, fee.bills, fee.pay_code) == (bill.fen, (bill.id,), CODE)
        first = await p.create_order(session, "WH-GN-009", town.key("chg"), {"pay_code": CODE}, fee.bills, fee.fen)
        assert (first.fen, first.payee, first.title) == (bill.fen, bill.payee, bill.title)
        # A second tap, and the same code under another service: the earlier order makes way, one is live.
        again = await p.create_order(session, "WH-GN-009", town.key("chg"), {"pay_code": CODE}, fee.bills, fee.fen)
        assert (await p.order(first.id)).state == "CLOSED"
        with pytest.raises(Problem, match="payment-required"):
            await p.bills.ebill(again.id)
        await p.report_payment(again.id, town.key("out"), state="PAID", receipt_no="0007", fen=bill.fen)
        for service in ("WH-GN-009", "WH-ED-007", "WH-RE-010"):
            with pytest.raises(Problem, match="bill-already-paid"):
                await p.create_order(session, service, town.key("chg"), {"pay_code": CODE})
        (paid,) = await p.bills.by_code(session, CODE)
        assert (paid.state, paid.fen, paid.paid_fen) == ("paid", 0, bill.fen)
        ebill = await p.bills.ebill(again.id)
        assert (len(ebill.code), len(ebill.number), len(ebill.check), ebill.fen) == (8, 10, 6, bill.fen)
        assert await p.bills.ebill(again.id) == ebill
        seen = await p.bills.verify_ebill(session, ebill.code, ebill.number, ebill.check, ebill.day, ebill.fen)
        assert (seen.state, seen.fen, seen.payee) == ("genuine", bill.fen, bill.payee)
        wrong = await p.bills.verify_ebill(session, ebill.code, ebill.number, ebill.check, ebill.day, ebill.fen + 1)
        assert (wrong.state, wrong.fen, wrong.payee.zh) == ("differs", 0, "")
        await p.report_payment(again.id, town.key("out"), state="REVERSED", fen=bill.fen)
        gone = await p.bills.verify_ebill(session, ebill.code, ebill.number, ebill.check, ebill.day)
        assert gone.state == "reversed"
        assert (await p.bills.by_code(session, CODE))[0].state == "due"

    run(story())


def test_what_a_reference_ends_with_decides_what_is_found(town: Town) -> None:
    async def story() -> None:
        p, session = town.platform, await anonymous(town)
        with pytest.raises(Problem, match="bill-not-found"):
            await p.bills.find(session, "WH-UT-001", {"account_no": "063100"})
        assert (await p.bills.find(session, "WH-UT-001", {"account_no": "063101"}))[0].state == "paid"
        assert len(await p.bills.find(session, "WH-UT-001", {"account_no": "063103"})) == 3
        with pytest.raises(Problem, match="bill-not-found"):
            await p.bills.by_code(session, CODE[:16])

    run(story())


def test_a_fine_grows_by_3_percent_a_day_up_to_itself(town: Town) -> None:
    async def story() -> None:
        p = town.platform
        form = {"decision_no": "371002190000002"}
        session = await anonymous(town)
        (bill,) = await p.bills.find(session, "WH-PS-023", form)
        base = bill.items[0].fen
        assert bill.items[1].fen == base * 4 * 30 // 1000
        town.wall.pass_(days=100)
        (late,) = await p.bills.find(await anonymous(town), "WH-PS-023", form)
        assert late.fen == 2 * base

    run(story())


def test_some_of_several_bills(town: Town) -> None:
    async def story() -> None:
        p, session, form = town.platform, await anonymous(town), {"account_no": "063103"}
        found = await p.bills.find(session, "WH-UT-001", form)
        chosen = [found[0].id, found[2].id]
        fee = await p.bills.assess(session, "WH-UT-001", form, chosen)
        assert fee.fen == found[0].fen + found[2].fen
        order = await p.create_order(session, "WH-UT-001", town.key("chg"), form, chosen, fee.fen)
        # One of them in another order: the first one makes way, so that no bill is in two live orders.
        await p.create_order(session, "WH-UT-001", town.key("chg"), form, [found[0].id, found[1].id])
        assert (await p.order(order.id)).state == "CLOSED"

    run(story())


def test_a_changed_amount_makes_no_order(town: Town) -> None:
    async def story() -> None:
        p, session = town.platform, await anonymous(town)
        fee = await p.bills.assess(session, "WH-UT-001", WATER)
        await desk(town, f"bills/{fee.bills[0]}", fen=12_345)
        key = town.key("chg")
        with pytest.raises(Problem, match="bill-changed"):
            await p.create_order(session, "WH-UT-001", key, WATER, fee.bills, fee.fen)
        assert await p.find_order(key) is None
        who, _ = await town.proven(ZHANG)
        await desk(town, "fee-changes", fen=500)
        with pytest.raises(Problem, match="fee-changed"):
            await p.create_order(who, "WH-PS-001", town.key("chg"), {}, (), 2000)
        assert (await p.create_order(who, "WH-PS-001", town.key("chg"), {}, (), 2500)).fen == 2500

    run(story())


def test_reductions_belong_to_a_person(town: Town) -> None:
    async def story() -> None:
        p = town.platform
        await desk(town, "reductions", citizen="citizen-02", percent=100)
        session, _ = await town.proven(ZHANG)
        fee = await p.bills.assess(session, "WH-PS-001", {})
        assert (fee.fen, fee.full_fen, [item.fen for item in fee.items]) == (0, 2000, [2000, -2000])
        with pytest.raises(Problem, match="nothing-due"):
            await p.create_order(session, "WH-PS-001", town.key("chg"))
        assert (await p.bills.assess(await anonymous(town), "WH-PS-001", {})).fen == 2000

    run(story())


def test_a_receipt_is_printed_again_three_times_by_its_payer_only(town: Town) -> None:
    async def story() -> None:
        p = town.platform
        session, _ = await town.proven(ZHANG, live=False)
        order = await town.paid((await town.proven(ZHANG))[0])
        for n in (1, 2, 3):
            slip = await p.bills.slip(session, town.key("slp"), "WH-GN-011", {"order_no": order.intent[-8:].upper()})
            assert (slip.again, slip.left) == (n, 3 - n)
        with pytest.raises(Problem, match="print-quota-exhausted"):
            await p.bills.slip(session, town.key("slp"), "WH-GN-011", {})

    run(story())


def test_no_fee_is_more_than_a_terminal_may_take(town: Town) -> None:
    async def story() -> None:
        form = {"price": "99999999", "area": "90", "family_house_no": "3+"}
        with pytest.raises(Problem, match="fee-over-limit"):
            await town.platform.bills.assess(await anonymous(town), "WH-TX-003", form)

    run(story())
