"""Face comparison on the invented citizens, the rules of the bands, and the process that may die."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import cv2
import numpy as np
import pytest

from drivers.camera import face_worker
from drivers.camera.face_rules import PASS, RETAKE, View, guidance_for, judge
from drivers.camera.face_wire import WireError, checked_sizes, head_bytes, lengths, parse_head, parse_verdict
from drivers.camera.faces import FaceEngine, child_environment
from drivers.camera.frames import Picture
from drivers.errors import DeviceFault, LinkLost, MediaUnreadable, NoAnswer, ProtocolError

FACES = Path(__file__).parents[2] / "simulator" / "faces"
GOOD = View(1, 90, 120, 0.02, 0.8)


def portrait(index: int) -> np.ndarray:
    """The chip portrait, 102 x 126."""
    whole = cv2.imread(str(FACES / f"{index:02d}" / "id.jpg"))
    return cv2.resize(whole, (102, 126), interpolation=cv2.INTER_AREA)


def seen(index: int, pose: str = "front") -> np.ndarray:
    """A camera picture of 640 x 480."""
    frame = np.full((480, 640, 3), 135, np.uint8)
    frame[:, 120:520] = cv2.imread(str(FACES / f"{index:02d}" / f"{pose}.jpg"))
    return frame


# The rules.


@pytest.mark.parametrize(
    ("view", "word"),
    [
        (GOOD, "ok"),
        (View(0), "look"),
        (View(2, 90, 120), "one-person"),
        (View(1, 90, 20), "light"),
        (View(1, 90, 240), "light"),
        (View(1, 30, 120), "closer"),
        (View(1, 90, 120, -0.4), "look"),
    ],
)
def test_guidance(view: View, word: str) -> None:
    assert guidance_for(view) == word


@pytest.mark.parametrize(
    ("score", "band"),
    [
        (1.0, "pass"),
        (PASS, "pass"),
        (PASS - 0.001, "retake"),
        (RETAKE, "retake"),
        (RETAKE - 0.001, "refuse"),
        (-0.2, "refuse"),
    ],
)
def test_bands(score: float, band: str) -> None:
    verdict = judge([View(1, 90, 120, 0.0, score)], 1.0)
    assert (verdict.band, verdict.guidance) == (band, "ok")


def test_nobody_is_refused_for_bad_pictures() -> None:
    for views in ([], [View(0)] * 4, [View(2)] * 3 + [GOOD], [View(1, 90, 10, 0, -0.3)] * 2):
        assert judge(views, 1.0).band == "retake"
    assert judge([GOOD, GOOD, View(0), View(0)], 0.9).band == "pass"


def test_two_people_taking_turns_do_not_pass() -> None:
    verdict = judge([GOOD, View(1, 90, 120, 0.0, 0.1)], alike=0.1)
    assert (verdict.band, verdict.guidance) == ("retake", "one-person")


def test_the_turn_is_told() -> None:
    assert judge([View(1, 90, 120, -0.1, 0.8), View(1, 90, 120, 0.2, 0.7)], 0.8).turn == pytest.approx(0.3)


# The wire.


def test_messages_are_capped_and_checked() -> None:
    assert lengths(head_bytes({"a": 1}, 5)[:8]) == (8, 5)
    for bad in (b"", b"\0" * 8, b"\xff" * 8):
        with pytest.raises(WireError):
            lengths(bad)
    for bad in (b"\xff\xff", b"[1]", b"{"):
        with pytest.raises(WireError):
            parse_head(bad)
    for sizes in (None, [], [[640, 480]], [[1, 1]] * 2, [[640, 480]] * 10, [[640, 480], [True, 480]], [[640], [480]]):
        with pytest.raises(WireError):
            checked_sizes(sizes)
    good = {"score": 0.5, "band": "pass", "guidance": "ok", "faces": 1, "turn": 0.1}
    assert parse_verdict(good).band == "pass"
    for wrong in ({"score": "x"}, {"score": 7}, {"band": "yes"}, {"guidance": "hm"}, {"faces": "1"}):
        with pytest.raises(WireError):
            parse_verdict(good | wrong)
    with pytest.raises(WireError):
        parse_verdict({})


# The matcher.


def test_the_model_files_are_the_measured_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    for file, sha in (face_worker.YUNET, face_worker.SFACE):
        assert face_worker.weights(file, sha).is_file()
    with pytest.raises(face_worker.WeightsWrong, match="sha256"):
        face_worker.weights(face_worker.YUNET[0], "0" * 64)
    with pytest.raises(face_worker.WeightsWrong, match="missing"):
        face_worker.weights("other.onnx", "0" * 64)
    monkeypatch.setattr(face_worker, "PACKAGE", "no_such_package_here")
    with pytest.raises(face_worker.WeightsWrong, match="not installed"):
        face_worker.weights(*face_worker.YUNET)


def test_others_are_refused() -> None:
    """Every second well-separated pair of the invented citizens: the portrait of one, the face of the other."""
    matcher = face_worker.Matcher()
    pairs = json.loads((FACES / "pairs.json").read_text())["well_separated_pairs"][::2]
    assert len(pairs) > 60
    portraits = {i: portrait(i) for i in range(24)}
    faces = {i: seen(i) for i in range(24)}
    bands = [matcher.compare([portraits[a], faces[b]])["band"] for a, b, _ in pairs]
    assert bands.count("refuse") == len(pairs)


async def test_the_citizens_pass_as_themselves() -> None:
    """All 24 through the real process: chip portrait of 102 x 126 against the face at the camera."""
    engine = FaceEngine(deadline_s=10)
    try:
        verdicts = [await engine.compare(portrait(i), [seen(i)]) for i in range(24)]
        assert [v.band for v in verdicts].count("pass") >= 22
        assert min(v.score for v in verdicts) > 0.6
        assert engine.starts == 1
        assert all("yunet-2023mar" in v.model and "sface-2021dec" in v.model for v in verdicts)
        several = await engine.compare(portrait(7), [seen(7), seen(7, "left15"), seen(7, "right15")])
        assert several.band == "pass"
        assert several.turn > 0.25
        assert (await engine.compare(portrait(7), [seen(7, "left35")])).guidance == "look"
        nobody = await engine.compare(portrait(7), [np.full((480, 640, 3), 120, np.uint8)])
        assert (nobody.band, nobody.faces_found, nobody.guidance) == ("retake", 0, "look")
        large = cv2.resize(seen(7), (1600, 1200), interpolation=cv2.INTER_CUBIC)
        assert (await engine.compare(portrait(7), [large])).band == "pass"
        with pytest.raises(MediaUnreadable, match="portrait"):
            await engine.compare(np.full((126, 102, 3), 200, np.uint8), [seen(7)])
        assert engine.starts == 1, "an unusable portrait ends no process"
    finally:
        await engine.close()
    assert engine.pid is None


# The process.


async def test_a_hang_is_ended_at_the_deadline_and_the_next_comparison_works() -> None:
    engine = FaceEngine(deadline_s=1.0)
    try:
        await engine.start()
        first = engine.pid
        assert first is not None
        os.kill(first, signal.SIGSTOP)
        began = time.monotonic()
        with pytest.raises(NoAnswer, match=r"no answer within 1\.0 s"):
            await engine.compare(portrait(3), [seen(3)] * 4)
        assert time.monotonic() - began < 2.0
        with pytest.raises(ProcessLookupError):
            os.kill(first, 0)
        engine.deadline_s = 10
        assert (await engine.compare(portrait(3), [seen(3)])).band == "pass"
        assert engine.starts == 2
    finally:
        await engine.close()


async def test_a_death_during_a_comparison_is_told_and_one_between_is_mended() -> None:
    engine = FaceEngine(deadline_s=10)
    try:
        await engine.start()
        assert engine.pid is not None
        os.kill(engine.pid, signal.SIGSTOP)
        task = asyncio.create_task(engine.compare(portrait(3), [seen(3)]))
        await asyncio.sleep(0.1)
        os.kill(engine.pid, signal.SIGKILL)
        with pytest.raises(LinkLost, match="died"):
            await task
        await engine.start()
        assert engine.pid is not None
        os.kill(engine.pid, signal.SIGKILL)
        await asyncio.sleep(0.2)
        assert (await engine.compare(portrait(3), [seen(3)])).band == "pass"
        assert engine.starts == 3
    finally:
        await engine.close()


async def test_a_citizen_who_leaves_cancels_cleanly() -> None:
    engine = FaceEngine(deadline_s=10)
    try:
        await engine.start()
        first = engine.pid
        assert first is not None
        os.kill(first, signal.SIGSTOP)
        task = asyncio.create_task(engine.compare(portrait(3), [seen(3)]))
        await asyncio.sleep(0.1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert engine.pid is None
    finally:
        await engine.close()


@pytest.mark.parametrize(
    ("worker", "error", "words"),
    [
        (("/no/such/program",), DeviceFault, "cannot be started"),
        ((sys.executable, "-c", "print('x' * 100)"), ProtocolError, "message"),
        ((sys.executable, "-c", "raise SystemExit(3)"), LinkLost, "died"),
        ((sys.executable, "-c", "import time; time.sleep(60)"), NoAnswer, "did not start"),
    ],
)
async def test_a_process_that_cannot_start_says_why(
    worker: tuple[str, ...], error: type[Exception], words: str
) -> None:
    engine = FaceEngine(start_s=1.0, worker=worker)
    with pytest.raises(error, match=words):
        await engine.start()
    assert engine.pid is None
    await engine.close()
    await engine.close()


async def test_too_much_is_refused_before_anything_is_sent() -> None:
    engine = FaceEngine()
    for frames in ([], [seen(1)] * 9, [Picture(2000, 16, bytes(96000))]):
        with pytest.raises(ValueError, match="compare"):
            await engine.compare(portrait(1), frames)
    assert engine.starts == 0


def test_the_process_inherits_nothing_it_does_not_need(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LD_LIBRARY_PATH", "/x")
    monkeypatch.setenv("KIOSK_TOKEN", "secret")
    environment = child_environment()
    assert "LD_LIBRARY_PATH" not in environment
    assert "KIOSK_TOKEN" not in environment


def test_nothing_heavy_is_loaded_before_the_first_paint() -> None:
    code = (
        "import sys, drivers.camera.driver, drivers.camera.faces, drivers.camera.grabber;"
        "sys.exit(bool({'cv2', 'numpy', 'zxingcpp', 'pyzbar'} & set(sys.modules)))"
    )
    root = Path(__file__).parents[2]
    assert subprocess.run([sys.executable, "-c", code], cwd=root, check=False, timeout=30).returncode == 0
