"""Every operation of money, spoken once by the client: part of the walk of the contract."""

from __future__ import annotations

from typing import Any

from simulator.people import CITIZENS

ZHANG = CITIZENS["citizen-02"]
CODE = "37100020260000012345"
"""A payment code whose bill is due, and has a fiscal e-bill."""


async def paying(town: Any) -> None:
    """Every operation of paying by phone, for somebody else."""
    p = town.platform
    session, _ = await town.proven(CITIZENS["citizen-03"])
    first = await p.create_order(session, "WH-PS-001", town.key("chg"))
    shown = await p.paying.code(first.id, town.key("cod"))
    assert (shown.order.state, shown.code.startswith("https://")) == ("WAITING", True)
    assert (await p.paying.close(first.id, town.key("cls"))).state == "CLOSED"
    second = await p.create_order(session, "WH-PS-001", town.key("chg"))
    failed = await p.paying.scan(second.id, town.key("scn"), "130000000000000000")
    assert (failed.state, failed.provider, failed.cause) == ("FAILED", "wechat", "code-invalid")
    assert (await p.paying.reverse(second.id, town.key("rev"))).state == "FAILED"
    paid = await town.paid(session)
    number = town.key("rfd")
    refund = await p.paying.refund(number, paid.id, 2000, "not-given")
    assert (refund.state, refund.fen) == ("DONE", 2000)
    assert await p.paying.refund_state(number) == refund
    listed = await p.paying.settlement(town.wall.at.date())
    assert [o.state for o in listed if o.id in (first.id, second.id, paid.id)] == ["CLOSED", "FAILED", "REFUNDED"]
    item = {"kind": "state", "order": paid.id, "here": "charged", "there": "REFUNDED"}
    key = town.key("dif")
    await p.paying.report_differences(town.wall.at.date(), key, pad_fen=None, journal_fen=2000, items=[item])


async def bills(town: Any) -> None:
    """Bills found each way, what they cost, the fiscal e-bill of what was paid, the receipt again."""
    p = town.platform
    session, _ = await town.proven(ZHANG)
    (bill,) = await p.bills.by_code(session, CODE)
    assert (bill.state, bill.ebill) == ("due", True)
    water = await p.bills.find(session, "WH-UT-001", {"account_no": "063103"})
    assert len(water) == 3
    assert {found.id for found in await p.bills.mine(session)} == {found.id for found in water}
    fee = await p.bills.assess(session, "WH-GN-009", {"pay_code": CODE})
    assert (fee.fen, fee.bills) == (bill.fen, (bill.id,))
    order = await p.create_order(session, "WH-GN-009", town.key("chg"), {"pay_code": CODE}, fee.bills, fee.fen)
    await p.report_payment(order.id, town.key("out"), state="PAID", receipt_no="0007", fen=bill.fen)
    assert (await p.bills.by_code(session, CODE))[0].state == "paid"
    ebill = await p.bills.ebill(order.id)
    seen = await p.bills.verify_ebill(session, ebill.code, ebill.number, ebill.check, ebill.day, ebill.fen)
    assert (seen.state, seen.fen) == ("genuine", bill.fen)
    await town.paid(session)
    slip = await p.bills.slip(session, town.key("slp"), "WH-GN-011", {})
    assert (slip.again, slip.left) == (1, 2)
    (licence, *_) = await p.bills.my_licences(session)
    assert licence.version >= 1
