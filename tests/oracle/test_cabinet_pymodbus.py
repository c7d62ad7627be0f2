"""The cabinet driver against pymodbus's own server: a board whose registers and whose server are not ours."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from pymodbus.framer import FramerType
from pymodbus.pdu.device import ModbusDeviceIdentification
from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

from drivers.cabinet.driver import Cabinet, CabinetEvent
from drivers.cabinet.state import Doors, Ups
from drivers.errors import NoAnswer, WrongDevice

pytestmark = pytest.mark.oracle
AT_REST = [False, False, False, True, True, False, False, False, True, *[False] * 7]


class Board:
    """Registers behind pymodbus's server, where the map `standard` looks for them."""

    def __init__(
        self,
        framer: FramerType,
        contacts: list[bool],
        inputs: tuple[int, ...] = (19202, 315),
        told: dict[str, str] | None = None,
    ) -> None:
        device = SimDevice(
            1,
            (
                [SimData(0, values=False, datatype=DataType.BITS)],
                [SimData(0, values=[bool(c) for c in contacts], datatype=DataType.BITS)],
                [SimData(0, values=[0] * 10, datatype=DataType.REGISTERS)],
                [SimData(0, values=list(inputs), datatype=DataType.REGISTERS)],
            ),
        )
        identity = ModbusDeviceIdentification(info_name=told) if told else None
        self.server = ModbusTcpServer(device, framer=framer, address=("127.0.0.1", 0), identity=identity)

    async def holding(self, address: int, count: int) -> list[int]:
        """What lies in the holding registers."""
        values = await self.server.context.async_getValues(1, 3, address, count)
        assert isinstance(values, list)
        return [int(value) for value in values]


@asynccontextmanager
async def serving(board: Board) -> AsyncIterator[str]:
    """The server's host and port while it runs."""
    await board.server.listen()
    assert board.server.transport is not None
    try:
        port = board.server.transport.sockets[0].getsockname()[1]  # type: ignore[attr-defined]  # asyncio.Server
        yield f"127.0.0.1:{port}"
    finally:
        await board.server.shutdown()


@pytest.mark.parametrize("framer", [FramerType.SOCKET, FramerType.RTU])
async def test_the_driver_reads_and_lights_a_foreign_board(framer: FramerType) -> None:
    contacts = list(AT_REST)
    contacts[0] = contacts[10] = True  # the door is open, the UPS engaged
    contacts[8] = False
    told = {"VendorName": "Harbour Works", "ProductCode": "IO-16", "MajorMinorRevision": "3.2"}
    board = Board(framer, contacts, inputs=(19202, 700), told=told)
    async with serving(board) as where:
        heard: list[CabinetEvent] = []
        cabinet = Cabinet("cabinet", f"tcp://{where}?unit=1" + ("&framing=rtu" if framer is FramerType.RTU else ""))
        cabinet.watch_events(heard.append)
        await cabinet.open()
        try:
            assert [type(event).__name__ for event in heard] == ["UpsEngaged", "DoorOpened", "Overheated"]
            assert cabinet.state.cabinet_doors is Doors.OPEN
            assert cabinet.state.temperature_c == 70.0
            assert (cabinet.status.model, cabinet.status.firmware) == ("Harbour Works IO-16", "3.2")
            assert cabinet.state.ups == Ups(engaged=True, powering=True)
            await cabinet.light("camera", "steady")
            await cabinet.light("payment-pad", "slow", "red")
            assert await board.holding(0, 10) == [0, 0, 1, 7, 2, 1, 0, 0, 0, 0]
            await cabinet.light("camera", "off")
            assert (await board.holding(2, 1)) == [0]
            await asyncio.sleep(0.4)
            assert (await cabinet.poll()).usable
            assert (cabinet.counters.failures, cabinet.counters.retries) == (0, 0)
        finally:
            await cabinet.close()
        assert (await board.holding(0, 10))[::2] == [0] * 5


async def test_a_foreign_boards_refusals_are_named() -> None:
    async with serving(Board(FramerType.SOCKET, AT_REST, inputs=(19202,))) as where:
        with pytest.raises(WrongDevice, match="illegal data address"):
            await Cabinet("cabinet", f"tcp://{where}?unit=1").open()
    async with serving(Board(FramerType.SOCKET, AT_REST, inputs=(1, 315))) as where:
        with pytest.raises(WrongDevice, match="calls itself 1 and not 19202"):
            await Cabinet("cabinet", f"tcp://{where}?unit=1").open()
    async with serving(Board(FramerType.SOCKET, AT_REST)) as where:
        with pytest.raises(NoAnswer, match="check the board's power"):
            await Cabinet("cabinet", f"tcp://{where}?unit=1&framing=rtu", {"answer_s": 0.05}).open()
