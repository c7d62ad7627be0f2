"""The whole contract walked by the client against the server in process; every exchange is checked by the adapter."""

from __future__ import annotations

import tomllib
from datetime import date

import pytest
from applying_walk import applying
from cases_walk import supervised
from catalogue_walk import catalogue
from contract_support import contract
from counters_walk import asking
from devices_walk import devices
from identity_walk import proving
from money_walk import bills, paying

from config.codes import licence_identifier_valid
from kiosk.platform.errors import BadSignature, NoReply, Problem
from kiosk.platform.signing import verify
from simulator.people import CITIZENS
from simulator.platform.faults import FaultPlan
from simulator.virtual_time import run_virtual


def test_every_operation_of_the_contract_is_spoken_by_the_client(town, who):
    async def walk():
        p = town.platform
        await p.health()
        await catalogue(town)
        session, consents = await town.proven(who)
        profile = await p.profile(session, "WH-PS-001", consents[0])
        assert profile == {"region_reg": {"value": "371002", "text": "威海市环翠区", "source": "share"}}
        await applying(town)
        match = await p.start_app_match(session, town.key("apm"))
        assert await p.app_match(session, match.id) == "waiting"
        order = await town.paid(session)
        assert (await p.order(order.id)).state == "PAID"
        assert await p.find_order(order.intent) == order
        assert await p.find_order("chg-unknown-intent") is None
        await paying(town)
        await proving(town)
        intent = town.key("sub")
        acceptance = await p.submit(session, intent, "WH-PS-001", town.form(who), order.id, consents, "a" * 64)
        assert acceptance.number == "3710022611210001"
        assert acceptance.promise_date == date(2026, 12, 18)
        assert await p.find_application(intent) == acceptance
        assert await p.find_application("sub-unknown-intent") is None
        intent = town.key("prt")
        printing = await p.authorise_print(session, intent, "WH-SI-001", {"kinds": "all"}, consents)
        await p.report_print(printing.jti, town.key("prt"), state="PRINTED", pages=1, evidence={"cause": ""})
        found = await p.find_print(intent)
        assert found is not None
        assert (found.state, found.document) == ("PRINTED", printing.document)
        await supervised(p, town, session, acceptance)
        assert (await p.status_list())["void"] == []
        more = {"reason": "damaged", "operator": "ab" * 16, "supervisor": "cd" * 16}
        again = await p.reissues.ask(printing.jti, town.key("prt"), **more)
        assert again.document.serial != printing.document.serial
        assert again.document.rows == printing.document.rows
        assert [row["reason"] for row in (await p.status_list())["void"]] == ["replaced"]
        await devices(town)
        await p.close_session(session)
        await asking(town)
        await bills(town)

    run_virtual(walk())
    spoken = {f"{m.upper()} {path}" for path, item in contract()["paths"].items() for m in item if m != "parameters"}
    assert town.adapter.seen == spoken


def test_the_certificate_is_whole_and_shows_nothing_in_its_repr(town, who):
    async def walk():
        session, consents = await town.proven(who, "WH-SI-001", live=False)
        params = {"kinds": "pension", "from_month": "202001", "to_month": "202012"}
        return await town.platform.authorise_print(session, town.key("prt"), "WH-SI-001", params, consents)

    printing = run_virtual(walk())
    document = printing.document
    assert printing.simulated
    assert licence_identifier_valid(document.identifier)
    assert document.rows == (("企业职工基本养老保险", "参保缴费", document.rows[0][2], "12"),)
    assert document.issued_on == date(2026, 11, 21)
    assert document.valid_until == date(2027, 2, 21)
    assert document.holder_number_masked == who.number[:6] + "********" + who.number[-4:]
    for text in (who.name, who.number):
        assert text not in repr(printing)
        assert text not in document.qr
    assert document.holder_name == who.name


def test_the_code_on_the_certificate_verifies_with_the_published_key(town, who):
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    from config import DATA
    from config.certificate_code import parse_code

    async def walk():
        session, consents = await town.proven(who, "WH-SI-001", live=False)
        return await town.platform.authorise_print(session, town.key("prt"), "WH-SI-001", {"kinds": "all"}, consents)

    code = parse_code(run_virtual(walk()).document.qr)
    keys = tomllib.loads((DATA / "certificates" / "issuers.toml").read_text("utf-8"))["key"]
    (published,) = [key["public_key"] for key in keys if key["id"] == code.key]
    Ed25519PublicKey.from_public_bytes(bytes.fromhex(published)).verify(code.signature, code.signed)
    assert code.holder == f"{who.name[0]}*{who.name[-1]}"


@pytest.mark.parametrize("index", range(24))
def test_every_citizen_has_a_certificate_that_fits_the_contract(town, index):
    someone = CITIZENS[f"citizen-{index:02d}"]

    async def walk():
        session, consents = await town.proven(someone, "WH-PS-001", live=False)
        return await town.platform.authorise_print(session, town.key("prt"), "WH-SI-001", {"kinds": "all"}, consents)

    document = run_virtual(walk()).document
    assert document.holder_name == someone.name
    assert document.rows


@pytest.mark.promise("P4")
def test_a_reply_lost_after_the_commit_leaves_exactly_one_case(town, who):
    async def walk():
        p = town.platform
        session, consents = await town.proven(who)
        order = await town.paid(session)
        intent = town.key("sub")
        arguments = (session, intent, "WH-PS-001", town.form(who), order.id, consents, "a" * 64)
        at = "2026-11-21T20:14:00+08:00"
        town.app.state.faults.set(FaultPlan(drop_reply_after_commit=True, area="applications", times=1))
        with pytest.raises(NoReply):
            await p.submit(*arguments, submitted_at=at)
        found = await p.find_application(intent)
        assert found is not None
        again = await p.submit(*arguments, submitted_at=at)
        assert again == found
        with town.app.state.city.store.transaction() as cx:
            assert cx.execute("SELECT count(*) FROM application").fetchone()[0] == 1

    run_virtual(walk())


def test_a_slow_platform_is_no_reply_and_has_done_the_work(town, who):
    async def walk():
        session, consents = await town.proven(who, live=False)
        town.app.state.faults.set(FaultPlan(slow_s=30, times=1))
        intent = town.key("prt")
        with pytest.raises(NoReply):
            await town.platform.authorise_print(session, intent, "WH-SI-001", {"kinds": "all"}, consents)
        found = await town.platform.find_print(intent)
        assert found is not None
        assert found.state == "AUTHORISED"

    run_virtual(walk())


def test_one_changed_character_breaks_the_signature(town, who):
    import json

    async def walk():
        session, consents = await town.proven(who)
        order = await town.paid(session)
        await town.platform.submit(session, "sub-00001234", "WH-PS-001", town.form(who), order.id, consents, "a" * 64)

    run_virtual(walk())
    with town.app.state.city.store.transaction() as cx:
        body = json.loads(cx.execute("SELECT body FROM reply WHERE path LIKE '%/applications'").fetchone()[0])
    key = town.settings.public_key
    verify(body, key, kiosk="WH-HC-0003", intent="sub-00001234")
    for member, value in {"number": "3710022611210002", "promise_date": "2026-12-19", "promise_estimated": 1}.items():
        with pytest.raises(BadSignature):
            verify({**body, member: value}, key, kiosk="WH-HC-0003", intent="sub-00001234")
    with pytest.raises(BadSignature, match="another terminal"):
        verify(body, key, kiosk="WH-HC-0004", intent="sub-00001234")
    with pytest.raises(BadSignature, match="another intent"):
        verify(body, key, kiosk="WH-HC-0003", intent="sub-00001235")
    with pytest.raises(BadSignature):
        verify({k: v for k, v in body.items() if k != "signature"}, key, kiosk="WH-HC-0003", intent="sub-00001234")


@pytest.mark.promise("P3")
def test_the_client_refuses_an_authorisation_of_a_stranger(town, who):
    strange = town.settings.model_copy(
        update={"public_key": "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"}
    )

    async def walk():
        from kiosk.platform.client import Platform

        session, consents = await town.proven(who, live=False)
        doubter = Platform(strange, "WH-HC-0003", session=town.session, now=town.wall)
        with pytest.raises(BadSignature):
            await doubter.authorise_print(session, town.key("prt"), "WH-SI-001", {"kinds": "all"}, consents)
        await doubter.close()

    run_virtual(walk())


def test_the_other_way_is_equal_to_the_face(town, who):
    from simulator.platform.sessions import answer_match

    async def walk():
        p = town.platform
        session, _ = await town.proven(who, live=False)
        with pytest.raises(Problem, match="assurance-too-low"):
            await p.create_order(session, "WH-PS-001", town.key("chg"))
        refused = await p.start_app_match(session, town.key("apm"))
        assert answer_match(town.app.state.city, refused.id, confirm=False) == "refused"
        assert await p.app_match(session, refused.id) == "refused"
        match = await p.start_app_match(session, town.key("apm"))
        assert answer_match(town.app.state.city, match.id, confirm=True) == "confirmed"
        assert await p.app_match(session, match.id) == "confirmed"
        assert (await p.create_order(session, "WH-PS-001", town.key("chg"))).fen == 2000
        late = await p.start_app_match(session, town.key("apm"))
        town.wall.pass_(seconds=121)
        assert await p.app_match(session, late.id) == "expired"

    run_virtual(walk())
