"""What tests of devices measure without a hall: pictures, the panel, tones; their words in three languages."""

from __future__ import annotations

import asyncio
import io
import re
import wave
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from bench_tests import Finger, Someone

from config.device_tests import DeviceTests, Measure, device_tests
from config.load import load_settings
from drivers.camera import face_wire
from drivers.camera.codes import Code
from drivers.camera.grabber import Frame
from drivers.camera.worker_wire import WireError
from drivers.device import DeviceState, Status
from drivers.errors import NoAnswer
from drivers.families import CodeReading, Seeing
from kiosk.diagnostics.facts import Facts
from kiosk.diagnostics.history import History
from kiosk.diagnostics.ranking import report
from kiosk.events import events
from kiosk.technician.device_tests import cameras, declared, grounds, panel, places, running, table
from kiosk.technician.device_tests import page as docs
from kiosk.technician.device_tests import test_sheet as sheet
from screens.speech.espeak import Silent
from screens.speech.player import Player
from simulator.inline_loop import run_inline
from simulator.virtual_time import run_virtual

ROOT = Path(__file__).parents[2]
np = pytest.importorskip("numpy")
cv2 = pytest.importorskip("cv2")


def page(blur: float = 0.0, light: float = 1.0) -> Any:
    """A printed page."""
    pixels = np.full((480, 640, 3), 235, np.uint8)
    for row in range(40, 460, 26):
        cv2.putText(
            pixels, "0123456789 ABCDEFG service 4711", (20, row), cv2.FONT_HERSHEY_SIMPLEX, 0.7, (20, 20, 20), 2
        )
    made = cv2.GaussianBlur(pixels, (0, 0), blur) if blur else pixels
    return (made * light).astype(np.uint8)


class Eye(Seeing):
    """A camera that sees one picture at a rate."""

    def __init__(self, pixels: Any, fps: float = 15.0) -> None:
        super().__init__("document_camera")
        self.pixels, self.fps, self.wipes = pixels, fps, 0
        self.kept: list[Frame] = []
        self.set_status(Status(DeviceState.ONLINE))

    def latest(self) -> Frame | None:
        return None

    def wipe(self) -> None:
        self.wipes += 1

    async def frames(self, n: int, within_s: float) -> list[Frame]:
        import time

        now = time.monotonic()
        self.kept = [Frame(self.pixels.copy(), now - (n - k) / self.fps, k) for k in range(1, n + 1)]
        return list(self.kept)

    async def preview(self, size: tuple[int, int]) -> bytes | None:
        return None

    async def read_code(self, expect: Any, deadline_s: float, cancel: asyncio.Event | None = None) -> Code | None:
        return None

    async def _open(self) -> None: ...

    async def _poll(self) -> Status:
        return self.status

    async def _close(self) -> None: ...


def ground(**more: Any) -> declared.Ground:
    return declared.Ground(load_settings("simulated"), more.pop("devices", {}), more.pop("person", Someone()), **more)


@pytest.mark.parametrize(
    ("pixels", "fps", "outcome", "event"),
    [
        (page(), 15, "pass", "test.passed"),
        (page(blur=4), 15, "fail", "device.camera.blurred"),
        (page(light=0.02), 15, "fail", "device.camera.dark"),
        (np.full((480, 640, 3), 255, np.uint8), 15, "fail", "device.camera.bright"),
        (np.full((480, 640, 3), 140, np.uint8), 15, "unknown", "device.camera.no-detail"),
        (page(), 2, "fail", "device.camera.slow"),
    ],
    ids=["sharp", "blurred", "covered", "glare", "plain", "slow"],
)
def test_covered_blurred_and_slow_cameras_are_found_out(pixels: Any, fps: float, outcome: str, event: str) -> None:
    eye = Eye(pixels, fps)
    where = ground(devices={"document_camera": eye})
    result = run_virtual(running.run_test(table.BY_ID["document-camera"], where))
    assert (result.outcome, result.event) == (outcome, event)
    assert eye.wipes == 1
    assert all(int(frame.pixels.max()) == 0 for frame in eye.kept)
    assert {figure.id for figure in result.figures} >= {"luma", "fps", "latency-ms", "pixels"}
    person = where.operator
    assert isinstance(person, Someone)
    assert all(progress.preview == "document_camera" for progress in person.told)


def test_focus_is_judged_where_the_page_lies_and_the_light_hardly_matters() -> None:
    area = device_tests().area["document_camera"]
    sharp, dim = cameras.focus_of(page(), area), cameras.focus_of(page(light=0.4), area)
    assert sharp is not None
    assert dim is not None
    assert dim == pytest.approx(sharp, rel=0.2)
    blurred = cameras.focus_of(page(blur=3), area)
    assert blurred is not None
    assert blurred < sharp / 10


def test_dead_spots_are_told_in_millimetres_and_a_shifted_panel_by_how_much() -> None:
    finger = Finger()
    columns, rows = panel.grid(finger.panel)
    assert (columns, rows) == (12, 22)
    cases: list[tuple[Finger, str, str]] = [
        (finger, "pass", "test.passed"),
        (replace(finger, off=60), "fail", "screen.off-target"),
        (replace(finger, dead=frozenset({0, columns * rows - 1})), "fail", "screen.dead-spots"),
        (replace(finger, felt=4), "fail", "screen.dead-spots"),
        (replace(finger, felt=0), "unknown", "test.nothing-shown"),
        (replace(finger, dead=frozenset(range(columns * rows))), "unknown", "test.nothing-shown"),
    ]
    told = []
    for each, outcome, event in cases:
        result = run_virtual(running.run_test(table.BY_ID["touch"], ground(surface=each)))
        assert (result.outcome, result.event) == (outcome, event)
        told.append(result)
    assert told[1].figures[0].value == pytest.approx(60 * 268 / 1080, abs=0.1)
    assert told[2].what == "11/11, 257/465 mm"
    assert told[2].sentence("zh") == "触摸有盲区：11/11, 257/465 mm"
    nowhere = run_virtual(running.run_test(table.BY_ID["touch"], ground()))
    assert (nowhere.outcome, nowhere.event) == ("unknown", "test.needs-panel")


def test_pixels_are_the_persons_word() -> None:
    for finger, answer, event in ((Finger(), True, "test.passed"), (Finger(), False, "screen.pixels"),
                                  (Finger(looked=3), True, "test.nobody-answered")):  # fmt: skip
        result = run_virtual(running.run_test(table.BY_ID["pixels"], ground(surface=finger, person=Someone(answer))))
        assert result.event == event


class Card:
    """A sound card that keeps what it played."""

    def __init__(self, there: bool = True) -> None:
        self.there, self.played = there, list[tuple[bytes, float]]()

    def play(self, sound: Path | bytes, volume: float) -> float:
        if isinstance(sound, bytes):
            self.played.append((sound, volume))
        return 0.01 if self.there else 0.0

    def louder(self, volume: float) -> None: ...

    def stop(self) -> None: ...

    def close(self) -> None: ...


def loudest(wav: bytes) -> tuple[int, int]:
    """Of the left and of the right side."""
    with wave.open(io.BytesIO(wav)) as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2").reshape(-1, 2)
    return int(abs(samples[:, 0]).max()), int(abs(samples[:, 1]).max())


async def test_tones_come_left_right_quiet_and_loud_and_only_a_person_can_pass_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Says(Silent):
        def speak(self, language: str, sentence: str) -> bytes:
            return b"RIFF" + sentence.encode()

    for there, person, event in (
        (True, Someone(True), "test.passed"),
        (True, Someone(False), "sound.not-heard"),
        (True, Someone(None, patience_s=0), "test.nobody-answered"),
        (False, Someone(), "sound.no-card"),
    ):
        monkeypatch.setattr("screens.speech.player.PAUSE_S", 0.0)
        card = Card(there)
        player = Player(card, Says(), 6, find=lambda language, sentence: None)
        try:
            where = ground(sound=grounds.Speakers(player), person=person)
            result = await running.run_test(table.BY_ID["sound"], where)
        finally:
            player.close()
        assert result.event == event
        assert player.volume == 6
        if there:
            (left, v1), (right, _), (quiet, v3), (loud, v4), spoken = card.played
            assert loudest(left)[1] == loudest(right)[0] == 0
            assert min(loudest(left)[0], loudest(right)[1], *loudest(quiet), *loudest(loud)) > 20_000
            assert v3 < v1 < v4
            assert "声音测试" in spoken[0].decode()
    alone = await running.run_test(table.BY_ID["sound"], ground(person=Someone(present=False)))
    assert alone.event == "test.needs-person"
    missing = await running.run_test(table.BY_ID["sound"], ground())
    assert missing.event == "test.not-fitted"


class Codes(CodeReading):
    """A code reader before which a code is held after a while."""

    def __init__(self, text: Callable[[], str]) -> None:
        super().__init__("barcode")
        self.text, self.wipes = text, 0
        self.set_status(Status(DeviceState.ONLINE))

    async def read_code(self, expect: Any, deadline_s: float, cancel: asyncio.Event | None = None) -> Code | None:
        await asyncio.sleep(1.5)
        return Code(self.text(), "qr", (0, 0, 1, 1), "told")

    def wipe(self) -> None:
        self.wipes += 1

    async def _open(self) -> None: ...

    async def _poll(self) -> Status:
        return self.status

    async def _close(self) -> None: ...


@pytest.mark.promise("P6")
def test_a_code_is_timed_and_forgotten() -> None:
    finger = Finger()
    reader = Codes(lambda: finger.codes[-1])
    where = ground(devices={"barcode": reader}, surface=finger)
    result = run_virtual(running.run_test(table.BY_ID["code-reader"], where))
    figures = {figure.id: figure.value for figure in result.figures}
    assert (result.outcome, figures["code-s"], figures["ours"]) == ("pass", 1.5, "yes")
    reader.text = lambda: "371002199001010017"
    result = run_virtual(running.run_test(table.BY_ID["code-reader"], where))
    assert result.shown == ("3710************",)
    assert "371002199001010017" not in repr(result)
    assert reader.wipes == 2


def test_a_program_error_or_a_hang_in_a_test_is_no_verdict_on_the_device(caplog: pytest.LogCaptureFixture) -> None:
    async def wrong(run: declared.Run) -> declared.TestResult:
        raise RuntimeError("a bug")

    async def hangs(run: declared.Run) -> declared.TestResult:
        await asyncio.sleep(10_000)
        raise AssertionError

    left: list[str] = []

    async def leave(where: declared.Ground) -> None:
        left.append("left")

    test = table.BY_ID["network"]
    result = run_inline(running.run_test(replace(test, run=wrong, leave=leave), ground()))
    assert (result.outcome, result.event) == ("unknown", "test.program-error")
    assert "a bug" in caplog.text
    result = run_inline(running.run_test(replace(test, run=hangs, leave=leave, deadline_s=5), ground()))
    assert (result.outcome, result.event, result.what) == ("fail", "test.too-long", "5 s")
    result = run_inline(running.run_test(replace(test, run=hangs, leave=leave, hands=True, deadline_s=5), ground()))
    assert result.outcome == "unknown"
    assert left == ["left"] * 3


def test_what_tests_say_ask_and_measure_has_words_in_three_languages() -> None:
    words, said, asked, measured = device_tests(), set[str](), set[str](), set[str]()
    for path in sorted((ROOT / "kiosk/technician/device_tests").glob("*.py")):
        source = path.read_text(encoding="utf-8")
        said |= set(re.findall(r'\.tell\(\s*"([a-z-]+)"', source)) | set(re.findall(r'begins="([a-z-]+)"', source))
        asked |= set(re.findall(r'\.asked\(\s*"([a-z-]+)"', source))
        for call in re.findall(r"figures\(([^()]*(?:\([^()]*\)[^()]*)*)\)", source):
            measured |= {name.replace("_", "-") for name in re.findall(r"(?:^|[ (])([a-z_]+)=", call)}
        events_named = set(
            re.findall(r'"((?:test|device|screen|sound|network|cabinet|platform|time)\.[a-z.-]+)"', source)
        )
        assert events_named <= set(events()), path
    assert len(said) > 15
    assert said <= set(words.say)
    assert asked <= set(words.ask) | {"question"}
    assert measured <= set(words.measure), measured - set(words.measure)
    assert {test.id for test in table.TESTS} <= set(words.name)
    assert {event for each in words.measure.values() for event in (each.below, each.above) if event} <= set(events())
    for group in (words.name, words.say, words.ask, words.word, words.measure):
        for each in group.values():
            places = [sorted(re.findall(r"\{(\w+)\}", getattr(each, language))) for language in ("zh", "en", "ko")]
            assert places[0] == places[1] == places[2]
            assert not re.search("[!！]", each.zh + each.en + each.ko)
    with pytest.raises(ValueError, match="low goes with below"):
        Measure(zh="a", en="a", ko="a", low=3)
    assert isinstance(words, DeviceTests)


def test_the_page_is_as_the_tables_are() -> None:
    assert (ROOT / "docs" / "device-tests.md").read_text(encoding="utf-8") == docs.page(), f"run: {docs.COMMAND}"


def test_figures_fail_by_the_table_and_make_bars() -> None:
    slow = declared.Figure("read-ms", 5000)
    assert (slow.event, slow.told("en"), slow.shares) == ("test.too-slow", "5000 ms", (5000 / 6000, 0.0, 4000 / 6000))
    assert declared.Figure("door", "door-open").told("zh") == "开着"
    assert declared.Figure("door", "door-open").shares is None
    assert declared.Figure("luma", 5).event == "device.camera.dark"


def test_the_report_tells_of_tests_also_where_there_is_no_device(tmp_path: Path) -> None:
    now = datetime.now().astimezone().replace(microsecond=0)
    history = History(tmp_path)
    history.tested("sound", True, now)
    history.tested("sound", False, now)
    history.tested("reader", True, now)
    sections = {s.id: s for s in report(Facts(now, "WH-HC-0003", "1", False, ()), history.past(now))}
    sound = sections["sound"]
    assert (sound.last_pass, sound.last_fail) == (now, now)
    assert (sound.counters["tests_passed"], sound.counters["tests_failed"]) == (1, 1)
    assert sections["reader"].last_pass == now


@pytest.mark.promise("P3")
def test_the_test_page_is_one_page_and_says_that_it_is_worth_nothing() -> None:
    import pypdfium2

    with pypdfium2.PdfDocument(sheet.test_sheet("WH-HC-0003", datetime.now().astimezone())) as pdf:
        assert len(pdf) == 1
        assert pdf[0].get_size() == (pytest.approx(595, abs=1), pytest.approx(842, abs=1))
        words = pdf[0].get_textpage().get_text_range()
    assert "测试" in words
    assert "没有任何效力" in words


def face_at(box: places.Box | None) -> Mapping[str, places.Finding]:
    async def find(pixels: Any) -> places.Box | None:
        assert max(pixels.shape[:2]) <= places.SIDE
        return box

    return {"camera": find, "document_camera": find}


def person(light: float = 1.0, blur: float = 0.0) -> Any:
    """A face of lines in the upper left of a bright, sharp hall."""
    picture = np.full((960, 1280, 3), 200, np.uint8)
    picture[:, ::8] = 90  # what stands behind is sharp, whoever stands before it
    skin = np.repeat(np.linspace(90, 220, 400).astype(np.uint8)[:, None], 320, 1)[..., None].repeat(3, 2)
    skin[::10] = 60
    if blur:
        skin = cv2.GaussianBlur(skin, (0, 0), blur)
    picture[100:500, 100:420] = (skin * light).clip(0, 255).astype(np.uint8)
    return picture


BOX = (100 / 1280, 100 / 960, 420 / 1280, 500 / 960)


@pytest.mark.parametrize(
    ("pixels", "event"),
    [
        (person(), "test.passed"),
        (person(blur=6), "device.camera.blurred"),  # the hall is sharp, and the person is not
        (person(light=0.15), "device.camera.face-dark"),
        (person(light=2.2), "device.camera.face-bright"),
    ],
)
def test_a_face_that_is_found_is_judged_and_not_the_hall_behind_it(pixels: Any, event: str) -> None:
    where = ground(devices={"camera": Eye(pixels)}, person=Someone(present=False), finding=face_at(BOX))
    result = run_virtual(running.run_test(table.BY_ID["face-camera"], where))
    assert result.event == event, result
    told = {figure.id: figure.told("en") for figure in result.figures}
    assert told["measured-at"] == "the face that was found"
    assert {"face-dark", "face-burnt"} <= set(told)
    # Where nothing is found the middle of the picture counts, and the figures say so.
    blind = ground(devices={"camera": Eye(pixels)}, person=Someone(present=False), finding=face_at(None))
    result = run_virtual(running.run_test(table.BY_ID["face-camera"], blind))
    told = {figure.id: figure.told("zh") for figure in result.figures}
    assert (told["measured-at"], "face-dark" in told, result.outcome) == ("画面中间", False, "pass")


def test_sharp_faces_and_blurred_ones_are_far_apart_for_every_citizen() -> None:
    """At 640 x 480, in the box that the finder gives them; the limit lies between."""
    measured: dict[bool, list[float]] = {True: [], False: []}
    for index in range(0, 24, 2):
        picture = np.full((480, 640, 3), 135, np.uint8)
        picture[:, 120:520] = cv2.imread(str(ROOT / "simulator" / "faces" / f"{index:02d}" / "front.jpg"))
        for sharp in (True, False):
            seen = picture if sharp else cv2.GaussianBlur(picture, (0, 0), 2)
            camera = Eye(seen)
            find = face_at((0.35, 0.2, 0.64, 0.74))["camera"]
            look = run_virtual(cameras.look_through(camera, "camera", found_by=find))
            (focus,) = (figure.value for figure in look.figures() if figure.id == "face-focus")
            assert isinstance(focus, int)
            measured[sharp].append(focus)
    low = device_tests().measure["face-focus"].low
    assert low is not None
    assert min(measured[True]) > 1.5 * low > 2 * max(measured[False]), measured


def test_a_page_that_is_found_is_judged_where_it_lies() -> None:
    picture = np.full((960, 1280, 3), 90, np.uint8)
    picture[600:900, 40:340] = cv2.resize(page(), (300, 300))
    where = ground(devices={"document_camera": Eye(picture)}, finding=face_at((40 / 1280, 600 / 960, 340 / 1280, 0.94)))
    result = run_virtual(running.run_test(table.BY_ID["document-camera"], where))
    told = {figure.id: figure.told("en") for figure in result.figures}
    assert (result.event, told["measured-at"]) == ("test.passed", "the page that was found")
    assert "page-focus" in told


def test_an_engine_that_cannot_look_costs_only_the_better_place() -> None:
    async def broken(pixels: Any) -> places.Box | None:
        raise NoAnswer("the face process does not answer")

    where = ground(devices={"camera": Eye(person())}, person=Someone(present=False), finding={"camera": broken})
    result = run_virtual(running.run_test(table.BY_ID["face-camera"], where))
    assert {figure.id: figure.value for figure in result.figures}["measured-at"] == "at-middle"
    assert result.outcome == "pass"


def test_a_box_too_small_to_judge_by_and_boxes_cut_to_the_picture() -> None:
    assert places.place_of((0.1, 0.1, 0.13, 0.9), "face") is None
    assert places.place_of(None, "page") is None
    assert face_wire.box_of((-20, 10, 80, 200), 100, 100) == (0.0, 0.1, 0.6, 1.0)
    assert face_wire.box_of((120, 10, 40, 20), 100, 100) is None
    assert face_wire.parse_boxes({"boxes": [None, [0.1, 0.2, 0.3, 0.4]]}) == [None, (0.1, 0.2, 0.3, 0.4)]
    outside = [[[0.1, 0.2, 0.1, 0.4]], [[0, 0, 1, 2]], [[0, 0, float("nan"), 1]], [[0, 0, 10**400, 1]]]
    for bad in (*outside, [["a", 0, 1, 1]], [], [True]):
        with pytest.raises(WireError):
            face_wire.parse_boxes({"boxes": bad})
