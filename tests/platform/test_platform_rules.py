"""What the platform refuses, and in which words: levels, consents, expired cards, keys, money, prints, ratings."""

from __future__ import annotations

import asyncio
import contextlib
import json

import asgi_post as asgi
import pytest

from kiosk.platform.errors import Problem
from simulator.people import CITIZENS
from simulator.virtual_time import run_virtual

OPENING = b'{"channel":"kiosk"}'


@contextlib.contextmanager
def refused(slug, status=None, *, retryable=False):
    with pytest.raises(Problem) as caught:
        yield caught
    assert caught.value.slug == slug
    assert caught.value.retryable is retryable
    assert status is None or caught.value.status == status
    assert caught.value.message["zh"]
    assert caught.value.message["en"]


def test_levels_and_consents_are_enforced(town, who):
    async def walk():
        p = town.platform
        session = await p.open_session(town.key("ses"))
        with refused("assurance-too-low", 403):
            await p.authorise_print(session, town.key("prt"), "WH-SI-001", {"kinds": "all"}, [])
        with refused("assurance-too-low", 403):
            await p.prove_face(session, town.key("prf"), 0.9, "pass", "m", "cns_0000")
        await p.prove_card(
            session, town.key("prf"), who.name, who.number, "resident", who.valid_to, service="WH-SI-001"
        )
        with refused("consent-missing", 403):
            await p.authorise_print(session, town.key("prt"), "WH-SI-001", {"kinds": "all"}, [])
        face = await p.consent(session, town.key("cns"), "face", ["face"], "2026-11")
        with refused("consent-missing", 403):
            await p.authorise_print(session, town.key("prt"), "WH-SI-001", {"kinds": "all"}, [face])
        with refused("consent-missing", 403):
            await p.profile(session, "WH-PS-001", face)
        service = await p.consent(session, town.key("cns"), "service", ["card"], "2026-11")
        with refused("consent-missing", 403):
            await p.prove_face(session, town.key("prf"), 0.9, "pass", "m", service)
        with refused("face-not-matched", 403):
            await p.prove_face(session, town.key("prf"), 0.2, "refuse", "m", face)
        with refused("assurance-too-low", 403):
            await p.submit(session, town.key("sub"), "WH-PS-001", town.form(who), None, [service], "a" * 64)
        other, consents = await town.proven(CITIZENS["citizen-03"])
        with refused("consent-missing", 403):
            await p.authorise_print(session, town.key("prt"), "WH-SI-001", {"kinds": "all"}, consents)
        assert other != session

    run_virtual(walk())


def test_an_expired_card_counts_only_where_the_service_allows_it(town):
    wang = CITIZENS["citizen-04"]

    async def walk():
        p = town.platform
        session = await p.open_session(town.key("ses"))
        card = (wang.name, wang.number, "resident", wang.valid_to)
        with refused("card-expired", 403):
            await p.prove_card(session, town.key("prf"), *card, service="WH-SI-001")
        assert (await p.prove_card(session, town.key("prf"), *card, service="WH-PS-001")).level == "A2"

    run_virtual(walk())


def test_cards_of_strangers_and_of_two_people_are_refused(town, who):
    async def walk():
        p = town.platform
        session = await p.open_session(town.key("ses"))
        with refused("identity-not-found", 403):
            await p.prove_card(session, town.key(), "某人", "11010519491231002X", "resident", None, service="WH-SI-001")
        with refused("identity-mismatch", 403):
            await p.prove_card(session, town.key(), "某人", who.number, "resident", None, service="WH-SI-001")
        await p.prove_card(session, town.key(), who.name, who.number, "resident", None, service="WH-SI-001")
        bi = CITIZENS["citizen-03"]
        with refused("identity-mismatch", 403):
            await p.prove_card(session, town.key(), bi.name, bi.number, "resident", None, service="WH-SI-001")

    run_virtual(walk())


@pytest.mark.promise("P4")
def test_the_same_key_gives_the_same_reply_and_another_body_a_conflict(town, who):
    async def walk():
        p = town.platform
        session, _ = await town.proven(who)
        first = await p.create_order(session, "WH-PS-001", "chg-same-key")
        assert await p.create_order(session, "WH-PS-001", "chg-same-key") == first
        with refused("idempotency-conflict", 422):
            await p.create_order(session, "WH-SI-001", "chg-same-key")
        assert (await p.find_order("chg-same-key")) == first

    run_virtual(walk())


def test_a_replayed_reply_says_so_and_a_missing_key_is_a_bad_request(town):
    first = town.raw("POST", "/sessions", OPENING, key="ses-00000099")
    again = town.raw("POST", "/sessions", OPENING, key="ses-00000099")
    assert first.content == again.content
    assert (first.headers.get("Idempotent-Replayed"), again.headers["Idempotent-Replayed"]) == (None, "true")
    town.session.mount("http://", town.adapter.inner)  # the next one breaks the contract on purpose
    answer = town.raw("POST", "/sessions", OPENING)
    assert (answer.status_code, answer.json()["code"]) == (400, "missing-idempotency-key")


def test_the_same_request_while_it_runs_is_told_to_wait(town):
    """Two requests with one key at the same moment, on the platform's own loop."""
    from simulator.platform.faults import FaultPlan

    opening = [town.headers("POST", "/sessions", OPENING, key="ses-00000007") for _ in range(3)]

    async def walk():
        town.app.state.faults.set(FaultPlan(slow_s=2, times=1))
        first = asyncio.create_task(asgi.post(town.app, "/kgw/v1/sessions", opening[0]))
        await asyncio.sleep(0.5)
        status, headers, body = await asgi.post(town.app, "/kgw/v1/sessions", opening[1])
        assert (status, body["code"], headers["retry-after"], body["retryable"]) == (409, "in-progress", "1", True)
        assert (await first)[0] == 201
        status, headers, _ = await asgi.post(town.app, "/kgw/v1/sessions", opening[2])
        assert (status, headers["idempotent-replayed"]) == (201, "true")

    run_virtual(walk())


def test_a_refused_request_is_not_remembered(town, who):
    async def walk():
        p = town.platform
        session, consents = await town.proven(who, live=False)
        intent = town.key("prt")
        with refused("validation", 422):
            await p.authorise_print(session, intent, "WH-SI-001", {"kinds": "everything"}, consents)
        printing = await p.authorise_print(session, intent, "WH-SI-001", {"kinds": "all"}, consents)
        assert printing.intent == intent

    run_virtual(walk())


def test_a_form_is_refused_with_all_its_flaws(town, who):
    async def walk():
        session, consents = await town.proven(who)
        order = await town.paid(session)
        form = {"phone": "12345", "receive_mode": "pigeon", "addr": "somewhere", "colour": "red"}
        with refused("validation", 422) as caught:
            await town.platform.submit(session, town.key("sub"), "WH-PS-001", form, order.id, consents, "a" * 64)
        assert {(f.pointer, f.code) for f in caught.value.errors} == {
            ("/body/form/colour", "unknown"),
            ("/body/form/region_reg", "required"),
            ("/body/form/phone", "format"),
            ("/body/form/receive_mode", "choose"),
            ("/body/form/addr", "not-asked"),
        }
        with refused("validation", 422) as caught:
            months = {"kinds": "all", "from_month": "202612", "to_month": "202601"}
            await town.platform.authorise_print(session, town.key("prt"), "WH-SI-001", months, consents)
        assert [(f.pointer, f.code) for f in caught.value.errors] == [("/body/params/to_month", "order")]

    run_virtual(walk())


@pytest.mark.promise("P1")
def test_money_first_and_each_order_for_one_case_only(town, who):
    async def walk():
        p = town.platform
        session, consents = await town.proven(who)

        async def submit(order, key=None):
            return await p.submit(
                session, key or town.key("sub"), "WH-PS-001", town.form(who), order, consents, "a" * 64
            )

        with refused("payment-required", 402):
            await submit(None)
        unpaid = await p.create_order(session, "WH-PS-001", town.key("chg"))
        with refused("payment-required", 402):
            await submit(unpaid.id)
        with refused("order-mismatch", 409):
            await submit("ord_0000")
        order = await town.paid(session)
        assert (await submit(order.id)).state == "ACCEPTED"
        with refused("order-used", 409):
            await submit(order.id)

    run_virtual(walk())


@pytest.mark.promise("P2")
def test_what_the_pad_said_is_never_talked_away(town, who):
    async def walk():
        p = town.platform
        session, _ = await town.proven(who)

        async def report(order, state, fen=2000):
            return (await p.report_payment(order.id, town.key("chg"), state=state, fen=fen)).state

        order = await p.create_order(session, "WH-PS-001", town.key("chg"))
        with refused("amount-differs", 422):
            await report(order, "PAID", 1999)
        assert await report(order, "UNKNOWN") == "UNKNOWN"
        with refused("payment-unknown", 409):
            await p.create_order(session, "WH-PS-001", town.key("chg"))
        assert await report(order, "PAID") == "PAID"
        assert await report(order, "PAID") == "PAID"
        with refused("payment-settled", 409):
            await report(order, "FAILED")
        assert await report(order, "REVERSED") == "REFUNDED"
        with refused("payment-settled", 409):
            await report(order, "PAID")
        late = await p.create_order(session, "WH-PS-001", town.key("chg"))
        town.wall.pass_(seconds=301)
        assert (await p.order(late.id)).state == "CLOSED"
        assert await report(late, "PAID") == "PAID"

    run_virtual(walk())


@pytest.mark.promise("P3")
def test_a_print_ends_once(town, who):
    async def walk():
        p = town.platform
        session, consents = await town.proven(who, live=False)
        printing = await p.authorise_print(session, town.key("prt"), "WH-SI-001", {"kinds": "all"}, consents)

        async def report(state):
            await p.report_print(printing.jti, town.key("prt"), state=state, pages=1, evidence={"cause": "jam"})

        await report("UNCLEAR")
        await report("PRINTED")
        await report("PRINTED")
        with refused("print-settled", 409):
            await report("VOID")
        with refused("item-not-available", 409):
            await p.authorise_print(session, town.key("prt"), "WH-PS-001", {}, consents)

    run_virtual(walk())


def test_an_application_kept_during_an_outage_is_taken_for_72_hours(town, who):
    async def walk():
        p = town.platform
        session, consents = await town.proven(who)
        orders = [await town.paid(session) for _ in range(2)]
        confirmed = town.wall.at.isoformat(timespec="seconds")

        async def submit(order, at):
            arguments = (session, town.key("sub"), "WH-PS-001", town.form(who), order.id, consents, "a" * 64)
            return await p.submit(*arguments, submitted_at=at)

        town.wall.pass_(hours=71)
        with refused("session-expired", 401):
            await submit(orders[0], town.wall.at.isoformat(timespec="seconds"))
        assert (await submit(orders[0], confirmed)).number
        town.wall.pass_(hours=2)
        with refused("session-expired", 401):
            await submit(orders[1], confirmed)

    run_virtual(walk())


def test_a_closed_or_foreign_session_is_over(town, who):
    async def walk():
        p = town.platform
        session, consents = await town.proven(who, live=False)
        stranger = town.terminal("WH-HC-0004")
        with refused("session-expired", 401):
            await stranger.profile(session, "WH-PS-001", consents[0])
        await p.close_session(session)
        await p.close_session(session)
        with refused("session-expired", 401):
            await p.profile(session, "WH-PS-001", consents[0])
        with town.app.state.city.store.transaction() as cx:
            assert cx.execute("SELECT number, name FROM session WHERE id = ?", (session,)).fetchone()[:] == (None, None)
        await stranger.close()

    run_virtual(walk())


def test_wrong_clock_replayed_nonce_wrong_token_and_foreign_device(town):
    def slug(**changes):
        return town.raw("GET", "/health", **changes).json().get("code")

    nonce = "ab" * 16
    assert slug(X_Nonce=nonce) is None
    assert slug(X_Nonce=nonce) == "replay"
    assert slug(Authorization="Bearer nobody") == "token-invalid"
    assert slug(X_Timestamp=str(int(town.wall.at.timestamp() * 1000) - 301_000)) == "clock-skew"
    town.wall.pass_(seconds=601)
    assert slug(X_Nonce=nonce) is None
    town.session.mount("http://", town.adapter.inner)  # below, headers and bodies that break the contract
    assert slug(X_Boot_Id="no") == "validation"
    other = town.raw("GET", "/devices/WH-HC-0009/commands")
    assert other.json()["code"] == "device-mismatch"
    large = town.raw("POST", "/sessions", b" " * 300_000, key="ses-00000001")
    assert (large.status_code, large.json()["code"]) == (413, "too-large")


def test_a_refusal_never_quotes_what_was_sent(town):
    secret = "371002199003075015-张某"
    town.session.mount("http://", town.adapter.inner)
    for body in ({"kind": "card", "name": secret}, {"kind": secret}, [secret], secret, {"channel": secret, secret: 1}):
        for path in ("sessions/ses_0001/proofs", "sessions", "applications"):
            answer = town.raw("POST", f"/{path}", json.dumps(body).encode(), key="key-00000001", session="ses_0001")
            assert answer.status_code == 422
            assert secret not in answer.text
