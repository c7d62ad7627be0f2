"""Handwriting: the caps of what a finger draws, the wire, the real net in its process, what is said without it."""

import asyncio
import random
import sys
from contextlib import suppress
from itertools import chain

import pytest
from hand_cases import HANDS, medians
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.camera.hand_wire import MAX_BYTES, MAX_CANDIDATES, MAX_POINTS, MAX_STROKES, pack, unpack
from drivers.camera.texts import TextEngine
from drivers.camera.worker_wire import WireError
from drivers.errors import LinkLost, NoAnswer
from kiosk.entry.handwriting import Drawing, read, warm

SEED = 8

SILENT = """
import sys
from drivers.camera.worker_wire import head_bytes
sys.stdout.buffer.write(head_bytes({"model": "silent"})); sys.stdout.buffer.flush()
sys.stdin.buffer.read()
"""
DYING = SILENT.replace("read()", "read(8)")


def drawn(strokes: list[list[tuple[float, float]]]) -> Drawing:
    drawing = Drawing()
    for stroke in strokes:
        assert drawing.begin(*stroke[0])
        for x, y in stroke[1:]:
            drawing.move(x, y)
        drawing.end()
    return drawing


def test_strokes_are_capped_and_scribble_is_thinned() -> None:
    drawing = Drawing()
    assert drawing.begin(0.0, 0.5)
    for step in range(20 * MAX_POINTS):
        drawing.move((step * 0.01) % 1.0, (step * 0.007) % 1.0)
    last = drawing.strokes[0][-1]
    assert len(drawing.strokes[0]) <= MAX_POINTS
    assert drawing.strokes[0][0] == (0.0, 0.5)
    assert last == ((20 * MAX_POINTS - 1) * 0.01 % 1.0, (20 * MAX_POINTS - 1) * 0.007 % 1.0)
    for number in range(MAX_STROKES - 1):
        assert drawing.begin(0.5, number / MAX_STROKES)
    assert drawing.full
    assert not drawing.begin(0.1, 0.1)
    assert not drawing.move(0.2, 0.2)
    assert len(drawing.strokes) == MAX_STROKES
    assert len(pack(drawing.strokes)) <= MAX_BYTES


def test_a_finger_that_does_not_move_or_leaves_the_field_draws_nothing() -> None:
    drawing = Drawing()
    assert not drawing.move(0.5, 0.5)
    assert not drawing.begin(-0.1, 0.5)
    assert not drawing.begin(float("nan"), 0.5)
    assert drawing.begin(0.5, 0.5)
    assert not drawing.move(0.501, 0.501)
    assert not drawing.move(1.5, 0.5)
    drawing.end()
    assert not drawing.move(0.9, 0.9)
    assert drawing.strokes == (((0.5, 0.5),),)
    assert drawing.undo()
    assert not drawing.undo()
    drawing.begin(0.1, 0.1)
    drawing.clear()
    assert drawing.strokes == ()
    assert not drawing.move(0.2, 0.2)


POINTS = st.tuples(st.floats(0, 1), st.floats(0, 1))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(POINTS, min_size=1, max_size=20), min_size=1, max_size=12))
def test_the_wire_gives_back_what_it_was_given(strokes: list[list[tuple[float, float]]]) -> None:
    back = unpack(pack(strokes))
    assert [len(stroke) for stroke in back] == [len(stroke) for stroke in strokes]
    for one, other in zip(chain(*back), chain(*strokes), strict=True):
        assert one == pytest.approx(other, abs=1e-4)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200))
def test_bytes_that_are_no_strokes_are_refused(body: bytes) -> None:
    strokes = None
    with suppress(WireError):
        strokes = unpack(body)
    assert strokes is None or len(pack(strokes)) == len(body)


@pytest.mark.parametrize(
    "strokes",
    [
        [],
        [[]],
        [[(0.1, 0.1)]] * (MAX_STROKES + 1),
        [[(0.1, 0.1)] * (MAX_POINTS + 1)],
        [[(float("nan"), 0.1)]],
        [[(float("inf"), 0.1)]],
    ],
)
def test_strokes_beyond_the_caps_are_refused(strokes: list[list[tuple[float, float]]]) -> None:
    with pytest.raises(WireError):
        pack(strokes)


def test_a_drawing_is_centred_whole_and_not_stretched() -> None:
    from drivers.camera.hand import SIDE, draw

    for strokes in ([[(0.1, 0.1), (0.2, 0.1)]], [[(0.5, 0.1), (0.5, 0.9)]], [[(0.3, 0.3)]], medians()["逄"]):
        dark = (draw(strokes)[:, :, 0] < 128).nonzero()
        assert len(dark[0])
        assert min(dark[0]) > 3
        assert max(dark[0]) < SIDE - 4
        assert (min(dark[0]) + max(dark[0])) / 2 == pytest.approx(SIDE / 2, abs=2)
        assert (min(dark[1]) + max(dark[1])) / 2 == pytest.approx(SIDE / 2, abs=2)
    flat = (draw([[(0.1, 0.1), (0.9, 0.1)]])[:, :, 0] < 128).nonzero()
    assert max(flat[0]) - min(flat[0]) < 8


async def test_the_real_net_reads_the_fixture() -> None:
    """Floors under what tests/bench/entry_figures.py measured; all in one process, warm after the first."""
    floors = {"clean": (0.93, 0.98), "jitter": (0.8, 0.93), "joined": (0.85, 0.95), "jitter and joined": (0.75, 0.9)}
    engine = TextEngine(deadline_s=30.0, start_s=60.0)
    try:
        await warm(engine)
        for hand, (at_1, at_8) in floors.items():
            first, among, misses = 0, 0, []
            for character, strokes in medians().items():
                by = random.Random(f"{SEED}{hand}{character}")
                found = [one.text for one in await read(engine, drawn(HANDS[hand](strokes, by)), deadline_s=30.0)]
                assert len(found) <= MAX_CANDIDATES
                first += found[:1] == [character]
                among += character in found
                misses += [character] if character not in found else []
            count = len(medians())
            assert first / count >= at_1, f"{hand}, seed {SEED}: {first} of {count}"
            assert among / count >= at_8, f"{hand}, seed {SEED}: {misses}"
        assert engine.worker.starts == 1
        scribble = drawn([[(0.1 + 0.01 * (step % 7), 0.9 - 0.01 * (step % 5)) for step in range(40)]])
        assert len(await read(engine, scribble, deadline_s=30.0)) <= MAX_CANDIDATES
    finally:
        await engine.close()
    assert engine.worker.pid is None


async def test_an_empty_drawing_asks_nobody() -> None:
    engine = TextEngine(worker=("/nonexistent",))
    assert await read(engine, Drawing()) == ()
    assert engine.worker.starts == 0


async def test_a_silent_process_is_ended_at_the_deadline() -> None:
    engine = TextEngine(worker=(sys.executable, "-c", SILENT))
    drawing = drawn([[(0.1, 0.5), (0.9, 0.5)]])
    await warm(engine)
    began = asyncio.get_running_loop().time()
    with pytest.raises(NoAnswer, match="write it again"):
        await read(engine, drawing, deadline_s=0.05)
    assert asyncio.get_running_loop().time() - began < 3.0
    assert engine.worker.pid is None
    await engine.close()


async def test_a_process_that_dies_or_cannot_start_is_told() -> None:
    engine = TextEngine(worker=(sys.executable, "-c", DYING))
    with pytest.raises(LinkLost):
        await read(engine, drawn([[(0.1, 0.5), (0.9, 0.5)]]), deadline_s=20.0)
    await engine.close()
    await warm(TextEngine(worker=("/nonexistent",)))
