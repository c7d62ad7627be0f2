"""Reference data of the platform (drugs, hospitals, vacancies), kept as they were signed, to answer without a network.

The choices of the forms that ask for them are kept beside them (`kiosk.catalogue.kept_choices`).

No personal data. What is older than `MAX_AGE` is not shown; a file that was altered counts as none.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from config.catalogue import Catalogue, Service
from kiosk.catalogue.kept_choices import KeptChoices, options, platform_fields
from kiosk.platform.client import Platform
from kiosk.platform.errors import BadReply, BadSignature, PlatformError
from kiosk.platform.queries import Records, Reference, reference
from kiosk.platform.signing import canonical, verify_signed

log = logging.getLogger(__name__)

FOLDER = "reference"
MAX_BYTES = 4 << 20
MAX_AGE = timedelta(days=7)
EVERY_S = 6 * 3600.0
RETRY_S = 120.0
FETCH_S = 10.0
MAX_FOUND = 50


class ReferenceData:
    """The kept data of one terminal. `public_key` is the platform's (hex)."""

    def __init__(self, state_dir: Path, public_key: str) -> None:
        self.folder = state_dir / FOLDER
        self.choices = KeptChoices(self.folder)
        self._public_key = public_key

    def kept(self, service: str) -> Reference | None:
        """What is on disk and can be believed; None: nothing."""
        path = self._path(service)
        try:
            if path.stat().st_size > MAX_BYTES:
                log.error("%s: too large for reference data; it is not used", path)
                return None
            return self._read(json.loads(path.read_bytes()), service)
        except FileNotFoundError:
            return None
        except (OSError, ValueError, RecursionError, BadReply, BadSignature) as error:
            log.warning("%s: not what the platform signed (%s); it is not used", path, type(error).__name__)
            return None

    def keep(self, service: str, reply: Mapping[str, Any]) -> Reference:
        """Put data on disk, synced, unless the kept ones are newer. Raises `OSError`, `BadReply`, `BadSignature`."""
        new, old = self._read(reply, service), self.kept(service)
        if old is not None and old.issued_at > new.issued_at:
            return old
        data = canonical(dict(reply))
        if len(data) > MAX_BYTES:
            raise BadReply(f"ReferenceData: {len(data)} octets, at most {MAX_BYTES}")
        self.folder.mkdir(parents=True, exist_ok=True)
        temporary = self._path(service).with_suffix(".new")
        with temporary.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(self._path(service))
        return new

    async def fetch(self, platform: Platform, service: str) -> Reference | None:
        """Ask the platform and keep what it says; None when that did not work within 10 s."""
        with suppress(PlatformError, TimeoutError):
            async with asyncio.timeout(FETCH_S):
                reply = await platform.queries.reference(service)
            try:
                return await asyncio.to_thread(self.keep, service, reply)
            except OSError as error:
                log.warning("%s: %s; check the disk and its rights", self._path(service), error.strerror)
        return None

    async def fetch_choices(self, platform: Platform, service: Service) -> bool:
        """Ask the platform for the choices of the item's form and keep them; False when that did not work."""
        for spec in platform_fields(service):
            try:
                async with asyncio.timeout(FETCH_S):
                    found = options(await platform.catalogue.choices(service.id, spec.key))
                await asyncio.to_thread(self.choices.keep, service.id, spec.key, found)
            except (PlatformError, TimeoutError):
                return False
            except (OSError, ValueError) as error:
                log.warning("%s %s: its choices are not kept: %s", service.id, spec.key, error)
                return False
        return True

    def has_all(self, service: Service) -> bool:
        """Whether everything that an item of class `cache` needs without a network lies here, or it needs nothing."""
        needed = [self.choices.path(service.id, spec.key) for spec in platform_fields(service)]
        if has_reference(service):
            needed.append(self._path(service.id))
        return all(path.is_file() for path in needed)

    def _path(self, service: str) -> Path:
        return self.folder / f"{service}.json"

    def _read(self, reply: Any, service: str) -> Reference:
        found = reference(reply)
        verify_signed(reply, self._public_key)
        if found.service != service:
            raise BadReply("ReferenceData.service: these are another item's")
        return found


def too_old(data: Reference, now: datetime) -> bool:
    """Whether data must not be shown any more."""
    return now - data.issued_at > MAX_AGE


def search(data: Reference, params: Mapping[str, str]) -> Records | None:
    """The records that fit what was asked, at most `MAX_FOUND`; None: no record does.

    An answer with a key of the record's must be equal to it; every other answer is looked for in the cells.
    """
    asked = {key: value for key, value in params.items() if value}
    found = []
    for keys, cells in data.records:
        text = " ".join(word for cell in cells for word in (cell.zh, cell.en)).casefold()
        if all(
            value == keys[key] if key in keys else all(part in text for part in value.casefold().split())
            for key, value in asked.items()
        ):
            found.append(cells)
            if len(found) == MAX_FOUND:
                break
    return Records(data.title, data.columns, tuple(found)) if found else None


def has_reference(service: Service) -> bool:
    """Whether the platform has reference data for this item (the guide and the finder answer from the catalogue)."""
    return service.offline == "cache" and "result" in service.steps and not answers_here(service)


def answers_here(service: Service) -> bool:
    """Whether the terminal's own catalogue answers: a form with a sentence, or with a field of the catalogue."""
    return any(spec.key in ("utterance", "field") for spec in service.form)


def kept_items(catalogue: Catalogue) -> Iterable[str]:
    """The items whose data are kept."""
    return (service.id for service in catalogue.services.values() if has_reference(service))


async def keep_reference(data: ReferenceData, platform: Platform, catalogue: Catalogue) -> None:
    """Fetch all reference data now and every six hours; what did not come is tried again after two minutes."""
    while True:
        missing = [s for s in kept_items(catalogue) if await data.fetch(platform, s) is None]
        asked = [s for s in catalogue.services.values() if s.offline == "cache" and platform_fields(s)]
        missing += [s.id for s in asked if not await data.fetch_choices(platform, s)]
        await asyncio.sleep(RETRY_S if missing else EVERY_S)
