"""A character drawn with the finger: strokes collected under caps, read by the text process, up to eight candidates.

drawing = Drawing()
drawing.begin(0.2, 0.3); drawing.move(0.8, 0.3); drawing.end()      x right, y down, 0 to 1 of a square field
await warm(case.texts)                                              when the page opens: loading takes 1 to 3 s
for one in await read(case.texts, drawing): one.text, one.score     then composer.put(one.text)
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import pairwise

from drivers.camera.hand_wire import MAX_CANDIDATES, MAX_POINTS, MAX_STROKES, Point
from drivers.camera.texts import TextEngine
from drivers.errors import DeviceError, NoAnswer

__all__ = ["MAX_CANDIDATES", "Drawing", "HandCandidate", "read", "warm"]

DEADLINE_S = 5.0
"""For one answer, the start of the process included when it was not warm; a warm one answers in 10 ms."""
_NEAR = 0.004
"""A finger that moved less than this part of the field has not moved."""


@dataclass(frozen=True, slots=True)
class HandCandidate:
    """A character that the drawing may be; `score` 0 to 1."""

    text: str = field(repr=False)
    score: float


class Drawing:
    """The strokes of one character. What goes beyond the caps is not taken, and `full` says so."""

    def __init__(self) -> None:
        self._strokes: list[list[Point]] = []
        self._down = False

    def __repr__(self) -> str:
        return f"Drawing({len(self._strokes)} strokes)"

    @property
    def strokes(self) -> tuple[tuple[Point, ...], ...]:
        """The strokes so far, each of at least one point."""
        return tuple(tuple(stroke) for stroke in self._strokes)

    @property
    def full(self) -> bool:
        """Whether no further stroke is taken."""
        return len(self._strokes) >= MAX_STROKES

    def begin(self, x: float, y: float) -> bool:
        """The finger comes down. False when the drawing is full or the place is none."""
        self._down = False
        if self.full or not _is_place(x, y):
            return False
        self._strokes.append([(x, y)])
        self._down = True
        return True

    def move(self, x: float, y: float) -> bool:
        """The finger moves. False when it is not down, did not really move, or the stroke is full."""
        if not self._down or not _is_place(x, y):
            return False
        stroke = self._strokes[-1]
        last = stroke[-1]
        if abs(x - last[0]) < _NEAR and abs(y - last[1]) < _NEAR:
            return False
        if len(stroke) >= MAX_POINTS:
            stroke[:] = _thinned(stroke)
        stroke.append((x, y))
        return True

    def end(self) -> None:
        """The finger goes up."""
        self._down = False

    def undo(self) -> bool:
        """Take back the last stroke. False when there is none."""
        self._down = False
        if not self._strokes:
            return False
        self._strokes.pop()
        return True

    def clear(self) -> None:
        """An empty field."""
        self._strokes.clear()
        self._down = False


def _is_place(x: float, y: float) -> bool:
    return 0.0 <= x <= 1.0 and 0.0 <= y <= 1.0


def _thinned(stroke: list[Point]) -> list[Point]:
    """Every other point, the first and the last kept: a finger that scribbles on loses detail, not the way it went."""
    kept = [one for at, (one, _) in enumerate(pairwise(stroke)) if at % 2 == 0]
    return [*kept, stroke[-1]]


async def warm(engine: TextEngine) -> None:
    """Start the text process ahead. A process that does not start is told by `read`; here nothing is raised."""
    with suppress(DeviceError):
        await engine.start()


async def read(engine: TextEngine, drawing: Drawing, *, deadline_s: float = DEADLINE_S) -> tuple[HandCandidate, ...]:
    """What the drawing may be, the likeliest first; () for an empty one or scribble. Simplified and other Han alike.

    Raises `DeviceError`: `NoAnswer` past the deadline (the process is then ended and starts anew at the next question).
    """
    if not drawing.strokes:
        return ()
    try:
        async with asyncio.timeout(deadline_s):
            lines = await engine.read_hand(drawing.strokes)
    except TimeoutError:
        sentence = f"handwriting: no answer within {deadline_s:.1f} s; write it again, or type it in pinyin"
        raise NoAnswer(sentence) from None
    return tuple(HandCandidate(line.text, line.score) for line in lines)
