"""A card that is lifted while nobody touches the screen: its citizen may be leaving, so the page waits 30 s at most.

Any touch gives the page its usual time again. A page behind which a device works is not hurried: it has no countdown.
"""

from __future__ import annotations

import asyncio

from drivers.errors import DeviceError
from drivers.families import CardReading
from kiosk.visits.visit import Visit

LIFTED_S = 30.0
POLL_S = 2.0


async def watch_card(visit: Visit, reader: CardReading) -> None:
    """Run beside the journeys of a visit until cancelled. A reader that fails says nothing here."""
    was_there = False
    while True:
        await asyncio.sleep(POLL_S)
        if visit.person is None or visit.person.standing.level == "A0":
            was_there = False
            continue
        try:
            there = await reader.card_present()
        except DeviceError:
            continue
        if was_there and not there:
            visit.hurry(LIFTED_S)
        was_there = there
