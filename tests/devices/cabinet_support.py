"""A simulated cabinet on a memory link, and a driver that listens to it, for tests under virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from drivers.cabinet.driver import Cabinet, CabinetEvent
from drivers.cabinet.frames import Framing
from drivers.links.memory import MemoryPort
from drivers.supervisor import Supervisor
from simulator.models.cabinet import CabinetSim
from simulator.ports.serve import MemoryWire
from simulator.virtual_time import run_virtual

NAME = "cabinet"


@dataclass
class Stand:
    """A board, its driver, and everything that was heard."""

    sim: CabinetSim
    cabinet: Cabinet
    heard: list[CabinetEvent] = field(default_factory=list)

    @property
    def names(self) -> list[str]:
        """What was heard, by name; and it is forgotten."""
        names = [type(event).__name__ for event in self.heard]
        self.heard.clear()
        return names

    async def act(self, verb: str, **args: Any) -> list[str]:
        """Do something to the board and give the driver half a second to hear of it."""
        self.sim.do(verb, **args)
        await asyncio.sleep(0.5)
        return self.names


def stand(framing: Framing = "tcp", board: str = "standard", **options: Any) -> Stand:
    """A board at memory://cabinet, not plugged in yet, and its driver, not opened yet."""
    sim = CabinetSim(
        f"memory://{NAME}", map=board, framing=framing, join=lambda end, tap: MemoryWire(end, MemoryPort(NAME), tap)
    )
    cabinet = Cabinet(NAME, f"memory://{NAME}?framing={framing}", {"map": board, **options})
    made = Stand(sim, cabinet)
    cabinet.watch_events(made.heard.append)
    return made


@asynccontextmanager
async def open_stand(framing: Framing = "tcp", board: str = "standard", **options: Any) -> AsyncIterator[Stand]:
    """As `stand`, plugged in and open."""
    made = stand(framing, board, **options)
    await made.sim.plug()
    await made.cabinet.open()
    try:
        yield made
    finally:
        await made.cabinet.close()
        await made.sim.unplug()


@asynccontextmanager
async def supervised(made: Stand) -> AsyncIterator[None]:
    """Keep the driver connected by a supervisor."""
    task = asyncio.create_task(Supervisor(made.cabinet, seed=1).run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def virtually(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """Run an async test without arguments under virtual time."""

    def run() -> None:
        run_virtual(test())

    run.__name__, run.__doc__ = test.__name__, test.__doc__
    return run
