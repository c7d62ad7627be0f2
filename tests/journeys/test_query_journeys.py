"""Every query of the catalogue at the terminal: found, not found, without a network; the slip; what is opened next."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from citizens_hall import Hall

from config.catalogue import Service, load_catalogue
from config.service_form import Option
from config.service_words import Words
from kiosk.catalogue.kept_choices import KeptChoices
from kiosk.catalogue.reference_data import ReferenceData, has_reference, keep_reference, kept_items
from kiosk.forms.choices import choices_of
from kiosk.offering.capability import Capability, Network
from kiosk.steps.result import result
from kiosk.visits.case import Case
from kiosk.visits.visit import Ended, Replies, Visit
from screens.models import Place
from screens.screen import Reply
from screens.text import as_text
from simulator.people import CITIZENS
from simulator.platform.dictionaries import choices
from simulator.virtual_time import run_virtual

QUERIES = sorted(s.id for s in load_catalogue().services.values() if "result" in s.steps and s.id != "WH-GN-001")
"""The progress of a case has pages of its own (`kiosk.steps.progress`)."""
ZHANG = CITIZENS["citizen-02"]
BY_TYPE = {
    "date": "20261101", "month": "202610", "year": "2026", "money": "12.50", "phone": "19906311074",
    "region": "371002", "uscc": "91371000MA3C1D2E18", "idno": "371002199203155028", "plate": "鲁K12345",
    "digits": "12345678",
}  # fmt: skip
BY_KEY = {"name": "王海", "utterance": "公积金", "keyword": "公积金"}
WITHOUT = {"to", "period", "engine6", "cert_no", "case_no", "field", "region", "level", "pay"}


def answers(hall: Hall, service: Service) -> dict[str, str]:
    """Something right for every field."""
    found: dict[str, str] = {}
    for spec in service.form:
        if spec.only_for == "organisation" and service.who != "organisation":
            continue
        if (spec.key in WITHOUT or (spec.key == "keyword" and has_reference(service))) and not spec.required:
            continue
        if spec.options_from:
            found[spec.key] = choices(hall.app.state.city, f"{service.id}.{spec.key}")[0].key  # type: ignore[index]
        elif spec.options:
            found[spec.key] = spec.options[0].key
        else:
            found[spec.key] = BY_KEY.get(spec.key) or BY_TYPE.get(spec.type, "2026110001")[: spec.max_length]
        if spec.lengths:
            found[spec.key] = "1" * spec.lengths[0]
    return found


class Asking:
    """One citizen in a hall who looks one thing up; the steps before are taken for granted."""

    def __init__(self, hall: Hall, service: str) -> None:
        self.hall = hall
        self.replies = Replies()
        place = Place("zh", "环翠区政务服务中心", 3, "0631-12345", True)
        self.visit = Visit(hall.display, self.replies, place, hall.tools.settings.manners)
        self.case = Case(self.visit, hall.tools.catalogue.services[service], hall.tools)

    async def prepare(self) -> None:
        """A session at the item's level, and a filled form."""
        case, p, service = self.case, self.hall.platform, self.case.service
        case.keep_form(answers(self.hall, service))
        if service.level == "A0":
            return
        key = f"key-{service.id}-{id(self)}"
        case.session = await p.open_session(f"{key}-ses")
        case.consents = [await p.consent(case.session, f"{key}-cns", "service", ["card", "share"], "2026-11")]
        card = ("resident", ZHANG.valid_to)
        await p.prove_card(case.session, f"{key}-prf", ZHANG.name, ZHANG.number, *card, service="WH-PS-001")
        with self.hall.app.state.city.store.transaction() as cx:
            cx.execute("UPDATE session SET level = ? WHERE id = ?", (service.level, case.session))
            if service.who == "organisation":
                acting = (case.session, "91371000MA3C1D2E18", "legal")
                cx.execute("INSERT OR REPLACE INTO acting VALUES (?, ?, ?)", acting)

    async def run(self, *keys: str) -> tuple[str, list[str]]:
        """Run the step; `keys` are touched one after another, each on a page that waits. Its end, and the pages."""
        step = asyncio.ensure_future(result(self.case))
        seen = []
        for key in (*keys, ""):
            for _ in range(400):
                await asyncio.sleep(0.05)
                screen = self.hall.display.screen
                if step.done() or (screen is not None and screen.countdown is not None):
                    break
            if step.done() or not key:
                break
            assert self.hall.display.screen is not None
            seen.append(as_text(self.hall.display.screen))
            self.hall.display.screen = None
            name, _, value = key.partition("=")
            self.replies.put(Reply(name, value))
        try:
            return await asyncio.wait_for(step, 60), seen
        except Ended as end:
            return end.how, seen


async def told(hall: Hall, wish: str) -> dict[str, tuple[str, str]]:
    """Every query once: how the step ended and what its page said."""
    await hall.desk("queries", answer=wish)
    found = {}
    for service in QUERIES:
        asking = Asking(hall, service)
        await asking.prepare()
        how, pages = await asking.run("continue")
        found[service] = (how, pages[-1] if pages else "")
        asking.visit.vault.close()
    return found


@cache
def answered(wish: str) -> dict[str, tuple[str, str]]:
    """All queries in one hall."""

    async def ask(folder: Path) -> dict[str, tuple[str, str]]:
        async with Hall(folder) as hall:
            hall.tasks[-1].cancel()  # nobody else stands at the terminal
            return await told(hall, wish)

    with TemporaryDirectory() as folder:
        return run_virtual(ask(Path(folder)))


@pytest.mark.parametrize("service", QUERIES)
def test_what_is_known_is_shown(service: str) -> None:
    how, page = answered("found")[service]
    assert how == "next"
    assert "没有查到" not in page
    assert "截至" in page or "工作人员会给您打电话" in page or "请打电话" in page


@pytest.mark.parametrize(
    "service", [s for s in QUERIES if s not in ("WH-NO-005", "WH-GN-020", "WH-GN-018", "WH-GN-002")]
)
def test_no_record_is_an_answer_with_advice(service: str) -> None:
    how, page = answered("none")[service]
    assert how == "next"
    assert "没有查到记录" in page
    advice = page.split("没有查到记录", 1)[1].strip().splitlines()[0]
    assert len(advice) >= 8


def in_hall(folder: Path, story) -> None:  # type: ignore[no-untyped-def]  # a coroutine function over a hall
    async def played() -> None:
        async with Hall(folder) as hall:
            hall.tasks[-1].cancel()
            await story(hall)

    run_virtual(played())


def test_reference_data_answer_without_a_network_for_seven_days(tmp_path: Path) -> None:
    async def story(hall: Hall) -> None:
        store = ReferenceData(hall.tools.settings.state_dir, hall.tools.settings.platform.public_key)
        for service in kept_items(hall.tools.catalogue):
            assert await store.fetch(hall.platform, service) is not None
        await hall.fault(down=True)
        asking = Asking(hall, "WH-MI-015")
        asking.case.keep_form({"keyword": "阿莫西林"})
        how, pages = await asking.run("continue")
        assert how == "next"
        assert "网络暂时不通" in pages[-1]
        assert "阿莫西林胶囊" in pages[-1]
        clock = hall.tools.clock
        clock.heard(clock.platform_now() + timedelta(days=8))
        old = Asking(hall, "WH-MI-015")
        old.case.keep_form({"keyword": "阿莫西林"})
        with pytest.raises(Exception, match="reference-old"):
            await old.run()

    in_hall(tmp_path, story)


def test_a_kept_query_is_offered_offline_once_its_choices_are_kept_and_its_form_comes(tmp_path: Path) -> None:
    async def story(hall: Hall) -> None:
        tools = hall.tools
        store = ReferenceData(tools.settings.state_dir, tools.settings.platform.public_key)
        service = tools.catalogue.services["WH-MI-014"]
        asking = Asking(hall, service.id)
        network = Network(online=False)
        here = Capability(tools.catalogue, {}, tools.money, network)
        here.kept = store.has_all
        for path in store.folder.glob("*"):
            path.unlink()
        assert here.of(service).reason == "reason.network"
        alone = sum(s.offline == "cache" and store.has_all(s) for s in tools.catalogue.services.values())
        before = here.available()
        keeping = asyncio.ensure_future(keep_reference(store, hall.platform, tools.catalogue))
        await asyncio.sleep(60)
        keeping.cancel()
        assert here.of(service).limit == "limit.cache"
        assert alone == 1  # one sentence is found in the terminal's own catalogue
        assert here.available() > before
        await hall.fault(down=True)
        level = next(spec for spec in service.form if spec.key == "level")
        found = (await choices_of(asking.case, [level]))["level"]
        assert [o.key for o in found] == [o.key for o in choices(hall.app.state.city, "WH-MI-014.level") or ()]
        asking.case.keep_form({"region": "371002", "level": found[0].key})
        how, pages = await asking.run("continue")
        assert how == "next"
        assert "网络暂时不通" in pages[-1]

    in_hall(tmp_path, story)


@pytest.mark.parametrize("written", [b"[", b"{}", b'[{"key": "a"}]', b'[{"key": "a", "zh": "", "en": "x"}]', b"[1]"])
def test_kept_choices_that_were_spoilt_are_none(tmp_path: Path, written: bytes) -> None:
    kept = KeptChoices(tmp_path)
    kept.keep("WH-MI-014", "level", (Option(key="a", label=Words(zh="甲", en="A")),))
    assert [o.key for o in kept.get("WH-MI-014", "level")] == ["a"]
    kept.path("WH-MI-014", "level").write_bytes(written)
    assert kept.get("WH-MI-014", "level") == ()
    with pytest.raises(ValueError, match="no choices are kept"):
        kept.path("../x", "level")


def test_a_personal_query_keeps_nothing_and_says_that_there_is_no_network(tmp_path: Path) -> None:
    async def story(hall: Hall) -> None:
        asking = Asking(hall, "WH-HF-001")
        await asking.prepare()
        await hall.desk("queries", answer="found")
        assert (await asking.run("continue"))[0] == "next"
        await hall.fault(down=True)
        with pytest.raises(Exception, match="network"):
            await asking.run()
        kept = b"".join(f.read_bytes() for f in tmp_path.rglob("*") if f.is_file())
        for personal in ("住房公积金账户", ZHANG.name, ZHANG.number, "公积金账户"):
            assert personal.encode() not in kept

    in_hall(tmp_path, story)


def test_the_slip_says_what_the_page_says_and_masks_the_name(tmp_path: Path) -> None:
    async def story(hall: Hall) -> None:
        await hall.desk("queries", answer="found")
        asking = Asking(hall, "WH-HF-001")
        await asking.prepare()
        how, pages = await asking.run("print", "continue")
        assert how == "next"
        assert "凭条打好了" in pages[-1]
        paper = hall.receipts_there.paper
        slip = "\n".join(r.text for r in paper.receipts)
        assert "查询结果" in slip
        assert "账户余额" in slip
        assert ZHANG.name not in slip
        kinds = [e["kind"] for e in await hall.journal.entries(limit=500)]
        assert kinds.count("slip.printed") == 1

    in_hall(tmp_path, story)


def test_a_sensitive_answer_is_not_printed(tmp_path: Path) -> None:
    async def story(hall: Hall) -> None:
        await hall.desk("queries", answer="found")
        asking = Asking(hall, "WH-PS-007")
        await asking.prepare()
        _, pages = await asking.run("continue")
        assert "打印凭条" not in pages[-1]

    in_hall(tmp_path, story)


def test_a_sentence_opens_the_item_that_is_touched(tmp_path: Path) -> None:
    async def story(hall: Hall) -> None:
        asking = Asking(hall, "WH-GN-018")
        asking.case.keep_form({"utterance": "查公积金"})
        how, pages = await asking.run("service=WH-HF-001")
        assert how == "lead"
        assert asking.visit.lead is not None
        assert asking.visit.lead.service == "WH-HF-001"
        assert "公积金" in pages[-1]

    in_hall(tmp_path, story)


def test_further_records_take_the_place_of_the_first(tmp_path: Path) -> None:
    async def story(hall: Hall) -> None:
        await hall.desk("queries", answer="found")
        asking = Asking(hall, "WH-HF-001")
        await asking.prepare()
        asking.case.keep_form({"from": "20160101"})
        how, pages = await asking.run("more", "more", "more", "continue")
        assert how == "next"
        assert "继续看后面的记录" in pages[0]
        assert pages[0].count("•••") > pages[3].count("•••") > 0

    in_hall(tmp_path, story)


def test_without_the_platform_there_is_still_a_number_to_call(tmp_path: Path) -> None:
    async def story(hall: Hall) -> None:
        await hall.fault(down=True)
        asking = Asking(hall, "WH-GN-020")
        how, pages = await asking.run("continue")
        assert how == "next"
        assert "0631-12345" in pages[-1]

    in_hall(tmp_path, story)
