"""Materials, uploads, drafts, applications at the reference platform, over the client, held to the contract."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from typing import Any

import pytest
import requests

from kiosk.materials.papers import document_digest
from kiosk.platform.applying_messages import PART_BYTES, Draft, MaterialRef, Sheet
from kiosk.platform.errors import NoReply, Problem
from simulator.people import CITIZENS

SKILL = "WH-SI-022"  # 技能等级证书 elicense|scan, 电子签名
RENEWAL = "WH-PS-001"
ZHANG, LIU = CITIZENS["citizen-02"], CITIZENS["citizen-06"]
FORM = {"cert_no": "S0001234", "bank_card": "6222021234567894", "phone": ZHANG.phone}
NOON = "2026-11-21T20:14:00+08:00"
DIGEST = hashlib.sha256(b"reviewed").hexdigest()


class Walk:
    """One proven session of a citizen, with a consent for each source."""

    def __init__(self, town: Any, who: Any = ZHANG, service: str = SKILL, platform: Any = None) -> None:
        self.town, self.who, self.service = town, who, service
        self.platform = platform or town.platform
        self.applying = self.platform.applying

    async def begin(self) -> Walk:
        p, key = self.platform, self.town.key
        self.session = await p.open_session(key("ses"))
        self.consents = [await p.consent(self.session, key("cns"), "service", ["card"], "2026-11")]
        who = self.who
        await p.prove_card(
            self.session, key("prf"), who.name, who.number, "resident", who.valid_to, service=self.service
        )
        self.face = await p.consent(self.session, key("cns"), "face", ["face"], "2026-11")
        await p.prove_face(self.session, key("prf"), 0.61, "pass", "sface-1", self.face)
        self.licence = await p.consent(self.session, key("cns"), "licence", ["licence"], "2026-11")
        self.share = await p.consent(self.session, key("cns"), "share", ["share"], "2026-11")
        self.consents += [self.licence, self.share]
        return self

    def sheet(self, data: bytes, **other: Any) -> Sheet:
        usual = {
            "service": self.service, "material": 0, "page": 1, "kind": "a4", "bytes": len(data),
            "sha256": hashlib.sha256(data).hexdigest(), "captured_at": NOON, "device": "document_camera", "dpi": 200,
        }  # fmt: skip
        return Sheet(**{**usual, **other})

    async def uploaded(self, data: bytes, **other: Any) -> str:
        state = await self.applying.start_upload(self.session, self.town.key("upl"), self.sheet(data, **other))
        for at in range(0, len(data), PART_BYTES):
            await self.applying.put_part(state.id, at // PART_BYTES + 1, data[at : at + PART_BYTES])
        assert (await self.applying.complete_upload(state.id, self.town.key("upl"))).complete
        return state.id

    def application(self, materials: Sequence[MaterialRef], **other: Any) -> dict[str, Any]:
        document = document_digest(self.service, FORM, tuple(materials))
        usual = {
            "service": self.service, "form": FORM, "order": None, "consents": self.consents,
            "reviewed_digest": DIGEST, "submitted_at": NOON, "draft": None,
            "materials": [m.body() for m in materials],
            "signatures": [{"material": 1, "method": "confirmed-review", "document": document, "at": NOON}],
        }  # fmt: skip
        return {**usual, **other}


async def stand(town: Any, kind: str, state: str, source: str = "elicense") -> None:
    """What 张秀荣 has from now on."""
    await ask(town, "licences", {"citizen": "citizen-02", "kind": kind, "source": source, "state": state})


async def ask(town: Any, path: str, body: dict[str, Any]) -> Any:
    """Do something at the simulator's desk."""
    desk = requests.Session()
    desk.mount("http://", town.session.get_adapter("http://x").inner)
    reply = await asyncio.to_thread(desk.post, f"http://platform.test/sim/{path}", json=body)
    assert reply.status_code == 200, reply.text
    return reply.json()


def rows(town: Any, query: str, values: tuple[Any, ...] = ()) -> list[dict[str, Any]]:
    with town.app.state.city.store.transaction() as cx:
        return [dict(r) for r in cx.execute(query, values).fetchall()]


SIGNED = MaterialRef(1, "sign", "D")


def test_a_licence_in_the_library_is_copied_for_this_purpose_and_handed_in_without_a_scan(town):
    async def walk() -> None:
        await stand(town, "技能等级证书", "valid")
        w = await Walk(town).begin()
        (found,) = await w.applying.licences(w.session, SKILL, w.licence)
        assert (found.material, found.grade, found.expired) == (0, "A", False)
        assert "****" in found.number_masked
        copy = await w.applying.copy(w.session, town.key(), found.id, SKILL, w.licence)
        assert "技能提升补贴" in copy.watermark.zh or "仅用于" in copy.watermark.zh
        materials = (MaterialRef(0, "elicense", "A", (copy.id,)), SIGNED)
        accepted = await w.applying.submit(w.session, town.key("sub"), w.application(materials))
        assert accepted.archive == ()
        (kept,) = rows(town, "SELECT material, source, grade, ref FROM archive")
        assert kept == {"material": 0, "source": "elicense", "grade": "A", "ref": copy.id}

    asyncio.run(walk())


def test_an_expired_licence_says_so_and_gives_no_copy(town):
    async def walk() -> None:
        await stand(town, "技能等级证书", "expired")
        w = await Walk(town).begin()
        (found,) = await w.applying.licences(w.session, SKILL, w.licence)
        assert found.expired
        with pytest.raises(Problem) as caught:
            await w.applying.copy(w.session, town.key(), found.id, SKILL, w.licence)
        assert caught.value.slug == "licence-void"
        await stand(town, "技能等级证书", "absent")
        assert await w.applying.licences(w.session, SKILL, w.licence) == ()

    asyncio.run(walk())


def test_each_source_is_read_under_its_own_consent_only(town):
    """R37: without the consent for the library there is no look into it."""

    async def walk() -> None:
        w = await Walk(town).begin()
        for look, wrong in (
            (w.applying.licences, w.share),
            (w.applying.shared, w.licence),
            (w.applying.shared, w.face),
        ):
            with pytest.raises(Problem) as caught:
                await look(w.session, SKILL, wrong)
            assert caught.value.slug == "consent-missing"

    asyncio.run(walk())


def test_a_licence_of_somebody_else_is_not_found(town):
    async def walk() -> None:
        await stand(town, "技能等级证书", "valid")
        mine = await Walk(town).begin()
        theirs = await Walk(town, LIU).begin()
        (found,) = await mine.applying.licences(mine.session, SKILL, mine.licence)
        with pytest.raises(Problem) as caught:
            await theirs.applying.copy(theirs.session, town.key(), found.id, SKILL, theirs.licence)
        assert caught.value.slug == "licence-not-found"

    asyncio.run(walk())


def test_the_stored_portrait_is_shared_data(town):
    """R48: where the portrait is there, nobody takes a photo."""

    async def walk() -> None:
        w = await Walk(town, service=RENEWAL).begin()
        found = await w.applying.shared(w.session, RENEWAL, w.share)
        assert [f.material for f in found] == [1]
        await stand(town, "证件照", "absent", "share")
        assert await w.applying.shared(w.session, RENEWAL, w.share) == ()

    asyncio.run(walk())


def test_an_upload_is_resumed_where_it_broke(town):
    data = bytes(range(256)) * (2 * 1024) + b"tail"  # two parts and a bit

    async def walk() -> None:
        w = await Walk(town).begin()
        key = town.key("upl")
        first = await w.applying.start_upload(w.session, key, w.sheet(data))
        await w.applying.put_part(first.id, 1, data[:PART_BYTES])
        town.app.state.faults.set(_plan(drop_reply_after_commit=True, area="uploads", times=1))
        with pytest.raises(NoReply):
            await w.applying.put_part(first.id, 3, data[2 * PART_BYTES :])
        again = await w.applying.start_upload(w.session, key, w.sheet(data))
        assert again.id == first.id
        state = await w.applying.upload_state(first.id)
        assert state.parts == {1, 3}
        await w.applying.put_part(first.id, 2, data[PART_BYTES : 2 * PART_BYTES])
        assert (await w.applying.complete_upload(first.id, town.key("upl"))).complete

    asyncio.run(walk())


def _plan(**plan: Any) -> Any:
    from simulator.platform.faults import FaultPlan

    return FaultPlan(**plan)


def test_altered_octets_missing_parts_and_too_much_are_refused(town):
    async def walk() -> None:
        w = await Walk(town).begin()
        data = b"x" * 1000
        state = await w.applying.start_upload(w.session, town.key("upl"), w.sheet(data))
        with pytest.raises(Problem) as caught:
            await w.applying.complete_upload(state.id, town.key("upl"))
        assert caught.value.slug == "validation"
        with pytest.raises(Problem) as caught:
            await w.applying.put_part(state.id, 1, data[:-1])
        assert caught.value.slug == "upload-hash-mismatch"
        await w.applying.put_part(state.id, 1, b"y" * 1000)  # of the right length, and not what was announced
        with pytest.raises(Problem) as caught:
            await w.applying.complete_upload(state.id, town.key("upl"))
        assert caught.value.slug == "upload-hash-mismatch"
        with pytest.raises(Problem) as caught:
            await w.applying.start_upload(w.session, town.key("upl"), w.sheet(data, bytes=9 * 1024 * 1024))
        assert (caught.value.slug, caught.value.status) == ("upload-too-large", 413)

    asyncio.run(walk())


def test_what_was_not_handed_in_can_be_forgotten(town):
    async def walk() -> None:
        w = await Walk(town).begin()
        upload = await w.uploaded(b"x" * 300)
        await w.applying.drop_upload(upload)
        with pytest.raises(Problem) as caught:
            await w.applying.upload_state(upload)
        assert caught.value.slug == "not-found"
        assert rows(town, "SELECT * FROM upload_part") == []

    asyncio.run(walk())


def test_a_draft_begun_at_one_terminal_goes_on_at_another(town):
    """R34."""

    async def walk() -> None:
        a = await Walk(town).begin()
        upload = await a.uploaded(b"sheet" * 100)
        materials = (MaterialRef(0, "scan", "C", (upload,)),)
        draft = await a.applying.start_draft(a.session, town.key(), SKILL, FORM, materials, keep=True)
        other = town.terminal("WH-WD-0001") if _enrolled(town) else town.platform
        b = await Walk(town, platform=other).begin()
        (found,) = await b.applying.my_drafts(b.session, SKILL)
        assert (found.id, dict(found.form), found.materials) == (draft.id, FORM, materials)
        handed = (*found.materials, SIGNED)
        accepted = await b.applying.submit(b.session, town.key("sub"), b.application(handed, draft=found.id))
        assert accepted.archive == (hashlib.sha256(b"sheet" * 100).hexdigest(),)
        assert await b.applying.my_drafts(b.session, SKILL) == ()
        theirs = await Walk(town, LIU).begin()
        assert await theirs.applying.my_drafts(theirs.session) == ()
        with pytest.raises(Problem):
            await theirs.applying.read_draft(theirs.session, draft.id)

    asyncio.run(walk())


def _enrolled(town: Any) -> bool:
    """Whether another terminal may speak here without more ado: a key is enrolled for each with the same code."""
    return bool(town.settings.activation)


def test_two_terminals_that_change_one_draft_do_not_overwrite_each_other(town):
    async def walk() -> None:
        w = await Walk(town).begin()
        draft = await w.applying.start_draft(w.session, town.key(), SKILL, {}, ())
        changed = await w.applying.change_draft(w.session, town.key(), draft, FORM, ())
        assert changed.etag != draft.etag
        with pytest.raises(Problem) as caught:
            await w.applying.change_draft(w.session, town.key(), draft, {}, ())
        assert (caught.value.slug, caught.value.status) == ("version-conflict", 412)
        assert dict((await w.applying.read_draft(w.session, draft.id)).form) == FORM
        await w.applying.drop_draft(w.session, draft.id)
        with pytest.raises(Problem):
            await w.applying.read_draft(w.session, draft.id)

    asyncio.run(walk())


def test_a_kept_draft_lasts_a_week_and_another_only_the_session(town):
    async def walk() -> None:
        w = await Walk(town).begin()
        await w.applying.start_draft(w.session, town.key(), SKILL, FORM, (), keep=True)
        town.wall.pass_(days=6, hours=23)
        later = await Walk(town).begin()
        assert len(await later.applying.my_drafts(later.session)) == 1
        town.wall.pass_(hours=2)
        later = await Walk(town).begin()
        assert await later.applying.my_drafts(later.session) == ()
        await later.applying.start_draft(later.session, town.key(), SKILL, FORM, ())
        assert await later.applying.my_drafts(later.session) == ()

    asyncio.run(walk())


def test_the_precheck_says_everything_at_once(town):
    """R26: missing, blurred, other person, flaws of the form: one list."""

    async def walk() -> None:
        w = await Walk(town).begin()
        blurred = await w.uploaded(b"a" * 500, dpi=40, check="other")
        form = {**FORM, "phone": "123"}
        draft: Draft = await w.applying.start_draft(
            w.session, town.key(), SKILL, form, (MaterialRef(0, "scan", "C", (blurred,)),)
        )
        flaws = await w.applying.precheck(w.session, draft.id)
        assert {(f.code, f.material, f.field) for f in flaws} == {
            ("form", None, "phone"), ("blurred", 0, ""), ("other-person", 0, ""),
        }  # fmt: skip
        empty = await w.applying.change_draft(w.session, town.key(), draft, FORM, ())
        assert [(f.code, f.material) for f in await w.applying.precheck(w.session, empty.id)] == [("missing", 0)]
        good = await w.uploaded(b"b" * 500)
        right = await w.applying.change_draft(
            w.session, town.key(), empty, FORM, (MaterialRef(0, "scan", "C", (good,)),)
        )
        assert await w.applying.precheck(w.session, right.id) == ()
        await ask(town, "precheck", {"material": 0, "code": "wrong-side"})
        assert [f.code for f in await w.applying.precheck(w.session, right.id)] == ["wrong-side"]

    asyncio.run(walk())


@pytest.mark.promise("P4")
def test_one_case_for_an_intent_and_for_a_draft(town):
    async def walk() -> None:
        w = await Walk(town).begin()
        upload = await w.uploaded(b"sheet" * 90)
        handed = (MaterialRef(0, "scan", "C", (upload,)), SIGNED)
        draft = await w.applying.start_draft(w.session, town.key(), SKILL, FORM, handed)
        body, key = w.application(handed, draft=draft.id), town.key("sub")
        town.app.state.faults.set(_plan(drop_reply_after_commit=True, area="applications", times=1))
        with pytest.raises(NoReply):
            await w.applying.submit(w.session, key, body)
        found = await w.applying.find_by_draft(draft.id, key)
        again = await w.applying.submit(w.session, key, body)
        assert found == again
        with pytest.raises(Problem) as caught:
            await w.applying.submit(w.session, town.key("sub"), body)
        assert caught.value.slug == "duplicate-application"
        assert len(rows(town, "SELECT 1 FROM application")) == 1

    asyncio.run(walk())


def test_one_byte_after_signing_is_refused(town):
    """R10."""

    async def walk() -> None:
        w = await Walk(town).begin()
        upload = await w.uploaded(b"sheet" * 90)
        body = w.application((MaterialRef(0, "scan", "C", (upload,)), SIGNED))
        body["form"] = {**FORM, "cert_no": "S0001235"}
        with pytest.raises(Problem) as caught:
            await w.applying.submit(w.session, town.key("sub"), body)
        assert [f.code for f in caught.value.errors] == ["signature"]

    asyncio.run(walk())


def test_a_scan_cannot_pass_for_a_copy_of_the_library(town):
    async def walk() -> None:
        w = await Walk(town).begin()
        upload = await w.uploaded(b"sheet" * 90)
        for ref in (MaterialRef(0, "scan", "A", (upload,)), MaterialRef(7, "scan", "C", (upload,))):
            with pytest.raises(Problem) as caught:
                await w.applying.submit(w.session, town.key("sub"), w.application((ref, SIGNED)))
            assert caught.value.slug == "validation"
        wrong = MaterialRef(0, "elicense", "A", (upload,))
        with pytest.raises(Problem) as caught:
            await w.applying.submit(w.session, town.key("sub"), w.application((wrong, SIGNED)))
        assert caught.value.slug == "material-rejected"

    asyncio.run(walk())


def test_a_case_is_supplemented_and_withdrawn_by_its_own_person(town):
    async def walk() -> None:
        w = await Walk(town).begin()
        upload = await w.uploaded(b"sheet" * 90)
        handed = (MaterialRef(0, "scan", "C", (upload,)), SIGNED)
        number = (await w.applying.submit(w.session, town.key("sub"), w.application(handed))).number
        better = (MaterialRef(0, "scan", "C", (await w.uploaded(b"better" * 90),)),)
        with pytest.raises(Problem) as caught:
            await w.applying.supplement(w.session, town.key(), number, better, w.consents)
        assert caught.value.slug == "item-not-available"
        await ask(town, f"applications/{number}/ask", {"materials": [0]})
        (case,) = await w.applying.mine(w.session)
        assert (case.number, case.state, case.asked_for) == (number, "SUPPLEMENT", (0,))
        case = await w.applying.supplement(w.session, town.key(), number, better, w.consents)
        assert (case.state, case.asked_for) == ("IN_PROGRESS", ())
        assert len(rows(town, "SELECT 1 FROM archive WHERE source = 'scan'")) == 2
        theirs = await Walk(town, LIU).begin()
        with pytest.raises(Problem) as caught:
            await theirs.applying.withdraw(theirs.session, town.key(), number, "mistake")
        assert caught.value.slug == "not-found"
        assert (await w.applying.withdraw(w.session, town.key(), number, "mistake")).state == "WITHDRAWN"
        with pytest.raises(Problem):
            await w.applying.withdraw(w.session, town.key(), number, "other")

    asyncio.run(walk())


def test_a_million_licences_are_looked_up_in_no_time(town):
    """The seeds' scale: 851,000 licences entered by 2017; the library answers by holder, not by walking."""
    from time import perf_counter

    with town.app.state.city.store.transaction() as cx:
        cx.executemany(
            "INSERT INTO licence VALUES (?, ?, 'elicense', ?, ?, '威海市', NULL)",
            ((f"lic_x{n:07d}", f"H{n // 5:06d}", f"kind{n % 5}", f"N{n:07d}") for n in range(1_000_000)),
        )

    async def walk() -> float:
        w = await Walk(town).begin()
        await w.applying.licences(w.session, SKILL, w.licence)
        began = perf_counter()
        for _ in range(10):
            await w.applying.licences(w.session, SKILL, w.licence)
        return (perf_counter() - began) / 10

    assert asyncio.run(walk()) < 0.25
