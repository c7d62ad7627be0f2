"""What an IO board tells of itself: maker, product, revision (MODBUS application protocol V1.1b3, section 6.21)."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Final

from drivers.cabinet.frames import PRODUCT, REVISION, VENDOR, Request, Tell, Told
from drivers.device import DeviceState, Status
from drivers.errors import DeviceError, LinkLost
from drivers.told import printable

log = logging.getLogger(__name__)

MOST_ASKED: Final = 3
"""A board may spread its three objects over as many answers."""


async def board_of(name: str, ask: Callable[[Request], Awaitable[object]]) -> Status:
    """A status with its model and firmware, both "" for a board that tells nothing. Raises `LinkLost`."""
    objects: dict[int, str] = {}
    try:
        objects = await _objects(ask)
    except LinkLost:
        raise
    except DeviceError as error:
        log.info("%s: does not tell what it is: %s", name, error)
    names = (printable(objects.get(number, "")) for number in (VENDOR, PRODUCT))
    model = printable(" ".join(filter(None, names)))
    return Status(DeviceState.ONLINE, model=model, firmware=printable(objects.get(REVISION, "")))


async def _objects(ask: Callable[[Request], Awaitable[object]]) -> dict[int, str]:
    objects: dict[int, str] = {}
    start = 0
    for _ in range(MOST_ASKED):
        answer = await ask(Tell(start))
        assert isinstance(answer, Told), "the host end hands on only answers that fit"
        objects |= dict(answer.objects)
        if answer.then is None:
            break
        start = answer.then
    return objects
