"""The writing page by finger, Korean keyboard and code: touches under virtual time; and once with the real net."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import Any

import pytest
from hand_cases import jitter, medians

from config.load import load_settings
from config.service_form import FormFieldSpec
from config.service_words import Words
from drivers.camera.texts import TextEngine, TextLine
from drivers.errors import DeviceFault, NoAnswer
from kiosk.forms.entry.writing import write
from kiosk.visits.case import Case
from kiosk.visits.visit import Ended, Replies, Visit
from screens import ink
from screens.models import Place
from screens.screen import Candidates, Field, Ink, Keypad, Reply, Screen
from simulator.virtual_time import run_virtual

SEED = 11
STREET = "文化路街"
ROAD = FormFieldSpec(key="addr", type="text", label=Words(zh="路名", en="Road", ko="도로"), max_length=20)


class Net:
    """Knows the strokes of the fixture again, however they were shaken; may be slow, silent or broken."""

    reads_hand = True

    def __init__(self) -> None:
        self.asked = 0
        self.fault: Exception | None = None

    async def start(self) -> None: ...

    async def read_hand(self, strokes: Any) -> tuple[TextLine, ...]:
        self.asked += 1
        await asyncio.sleep(0.02)
        if self.fault is not None:
            raise self.fault
        best = sorted(medians(), key=lambda c: _far(medians()[c], strokes))[:8]
        return tuple(TextLine(character, 0.9) for character in best)


def _far(one: Any, other: Any) -> float:
    """How far two characters are apart: the count of strokes, and where each begins."""
    at = list(zip(one, other, strict=False))
    return abs(len(one) - len(other)) * 10 + sum(abs(a[0][0] - 2 * b[0][0]) + abs(a[0][1] - 2 * b[0][1]) for a, b in at)


class Page:
    """A citizen before the page of one field."""

    def __init__(self, engine: Any, *, language: str = "zh", voice: str = "off", card: Any = None) -> None:
        self.shown: list[Screen] = []
        self.replies = Replies()
        display: Any = SimpleNamespace(show=self.shown.append, preview=lambda *_: None, wipe=lambda: None)
        settings = load_settings("simulated")
        place = Place(language, "环翠区", 3, "0631-12345", True, voice=voice)  # type: ignore[arg-type]  # literals below
        visit = Visit(display, self.replies, place, settings.manners)
        if card is not None:
            visit.vault.put("card", card)
        tools: Any = SimpleNamespace(texts=engine)
        service: Any = None
        self.case = Case(visit, service, tools)
        self.number = 0

    @property
    def screen(self) -> Screen:
        return self.shown[-1]

    def block(self, kind: type) -> Any:
        return next((b for b in self.screen.blocks if isinstance(b, kind)), None)

    @property
    def words(self) -> tuple[str, ...]:
        found = self.block(Candidates)
        return () if found is None else found.words

    @property
    def text(self) -> str:
        return str(self.block(Field).value)

    async def press(self, key: str, value: str = "", wait: float = 0.05) -> None:
        self.replies.put(Reply(key, value))
        await asyncio.sleep(wait)

    async def draw(self, character: str, box: int, *, shaken: bool = True, wait: float = 0.04) -> None:
        strokes = medians()[character]
        if shaken:
            strokes = jitter(strokes, random.Random(f"{SEED}{character}"))
        for stroke in strokes:
            self.number += 1
            half = [
                (round((box + x) / 2 * ink.UNIT), round(y / 2 * ink.UNIT), at * 16) for at, (x, y) in enumerate(stroke)
            ]
            await self.press("stroke", ink.written(self.number, half), wait)

    async def until(self, what: Callable[[], bool], within: float = 20.0) -> None:
        async with asyncio.timeout(within):
            while not what():
                await asyncio.sleep(0.02)


def told(page: Page, story: Callable[[], Awaitable[None]], value: str = "", spec: FormFieldSpec = ROAD) -> str | None:
    """What the field has in the end."""

    async def visit() -> str | None:
        async with asyncio.timeout(300):
            task = asyncio.create_task(write(page.case, spec, value, mode="address"))
            await page.until(lambda: bool(page.shown) or task.done())
            await story()
            return await task

    return run_virtual(visit())


def test_a_street_is_written_by_hand_square_by_square() -> None:
    """Candidates after a pause; whoever goes on in the other square has chosen the first; nothing is shown twice."""
    page = Page(Net())

    async def story() -> None:
        await page.press("layer", "hand")
        assert page.block(Ink).boxes == 2
        for at, character in enumerate(STREET):
            await page.draw(character, at % 2)
        assert page.text == STREET[:3], f"seed {SEED}"
        await page.until(lambda: bool(page.words))
        assert page.words[0] == STREET[3], f"seed {SEED}"
        assert page.block(Ink).strokes
        await page.press("candidate", "0")
        assert page.block(Ink).strokes == ()
        assert page.block(Ink).heard == page.number
        await page.press("done")

    assert told(page, story) == STREET, f"seed {SEED}"


def test_finished_before_anything_was_read_is_read_all_the_same() -> None:
    page = Page(Net())

    async def story() -> None:
        await page.press("layer", "hand")
        await page.draw("文", 0)
        await page.draw("化", 1, wait=0.0)
        await page.press("done")

    assert told(page, story) == "文化"


def test_strokes_are_taken_back_wiped_and_never_kept(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    page = Page(Net())

    async def story() -> None:
        await page.press("layer", "hand")
        await page.draw("文", 0)
        count = len(page.block(Ink).strokes)
        await page.press("key", "undo")
        assert len(page.block(Ink).strokes) == count - 1
        await page.press("key", "again")
        assert page.block(Ink).strokes == ()
        await page.press("stroke", "")
        await page.press("stroke", "77 nonsense")
        await page.press("stroke", "78 99999,1,0")
        assert page.block(Ink).heard == page.number
        await page.draw("文", 0)
        await page.press("layer", "signs")
        await page.press("key", "8")
        await page.press("layer", "hand")
        assert page.block(Ink).strokes == (), "another keyboard forgets what was being written"
        await page.draw("路", 1)
        assert page.block(Ink).strokes
        assert "strokes" not in repr(page.screen)
        await page.press("back")

    assert told(page, story) is None
    assert not [record for record in caplog.records if "," in record.getMessage() and "stroke" in record.getMessage()]


def test_a_stroke_that_is_read_late_does_not_count_for_the_next_character() -> None:
    net = Net()
    page = Page(net)

    async def story() -> None:
        await page.press("layer", "hand")
        await page.draw("文", 0)
        await page.until(lambda: bool(page.words))
        await page.draw("文", 0, wait=0.0)
        assert page.words == (), "what was read before the new strokes says nothing any more"
        await page.press("key", "again")
        await page.press("done")

    assert told(page, story) == ""


@pytest.mark.parametrize(
    ("fault", "gone"), [(DeviceFault("text process: cannot start"), True), (NoAnswer("late"), False)]
)
def test_when_it_cannot_be_read_there_is_pinyin(fault: Exception, gone: bool) -> None:
    net = Net()
    net.fault = fault
    page = Page(net)

    async def story() -> None:
        await page.press("layer", "hand")
        await page.draw("文", 0)
        if gone:
            await page.until(lambda: page.block(Keypad).layer == "pinyin")
            assert "hand" not in page.block(Keypad).layers
            assert "手写现在用不了" in str(page.screen)
        else:
            await page.until(lambda: "没有认出来" in str(page.screen))
            assert page.block(Ink).strokes
            net.fault = None
            await page.press("key", "again")
            await page.draw("文", 0)
            await page.until(lambda: bool(page.words))
        await page.press("layer", "signs")
        await page.press("key", "8")
        await page.press("done")

    assert told(page, story) == "8"


def test_who_listens_or_has_no_net_is_not_offered_the_finger() -> None:
    net = Net()
    for page in (Page(net, voice="on"), Page(SimpleNamespace(reads_hand=False))):

        async def story(page: Page = page) -> None:
            assert page.block(Keypad).layers == ("pinyin", "latin", "upper", "signs", "rare")
            await page.press("layer", "hand")
            assert page.block(Ink) is None
            await page.press("done")

        assert told(page, story, "8") == "8"
    assert net.asked == 0


def test_korean_is_typed_letter_by_letter() -> None:
    page = Page(Net(), language="ko")

    async def story() -> None:
        assert page.block(Keypad).layer == "hangul"
        for key in "ㄱㅣㅁ":
            await page.press("key", key)
        await page.press("key", "space")
        for key in "ㅎㅏㄴㅡㄹㄹ":
            await page.press("key", key)
        assert page.text == "김 하늘ㄹ"
        await page.press("key", "backspace")
        await page.press("key", "backspace")
        assert page.text == "김 하느"
        await page.press("key", "ㄹ")
        await page.press("done")

    assert told(page, story) == "김 하늘"


def test_a_rare_character_by_code_and_from_the_card() -> None:
    card = SimpleNamespace(name="于㛃", address="威海市")
    page = Page(Net(), card=card)

    async def story() -> None:
        await page.press("layer", "rare")
        assert page.words == ("于", "㛃")
        await page.press("candidate", "1")
        for digit in "2EBF":
            await page.press("key", digit)
        assert page.words == ()
        await page.press("key", "5")
        assert page.words == ("\U0002ebf5",)
        await page.press("candidate", "0")
        assert "U+2EBF5" in str(page.screen), "no font here has it: it is told"
        await page.press("key", "4")
        await page.press("key", "backspace")
        await page.press("key", "backspace")
        await page.press("done")

    assert told(page, story) == "㛃"


def test_new_lines_where_a_text_is_long() -> None:
    page = Page(Net())
    spec = ROAD.model_copy(update={"type": "longtext", "max_length": 50})

    async def story() -> None:
        await page.press("layer", "signs")
        for key in ("1", "newline", "2"):
            await page.press("key", key)
        await page.press("done")

    assert told(page, story, spec=spec) == "1\n2"


def test_leaving_in_the_middle_of_a_stroke_leaves_nothing_behind() -> None:
    page = Page(Net())

    async def story() -> None:
        await page.press("layer", "hand")
        await page.draw("路", 0)
        await page.press("leave")

    with pytest.raises(Ended):
        told(page, story)


async def test_the_real_net_reads_a_street(caplog: pytest.LogCaptureFixture) -> None:
    """The same page with the real process: three characters, the last one chosen."""
    engine = TextEngine(deadline_s=30.0, start_s=60.0)
    page = Page(engine)
    task = asyncio.create_task(write(page.case, ROAD, "", mode="address"))
    try:
        await engine.start()
        await page.until(lambda: bool(page.shown))
        await page.press("layer", "hand")
        for at, character in enumerate("文化路"):
            await page.draw(character, at % 2, wait=0.005)
        await page.until(lambda: bool(page.words), 30.0)
        assert "路" in page.words, f"seed {SEED}"
        await page.press("candidate", str(page.words.index("路")))
        await page.press("done")
        async with asyncio.timeout(10):
            assert await task == "文化路", f"seed {SEED}"
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await engine.close()
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]
