"""The simulated board judged by mbpoll (libmodbus), a client that is not ours, over TCP and over RTU on a pty."""

from __future__ import annotations

import asyncio
import re
import shutil
from pathlib import Path

import pytest

from drivers.cabinet.frames import Lit
from simulator.models.cabinet import CabinetSim, make

pytestmark = [
    pytest.mark.oracle,
    pytest.mark.skipif(
        shutil.which("mbpoll") is None, reason="mbpoll is not installed (config/deploy/system-packages.txt)"
    ),
]
VALUE = re.compile(r"^\[(\d+)\]:\s+(-?\w+)", re.MULTILINE)


class Client:
    """mbpoll at one board."""

    def __init__(self, sim: CabinetSim) -> None:
        if sim.address.startswith("tcp://"):
            host, port = sim.address.removeprefix("tcp://").split(":")
            self.where, self.how = host, ["-m", "tcp", "-p", port]
        else:
            self.where = sim.address.removeprefix("pty:")
            self.how = ["-m", "rtu", "-b", "9600", "-P", "none"]

    async def run(self, *args: str, unit: int = 1, values: tuple[int, ...] = ()) -> tuple[int, str]:
        """Exit status and everything it said."""
        command = ["mbpoll", *self.how, "-a", str(unit), "-0", "-1", "-o", "1", *args, self.where]
        process = await asyncio.create_subprocess_exec(
            *command,
            *map(str, values),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        said, _ = await asyncio.wait_for(process.communicate(), 15)
        assert process.returncode is not None
        return process.returncode, said.decode(errors="replace")

    async def read(self, table: str, start: int, count: int) -> list[int]:
        """`count` values of `table` (0 coils, 1 discrete, 3 input, 4 holding)."""
        status, said = await self.run("-t", table, "-r", str(start), "-c", str(count))
        assert status == 0, said
        found = {int(address): int(value, 0) for address, value in VALUE.findall(said)}
        assert sorted(found) == list(range(start, start + count)), said
        return [found[address] for address in sorted(found)]

    async def write(self, table: str, start: int, *values: int) -> None:
        """Set values."""
        status, said = await self.run("-t", table, "-r", str(start), values=values)
        assert status == 0, said
        assert f"Written {len(values)} reference" in said


@pytest.fixture(params=["tcp", "rtu"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where the board listens."""
    return "tcp://127.0.0.1:0" if request.param == "tcp" else f"pty:{tmp_path}/cabinet"


async def test_a_foreign_client_reads_every_sensor(address: str) -> None:
    sim = make(address)
    await sim.plug()
    client = Client(sim)
    try:
        assert await client.read("1", 0, 12) == [0, 0, 0, 1, 1, 0, 0, 0, 1, 0, 0, 0]
        sim.do("open_door")
        sim.do("tilt")
        sim.do("presence")
        sim.do("key", hold=True)
        sim.do("fan", on=False)
        sim.do("ups_engage")
        sim.do("ups_low")
        assert await client.read("1", 0, 12) == [1, 1, 1, 0, 0, 0, 0, 0, 0, 1, 1, 0]
        sim.do("ups_recover")
        assert await client.read("1", 8, 4) == [1, 0, 0, 1]
        sim.do("temperature", c=61.5)
        assert await client.read("3", 0, 2) == [19202, 615]
        sim.do("temperature", c=-5)
        status, said = await client.run("-t", "3", "-r", "1", "-c", "1")
        assert status == 0
        assert "65486 (-50)" in said
    finally:
        await sim.unplug()


async def test_a_foreign_client_lights_the_lights(address: str) -> None:
    sim = make(address)
    await sim.plug()
    client = Client(sim)
    try:
        await client.write("4", 4, 3)
        await client.write("4", 0, 1, 1, 2, 7)
        assert await client.read("4", 0, 10) == [1, 1, 2, 7, 3, 0, 0, 0, 0, 0]
        lights = sim.board.lights()
        assert lights["id-card-reader"] == Lit("steady", "red")
        assert lights["camera"] == Lit("slow", "white")
        assert lights["payment-pad"].pattern == "quick"
    finally:
        await sim.unplug()


async def test_a_foreign_client_switches_the_lamps_of_a_relay_module(address: str) -> None:
    sim = make(address, map="relays")
    await sim.plug()
    client = Client(sim)
    try:
        await client.write("0", 1, 1)
        await client.write("0", 2, 1, 1, 0)
        assert await client.read("0", 0, 6) == [0, 1, 1, 1, 0, 0]
        assert [slot for slot, lit in sim.board.lights().items() if lit.pattern != "off"] == [
            "camera",
            "payment-pad",
            "receipt-printer",
        ]
    finally:
        await sim.unplug()


@pytest.mark.parametrize(
    ("args", "values", "words"),
    [
        (("-t", "1", "-r", "0", "-c", "13"), (), "Illegal data address"),
        (("-t", "0", "-r", "0", "-c", "1"), (), "Illegal data address"),
        (("-t", "4", "-r", "0"), (9,), "Illegal data value"),
    ],
)
async def test_a_foreign_client_is_refused_in_modbuss_own_words(
    address: str, args: tuple[str, ...], values: tuple[int, ...], words: str
) -> None:
    sim = make(address)
    await sim.plug()
    try:
        status, said = await Client(sim).run(*args, values=values)
        assert status != 0 or "failed" in said
        assert words in said
    finally:
        await sim.unplug()


@pytest.mark.parametrize(
    ("verb", "words"),
    [("silent", "timed out"), ("garbled", ""), ("exception", "Slave device or server failure"), ("wrong_unit", "")],
)
async def test_a_foreign_client_notices_each_fault_and_recovers(address: str, verb: str, words: str) -> None:
    if verb == "wrong_unit" and address.startswith("tcp://"):
        pytest.skip("libmodbus does not look at the unit of a TCP answer")
    sim = make(address)
    await sim.plug()
    client = Client(sim)
    try:
        sim.do(verb, times="always")
        status, said = await client.run("-t", "1", "-r", "0", "-c", "1")
        assert not VALUE.findall(said), said
        assert "failed" in said
        assert words in said
        assert status != 0
        sim.do("clear_faults")
        assert await client.read("1", 0, 1) == [0]
    finally:
        await sim.unplug()


async def test_a_board_does_not_answer_for_another_unit(address: str) -> None:
    sim = make(address, unit=3)
    await sim.plug()
    try:
        status, said = await Client(sim).run("-t", "1", "-r", "0", "-c", "1", unit=4)
        assert status != 0
        assert "timed out" in said
        status, said = await Client(sim).run("-t", "1", "-r", "0", "-c", "1", unit=3)
        assert VALUE.findall(said) == [("0", "0")]
    finally:
        await sim.unplug()
