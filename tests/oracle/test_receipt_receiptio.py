"""receiptio 2.1.2, a print program of other people, against our simulated printer on a real TCP port.

It looks at the printer as a host does: DLE EOT 2, GS I for the maker, GS a FF, printing when the automatic status says
so, GS r 49 as its end mark. It knows port 9100 only, so every printer here has a loopback address of its own.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from simulator.models.receipt_printer import SimReceiptPrinter, make

NPM = Path(__file__).parent / "npm"
PROGRAM = NPM / "node_modules" / "receiptio" / "bin" / "cli.js"
pytestmark = [
    pytest.mark.oracle,
    pytest.mark.skipif(
        shutil.which("node") is None or not PROGRAM.is_file(),
        reason="node or its packages are missing: run `make setup` (or `npm ci --ignore-scripts` in tests/oracle/npm)",
    ),
]

PROFILES = ("chinese-80mm", "epson-80mm", "chinese-58mm")
LIMIT_S = 30.0
DOCUMENT = """^^^威海市政务
办理事项 |社会保障卡
---
{c:https://example.org/a?b=1;o:qrcode,5,m}
"""
_numbers = itertools.count(1)


def free_address() -> str:
    """A loopback address that no other test of this machine uses now: by process and by count."""
    number = os.getpid() % 65536 * 64 + next(_numbers) % 64
    return f"127.{64 + (number >> 16)}.{number >> 8 & 255}.{number & 255}"


@asynccontextmanager
async def printer(profile: str = "chinese-80mm") -> AsyncIterator[tuple[SimReceiptPrinter, str]]:
    address = free_address()
    sim = make(f"tcp://{address}:9100", profile=profile, speed_mm_s=1000)
    await sim.plug()
    try:
        yield sim, address
    finally:
        await sim.unplug()


async def receiptio(address: str, *options: str, document: str = DOCUMENT, fast: bool = False) -> tuple[str, int]:
    """What it says of the print, and its exit code; `fast`: with its waiting times shortened tenfold."""
    preload = ["-r", str(NPM / "fast-clock.cjs")] if fast else []
    process = await asyncio.create_subprocess_exec(
        *("node", *preload, str(PROGRAM), "-d", address, "-l", "zh-hans", *options),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        async with asyncio.timeout(LIMIT_S):
            out, _ = await process.communicate(document.encode())
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode is not None
    return out.decode().strip(), process.returncode


@pytest.mark.parametrize("profile", PROFILES)
async def test_it_prints_and_sees_success(profile: str) -> None:
    columns = "32" if profile == "chinese-58mm" else "42"
    async with printer(profile) as (sim, address):
        assert await receiptio(address, "-q") == ("online", 100)
        assert await receiptio(address, "-c", columns) == ("success", 0)
        state = sim.state()
        lines = [line.strip() for line in str(state["last_receipt"]).splitlines()]
        assert lines[0] == "威海市政务"
        assert lines[1].split() == ["办理事项", "社会保障卡"]
        assert lines[3].startswith("[")
        assert state["receipts"] == state["hanging"] == 1
        assert state["holding_bytes"] == 0


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize(
    ("fault", "remedy", "said", "code"),
    [("paper_out", "new_roll", "paperempty", 102), ("cover_open", "cover_close", "coveropen", 101)],
)
async def test_it_sees_paper_and_cover_and_that_they_are_put_right(
    profile: str, fault: str, remedy: str, said: str, code: int
) -> None:
    async with printer(profile) as (sim, address):
        sim.do(fault)
        assert await receiptio(address, "-q") == (said, code)
        assert await receiptio(address) == (said, code)
        assert sim.state()["receipts"] == 0
        sim.do(remedy)
        assert await receiptio(address) == ("success", 0)
        assert sim.state()["receipts"] == 1


@pytest.mark.parametrize(
    ("fault", "remedy", "said"),
    [("paper_out", "new_roll", "paperempty"), ("cover_open", "cover_close", "coveropen")],
)
async def test_it_sees_what_happens_while_it_prints(fault: str, remedy: str, said: str) -> None:
    """The automatic status (GS a) must speak by itself, in the middle of a long receipt."""
    async with printer() as (sim, address):
        sim.end.tuning = type(sim.end.tuning)(speed_mm_s=20)
        long = "".join(f"line {number}\n" for number in range(60))
        job = asyncio.create_task(receiptio(address, document=long))
        await _until(lambda: "line 3" in str(sim.state()["printing"]))
        sim.do(fault)
        assert (await job)[0] == said
        assert "line 59" not in str(sim.state()["printing"])
        sim.do(remedy)


async def test_it_sees_errors_that_need_hands() -> None:
    async with printer() as (sim, address):
        sim.do("cutter_jam", at="cut")
        assert await receiptio(address) == ("error", 103)
        assert await receiptio(address, fast=True) == ("error", 103)
        sim.do("clear_fault")
        # The error stays until a host recovers it (DLE ENQ 2, which receiptio sends as it gives up).
        await receiptio(address, fast=True)
        assert await receiptio(address) == ("success", 0)


async def test_it_sees_offline_and_disconnect() -> None:
    """A printer that answers nothing, holds all, or is off is `offline`; one that is not there is `disconnect`."""

    async def seen(verb: str) -> str:
        async with printer() as (sim, address):
            sim.do(verb)
            return (await receiptio(address, fast=True))[0]

    answers = await asyncio.gather(seen("silent"), seen("hold"), seen("power_off"), receiptio(free_address()))
    assert answers == ["offline", "offline", "offline", ("disconnect", 105)]


async def test_a_plug_pulled_during_a_print_is_no_success() -> None:
    async with printer() as (sim, address):
        sim.end.tuning = type(sim.end.tuning)(speed_mm_s=20)
        long = "".join(f"line {number}\n" for number in range(60))
        job = asyncio.create_task(receiptio(address, "-t", "20", document=long, fast=True))
        await _until(lambda: "line 3" in str(sim.state()["printing"]))
        await sim.unplug()
        said, code = await job
        assert said in ("disconnect", "timeout", "offline")
        assert code in (104, 105, 106)


async def _until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(LIMIT_S):
        while not condition():
            await asyncio.sleep(0.01)
