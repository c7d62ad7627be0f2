"""The other counters: a place once, a number once, one courier a case, a door once, a link once; whatever is lost."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from types import SimpleNamespace

import pytest
import requests
from counters_walk import PDF, ZHANG, applied, applied_delivery, asking, booking_form, wish

from kiosk.platform.errors import NoReply, PlatformError, Problem
from kiosk.platform.signing import canonical
from simulator.people import CITIZENS
from simulator.platform import counters
from simulator.platform.faults import FaultPlan
from simulator.virtual_time import run_virtual

SONG = CITIZENS["citizen-01"]


async def slug_of(call):
    with pytest.raises(Problem) as error:
        await call
    return error.value.slug


def test_every_operation_is_spoken(town):
    run_virtual(asking(town))
    paths = [path for path, _ in town.adapter.log]
    assert {"/slots", "/tickets", "/ticket-ranges", "/help-requests", "/collections", "/scan-shares"} <= set(paths)


def test_a_time_is_given_three_times_and_not_four(town):
    async def walk():
        day = town.wall.at.date() + timedelta(days=2)
        session, consents = await town.proven(ZHANG, "WH-GN-004")
        for _ in range(3):
            await applied(town, session, consents, "WH-GN-004", booking_form(day))
        full = applied(town, session, consents, "WH-GN-004", booking_form(day))
        assert await slug_of(full) == "slot-taken"
        assert [s.left for s in await town.platform.counters.slots("city", day)] == [0, 3, 3, 3]
        with town.app.state.city.store.transaction() as cx:
            assert cx.execute("SELECT count(*) FROM application").fetchone()[0] == 3  # the refused one left nothing

    run_virtual(walk())


def test_an_appointment_whose_answer_was_lost_is_made_once(town):
    async def walk():
        day = town.wall.at.date() + timedelta(days=2)
        session, consents = await town.proven(ZHANG, "WH-GN-004")
        key, form = town.key("sub"), booking_form(day)
        town.app.state.faults.set(FaultPlan(area="applications", drop_reply_after_commit=True, times=1))
        arguments = (session, key, "WH-GN-004", form, None, consents, "0" * 64)
        at = "2026-11-21T20:14:00+08:00"
        with pytest.raises(NoReply):
            await town.platform.submit(*arguments, submitted_at=at)
        there = await town.platform.find_application(key)
        again = await town.platform.submit(*arguments, submitted_at=at)
        assert there is not None
        assert there.number == again.number
        assert (await town.platform.counters.slots("city", day))[0].left == 2

    run_virtual(walk())


def test_an_appointment_gives_one_ticket_on_its_day_only(town):
    async def walk():
        counters = town.platform.counters
        day = town.wall.at.date() + timedelta(days=2)
        session, consents = await town.proven(ZHANG, "WH-GN-004")
        number = await applied(town, session, consents, "WH-GN-004", booking_form(day))
        assert await slug_of(counters.check_in(number, town.key("tkt"))) == "item-not-available"
        assert await slug_of(counters.check_in("3710000000000000", town.key("tkt"))) == "booking-not-found"
        town.wall.pass_(days=2)
        first = await counters.check_in(number, town.key("tkt"))
        assert await counters.check_in(number, town.key("tkt")) == first
        stranger, _ = await town.proven(SONG, "WH-GN-004", live=False)
        assert await slug_of(counters.cancel_booking(stranger, number, town.key("cnl"))) == "booking-not-found"

    run_virtual(walk())


def test_ticket_numbers_are_never_given_twice_by_any_terminal(town):
    async def walk():
        here, there = town.platform.counters, town.terminal("WH-HC-0004").counters
        day = town.wall.at.date()
        taken = [(await c.take_ticket(town.key("tkt"), "general")).number for c in (here, there) * 5]
        mine, _ = await here.lease_tickets(town.key("rng"), day)
        theirs, _ = await there.lease_tickets(town.key("rng"), day)
        assert mine.last < theirs.first or theirs.last < mine.first
        number = f"{mine.prefix}{mine.first}"
        key = town.key("tkt")
        reported = await here.take_ticket(key, "general", number, town.wall.at)
        assert await here.take_ticket(key, "general", number, town.wall.at) == reported
        foreign = f"{theirs.prefix}{theirs.first}"
        assert await slug_of(here.take_ticket(town.key("tkt"), "general", foreign, town.wall.at)) == "validation"
        twice = here.take_ticket(town.key("tkt"), "general", number, town.wall.at)
        assert await slug_of(twice) == "idempotency-conflict"
        taken.append(number)
        assert len(set(taken)) == len(taken)

    run_virtual(walk())


def test_one_courier_is_ordered_for_a_case_and_only_by_its_own_citizen(town):
    async def walk():
        day = town.wall.at.date() + timedelta(days=2)
        session, consents = await town.proven(ZHANG, "WH-GN-012")
        case = await applied(town, session, consents, "WH-GN-004", booking_form(day))
        await applied_delivery(town, session, consents, case)
        assert await slug_of(applied_delivery(town, session, consents, case)) == "delivery-exists"
        stranger, theirs = await town.proven(SONG, "WH-GN-012")
        assert await slug_of(applied_delivery(town, stranger, theirs, case)) == "case-not-found"
        delivery = await town.platform.counters.delivery(case)
        found = await town.platform.queries.ask("", "WH-GN-013", {"waybill": delivery.waybill}, [])
        states = [event.state for event in found.sections[-1].events]
        assert states == ["current", "todo", "todo", "todo", "todo"]

    run_virtual(walk())


def test_a_complaint_and_a_request_are_noted_under_the_number_of_their_case(town):
    city = town.app.state.city
    call = SimpleNamespace(city=city)
    with city.store.transaction() as cx:
        for service, number in (("WH-GN-015", "3710002611210001"), ("WH-GN-024", "3710002611210002")):
            form = {"kind": "complaint", "text": "路灯不亮", "phone": ZHANG.phone}
            counters.act(cx, call, service, form, number, ZHANG.number)
        counters.act(cx, call, "WH-PS-001", {}, "3710002611210003", ZHANG.number)
        rows = [tuple(r) for r in cx.execute("SELECT number, service FROM request12345 ORDER BY number")]
    assert rows == [("3710002611210001", "WH-GN-015"), ("3710002611210002", "WH-GN-024")]


def test_a_door_opens_once_for_whom_it_belongs_to(town):
    async def walk():
        counters = town.platform.counters
        wish(town, collecting="ready")
        session, consents = await town.proven(ZHANG, "WH-RE-012")
        found = await counters.find_collection(session, "WH-RE-012", "3710022611020009", consents)
        stranger, theirs = await town.proven(SONG, "WH-RE-012")
        other = counters.find_collection(stranger, "WH-RE-012", "3710022611020009", theirs)
        assert await slug_of(other) == "case-not-found"
        assert await slug_of(counters.open_door(stranger, found.id, town.key("opn"))) == "not-found"
        key = town.key("opn")
        town.app.state.faults.set(FaultPlan(area="collections", drop_reply_after_commit=True, times=1))
        with pytest.raises(NoReply):
            await counters.open_door(session, found.id, key)
        assert (await counters.open_door(session, found.id, key)).state == "OPEN"
        wish(town, collecting="left")
        town.wall.pass_(minutes=2)
        assert (await counters.collection(found.id)).state == "OPEN"
        wish(town, collecting="rule")
        assert (await counters.collection(found.id)).state == "TAKEN"
        assert await slug_of(counters.open_door(session, found.id, town.key("opn"))) == "not-ready"

    run_virtual(walk())


def fetched(town, url):
    session = requests.Session()
    session.mount("https://", town.adapter.inner)
    return session.get(f"https://platform.test/s/{url.rpartition('/')[2]}", timeout=5)


def test_a_scan_is_fetched_once_and_is_gone_after_half_an_hour(town):
    async def walk():
        share = town.platform.counters.share_scan
        link = await share(town.key("shr"), PDF)
        page = await asyncio.to_thread(fetched, town, link.url)
        assert (page.status_code, page.content) == (200, PDF)
        assert page.headers["Cache-Control"] == "no-store"
        again = await asyncio.to_thread(fetched, town, link.url)
        assert (again.status_code, b"pdf" in again.content.lower()) == (410, False)
        old = await share(town.key("shr"), PDF)
        town.wall.pass_(minutes=31)
        assert (await asyncio.to_thread(fetched, town, old.url)).status_code == 410
        with town.app.state.city.store.transaction() as cx:
            assert cx.execute("SELECT count(*) FROM scan_share").fetchone()[0] == 0

    run_virtual(walk())


def test_a_scan_must_arrive_whole(town):
    async def walk():
        p = town.platform
        key = town.key("shr")
        body = {"bytes": 300, "digest": "0" * 64}
        share = (await p._post("/scan-shares", body, key=key))["id"]
        for part in ({"at": 5, "data": "AAAA"}, {"at": 0, "data": "A" * 404}, {"at": 0, "data": "AAAAA"}):
            call = p._post(f"/scan-shares/{share}/parts", part, key=town.key("prt"))
            assert await slug_of(call) == "validation"
        assert await slug_of(p._post(f"/scan-shares/{share}/link", {}, key=town.key("lnk"))) == "validation"
        with pytest.raises(ValueError, match="16 MiB"):
            await p.counters.share_scan(town.key("shr"), b"x" * ((16 << 20) + 1))

    run_virtual(walk())


def test_a_range_is_believed_only_when_it_is_signed_for_this_terminal(town):
    async def walk():
        counters = town.platform.counters
        _, raw = await counters.lease_tickets(town.key("rng"), town.wall.at.date())
        assert counters.read_range(raw).first == raw["first"]
        for wrong in ({**raw, "last": 99_999}, {**raw, "signature": "00" * 64}):
            with pytest.raises(PlatformError):
                counters.read_range(wrong)
        with pytest.raises(PlatformError):
            town.terminal("WH-HC-0004").counters.read_range(raw)
        assert canonical(raw)

    run_virtual(walk())


def test_help_is_asked_for_once(town):
    async def walk():
        key = town.key("hlp")
        asked = {"topic": "how", "phone": "", "case_no": ""}
        town.app.state.faults.set(FaultPlan(area="help-requests", drop_reply_after_commit=True, times=1))
        counters = town.platform.counters
        with pytest.raises(NoReply):
            await counters.ask_for_help(key, "WH-GN-020", **asked)
        found = await counters.ask_for_help(key, "WH-GN-020", **asked)
        assert (found.way, found.phone) == ("call-us", "0631-12345")
        with town.app.state.city.store.transaction() as cx:
            assert cx.execute("SELECT count(*) FROM help_request").fetchone()[0] == 1

    run_virtual(walk())
