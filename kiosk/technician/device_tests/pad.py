"""The payment pad: how it is, whether it passes its own test and its bank answers. Nothing here can move money."""

from __future__ import annotations

import asyncio
from typing import Final, Protocol

from drivers.errors import Unsupported
from drivers.families import CardPaying
from drivers.payment_pad.approval import PadStatus
from kiosk.technician.device_tests.declared import Run, TestResult, figures

OK: Final = "ok"


class Asked(Protocol):
    """All that this test may ask of a pad: authorise, refund, reverse and book are out of its sight."""

    async def pad_status(self) -> PadStatus:
        """05 01: how the pad is."""
        ...

    async def self_test(self) -> str:
        """06 79: the pad tests itself; `ok` or why not. Raises `Unsupported` by one that has none."""
        ...

    async def diagnose(self) -> str:
        """06 70: the pad rings its host; `ok` or why not."""
        ...


async def tested(pad: Asked) -> str:
    """Its own test: `ok`, "" it has none, or why it failed. Raises `DeviceError`."""
    try:
        return await pad.self_test()
    except Unsupported:
        return ""


async def rung(pad: Asked) -> tuple[PadStatus, str, float]:
    """Its status, what its host said, and the seconds that took. Raises `DeviceError`."""
    loop = asyncio.get_running_loop()
    status = await pad.pad_status()
    began = loop.time()
    word = await pad.diagnose()
    return status, word, loop.time() - began


async def test_pad(run: Run) -> TestResult:
    """Registered, ready, well by its own test, and its bank answers."""
    pad = run.ground.device("payment_pad", CardPaying)
    run.tell("pad-self-test")
    own = await tested(pad)
    if own not in (OK, ""):
        return run.broken(pad.family, own, f"the pad's self-test: {own}")
    run.tell("ringing-bank")
    status, word, seconds = await rung(pad)
    measured = figures(
        bank_s=round(seconds, 1),
        status="-" if status.code is None else f"{status.code:02X}",
        software=(status.software or "-")[:40],
        self_test="self-test-passed" if own else "self-test-not-told",
        terminal=(pad.status.serial or "-")[:40],
    )
    if word != OK:
        return run.broken(pad.family, word, f"the pad rang its host: {word}", *measured)
    if not status.ready:
        return run.ended("unknown", "test.not-ready", "", *measured, cause="not-ready")
    return run.passed(*measured)
