"""An asyncio loop whose clock jumps: when nothing is ready, time moves to the next timer.

Start with `asyncio.Runner(loop_factory=VirtualLoop)`. Work in executors is waited for in real time while the clock
stands still. Sockets to other processes, subprocesses and raw threads cannot live under virtual time.
It touches private parts of asyncio (`_scheduled`, `_clock_resolution`): the Python minor version is pinned.
"""

from __future__ import annotations

import asyncio
import selectors
import time
from collections.abc import Callable
from concurrent.futures import Executor
from typing import Any

IDLE_GUARD_S = 5.0


class NothingLeft(RuntimeError):
    """No timer, no work in flight, nothing readable: the program under test waits for something that never comes."""


class _JumpingSelector(selectors.DefaultSelector):
    loop: VirtualLoop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if ready or timeout == 0:
            return ready
        loop = self.loop
        if loop.in_flight:
            return super().select(None if timeout is None else 0.05)
        if timeout is None:
            ready = super().select(IDLE_GUARD_S)
            if not ready:
                raise NothingLeft("virtual time: nothing is ready, nothing is scheduled, nothing is in flight")
            return ready
        loop.jump()
        return []


class VirtualLoop(asyncio.SelectorEventLoop):
    """A selector loop that starts at time 0 and never waits for a timer."""

    def __init__(self) -> None:
        selector = _JumpingSelector()
        selector.loop = self
        self._now = 0.0
        self.in_flight = 0
        super().__init__(selector)
        self._clock_resolution = 1e-6

    def time(self) -> float:
        """Virtual seconds since the loop was made."""
        return self._now

    def jump(self) -> None:
        """Move to the next timer."""
        scheduled: list[Any] = self._scheduled  # type: ignore[attr-defined]  # asyncio's heap of timers
        if scheduled:
            self._now = max(self._now, scheduled[0]._when)
        else:
            time.sleep(0.001)

    def run_in_executor(self, executor: Executor | None, func: Callable[..., Any], *args: Any) -> asyncio.Future[Any]:  # type: ignore[override]  # typeshed's TypeVarTuple form
        """As asyncio's, but the clock stands still until `func` is done."""
        self.in_flight += 1
        future = super().run_in_executor(executor, func, *args)
        future.add_done_callback(self._landed)
        return future

    def _landed(self, _: asyncio.Future[Any]) -> None:
        self.in_flight -= 1


def run_virtual(main: Any) -> Any:
    """Run coroutine `main` to its end under virtual time."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(main)
