"""The messages between the terminal and its face, document and text processes: a capped head in JSON, then bytes. Pure.

u32 head length | u32 body length | head (JSON object, ASCII) | body (pixels or a JPEG, as the head says)
"""

from __future__ import annotations

import json
import struct
from typing import Any

PREFIX = struct.Struct(">II")
MAX_HEAD = 65536
MAX_SIDE = 4096
MAX_PIXELS = 4096 * 3072
"""What is taken of one picture; the document cameras of the trade go to 8 or 12 megapixels."""
MAX_BODY = MAX_PIXELS * 3 * 2
"""A picture, and the picture of the empty desk; or nine of a face."""
MAX_SHEET = 8 * 1024 * 1024
"""Bytes of one sheet as JPEG."""


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


def checked_size(size: Any, what: str) -> tuple[int, int]:
    """`size` as (width, height) within the caps. Raises `WireError`."""
    if not isinstance(size, list | tuple) or len(size) != 2 or not all(type(side) is int for side in size):
        raise WireError(f"{what}: the size is not a pair of whole numbers")
    width, height = size
    if not (16 <= width <= MAX_SIDE and 16 <= height <= MAX_SIDE and width * height <= MAX_PIXELS):
        raise WireError(f"{what}: {width} x {height} pixels; 16 to {MAX_SIDE} a side, {MAX_PIXELS} together")
    return width, height
