"""Paper and toner: what was put in is believed only as far as the printer's own sensors agree."""

from __future__ import annotations

import asyncio
import sqlite3
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from drivers.absent import is_absent
from drivers.device import Device, Status, Supply
from drivers.errors import DeviceError
from kiosk.diagnostics.history import History
from kiosk.technician.work.refusal import Refusal

if TYPE_CHECKING:
    from kiosk.workshop import Workshop

LOOK_S: Final = 10.0
MOST_METRES: Final = 1000
Filled = Literal["roll", "toner", "tray"]


@dataclass(frozen=True, slots=True)
class Refilled:
    """What is in now. `sensor`: the supply as the printer says it; `metres_left` None where none are counted."""

    what: Filled
    sensor: Supply
    metres_left: float | None = None
    was_m: float | None = None
    """Metres (or pages, of toner) that the one before had given."""


async def new_roll(workshop: Workshop, who: str, metres: int = 0) -> Refilled:
    """A new roll is in the receipt printer; `metres` when it is not a whole one of the usual length.

    Raises `Refusal`: the sensor still sees none, or sees the end of a roll that is said to be whole. Raises
    `JournalError`, `OSError`.
    """
    if not 0 <= metres <= MOST_METRES:
        raise Refusal("work.not-understood", f"1 to {MOST_METRES} m")
    printer = workshop.tools.receipt_printer
    status = await looked_at(printer)
    if status.paper in (Supply.OUT, Supply.JAMMED):
        raise Refusal("work.paper-not-in", str(status.paper))
    sensed_low = status.paper is Supply.LOW and not printer.counted_low
    if sensed_low and not metres:
        raise Refusal("work.roll-nearly-used")
    before, roll = await workshop.supplies.new_roll(metres)
    left, was = roll.left_mm(printer.roll_m * 1000) / 1000, before.mm / 1000
    body = {"device": printer.name, "what": "roll", "metres": round(left), "was": round(was, 1)}
    await workshop.tools.journal.note("", "work.refilled", {**body, "sensor": str(status.paper), "who": who})
    return Refilled("roll", status.paper, left, was)


async def new_toner(workshop: Workshop, who: str) -> Refilled:
    """A new cartridge is in the licence printer. Raises `Refusal`: the printer does not agree. `JournalError`."""
    printer = workshop.tools.licence_printer
    status = await looked_at(printer)
    if status.toner in (Supply.LOW, Supply.OUT):
        raise Refusal("work.toner-not-in", str(status.toner))
    pages = await _counted_anew(workshop, printer.name)
    body = {"device": printer.name, "what": "toner", "was": pages, "sensor": str(status.toner), "who": who}
    await workshop.tools.journal.note("", "work.refilled", body)
    return Refilled("toner", status.toner, None, pages)


async def plain_paper(workshop: Workshop, who: str) -> Refilled:
    """Plain sheets are in the licence printer's tray (numbered forms: `forms`). Raises as `new_toner`."""
    printer = workshop.tools.licence_printer
    status = await looked_at(printer)
    if status.paper in (Supply.OUT, Supply.JAMMED):
        raise Refusal("work.paper-not-in", str(status.paper))
    body = {"device": printer.name, "what": "tray", "sensor": str(status.paper), "who": who}
    await workshop.tools.journal.note("", "work.refilled", body)
    return Refilled("tray", status.paper)


async def looked_at(device: Device) -> Status:
    """The device as it is now, asked just now. Raises `Refusal`: no answer within `LOOK_S`, or no such device here."""
    if is_absent(device):
        raise Refusal("work.not-fitted", device.name)
    try:
        async with asyncio.timeout(LOOK_S):
            return await device.poll()
    except (DeviceError, TimeoutError) as error:
        raise Refusal("work.device-silent", device.name) from error


async def _counted_anew(workshop: Workshop, role: str) -> float | None:
    """Pages of the cartridge before, from the readiness history; which counts from 0 now."""
    history = History(workshop.tools.settings.state_dir)
    try:
        return await asyncio.to_thread(history.renewed, role)
    except (OSError, sqlite3.Error):
        return None  # the history may be lost: then only the chain knows of the new cartridge
