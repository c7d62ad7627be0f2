"""What the door must not forget though the journal is put aside or its disk refuses: tries, and codes that were used.

A small file beside the journal: the first line the machine's keyed digest of the second, the second JSON (keyed digests
and times, nobody's name). Written whole before anything is checked. Torn, edited, or missing although it was there
(`BEGUN` says so), it is never taken for empty: the door is shut for a while, and codes given out before open nothing.
"""

from __future__ import annotations

import errno
import hmac
import json
import logging
import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, ValidationError

from kiosk.keys import MachineKey
from kiosk.owners import hand_over
from kiosk.technician.lockout import Attempt, Result, united

log = logging.getLogger(__name__)

FILE: Final = "technician-door.book"
BEGUN: Final = "technician-door.begun"
"""Empty; there from the first book on, so that one that went is missed."""
MOST_TRIES: Final = 400
MOST_CODES: Final = 200
MOST_BYTES: Final = 131_072
_PURPOSE: Final = "technician-door-book"
_CODE: Final = "technician-code-used"
Lost = Literal["", "missing", "unreadable", "altered"]
Digest = Annotated[str, Field(max_length=64)]


class BookFull(Exception):
    """So many codes were used that none can be forgotten yet."""


class _Kept(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    version: Literal[1] = 1
    lost_at: Annotated[FiniteFloat, Field(ge=0)] = 0.0
    tries: Annotated[tuple[tuple[FiniteFloat, Digest, Result], ...], Field(max_length=MOST_TRIES)] = ()
    codes: Annotated[tuple[tuple[Digest, FiniteFloat], ...], Field(max_length=MOST_CODES)] = ()


class DoorBook:
    """One terminal's. What is in memory counts at once; `write` puts it on disk. Times: seconds since 1970."""

    def __init__(self, folder: Path, key: MachineKey) -> None:
        self.path = folder / FILE
        self.lost: Lost = ""
        """Why the book of before cannot be believed; set by `load`."""
        self.lost_at = 0.0
        """When that was seen last; 0.0 never. It outlives restarts."""
        self.is_new = False
        """There never was one: what the journal knows is taken over."""
        self._key = key
        self._tries: list[Attempt] = []
        self._codes: dict[str, float] = {}

    def load(self, now: float, *, journal_aside: bool = False) -> None:
        """Read it. `journal_aside`: the journal begins anew, so that a book that is not there cannot be the first."""
        try:
            with self.path.open("rb") as file:
                data = file.read(MOST_BYTES + 1)
        except FileNotFoundError:
            if self._begun().exists() or journal_aside:
                self._is_lost("missing", now)
            self.is_new = not self.lost
            return
        except OSError as error:
            log.warning("%s: %s", self.path, error.strerror)
            self._is_lost("unreadable", now)
            return
        kept = self._read(data)
        if kept is None:
            self._is_lost("altered", now)
            return
        self.lost_at = kept.lost_at
        self._tries = [Attempt(at, who, result) for at, who, result in kept.tries]
        self._codes = dict(kept.codes)

    def _is_lost(self, how: Lost, now: float) -> None:
        self.lost, self.lost_at = how, now

    def _read(self, data: bytes) -> _Kept | None:
        if len(data) > MOST_BYTES:
            return None
        proof, _, body = data.partition(b"\n")
        try:
            text = body.decode("ascii")
            if not hmac.compare_digest(proof.decode("ascii"), self._key.digest(_PURPOSE, text)):
                return None
            return _Kept.model_validate_json(text)
        except (UnicodeDecodeError, ValidationError):
            return None

    # Tries

    @property
    def tries(self) -> tuple[Attempt, ...]:
        """As they were written, oldest first."""
        return tuple(self._tries)

    def tried(self, attempt: Attempt) -> None:
        """One more; it counts from now on."""
        self._tries.append(attempt)

    def learn(self, attempts: Iterable[Attempt]) -> None:
        """Take over what others know; the newest `MOST_TRIES` stay."""
        self._tries = united(self._tries, attempts)[-MOST_TRIES:]

    # Codes

    def was_used(self, nonce: str) -> bool:
        """Whether a code opened, or was about to open, this door."""
        return self._key.digest(_CODE, nonce) in self._codes

    def used(self, nonce: str, until: float, now: float) -> None:
        """It is used up; `until` it would have been good. Raises `BookFull` before one that is good yet is forgotten.

        One that has ended is kept while there is room: the clock may be set back.
        """
        if len(self._codes) >= MOST_CODES:
            over = sorted((end, digest) for digest, end in self._codes.items() if end < now)
            if not over:
                raise BookFull(f"{MOST_CODES} codes were used that are good yet")
            del self._codes[over[0][1]]
        self._codes[self._key.digest(_CODE, nonce)] = until

    def take_back(self, nonce: str) -> None:
        """It could not be recorded, so it opened nothing."""
        self._codes.pop(self._key.digest(_CODE, nonce), None)

    # On disk

    def _begun(self) -> Path:
        return self.path.with_name(BEGUN)

    def text(self) -> bytes:
        """As it is to stand on disk."""
        kept = _Kept(
            lost_at=self.lost_at,
            tries=tuple((each.at, each.who, each.result) for each in self._tries),
            codes=tuple(self._codes.items()),
        )
        body = json.dumps(kept.model_dump(), separators=(",", ":"))
        return f"{self._key.digest(_PURPOSE, body)}\n{body}".encode("ascii")

    def write(self, data: bytes) -> None:
        """Whole or not at all, mode 0600, synced, and the folder too. Raises `OSError`. Blocking."""
        folder = self.path.parent
        folder.mkdir(parents=True, exist_ok=True)
        if self.lost == "altered":
            self.lost = ""
            with suppress(OSError):  # it is evidence, not needed to go on
                self.path.replace(self.path.with_suffix(".damaged"))
        _put(self.path, data)
        if not self._begun().exists():
            _put(self._begun(), b"")


def _put(path: Path, data: bytes) -> None:
    fresh = path.with_name(f"{path.name}.new")
    fresh.unlink(missing_ok=True)
    fd = os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    try:
        hand_over(fd, path.parent)
        if os.write(fd, data) != len(data):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(fresh))
        os.fsync(fd)
    finally:
        os.close(fd)
    fresh.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
