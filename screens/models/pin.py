"""A PIN of ours (staff). A bank's PIN is typed at the payment pad and never comes here."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PinEntry:
    """`order`: the ten digits as they stand on the pad, in reading order; `typed` of `length` are in.

    `tries` is how often it may still be tried; 0: that is not told.
    """

    label: str
    typed: int
    length: int
    order: str = "1234567890"
    error: str = ""
    tries: int = 0
