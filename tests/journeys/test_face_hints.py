"""Liveness hints and the ID photo inside a visit: asked in plain words, seen or not, the equal other way, the vault."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import cv2
import numpy as np
import pytest
from citizens_hall import Hall

from config.id_photos import photo_rules
from drivers.camera.id_photo import PhotoMeasures
from drivers.camera.liveness import Glimpse
from drivers.errors import NoAnswer
from kiosk.steps import challenge
from kiosk.steps.id_photo import BURST
from kiosk.visits.vault import Vault
from screens.screen import Preview
from simulator.models.camera_scenes import Scene, draw
from simulator.virtual_time import run_virtual

GOOD = PhotoMeasures(
    1, 640, 480, 320, 240, 0.5, 0.02, 8, 110, 390, 232, 408, 82, 0.3, 0.3, 0.02, 140, 0.05, 0.0, 2.0, 0.0, 240, 2, 0.0
)
FRONT = Glimpse(1, "ok", 0.0, 0.8, 0.3)
DOES = {
    "turn-left": Glimpse(1, "look", 0.5, 0.6, 0.3),
    "turn-right": Glimpse(1, "look", -0.5, 0.6, 0.3),
    "close-eyes": Glimpse(1, "ok", 0.0, 0.8, 0.05),
}


class Picture:
    """A picture as the camera hands it out; `wiped` counts."""

    def __init__(self, pixels: np.ndarray | None = None) -> None:
        self.pixels = pixels if pixels is not None else np.zeros((16, 16, 3), np.uint8)
        self.wiped = 0

    def wipe(self) -> None:
        self.wiped += 1


class Person:
    """Stands before the camera and does what the page asks, or does not; gives the photo measures it was told."""

    eyes = True
    retake_at = 0.363

    def __init__(self, hall: Hall, *, willing: bool = True) -> None:
        self.hall, self.willing = hall, willing
        self.measures: list[PhotoMeasures] = []
        self.band = "pass"
        self.asked: list[str] = []
        self.handed: list[Picture] = []
        self.still = draw(Scene("citizen", "citizen-03", pose="id"))
        hall.faces = hall.tools.faces  # keep the old one reachable
        object.__setattr__(hall.tools, "faces", self)
        hall.camera.frames = self.frames  # type: ignore[method-assign]  # the fake camera of this hall

    async def frames(self, n: int, within_s: float) -> list[Picture]:
        await asyncio.sleep(min(0.15 * n, within_s))
        new = [Picture(self.still.copy()) for _ in range(n)]
        self.handed += new
        return new

    async def compare(self, *_: Any, covered_too: bool = False) -> Any:
        del covered_too
        return SimpleNamespace(band=self.band, score=0.8, guidance="ok", model="t", faces_found=1, turn=0.0, best=1)

    async def watch(self, person: Any, frames: list[Any]) -> list[Glimpse]:
        screen = self.hall.display.screen
        assert screen is not None
        if screen.page != "face_challenge":
            return [FRONT] * len(frames)
        shown = next(b for b in screen.blocks if type(b).__name__ == "Picture")
        preview = next(b for b in screen.blocks if isinstance(b, Preview))
        if not self.asked or self.asked[-1] != shown.kind:
            self.asked.append(shown.kind)
        acts = self.willing and preview.caption == shown.caption
        return [DOES[shown.kind] if acts else FRONT] * len(frames)

    async def measure(self, frames: list[Any]) -> list[PhotoMeasures]:
        if len(frames) == BURST or not self.measures:
            return [GOOD] * len(frames)
        return [self.measures.pop(0)]


def play(folder: Path, story: Callable[[Hall], Awaitable[None]]) -> None:
    async def told() -> None:
        async with Hall(folder) as hall:
            await story(hall)

    run_virtual(told())


def change_service(hall: Hall, **changes: Any) -> None:
    """The renewal of the ID card with other data."""
    services = dict(hall.tools.catalogue.services)
    services["WH-PS-001"] = services["WH-PS-001"].model_copy(update=changes)
    catalogue = replace(hall.tools.catalogue, services=services)
    object.__setattr__(hall.tools, "catalogue", catalogue)
    hall.capability.current = lambda: catalogue


async def notes(hall: Hall, kind: str) -> list[dict[str, Any]]:
    return [json.loads(e["body"]) for e in await hall.journal.entries(limit=5000) if e["kind"] == kind]


@pytest.mark.parametrize("count", [1, 3])
def test_who_does_what_is_asked_goes_on(tmp_path: Path, count: int) -> None:
    async def story(hall: Hall) -> None:
        person = Person(hall)
        change_service(hall, face_challenges=count)
        await hall.identified("WH-PS-001")
        await hall.page("consent")
        await hall.press("agree")
        await hall.page("form")
        (hint,) = await notes(hall, "face.hints")
        assert hint["seen"] == count
        assert hint["asked"] == person.asked
        assert len(set(person.asked)) == count

    play(tmp_path, story)


def test_who_does_nothing_is_offered_the_equal_other_way_and_not_refused(tmp_path: Path) -> None:
    async def story(hall: Hall) -> None:
        Person(hall, willing=False)
        change_service(hall, face_challenges=2)
        await hall.identified("WH-PS-001")
        await hall.page("consent")
        await hall.press("agree")
        await hall.page("face_challenge")
        began = asyncio.get_running_loop().time()
        screen = await hall.page("not_done")
        assert asyncio.get_running_loop().time() - began <= challenge.CHALLENGE_S + 5
        assert "动作" in screen.title or any("动作" in str(b) for b in screen.blocks)
        assert (await notes(hall, "face.hints"))[0]["seen"] == 0
        await hall.press("other-way")
        await hall.page("number_match")
        await hall.answer_match("confirm")
        await hall.page("form")

    play(tmp_path, story)


def test_no_hint_is_asked_for_where_none_is_wanted(tmp_path: Path) -> None:
    async def story(hall: Hall) -> None:
        person = Person(hall)
        await hall.identified("WH-PS-001")
        await hall.page("consent")
        await hall.press("agree")
        await hall.page("form")
        assert person.asked == []
        assert await notes(hall, "face.hints") == []

    play(tmp_path, story)


def with_photo(hall: Hall) -> None:
    steps = hall.tools.catalogue.services["WH-PS-001"].steps
    at = steps.index("fill")
    change_service(hall, steps=(*steps[:at], "photo", *steps[at:]), photo="id-card")


async def to_photo(hall: Hall) -> None:
    """Up to the photo; the one that the police keep is not agreed to."""
    await hall.to_consent("WH-PS-001")
    await hall.press("some")
    await hall.page("place_card")
    hall.reader_there.do("present", card="citizen-02")
    await hall.page("consent")
    await hall.press("agree")
    await hall.page("materials")
    await hall.press("continue")
    await hall.page("photo_guide")


def test_who_stands_wrong_is_told_where_to_go_in_words_that_are_also_said_aloud(tmp_path: Path) -> None:
    places = {
        "请往您的左边移一点": replace(GOOD, face_left=20, face_right=196),
        "请往您的右边移一点": replace(GOOD, face_left=450, face_right=626),
        "请再靠近一点": replace(GOOD, face_left=290, face_right=350),
        "请稍微退后一点，头顶要留空": replace(GOOD, crown_y=-1.0),
    }

    async def story(hall: Hall) -> None:
        person = Person(hall)
        with_photo(hall)
        await to_photo(hall)
        person.measures = [measures for measures in places.values() for _ in range(20)]
        await hall.press("take")
        await hall.page("photo_review")
        seen = [
            (screen.prompt, block.caption)
            for screen in hall.display.screens
            if screen.page == "photo"
            for block in screen.blocks
            if isinstance(block, Preview)
        ]
        assert all(prompt == caption for prompt, caption in seen), "a change of the prompt is what the voice says"
        told = list(dict.fromkeys(caption for _, caption in seen))
        assert [words for words in told if words in places] == list(places)

    play(tmp_path, story)


@pytest.mark.promise("P6")
def test_the_photo_is_taken_by_itself_agreed_to_and_kept_in_the_vault_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept: list[tuple[Vault, bytes]] = []
    put = Vault.put

    def noted(vault: Vault, name: str, value: Any) -> None:
        if name == "photo":
            kept.append((vault, value))
        put(vault, name, value)

    monkeypatch.setattr(Vault, "put", noted)

    async def story(hall: Hall) -> None:
        person = Person(hall)
        with_photo(hall)
        await to_photo(hall)
        person.measures = [replace(GOOD, wall_luma=100)] * 20 + [replace(GOOD, left_open=0.0)] * 20
        await hall.press("take")
        await hall.page("photo_review")
        said = [
            b.caption for s in hall.display.screens if s.page == "photo" for b in s.blocks if isinstance(b, Preview)
        ]
        assert any("背景" in words for words in said)
        assert any("眼睛" in words for words in said)
        await hall.press("again")
        await hall.page("photo")
        await hall.page("photo_review")
        await hall.press("accept")
        await hall.page("form")
        ((vault, jpeg),) = kept
        assert cv2.imdecode(np.frombuffer(jpeg, np.uint8), 1).shape == (441, 358, 3)
        assert len(jpeg) <= photo_rules()["id-card"].max_bytes
        (taken,) = await notes(hall, "photo.taken")
        assert taken["rule"] == "id-card"
        assert all(picture.wiped for picture in person.handed[-BURST:])
        await hall.press("leave")
        hall.lift()
        await hall.page("standby")
        left = b"".join(p.read_bytes() for p in tmp_path.iterdir() if p.is_file())
        assert jpeg[200:260] not in left
        assert vault.closed

    play(tmp_path, story)


def test_somebody_elses_photo_is_not_taken(tmp_path: Path) -> None:
    async def story(hall: Hall) -> None:
        person = Person(hall)
        with_photo(hall)
        await to_photo(hall)
        person.band = "refuse"
        await hall.press("take")
        await hall.page("photo")
        for _ in range(20):
            await asyncio.sleep(0.5)
            if await notes(hall, "photo.compared"):
                break
        assert (await notes(hall, "photo.compared"))[0]["band"] == "refuse"
        assert "photo_review" not in hall.display.pages

    play(tmp_path, story)


@pytest.mark.promise("P7")
@pytest.mark.parametrize("way", ["elsewhere", "fault"])
def test_without_a_photo_it_is_said_where_to_go(tmp_path: Path, way: str) -> None:
    async def story(hall: Hall) -> None:
        person = Person(hall)
        with_photo(hall)
        await to_photo(hall)
        if way == "fault":

            async def gone(*_: Any, **__: Any) -> Any:
                raise NoAnswer("camera: no picture")

            hall.camera.frames = gone  # type: ignore[method-assign]  # the fake camera of this hall
            await hall.press("take")
        else:
            person.measures = [replace(GOOD, wall_luma=100)] * 999
            await hall.press("take")
            await hall.page("photo")
            await hall.press("elsewhere")
        screen = await hall.page("not_done")
        assert any("照片" in str(block) for block in screen.blocks)

    play(tmp_path, story)
