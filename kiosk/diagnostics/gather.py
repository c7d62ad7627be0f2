"""Facts of the running terminal, kept in a file for who asks; and of one that does not run, by opening its devices."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from importlib.metadata import version
from typing import TYPE_CHECKING, Final

from config.settings import ROLES, Settings
from drivers.device import Device, Fault
from drivers.errors import DeviceError, NoAnswer
from drivers.families import ReceiptPrinting
from drivers.registry import make
from drivers.rhythm import beat
from kiosk.clock import WEIHAI
from kiosk.diagnostics.asking import ask_plainly
from kiosk.diagnostics.facts import (
    DeviceFact,
    DoorFact,
    Facts,
    FleetFact,
    HealthFact,
    PowerFact,
    StorageFact,
    from_json,
)
from kiosk.diagnostics.ground import certificates_of, free_mb, house_of, storage_on_disk
from kiosk.diagnostics.history import History
from kiosk.diagnostics.left_behind import left_behind, left_on_disk
from kiosk.events import long_act
from kiosk.health.nut import NutAddress, UpsUnheard, ask
from kiosk.journal import JournalError
from kiosk.printing.supplies import Roll, SupplyStore
from kiosk.supervision.look import look
from kiosk.updates.state import update_fact

if TYPE_CHECKING:
    from kiosk.workshop import Workshop

log = logging.getLogger(__name__)

EVERY_S: Final = 10.0
FRESH_S: Final = 35.0
"""So old a look of the running terminal may be: three of its writes."""
OPEN_S: Final = 8.0
NETWORKED: Final = frozenset({"tcp", "ipp", "ipps", "http", "https", "rtsp"})
"""Schemes of links to devices that hang on the hall's network."""
CARDS_ROUNDS: Final = 6
"""The journal is walked for cards only every so many looks: it may be large."""


async def keep_readiness(workshop: Workshop, *, every_s: float = EVERY_S) -> None:
    """For ever: write down how the running terminal is. A file that cannot be written costs only the report."""
    history = History(workshop.tools.settings.state_dir)
    complained, rounds, cards = False, 0, (0, 0)
    while True:
        if rounds % CARDS_ROUNDS == 0:
            cards = await cards_of(workshop.tools.settings, workshop.tools.clock.now())
        rounds += 1
        facts = await facts_now(workshop, cards)
        try:
            await asyncio.to_thread(history.keep, facts)
            complained = False
        except (OSError, sqlite3.Error) as error:
            if not complained:
                log.warning("readiness: %s: %s", history.path, error)
            complained = True
        await beat(every_s)


async def facts_now(workshop: Workshop, cards: tuple[int, int]) -> Facts:
    """How the running terminal is; `cards` as `cards_of` gives them."""
    tools, settings, now = workshop.tools, workshop.tools.settings, workshop.tools.clock.now()
    editions = workshop.catalogue.editions
    return Facts(
        now,
        settings.terminal.id,
        version("weihai-kiosk"),
        True,
        by_profile(settings, (DeviceFact.of(each.device) for each in workshop.supervisors)),
        workshop.network.heard,
        (now - tools.clock.platform_now()).total_seconds(),
        await _storage(workshop, now),
        certificates_of(settings),
        house_of(settings),
        editions.current.catalogue.version[:40],
        editions.confirmed_at,
        metres_left(settings, tools.receipt_printer.roll_m),
        *cards,
        power=workshop.health.power_fact() if workshop.health else PowerFact(),
        health=workshop.health.fact() if workshop.health else HealthFact(),
        update=update_fact(settings),
        left=await left_behind(settings, tools.journal, tools.prints.stock),
        fleet=workshop.fleet() if workshop.fleet is not None else fleet_set_up(settings),
        door=workshop.terminal.technician.fact() if workshop.terminal.technician is not None else DoorFact(),
    )


async def _storage(workshop: Workshop, now: datetime) -> StorageFact:
    journal = workshop.tools.journal
    try:
        free = free_mb(journal.path.parent)
        rows = await journal.rows(1000)
    except (OSError, JournalError) as error:
        return StorageFact(journal.trouble or str(error)[:300], journal.hold)
    age = int((now - datetime.fromisoformat(rows[0].at)).total_seconds()) if rows else 0
    return StorageFact(journal.trouble, journal.hold, free, len(rows), max(age, 0))


async def cards_of(settings: Settings, now: datetime) -> tuple[int, int]:
    """Cards that were to be read within the last hour, and those that were not readable."""
    try:
        cards = (await asyncio.to_thread(look, settings.state_dir / "journal.db", now)).cards
    except JournalError:
        return 0, 0  # the storage section says why
    return cards.tried, cards.failed


def metres_left(settings: Settings, roll_m: int) -> float | None:
    """Of the receipt paper, by what was printed; None without a count."""
    roll = SupplyStore(settings.state_dir).read().get("receipt_printer", Roll())
    return roll.left_mm(roll_m * 1000) / 1000 if roll.since else None


async def facts_of(settings: Settings, history: History, now: datetime | None = None) -> Facts:
    """What the running terminal wrote within `FRESH_S`, or tells when it is asked; while none runs every device is
    opened, looked at and closed."""
    moment = now or datetime.now(WEIHAI)
    last = await asyncio.to_thread(history.last_look)
    if last is not None and abs((moment - last.at).total_seconds()) <= FRESH_S:
        return last
    # A terminal whose disk is full writes no look, and its devices would be found "held by another program".
    if (told := await asyncio.to_thread(facts_told, settings)) is not None:
        return told
    return await facts_by_opening(settings, moment)


def facts_told(settings: Settings) -> Facts | None:
    """What the running terminal says of itself at its socket; None when none answers, or not to this user."""
    from kiosk.remote.asking import NoTerminal
    from kiosk.remote.asking import ask as ask_terminal
    from kiosk.remote.lines import Refused

    try:
        told = ask_terminal(settings.remote.path(settings.state_dir), "diagnose", {"facts": True})
    except (NoTerminal, Refused) as error:
        log.info("the running terminal does not tell: %s", error)
        return None
    return from_json(str(told.get("facts", "")).encode())


async def facts_by_opening(settings: Settings, now: datetime) -> Facts:
    """While no terminal runs. Devices are only glanced at; platform and disk are only read."""
    with long_act("diagnose"):
        asked = asyncio.create_task(asyncio.to_thread(ask_plainly, settings.platform))
        # All are made first: a driver's import holds the loop, and an answer that waits meanwhile would count as late.
        made = [_made(settings, role) for role in settings.devices]
        devices = await asyncio.gather(*(_glanced(each) for each in made))
        platform, skew = await asked
    tried, failed = await cards_of(settings, now)
    return Facts(
        now,
        settings.terminal.id,
        version("weihai-kiosk"),
        False,
        by_profile(settings, devices),
        platform,
        skew,
        await asyncio.to_thread(storage_on_disk, settings.state_dir, now),
        certificates_of(settings, running=False),
        house_of(settings),
        metres_left=metres_left(settings, _roll_m(settings)),
        cards_tried=tried,
        cards_failed=failed,
        power=await power_by_asking(settings),
        update=update_fact(settings),
        left=await asyncio.to_thread(left_on_disk, settings),
        fleet=fleet_set_up(settings),
    )


async def power_by_asking(settings: Settings) -> PowerFact:
    """The UPS's own word, while no terminal runs."""
    if not settings.power.ups:
        return PowerFact()
    try:
        told = await ask(NutAddress.of(settings.power.ups))
    except UpsUnheard as error:
        return PowerFact(trouble=str(error)[:300], has_ups=True)
    phase = "closing" if told.low else "mains"
    return PowerFact(
        "ups", phase, told.on_battery, told.charge, told.runtime_s, told.worn, told.model, has_ups=True,
        serial=told.serial, firmware=told.firmware,
    )  # fmt: skip


def by_profile(settings: Settings, devices: Iterable[DeviceFact]) -> tuple[DeviceFact, ...]:
    """The devices, with what the profile says: whether the link has an address of its own, the firmware is unfit."""
    wanted = dict(settings.devices.items())
    found = []
    for each in devices:
        here = wanted.get(each.role)  # type: ignore[call-overload]  # a device of another name has no place there
        networked = here is not None and here.link.partition(":")[0] in NETWORKED
        unfit = here.expects.unfit(each.firmware) if here is not None and here.expects is not None else ""
        found.append(replace(each, networked=networked, unfit=unfit))
    return tuple(found)


def fleet_set_up(settings: Settings) -> FleetFact:
    """That there is a broker, while nobody is connected to it."""
    return FleetFact(settings.fleet.address[0] if settings.fleet.broker else "")


def _roll_m(settings: Settings) -> int:
    """Metres of a new roll, as the profile says or as usual."""
    wanted = settings.devices.get("receipt_printer")
    length = wanted.options.get("roll_m") if wanted else None
    return length if isinstance(length, int) else ReceiptPrinting.roll_m


def _made(settings: Settings, role: str) -> Device | DeviceFact:
    """The device, or why the profile makes none."""
    wanted = next(each for name, each in settings.devices.items() if name == role)
    family = ROLES.get(role, role)
    try:
        return make(family, wanted.driver, Device, wanted.link, wanted.options, name=role)
    except ValueError as error:
        return DeviceFact(role, family, False, "noDevice", "driver-unusable", str(error)[:300])


async def _glanced(device: Device | DeviceFact) -> DeviceFact:
    """One device: opened in its gentlest way under `OPEN_S`, and closed again."""
    if isinstance(device, DeviceFact):
        return device
    failed: Fault | None = None
    try:
        async with asyncio.timeout(OPEN_S):
            await device.glance()
    except DeviceError as error:
        failed = Fault.of(error)
    except TimeoutError:
        failed = Fault.of(NoAnswer(f"{device.name}: no answer within {OPEN_S:g} s"))
    finally:
        fact = DeviceFact.of(device, failed)
        await device.close()
    return fact
