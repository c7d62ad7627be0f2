"""Starts the terminal and counts what wakes its loop: a table of tasks as JSON in a file at each SIGUSR1.

python tests/bench/idle_counted.py TABLE.json run --profile simulated ...     (what follows is the terminal's own)

Counting itself costs about a microsecond a turn; CPU time of the whole is taken without it (`idle_figures.py`).
"""

from __future__ import annotations

import asyncio
import gc
import json
import signal
import sys
import threading
import time
from asyncio import events
from collections import defaultdict
from pathlib import Path
from typing import Any

_turns: dict[str, list[float]] = defaultdict(lambda: [0, 0.0])
_run = events.Handle._run  # asyncio offers no other place at which every turn passes


def who(callback: Any) -> str:
    """The task's coroutine, or the function that the loop calls."""
    owner = getattr(callback, "__self__", None)
    if isinstance(owner, asyncio.Task):
        coroutine: Any = owner.get_coro()
        code = getattr(coroutine, "cr_code", None)
        name = getattr(coroutine, "__qualname__", "?")
        frame = getattr(coroutine, "cr_frame", None)
        device = getattr(getattr(frame.f_locals.get("self"), "device", None), "name", "") if frame else ""
        file = Path(code.co_filename).stem if code else ""
        return f"{file}: {name} {device}".strip()
    inner = getattr(callback, "func", callback)
    return f"callback {getattr(inner, '__qualname__', type(inner).__name__)}"


def counted(self: Any) -> None:
    """One turn of a task or a callback, counted under its name."""
    name = who(self._callback)
    began = time.thread_time()
    _run(self)
    row = _turns[name]
    row[0] += 1
    row[1] += time.thread_time() - began


def collecting(phase: str, info: dict[str, int]) -> None:
    """A run of the garbage collector, counted as a task of its own; part of the turn that it fell into."""
    row = _turns[f"collector: generation {info['generation']}"]
    row[0] += phase == "stop"
    row[1] += time.thread_time() if phase == "stop" else -time.thread_time()


def main() -> None:
    """Patch the loop, then run `kiosk` with the arguments after the first."""
    from kiosk import launch

    table = Path(sys.argv[1])
    began = time.monotonic()

    def tell(*_: object) -> None:
        nonlocal began
        lasted, began = time.monotonic() - began, time.monotonic()
        turns = {name: tuple(row) for name, row in list(_turns.items())}
        _turns.clear()
        threads = {each.native_id: each.name for each in threading.enumerate()}
        table.write_text(json.dumps({"seconds": lasted, "turns": turns, "threads": threads}), encoding="utf-8")

    events.Handle._run = counted  # type: ignore[method-assign]  # as above
    gc.callbacks.append(collecting)
    signal.signal(signal.SIGUSR1, tell)
    sys.argv = ["kiosk", *sys.argv[2:]]
    launch.main()


if __name__ == "__main__":
    main()
