"""Looks at the terminal's rules once a minute, writes down what broke or was mended, and tells the platform."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime

from config.supervision import supervision
from drivers.device import Device
from drivers.rhythm import beat
from kiosk.journal import JournalError, Write
from kiosk.money.charging import new_id
from kiosk.offering.capability import Network
from kiosk.supervision.look import CLEARED, RAISED, look, raised
from kiosk.supervision.rules import DeviceSeen, Finding, findings
from kiosk.visits.case import Tools

log = logging.getLogger(__name__)

LOOK_S = 60.0
AGENCY = "自助服务终端"


class SupervisionWatch:
    """Compares each look with the one before: one report when a rule breaks, one when it is kept again."""

    def __init__(self, tools: Tools, network: Network, devices: Callable[[], Iterable[Device]]) -> None:
        self._tools = tools
        self._network = network
        self._devices = devices
        self._open: dict[tuple[str, str], Finding] = {}
        self._since: dict[str, tuple[str, datetime]] = {}
        self._heard = tools.clock.monotonic()
        self.certificates: dict[str, datetime] = {}
        """Names and ends (aware) of the certificates that this terminal lives by."""

    async def run(self) -> None:
        """Look for ever. A journal that cannot be read or written is looked at again."""
        try:
            await self._resume()
        except JournalError as error:
            log.warning("supervision: what was open before is not known: %s", error)
        while True:
            await beat(LOOK_S)
            try:
                await self.once()
            except JournalError as error:
                log.warning("supervision: %s", error)

    async def once(self) -> tuple[Finding, ...]:
        """One look; gives what is wrong now. Raises `JournalError`."""
        tools = self._tools
        now = tools.clock.now()
        if self._network.online and not self._network.misses:
            self._heard = tools.clock.monotonic()
        seen = await asyncio.to_thread(look, tools.journal.path, now)
        seen = replace(
            seen,
            devices={device.family: self._seen(device, now) for device in self._devices()},
            silent_s=tools.clock.monotonic() - self._heard,
            skew_s=(now - tools.clock.platform_now()).total_seconds(),
            certificates=self.certificates,
            chain=tools.journal.hold,
        )
        found = findings(seen)
        await self._told({(f.module, f.rule.key): f for f in found})
        return found

    def _seen(self, device: Device, now: datetime) -> DeviceSeen:
        """The device, and since when it has been in this state."""
        status = device.status
        state = f"{status.device} {status.fault.cause if status.fault else ''}"
        before = self._since.get(device.family)
        if before is None or before[0] != state:
            self._since[device.family] = (state, now)
        return DeviceSeen(status, self._since[device.family][1])

    async def _told(self, now: dict[tuple[str, str], Finding]) -> None:
        """Write down and send on what changed, all in one transaction."""
        broken = [finding for key, finding in now.items() if key not in self._open]
        mended = [finding for key, finding in self._open.items() if key not in now]
        if not broken and not mended:
            return
        outbox = self._tools.outbox

        def work(write: Write) -> None:
            for kind, state, changed in ((RAISED, "open", broken), (CLEARED, "over", mended)):
                for finding in changed:
                    told = {"rule": finding.rule.key, "module": finding.module, "what": finding.what}
                    write.entry("", kind, told)
                    outbox.post(write, "supervision", "", new_id("spv"), self._row(finding, state))

        await self._tools.journal.write(work)
        self._open = now
        outbox.poke()

    def _row(self, finding: Finding, state: str) -> dict[str, object]:
        """The report with the fields of GB/T 39046-2020, table 11."""
        stamp = self._tools.clock.now().isoformat(timespec="seconds")
        signals = supervision().warning
        record = {
            "case_no": "",
            "content": finding.rule.zh,
            "agency": AGENCY,
            "item_type": "",
            "issued_at": stamp,
            "supervision_no": new_id("spn"),
            "rule_no": finding.rule.number,
            "warning_type": signals.red if finding.light == "red" else signals.yellow,
            "state_at": stamp if state == "over" else finding.since.isoformat(timespec="seconds"),
            "result": finding.what[:200],
            "department": self._tools.settings.terminal.hall_zh[:80],
        }
        return {"module": finding.module, "rule": finding.rule.key, "state": state, "record": record}

    async def _resume(self) -> None:
        """After a restart: what was open stays so until a look finds it mended. Raises `JournalError`."""
        now = self._tools.clock.now()
        rules = supervision().rules
        for each in await asyncio.to_thread(raised, self._tools.journal.path):
            if each.rule in rules:
                since = datetime.fromisoformat(each.since) if each.since else now
                self._open[(each.module, each.rule)] = Finding(rules[each.rule], each.module, each.what, since)
