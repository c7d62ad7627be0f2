"""The cabinet over real ports: how soon events are heard, a pty at the line's own speed, plugs pulled and put back."""

from __future__ import annotations

import asyncio
import gc
import threading
from pathlib import Path

import pytest

from drivers.cabinet.driver import Cabinet, CabinetEvent
from drivers.cabinet.frames import Lit
from drivers.device import DeviceState
from drivers.errors import LinkLost, LinkRefused, PortMissing
from drivers.supervisor import Rhythm, Supervisor
from simulator.models.cabinet import CabinetSim, make

SOON_S = 0.5
ROUNDS = 20


async def latency(sim: CabinetSim, heard: asyncio.Queue[CabinetEvent], verb: str, **args: object) -> tuple[str, float]:
    """Which event `verb` caused, and seconds from the act to the listener."""
    loop = asyncio.get_running_loop()
    started = loop.time()
    sim.do(verb, **args)
    event = await asyncio.wait_for(heard.get(), 5)
    return type(event).__name__, loop.time() - started


@pytest.mark.parametrize("where", ["tcp", "pty"])
async def test_events_are_heard_within_half_a_second(where: str, tmp_path: Path) -> None:
    sim = make("tcp://127.0.0.1:0" if where == "tcp" else f"pty:{tmp_path}/cabinet")
    await sim.plug()
    cabinet = Cabinet("cabinet", sim.link)
    heard: asyncio.Queue[CabinetEvent] = asyncio.Queue()
    cabinet.watch_events(heard.put_nowait)
    await cabinet.open()
    try:
        for verb, args, name in [
            ("open_door", {}, "DoorOpened"),
            ("key", {"hold": True}, "KeyPressed"),
            ("presence", {"on": True}, "PersonCame"),
            ("ups_engage", {}, "UpsEngaged"),
            ("ups_low", {}, "UpsLow"),
            ("ups_recover", {}, "UpsRecovered"),
            ("close_door", {}, "DoorClosed"),
        ]:
            await asyncio.sleep(0.03)
            found, seconds = await latency(sim, heard, verb, **args)
            assert found == name
            assert seconds < SOON_S
        await cabinet.light("payment-pad", "slow", "red")
        assert sim.board.lights()["payment-pad"] == Lit("slow", "red")
        assert (cabinet.counters.failures, cabinet.counters.retries) == (0, 0)
    finally:
        await cabinet.close()
        await sim.unplug()


async def test_rtu_behind_a_serial_to_tcp_converter() -> None:
    sim = make("tcp://127.0.0.1:0", framing="rtu", unit=31)
    await sim.plug()
    assert sim.link.endswith("?unit=31&framing=rtu")
    cabinet = Cabinet("cabinet", sim.link)
    try:
        await cabinet.open()
        await cabinet.light("camera", "steady")
        assert sim.board.lights()["camera"] == Lit("steady", "white")
    finally:
        await cabinet.close()
        await sim.unplug()


@pytest.mark.parametrize("where", ["tcp", "pty"])
async def test_unplugged_and_plugged_twenty_times_without_a_leak(where: str, tmp_path: Path) -> None:
    sim = make("tcp://127.0.0.1:0" if where == "tcp" else f"pty:{tmp_path}/cabinet", baud=115200)
    await sim.plug()
    cabinet = Cabinet("cabinet", sim.link, {"poll_s": 0.05})
    rhythm = Rhythm(poll_s=0.02, doubt_s=0.02, first_backoff_s=0.02, longest_backoff_s=0.05)
    changed = asyncio.Event()
    cabinet.watch(lambda device, status: changed.set())
    supervising = asyncio.create_task(Supervisor(cabinet, rhythm, seed=1).run())

    async def until(usable: bool) -> None:
        async with asyncio.timeout(5):
            while cabinet.status.usable is not usable:
                changed.clear()
                await changed.wait()

    def held() -> tuple[int, int, int]:
        gc.collect()  # what tests before this one dropped in cycles may hold files too
        return len(list(Path("/proc/self/fd").iterdir())), threading.active_count(), len(asyncio.all_tasks())

    try:
        await until(True)
        await cabinet.light("id-card-reader", "slow")
        before = held()
        for _ in range(ROUNDS):
            await sim.unplug()
            await until(False)
            assert cabinet.status.device in (DeviceState.OFFLINE, DeviceState.NO_DEVICE)
            await sim.plug()
            await until(True)
            assert sim.board.lights()["id-card-reader"] == Lit("slow", "green")
        assert held() == before
    finally:
        supervising.cancel()
        await asyncio.gather(supervising, return_exceptions=True)
        await sim.unplug()


async def test_a_port_that_is_not_there_has_a_name(tmp_path: Path) -> None:
    gone = Cabinet("cabinet", f"serial://{tmp_path}/nothing?unit=1")
    with pytest.raises(PortMissing):
        await gone.open()
    nobody = Cabinet("cabinet", "tcp://127.0.0.1:1?unit=1")
    with pytest.raises(LinkRefused):
        await nobody.open()
    with pytest.raises(LinkLost):
        await nobody.light("camera", "steady")
