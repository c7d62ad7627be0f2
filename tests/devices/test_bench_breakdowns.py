"""Breakdowns at the bench: they come on demand, one at a time, and leave everything as it was."""

from __future__ import annotations

import fcntl
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from simulator.bench.bench import Bench
from simulator.breakdowns import ALL, BREAKDOWNS, FURTHER, SINCE, named
from simulator.families import make
from simulator.world import World

READER, RECEIPTS, LICENCES = "id-card-reader", "receipt-printer", "licence-printer"
WITHOUT_TERMINAL = {
    "fleets-broker-gone",
    "terminals-certificate-expiring",
    "clock-off-the-platform-refuses",
    "disk-full",
    "two-devices-swapped",
}


@asynccontextmanager
async def bench(folder: Path) -> AsyncIterator[Bench]:
    """A bench with a reader and two printers at ports of their own; no pad, no terminal, no platform."""
    devices = {name: make(name, f"pty:{folder}/{name}") for name in (READER, RECEIPTS)}
    world = World({**devices, LICENCES: make(LICENCES, "tcp://127.0.0.1:0")})
    await world.start(families=())
    try:
        yield Bench(world, "token")
    finally:
        await world.stop()


def test_each_has_a_name_of_its_own_in_both_languages_and_for_a_command_line() -> None:
    names = [name for each in ALL for name in (each.key, each.name, each.zh)]
    listed = len(BREAKDOWNS) + len(FURTHER) + len(SINCE)
    assert len(ALL) == listed == len({each.key for each in ALL}) == len({each.zh for each in ALL})
    assert all(named(name).key for name in names)
    assert named("两个设备插反了") is named("two devices swapped") is named("two-devices-swapped")
    with pytest.raises(ValueError, match="no breakdown 'nothing'; there are paper-jammed"):
        named("nothing")


async def test_what_cannot_be_had_says_why_and_changes_nothing(tmp_path: Path) -> None:
    async with bench(tmp_path) as here:
        why = {one["key"]: one["why_not"] for one in here.breaking.state()["all"]}
        assert {key for key, words in why.items() if "without a terminal" in words} == WITHOUT_TERMINAL
        assert "TLS" in why["platforms-certificate-expired"]
        assert "without a platform" in why["platform-slow"]
        with pytest.raises(RuntimeError, match="without a platform"):
            await here.breaking.strike("platform-slow")
        assert here.breaking.state()["now"] == ""


async def test_one_at_a_time_and_everything_as_it_was(tmp_path: Path) -> None:
    async with bench(tmp_path) as here:
        state = here.world.state
        sound = state()[READER]["faults"], state()[RECEIPTS]["words"]
        await here.breaking.strike("receipt-printers-cover-open")
        assert state()[RECEIPTS]["words"] != sound[1]
        assert here.breaking.state()["now"] == "receipt-printers-cover-open"
        reader: Any = here.world.device(READER)
        await here.breaking.strike("reader-at-the-wrong-speed")
        assert (state()[RECEIPTS]["words"], reader.sam.baud) == (sound[1], 9600)
        await here.breaking.end()
        assert (state()[READER]["plugged"], reader.sam.baud) == (True, 115_200)
        assert (state()[READER]["faults"], here.breaking.state()["now"]) == (sound[0], "")


async def test_what_breaks_off_halfway_is_taken_back(tmp_path: Path) -> None:
    async with bench(tmp_path) as here:
        with pytest.raises(KeyError, match="payment-pad"):  # the strip is off, the reader gone, and there is no pad
            await here.breaking.strike("power-strip-off")
        assert here.breaking.state()["now"] == ""
        assert all(here.world.state()[name]["plugged"] for name in (READER, RECEIPTS))


async def test_trifles_come_with_it_and_go_with_it(tmp_path: Path) -> None:
    async with bench(tmp_path) as here:
        well = here.world.state()[LICENCES]["toner"]
        await here.breaking.strike("出纸口后面卡纸")
        assert here.world.state()[LICENCES]["toner"] < well
        await here.breaking.end()
        assert here.world.state()[LICENCES]["toner"] >= well


async def test_another_program_holds_the_readers_port_until_the_end(tmp_path: Path) -> None:
    def free() -> bool:
        port = os.open(reader.address.removeprefix("pty:"), os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        try:
            fcntl.flock(port, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        else:
            return True
        finally:
            os.close(port)

    async with bench(tmp_path) as here:
        reader: Any = here.world.device(READER)
        await here.breaking.strike("port-held-by-another-program")
        assert not free()
        await here.breaking.end()
        assert free()
