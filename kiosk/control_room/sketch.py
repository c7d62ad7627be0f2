"""The sketch of the city and where a terminal is drawn on it (config/control_room_map.toml): invented, always the same.

A township has a point inside its district, its terminals lie around it; nothing is surveyed, and the page says so.
"""

from __future__ import annotations

import math
import random
import tomllib
from functools import cache, lru_cache
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field

from config import DATA
from config.divisions import divisions

Point = tuple[float, float]
TRIES: Final = 60
AROUND: Final = 24.0
"""How far from its township's point a terminal may be drawn."""


class District(BaseModel):
    """Corners in the order of the outline; where the name stands."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    label: Point
    corners: Annotated[tuple[Point, ...], Field(min_length=3, max_length=60)]


class Sketch(BaseModel):
    """The whole file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    width: Annotated[int, Field(ge=100, le=5000)]
    height: Annotated[int, Field(ge=100, le=5000)]
    district: dict[str, District]


@cache
def sketch() -> Sketch:
    """The file. Raises `pydantic.ValidationError`."""
    return Sketch.model_validate(tomllib.loads((DATA / "control_room_map.toml").read_text(encoding="utf-8")))


def drawn() -> dict[str, Any]:
    """The sketch with the districts' names, for the page."""
    found = sketch()
    return {
        "width": found.width,
        "height": found.height,
        "districts": [
            {
                "code": code, "zh": divisions()[code].name.partition("(")[0],
                "en": divisions()[code].name_en, "label": area.label, "corners": area.corners,
            }
            for code, area in found.district.items()
        ],
    }  # fmt: skip


@lru_cache(maxsize=30_000)
def spot(terminal: str, site: str, division: str) -> Point | None:
    """Where a terminal is drawn; None for a site that is not on the sketch."""
    area = sketch().district.get(site)
    if area is None:
        return None
    centre = _towns(site).get(division)
    rng = random.Random(terminal)
    if centre is None:
        return _inside(area, rng)
    for _ in range(TRIES):
        far, turn = AROUND * math.sqrt(rng.random()), rng.uniform(0, math.tau)
        point = _rounded((centre[0] + far * math.cos(turn), centre[1] + far * math.sin(turn)))
        if contains(area.corners, point):
            return point
    return centre


@cache
def _towns(site: str) -> dict[str, Point]:
    """The points of a district's townships, as far from each other as a few tries bring them."""
    area, found = sketch().district[site], dict[str, Point]()
    for code in (d.code for d in divisions().values() if d.level == 5 and d.parent == site):
        rng = random.Random(code)
        points = [_inside(area, rng) for _ in range(TRIES)]
        found[code] = max(points, key=lambda p: min((math.dist(p, q) for q in found.values()), default=0.0))
    return found


def _inside(area: District, rng: random.Random) -> Point:
    xs, ys = [x for x, _ in area.corners], [y for _, y in area.corners]
    while True:
        point = _rounded((rng.uniform(min(xs), max(xs)), rng.uniform(min(ys), max(ys))))
        if contains(area.corners, point):
            return point


def contains(corners: tuple[Point, ...], point: Point) -> bool:
    """Whether the point lies inside the outline (even-odd rule)."""
    x, y = point
    inside = False
    for (x1, y1), (x2, y2) in zip(corners, (*corners[1:], corners[0]), strict=True):
        if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
            inside = not inside
    return inside


def _rounded(point: Point) -> Point:
    return round(point[0], 1), round(point[1], 1)
