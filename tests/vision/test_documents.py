"""Documents on rendered desks: found where they lie, never found where there are none, and every flaw by its name."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import cv2
import desks
import numpy as np
import pytest
from desks import Desk, Pixels

from config.documents import DocumentKind, document_kind, document_kinds
from drivers.camera.document import Page, find_page
from drivers.camera.document_sheet import FLAWS, Flaw, Sheet, capture, even, focus
from drivers.camera.documents import _FLAWS, DocumentEngine, NotScanned, Scanned
from drivers.camera.frames import Picture
from drivers.camera.worker import Worker
from drivers.camera.worker_wire import WireError, checked_size, head_bytes, lengths, parse_head
from drivers.errors import DeviceFault, LinkLost, NoAnswer, ProtocolError

KINDS = ("a4", "id-card", "passport")


def laid(kind: str, seed: int = 7, **more: object) -> Pixels:
    """A page in the middle of the dark plate, straight."""
    return desks.draw(Desk(seed, "dark", kind, turn=3.0, **more))[0]  # type: ignore[arg-type]  # Desk's fields


def sheet_or_reason(pixels: Pixels, kind: str) -> Sheet | str:
    made = capture(pixels, kind, find_page(pixels))
    return made.reason if isinstance(made, Flaw) else made


# Where it lies.


def test_pages_on_the_dark_plate_are_found_where_they_lie() -> None:
    wrong = []
    for seed in range(17):
        for kind in KINDS:
            pixels, corners = desks.draw(Desk(100 + seed, "dark", kind))
            page = find_page(pixels)
            if page is None or corners is None or desks.overlap(page.corners, corners) <= 0.95:
                wrong.append((kind, 100 + seed))
    assert len(wrong) <= 1, wrong  # of 51: at least 98 %


@pytest.mark.parametrize("desk", ["wood", "green"])
def test_pages_on_other_desks_are_found_too(desk: str) -> None:
    for seed in range(2):
        for kind in KINDS:
            pixels, corners = desks.draw(Desk(300 + seed, desk, kind))
            page = find_page(pixels)
            assert page is not None
            assert corners is not None
            assert desks.overlap(page.corners, corners) > 0.95, (kind, seed)
            assert float(np.abs(page.corners - corners).max()) < 6, (kind, seed)


@pytest.mark.parametrize("thing", ["", "hand", "phone", "cup"])
@pytest.mark.parametrize("desk", ["dark", "wood", "green", "light"])
def test_nothing_is_called_a_page_where_there_is_none(desk: str, thing: str) -> None:
    for seed in range(2):
        pixels, _ = desks.draw(Desk(500 + seed, desk, "", thing))
        assert find_page(pixels) is None, seed


def test_white_on_white_is_found_by_the_picture_of_the_empty_desk() -> None:
    """A grey board under the same lamp: paper that is 2 % brighter, without a shadow."""
    rng = np.random.default_rng(3)
    desk = np.clip(desks.surface("light", rng).astype(np.int16) + rng.integers(-2, 3, (1440, 1920, 1)), 0, 255)
    scene = desk.copy()
    scene[300:1100, 500:1066] += 5
    empty, pixels = desk.astype(np.uint8), np.clip(scene, 0, 255).astype(np.uint8)
    page = find_page(pixels, empty)
    assert page is not None
    truth = np.array([[500, 300], [1066, 300], [1066, 1100], [500, 1100]], np.float32)
    assert desks.overlap(page.corners, truth) > 0.9
    assert find_page(empty, empty) is None


@pytest.mark.parametrize("shape", [(16, 16), (480, 640), (37, 1000)])
def test_any_picture_has_an_answer(shape: tuple[int, int]) -> None:
    rng = np.random.default_rng(1)
    for picture in (np.zeros((*shape, 3), np.uint8), rng.integers(0, 256, (*shape, 3)).astype(np.uint8)):
        assert find_page(picture) is None


# The sheet, and what is wrong with it.


@pytest.mark.parametrize("kind", KINDS)
def test_a_good_page_becomes_a_straight_even_sheet(kind: str) -> None:
    made = sheet_or_reason(laid(kind), kind)
    assert isinstance(made, Sheet)
    width, height = document_kind(kind).size_mm
    assert made.pixels.shape[1] / made.pixels.shape[0] == pytest.approx(width / height, rel=0.02)
    assert 90 <= made.dpi <= document_kind(kind).dpi
    assert made.sharpness > 0.7


def test_shade_is_taken_out_and_colours_stay() -> None:
    paper = desks.page("a4", np.random.default_rng(1))[::2, ::2]
    light = np.linspace(1.0, 0.55, paper.shape[1])[None, :, None]
    evened = even((paper * light).astype(np.uint8)).astype(np.int16)
    left, right = (float(np.median(evened[:, part])) for part in (slice(0, 150), slice(-150, None)))
    assert abs(left - right) < 12
    red = np.asarray(paper[..., 2].astype(np.int16) - paper[..., 0] > 80)
    assert float((evened[..., 2] - evened[..., 0])[red].mean()) > 60


def blurred(pixels: Pixels) -> Pixels:
    return np.asarray(cv2.GaussianBlur(pixels, (0, 0), 3), np.uint8)


def cropped(pixels: Pixels) -> Pixels:
    page = find_page(pixels)
    assert page is not None
    return np.ascontiguousarray(pixels[:, : int(page.corners[:, 0].max()) - 60])


def darkened(pixels: Pixels) -> Pixels:
    return (pixels * 0.22).astype(np.uint8)


def glaring(pixels: Pixels) -> Pixels:
    page = find_page(pixels)
    assert page is not None
    made = (pixels * 0.85).astype(np.uint8)
    x, y = (int(v) for v in page.corners.mean(0))
    cv2.ellipse(made, (x, y), (60, 40), 0, 0, 360, (255, 255, 255), -1)
    return made


def far(pixels: Pixels) -> Pixels:
    small = cv2.resize(pixels, None, fx=0.6, fy=0.6, interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.uint8)


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [(blurred, "blur"), (cropped, "crop"), (darkened, "dark"), (glaring, "glare"), (far, "small")],
)
def test_every_flaw_has_its_name(spoil: object, reason: str) -> None:
    assert callable(spoil)
    found = sheet_or_reason(spoil(laid("passport")), "passport")
    assert found == reason


def test_the_way_it_lies_is_judged_by_its_corners() -> None:
    def lies(*corners: tuple[float, float]) -> str | None:
        page = Page(np.array(corners, np.float32), 1.0)
        made = capture(np.full((1440, 1920, 3), 200, np.uint8), "id-card", page)
        return made.reason if isinstance(made, Flaw) else None

    assert lies((500, 300), (900, 300), (900, 300 + 400 / 1.585), (500, 300 + 400 / 1.585)) == "empty"
    assert lies((500, 300), (900, 300), (900, 700), (500, 700)) == "other-size"
    assert lies((500, 300), (900, 330), (900, 520), (500, 560)) == "lift"
    turned = [(700 + 200 * x - 126 * y, 600 + 200 * x + 126 * y) for x, y in ((-1, -1), (1, -1), (1, 1), (-1, 1))]
    scaled = [(700 + (x - 700) * 0.7071, 600 + (y - 600) * 0.7071) for x, y in turned]
    assert lies(*scaled) == "skew"
    assert isinstance(capture(np.zeros((20, 20, 3), np.uint8), "a4", None), Flaw)
    with pytest.raises(ValueError, match="known are a4"):
        capture(np.zeros((20, 20, 3), np.uint8), "papyrus", None)


def test_an_empty_side_is_told() -> None:
    blank = np.full((704, 1000, 3), 235, np.uint8)
    pixels, _ = desks.draw(Desk(9, "dark", "passport", turn=3.0), blank)
    assert sheet_or_reason(pixels, "passport") == "empty"


def test_focus_rises_as_the_picture_gets_sharp_and_not_with_its_brightness() -> None:
    pixels = laid("a4")
    assert focus(pixels) > 1.5 * focus(blurred(pixels))
    assert focus((pixels * 0.6).astype(np.uint8)) == pytest.approx(focus(pixels), rel=0.15)


def test_both_ends_know_the_same_flaws_and_the_texts_say_what_to_do() -> None:
    from config.texts import texts

    assert set(FLAWS) == _FLAWS
    for language in ("zh", "en"):
        assert all(len(texts(language).t(f"scan.flaw.{flaw}")) > 6 for flaw in FLAWS)


def test_the_kinds_are_data_and_contradictions_are_refused() -> None:
    kinds = document_kinds()
    assert {"a4", "id-card", "passport", "hk-macao-permit", "taiwan-permit", "foreign-resident"} <= set(kinds)
    row = kinds["a4"].model_dump()
    for wrong in ({"reads": "mrz"}, {"least_dpi": 250}, {"size_mm": (1, 2)}, {"colour": "red"}, {"layout": "TD3"}):
        with pytest.raises(ValueError):
            DocumentKind.model_validate(row | wrong)


# The process.


@pytest.mark.xdist_group("documents")
async def test_the_process_finds_and_captures_and_is_gone_when_nobody_asks() -> None:
    engine = DocumentEngine(idle_s=2.0, deadline_s=30, start_s=60)
    try:
        pixels, corners = desks.draw(Desk(7, "dark", "id-card", turn=3.0))
        assert corners is not None
        outline = await engine.find(pixels)
        assert outline is not None
        found = np.array(outline.corners, np.float32) * (1920, 1440)
        assert desks.overlap(found.astype(np.float32), corners) > 0.95
        scan = await engine.capture(Picture.of(pixels), "id-card")
        assert isinstance(scan, Scanned)
        decoded = cv2.imdecode(np.frombuffer(scan.jpeg, np.uint8), cv2.IMREAD_COLOR)
        assert decoded is not None
        assert decoded.shape[1] / decoded.shape[0] == pytest.approx(85.6 / 54, rel=0.02)
        assert len(scan.thumb) == scan.thumb_size[0] * scan.thumb_size[1] * 3
        assert "jpeg" not in repr(scan)
        nothing = await engine.capture(np.zeros((480, 640, 3), np.uint8), "a4")
        assert nothing == NotScanned("no-page")
        engine.keep_empty_desk(desks.draw(Desk(7, "dark", ""))[0])
        assert await engine.find(pixels) is not None
        assert await engine.find(far(pixels)) is not None, "an empty desk of another size is left out"
        with pytest.raises(ValueError, match="known are"):
            await engine.capture(pixels, "papyrus")
        assert engine.worker.starts == 1
        async with asyncio.timeout(20):
            while engine.worker.pid is not None:  # it ends when idle
                await asyncio.sleep(0.1)
        assert await engine.find(pixels) is not None
        assert engine.worker.starts == 2
    finally:
        await engine.close()
    assert engine.worker.pid is None


@pytest.mark.xdist_group("documents")
async def test_a_hang_and_a_death_are_told_and_the_next_question_works() -> None:
    engine = DocumentEngine(deadline_s=1.0, start_s=60)
    small = laid("passport")[::2, ::2].copy()
    try:
        await engine.worker.start()
        first = engine.worker.pid
        assert first is not None
        os.kill(first, signal.SIGSTOP)
        began = time.monotonic()
        with pytest.raises(NoAnswer, match=r"document process: no answer within 1\.0 s"):
            await engine.find(small)
        assert time.monotonic() - began < 3
        with pytest.raises(ProcessLookupError):
            os.kill(first, 0)
        engine.worker.deadline_s = 60
        assert await engine.find(small) is not None
        second = engine.worker.pid
        assert second is not None
        os.kill(second, signal.SIGSTOP)
        task = asyncio.create_task(engine.find(small))
        await asyncio.sleep(0.1)
        os.kill(second, signal.SIGKILL)
        with pytest.raises(LinkLost, match="died"):
            await task
        task = asyncio.create_task(engine.find(small))
        await asyncio.sleep(0.02)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await engine.find(small) is not None
    finally:
        await engine.close()


@pytest.mark.parametrize(
    ("command", "error", "words"),
    [
        (("/no/such/program",), DeviceFault, "cannot be started"),
        ((sys.executable, "-c", "print('x' * 100)"), ProtocolError, "message"),
        ((sys.executable, "-c", "raise SystemExit(3)"), LinkLost, "died"),
        ((sys.executable, "-c", "import time; time.sleep(60)"), NoAnswer, "did not start"),
    ],
)
async def test_a_process_that_cannot_start_says_why(
    command: tuple[str, ...], error: type[Exception], words: str
) -> None:
    worker = Worker("document process", command, deadline_s=1, start_s=1.0)
    with pytest.raises(error, match=words):
        await worker.ask({"do": "find"})
    assert worker.pid is None
    await worker.close()


@pytest.mark.parametrize(
    ("head", "body"),
    [
        ({"flaw": "tired"}, b""),
        ({"sheet": 4, "thumb": [1, 1], "dpi": 100, "sharpness": 1}, b"\xff\xd8"),
        ({"sheet": 2, "thumb": [9999, 1], "dpi": 100, "sharpness": 1}, b"\xff\xd8"),
        ({"sheet": "x"}, b""),
    ],
)
async def test_nonsense_from_the_process_is_not_believed(
    head: dict[str, object], body: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = DocumentEngine()

    async def ask(*_: object) -> tuple[dict[str, object], bytes]:
        return head, body

    monkeypatch.setattr(engine.worker, "ask", ask)
    with pytest.raises(ProtocolError):
        await engine.capture(np.zeros((64, 64, 3), np.uint8), "a4")


def test_messages_are_capped_and_checked() -> None:
    assert lengths(head_bytes({"a": 1}, 5)[:8]) == (8, 5)
    for bad in (b"", b"\0" * 8, b"\xff" * 8):
        with pytest.raises(WireError):
            lengths(bad)
    for bad in (b"\xff\xff", b"[1]", b"{"):
        with pytest.raises(WireError):
            parse_head(bad)
    for size in (None, [1], [640, "480"], [15, 480], [4097, 16], [4096, 4096]):
        with pytest.raises(WireError):
            checked_size(size, "document")
    with pytest.raises(WireError):
        head_bytes({"a": "x" * 70000})


def test_nothing_heavy_is_loaded_on_the_terminals_side() -> None:
    code = (
        "import sys, drivers.camera.documents, drivers.camera.texts, drivers.camera.desk_view, kiosk.steps.scan;"
        "sys.exit(bool({'cv2', 'rapidocr', 'onnxruntime'} & set(sys.modules)))"
    )
    root = Path(__file__).parents[2]
    assert subprocess.run([sys.executable, "-c", code], cwd=root, check=False, timeout=30).returncode == 0
