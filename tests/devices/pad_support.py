"""A pad on a desk for tests: simulated terminal, driver, journal, scissors for the wire; all under virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

from drivers.links.memory import MemoryPort
from drivers.outcome import Outcome
from drivers.payment_pad.approval import Approval
from drivers.payment_pad.driver import PaymentPad
from simulator.models.pad_terminal import Times
from simulator.models.payment_pad import PaymentPad as SimulatedPad
from simulator.ports.serve import MemoryWire
from simulator.virtual_time import run_virtual

FEN = 1210
"""12.10: holds the byte 10, which serial lines double."""


class Scissors:
    """Cuts the wire after so many bytes in one direction: the link is lost, or it just falls silent."""

    def __init__(self, port: MemoryPort) -> None:
        self._port = port
        self.left: int | None = None
        self.direction = ""
        self.silent = False
        self.passed = {"in": 0, "out": 0}
        self._dead: object = None

    def arm(self, direction: str, after: int, *, silent: bool = False) -> None:
        """Cut before byte `after` of `direction`, counted from now."""
        self.direction, self.left, self.silent = direction, after, silent

    def bend(self, direction: str, data: bytes) -> bytes:
        """What gets through."""
        if self._dead is self._port.to_host:
            return b""
        self.passed[direction] += len(data)
        if self.left is None or direction != self.direction:
            return data
        if len(data) <= self.left:
            self.left -= len(data)
            return data
        kept, self.left = data[: self.left], None
        self._dead = self._port.to_host
        if not self.silent:
            asyncio.get_running_loop().call_soon(self._port.hang_up)
        return kept


class Journal:
    """What the caller made durable. `delay_s` is its disk, `fails` its bad day."""

    def __init__(self) -> None:
        self.approvals: list[Approval] = []
        self.delay_s = 0.01
        self.fails = False

    async def write(self, approval: Approval) -> None:
        """As `before_ack`."""
        await asyncio.sleep(self.delay_s)
        if self.fails:
            raise OSError("disk full")
        self.approvals.append(approval)


class Desk:
    """Everything a test needs."""

    def __init__(self, pad: PaymentPad, simulated: SimulatedPad, scissors: Scissors) -> None:
        self.pad = pad
        self.simulated = simulated
        self.scissors = scissors
        self.journal = Journal()
        self.prompts: list[str] = []

    async def pay(self, fen: int = FEN, **more: Any) -> Outcome[Approval]:
        """One payment."""
        return await self.pad.authorise(
            fen, order="order-1", on_prompt=self.prompts.append, before_ack=self.journal.write, **more
        )

    async def until(self, key: str) -> None:
        """Wait until the pad's state has `key`."""
        for _ in range(10000):
            if self.simulated.state()[key]:
                return
            await asyncio.sleep(0.02)
        raise AssertionError(f"the pad was never {key}")

    async def person(self, verb: str, **args: Any) -> None:
        """A person waits for the pad to ask, then acts."""
        await self.until("waiting")
        self.simulated.do(verb, **args)

    async def pay_with(self, verb: str, fen: int = FEN, **args: Any) -> Outcome[Approval]:
        """One payment during which a person does `verb`."""
        acting = asyncio.create_task(self.person(verb, **args))
        outcome = await self.pay(fen)
        await acting
        return outcome

    @property
    def charges(self) -> list[tuple[int, str]]:
        """Amount and state of every payment that took money and still has it."""
        self.simulated.state()
        return [(entry.fen, entry.state) for entry in self.simulated.terminal.ledger.charges()]

    def said(self, direction: str = "in") -> list[str]:
        """What crossed the wire, in words."""
        words = [c.words for c in self.simulated.wire if c.direction == direction]
        return [part for crossing in words for part in crossing.split("; ")]


@asynccontextmanager
async def desk(transport: str = "tcp", *, times: Times | None = None, **options: Any) -> AsyncIterator[Desk]:
    """An opened pad, ready; everything is closed afterwards."""
    name = f"pad-{transport}"
    port = MemoryPort(name)
    scissors = Scissors(port)
    simulated = SimulatedPad(
        f"memory://{name}",
        transport=transport,
        times=times,
        join=lambda end, tap: MemoryWire(end, port, tap, scissors.bend),
    )
    await simulated.plug()
    pad = PaymentPad("pad", f"memory://{name}", {"transport": transport, **options})
    try:
        await pad.open()
        yield Desk(pad, simulated, scissors)
    finally:
        await pad.close()
        await simulated.unplug()


def on_desk(test: Callable[[Desk], Coroutine[Any, Any, Any]], transport: str = "tcp", **options: Any) -> Any:
    """Run `test` on a fresh desk under virtual time."""

    async def main() -> Any:
        async with desk(transport, **options) as found:
            return await test(found)

    return run_virtual(main())
