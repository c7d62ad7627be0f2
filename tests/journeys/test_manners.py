"""Manners of a visit under virtual time: masks that come back, waiting that can be ended, time that is given again,
another language or look in mid-form that loses nothing, and pages that wait as long as page_times.toml says."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import cache
from types import SimpleNamespace
from typing import Any

import pytest
from citizens_hall import Display
from hypothesis import given, settings
from hypothesis import strategies as st

from config.catalogue import FormFieldSpec, load_catalogue
from config.page_times import page_times
from config.service_form import Option
from config.service_words import Words
from config.settings import Manners
from kiosk.forms.entry import enter
from kiosk.forms.rules import options_of
from kiosk.visits.vault import Vault
from kiosk.visits.visit import STILL_THERE_S, UNMASKED_S, Ended, Replies, Visit
from screens import models as m
from screens import pages
from screens.modes import MODES
from screens.screen import Actions, Candidates, Field, Items, Keypad, Language, Mode, Reply, Rows, Screen
from simulator.run_all import errands_of, run_all
from simulator.virtual_time import run_virtual

KNOWN = (m.Known("姓名", "张*荣", "card", "张桂荣"), m.Known("领取", "自取"))
REVIEW = m.Review("居民身份证到期换领", KNOWN, 2000, "")


class Desk:
    """A visit, and what its citizen sees."""

    def __init__(self, language: Language = "zh", mode: Mode = "standard") -> None:
        self.display, self.replies = Display(), Replies()
        place = m.Place(language, "环翠", 3, "0631-12345", True, mode)
        self.visit = Visit(self.display, self.replies, place, Manners())
        self.visit.vault = Vault()

    @property
    def screen(self) -> Screen:
        assert self.display.screen is not None
        return self.display.screen

    async def touch(self, key: str, value: str = "") -> None:
        await asyncio.sleep(0.05)
        self.replies.put(Reply(key, value))
        await asyncio.sleep(0.05)

    def values(self) -> list[str]:
        return [row.value for block in self.screen.blocks if isinstance(block, Rows) for row in block.rows]

    def buttons(self) -> set[str]:
        return {a.key for b in self.screen.blocks if isinstance(b, Actions) for a in b.actions}


def play(story: Callable[[Desk], Awaitable[None]], mode: Mode = "standard") -> None:
    run_virtual(story(Desk(mode=mode)))  # type: ignore[arg-type]  # every story here is a coroutine


async def reviewing(desk: Desk) -> asyncio.Task[Reply]:
    """The review waits for its citizen."""
    asked = asyncio.create_task(desk.visit.ask(lambda p: pages.review(p, REVIEW), seconds=120))
    await asyncio.sleep(0.1)
    return asked


# Masks


@pytest.mark.promise("P6")
@pytest.mark.parametrize(("mode", "patience"), [("standard", 1), ("elder", 2)])
def test_names_are_whole_for_some_seconds_and_then_masked_again(mode: Mode, patience: int) -> None:
    async def story(desk: Desk) -> None:
        asked = await reviewing(desk)
        assert desk.values() == ["张*荣", "自取"]
        await desk.touch("unmask", "on")
        assert desk.values() == ["张桂荣", "自取"]
        await asyncio.sleep(UNMASKED_S * patience - 0.5)
        assert desk.values() == ["张桂荣", "自取"]
        await asyncio.sleep(0.6)
        assert desk.values() == ["张*荣", "自取"]
        assert not asked.done()
        await desk.touch("unmask", "on")
        await desk.touch("unmask", "off")
        assert desk.values() == ["张*荣", "自取"]
        await desk.touch("confirm")
        assert await asked == Reply("confirm")

    play(story, mode)


@pytest.mark.promise("P6")
def test_no_other_page_begins_unmasked() -> None:
    async def story(desk: Desk) -> None:
        for way in ("edit", "agreed"):
            asked = await reviewing(desk)
            await desk.touch("unmask", "on")
            await desk.touch(way)
            assert await asked == Reply(way)
            asked = await reviewing(desk)
            assert desk.values() == ["张*荣", "自取"]
            await desk.touch("back")
            await asked

    play(story)


def test_looking_does_not_stop_the_countdown() -> None:
    async def story(desk: Desk) -> None:
        asked = await reviewing(desk)
        await desk.touch("unmask", "on")
        begun = asyncio.get_running_loop().time()
        with pytest.raises(Ended) as ended:
            await asked
        assert ended.value.how == "timeout"
        assert asyncio.get_running_loop().time() - begun == pytest.approx(120 + STILL_THERE_S, abs=1)

    play(story)


# Waiting


def test_what_only_reads_can_be_given_up_and_is_stopped() -> None:
    async def story(desk: Desk) -> None:
        stopped = asyncio.Event()

        async def slow() -> str:
            try:
                await asyncio.sleep(500)
            finally:
                stopped.set()
            return "answer"

        waiting = asyncio.create_task(desk.visit.during(lambda p: pages.working(p, m.Working("querying")), slow()))
        await asyncio.sleep(6)
        assert desk.screen.since is not None
        assert asyncio.get_running_loop().time() - desk.screen.since == pytest.approx(6, abs=0.1)
        assert desk.buttons() == {"back"}
        await desk.touch("back")
        assert await waiting == Reply("back")
        assert stopped.is_set()

    play(story)


def test_what_cannot_be_left_half_done_does_not_offer_it() -> None:
    async def story(desk: Desk) -> None:
        async def charge() -> str:
            await asyncio.sleep(20)
            return "charged"

        waiting = asyncio.create_task(
            desk.visit.complete(lambda p: pages.working(p, m.Working("submitting")), charge())
        )
        await asyncio.sleep(1)
        assert desk.buttons() == set()
        for key, value in (("back", ""), ("leave", ""), ("language", "en"), ("mode", "elder"), ("turn", "next")):
            await desk.touch(key, value)
        assert (desk.screen.language, desk.screen.mode) == ("en", "elder")
        assert await waiting == "charged"

    play(story)


def test_any_touch_gives_the_time_again_ten_times_and_more() -> None:
    async def story(desk: Desk) -> None:
        asked = await reviewing(desk)
        for at in range(12):
            await asyncio.sleep(100)
            key = ("turn", "help", "language")[at % 3]
            await desk.touch(key, {"turn": "next", "language": "en"}.get(key, ""))
            assert desk.screen.page == "review"
            countdown = desk.screen.countdown
            assert countdown is not None
            assert countdown.ends_at - asyncio.get_running_loop().time() > 119
        await desk.touch("confirm")
        assert await asked == Reply("confirm")

    play(story)


@pytest.mark.parametrize(("mode", "seconds"), [("standard", 30), ("elder", 60), ("low", 60)])
def test_the_warning_says_the_seconds_that_there_are_and_is_answered_by_one_touch(mode: Mode, seconds: int) -> None:
    async def story(desk: Desk) -> None:
        asked = await reviewing(desk)
        for _ in range(11):
            await asyncio.sleep(120 * seconds / 30 + 1)
            assert desk.screen.page == "still_there"
            assert str(seconds) in str(desk.screen.blocks)
            assert desk.screen.countdown is not None
            assert desk.screen.countdown.total_s == seconds >= 20
            await desk.touch("continue")
            assert desk.screen.page == "review"
        await desk.touch("confirm")
        assert await asked == Reply("confirm")

    play(story, mode)


# Another language or look in mid-form


def a_field(kind: str, **more: Any) -> FormFieldSpec:
    return FormFieldSpec(key="it", type=kind, label=Words(zh="项", en="It"), **more)  # type: ignore[arg-type]  # a literal


PLACES = {"it": tuple(Option(key=f"p{n}", label=Words(zh=f"第{n}小学", en=f"School {n}")) for n in range(30))}
Script = tuple[FormFieldSpec, tuple[tuple[str, str], ...]]
SCRIPTS: tuple[Script, ...] = (
    (a_field("text"), (*(("key", k) for k in "weihai"), ("candidates", "next"), ("candidate", "1"), ("key", "s"))),
    (a_field("text"), (*(("key", k) for k in "shan"), ("layer", "signs"), ("key", "3"), ("key", "backspace"))),
    (a_field("longtext", max_length=300), (("layer", "upper"), ("key", "A"), ("key", "newline"), ("key", "B"))),
    (a_field("addr", max_length=100), (("option", "371002"), ("option", "371002001"), ("key", "l"), ("key", "u"))),
    (a_field("enum", options_from="platform"), (("candidate", "1"),)),
    (a_field("list", options_from="platform", most=3), (("option", "p3"), ("option", "p1"), ("option", "p3"))),
    (a_field("list", max_length=200), (("add", ""), *(("key", k) for k in "hao"), ("candidate", "0"), ("key", "a"))),
)


def held(screen: Screen) -> list[object]:
    """Everything that a page holds for its citizen, apart from words and looks."""
    found: list[object] = [screen.page]
    for block in screen.blocks:
        match block:
            case Field():
                found.append((block.key, block.value, block.focused))
            case Candidates():
                found.append((block.told.split(" ")[-1], block.words if block.words[0].strip() else (), block.back))
            case Keypad():
                found.append((block.kind, block.layer))
            case Items():
                found.append([(item.value, item.icon) for item in block.items])
    return found


def walked(script: Script, switches: tuple[tuple[tuple[str, str], ...], ...]) -> list[list[object]]:
    """What the page holds after each touch of `script`, with `switches[n]` touched after the n-th."""
    spec, touches = script

    async def run() -> list[list[object]]:
        desk = Desk()
        tools = SimpleNamespace(code_camera=None, code_reader=None, texts=SimpleNamespace(reads_hand=False))
        case: Any = SimpleNamespace(visit=desk.visit, say=lambda key, **v: key, tools=tools)
        entering = asyncio.create_task(enter(case, spec, "", options_of(spec, PLACES)))
        seen = []
        for touch, between in zip(touches, switches, strict=True):
            await desk.touch(*touch)
            for switch in between:
                await desk.touch(*switch)
            for back in (("language", "zh"), ("mode", "standard")) if between else ():
                await desk.touch(*back)
            seen.append(held(desk.screen))
            assert not entering.done()
        entering.cancel()
        await asyncio.gather(entering, return_exceptions=True)
        return seen

    return run_virtual(run())


@cache
def plainly(at: int) -> list[list[object]]:
    return walked(SCRIPTS[at], ((),) * len(SCRIPTS[at][1]))


SWITCH = st.one_of(
    st.sampled_from(("zh", "en", "ko")).map(lambda language: ("language", language)),
    st.sampled_from(MODES).map(lambda mode: ("mode", str(mode))),
)


@pytest.mark.parametrize("at", range(len(SCRIPTS)), ids=[f"{s.type}-{n}" for n, (s, _) in enumerate(SCRIPTS)])
@settings(max_examples=12, deadline=None)
@given(data=st.data())
def test_another_language_or_look_in_mid_form_loses_nothing(at: int, data: st.DataObject) -> None:
    """Values, the field in focus, what is typed and not chosen yet, its candidates, the keys that are up."""
    steps = len(SCRIPTS[at][1])
    some = st.lists(SWITCH, max_size=3).map(tuple)
    switches = tuple(data.draw(st.tuples(*[some] * steps)))
    assert walked(SCRIPTS[at], switches) == plainly(at)


# How long pages wait


@pytest.fixture(scope="module")
def waits() -> dict[str, set[float]]:
    """Page to the seconds that it waited (at standard patience), over journeys of every kind."""
    found: dict[str, set[float]] = {}
    plain = Visit.refresh

    def refresh(self: Visit) -> None:
        plain(self)
        if self._deadline is not None and self._trail:
            found.setdefault(self._trail[-1], set()).add(self._total / self.patience)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Visit, "refresh", refresh)
        items = ("WH-PS-001", "WH-SI-001", "WH-HF-001", "WH-GN-005")
        run = run_all(tuple(errands_of(load_catalogue(), items, ("zh",), ("done",))), seed=7, told=lambda line: None)
        assert run.errors == []
    return found


def test_every_page_waits_as_long_as_its_kind(waits: dict[str, set[float]]) -> None:
    times = page_times()
    assert {"form", "review", "place_card", "finish", "leave", "home", "guide"} <= set(waits)
    for page, seconds in waits.items():
        least, most = times.bounds(times.kind_of(page))
        assert all(least <= each <= most for each in seconds), f"{page} ({times.kind_of(page)}): {seconds}"
    assert "working" not in waits
