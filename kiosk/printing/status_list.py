"""The list of void certificates, kept in the state folder as the platform signed it; believed only after its signature.

A list never goes back: one with a smaller sequence than the kept one is not taken. A file that was altered counts as
none. Its age is shown beside every verdict.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from kiosk.platform.client import Platform
from kiosk.platform.errors import BadReply, BadSignature, PlatformError
from kiosk.platform.messages import StatusList, status_list
from kiosk.platform.reading import Members
from kiosk.platform.signing import canonical, verify_signed

log = logging.getLogger(__name__)

FILE = "void-certificates.json"
MAX_BYTES = 1 << 20
FRESH_FOR = timedelta(minutes=15)
FETCH_S = 3.0
UPDATE_S = 1800.0
RETRY_S = 60.0


class StatusLists:
    """The kept list of one terminal. `public_key` is the platform's (hex)."""

    def __init__(self, folder: Path, public_key: str) -> None:
        self.path = folder / FILE
        self._public_key = public_key

    def kept(self) -> StatusList | None:
        """The list on disk, None when there is none that can be believed."""
        try:
            if self.path.stat().st_size > MAX_BYTES:
                log.error("%s: too large for a list of void certificates; it is not used", self.path)
                return None
            return self._read(json.loads(self.path.read_bytes()))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, RecursionError, BadReply, BadSignature) as error:
            why = type(error).__name__  # a traceback could show the file's content
            log.warning("%s: not a list that the platform signed (%s); it is not used", self.path, why)
            return None

    def keep(self, reply: Mapping[str, Any]) -> StatusList:
        """Put a list on disk, synced, unless the kept one is newer; returns the one that counts. Raises `OSError`."""
        new, old = self._read(reply), self.kept()
        if old is not None and (old.sequence, old.issued_at) > (new.sequence, new.issued_at):
            log.warning("the platform sent an older list of void certificates than the kept one")
            return old
        self.path.parent.mkdir(parents=True, exist_ok=True)
        temporary = self.path.with_suffix(".new")
        with temporary.open("wb") as file:
            file.write(canonical(dict(reply)))
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(self.path)
        return new

    async def current(self, platform: Platform, now: datetime, *, online: bool) -> StatusList | None:
        """The kept list; a newer one first when the kept one is older than 15 min and the network is there."""
        kept = await asyncio.to_thread(self.kept)
        if not online or (kept is not None and timedelta(0) <= now - kept.issued_at < FRESH_FOR):
            return kept
        return await self.fetch(platform) or kept

    async def fetch(self, platform: Platform) -> StatusList | None:
        """Ask the platform and keep what it says; None when that did not work within 3 s."""
        with suppress(PlatformError, TimeoutError):
            async with asyncio.timeout(FETCH_S):
                reply = await platform.status_list()
            try:
                return await asyncio.to_thread(self.keep, reply)
            except OSError as error:
                log.warning("%s: %s; check the disk and its rights", self.path, error.strerror)
        return None

    def _read(self, reply: Any) -> StatusList:
        """Raises `BadReply`, `BadSignature`."""
        members = Members(reply, "StatusList")
        verify_signed(reply, self._public_key)
        return status_list(members)


async def keep_current(lists: StatusLists, platform: Platform, every_s: float = UPDATE_S) -> None:
    """Fetch the list now and for ever; without a network it is tried again after a minute."""
    while True:
        fetched = await lists.fetch(platform)
        await asyncio.sleep(every_s if fetched is not None else RETRY_S)
