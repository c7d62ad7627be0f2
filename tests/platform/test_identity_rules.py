"""The platform's side of identity: levels, codes, hand-overs, officers, consents, organisations."""

from __future__ import annotations

import json
import sqlite3

import pytest

from kiosk.platform.errors import Problem
from simulator.people import CITIZENS
from simulator.platform import app_codes, handoffs
from simulator.platform.matches import answer_check, answer_match
from simulator.platform.problems import Refusal
from simulator.virtual_time import run_virtual

ZHANG, BI, QU, NOBODY = (CITIZENS[f"citizen-{n}"] for n in ("02", "03", "08", "05"))


def cx_of(town):
    return town.app.state.city.store.transaction()


def code_of(town, who, which="fresh"):
    with cx_of(town) as cx:
        return app_codes.make(cx, town.app.state.city, who.number, which)


async def consent(town, session, key, *classes):
    return await town.platform.consent(session, town.key("cns"), key, classes or (key,), "2026-11")


async def refused(slug, asked):
    with pytest.raises(Problem) as caught:
        await asked
    assert caught.value.slug == slug
    return caught.value


async def signed_in(town, who):
    session = await town.platform.open_session(town.key("ses"))
    proof = await town.platform.identity.prove_code(session, town.key("prf"), code_of(town, who))
    return session, proof


def test_the_same_person_by_card_by_code_and_by_scan_is_the_same_subject(town):
    async def walk():
        p = town.platform
        session, proof = await signed_in(town, ZHANG)
        assert (proof.level, proof.name_masked) == ("A1", "张*荣")
        match = await p.start_app_match(session, town.key("apm"))
        answer_match(town.app.state.city, match.id, confirm=True)
        card = await p.prove_card(
            session, town.key("prf"), ZHANG.name, ZHANG.number, "resident", ZHANG.valid_to, service="WH-PS-001"
        )
        assert card.level == "A3"
        other = await p.open_session(town.key("ses"))
        shown = await p.identity.start_handoff(other, town.key("hof"), "take")
        with cx_of(town) as cx:
            handoffs.scan(cx, town.app.state.city, ZHANG, shown.code)
        now = await p.identity.handoff(other, shown.id)
        assert (now.state, now.level) == ("scanned", "A1")
        with cx_of(town) as cx:
            assert handoffs.pick(cx, town.app.state.city, ZHANG, now.number) == "confirmed"
        assert (await p.identity.handoff(other, shown.id)).level == "A3"
        mine = await p.prove_card(
            other, town.key("prf"), ZHANG.name, ZHANG.number, "resident", ZHANG.valid_to, service="WH-PS-001"
        )
        assert mine.subject == card.subject == proof.subject

    run_virtual(walk())


@pytest.mark.parametrize(
    ("which", "slug"),
    [
        ("expired", "code-expired"),
        ("used", "code-used"),
        ("foreign", "code-foreign"),
        ("unverified", "account-not-verified"),
    ],
)
def test_a_code_that_does_not_do_is_refused_with_its_reason(town, which, slug):
    async def walk():
        session = await town.platform.open_session(town.key("ses"))
        code = code_of(town, ZHANG, which)
        await refused(slug, town.platform.identity.prove_code(session, town.key("prf"), code))
        assert (await signed_in(town, ZHANG))[1].level == "A1"

    run_virtual(walk())


def test_a_code_is_good_once_and_for_a_minute_and_unknown_ones_never(town):
    async def walk():
        identity = town.platform.identity
        session = await town.platform.open_session(town.key("ses"))
        code = code_of(town, ZHANG)
        await identity.prove_code(session, town.key("prf"), code)
        await refused("code-used", identity.prove_code(session, town.key("prf"), code))
        late = code_of(town, ZHANG)
        town.wall.pass_(seconds=61)
        await refused("code-expired", identity.prove_code(session, town.key("prf"), late))
        for unknown in ("WHI1.371000-no-such-code", "WHX1.371000-no-such-code"):
            await refused("code-unknown", identity.prove_code(session, town.key("prf"), unknown))
        await refused("identity-mismatch", identity.prove_code(session, town.key("prf"), code_of(town, BI)))

    run_virtual(walk())


def test_the_same_key_gives_the_same_answer_although_the_code_is_used_up(town):
    async def walk():
        session = await town.platform.open_session(town.key("ses"))
        code, key = code_of(town, ZHANG), town.key("prf")
        first = await town.platform.identity.prove_code(session, key, code)
        assert await town.platform.identity.prove_code(session, key, code) == first

    run_virtual(walk())


def test_the_terminals_code_is_good_once_for_two_minutes_and_only_for_who_stands_there(town):
    city = town.app.state.city

    async def walk():
        identity = town.platform.identity
        session = await town.platform.open_session(town.key("ses"))
        shown = await identity.start_handoff(session, town.key("hof"), "take")
        with cx_of(town) as cx:
            handoffs.scan(cx, city, ZHANG, shown.code)
            for slug, who, code in (
                ("code-used", ZHANG, shown.code),
                ("code-unknown", ZHANG, "WHS1.never"),
                ("code-unknown", ZHANG, "x"),
            ):
                with pytest.raises(Refusal) as caught:
                    handoffs.scan(cx, city, who, code)
                assert caught.value.slug == slug
            wrong = "10" if shown.number != "10" else "11"
            assert handoffs.pick(cx, city, ZHANG, wrong) == "refused"
        assert (await identity.handoff(session, shown.id)).state == "refused"
        again = await identity.start_handoff(session, town.key("hof"), "take")
        with cx_of(town) as cx, pytest.raises(Refusal) as caught:
            handoffs.scan(cx, city, BI, again.code)
        assert caught.value.slug == "identity-mismatch"
        town.wall.pass_(seconds=121)
        assert (await identity.handoff(session, again.id)).state == "expired"
        with cx_of(town) as cx, pytest.raises(Refusal) as caught:
            handoffs.scan(cx, city, ZHANG, again.code)
        assert caught.value.slug == "code-expired"

    run_virtual(walk())


def test_a_session_given_to_the_phone_is_over_here_and_goes_on_there(town):
    city = town.app.state.city

    async def walk():
        identity = town.platform.identity
        anonymous = await town.platform.open_session(town.key("ses"))
        await refused("assurance-too-low", identity.start_handoff(anonymous, town.key("hof"), "give"))
        session, consents = await town.proven(ZHANG)
        given = await identity.start_handoff(session, town.key("hof"), "give")
        with cx_of(town) as cx:
            with pytest.raises(Refusal) as caught:
                handoffs.scan(cx, city, BI, given.code)
            assert caught.value.slug == "identity-mismatch"
            assert handoffs.scan(cx, city, ZHANG, given.code)["state"] == "taken"
        assert (await identity.handoff(session, given.id)).state == "taken"
        await refused("session-expired", town.platform.profile(session, "WH-PS-001", consents[0]))
        with cx_of(town) as cx:
            (there,) = app_codes.open_of(cx, city, ZHANG.number)
            assert (there["kiosk"], there["level"]) == ("PHONE", "A3")
            assert app_codes.logout(cx, city, ZHANG.number) == 1
            assert app_codes.open_of(cx, city, ZHANG.number) == []

    run_virtual(walk())


def test_signing_out_on_one_side_ends_both(town):
    city = town.app.state.city

    async def walk():
        session, _ = await signed_in(town, ZHANG)
        with cx_of(town) as cx:
            assert app_codes.logout(cx, city, ZHANG.number) == 1
        await refused("session-expired", town.platform.start_app_match(session, town.key("apm")))
        session, _ = await signed_in(town, ZHANG)
        await town.platform.close_session(session)
        with cx_of(town) as cx:
            assert app_codes.open_of(cx, city, ZHANG.number) == []

    run_virtual(walk())


def test_a_typed_number_proves_nothing_until_an_officer_or_the_app_says_so(town):
    city = town.app.state.city

    async def walk():
        p = town.platform
        session = await p.open_session(town.key("ses"))
        nobody = "110105194912310021"
        await refused("identity-not-found", p.identity.claim(session, town.key("prf"), nobody, service="WH-PS-002"))
        await refused(
            "item-not-available", p.identity.claim(session, town.key("prf"), ZHANG.number, service="WH-PS-001")
        )
        claimed = await p.identity.claim(session, town.key("prf"), ZHANG.number, service="WH-PS-002")
        assert (claimed.level, claimed.name_masked) == ("A0", "")
        agreed = await consent(town, session, "officer", "officer", "identity")
        low = await refused("assurance-too-low", p.identity.subject(session, agreed))
        assert low.slug == "assurance-too-low"
        face = await consent(town, session, "face")
        await refused("assurance-too-low", p.prove_face(session, town.key("prf"), 0.9, "pass", "sface-1", face))
        for confirm, state in ((False, "refused"), (True, "confirmed")):
            check = await p.identity.start_check(session, town.key("ofc"), service="WH-PS-002", consent=agreed)
            assert await p.identity.check(session, check) == "waiting"
            answer_check(city, check, confirm=confirm)
            assert await p.identity.check(session, check) == state
        subject = await p.identity.subject(session, agreed)
        assert (subject.name, subject.number, subject.valid_to) == (ZHANG.name, ZHANG.number, ZHANG.valid_to)
        assert ZHANG.name not in repr(subject)
        assert ZHANG.number not in repr(subject)

    run_virtual(walk())


def test_an_officer_needs_a_consent_and_somebody_to_look_at(town):
    async def walk():
        p = town.platform
        session = await p.open_session(town.key("ses"))
        agreed = await consent(town, session, "officer", "officer", "identity")
        ask = p.identity.start_check
        await refused("assurance-too-low", ask(session, town.key("ofc"), service="WH-PS-001", consent=agreed))
        session, consents = await town.proven(ZHANG, live=False)
        await refused("consent-missing", ask(session, town.key("ofc"), service="WH-PS-001", consent=consents[0]))
        late = await ask(
            session,
            town.key("ofc"),
            service="WH-PS-001",
            consent=await consent(town, session, "officer", "officer"),
        )
        town.wall.pass_(seconds=301)
        assert await p.identity.check(session, late) == "expired"
        with pytest.raises(Refusal):
            answer_check(town.app.state.city, late, confirm=True)

    run_virtual(walk())


@pytest.mark.parametrize("source", ["share", "licence", "agency", "identity"])
def test_a_source_is_read_only_under_its_own_consent_until_it_is_taken_back(town, source):
    p = town.platform

    def read(session, consent_id):
        return {
            "share": lambda: p.profile(session, "WH-PS-001", consent_id),
            "licence": lambda: p.lookup_licences(session, "WH-PS-001", consent_id),
            "agency": lambda: p.identity.agencies(session, consent_id, "WH-TX-003"),
            "identity": lambda: p.identity.subject(session, consent_id),
        }[source]()

    async def walk():
        session, _ = await town.proven(ZHANG)
        for other in ("share", "licence", "agency", "identity"):
            if other != source:
                await refused("consent-missing", read(session, await consent(town, session, other)))
        mine = await consent(town, session, source)
        await read(session, mine)
        elsewhere, _ = await town.proven(BI)
        await p.identity.withdraw(elsewhere, mine)
        await read(session, mine)
        await p.identity.withdraw(session, mine)
        await p.identity.withdraw(session, mine)
        await refused("consent-missing", read(session, mine))
        with cx_of(town) as cx:
            kept = cx.execute("SELECT purpose, text_version FROM consent_withdrawn").fetchall()
        assert [tuple(r) for r in kept] == [(source, "2026-11")]

    run_virtual(walk())


async def agencies_of(town, who, service):
    session, _ = await town.proven(who)
    agreed = await consent(town, session, "agency")
    return session, agreed, await town.platform.identity.agencies(session, agreed, service)


@pytest.mark.parametrize(
    ("who", "service", "states"),
    [
        (BI, "WH-TX-003", {"91371000MA3C1D2E18": "open"}),
        (QU, "WH-TX-003", {"91371000MA3C1D2E18": "open", "91371002MA3N4P5Q8F": "expired"}),
        (QU, "WH-PS-019", {"91371000MA3C1D2E18": "other-items", "91371002MA3N4P5Q8F": "expired"}),
        (NOBODY, "WH-TX-003", {}),
    ],
    ids=["legal", "agent", "agent-other-item", "nobody"],
)
def test_whom_somebody_may_act_for_is_the_platforms_word(town, who, service, states):
    async def walk():
        session, agreed, found = await agencies_of(town, who, service)
        assert {a.uscc: a.state for a in found} == states
        for agency in found:
            act = town.platform.identity.act_for(session, town.key("prf"), agency.id, service=service, consent=agreed)
            if agency.state == "open":
                assert (await act).level == "A4"
            else:
                await refused("agency-not-authorised", act)
        stranger = (await agencies_of(town, CITIZENS["citizen-06"], service))[2][0]
        foreign = town.platform.identity.act_for(session, town.key("prf"), stranger.id, service=service, consent=agreed)
        await refused("agency-not-authorised", foreign)

    run_virtual(walk())


def test_acting_needs_a_live_person_and_ends_when_it_is_for_oneself_again(town):
    async def walk():
        identity = town.platform.identity
        session, _ = await town.proven(BI, live=False)
        agreed = await consent(town, session, "agency")
        (agency,) = await identity.agencies(session, agreed, "WH-TX-003")
        low = await refused(
            "assurance-too-low",
            identity.act_for(session, town.key("prf"), agency.id, service="WH-TX-003", consent=agreed),
        )
        assert low.more["required_level"] == "A3"
        session, agreed, (agency,) = await agencies_of(town, BI, "WH-TX-003")
        await identity.act_for(session, town.key("prf"), agency.id, service="WH-TX-003", consent=agreed)
        back = await identity.act_for(session, town.key("prf"), "", service="WH-TX-003", consent=agreed)
        assert back.level == "A3"
        with cx_of(town) as cx:
            assert cx.execute("SELECT count(*) FROM acting").fetchone()[0] == 0

    run_virtual(walk())


def _register(cx: sqlite3.Connection, number: str, by: str, **form: str) -> None:
    columns = [row["name"] for row in cx.execute("PRAGMA table_info(application)")]
    values = {
        "number": number, "kiosk": "WH-HC-0003", "intent": f"sub-{number}", "citizen": by, "service": "WH-GN-021",
        "payment_order": None, "form": json.dumps(form), "consents": "[]", "reviewed_digest": "a" * 64,
        "state": "ACCEPTED", "accepted_at": "2026-11-21T20:14:00+08:00", "promise_date": "2026-11-21", "estimated": 0,
    }  # fmt: skip
    used = [c for c in columns if c in values]
    cx.execute(
        f"INSERT INTO application ({', '.join(used)}) VALUES ({', '.join('?' * len(used))})", [values[c] for c in used]
    )


def test_what_a_legal_representative_registered_at_a_terminal_counts_and_nobody_elses(town):
    uscc = "91371000MA3C1D2E18"
    form = {"uscc": uscc, "agent_idno": NOBODY.number, "scope": "WH-TX-003", "valid_to": "20270101"}
    with cx_of(town) as cx:
        _register(cx, "3710022611210001", QU.number, **form)

    async def walk():
        assert (await agencies_of(town, NOBODY, "WH-TX-003"))[2] == ()
        with cx_of(town) as cx:
            _register(cx, "3710022611210002", BI.number, **form)
        (agency,) = (await agencies_of(town, NOBODY, "WH-TX-003"))[2]
        assert (agency.uscc, agency.role, agency.state) == (uscc, "agent", "open")
        assert (await agencies_of(town, NOBODY, "WH-TX-005"))[2][0].state == "other-items"
        town.wall.pass_(days=60)
        assert (await agencies_of(town, NOBODY, "WH-TX-003"))[2][0].state == "expired"

    run_virtual(walk())


def test_every_item_asks_its_level_of_the_session(town):
    from simulator.platform.assurance import enough

    services = town.app.state.city.catalogue.services
    with cx_of(town) as cx:
        for service in services.values():
            for acting in (False, True):
                cx.execute("DELETE FROM acting")
                if acting:
                    cx.execute("INSERT INTO acting VALUES ('ses_x', '91371000MA3C1D2E18', 'agent')")
                need = (service.organisation_level or service.level) if acting else service.level
                for level in ("A0", "A1", "A2", "A3", "A4"):
                    row = {"id": "ses_x", "level": level}
                    alone = service.who == "organisation" and service.level >= "A2" and not acting
                    if level < need or alone:
                        with pytest.raises(Refusal) as caught:
                            enough(cx, row, service)
                        wanted = "assurance-too-low" if level < need else "agency-not-authorised"
                        assert caught.value.slug == wanted, service.id
                        if level < need:
                            assert caught.value.more == {"required_level": need}
                    else:
                        enough(cx, row, service)
    assert len(services) == 236
