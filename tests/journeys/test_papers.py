"""Papers under virtual time: the real steps, journal, outbox and client against the reference platform; a scripted
citizen, a desk that gives sheets. What is found is used by consent, the rest is scanned, sent, checked, handed in."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Coroutine
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import requests
from citizens_hall import NOON, URL, Display
from test_scan_step import Desk, Reader

from config.catalogue import load_catalogue
from config.load import load_settings
from kiosk.clock import Clock
from kiosk.duties.fulfilment import Submissions
from kiosk.duties.outbox import Outbox
from kiosk.duties.sealed_sheets import FOLDER, NoRoom, SealedSheets
from kiosk.intents import State
from kiosk.journal import Journal
from kiosk.keys import MachineKey
from kiosk.materials import papers
from kiosk.money.charging import new_id
from kiosk.platform.client import Platform
from kiosk.steps import draft
from kiosk.steps.materials import materials
from kiosk.steps.precheck import precheck
from kiosk.steps.review import review
from kiosk.steps.scan import scan
from kiosk.steps.submit import submit
from kiosk.visits.case import Case, Tools
from kiosk.visits.visit import Ended, Replies, Visit
from screens.models import Place
from screens.screen import Reply
from simulator.people import CITIZENS
from simulator.platform.app import create_app
from simulator.platform.faults import FaultPlan
from simulator.platform.inprocess import InProcessAdapter
from simulator.virtual_time import run_virtual

WHO = CITIZENS["citizen-02"]
CATALOGUE = load_catalogue()
SKILL, ARBITRATION, RENEWAL = "WH-SI-022", "WH-NO-006", "WH-PS-001"
FORM = {
    SKILL: {"cert_no": "S0001234", "bank_card": "6222021234567894", "phone": WHO.phone},
    ARBITRATION: {"other_party": "威海样例公司", "matter": "拖欠工资", "phone": WHO.phone},
    RENEWAL: {"region_reg": "371002", "phone": WHO.phone, "receive_mode": "pickup"},
}
SHEET = b"\xff\xd8" + b"page" * 100_000  # two parts
SCANNED = (("scan_page", "capture"), ("scan_kept", "done"))


class Room:
    """A terminal's parts around one case, and the city."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    async def __aenter__(self) -> Room:
        clock = Clock(NOON.timestamp())
        self.clock = clock
        self.settings = load_settings("simulated", overrides={"state_dir": str(self.folder)})
        self.app = create_app(clock=clock.now, catalogue=CATALOGUE)
        session = requests.Session()
        session.trust_env = False
        session.mount(URL, InProcessAdapter(self.app))
        platform_settings = self.settings.platform.model_copy(update={"url": URL})
        self.platform = Platform(platform_settings, "WH-HC-0003", session=session, now=clock.platform_now)
        self.journal = Journal(self.folder / "journal.db", clock)
        await self.journal.open()
        self.key = MachineKey.load(self.folder / "machine.key")
        self.outbox = Outbox(self.journal, self.key)
        self.sheets = SealedSheets(self.folder)
        self.submissions = Submissions(self.journal, self.outbox, self.platform, self.sheets)
        self.tasks = [asyncio.ensure_future(self.outbox.run())]
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self.tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        await self.journal.close()
        await self.platform.close()

    async def case(self, service: str, sheet: bytes = SHEET) -> Case:
        """A citizen who is proven and has agreed to everything."""
        display, replies = Display(), Replies()
        visit = Visit(display, replies, Place("zh", "环翠区", 3, "0631-12345", True), self.settings.manners)
        desk: Any = Desk([sheet])
        tools: Any = SimpleNamespace(
            settings=self.settings, catalogue=CATALOGUE, clock=self.clock, journal=self.journal, key=self.key,
            outbox=self.outbox, submissions=self.submissions, platform=self.platform, camera=desk,
            document_camera=None, documents=desk, texts=Reader([]),
        )  # fmt: skip
        assert set(vars(tools)) <= set(Tools.__slots__)
        case = Case(visit, CATALOGUE.services[service], tools)
        p, who = self.platform, WHO
        case.session = await p.open_session(new_id("ses"))
        for key, classes in (("service", ["card"]), ("licence", ["licence"]), ("share", ["share"])):
            case.granted[key] = await p.consent(case.session, new_id("cns"), key, classes, "2026-11")
            case.consents.append(case.granted[key])
        case.granted["portrait"] = await p.consent(
            case.session, new_id("cns"), "portrait", ["portrait", "share"], "2026-11"
        )
        await p.prove_card(case.session, new_id("prf"), who.name, who.number, "resident", who.valid_to, service=service)
        face = await p.consent(case.session, new_id("cns"), "face", ["face"], "2026-11")
        await p.prove_face(case.session, new_id("prf"), 0.7, "pass", "test", face)
        card = SimpleNamespace(name=who.name, number=who.number, address="威海市", valid_to=who.valid_to)
        case.visit.vault.put("card-here", True)
        case.__class__ = _carded(card)  # type: ignore[assignment]  # the same, with a card
        case.keep_form(FORM[service])
        return case

    async def stand(self, kind: str, state: str, source: str = "elicense") -> None:
        await self.at_desk("licences", {"citizen": "citizen-02", "kind": kind, "source": source, "state": state})

    async def at_desk(self, path: str, body: dict[str, Any]) -> None:
        session = requests.Session()
        session.mount(URL, InProcessAdapter(self.app))
        reply = await asyncio.to_thread(session.post, f"{URL}/sim/{path}", json=body)
        assert reply.status_code == 200, reply.text

    def faults(self, **plan: Any) -> None:
        self.app.state.faults.set(FaultPlan(**plan))

    def rows(self, query: str) -> list[dict[str, Any]]:
        with self.app.state.city.store.transaction() as cx:
            return [dict(r) for r in cx.execute(query).fetchall()]


def _carded(card: Any) -> type:
    class Carded(Case):
        __slots__ = ()

    Carded.card = card  # type: ignore[assignment]  # as far as it is asked
    return Carded


async def played(case: Case, step: Callable[[Case], Coroutine[Any, Any, Any]], *answers: tuple[str, ...]) -> Any:
    """Run a step; each answer is (page that must come, key, value)."""
    task = asyncio.ensure_future(step(case))
    display: Any = case.visit.display
    for name, key, *value in answers:
        async with asyncio.timeout(300):
            while display.screen is None or display.screen.page != name:
                if task.done():
                    break
                await asyncio.sleep(0.05)
        assert not task.done() or display.screen.page == name, f"{name} never came: {display.pages}"
        await asyncio.sleep(1.0)
        case.visit.replies.put(Reply(key, *value))
        await asyncio.sleep(0.5)
    async with asyncio.timeout(300):
        return await task


def virtual(folder: Path, story: Callable[[Room], Coroutine[Any, Any, None]]) -> None:
    async def told() -> None:
        async with Room(folder) as room:
            await story(room)

    run_virtual(told())


def states(case: Case) -> dict[int, str]:
    return {p.material: p.state for p in papers.planned(case)}


def test_a_licence_in_the_library_means_no_scan(tmp_path: Path) -> None:
    """R08: present: zero scans requested."""

    async def story(room: Room) -> None:
        await room.stand("技能等级证书", "valid")
        case = await room.case(SKILL)
        assert await played(case, materials, ("materials", "continue")) == "next"
        assert await played(case, scan) == "next"
        assert "scan_page" not in case.visit.display.pages  # type: ignore[attr-defined]  # the test's own display
        assert await played(case, review, ("review", "confirm")) == "next"
        assert await played(case, submit) == "next"
        assert case.accepted is not None
        assert case.accepted.number
        assert [(r["source"], r["grade"]) for r in room.rows("SELECT source, grade FROM archive")] == [
            ("elicense", "A")
        ]
        assert len(room.rows("SELECT * FROM signature")) == 1

    virtual(tmp_path, story)


@pytest.mark.parametrize(("state", "note"), [("absent", "没有查到"), ("expired", "已过期")])
def test_absent_or_expired_it_is_scanned(tmp_path: Path, state: str, note: str) -> None:
    """R08: absent: the scan step appears; expired: scan and a note. R11: what was sent is what the archive has."""

    async def story(room: Room) -> None:
        await room.stand("技能等级证书", state)
        case = await room.case(SKILL)
        assert await played(case, materials, ("materials", "continue")) == "next"
        display: Any = case.visit.display
        said = [str(s) for s in display.screens if s.page == "materials"]
        assert note in said[-1]
        assert await played(case, scan, *SCANNED) == "next"
        await asyncio.sleep(5)
        assert case.uploads is not None
        assert case.uploads.all_there, "sent while the citizen goes on"
        assert await played(case, review, ("review", "confirm")) == "next"
        assert await played(case, submit) == "next"
        digest = hashlib.sha256(SHEET).hexdigest()
        assert [r["sha256"] for r in room.rows("SELECT sha256 FROM archive")] == [digest]
        await papers.close(case)
        assert case.materials.sheets() == (), "nothing is kept after acceptance"

    virtual(tmp_path, story)


def test_without_consent_the_library_is_not_asked(tmp_path: Path) -> None:
    async def story(room: Room) -> None:
        await room.stand("技能等级证书", "valid")
        case = await room.case(SKILL)
        del case.granted["licence"]
        await played(case, materials, ("materials", "continue"))
        assert states(case) == {0: "scan", 1: "sign"}

    virtual(tmp_path, story)


def test_what_was_found_need_not_be_used(tmp_path: Path) -> None:
    async def story(room: Room) -> None:
        await room.stand("技能等级证书", "valid")
        case = await room.case(SKILL)
        await played(case, materials, ("materials", "toggle", "0"), ("materials", "continue"))
        assert states(case) == {0: "scan", 1: "sign"}
        assert room.rows("SELECT * FROM licence_copy") == []

    virtual(tmp_path, story)


@pytest.mark.parametrize("there", [True, False])
def test_a_stored_portrait_takes_the_place_of_the_camera(tmp_path: Path, there: bool) -> None:
    """R48: photo present: no camera step, and no page either; absent: it is taken."""

    async def story(room: Room) -> None:
        await room.stand("证件照", "valid" if there else "absent", "share")
        case = await room.case(RENEWAL)
        if there:
            assert await played(case, materials) == "next"
            assert states(case) == {0: "here", 1: "found", 2: "skipped", 3: "sign"}
            assert case.visit.display.pages == ["working"]  # type: ignore[attr-defined]  # the test's own display
        else:
            case.visit.vault.put("photo", b"\xff\xd8jpeg")
            await played(case, materials, ("materials", "continue"))
            assert states(case)[1] == "photo"
            papers.send(case)
            await asyncio.sleep(5)
            assert len(papers.handed_in(case)[1].refs) == 1

    virtual(tmp_path, story)


def test_an_upload_goes_on_after_a_break_and_the_review_waits_for_it(tmp_path: Path) -> None:
    async def story(room: Room) -> None:
        case = await room.case(SKILL)
        del case.granted["licence"]
        await played(case, materials, ("materials", "continue"))
        room.faults(down=True, area="uploads", times=6)
        await played(case, scan, *SCANNED)
        assert case.uploads is not None
        assert not case.uploads.all_there
        assert await played(case, review, ("review", "confirm")) == "next"
        display: Any = case.visit.display
        assert "uploading" in display.pages
        assert len(room.rows("SELECT * FROM upload WHERE state = 'COMPLETE'")) == 1

    virtual(tmp_path, story)


def test_every_problem_is_shown_at_once_and_mended_in_its_place(tmp_path: Path) -> None:
    """R26."""

    async def story(room: Room) -> None:
        case = await room.case(SKILL)
        del case.granted["licence"]
        case.keep_form({**FORM[SKILL], "phone": "123"})
        await played(case, materials, ("materials", "continue"))
        await played(case, scan, *SCANNED)
        await room.at_desk("precheck", {"material": 0, "code": "blurred"})
        task = asyncio.ensure_future(precheck(case))
        display: Any = case.visit.display
        while display.screen is None or display.screen.page != "precheck":
            await asyncio.sleep(0.1)
        lines = [item.value for block in display.screen.blocks for item in getattr(block, "items", ())]
        assert lines == ["fphone", "m0"]
        await room.at_desk("precheck", {"material": 0, "code": ""})
        case.visit.replies.put(Reply("mend", "m0"))
        for page, key in SCANNED:
            while display.screen.page != page:
                await asyncio.sleep(0.1)
            await asyncio.sleep(1.0)
            case.visit.replies.put(Reply(key))
        while display.screen.page != "precheck":
            await asyncio.sleep(0.1)
        await asyncio.sleep(0.2)
        case.visit.replies.put(Reply("mend", "fphone"))
        assert await task == "back"
        assert case.visit.vault.get("focus") == "phone"

    virtual(tmp_path, story)


def test_a_kept_draft_goes_on_in_another_visit(tmp_path: Path) -> None:
    """R34: form and sheets, without scanning anything again."""

    async def story(room: Room) -> None:
        case = await room.case(SKILL)
        del case.granted["licence"]
        await played(case, materials, ("materials", "continue"))
        await played(case, scan, *SCANNED)
        offer = asyncio.ensure_future(draft.offer_to_keep(case, Ended("leave")))
        await asyncio.sleep(1)
        assert case.visit.display.screen.page == "draft_keep"  # type: ignore[attr-defined]  # the test's own display
        case.visit.replies.put(Reply("keep"))
        await offer
        await papers.close(case)
        later = await room.case(SKILL)
        del later.granted["licence"]
        later.keep_form({})
        await played(later, draft.resume, ("draft_found", "continue"))
        assert later.form == FORM[SKILL]
        await played(later, materials, ("materials", "continue"))
        assert await played(later, scan) == "next", "the sheets are there"
        assert await played(later, review, ("review", "confirm")) == "next"
        assert await played(later, submit) == "next"
        assert later.accepted is not None
        assert later.accepted.number
        assert room.rows("SELECT * FROM draft") == []

    virtual(tmp_path, story)


@pytest.mark.promise("P6")
def test_a_visit_that_ends_forgets_its_sheets_here_and_there(tmp_path: Path) -> None:
    async def story(room: Room) -> None:
        case = await room.case(SKILL)
        del case.granted["licence"]
        await played(case, materials, ("materials", "continue"))
        await played(case, scan, *SCANNED)
        await asyncio.sleep(5)
        assert room.rows("SELECT 1 FROM upload")
        await papers.close(case)
        case.visit.vault.close()
        assert room.rows("SELECT 1 FROM upload") == []
        assert SHEET[:400] not in b"".join(f.read_bytes() for f in tmp_path.rglob("*") if f.is_file())

    virtual(tmp_path, story)


@pytest.mark.promise("P4")
@pytest.mark.parametrize("algorithm", ["X25519-SHA256-AES256GCM", "X25519-SHA256-SM4GCM"])
def test_without_a_network_it_is_sealed_said_to_be_received_and_sent_once(tmp_path: Path, algorithm: str) -> None:
    async def story(room: Room) -> None:
        platform = room.settings.platform.model_copy(update={"sealing": algorithm})
        room.settings = room.settings.model_copy(update={"platform": platform})
        case = await queued(room)
        assert case.accepted is not None
        assert not case.accepted.number
        assert case.accepted.local
        files = list((tmp_path / FOLDER).iterdir())
        assert len(files) == 1
        on_disk = b"".join(f.read_bytes() for f in tmp_path.rglob("*") if f.is_file())
        assert SHEET[:400] not in on_disk
        assert WHO.number.encode() not in on_disk
        assert room.rows("SELECT * FROM application") == []
        room.faults(drop_reply_after_commit=True, area="sealed-applications", times=1)
        room.outbox.poke()
        await asyncio.sleep(120)
        (row,) = room.rows("SELECT citizen, service FROM application")
        assert row == {"citizen": WHO.number, "service": ARBITRATION}
        assert [r["sha256"] for r in room.rows("SELECT sha256 FROM archive")] == [hashlib.sha256(SHEET).hexdigest()]
        assert list((tmp_path / FOLDER).iterdir()) == []
        intent = await room.journal.intent(case.accepted.intent)
        assert intent is not None
        assert intent.state is State.DONE

    virtual(tmp_path, story)


async def queued(room: Room) -> Case:
    """An application for arbitration, the network gone after sign-in."""
    case = await room.case(ARBITRATION)
    await played(case, materials, ("materials", "continue"))
    room.faults(down=True)
    await played(case, scan, *SCANNED)
    assert await played(case, review, ("review", "confirm")) == "next"
    assert await played(case, submit, ("queued", "continue")) == "next"
    return case


def test_after_three_days_it_is_not_accepted_and_the_person_is_told(tmp_path: Path) -> None:
    async def story(room: Room) -> None:
        case = await queued(room)
        room.tasks.pop().cancel()  # three days of a minute's tries each are not looked at one by one
        await asyncio.sleep(72 * 3600 + 120)
        room.tasks.append(asyncio.ensure_future(room.outbox.run()))
        await asyncio.sleep(5)
        assert list((tmp_path / FOLDER).iterdir()) == [], "deleted in time, network or not"
        room.faults()
        room.outbox.poke()
        await asyncio.sleep(120)
        (sms,) = room.rows("SELECT citizen, text FROM sms")
        assert sms["citizen"] == WHO.number
        assert "未受理" in sms["text"]
        assert case.accepted is not None
        intent = await room.journal.intent(case.accepted.intent)
        assert intent is not None
        assert intent.state is State.REFUSED
        assert room.rows("SELECT * FROM application") == []

    virtual(tmp_path, story)


def test_sealed_sheets_have_a_bound_and_orphans_go(tmp_path: Path) -> None:
    sheets = SealedSheets(tmp_path)
    with pytest.raises(NoRoom):
        sheets.keep("sub_aaaa", [b"x" * (13 * 1024 * 1024)] * 2)
    names = sheets.keep("sub_bbbb", [b"one", b"two"])
    sheets.keep("sub_cccc", [b"three"])
    assert sheets.forget_others({"sub_bbbb"}) == 1
    assert [sheets.read(name) for name in names] == [b"one", b"two"]
    with pytest.raises(ValueError, match="not the name"):
        sheets.read("../machine.key")
