"""The messages between the terminal and its face process: a length-capped head in JSON, then raw pixels. Pure.

    u32 head length | u32 body length | head (JSON object, ASCII) | body (pictures one after the other, BGR)

Pixels go one way only. What comes back is a verdict: score, band, guidance, counts, the models' names.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Sequence
from typing import Any

from drivers.camera.face_rules import BANDS, GUIDANCE, Judgement
from drivers.camera.frames import Picture

PREFIX = struct.Struct(">II")
MAX_HEAD = 4096
MAX_PICTURES = 9
"""The portrait and eight pictures of one try."""
MAX_SIDE = 1920
MAX_BODY = MAX_PICTURES * MAX_SIDE * 1080 * 3


class WireError(ValueError):
    """A message that breaks the rules above; says which, and holds nothing of the body."""


def head_bytes(head: dict[str, Any], body: int = 0) -> bytes:
    """Prefix and head of a message whose body has `body` bytes."""
    text = json.dumps(head).encode("ascii")
    if len(text) > MAX_HEAD or body > MAX_BODY:
        raise WireError(f"message: head {len(text)} of {MAX_HEAD} bytes, body {body} of {MAX_BODY}")
    return PREFIX.pack(len(text), body) + text


def lengths(prefix: bytes) -> tuple[int, int]:
    """(head, body) lengths of a prefix. Raises `WireError` beyond the caps."""
    if len(prefix) != PREFIX.size:
        raise WireError(f"message: a prefix of {len(prefix)} bytes instead of {PREFIX.size}")
    head, body = PREFIX.unpack(prefix)
    if not 2 <= head <= MAX_HEAD or body > MAX_BODY:
        raise WireError(f"message: head {head} of {MAX_HEAD} bytes, body {body} of {MAX_BODY}")
    return head, body


def parse_head(data: bytes) -> dict[str, Any]:
    """The head. Raises `WireError`."""
    try:
        head = json.loads(data.decode("ascii"))
    except (UnicodeDecodeError, ValueError):
        raise WireError("message: the head is not JSON in ASCII") from None
    if not isinstance(head, dict):
        raise WireError("message: the head is not an object")
    return head


def compare_head(pictures: Sequence[Picture]) -> dict[str, Any]:
    """The head of a request to compare; the first picture is the portrait. Raises `WireError` beyond the caps."""
    if not 2 <= len(pictures) <= MAX_PICTURES:
        raise WireError(f"compare: {len(pictures)} pictures; the portrait and 1 to {MAX_PICTURES - 1} more")
    sizes = [(p.width, p.height) for p in pictures]
    return {"do": "compare", "sizes": checked_sizes(sizes)}


def checked_sizes(sizes: Any) -> list[tuple[int, int]]:
    """`sizes` as (width, height) pairs within the caps. Raises `WireError`."""
    if not isinstance(sizes, list) or not 2 <= len(sizes) <= MAX_PICTURES:
        raise WireError(f"compare: not 2 to {MAX_PICTURES} sizes")
    pairs: list[tuple[int, int]] = []
    for pair in sizes:
        if not isinstance(pair, list | tuple) or len(pair) != 2:
            raise WireError("compare: a size is not a pair")
        width, height = pair
        if not all(type(side) is int and 16 <= side <= MAX_SIDE for side in pair):
            raise WireError(f"compare: a picture of {width!r} x {height!r}; 16 to {MAX_SIDE} a side")
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
    }


def parse_verdict(head: dict[str, Any]) -> Judgement:
    """The judgement in an answer. Raises `WireError`."""
    try:
        score, turn = float(head["score"]), float(head["turn"])
        band, guidance, faces = head["band"], head["guidance"], head["faces"]
    except (KeyError, TypeError, ValueError):
        raise WireError("verdict: a field is missing or of the wrong kind") from None
    if band not in BANDS or guidance not in GUIDANCE or type(faces) is not int or not -1 <= score <= 1:
        raise WireError("verdict: a field has a value that does not exist")
    return Judgement(score, band, guidance, faces, turn)
