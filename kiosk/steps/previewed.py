"""The camera's picture on the page while something else goes on."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from drivers.families import Seeing
from kiosk.visits.case import Case

PREVIEW_HZ = 12
PREVIEW_SIZE = (720, 540)
"""Of the pictures that pages show, in pixels."""
T = TypeVar("T")


async def previewed(case: Case, camera: Seeing, work: Coroutine[Any, Any, T]) -> T:
    """The result of `work`. A camera that fails ends it: raises an `ExceptionGroup` with a `DeviceError`."""
    async with asyncio.TaskGroup() as group:
        showing = group.create_task(_show(case, camera))
        try:
            return await work
        finally:
            showing.cancel()


async def _show(case: Case, camera: Seeing) -> None:
    while True:
        picture = await camera.preview(PREVIEW_SIZE)
        if picture is not None:
            case.visit.display.preview(picture, *PREVIEW_SIZE)
        await asyncio.sleep(1 / PREVIEW_HZ)
