"""The speed of a simulated serial line: exact under virtual time, and changed on a real pty by command 60."""

from __future__ import annotations

import asyncio
from itertools import pairwise
from pathlib import Path

from drivers.id_card.frames import Command, Reply, encode_reply
from drivers.links.serial import SerialLink
from simulator.models.id_card_reader import make
from simulator.ports.pacing import PacedLine
from simulator.virtual_time import run_virtual


def test_bytes_arrive_when_the_line_could_have_carried_them() -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()
        arrived: list[tuple[float, bytes, int]] = []
        line = PacedLine(lambda data, baud: arrived.append((loop.time(), data, baud)))
        line.write(b"now", 0)
        assert arrived == [(0.0, b"now", 0)]
        arrived.clear()
        line.write(bytes(1295), 115200)
        line.write(b"slow", 9600)
        assert arrived == []
        await asyncio.sleep(1)
        fast = [(at, data) for at, data, baud in arrived if baud == 115200]
        assert sum(len(data) for _, data in fast) == 1295
        assert abs(fast[-1][0] - 0.112413) < 1e-5
        assert max(later - earlier for (earlier, _), (later, _) in pairwise(fast)) < 0.0045
        assert abs(arrived[-1][0] - 0.112413 - 4 * 10 / 9600) < 1e-5
        arrived.clear()
        line.write(bytes(100), 9600)
        line.close()
        await asyncio.sleep(1)
        assert arrived == []

    run_virtual(main())


async def test_command_60_changes_the_speed_after_its_answer(tmp_path: Path) -> None:
    sim = make(f"pty:{tmp_path}/reader", self_test_s=0.0)
    await sim.plug()
    link = SerialLink(sim.link)

    async def ask(command: Command, wanted: int) -> bytes:
        answer = b""
        await link.write(command.frame())
        async with asyncio.timeout(2):
            while len(answer) < wanted:
                answer += await link.read()
        return answer

    try:
        await link.open()
        assert await ask(Command.SPEED_57600, 11) == encode_reply(Reply(0x90))
        await asyncio.sleep(0.05)
        await link.write(Command.STATUS.frame())
        await asyncio.sleep(0.1)
        assert link.drain_input() == b""  # at the old speed the SAM heard noise
        link.set_baud(57600)
        assert await ask(Command.STATUS, 11) == encode_reply(Reply(0x90))
        assert sim.state()["baud"] == 57600
        await sim.unplug()
        await sim.plug()
        assert sim.state()["baud"] == 57600
    finally:
        await link.close()
        await sim.unplug()
