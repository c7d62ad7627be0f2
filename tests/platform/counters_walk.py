"""Every operation of queries and of the other counters, spoken once by the client: part of the walk of the contract."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from simulator.people import CITIZENS, Citizen

ZHANG = CITIZENS["citizen-02"]
PDF = b"%PDF-1.7\n" + bytes(range(256)) * 800


def wish(town: Any, **wishes: str) -> None:
    """What QA asks of the city at its desk."""
    town.app.state.city.wishes.update(wishes)


async def applied(town: Any, session: str, consents: list[str], service: str, form: dict[str, str]) -> str:
    """An application without materials; gives its number."""
    p = town.platform
    reviewed = "0" * 64
    accepted = await p.submit(session, town.key("sub"), service, form, None, consents, reviewed)
    return str(accepted.number)


def booking_form(day: date, who: Citizen = ZHANG, half: str = "0900") -> dict[str, str]:
    """An appointment in the city's hall."""
    return {
        "hall": "city",
        "service": "WH-PS-001",
        "date": f"{day:%Y%m%d}",
        "slot": f"{day:%Y%m%d}-{half}",
        "phone": who.phone,
    }


async def asking(town: Any) -> None:
    """Queries, tickets, appointments, help, notices, cabinet, scans."""
    p = town.platform
    session, consents = await town.proven(ZHANG, "WH-HF-001")
    wish(town, queries="found")
    found = await p.queries.ask(session, "WH-HF-001", {"from": "20200101"}, consents)
    assert found.found
    await p.queries.reference("WH-MI-015")
    day = town.wall.at.date() + timedelta(days=2)  # a Monday
    slots = await p.counters.slots("city", day)
    assert {s.left for s in slots} == {3}
    first = await applied(town, session, consents, "WH-GN-004", booking_form(day))
    await p.counters.cancel_booking(session, first, town.key("cnl"))
    second = await applied(town, session, consents, "WH-GN-004", booking_form(day))
    town.wall.pass_(days=2)
    ticket = await p.counters.check_in(second, town.key("tkt"))
    assert (await p.counters.check_in(second, town.key("tkt"))) == ticket
    await p.counters.take_ticket(town.key("tkt"), "general")
    leased, _ = await p.counters.lease_tickets(town.key("rng"), town.wall.at.date())
    await p.counters.take_ticket(town.key("tkt"), "general", f"Z{leased.first}", town.wall.at)
    session, consents = await town.proven(ZHANG, "WH-RE-012")
    await applied_delivery(town, session, consents, second)
    delivery = await p.counters.delivery(second)
    assert (delivery.state, delivery.pay_by) == ("ORDERED", "government")
    helped = await p.counters.ask_for_help(
        town.key("hlp"), "WH-GN-020", topic="how", phone=ZHANG.phone, case_no="", session=session
    )
    assert (helped.way, helped.minutes > 0) == ("call-back", True)
    assert (await p.counters.notices())[0].title.zh
    wish(town, collecting="ready")
    there = await p.counters.find_collection(session, "WH-RE-012", "3710022611020009", consents)
    opened = await p.counters.open_door(session, there.id, town.key("opn"))
    assert (there.state, opened.state) == ("READY", "OPEN")
    town.wall.pass_(seconds=5)
    assert (await p.counters.collection(there.id)).state == "TAKEN"
    link = await p.counters.share_scan(town.key("shr"), PDF)
    assert link.url.startswith("https://")
    wish(town, queries="rule", collecting="rule")


async def applied_delivery(town: Any, session: str, consents: list[str], case: str) -> None:
    """A courier order that the government pays."""
    form = {
        "case_no": case,
        "receiver": "张秀荣",
        "phone": ZHANG.phone,
        "addr": "威海市环翠区样例路 1 号",
        "pay_by": "government",
    }
    await applied(town, session, consents, "WH-GN-012", form)
