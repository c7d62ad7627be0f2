"""What the terminal and its face process say to each other, in messages of `worker_wire`. Pure.

The body of a question is its pictures, one after the other, BGR; an answer has none: pixels go one way only. What
comes back are numbers and words:

| asked   | pictures                                | answered                                                |
|---------|-----------------------------------------|---------------------------------------------------------|
| compare | the portrait, 1 to 8 of the person      | score, band, guidance, counts, which was best           |
| watch   | the person as compared, 1 to 8 pictures | a `Glimpse` each                                        |
| measure | 1 to 9 pictures                         | `PhotoMeasures` each                                    |
| find    | 1 to 9 pictures                         | the box of the largest face each, or that there is none |
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from drivers.camera.face_rules import BANDS, GUIDANCE, Judgement
from drivers.camera.frames import Picture
from drivers.camera.id_photo import PhotoMeasures
from drivers.camera.liveness import Glimpse
from drivers.camera.worker_wire import WireError

MAX_PICTURES = 9
"""The portrait and eight pictures of one try."""
MAX_SIDE = 1920
MAX_ANSWER = 12
"""Entries of a list in an answer; the cap on heads bounds them as well."""
Asked = Literal["compare", "watch", "measure", "find"]
LEAST: dict[str, int] = {"compare": 2, "watch": 2, "measure": 1, "find": 1}
Box = tuple[float, float, float, float]
"""Left, top, right, bottom as shares of a picture, 0 to 1."""


def request_head(asked: Asked, pictures: Sequence[Picture], *, covered_too: bool = False) -> dict[str, Any]:
    """The head of a request. Raises `WireError` beyond the caps."""
    least = LEAST[asked]
    if not least <= len(pictures) <= MAX_PICTURES:
        raise WireError(f"{asked}: {len(pictures)} pictures; {least} to {MAX_PICTURES}")
    sizes = [(p.width, p.height) for p in pictures]
    return {"do": asked, "sizes": checked_sizes(sizes, least), "covered_too": covered_too}


def checked_sizes(sizes: Any, least: int = 2) -> list[tuple[int, int]]:
    """`sizes` as (width, height) pairs within the caps. Raises `WireError`."""
    if not isinstance(sizes, list) or not least <= len(sizes) <= MAX_PICTURES:
        raise WireError(f"pictures: not {least} to {MAX_PICTURES} sizes")
    pairs: list[tuple[int, int]] = []
    for pair in sizes:
        if not isinstance(pair, list | tuple) or len(pair) != 2:
            raise WireError("pictures: a size is not a pair")
        width, height = pair
        if not all(type(side) is int and 16 <= side <= MAX_SIDE for side in pair):
            raise WireError(f"pictures: a picture of {width!r} x {height!r}; 16 to {MAX_SIDE} a side")
        pairs.append((width, height))
    return pairs


def verdict_head(judgement: Judgement) -> dict[str, Any]:
    """The answer to a comparison."""
    return {
        "score": judgement.score,
        "band": judgement.band,
        "guidance": judgement.guidance,
        "faces": judgement.faces,
        "turn": judgement.turn,
        "best": judgement.best,
    }


def parse_verdict(head: dict[str, Any]) -> Judgement:
    """The judgement in an answer. Raises `WireError`."""
    try:
        score, turn = float(head["score"]), float(head["turn"])
        band, guidance, faces, best = head["band"], head["guidance"], head["faces"], head["best"]
    except (KeyError, TypeError, ValueError):
        raise WireError("verdict: a field is missing or of the wrong kind") from None
    if band not in BANDS or guidance not in GUIDANCE or type(faces) is not int or not -1 <= score <= 1:
        raise WireError("verdict: a field has a value that does not exist")
    if type(best) is not int or not -1 <= best < MAX_PICTURES:
        raise WireError("verdict: there is no such best picture")
    return Judgement(score, band, guidance, faces, turn, best)


def parse_glimpses(head: dict[str, Any]) -> list[Glimpse]:
    """What was seen in each picture of `watch`. Raises `WireError`."""
    try:
        return [Glimpse.of(each) for each in _listed(head, "seen")]
    except ValueError as error:
        raise WireError(str(error)) from None


def parse_measures(head: dict[str, Any]) -> list[PhotoMeasures]:
    """What was measured in each picture of `measure`. Raises `WireError`."""
    try:
        return [PhotoMeasures.of(each) for each in _listed(head, "measures")]
    except ValueError as error:
        raise WireError(str(error)) from None


def box_of(box: Sequence[float], width: int, height: int) -> Box | None:
    """A box of (x, y, width, height) in pixels as shares, cut to the picture; None: nothing of it lies there."""
    x, y, wide, high = (float(number) for number in box[:4])
    left, right = (min(max(each / width, 0.0), 1.0) for each in (x, x + wide))
    top, bottom = (min(max(each / height, 0.0), 1.0) for each in (y, y + high))
    return (left, top, right, bottom) if left < right and top < bottom else None


def parse_boxes(head: dict[str, Any]) -> list[Box | None]:
    """The largest face in each picture of `find`. Raises `WireError`."""
    return [None if each is None else _box(each) for each in _listed(head, "boxes")]


def _box(given: Any) -> Box:
    if not isinstance(given, list) or len(given) != 4 or not all(type(each) in (int, float) for each in given):
        raise WireError("boxes: one is no list of four numbers")
    left, top, right, bottom = given
    if not (0 <= left < right <= 1 and 0 <= top < bottom <= 1):
        raise WireError("boxes: one lies outside of its picture")
    return float(left), float(top), float(right), float(bottom)


def _listed(head: dict[str, Any], key: str) -> list[Any]:
    found = head.get(key)
    if not isinstance(found, list) or not 1 <= len(found) <= MAX_ANSWER:
        raise WireError(f"{key}: not a list of 1 to {MAX_ANSWER}")
    return found
