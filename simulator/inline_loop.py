"""A virtual loop without threads: blocking work is done where it is asked for, and its result lands a moment later.

The same program with the same seed then runs the same way every time. The moment is what a synced commit takes, so that
a citizen can leave, a line can break and the power can go between the work and the answer to it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import Executor
from typing import Any, TypeVar

from simulator.virtual_time import VirtualLoop

LANDS_S = 0.004
T = TypeVar("T")


class InlineLoop(VirtualLoop):
    """As `VirtualLoop`; nothing may be run in an executor that waits for this loop."""

    def run_in_executor(self, executor: Executor | None, func: Callable[..., Any], *args: Any) -> asyncio.Future[Any]:  # type: ignore[override]  # typeshed's TypeVarTuple form
        """Run `func` now; the future is done `LANDS_S` later."""
        future: asyncio.Future[Any] = self.create_future()
        # The work may run a loop of its own, as the platform in the process does.
        asyncio.events._set_running_loop(None)
        try:
            value, error = func(*args), None
        except BaseException as raised:  # noqa: BLE001 - handed to who waits, as a thread would; Ctrl-C goes on below
            value, error = None, raised
        finally:
            asyncio.events._set_running_loop(self)
        if isinstance(error, KeyboardInterrupt | SystemExit):
            raise error
        self.call_later(LANDS_S, _land, future, value, error)
        return future


def _land(future: asyncio.Future[Any], value: Any, error: BaseException | None) -> None:
    if future.cancelled():
        return
    if error is None:
        future.set_result(value)
        return
    future.set_exception(error)
    future.exception()  # who waited may be gone


def run_inline(main: Coroutine[Any, Any, T]) -> T:
    """Run coroutine `main` to its end."""
    with asyncio.Runner(loop_factory=InlineLoop) as runner:
        return runner.run(main)
