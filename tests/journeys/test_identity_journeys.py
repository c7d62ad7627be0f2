"""Who is here, in whole visits: step-up, the phone's ways, no card, organisations, consents, a second matter."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from citizens_hall import Hall

from config.consents import asked_by
from kiosk.identity.consenting import counts
from screens.screen import Items, Screen
from simulator.people import CITIZENS
from simulator.virtual_time import run_virtual

Story = Callable[[Hall], Awaitable[None]]
ZHANG = CITIZENS["citizen-02"]


def play(folder: Path, story: Story) -> None:
    """Run one story; afterwards nobody's data may be on the disk (P6)."""

    async def told() -> None:
        async with Hall(folder) as hall:
            await story(hall)

    run_virtual(told())
    left = b"".join(p.read_bytes() for p in folder.iterdir() if p.is_file())
    for citizen in CITIZENS.values():
        for personal in (citizen.name, citizen.number, citizen.phone, citizen.address):
            assert personal.encode() not in left, citizen.key


async def to_guide(hall: Hall, service: str) -> Screen:
    """Standby or home, to the first page of the item."""
    screen = await hall.page("standby", "home")
    if screen.page == "standby":
        await hall.press("start")
        await hall.page("home")
    await hall.press("service", service)
    await hall.page("guide")
    await hall.press("start")
    return await hall.page("consent", "for_whom", "phone_code", "form")


def sessions(hall: Hall) -> list[Any]:
    with hall.app.state.city.store.transaction() as cx:
        return [dict(r) for r in cx.execute("SELECT * FROM session ORDER BY rowid")]


def consents(hall: Hall) -> list[str]:
    with hall.app.state.city.store.transaction() as cx:
        return [r["purpose"] for r in cx.execute("SELECT purpose FROM consent ORDER BY rowid")]


def keys_of(screen: Screen) -> list[tuple[str, str]]:
    return [(i.key, i.value) for b in screen.blocks if isinstance(b, Items) for i in b.items]


def test_a_second_matter_in_the_same_visit_asks_only_for_what_is_missing(tmp_path: Path) -> None:
    async def story(hall: Hall) -> None:
        await hall.identified("WH-SI-001")
        await hall.page("form")
        (session,) = sessions(hall)
        await hall.press("home")
        page = await to_guide(hall, "WH-PS-001")
        assert ("other-person", "") in keys_of(page)
        assert ZHANG.name not in str(page)
        await hall.press("agree")
        asked = await hall.page("consent", "place_card")
        assert asked.title == "确认是您本人，有两种方式"
        await hall.press("agree")
        await hall.page("form", "materials", within_s=60)
        assert hall.display.pages.count("place_card") == 1
        (same,) = sessions(hall)
        assert (same["id"], same["level"], session["level"]) == (session["id"], "A3", "A2")
        hall.lift()
        await hall.press("leave")
        await hall.page("standby")
        (closed,) = sessions(hall)
        assert (closed["closed"], closed["number"]) == (1, None)

    play(tmp_path, story)


def test_what_was_proven_is_asked_again_after_ten_minutes(tmp_path: Path) -> None:
    async def story(hall: Hall) -> None:
        await hall.identified("WH-SI-001")
        await hall.page("form")
        for _ in range(13):
            for _ in range(5):
                await hall.press("mode", "elder")
                await hall.press("mode", "elder")
            await hall.page("form")
            await _wait(50)
        await hall.press("home")
        await to_guide(hall, "WH-PS-001")
        await hall.press("agree")
        await hall.page("place_card")

    play(tmp_path, story)


async def _wait(seconds: float) -> None:
    await asyncio.sleep(seconds)


def test_somebody_else_can_go_on_and_nothing_of_the_first_is_left(tmp_path: Path) -> None:
    async def story(hall: Hall) -> None:
        await hall.identified("WH-SI-001")
        await hall.page("form")
        hall.lift()
        await hall.press("home")
        await to_guide(hall, "WH-SI-001")
        await hall.press("other-person")
        page = await hall.page("consent")
        assert "张" not in str(page)
        await hall.press("agree")
        await hall.page("place_card")
        hall.reader_there.do("present", card="citizen-05")
        await hall.page("form")
        first, second = sessions(hall)
        assert (first["closed"], second["number"]) == (1, CITIZENS["citizen-05"].number)

    play(tmp_path, story)


def test_signing_in_with_the_phone_s_code_and_stepping_up_on_the_phone_keeps_the_flow(tmp_path: Path) -> None:
    async def story(hall: Hall) -> None:
        held: list[str] = []
        _hold_codes(hall, held)
        await to_guide(hall, "WH-GN-019")
        for which, reason in (("expired", "过期"), ("used", "用过"), ("foreign", "外省")):
            held.append((await hall.desk("phone/app-code", citizen="citizen-02", which=which))["code"])
            await _until(hall, lambda page, r=reason: page.page == "phone_code" and r in str(page))
        held.append((await hall.desk("phone/app-code", citizen="citizen-02"))["code"])
        page = await hall.page("signed_in")
        assert ZHANG.name not in str(page)
        await hall.press("here")
        await to_guide(hall, "WH-SI-001")
        await hall.press("agree")
        await hall.page("place_card")
        await hall.press("no-card")
        ways = keys_of(await hall.page("other_ways"))
        assert ("way", "match") in ways
        await hall.press("way", "match")
        await hall.page("number_match")
        await hall.answer_match("confirm")
        await hall.page("form")
        (session,) = sessions(hall)
        assert (session["level"], session["number"]) == ("A3", ZHANG.number)

    play(tmp_path, story)


def test_a_refused_code_that_stays_before_the_camera_is_put_to_the_platform_once(tmp_path: Path) -> None:
    async def story(hall: Hall) -> None:
        asked: list[str] = []
        there: list[str] = []
        prove = hall.tools.platform.identity.prove_code

        async def counted(session: str, key: str, code: str) -> Any:
            asked.append(code)
            return await prove(session, key, code)

        async def read_code(*_: object) -> Any:
            await asyncio.sleep(0.3)
            return SimpleNamespace(text=there[0], format="qrcode") if there else None

        hall.tools.platform.identity.prove_code = counted
        hall.camera.read_code = read_code  # type: ignore[attr-defined]
        old = (await hall.desk("phone/app-code", citizen="citizen-02", which="expired"))["code"]
        there.append(old)
        await to_guide(hall, "WH-GN-019")
        await _until(hall, lambda page: page.page == "phone_code" and "过期" in str(page))
        await asyncio.sleep(10)
        assert asked == [old]
        assert hall.display.screen is not None
        assert "过期" in str(hall.display.screen)
        await hall.press("show")
        await hall.page("phone_qr")
        await hall.press("hold")
        await _until(hall, lambda page: page.page == "phone_code" and "过期" in str(page))
        assert asked == [old]
        there[0] = (await hall.desk("phone/app-code", citizen="citizen-02"))["code"]
        await hall.page("signed_in")
        assert asked == [old, there[0]]

    play(tmp_path, story)


def test_the_terminal_s_code_scanned_by_the_phone_and_signing_out_there(tmp_path: Path) -> None:
    async def story(hall: Hall) -> None:
        _hold_codes(hall, [])
        await to_guide(hall, "WH-GN-019")
        await hall.page("phone_code")
        await hall.press("show")
        await hall.page("phone_qr")
        await hall.desk("phone/session-scan", citizen="citizen-02")
        await _until(hall, lambda page: page.page == "phone_qr" and "点选" in page.title)
        assert (await hall.desk("phone/session-pick", citizen="citizen-02"))["state"] == "confirmed"
        await hall.page("signed_in")
        await hall.press("here")
        await to_guide(hall, "WH-SI-001")
        await hall.press("agree")
        await hall.page("form")
        assert "place_card" not in hall.display.pages
        await hall.press("home")
        assert (await hall.desk("phone/logout", citizen="citizen-02"))["ended"] == 1
        await to_guide(hall, "WH-SI-001")
        await hall.press("agree")
        told = await hall.page("not_done")
        assert "退出" in str(told)

    play(tmp_path, story)


def test_going_on_on_the_phone_ends_the_terminal_s_part(tmp_path: Path) -> None:
    async def story(hall: Hall) -> None:
        _hold_codes(hall, [])
        await to_guide(hall, "WH-GN-019")
        await hall.page("phone_code")
        await hall.press("show")
        await hall.page("phone_qr")
        await hall.desk("phone/session-scan", citizen="citizen-02")
        await hall.desk("phone/session-pick", citizen="citizen-02")
        await hall.page("signed_in")
        await hall.press("to-phone")
        await hall.page("hand_over")
        await hall.desk("phone/session-scan", citizen="citizen-02")
        await _until(hall, lambda page: page.page == "hand_over" and "接上" in page.title)
        await hall.press("leave")
        await hall.page("standby")
        assert [(s["kiosk"], s["closed"]) for s in sessions(hall)][1] == ("PHONE", 0)

    play(tmp_path, story)


@pytest.mark.parametrize("way", ["match", "officer"])
def test_a_lost_card_is_replaced_by_its_number_and_an_equal_way(tmp_path: Path, way: str) -> None:
    async def story(hall: Hall) -> None:
        await to_guide(hall, "WH-PS-002")
        await hall.press("agree")
        await hall.page("place_card")
        await hall.press("no-card")
        assert ("way", "number") in keys_of(await hall.page("other_ways"))
        await hall.press("way", "number")
        await hall.page("type_number")
        await hall.type(ZHANG.number[:17] + ("0" if ZHANG.number[17] != "0" else "1"))
        await hall.press("next")
        assert "不对" in str(await hall.page("type_number"))
        await hall.press("key", "backspace")
        await hall.type(ZHANG.number[17])
        await hall.press("next")
        await hall.page("number_match")
        if way == "officer":
            await hall.press("other-way")
            assert ("way", "card") not in keys_of(await hall.page("other_ways"))
            await hall.press("way", "officer")
            await hall.page("officer_wait")
            (check,) = await hall.sim("officer-checks")
            await hall.desk(f"officer-checks/{check['id']}", answer="confirm")
        else:
            await hall.answer_match("confirm")
        await _until(hall, lambda page: page.page not in ("number_match", "officer_wait", "working"))
        assert "face" not in hall.display.pages
        (session,) = sessions(hall)
        assert (session["level"], session["number"]) == ("A3", ZHANG.number)

    play(tmp_path, story)


def test_an_organisation_is_chosen_from_the_platform_s_list_and_nothing_is_typed(tmp_path: Path) -> None:
    async def story(hall: Hall) -> None:
        service = _item(hall, "person-or-organisation", "A2")
        assert (await to_guide(hall, service)).page == "for_whom"
        await hall.press("organisation")
        await hall.page("consent")
        await hall.press("agree")
        await hall.page("place_card")
        hall.reader_there.do("present", card="citizen-03")
        await hall.page("consent")
        await hall.press("agree")
        page = await hall.page("organisations", within_s=60)
        (line,) = [i for b in page.blocks if isinstance(b, Items) for i in b.items]
        assert line.label == "威海样例渔具有限公司"
        await hall.press("organisation", line.value)
        await _until(hall, lambda p: p.page not in ("organisations", "working"))
        (session,) = sessions(hall)
        assert session["level"] == "A4"
        acting = [json.loads(e["body"]) for e in await hall.journal.entries(limit=500) if e["kind"] == "acting"]
        assert acting == [{"organisation": "91371000MA3C1D2E18", "role": "legal-representative"}]
        await hall.press("home")
        assert (await to_guide(hall, service)).page == "for_whom"
        await hall.press("myself")
        await hall.page("consent")
        await hall.press("agree")
        await _until(hall, lambda p: p.page not in ("consent", "working"))
        (session,) = sessions(hall)
        assert session["level"] == "A3"

    play(tmp_path, story)


def test_without_a_right_the_organisation_s_matter_is_refused_with_what_to_do(tmp_path: Path) -> None:
    async def story(hall: Hall) -> None:
        await to_guide(hall, _item(hall, "organisation", "A4"))
        await hall.press("agree")
        await hall.page("place_card")
        hall.reader_there.do("present", card="citizen-05")
        await hall.page("consent")
        await hall.press("agree")
        told = await hall.page("not_done", within_s=60)
        assert "授权" in str(told)

    play(tmp_path, story)


def _item(hall: Hall, who: str, level: str) -> str:
    """An item of that kind that can be started here."""
    return next(
        s.id
        for s in hall.tools.catalogue.services.values()
        if (s.who, s.level) == (who, level)
        and s.organisation_level == "A4"
        and "consent" in s.steps
        and hall.capability.of(s).available
    )


def test_refusing_a_source_leaves_the_rest_and_nothing_is_read_from_it(tmp_path: Path) -> None:
    async def story(hall: Hall) -> None:
        page = await to_guide(hall, "WH-PS-001")
        assert ("source", "share") in keys_of(page)
        await hall.press("some")
        await hall.page("place_card")
        hall.reader_there.do("present", card="citizen-02")
        await hall.page("consent")
        await hall.press("agree")
        await _until(hall, lambda p: p.page in ("form", "materials", "choose_from"))
        assert consents(hall) == ["service", "face"]
        noted = counts(await hall.journal.entries(limit=500))
        assert noted["share 2026-11"] == {"refused": 1}
        assert noted["service 2026-11"] == {"given": 1}

    play(tmp_path, story)


def test_what_was_agreed_to_is_taken_back_with_one_touch(tmp_path: Path) -> None:
    async def story(hall: Hall) -> None:
        await to_guide(hall, "WH-PS-001")
        await hall.press("source", "share")
        await hall.press("some")
        await hall.page("place_card")
        hall.reader_there.do("present", card="citizen-02")
        await hall.page("consent")
        await hall.press("agree")
        asks = ("form", "materials", "choose_from")
        await _until(hall, lambda p: p.page in asks and any(a.key == "agreed" for a in p.modes))
        await hall.press("agreed")
        page = await hall.page("agreed")
        assert ("withdraw", "share") in keys_of(page)
        await hall.press("withdraw", "share")
        await hall.page("agreed")
        await hall.press("continue")
        assert consents(hall) == ["service", "face"]
        await _until(hall, lambda p: p.page == "consent")
        await hall.press("some")
        await _until(hall, lambda p: p.page in asks)
        await hall.press("agreed")
        await hall.page("agreed")
        await hall.press("withdraw", "service")
        assert "收回" in str(await hall.page("not_done"))
        assert sessions(hall)[0]["closed"] == 1

    play(tmp_path, story)


def test_a_card_lifted_in_silence_ends_the_wait_sooner(tmp_path: Path) -> None:
    async def story(hall: Hall) -> None:
        await hall.identified("WH-SI-001")
        await hall.page("form")
        await _wait(5)
        hall.lift()
        await _wait(25)
        assert hall.display.screen is not None
        assert hall.display.screen.page == "form"
        await hall.page("still_there", within_s=12)

    play(tmp_path, story)


def test_every_item_asks_for_what_its_data_say_and_nothing_else(tmp_path: Path) -> None:
    from config.catalogue import load_catalogue

    for service in load_catalogue().services.values():
        asked = asked_by(service, organisation=service.who == "organisation")
        sources = {s for m in service.materials for s in m.sources}
        assert asked[0] == "service"
        assert ("licence" in asked) <= ("identify" in service.steps)
        if "identify" in service.steps:
            assert ("licence" in asked) == ("elicense" in sources or any(f.prefill == "licence" for f in service.form))
            assert ("agency" in asked) == (service.who == "organisation")
        assert len(asked) <= 6


def _hold_codes(hall: Hall, held: list[str]) -> None:
    """The camera sees each of `held` once, in its order."""

    async def read_code(*_: object) -> Any:
        while not held:
            await asyncio.sleep(0.3)
        await asyncio.sleep(0.3)
        return SimpleNamespace(text=held.pop(0), format="qrcode")

    hall.camera.read_code = read_code  # type: ignore[attr-defined]


async def _until(hall: Hall, wanted: Callable[[Screen], bool], within_s: float = 90.0) -> Screen:
    async with asyncio.timeout(within_s):
        while hall.display.screen is None or not wanted(hall.display.screen):
            hall.display.changed.clear()
            await hall.display.changed.wait()
    await asyncio.sleep(0.05)
    assert hall.display.screen is not None
    return hall.display.screen
