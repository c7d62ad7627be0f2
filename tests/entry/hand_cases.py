"""Handwriting made from stroke medians: clean, with jitter, with strokes joined; seeded, so a miss replays."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path

Strokes = list[list[tuple[float, float]]]
SHIFT, SHAKE = 0.03, 0.012
"""Standard deviation of a stroke's place and of a point's, in parts of the field."""
JOINED = 0.2


def medians() -> dict[str, Strokes]:
    """The strokes of the fixture's characters, 0 to 1, y down."""
    data = json.loads(Path(__file__).with_name("hand_medians.json").read_text(encoding="utf-8"))
    return {character: [[(x, y) for x, y in line] for line in lines] for character, lines in data.items()}


def clean(strokes: Strokes, _: random.Random) -> Strokes:
    """As they are."""
    return strokes


def jitter(strokes: Strokes, by: random.Random) -> Strokes:
    """Every stroke moved, every point shaken."""
    found = []
    for stroke in strokes:
        right, down = by.gauss(0, SHIFT), by.gauss(0, SHIFT)
        found.append([_kept(x + right + by.gauss(0, SHAKE), y + down + by.gauss(0, SHAKE)) for x, y in stroke])
    return found


def _kept(x: float, y: float) -> tuple[float, float]:
    return min(1.0, max(0.0, x)), min(1.0, max(0.0, y))


def joined(strokes: Strokes, by: random.Random) -> Strokes:
    """Every fifth stroke written on from the one before, without lifting the finger."""
    found = [list(strokes[0])]
    for stroke in strokes[1:]:
        if by.random() < JOINED:
            found[-1] += stroke
        else:
            found.append(list(stroke))
    return found


def hasty(strokes: Strokes, by: random.Random) -> Strokes:
    """Jitter and joined strokes together."""
    return joined(jitter(strokes, by), by)


HANDS: dict[str, Callable[[Strokes, random.Random], Strokes]] = {
    "clean": clean,
    "jitter": jitter,
    "joined": joined,
    "jitter and joined": hasty,
}
