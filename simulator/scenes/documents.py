"""A desk under the document camera: what lies on it, how it lies, what is wrong with the picture; 1920 x 1440."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, get_args

import cv2
import numpy as np

from simulator.people import CITIZENS
from simulator.scenes.canvas import Corners, Pixels, glare, hand, lay, photographed, quad
from simulator.scenes.papers import KINDS, SIZES, Kind, Paper, paper

WIDTH, HEIGHT = 1920, 1440
MM = 4.4
"""Pixels a millimetre on the desk: an A4 sheet fills nine tenths of the picture's height."""
Desk = Literal["dark", "wood", "green", "light"]
_COLOURS: dict[str, tuple[int, int, int]] = {
    "dark": (44, 42, 40),
    "wood": (84, 128, 170),
    "green": (92, 120, 62),
    "light": (214, 220, 222),
}
_MOVES = 300.0  # millimetres: further and nothing of the thing is in the picture
_FOLD_S = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class OwnPicture:
    """A picture that QA brought, as it lies on the desk: pixels height x width x BGR, and its size in millimetres."""

    pixels: Pixels
    size_mm: tuple[float, float]


@dataclass(frozen=True, slots=True)
class DeskScene:
    """What lies there: `kind` "" is an empty desk, "picture" is `own`. `shift`: millimetres right and down of
    the middle; `turn`: degrees.

    `turning` 0 to 1: how far the page is being turned over to the next one. `blur` in pixels, `light` 1 = by day.
    """

    kind: Kind | Literal["", "picture"] = ""
    holder: str = "citizen-07"
    own: OwnPicture | None = None
    page: int = 1
    desk: Desk = "dark"
    turn: float = 3.0
    shift: tuple[float, float] = (0.0, 0.0)
    tilt: tuple[float, float] = (0.02, 0.03)
    hand: bool = False
    glare: float = 0.0
    blur: float = 0.6
    light: float = 1.0
    turning: float = 0.0
    seed: int = 1

    def __post_init__(self) -> None:
        if self.kind == "picture" and self.own is None:
            raise ValueError("desk: no picture was brought; drop one on the bench's document camera")
        if self.kind not in ("", "picture", *KINDS):
            raise ValueError(f"desk: no thing {self.kind!r}; there are {', '.join(KINDS)}")
        if self.holder not in CITIZENS:
            raise ValueError(f"desk: no citizen {self.holder!r}; citizen-00 to citizen-{len(CITIZENS) - 1:02d}")
        if self.desk not in get_args(Desk):
            raise ValueError(f"desk: no desk {self.desk!r}; there are {', '.join(get_args(Desk))}")
        bounds: tuple[tuple[str, float, float, float], ...] = (
            ("page", self.page, 1, 99),
            ("turn", self.turn, -360, 360),
            ("shift", self.shift[0], -_MOVES, _MOVES),
            ("shift", self.shift[1], -_MOVES, _MOVES),
            ("glare", self.glare, 0, 1),
            ("blur", self.blur, 0, 12),
            ("light", self.light, 0, 2),
            ("turning", self.turning, 0, 1),
            *(("tilt", each, -0.3, 0.3) for each in self.tilt),
        )
        for name, value, low, high in bounds:
            if not low <= value <= high:
                raise ValueError(f"desk: {name} {value}; {low:g} to {high:g}")

    @property
    def words(self) -> str:
        """The scene as a sentence, without what the document says."""
        what = f"{self.kind}, page {self.page}" if self.kind else "empty desk"
        flaws = [
            f for f, there in (("a hand", self.hand), ("glare", self.glare), ("out of focus", self.blur > 1.5)) if there
        ]
        dim = ["poor light"] if self.light < 0.6 else []
        return ", ".join([what, f"{self.desk} desk", *flaws, *dim])


@dataclass(frozen=True, slots=True)
class DeskTruth:
    """What is true of the picture. `corners` None: an empty desk. `flaws`: hand, glare, blur, dark, crop, turning."""

    kind: Kind | Literal["", "picture"]
    holder: str
    corners: Corners | None
    size_mm: tuple[float, float] | None
    texts: tuple[str, ...] = ()
    zone: tuple[str, ...] = ()
    flaws: frozenset[str] = frozenset()


def draw(scene: DeskScene) -> tuple[Pixels, DeskTruth]:
    """The picture, height 1440 x width 1920 x BGR, and what is true of it. About 0.1 s."""
    still, truth = still_of(scene)
    return photographed(still, scene.seed, light=scene.light, blur=scene.blur, noise=2.0), truth


def still_of(scene: DeskScene) -> tuple[Pixels, DeskTruth]:
    """The desk before lens and sensor; only the noise of `draw` changes between two pictures of one scene."""
    ground = _desk(scene.desk).copy()
    flaws = {name for name, there in _flaws(scene) if there}
    middle = (WIDTH / 2 + scene.shift[0] * MM, HEIGHT / 2 + scene.shift[1] * MM)
    if not scene.kind:
        if scene.hand:
            hand(ground, middle, 2.0)
        return ground, DeskTruth("", "", None, None, flaws=frozenset(flaws))
    if scene.kind == "picture":
        assert scene.own is not None
        thing, size = Paper("blank", scene.own.pixels, ()), scene.own.size_mm
    else:
        thing, size = _paper(scene.kind, scene.holder, scene.page), SIZES[scene.kind]
    corners = quad((size[0] * MM, size[1] * MM), middle, scene.turn, scene.tilt)
    card = size[1] < 60
    lay(ground, thing.pixels, corners, round_px=26 if card else 0)
    if scene.turning and scene.kind != "picture":
        _turn_over(ground, scene, middle)
    if scene.hand:
        hand(ground, (corners[2][0] - 60, corners[2][1] - 130), 1.6)
    if scene.glare:
        spot = (np.array(corners[0]) * 0.45 + np.array(corners[2]) * 0.55).tolist()
        glare(ground, (spot[0], spot[1]), (60.0 if card else 150.0) * (0.6 + scene.glare), scene.glare)
    if any(not (0 <= x <= WIDTH and 0 <= y <= HEIGHT) for x, y in corners):
        flaws.add("crop")
    return ground, DeskTruth(scene.kind, scene.holder, corners, size, thing.texts, thing.zone, frozenset(flaws))


def _flaws(scene: DeskScene) -> tuple[tuple[str, bool], ...]:
    return (
        ("hand", scene.hand),
        ("glare", scene.glare > 0.2),
        ("blur", scene.blur > 1.5),
        ("dark", scene.light < 0.35),
        ("turning", scene.turning > 0),
    )


def _turn_over(ground: Pixels, scene: DeskScene, middle: tuple[float, float]) -> None:
    """The next page on its way over this one: narrower the further it stands up, its back to the camera."""
    assert scene.kind in KINDS
    size = SIZES[scene.kind]
    wide = size[0] * MM * abs(1 - 2 * scene.turning)
    side = 1 if scene.turning < _FOLD_S else -1
    at = (middle[0] + side * (size[0] * MM - wide) / 2 * -1, middle[1])
    face = _paper(scene.kind, scene.holder, scene.page + 1).pixels if scene.turning < _FOLD_S else None
    leaf = face if face is not None else np.full((200, 140, 3), 225, np.uint8)
    lay(ground, leaf, quad((max(wide, 6.0), size[1] * MM), at, scene.turn, (0.12 * side, 0.0)), shadow=0.7)


@lru_cache(maxsize=4)
def _paper(kind: Kind, holder: str, page: int) -> Paper:
    return paper(kind, CITIZENS[holder], page)


@lru_cache(maxsize=2)
def _desk(desk: Desk) -> Pixels:
    """The bare desk under one lamp: a plate with fine grain, planks, cloth, a light board."""
    rng = np.random.default_rng(len(desk))
    base = np.empty((HEIGHT, WIDTH, 3), np.float32)
    base[:] = np.array(_COLOURS[desk], np.float32)
    rough = cv2.resize(rng.normal(0, 1, (HEIGHT // 40, WIDTH // 40)).astype(np.float32), (WIDTH, HEIGHT))
    base += rough[..., None] * 2.5
    if desk == "wood":
        rows = np.arange(HEIGHT, dtype=np.float32)[:, None] + 18 * rough
        base *= (1 + 0.09 * np.sin(rows / 9) + 0.06 * np.sin(rows / 31))[..., None]
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    base *= (1.06 - 0.22 * ((x / WIDTH - 0.42) ** 2 + (y / HEIGHT - 0.4) ** 2))[..., None]
    made: Pixels = np.clip(base, 0, 255).astype(np.uint8)
    made.setflags(write=False)
    return made
