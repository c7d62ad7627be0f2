"""Faults of devices, told to the platform once for each (module, cause), and told again when they are over.

What comes and goes within `SETTLE_S` is not told; a fault that flaps is told at most once in `GAP_S`. Reports go
through the outbox: they survive an outage, and the platform drops what it knows.
"""

from __future__ import annotations

import asyncio
import logging
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from drivers.device import Device, DeviceState, Status
from drivers.errors import Fixer
from kiosk.clock import Clock
from kiosk.duties.outbox import Apply, Outbox
from kiosk.journal import Journal, JournalError, Row, Write
from kiosk.platform.client import Platform

log = logging.getLogger(__name__)

TOPIC = "device-fault"
SETTLE_S = 10.0
GAP_S = 120.0
REMEMBERED = 500
MOST = 100
_NOT_A_CAUSE = re.compile(r"[^a-z0-9-]+")


@dataclass(frozen=True, slots=True)
class _Grade:
    severity: str
    who: Fixer


class DeviceFaults:
    """A watcher of devices, and the task that tells."""

    def __init__(self, journal: Journal, outbox: Outbox, platform: Platform, clock: Clock) -> None:
        self._journal = journal
        self._outbox = outbox
        self._platform = platform
        self._clock = clock
        self._now: dict[tuple[str, str], _Grade] = {}
        self._told: set[tuple[str, str]] = set()
        self._told_at: dict[tuple[str, str], float] = {}
        self._news = asyncio.Event()
        outbox.topic(TOPIC, self._deliver, _refused)

    def seen(self, device: Device, status: Status) -> None:
        """Another state of a device."""
        module = module_name(device.name)
        self._now = {key: grade for key, grade in self._now.items() if key[0] != module}
        if status.device is not DeviceState.STARTING:
            found = [(w, "warning") for w in status.warnings] + ([(status.fault, "fault")] if status.fault else [])
            for fault, severity in found[:10]:
                self._now[module, cause_name(fault.cause)] = _Grade(severity, fault.who)
        self._news.set()

    async def run(self) -> None:
        """For ever."""
        await self._recall()
        while True:
            await self._news.wait()
            self._news.clear()
            await asyncio.sleep(SETTLE_S)
            held = await self._tell()
            if held:
                await asyncio.sleep(held)
                self._news.set()

    async def _recall(self) -> None:
        """After a start: what is still open at the platform by our own record."""
        try:
            for body in await self._journal.recent("device.fault", REMEMBERED):
                key = (str(body["module"]), str(body["cause"]))
                (self._told.add if body["open"] else self._told.discard)(key)
        except JournalError as error:
            log.warning("device faults: what was told before is not known: %s", error)
        if self._told:
            self._news.set()

    async def _tell(self) -> float:
        """Report every difference; returns seconds until one that was held back may go, 0 for none."""
        now, held = self._clock.monotonic(), 0.0
        changed = [*(self._now.keys() - self._told), *(self._told - self._now.keys())]
        for key in sorted(changed)[:MOST]:
            wait = self._told_at.get(key, -GAP_S) + GAP_S - now
            if wait > 0:
                held = min(held or wait, wait)
            elif not await self._report(key, self._now.get(key)):
                held = GAP_S
        return held

    async def _report(self, key: tuple[str, str], grade: _Grade | None) -> bool:
        """One fault, or its end (`grade` None); false when the journal does not take it now."""
        module, cause = key
        entry = {"module": module, "cause": cause, "open": grade is not None}
        shown = grade or _Grade("fault", "technician")
        at = self._clock.platform_now().isoformat(timespec="seconds")
        body = {**entry, "severity": shown.severity, "who": shown.who, "at": at}

        def work(write: Write) -> None:
            write.entry("", "device.fault", entry)
            self._outbox.post(write, TOPIC, "", f"fault-{secrets.token_hex(8)}", body)

        try:
            await self._journal.write(work)
        except JournalError as error:
            log.warning("device faults: %s of %s cannot be journalled now: %s", cause, module, error)
            return False
        (self._told.add if grade else self._told.discard)(key)
        self._told_at[key] = self._clock.monotonic()
        self._outbox.poke()
        return True

    async def _deliver(self, row: Row, body: Mapping[str, Any]) -> Apply:
        await self._platform.devices.fault(row.id, body)
        return lambda write: None


def module_name(name: str) -> str:
    """A device's name as the contract writes it."""
    return re.sub(r"[^a-z0-9_]+", "_", name.lower())[:40] or "device"


def cause_name(cause: str) -> str:
    """A fault's keyword as the contract writes it."""
    found = _NOT_A_CAUSE.sub("-", cause.lower()).strip("-")[:60]
    return found if re.fullmatch(r"[a-z][a-z0-9-]+", found) else "fault"


def _refused(row: Row, body: Mapping[str, Any], slug: str) -> Apply:
    return lambda write: write.entry("", "report.refused", {"topic": row.topic, "row": row.id, "problem": slug})
