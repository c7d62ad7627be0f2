"""The whole reader (supervisor, driver, line, SAM, hands) under seeded faults, as a citizen lives through them.

A failure names its seed; `KIOSK_SEED=... pytest` runs that one alone.
"""

from __future__ import annotations

import asyncio
import gc
import os
import random
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from drivers.device import Media
from drivers.errors import DeviceError, MediaError, MediaRejected, MediaUnreadable
from drivers.id_card.driver import IdCardReader
from drivers.id_card.frames import NumberError
from drivers.links.memory import MemoryPort
from drivers.supervisor import Rhythm, Supervisor
from simulator.models.chip_card import chip_card
from simulator.models.id_card_reader import IdCardReader as SimulatedReader
from simulator.models.id_card_reader import make
from simulator.people import CITIZENS
from simulator.ports.serve import MemoryWire
from simulator.virtual_time import run_virtual
from simulator.wire.id_card_reader import LINE_FAULTS

CARDS = ("citizen-07", "citizen-12", "moved", "permit-hk")
SEEDS = [int(os.environ["KIOSK_SEED"])] if "KIOSK_SEED" in os.environ else range(60)
READ_S = 12.0
NUMBERS = {key: CITIZENS[key].number for key in ("citizen-07", "citizen-12", "citizen-09")}
NUMBERS |= {"moved": CITIZENS["citizen-09"].number, "permit-hk": "810000199203010017"}


@asynccontextmanager
async def supervised(**physics: object) -> AsyncIterator[tuple[IdCardReader, SimulatedReader]]:
    """A simulated reader, and the driver under its supervisor."""
    sim = SimulatedReader(
        "memory://id-card", join=lambda end, tap: MemoryWire(end, MemoryPort("id-card"), tap), **physics
    )
    await sim.plug()
    reader = IdCardReader("id_card", "memory://id-card")
    task = asyncio.create_task(Supervisor(reader, Rhythm(poll_s=1.0), seed=1).run())
    try:
        yield reader, sim
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await sim.unplug()


async def until_usable(reader: IdCardReader, within_s: float = 90.0) -> None:
    async with asyncio.timeout(within_s):
        while not reader.status.usable:
            await asyncio.sleep(0.01)


async def outcome(reader: IdCardReader) -> str:
    """The number that was read, or the error in words."""
    try:
        return (await reader.read_card(READ_S)).number
    except DeviceError as error:
        return f"{type(error).__name__}: {error}"


async def _unplug_after(sim: SimulatedReader, seconds: float) -> None:
    await asyncio.sleep(seconds)
    await sim.unplug()


async def as_a_citizen(reader: IdCardReader, said: list[str]) -> str:
    """What the step `identify` does: place, read, on trouble lift and place again. The number of the card."""
    while True:
        await reader.wait_for_card(deadline_s=120)
        began = asyncio.get_running_loop().time()
        try:
            card = await reader.read_card(deadline_s=READ_S)
        except MediaError as error:
            said.append(f"{type(error).__name__}: {error}")
            await reader.wait_removed(deadline_s=60)
        else:
            return card.number
        finally:
            assert asyncio.get_running_loop().time() - began <= READ_S + 0.01


def test_lifting_and_placing_again_until_it_reads() -> None:
    """The card is pulled out of three reads, each time the citizen is told to place it again; the fourth counts."""

    async def main() -> None:
        async with supervised() as (reader, sim):
            await until_usable(reader)
            sim.do("present", card="citizen-07")
            said: list[str] = []
            task = asyncio.create_task(as_a_citizen(reader, said))
            for _ in range(3):
                sim.do("pull_mid_read")
                while sim.state()["card"]:
                    await asyncio.sleep(0.05)
                await asyncio.sleep(1.5)
                sim.do("present", card="citizen-07")
            assert await task == NUMBERS["citizen-07"]
            assert [words.split(":")[0] for words in said] == ["MediaUnreadable"] * 3
            assert reader.status.usable
            assert reader.counters.failures == 3

    run_virtual(main())


def test_two_cards_are_told_and_one_of_them_reads() -> None:
    async def main() -> None:
        async with supervised() as (reader, sim):
            await until_usable(reader)
            sim.do("present", card="citizen-12")
            sim.do("second", card="citizen-07")
            assert sim.state()["second"] == "citizen-07"
            assert "another card beside it" in sim.state()["words"]
            with pytest.raises(MediaUnreadable, match="one card alone") as caught:
                await reader.read_card(READ_S)
            assert caught.value.code == "81"
            assert await reader.card_present()
            sim.do("lift")
            assert (await reader.read_card(READ_S)).number == NUMBERS["citizen-12"]

    run_virtual(main())


@pytest.mark.parametrize("verb", LINE_FAULTS)
def test_every_fault_of_the_line_through_the_driver(verb: str) -> None:
    """Once and twice: read all the same. Always: a named error in time, and well again when it ends."""

    async def main() -> None:
        async with supervised() as (reader, sim):
            await until_usable(reader)
            sim.do("present", card="moved")
            for times in (1, 2):
                sim.do(verb, times=times)
                card = await reader.read_card(READ_S)
                assert card.number == NUMBERS["moved"]
                sim.do("clear_faults")
            sim.do(verb, times="always")
            began = asyncio.get_running_loop().time()
            said = await outcome(reader)
            assert said == NUMBERS["moved"] or NUMBERS["moved"] not in said
            assert asyncio.get_running_loop().time() - began <= READ_S + 0.01
            sim.do("clear_faults")
            await asyncio.sleep(5)
            await until_usable(reader)
            assert (await reader.read_card(READ_S)).number == NUMBERS["moved"]

    run_virtual(main())


@pytest.mark.parametrize("lift_first", [False, True])
def test_presence_and_removal_are_right_on_both_kinds_of_reader(lift_first: bool) -> None:
    async def main() -> None:
        async with supervised(require_removal=lift_first) as (reader, sim):
            await until_usable(reader)
            for key in CARDS:
                sim.do("present", card=key)
                await reader.wait_for_card(5)
                assert (await reader.read_card(READ_S)).number == NUMBERS[key]
                for _ in range(3):
                    await asyncio.sleep(1.3)
                    assert reader.status.media is Media.PRESENT
                assert not await reader.wait_removed(1)
                sim.do("lift")
                assert await reader.wait_removed(2)
                await asyncio.sleep(1.3)
                assert reader.status.media is Media.NOT_PRESENT

    run_virtual(main())


@pytest.mark.parametrize("seed", SEEDS)
def test_any_faults_and_hands_and_at_last_the_citizen_is_read(seed: int) -> None:
    print(f"KIOSK_SEED={seed}")

    async def main() -> None:
        dice = random.Random(seed)
        said: list[str] = []
        async with supervised(require_removal=dice.random() < 0.5) as (reader, sim):
            await until_usable(reader)
            visitor = asyncio.create_task(_visitor(reader, dice, said))
            for _ in range(dice.randint(3, 12)):
                await asyncio.sleep(dice.uniform(0.0, 3.0))
                await _trouble(sim, dice)
            visitor.cancel()
            await asyncio.gather(visitor, return_exceptions=True)
            sim.do("clear_faults")
            await sim.plug()
            while sim.state()["card"]:
                sim.do("lift")
            await asyncio.sleep(61)  # what was late has come
            await until_usable(reader)
            assert (await reader.poll()).media is Media.NOT_PRESENT
            key = dice.choice(CARDS)
            sim.do("present", card=key)
            assert await asyncio.wait_for(as_a_citizen(reader, said), 60) == NUMBERS[key]
            for number in NUMBERS.values():
                assert number not in "".join(said)

    run_virtual(main())


async def _visitor(reader: IdCardReader, dice: random.Random, said: list[str]) -> None:
    """Reads again and again, whatever happens; only named errors come out."""
    while True:
        try:
            assert await as_a_citizen(reader, said) in NUMBERS.values()
            await reader.wait_removed(dice.uniform(0, 5))
        except DeviceError as error:
            said.append(f"{type(error).__name__}: {error}")
            await asyncio.sleep(1)


async def _trouble(sim: SimulatedReader, dice: random.Random) -> None:
    at = dice.choice(("any", "find", "select", "read", "address", "status"))
    times = dice.choice((1, 2, 5, "always"))
    plugged = sim.state()["plugged"]
    match dice.randrange(8):
        case 0 | 1:
            verb = dice.choice(list(LINE_FAULTS))
            sim.do(verb, at=at, times=times, **({"seconds": dice.uniform(0.1, 6)} if verb == "late" else {}))
        case 2:
            sim.do(
                "status",
                code=dice.choice(("10", "24", "31", "32", "33", "40", "41", "47", "66", "80", "81", "EE")),
                times=times,
            )
        case 3:
            sim.do("pull_mid_read")
        case 4:
            await (sim.unplug() if plugged else sim.plug())
        case 5:
            sim.do("clear_faults")
        case _:
            if sim.state()["card"] is None:
                sim.do("present", card=dice.choice(CARDS))
            elif sim.state()["second"] is None and dice.random() < 0.3:
                sim.do("second", card="citizen-12")
            else:
                sim.do("lift")


def test_a_line_that_goes_away_in_the_middle_and_comes_back_a_hundred_times() -> None:
    async def main() -> None:
        async with supervised() as (reader, sim):
            await until_usable(reader)
            sim.do("present", card="citizen-07")
            dice = random.Random(7)
            for _ in range(100):
                pulled = asyncio.create_task(_unplug_after(sim, dice.uniform(0, 1.2)))
                while NUMBERS["citizen-07"] in (said := await outcome(reader)):
                    pass
                assert said.startswith("LinkLost")
                await pulled
                while reader.status.usable:
                    await asyncio.sleep(0.1)
                await sim.plug()
                await until_usable(reader)
            assert (await reader.read_card(READ_S)).number == NUMBERS["citizen-07"]

    run_virtual(main())


def test_a_number_that_breaks_its_rule_is_a_refused_card_and_no_secret_in_the_error() -> None:
    good = chip_card("citizen-07")
    number = NUMBERS["citizen-07"]
    other = "X" if number[17] != "X" else "1"
    block = good.text.replace(number.encode("utf-16-le"), (number[:17] + other).encode("utf-16-le"))

    async def main() -> None:
        async with supervised() as (reader, sim):
            await until_usable(reader)
            sim.sam.present(replace(good, text=block))
            with pytest.raises(MediaRejected) as caught:
                await reader.read_card(READ_S)
            assert isinstance(caught.value.__cause__, NumberError)
            assert number[:17] not in str(caught.value)

    run_virtual(main())


async def test_a_real_port_unplugged_and_plugged_a_hundred_times_leaks_nothing(tmp_path: Path) -> None:
    """Under the supervisor, over a pty: file descriptors and threads are as many afterwards as before."""
    sim = make(f"pty:{tmp_path}/reader", self_test_s=0.0, read_s=(0.0, 0.001), paced=False)
    reader = IdCardReader("id_card", sim.link)
    rhythm = Rhythm(poll_s=0.005, doubt_s=0.001, first_backoff_s=0.001, longest_backoff_s=0.002)
    task = asyncio.create_task(Supervisor(reader, rhythm, seed=1).run())

    def held() -> tuple[int, int]:
        gc.collect()  # what tests before this one dropped in cycles may hold files too
        return len(list(Path("/proc/self/fd").iterdir())), threading.active_count()

    try:
        before = (0, 0)
        for times in range(101):
            await sim.plug()
            await until_usable(reader, 10)
            if times == 1:
                before = held()
            if times == 100:
                assert held() == before
            await sim.unplug()
            async with asyncio.timeout(5):
                while reader.status.usable:
                    await asyncio.sleep(0.001)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
