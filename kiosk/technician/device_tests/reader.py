"""The card reader: one card read, shown masked, nothing of it kept."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from typing import Final

from drivers.errors import DeviceError
from drivers.families import CardReading
from drivers.id_card.card import CardRead
from kiosk.identity.masks import mask_address, mask_name, mask_number
from kiosk.technician.device_tests.declared import Run, TestResult, figures

WAIT_S: Final = 45.0
READ_S: Final = 12.0
LIFT_S: Final = 20.0
PLAIN: Final = frozenset({"kind", "sex", "sex_code", "version"})
"""What is shown of a card without being asked for."""
MASKS: Final = {"name": mask_name, "number": mask_number, "address": mask_address}


@dataclass(frozen=True, slots=True)
class Reading:
    """A card, and how it was read."""

    card: CardRead = field(repr=False)
    seconds: float
    retries: int


async def read_once(reader: CardReading, wait_s: float, on_state: Callable[[str], None]) -> Reading:
    """Wait for a card and read it. Raises `DeviceError`; `NoMedia` when none was placed."""
    await reader.wait_for_card(wait_s)
    loop = asyncio.get_running_loop()
    began, retries = loop.time(), reader.counters.retries
    card = await reader.read_card(READ_S, on_state=on_state)
    return Reading(card, loop.time() - began, reader.counters.retries - retries)


def card_lines(card: CardRead, *, show: bool) -> list[str]:
    """One line a field that the card carries; masked unless `show`. Pictures and prints are only counted."""
    lines = []
    for each in fields(card):
        value = getattr(card, each.name)
        if value in ("", (), b"") or (value is None and each.name != "valid_to"):
            continue
        if each.name == "photo":
            said = f"{len(value)} bytes"
        elif each.name == "fingerprints":
            said = f"{len(value)} templates"
        elif each.name == "valid_to" and value is None:
            said = "长期"
        elif show or each.name in PLAIN:
            said = str(value)
        else:
            mask = MASKS.get(each.name)
            said = mask(str(value)) if mask else "*" * min(len(str(value)), 12)
        lines.append(f"{each.name}: {said}")
    return lines


async def test_reader(run: Run) -> TestResult:
    """A card laid on it is read in time. Cards of people who only help: nothing of them goes into the record."""
    reader = run.ground.device("id_card", CardReading)
    run.tell("present-card")
    try:
        read = await read_once(reader, WAIT_S, lambda state: run.tell("reading"))
    except DeviceError as error:
        if error.who == "citizen" and error.cause != "no-media":
            sam = figures(sam=reader.status.serial or "-")
            return run.ended("fail", "device.id-card.unread", error.cause, *sam, cause=error.cause, said=str(error))
        raise
    measured = figures(read_ms=round(read.seconds * 1000), retries=read.retries, sam=reader.status.serial or "-")
    run.tell("take-card", *measured)
    lifted = await reader.wait_removed(LIFT_S)
    shown = tuple(card_lines(read.card, show=False))
    if not lifted:
        return run.ended("fail", "device.id-card.stays", "", *measured, cause="card-stays", shown=shown)
    return run.passed(*measured, shown=shown)
