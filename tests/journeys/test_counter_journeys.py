"""Tickets, the issuing cabinet and copies at the terminal: once, with or without a network, and nothing stays."""

from __future__ import annotations

import asyncio
import io
import json
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pypdfium2
import pytest
from citizens_hall import Hall
from PIL import Image
from test_query_journeys import Asking

from drivers.camera.documents import Scanned
from drivers.outcome import Refused
from kiosk.duties.tickets import NoTicket, Tickets
from kiosk.printing.copies import CopyError, CopySheet, copy_pdf
from kiosk.steps.collect import collect, collectable
from kiosk.steps.copy import copy
from kiosk.steps.ticket import ticket
from kiosk.visits.case import Stop
from kiosk.visits.visit import Ended
from screens.screen import Reply
from screens.text import as_text
from simulator.virtual_time import run_virtual


def in_hall(folder: Path, story: Any) -> None:
    """Run a story in a hall where nobody else stands at the terminal."""

    async def played() -> None:
        async with Hall(folder) as hall:
            hall.tasks[-1].cancel()
            await story(hall)

    run_virtual(played())


async def walk(asking: Asking, step: Any, *keys: str) -> tuple[str, list[str]]:
    """Run `step`; `keys` are touched on the pages that wait. Gives how it ended and what the pages said."""
    hall = asking.hall
    hall.display.screen = None
    task, seen = asyncio.ensure_future(step(asking.case)), []
    for key in (*keys, ""):
        for _ in range(2000):
            await asyncio.sleep(0.05)
            screen = hall.display.screen
            if task.done() or (screen is not None and screen.countdown is not None):
                break
        if task.done() or not key:
            break
        assert hall.display.screen is not None
        seen.append(as_text(hall.display.screen))
        hall.display.screen = None
        asking.replies.put(Reply(*key.split("=")[:1]))
    try:
        return str(await asyncio.wait_for(task, 200)), seen
    except Stop as stop:
        return stop.model.cause, seen
    except Ended as end:
        return end.how, seen


def tickets(hall: Hall) -> Tickets:
    tools = hall.tools
    return Tickets(tools.settings.state_dir, tools.journal, tools.outbox, tools.platform, tools.clock)


def given(hall: Hall) -> list[str]:
    """Every number that the platform has on record as valid."""
    with hall.app.state.city.store.transaction() as cx:
        return [r["number"] for r in cx.execute("SELECT number FROM ticket WHERE void = 0 ORDER BY rowid")]


def test_a_ticket_is_on_paper_and_on_the_screen(tmp_path: Path) -> None:
    async def story(hall: Hall) -> None:
        asking = Asking(hall, "WH-GN-005")
        asking.case.keep_form({"ticket_kind": "general"})
        how, pages = await walk(asking, ticket, "continue")
        assert how == "next"
        assert "A001" in pages[0]
        assert "A001" in hall.receipts_there.paper.receipts[0].text

    in_hall(tmp_path, story)


@pytest.mark.promise("P4")
def test_without_a_network_numbers_of_the_range_are_given_once_and_reported_once(tmp_path: Path) -> None:
    async def story(hall: Hall) -> None:
        assert await tickets(hall).replenish()
        await hall.fault(down=True)
        numbers = []
        for _ in range(5):
            numbers.append((await tickets(hall).take("v-1", "general")).number)  # each with a fresh memory
        assert numbers == ["Z2000", "Z2001", "Z2002", "Z2003", "Z2004"]
        await hall.fault()
        async with asyncio.timeout(600):
            while len(given(hall)) < 5:
                hall.tools.outbox.poke()
                await asyncio.sleep(1)
        assert given(hall) == numbers
        assert (await tickets(hall).take("v-2", "general")).number == "A001"

    in_hall(tmp_path, story)


def test_a_lost_answer_leaves_one_valid_number_for_one_citizen(tmp_path: Path) -> None:
    async def story(hall: Hall) -> None:
        await tickets(hall).replenish()
        await hall.fault(drop_reply_after_commit=True, area="tickets", times=1)
        number = (await tickets(hall).take("v-1", "general")).number
        assert number.startswith("Z")
        async with asyncio.timeout(600):
            while number not in given(hall):
                hall.tools.outbox.poke()
                await asyncio.sleep(1)
        assert given(hall) == [number]

    in_hall(tmp_path, story)


def test_a_range_that_was_altered_or_is_of_yesterday_gives_nothing(tmp_path: Path) -> None:
    async def story(hall: Hall) -> None:
        await tickets(hall).replenish()
        path = hall.tools.settings.state_dir / "ticket-range.json"
        good = json.loads(path.read_text())
        await hall.fault(down=True)
        for wrong in (
            {**good, "next": "2000"},
            {**good, "next": 2100},
            {**good, "range": {**good["range"], "last": 99_999}},
            [],
        ):
            path.write_text(json.dumps(wrong))
            with pytest.raises(NoTicket):
                await tickets(hall).take("v-1", "general")
        path.write_text(json.dumps({**good, "next": 2099}))
        assert (await tickets(hall).take("v-1", "general")).number == "Z2099"
        with pytest.raises(NoTicket):
            await tickets(hall).take("v-1", "general")
        path.write_text(json.dumps(good))
        clock = hall.tools.clock
        clock.heard(clock.platform_now() + timedelta(days=1))
        with pytest.raises(NoTicket):
            await tickets(hall).take("v-1", "general")
        how, _ = await walk(Asking(hall, "WH-GN-005"), ticket)
        assert how == "network"

    in_hall(tmp_path, story)


# The issuing cabinet


async def collecting(hall: Hall, cabinet: str) -> Asking:
    await hall.desk("cabinet", cabinet=cabinet)
    asking = Asking(hall, "WH-RE-012")
    await asking.prepare()
    asking.case.keep_form({"accept_no": "3710022611020009"})
    return asking


async def noted(hall: Hall, prefix: str) -> list[str]:
    return [e["kind"] for e in await hall.journal.entries(limit=500) if e["kind"].startswith(prefix)]


def test_what_is_ready_is_taken_out_and_recorded(tmp_path: Path) -> None:
    async def story(hall: Hall) -> None:
        asking = await collecting(hall, "ready")
        how, pages = await walk(asking, collect, "open-door")
        assert how == "next"
        assert "做好了" in pages[0]
        assert await noted(hall, "collect.") == ["collect.opened", "collect.taken"]

    in_hall(tmp_path, story)


def test_the_door_opens_once_when_the_answer_is_lost(tmp_path: Path) -> None:
    async def story(hall: Hall) -> None:
        asking = await collecting(hall, "ready")
        task = asyncio.ensure_future(walk(asking, collect, "open-door"))
        await asyncio.sleep(1)
        await hall.fault(drop_reply_after_commit=True, area="collections", times=1)
        how, _ = await task
        assert how == "next"
        with hall.app.state.city.store.transaction() as cx:
            assert [r["state"] for r in cx.execute("SELECT state FROM collection")] == ["TAKEN"]

    in_hall(tmp_path, story)


@pytest.mark.parametrize(("cabinet", "cause"), [("not-ready", "collect-not-ready"), ("stuck", "collect-failed")])
def test_what_cannot_be_had_is_said(tmp_path: Path, cabinet: str, cause: str) -> None:
    async def story(hall: Hall) -> None:
        asking = await collecting(hall, cabinet)
        how, _ = await walk(asking, collect, "open-door", "continue")
        assert how == cause

    in_hall(tmp_path, story)


def test_nothing_is_paid_before_it_is_ready(tmp_path: Path) -> None:
    async def story(hall: Hall) -> None:
        asking = await collecting(hall, "not-ready")
        how, pages = await walk(asking, collectable, "continue")
        assert how == "collect-not-ready"
        assert "还没有做好" in pages[0]

    in_hall(tmp_path, story)


def test_a_door_that_nobody_empties_is_recorded_as_left(tmp_path: Path) -> None:
    async def story(hall: Hall) -> None:
        asking = await collecting(hall, "left")
        await hall.desk("cabinet", cabinet="ready")
        await asking.hall.platform.counters.find_collection(
            asking.case.session, "WH-RE-012", "3710022611020009", asking.case.consents
        )
        await hall.desk("cabinet", cabinet="left")
        how, _ = await walk(asking, collect, "open-door")
        assert how == "next"
        assert await noted(hall, "collect.") == ["collect.opened", "collect.left"]

    in_hall(tmp_path, story)


# Copies


def picture(colour: tuple[int, int, int], size: tuple[int, int] = (428, 270)) -> bytes:
    data = io.BytesIO()
    Image.new("RGB", size, colour).save(data, "JPEG")
    return data.getvalue()


RED, BLUE = picture((200, 40, 40)), picture((40, 40, 200))


def test_both_sides_of_a_card_stand_on_one_page_at_their_true_size() -> None:
    sheets = [CopySheet(RED, (85.6, 54.0)), CopySheet(BLUE, (85.6, 54.0))]
    pdf, pages = copy_pdf(sheets)
    with pypdfium2.PdfDocument(pdf) as opened:
        assert (len(opened), pages) == (1, 1)
        assert [round(v * 25.4 / 72) for v in opened[0].get_size()] == [210, 297]
        seen = opened[0].render(scale=254 / 72 / 10 * 10).to_pil().convert("RGB")  # 10 pixels a mm
    for near in ((200, 40, 40), (40, 40, 200)):
        mask = [
            (x, y)
            for y in range(0, seen.height, 4)
            for x in range(0, seen.width, 4)
            if all(abs(a - b) < 40 for a, b in zip(seen.getpixel((x, y)), near, strict=True))
        ]
        per_mm = seen.width / 210
        wide = (max(x for x, _ in mask) - min(x for x, _ in mask)) / per_mm
        high = (max(y for _, y in mask) - min(y for _, y in mask)) / per_mm
        assert abs(wide - 85.6) < 1
        assert abs(high - 54.0) < 1


def test_a_copy_carries_its_purpose_and_the_terminal_that_is_simulated() -> None:
    a4 = CopySheet(picture((255, 255, 255), (210, 297)), (210, 297))
    pdf, pages = copy_pdf([a4, a4], mark="仅供租房使用", simulated=True)
    assert pages == 2
    with pypdfium2.PdfDocument(pdf) as opened:
        for page in opened:
            text = page.get_textpage().get_text_range()
            assert "仅供租房使用" in text
            assert "SIMULATED" in text
    for wrong in ([], [a4] * 41):
        with pytest.raises(CopyError):
            copy_pdf(wrong)
    with pytest.raises(CopyError):
        copy_pdf([a4], mark="长" * 41)


def scanned(asking: Asking, kind: str, *jpegs: bytes) -> None:
    """As the scan pages leave it: sealed sheets in the vault."""
    for jpeg in jpegs:
        asking.case.materials.keep(0, Scanned(kind, jpeg, b"\x80" * 12, (2, 2), 150, 0.9))


def test_copies_come_out_and_the_scan_goes_to_the_phone(tmp_path: Path) -> None:
    async def story(hall: Hall) -> None:
        asking = Asking(hall, "WH-GN-016")
        asking.case.keep_form({"copies": "2", "watermark": "租房"})
        scanned(asking, "id-card", RED, BLUE)
        how, pages = await walk(asking, copy, "print", "send", "continue", "continue")
        assert how == "next"
        assert len(hall.licences.pages) == 2
        assert "打印 2 份" in pages[0]
        assert "复印件打好了" in pages[1]
        assert "请用手机扫码领取" in pages[2]
        assert await noted(hall, "copy.") == ["copy.printed", "copy.printed", "copy.sent"]
        asking.visit.vault.close()
        kept = b"".join(f.read_bytes() for f in tmp_path.rglob("*") if f.is_file())
        assert RED[:200] not in kept
        assert b"%PDF-" not in kept

    in_hall(tmp_path, story)


@pytest.mark.promise("P1")
def test_three_failures_end_it_and_the_money_goes_back(tmp_path: Path) -> None:
    async def story(hall: Hall) -> None:
        asking = Asking(hall, "WH-GN-016")
        asking.case.keep_form({"copies": "1"})
        scanned(asking, "id-card", RED, BLUE)
        given_back = []

        async def give_back(intent: str) -> bool:
            given_back.append(intent)
            return True

        hall.tools.money.give_back = give_back  # type: ignore[method-assign]
        asking.case.charge = SimpleNamespace(intent="chg-00000001", fen=200)  # type: ignore[assignment]
        hall.licences.answer = Refused("paper-out")
        how, pages = await walk(asking, copy, "print", "print", "print")
        assert how == "copy-failed"
        assert "没有打印成功" in pages[1]
        assert given_back == ["chg-00000001"]

    in_hall(tmp_path, story)


def test_without_a_network_it_can_be_printed_only(tmp_path: Path) -> None:
    async def story(hall: Hall) -> None:
        asking = Asking(hall, "WH-GN-017")
        asking.case.keep_form({"copies": "1", "pages": "1"})
        scanned(asking, "a4", picture((240, 240, 240), (210, 297)))
        hall.tools.outbox.online = False
        how, pages = await walk(asking, copy, "print", "continue")
        assert how == "next"
        assert "不能发到手机" in pages[0]
        assert "发到我的手机" not in pages[0]

    in_hall(tmp_path, story)
