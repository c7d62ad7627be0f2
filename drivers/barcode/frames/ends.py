"""What a code reader's codec gives: a whole scan, or why there is none."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

MAX_SCAN: Final = 7200
"""Bytes of one scan: the largest QR code (7,089 digits) with prefix and suffix."""


@dataclass(frozen=True, slots=True)
class Scan:
    """The bytes of one code, without what the reader puts around them."""

    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Bad:
    """No code. endless: more than `MAX_SCAN` without an end; cut: a part without its end; lost: the kernel dropped
    key events; strange: keys that no text is made of; prefix: not what the profile says stands before every code."""

    why: Literal["endless", "cut", "lost", "strange", "prefix"]


Item: TypeAlias = Scan | Bad
