"""People before the face camera, 640 x 480: where they stand, how far the head is turned, whether the eyes are open.

A head is turned by moving the outline and the five landmarks from one picture of the citizen to the other and fading
between the two; at both ends stands the picture itself, so that a matcher judges what the citizen really looks like.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from drivers.camera.frames import HEIGHT, WIDTH
from simulator.people import CITIZENS, FACES
from simulator.scenes.canvas import Pixels, hand, lay, photographed, pixels_of, quad, sheet

WALL = (128, 140, 146)
"""The ground that the citizens' own pictures stand on: a person who moves does not change the room."""
_SIDE, _BELOW = 140, 60  # room that a body needs beside and under its picture, pixels
_STEPS = 8  # positions of a head between front and turned
_TOLERANCE = 9
_GRID = 10
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Person:
    """Who and how. `turn` -1 (35 degrees to the own right) to 1 (left), `eyes` 1 open to 0 shut, `near` 1: before it.

    `x`, `y`: moved by that share of the picture's width and height.
    """

    face: str
    turn: float = 0.0
    eyes: float = 1.0
    near: float = 1.0
    x: float = 0.0
    y: float = 0.0

    def __post_init__(self) -> None:
        if self.face not in CITIZENS:
            raise ValueError(f"citizen {self.face!r}: one of citizen-00 to citizen-{len(CITIZENS) - 1:02d}")
        for name, low, high in (("turn", -1, 1), ("eyes", 0, 1), ("near", 0.2, 1.6), ("x", -2, 2), ("y", -1, 1)):
            value = getattr(self, name)
            if not low <= value <= high:
                raise ValueError(f"{self.face}: {name} {value}; {low} to {high}")


@dataclass(frozen=True, slots=True)
class PeopleScene:
    """Who is in the picture. `photo`: a phone with that citizen's picture is held up. `light` 1 = the hall by day."""

    people: tuple[Person, ...] = ()
    photo: str = ""
    covered: bool = False
    light: float = 1.0
    seed: int = 1

    def __post_init__(self) -> None:
        if self.photo and self.photo not in CITIZENS:
            raise ValueError(f"citizen {self.photo!r}: no such citizen")
        if len(self.people) > 4:
            raise ValueError(f"{len(self.people)} people; at most 4")


@dataclass(frozen=True, slots=True)
class FaceTruth:
    """One face in the picture: whose, a living one or a photo, its five landmarks (as in `landmarks.json`), pose."""

    face: str
    living: bool
    points: tuple[Point, ...]
    degrees: float
    """Turned to the person's own left; 0: to the camera."""
    eyes: float


@dataclass(frozen=True, slots=True)
class PeopleTruth:
    """All faces that can be seen, the nearest last, and whether anything can be seen at all."""

    faces: tuple[FaceTruth, ...] = ()
    covered: bool = False
    dark: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class _Sprite:
    """A person cut out: BGR, cover (0 to 255), landmarks."""

    pixels: Pixels
    cover: Pixels
    points: NDArray[np.float64] = field(repr=False)


def draw(scene: PeopleScene) -> tuple[Pixels, PeopleTruth]:
    """The picture, height 480 x width 640 x BGR, and what is true of it. About 6 ms once a head's poses were drawn."""
    if scene.covered:
        return photographed(_palm(), scene.seed, noise=1.2), PeopleTruth(covered=True)
    canvas = np.full((HEIGHT, WIDTH, 3), WALL, np.uint8)
    faces = []
    for person in sorted(scene.people, key=lambda p: p.near):
        sprite = _posed(person.face, round(person.turn * _STEPS), round((1 - person.eyes) * 4))
        points = _stand(canvas, sprite, person)
        if (points >= 0).all() and (points[:, 0] < WIDTH).all() and (points[:, 1] < HEIGHT).all():
            faces.append(FaceTruth(person.face, True, _tuples(points), 35.0 * person.turn, person.eyes))
    if scene.photo:
        faces.append(FaceTruth(scene.photo, False, _tuples(_phone_with(canvas, scene.photo)), 0.0, 1.0))
    made = photographed(canvas, scene.seed, light=scene.light, noise=2.0)
    return made, PeopleTruth(tuple(faces), dark=scene.light < 0.25)


def _tuples(points: NDArray[np.float64]) -> tuple[Point, ...]:
    return tuple((float(x), float(y)) for x, y in points)


def _stand(canvas: Pixels, sprite: _Sprite, person: Person) -> NDArray[np.float64]:
    """The person into the picture, feet out of sight below; where the landmarks are then."""
    # Nearer people are larger, and the camera sees their eyes at nearly the same height.
    eye = HEIGHT * 0.42
    left = WIDTH * (0.5 + person.x) - (200 + _SIDE) * person.near
    top = eye * (1 - person.near) + person.y * HEIGHT
    matrix = np.array([[person.near, 0, left], [0, person.near, top]], np.float64)
    flags = cv2.INTER_AREA if person.near < 0.8 else cv2.INTER_LINEAR
    seen = cv2.warpAffine(sprite.pixels, matrix, (WIDTH, HEIGHT), flags=flags, borderMode=cv2.BORDER_REPLICATE)
    # A body goes on below its picture for as long as the camera sees: the last row is repeated.
    cover = cv2.warpAffine(sprite.cover, matrix, (WIDTH, HEIGHT), flags=flags, borderMode=cv2.BORDER_REPLICATE)
    share = cover.astype(np.uint16)[..., None]
    canvas[:] = ((canvas * (255 - share) + seen * share) // 255).astype(np.uint8)
    return np.asarray(sprite.points * person.near + [left, top])


@lru_cache(maxsize=20)
def _posed(face: str, step: int, shut: int) -> _Sprite:
    """The citizen with the head turned by `step` of 8 (negative: right) or the eyes `shut` by so many quarters."""
    front = _cut(face, "front")
    if shut and not step:
        shut_eyes, share = _cut(face, "blink"), shut / 4
        mixed = cv2.addWeighted(front.pixels, 1 - share, shut_eyes.pixels, share, 0)
        return _Sprite(np.asarray(mixed, np.uint8), np.maximum(front.cover, shut_eyes.cover), front.points)
    if not step:
        return front
    side = _cut(face, "left35" if step > 0 else "right35")
    share = abs(step) / _STEPS
    return side if share == 1 else _between(front, side, share)


def _between(a: _Sprite, b: _Sprite, share: float) -> _Sprite:
    """Outline and landmarks on their way from `a` to `b`, the one picture fading into the other."""
    from_a, from_b = _controls(a), _controls(b)
    meet = from_a * (1 - share) + from_b * share
    fade = share * share * (3 - 2 * share)
    layers = []
    for sprite, controls in ((a, from_a), (b, from_b)):
        maps = _warp(meet, controls, sprite.cover.shape)
        layers.append([cv2.remap(layer, *maps, cv2.INTER_LINEAR) for layer in (sprite.pixels, sprite.cover)])
    pixels, cover = (cv2.addWeighted(layers[0][i], 1 - fade, layers[1][i], fade, 0) for i in (0, 1))
    points = a.points * (1 - share) + b.points * share
    return _Sprite(np.asarray(pixels, np.uint8), np.asarray(cover, np.uint8), points)


def _controls(sprite: _Sprite) -> NDArray[np.float64]:
    """Landmarks, the head's outline at ten heights, and the frame, which does not move."""
    rows, columns = sprite.cover.shape
    solid = sprite.cover > 127
    crown = int(np.argmax(solid.any(axis=1)))
    chin = int(sprite.points[3:, 1].max() + 0.16 * (sprite.points[3:, 1].max() - crown))
    outline = []
    for height in np.linspace(crown + 6, chin, 10):
        across = np.flatnonzero(solid[int(height)])
        outline += [[across[0], height], [across[-1], height]]
    edges = [[x, y] for x in (0, columns / 2, columns) for y in (0, rows * 0.82, rows)]
    frame = [*edges, [0, rows / 2], [columns, rows / 2]]
    return np.concatenate([sprite.points, np.array(outline), np.array(frame, np.float64)])


def _warp(at: NDArray[np.float64], source: NDArray[np.float64], shape: tuple[int, ...]) -> tuple[Any, Any]:
    """Maps for `remap` that take what is at `source` to `at`: thin-plate splines on a coarse grid."""

    def bend(square: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(square * np.log(square + 1e-6))

    n = len(at)
    ground = np.hstack([np.ones((n, 1)), at])
    system = np.zeros((n + 3, n + 3))
    system[:n, :n] = bend(((at[:, None] - at[None]) ** 2).sum(-1)) + 40.0 * np.eye(n)
    system[:n, n:], system[n:, :n] = ground, ground.T
    weights = np.linalg.solve(system, np.vstack([source, np.zeros((3, 2))]))
    rows, columns = shape
    y, x = np.mgrid[0 : rows + _GRID : _GRID, 0 : columns + _GRID : _GRID].astype(np.float64)
    grid = np.stack([x.ravel(), y.ravel()], 1)
    kernel = bend(((grid[:, None] - at[None]) ** 2).sum(-1))
    moved = kernel @ weights[:n] + np.hstack([np.ones((len(grid), 1)), grid]) @ weights[n:]
    size = (x.shape[1] * _GRID, x.shape[0] * _GRID)
    maps = []
    for axis in (0, 1):
        coarse = moved[:, axis].reshape(x.shape).astype(np.float32)
        # Grid point (i, j) stands at pixel (10 i, 10 j); `resize` puts it in the middle of its cell.
        fine = cv2.warpAffine(
            coarse, np.array([[_GRID, 0, 0], [0, _GRID, 0]], np.float64), size, flags=cv2.INTER_LINEAR
        )
        maps.append(np.ascontiguousarray(fine[:rows, :columns]))
    return maps[0], maps[1]


@lru_cache(maxsize=1)
def _landmarks() -> dict[str, dict[str, list[list[float]]]]:
    found: dict[str, dict[str, list[list[float]]]] = json.loads((FACES / "landmarks.json").read_text())
    return found


@lru_cache(maxsize=8)
def _cut(face: str, pose: str) -> _Sprite:
    """The citizen cut out of the picture, the body going on beside and below it."""
    citizen = CITIZENS[face]
    path = citizen.picture(pose)
    picture = cv2.imread(str(path))
    if picture is None:
        raise ValueError(f"{path.name} of {face}: no readable picture; is the simulator installed whole?")
    rows, columns = picture.shape[:2]
    mask = np.zeros((rows + 2, columns + 2), np.uint8)
    flags = 4 | (255 << 8) | cv2.FLOODFILL_FIXED_RANGE | cv2.FLOODFILL_MASK_ONLY
    tolerance = (_TOLERANCE,) * 3
    for x in range(0, columns, 8):
        if np.abs(picture[0, x].astype(int) - np.array(WALL)).max() <= _TOLERANCE and not mask[1, x + 1]:
            cv2.floodFill(picture, mask, (x, 0), (0, 0, 0), tolerance, tolerance, flags)
    solid = np.where(mask[1:-1, 1:-1] > 0, 0, 255).astype(np.uint8)
    solid = np.asarray(cv2.erode(solid, np.ones((3, 3), np.uint8)), np.uint8)
    cover = np.asarray(cv2.GaussianBlur(solid, (3, 3), 0), np.uint8)
    # Hair may leave the picture above; nothing goes on there.
    room = (0, _BELOW, _SIDE, _SIDE)
    pixels = cv2.copyMakeBorder(picture, *room, cv2.BORDER_REPLICATE)
    whole = cv2.copyMakeBorder(cover, *room, cv2.BORDER_CONSTANT, value=0)
    whole[rows:, _SIDE:-_SIDE] = cover[-1]
    _shoulders(whole, cover)
    whole[0] = whole[:, 0] = whole[:, -1] = 0  # nothing is repeated upwards and sideways
    points = np.array(_landmarks()[citizen.face][pose], np.float64)
    points[:, 0] += _SIDE
    return _Sprite(np.asarray(pixels, np.uint8), np.asarray(whole, np.uint8), points)


def _shoulders(whole: NDArray[Any], cover: Pixels) -> None:
    """The shoulders that the picture's edges cut off, falling away as arms do."""
    cuts = ((cover[:, 2], _SIDE + 2, -1), (cover[:, -3], whole.shape[1] - _SIDE - 3, 1))
    for edge, start, step in cuts:
        if edge.max() < 128:
            continue
        top = int(np.argmax(edge > 127))
        for away in range(1, _SIDE + 3):
            fallen = top + int(0.42 * away + (away / 26) ** 3)
            column = start + step * away
            if 0 <= column < whole.shape[1] and fallen < whole.shape[0]:
                whole[fallen:, column] = 255 if away < _SIDE - 20 else 0


def _phone_with(canvas: Pixels, face: str) -> NDArray[np.float64]:
    """A phone that shows the citizen's picture, held up by a hand: bezel, moire, a lamp's reflection."""
    picture = cv2.imread(str(CITIZENS[face].picture("front")))
    if picture is None:
        raise ValueError(f"front.jpg of {face}: no readable picture; is the simulator installed whole?")
    scale, rim, bars = 1.25, 22, 90
    shown = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
    height, width = shown.shape[0] + 2 * (rim + bars), shown.shape[1] + 2 * rim
    image, pen = sheet(width, height, (18, 18, 20))
    pen.rounded_rectangle((width // 2 - 50, 12, width // 2 + 50, 34), 11, (6, 6, 8))
    device = pixels_of(image)
    y, x = np.mgrid[0 : shown.shape[0], 0 : shown.shape[1]].astype(np.float32)
    for channel, (fx, fy) in enumerate(((0.21, 0.11), (0.2, 0.13), (0.22, 0.09))):
        wave = 1.02 - 0.055 * (1 + np.sin(x * fx + y * fy))
        shown[..., channel] = np.clip(shown[..., channel] * wave + 8, 0, 255).astype(np.uint8)
    device[rim + bars : rim + bars + shown.shape[0], rim : rim + shown.shape[1]] = shown
    streak = np.clip(1 - np.abs((np.arange(width)[None] + 0.55 * np.arange(height)[:, None]) / width - 0.5) * 9, 0, 1)
    device[:] = np.clip(device + (streak * 46)[..., None], 0, 255).astype(np.uint8)
    corners = quad((width * 0.56, height * 0.56), (WIDTH * 0.5, HEIGHT * 0.5), -3.0, (0.05, 0.04))
    hand(canvas, (WIDTH * 0.66, HEIGHT * 0.72), 0.9)
    lay(canvas, device, corners, round_px=46)
    flat = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    matrix = cv2.getPerspectiveTransform(flat, np.array(corners, np.float32))
    points = np.array(_landmarks()[CITIZENS[face].face]["front"], np.float32) * scale + [rim, rim + bars]
    return np.asarray(cv2.perspectiveTransform(points[None].astype(np.float32), matrix)[0], np.float64)


def _palm() -> Pixels:
    """A hand on the lens: nearly black, a little red where light comes through."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    glow = np.exp(-(((x - WIDTH * 0.8) / 260) ** 2) - ((y - HEIGHT * 0.2) / 200) ** 2)
    return np.stack([1 + 1 * glow, 1 + 2 * glow, 2 + 14 * glow], -1).astype(np.uint8)
