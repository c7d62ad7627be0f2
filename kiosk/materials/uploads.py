"""Sheets on their way to the platform while the citizen goes on: in parts, resumed after an outage, from memory only.

One sheet at a time, one part at a time. Nothing is written to disk; what was not handed in is forgotten here and there
when the journey ends. A sheet's picture is opened from the vault part by part.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field

from kiosk.money.charging import new_id
from kiosk.platform.applying import Applying
from kiosk.platform.applying_messages import PART_BYTES, Sheet
from kiosk.platform.errors import PlatformError, Problem, Unreachable
from kiosk.visits.vault import VaultClosed

log = logging.getLogger(__name__)

FIRST_BACKOFF_S = 1.0
LONGEST_BACKOFF_S = 15.0
TRIES = 3
"""How often a sheet may arrive altered before it is given up."""
FORGET_S = 3.0


@dataclass(slots=True)
class Upload:
    """One sheet. `name` is the caller's; `id` the platform's, once it is announced."""

    name: str
    sheet: Sheet
    read: Callable[[], bytes] = field(repr=False)
    key: str = field(default_factory=lambda: new_id("upl"))
    id: str = ""
    done: bool = False
    parts: int = 0
    spoiled: int = 0
    refused: str = ""

    @property
    def of(self) -> int:
        """How many parts it has."""
        return -(-self.sheet.bytes // PART_BYTES)


class Uploads:
    """The sheets of one journey. `waiting` while the platform cannot be reached."""

    def __init__(self, applying: Applying, session: Callable[[], str]) -> None:
        self._applying = applying
        self._session = session
        self._uploads: dict[str, Upload] = {}
        self._dropped: list[str] = []
        self._task: asyncio.Task[None] | None = None
        self._wake = asyncio.Event()
        self._changed = asyncio.Event()
        self.waiting = False

    def add(self, name: str, sheet: Sheet, read: Callable[[], bytes]) -> None:
        """Send it when its turn comes; a name that is known is replaced when its picture is another one."""
        known = self._uploads.get(name)
        if known is not None and known.sheet == sheet:
            return
        self.drop(name)
        self._uploads[name] = Upload(name, sheet, read)
        self._wake.set()
        if self._task is None:
            self._task = asyncio.create_task(self._run())

    def adopt(self, name: str, sheet: Sheet, upload: str) -> None:
        """It is there already: from a draft that was kept."""
        self._uploads[name] = Upload(name, sheet, lambda: b"", id=upload, done=True)

    def drop(self, name: str) -> None:
        """The sheet was taken again or is not wanted."""
        gone = self._uploads.pop(name, None)
        if gone is not None and gone.id:
            self._dropped.append(gone.id)
        self._changed.set()

    def keep_only(self, names: Iterable[str]) -> None:
        """Drop every sheet that is not named."""
        wanted = set(names)
        for name in [name for name in self._uploads if name not in wanted]:
            self.drop(name)

    @property
    def all_there(self) -> bool:
        """True when every sheet has arrived whole."""
        return all(upload.done for upload in self._uploads.values())

    @property
    def refused(self) -> str:
        """Why the platform will not have a sheet; "" while nothing was refused."""
        return next((u.refused for u in self._uploads.values() if u.refused), "")

    def refs(self, material: int) -> tuple[str, ...]:
        """The platform's ids of a material's sheets, in the order of the pages."""
        of = sorted((u.sheet.page, u.id) for u in self._uploads.values() if u.sheet.material == material and u.done)
        return tuple(upload for _, upload in of)

    def digests(self, material: int) -> tuple[str, ...]:
        """SHA-256 (hex) of a material's sheets, in the order of the pages."""
        of = sorted((u.sheet.page, u.sheet.sha256) for u in self._uploads.values() if u.sheet.material == material)
        return tuple(digest for _, digest in of)

    def sheets(self) -> tuple[Upload, ...]:
        """All of them."""
        return tuple(self._uploads.values())

    def progress(self) -> tuple[int, int, float]:
        """Sheets that are there, sheets in all, and how far it is by parts (0..1)."""
        of = sum(u.of for u in self._uploads.values())
        there = sum(u.of if u.done else u.parts for u in self._uploads.values())
        return sum(u.done for u in self._uploads.values()), len(self._uploads), there / of if of else 1.0

    async def settled(self) -> None:
        """Wait until all are there or one was refused. Never ends by itself while the platform is away."""
        while not self.all_there and not self.refused:
            self._changed.clear()
            await self._changed.wait()

    async def changed(self, within_s: float) -> None:
        """Wait for progress, at most so long."""
        self._changed.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                await self._changed.wait()

    async def close(self, *, handed_in: bool = False) -> None:
        """Stop, and forget; the platform is told of what was not handed in, as far as it can be reached at once."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None
        ids = [*self._dropped, *([] if handed_in else [u.id for u in self._uploads.values() if u.id])]
        self._uploads.clear()
        self._dropped.clear()
        with suppress(PlatformError, TimeoutError):
            async with asyncio.timeout(FORGET_S):
                for upload in ids:
                    await self._applying.drop_upload(upload)

    async def _run(self) -> None:
        backoff = FIRST_BACKOFF_S
        while True:
            upload = next((u for u in self._uploads.values() if not u.done and not u.refused), None)
            if upload is None:
                self._wake.clear()
                await self._wake.wait()
                continue
            try:
                await self._send(upload)
                backoff, self.waiting = FIRST_BACKOFF_S, False
            except VaultClosed:
                return
            except PlatformError as error:
                if isinstance(error, Problem) and not error.retryable:
                    log.warning("a sheet was refused: %s", error.slug)
                    upload.refused = error.slug
                else:
                    log.info("a sheet waits: %s", type(error).__name__)
                    self.waiting = True
                    self._changed.set()
                    await asyncio.sleep(backoff)
                    backoff = min(backoff * 2, LONGEST_BACKOFF_S)
            self._changed.set()

    async def _send(self, upload: Upload) -> None:
        """Announce, ask what is there, send what is missing, say that it is whole."""
        if not upload.id:
            if not self._session():
                raise Unreachable("this visit began without the platform: its sheets wait, sealed")
            upload.id = (await self._applying.start_upload(self._session(), upload.key, upload.sheet)).id
        state = await self._applying.upload_state(upload.id)
        for part in range(1, upload.of + 1):
            if self._uploads.get(upload.name) is not upload:
                return  # taken again meanwhile
            if not state.complete and part not in state.parts:
                data = upload.read()[(part - 1) * PART_BYTES : part * PART_BYTES]
                state = await self._applying.put_part(upload.id, part, data)
            upload.parts, self.waiting = part, False
            self._changed.set()
        try:
            await self._applying.complete_upload(upload.id, f"{upload.key}-{upload.spoiled}")
        except Problem as problem:
            if problem.slug != "upload-hash-mismatch" or upload.spoiled >= TRIES:
                upload.refused = problem.slug
                raise
            upload.spoiled, upload.parts = upload.spoiled + 1, 0
            raise
        upload.done = True


def sha256(data: bytes) -> str:
    """Hex digest of a sheet."""
    return hashlib.sha256(data).hexdigest()
