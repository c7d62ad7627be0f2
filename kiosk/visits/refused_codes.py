"""Codes that the platform would not take in this visit: the same one, still held up, is not asked about again.

Kept as digests under a key of the visit, so that what is remembered opens nothing.
"""

from __future__ import annotations

import secrets
from hashlib import blake2b
from typing import Final

MOST: Final = 32
"""So many are remembered; of more the oldest is forgotten, and costs one question more."""


class RefusedCodes:
    """The refused codes of one visit and why each was refused."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)
        self._reasons: dict[bytes, str] = {}

    def add(self, code: str, reason: str) -> None:
        """`code` was refused for `reason` (a key of the texts)."""
        self._reasons[self._digest(code)] = reason
        if len(self._reasons) > MOST:
            del self._reasons[next(iter(self._reasons))]

    def reason(self, code: str) -> str:
        """Why `code` was refused; "" when it was not."""
        return self._reasons.get(self._digest(code), "")

    def _digest(self, code: str) -> bytes:
        return blake2b(code.encode("utf-8"), key=self._key, digest_size=16).digest()
