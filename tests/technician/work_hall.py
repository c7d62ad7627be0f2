"""A hall in which a technician works: the real terminal in virtual time, hands on its devices, eyes on its journal."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from random import Random
from typing import Any

from kiosk.in_process.terminal import acts, broken, entries
from kiosk.technician.work.signing import Signed
from kiosk.workshop import Workshop
from simulator.hall import Hall
from simulator.inline_loop import run_inline
from simulator.people import CITIZENS
from simulator.trade import APPLIED, Trade
from simulator.wayward import Person
from simulator.wishes import Saw, Wish

WHO = "0f" * 16
SIGNED = Signed("a1" * 16)
PAD, RECEIPTS, LICENCES, READER = "payment-pad", "receipt-printer", "licence-printer", "id-card-reader"
STORY_S = 3600.0
"""Virtual seconds; a story that waits for what never comes ends."""
Story = Callable[[Hall], Awaitable[None]]


def play(folder: Path, story: Story, trade: Trade = Trade()) -> Hall:  # noqa: B008 - frozen
    """Open a hall, let `story` happen, close it; nothing of the terminal ended by itself, its chain holds."""
    hall = Hall(folder, trade=trade)

    async def told() -> None:
        await hall.open()
        try:
            async with asyncio.timeout(STORY_S):
                await story(hall)
        finally:
            await hall.close()

    run_inline(told())
    assert hall.errors == []
    assert broken(folder) == ""
    return hall


def workshop(hall: Hall) -> Workshop:
    """Of the life that runs now."""
    made = hall.life.workshop
    assert isinstance(made, Workshop)
    return made


async def visit(hall: Hall, service: str = APPLIED, citizen: str = "citizen-09", **how: Any) -> Saw:
    """One citizen from standby to standby."""
    wish = Wish(CITIZENS[citizen], service, bank_card=citizen, **how)
    person = Person(hall, wish, Random("always the same"))
    saw = await person.visit()
    person.lift()
    return saw


async def restart(hall: Hall) -> None:
    """The power goes and comes back."""
    hall.pull_the_plug()
    await hall.bury()
    await asyncio.sleep(5)
    await hall.boot()


def bodies(hall: Hall, kind: str) -> list[str]:
    """What the chain holds of one kind, as JSON."""
    return [row["body"] for row in entries(hall.folder, kind)]


def states(hall: Hall, kind: str) -> list[str]:
    """Where the intents of one kind stand."""
    return [row["state"] for row in acts(hall.folder) if row["kind"] == kind]
