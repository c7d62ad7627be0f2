"""Visits a second of the whole terminal under virtual time, beside bare loop steps in the same run."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from reader_figures import Row

from simulator.inline_loop import run_inline
from simulator.soak import EPOCH, run_epoch

STEPS = 50_000
MEMORY = Path("/dev/shm")


async def _steps() -> None:
    for _ in range(STEPS):
        await asyncio.sleep(0.001)


def rows() -> list[Row]:
    """Fair visits and visits with every fault."""
    began = time.perf_counter()
    run_inline(_steps())
    steps = STEPS / (time.perf_counter() - began)
    state = MEMORY if MEMORY.is_dir() else None
    found = []
    for faults in ("none", "all"):
        began = time.perf_counter()
        epoch = run_epoch(1, EPOCH, EPOCH, faults, state)
        took = time.perf_counter() - began
        verdict = f"{len(epoch.violations)} broken promises"
        found.append(
            Row(f"whole visits, virtual time, faults {faults}", f"{EPOCH / took:.1f} /s, {verdict}",
                f"{epoch.virtual_s / took:.0f} s of day a second; {steps:,.0f} bare timer steps/s", "")
        )  # fmt: skip
    return found
