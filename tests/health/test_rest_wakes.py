"""What wakes a terminal at rest, counted for a minute of virtual time: nobody may begin to look around more often.

A new task that looks by itself belongs in the table, on the beat (`drivers.rhythm.beat`), and as seldom as it can.
docs/performance.md has what a wake-up costs; tests/bench/idle_figures.py measures it.
"""

from __future__ import annotations

import asyncio
from asyncio import events
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from kiosk.app import network_check_s
from kiosk.offering.capability import Network
from simulator.hall import Hall
from simulator.inline_loop import run_inline

ROOT = Path(__file__).parents[2]
OURS = tuple(f"{ROOT / room}/" for room in ("kiosk", "drivers", "screens"))
SETTLED_S = 65.0
"""The cabinet rests 30 s after the last thing that happened."""
MINUTE = {
    "driver: Cabinet._watch": 650,
    "supervisor: Supervisor.run": 800,
    "tapped: TappedLink.read": 125,
    "clock_watch: watch_clock": 61,
    "storage_watch: StorageWatch._probing": 31,
    "platform: Duties._probe": 31,
    "terminal: Terminal.run": 31,
    "forms_stock: FormsStock.watch": 25,
    "watch: Health._minding_power": 13,
    "app: watch_network": 13,
    "watch: Health._looking": 7,
    "watch: Health._sleeping": 5,
    "app: _supervise": 4,
    "outbox: Outbox.run": 4,
    "recovery: Settler.run": 4,
}
"""The most turns of a task in a minute."""
SELDOM = 2
"""The most of a task that is not in the table."""
MOMENTS = 615
"""The cabinet is asked five times a second and answers; all else happens in the same moments, but for a few."""


class Counting:
    """Turns of our tasks by their names, and the moments at which any of them ran."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.turns: Counter[str] = Counter()
        self.moments: set[float] = set()
        run = events.Handle._run  # the one place at which every turn passes

        def counted(handle: Any) -> None:
            task = getattr(handle._callback, "__self__", None)
            if isinstance(task, asyncio.Task):
                coroutine: Any = task.get_coro()
                code = getattr(coroutine, "cr_code", None)
                if code is not None and code.co_filename.startswith(OURS):
                    self.turns[f"{Path(code.co_filename).stem}: {coroutine.__qualname__}"] += 1
                    self.moments.add(round(asyncio.get_running_loop().time(), 3))
            run(handle)

        monkeypatch.setattr(events.Handle, "_run", counted)


def test_a_minute_of_rest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found: list[Counting] = []

    async def story() -> None:
        hall = Hall(tmp_path, poll_s=1.0)
        await hall.open()
        try:
            await asyncio.sleep(SETTLED_S)
            with monkeypatch.context() as patch:
                found.append(Counting(patch))
                await asyncio.sleep(60.0)
            assert hall.errors == []
        finally:
            await hall.close()

    run_inline(story())
    counting = found[0]
    too_often = {name: n for name, n in counting.turns.items() if n > MINUTE.get(name, SELDOM)}
    assert too_often == {}, "turns in a minute; see the table above"
    assert set(MINUTE) <= set(counting.turns) | {"outbox: Outbox.run", "recovery: Settler.run"}, "the table lies"
    assert len(counting.moments) <= MOMENTS, "something looks around beside the beat (drivers.rhythm.beat)"


def test_a_platform_that_is_away_for_long_is_asked_less_often() -> None:
    asked = [network_check_s(Network(online, misses)) for online, misses in ((True, 0), (True, 1), (False, 29))]
    assert asked == [10.0, 2.0, 2.0]
    assert [network_check_s(Network(False, misses)) for misses in (30, 10_000)] == [5.0, 5.0]
