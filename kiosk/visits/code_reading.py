"""Waiting for a code: the camera and a reader of its own at the same time; whoever sees one first answers."""

from __future__ import annotations

import asyncio
from collections.abc import Collection

from drivers.camera.codes import Code, Format
from drivers.errors import DeviceError, NoMedia
from drivers.families import CodeReading, Seeing


async def read_code(
    camera: Seeing, reader: CodeReading | None, expect: Collection[Format], deadline_s: float
) -> Code | None:
    """The first code that either reads, as `Seeing.read_code`.

    One of the two that fails leaves it to the other. Raises `NoMedia` at the deadline when one of them was looking all
    the time, else the camera's error.
    """
    if reader is None or not reader.status.usable:
        return await camera.read_code(expect, deadline_s)
    asked = {
        asyncio.ensure_future(camera.read_code(expect, deadline_s)): camera,
        asyncio.ensure_future(reader.read_code(expect, deadline_s)): reader,
    }
    errors: dict[object, DeviceError] = {}
    pending = set(asked)
    try:
        while pending:
            done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
            for task in sorted(done, key=lambda t: asked[t] is camera):
                try:
                    code = task.result()
                except DeviceError as error:
                    errors[asked[task]] = error
                else:
                    if code is not None:
                        return code
    finally:
        for task in pending:
            task.cancel()
        await asyncio.gather(*asked, return_exceptions=True)
    nothing = next((e for e in errors.values() if isinstance(e, NoMedia)), None)
    if errors:
        raise nothing or errors.get(camera) or errors[reader]
    return None


def wipe(camera: Seeing, reader: CodeReading | None) -> None:
    """Both forget what they saw."""
    camera.wipe()
    if reader is not None:
        reader.wipe()
