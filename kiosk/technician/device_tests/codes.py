"""The code reader, or the camera that codes are held up to: a test code, and how long it took. Never kept."""

from __future__ import annotations

import asyncio
import secrets
from typing import Final, get_args

from drivers.camera.codes import Code, Format
from drivers.families import CodeReading, Seeing
from kiosk.technician.device_tests.declared import Body, Ground, Leave, Run, TestResult, figures

WAIT_S: Final = 45.0
PREFIX: Final = "TEST-"
SHOWN: Final = 4
"""So many characters of a foreign code are shown."""


def masked(code: Code) -> str:
    """Its begin: a code of somebody's phone may be held up."""
    return f"{code.text[:SHOWN]}{'*' * max(0, min(len(code.text) - SHOWN, 12))}"


async def read_any(eye: Seeing | CodeReading, seconds: float) -> tuple[Code | None, float]:
    """A code of any kind and the seconds until it was there. Raises `NoMedia` at the end of `seconds`."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    code = await eye.read_code(get_args(Format), seconds)
    return code, loop.time() - began


def code_test(role: str) -> Body:
    """The test of what reads codes at `role`."""

    async def test(run: Run) -> TestResult:
        device = run.ground.devices.get(role)
        eye = device if isinstance(device, CodeReading) else run.ground.device(role, Seeing)
        ours = PREFIX + secrets.token_hex(4).upper()
        preview = role if isinstance(eye, Seeing) else ""
        if run.ground.surface is not None:
            await run.ground.surface.code(ours)
        run.tell("hold-code", preview=preview)
        code, seconds = await read_any(eye, WAIT_S)
        if code is None:
            return run.ended("unknown", "test.nothing-shown", cause="no-media")
        told = "yes" if code.text == ours else "no"
        measured = figures(code_s=round(seconds, 2), format=code.format, characters=len(code.text), ours=told)
        return run.passed(*measured, shown=(masked(code),))

    return test


def forgotten(role: str) -> Leave:
    """What was read is forgotten: it must not open anything for the next citizen."""

    async def leave(ground: Ground) -> None:
        device = ground.devices.get(role)
        if isinstance(device, CodeReading | Seeing):
            device.wipe()

    return leave
