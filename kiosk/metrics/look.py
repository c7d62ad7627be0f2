"""One look at the running terminal: mode, readiness, supplies and every figure of the table. Nothing personal."""

from __future__ import annotations

import asyncio
import os
import resource
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from config.fleet_contract import Mode, SectionRow, SupplyRow, Worst
from config.fleet_metrics import bounded, metrics
from drivers.device import Device, Supply
from kiosk.devices import role_of
from kiosk.diagnostics.facts import Facts
from kiosk.diagnostics.gather import cards_of, facts_now
from kiosk.diagnostics.history import History, Past
from kiosk.diagnostics.ranking import report
from kiosk.diagnostics.sections import ROLES, Section
from kiosk.events import events
from kiosk.intents import Intent, Kind
from kiosk.journal import JournalError
from kiosk.metrics.counting import ChainCounts
from kiosk.printing.supplies import Roll, SupplyStore

if TYPE_CHECKING:
    from kiosk.workshop import Workshop

FRESH_S: Final = 5.0
"""A look so young serves who asks next: broker and Prometheus see the same."""
CARDS_ROUNDS: Final = 6
LEAST_USE: Final = timedelta(hours=6)
"""A roll that has been in for less says nothing of when it will be out."""
FURTHEST: Final = timedelta(days=365)
_LEVELS: Final = {Supply.FULL: 2.0, Supply.LOW: 1.0, Supply.OUT: 0.0, Supply.JAMMED: 0.0}
_PAGE: Final = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True, slots=True)
class Look:
    """How it is now. `values`: series of config/fleet_metrics.toml."""

    at: datetime
    mode: Mode
    worst: Worst
    open_intents: int
    values: Mapping[str, float]
    sections: tuple[SectionRow, ...]
    supplies: tuple[SupplyRow, ...]


class Looking:
    """Looks at a workshop. `extra` brings further series (the agent's own, a UPS's); unknown ones are left out."""

    def __init__(self, workshop: Workshop) -> None:
        self._workshop = workshop
        self._history = History(workshop.tools.settings.state_dir)
        self._counts = ChainCounts(workshop.tools.journal)
        self._began = workshop.tools.clock.monotonic()
        self._rounds = 0
        self._cards = (0, 0)
        self.lag_s = 0.0
        self._last: tuple[float, Look] | None = None
        self._one = asyncio.Lock()
        self.extra: list[Callable[[], Mapping[str, float]]] = []

    async def look(self) -> Look:
        """Now, or within `FRESH_S`."""
        async with self._one:
            now = self._workshop.tools.clock.monotonic()
            if self._last is None or now - self._last[0] > FRESH_S:
                self._last = (now, await self._looked())
            return self._last[1]

    async def _looked(self) -> Look:
        """A journal that cannot be read costs the figures that come from it."""
        workshop, tools = self._workshop, self._workshop.tools
        if self._rounds % CARDS_ROUNDS == 0:
            self._cards = await cards_of(tools.settings, tools.clock.now())
        self._rounds += 1
        facts = await facts_now(workshop, self._cards)
        past: Mapping[str, Past] = await asyncio.to_thread(self._history.past, facts.at)
        sections = report(facts, past)
        rolls = await asyncio.to_thread(SupplyStore(tools.settings.state_dir).read)
        try:
            counts, intents = await self._counts.read(), await tools.journal.open_intents()
        except JournalError:
            counts, intents = {}, []
        devices = [supervisor.device for supervisor in workshop.supervisors]
        mode = mode_of(workshop)
        values = self._ground(facts, mode) | _devices(devices) | _intents(intents) | _readiness(sections)
        values |= self._forms() | await asyncio.to_thread(_process)
        for more in self.extra:
            values |= more()
        values |= counts  # last: it is the many events that a full message leaves out
        return Look(
            facts.at,
            mode,
            worst_of(sections),
            len(intents),
            bounded(values),
            tuple(section_row(section) for section in sections),
            tuple(_supplies(facts, devices, rolls, self._forms())),
        )

    def _ground(self, facts: Facts, mode: Mode) -> dict[str, float]:
        """Network, clock, disk, certificates."""
        table, clock = metrics(), self._workshop.tools.clock
        now = facts.at
        found = {
            "kiosk_mode": table["kiosk_mode"].code(mode),
            "kiosk_uptime_seconds": round(clock.monotonic() - self._began),
            "kiosk_services_available": self._workshop.terminal.capability.available(),
            "kiosk_platform_up": float(self._workshop.network.online),
            "kiosk_platform_answer_seconds": facts.platform.took_ms / 1000,
            "kiosk_clock_skew_seconds": round(facts.skew_s or 0.0, 3),
            "kiosk_disk_free_bytes": float(facts.storage.free_mb << 20),
            "kiosk_journal_trouble": float(bool(facts.storage.trouble)),
            "kiosk_journal_held": float(bool(facts.storage.hold)),
            "kiosk_outbox_rows": facts.storage.waiting,
            "kiosk_outbox_oldest_seconds": facts.storage.oldest_s,
            'kiosk_card_reads{outcome="tried"}': facts.cards_tried,
            'kiosk_card_reads{outcome="failed"}': facts.cards_failed,
            "kiosk_loop_lag_seconds": round(self.lag_s, 4),
        }
        self.lag_s = 0.0
        ends = [each.ends for each in facts.certificates if each.ends is not None]
        if ends:
            found["kiosk_certificate_left_seconds"] = round((min(ends) - now).total_seconds())
        if facts.catalogue_at is not None:
            found["kiosk_catalogue_age_seconds"] = round((now - facts.catalogue_at).total_seconds())
        if facts.power.source:
            found["kiosk_power_on_battery"] = float(facts.power.on_battery)
        if facts.power.charge is not None:
            found["kiosk_power_charge_percent"] = facts.power.charge
        if facts.metres_left is not None:
            found["kiosk_media_paper_left_metres"] = round(facts.metres_left, 1)
        return found

    def _forms(self) -> dict[str, float]:
        """Numbered forms in the drawer."""
        metric = metrics()["kiosk_media_forms_left"]
        left = self._workshop.terminal.capability.forms_left
        return {metric.series(form=form): float(max(left(form), 0)) for form in metric.labels["form"]}

    async def watch_lag(self, every_s: float = 1.0) -> None:
        """For ever: how late the loop wakes up; the worst until somebody looks."""
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + every_s
            await asyncio.sleep(every_s)
            self.lag_s = max(self.lag_s, loop.time() - due)


def mode_of(workshop: Workshop) -> Mode:
    """What it does now, in one word."""
    terminal, capability = workshop.terminal, workshop.terminal.capability
    if terminal.technician is not None and terminal.technician.session is not None:
        return "maintenance"
    if terminal.visit_id:
        return "visit"
    if capability.closed_reason:
        return "closed"
    if capability.available():
        return "open"
    starting = all(key.endswith(".starting") for key in capability.limits())
    return "starting" if starting else "closed"


def worst_of(sections: Sequence[Section]) -> Worst:
    """The worst state of all sections; what is not known counts only where nothing is wrong."""
    states = {section.state for section in sections}
    order: tuple[Worst, ...] = ("fault", "attention")
    for state in order:
        if state in states:
            return state
    return "ok" if "ok" in states else "unknown"


def section_row(section: Section) -> SectionRow:
    """A section as the contract has it: its first trouble by id and cause, no sentence of a device."""
    first = section.troubles[0] if section.troubles else None
    row: SectionRow = {
        "id": section.id,
        "state": section.state,
        "event": first.event if first else "",
        "cause": first.cause[:60] if first else "",
        "who": events()[first.event].who if first else "",
        "since": section.since.isoformat(timespec="seconds") if section.since else "",
    }
    if firmware := section.told.get("firmware"):
        row["firmware"] = firmware
    return row


def _devices(devices: Sequence[Device]) -> dict[str, float]:
    table = metrics()
    found: dict[str, float] = {}
    for device in devices:
        id_ = ROLES.get(role_of(device))
        if id_ is None:
            continue
        status = device.status
        found[table["kiosk_device_state"].series(device=id_)] = table["kiosk_device_state"].code(str(status.device))
        found[table["kiosk_device_usable"].series(device=id_)] = float(status.usable)
        found[table["kiosk_device_operations_total"].series(device=id_)] = device.counters.operations
        found[table["kiosk_device_failures_total"].series(device=id_)] = device.counters.failures
        for name, supply in (("kiosk_media_paper_supply", status.paper), ("kiosk_media_toner_supply", status.toner)):
            if id_ in table[name].labels["device"] and supply is not Supply.NOT_SUPPORTED:
                found[table[name].series(device=id_)] = table[name].code(str(supply))
    return found


def _intents(intents: Sequence[Intent]) -> dict[str, float]:
    metric = metrics()["kiosk_open_intents"]
    return {metric.series(kind=kind.value): float(sum(i.kind is kind for i in intents)) for kind in Kind}


def _readiness(sections: Sequence[Section]) -> dict[str, float]:
    metric = metrics()["kiosk_section_state"]
    return {metric.series(section=s.id): metric.code(s.state) for s in sections if s.id in metric.labels["section"]}


def _process() -> dict[str, float]:
    """Of this process, by the kernel."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return {
        "kiosk_process_resident_bytes": float(pages * _PAGE),
        "kiosk_process_cpu_seconds_total": round(used.ru_utime + used.ru_stime, 2),
        "kiosk_process_open_files": float(len(os.listdir("/proc/self/fd"))),  # noqa: PTH208 - a count, no paths
    }


def _supplies(
    facts: Facts, devices: Sequence[Device], rolls: Mapping[str, Roll], forms: Mapping[str, float]
) -> Iterator[SupplyRow]:
    """What is used up, as well as it is known."""
    for device in devices:
        id_ = ROLES.get(role_of(device), "")
        if id_ == "receipt-printer" and facts.metres_left is not None:
            row: SupplyRow = {"device": id_, "item": "paper", "left": round(facts.metres_left, 1), "unit": "m"}
            if ends := ends_at(rolls.get(device.name, Roll()), facts.metres_left, facts.at):
                row["ends_at"] = ends.isoformat(timespec="seconds")
            yield row
        elif device.status.paper in _LEVELS:
            yield {"device": id_, "item": "paper", "left": _LEVELS[device.status.paper], "unit": "level"}
        if device.status.toner in _LEVELS:
            yield {"device": id_, "item": "toner", "left": _LEVELS[device.status.toner], "unit": "level"}
    for series, left in forms.items():
        form = series.partition('form="')[2].rstrip('"}')
        yield {"device": "licence-printer", "item": f"form.{form}", "left": left, "unit": "sheets"}


def ends_at(roll: Roll, metres_left: float, now: datetime) -> datetime | None:
    """When the roll will be out at the pace at which it was used; None when that cannot be said yet."""
    if not roll.since or not roll.mm:
        return None
    try:
        used_for = now - datetime.fromisoformat(roll.since)
    except (ValueError, TypeError):
        return None
    if used_for < LEAST_USE:
        return None
    rest = used_for * (metres_left * 1000 / roll.mm)
    return now + rest if rest <= FURTHEST else None
