"""The payment pad: how it is, and whether its bank answers. Questions only: nothing here can move money."""

from __future__ import annotations

import asyncio
from typing import Final, Protocol

from drivers.families import CardPaying
from drivers.payment_pad.approval import PadStatus
from kiosk.technician.tests.declared import Run, TestResult, figures

OK: Final = "ok"


class Asked(Protocol):
    """All that this test may ask of a pad: authorise, refund, reverse and book are out of its sight."""

    async def pad_status(self) -> PadStatus:
        """05 01: how the pad is."""
        ...

    async def diagnose(self) -> str:
        """06 70: the pad rings its host; `ok` or why not."""
        ...


async def rung(pad: Asked) -> tuple[PadStatus, str, float]:
    """Its status, what its host said, and the seconds that took. Raises `DeviceError`."""
    loop = asyncio.get_running_loop()
    status = await pad.pad_status()
    began = loop.time()
    word = await pad.diagnose()
    return status, word, loop.time() - began


async def test_pad(run: Run) -> TestResult:
    """Registered, ready, and its bank answers."""
    pad = run.ground.device("payment_pad", CardPaying)
    run.tell("ringing-bank")
    status, word, seconds = await rung(pad)
    measured = figures(
        bank_s=round(seconds, 1),
        status="-" if status.code is None else f"{status.code:02X}",
        software=(status.software or "-")[:40],
        terminal=(pad.status.serial or "-")[:40],
    )
    if word != OK:
        return run.broken(pad.family, word, f"the pad rang its host: {word}", *measured)
    if not status.ready:
        return run.ended("unknown", "test.not-ready", "", *measured, cause="not-ready")
    return run.passed(*measured)
