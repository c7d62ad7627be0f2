"""All terminals of the city in one loop: they come up, beat once a minute each, lose the network, come back.

`speed` runs their minutes faster (60: an hour in a minute); it is in every report, so that no figure hides it.
"""

from __future__ import annotations

import asyncio
import random
import resource
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from config.fleet_contract import DATA_EVERY_S
from simulator.fleet.city import PLACES, places
from simulator.fleet.connection import Broker, Connection, Counters
from simulator.fleet.terminal import Terminal

TICK_S: Final = 0.05
FIRST_S: Final = 15.0
"""When nobody at all is connected by then, the address is wrong."""
AT_ONCE: Final = 200
"""TCP connections that are being made at the same time: a listen queue holds so many, a city's routers no fewer."""


@dataclass(frozen=True, slots=True)
class FleetOptions:
    """`speed`: minutes of theirs in one of ours. `will_delay_s`: how long the broker waits with a last will."""

    broker: Broker
    terminals: int = PLACES
    seed: int = 1
    speed: float = 1.0
    keep_alive_s: int = 90
    will_delay_s: int = 5
    at_once: int = AT_ONCE


async def until(true: Callable[[], bool], within_s: float) -> None:
    """Look 20 times a second: what is asked is about thousands of connections at once. Raises `TimeoutError`."""
    end = time.monotonic() + within_s
    while not true():  # no one of them could set an event for all
        if time.monotonic() > end:
            raise TimeoutError
        await asyncio.sleep(TICK_S)


class Fleet:
    """Raises `ValueError` for options out of bounds."""

    def __init__(self, options: FleetOptions, now: datetime) -> None:
        if not 0.1 <= options.speed <= 600:
            raise ValueError(f"speed: {options.speed}; expected 0.1 to 600")
        self._options = options
        self._start, self._began = now, time.monotonic()
        self._random = random.Random(options.seed)
        self.counters = Counters()
        gate = asyncio.Semaphore(options.at_once)
        self.terminals: list[Terminal] = []
        self._due: list[float] = []
        for index, place in enumerate(places(options.terminals, options.seed)):
            terminal = Terminal(place, options.seed * 1_000_003 + index, now)
            terminal.connection = Connection(
                options.broker, terminal, self.counters, options.seed * 7919 + index,
                keep_alive_s=options.keep_alive_s, will_delay_s=options.will_delay_s, gate=gate,
            )  # fmt: skip
            self.terminals.append(terminal)
        self._late_s = 0.0

    @property
    def connections(self) -> list[Connection]:
        """One a terminal."""
        return [t.connection for t in self.terminals if t.connection is not None]

    @property
    def up(self) -> int:
        """How many are connected."""
        return sum(each.up for each in self.connections)

    @property
    def backlog(self) -> int:
        """Events and states that the broker does not have."""
        return sum(each.backlog for each in self.terminals)

    def now(self) -> datetime:
        """The fleet's own time: from the start on, `speed` times as fast."""
        return self._start + timedelta(seconds=(time.monotonic() - self._began) * self._options.speed)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Fleet]:
        """Connections and heartbeats run inside; all end in order at the end."""
        self._began = time.monotonic()
        every = DATA_EVERY_S / self._options.speed
        self._due = [self._began + self._random.uniform(0.2, 1.2) * every for _ in self.terminals]
        tasks = [asyncio.create_task(each.run()) for each in self.connections]
        beats = asyncio.create_task(self._beats(every))
        try:
            yield self
        finally:
            beats.cancel()
            for each in self.connections:
                await each.stop()
            _, slow = await asyncio.wait(tasks, timeout=5)
            for task in slow:
                task.cancel()
            await asyncio.gather(beats, *tasks, return_exceptions=True)

    async def _beats(self, every: float) -> None:
        order = sorted(range(len(self.terminals)), key=self._due.__getitem__)
        while True:
            for index in order:
                wait = self._due[index] - time.monotonic()
                if wait > TICK_S:
                    await asyncio.sleep(wait)
                elif wait < -TICK_S:
                    self._late_s = max(self._late_s, -wait)
                    await asyncio.sleep(0)
                self._due[index] += every
                self.terminals[index].beat(self.now(), DATA_EVERY_S / 60)

    async def all_up(self, within_s: float) -> float:
        """Seconds until every terminal that has a network is connected. Raises `TimeoutError`."""
        began = time.monotonic()
        try:
            await until(lambda: self.up > 0, min(FIRST_S, within_s))
            await until(lambda: all(each.up for each in self.connections if each.allowed.is_set()), within_s)
        except TimeoutError:
            reasons = ", ".join(f"{why} {count}" for why, count in self.counters.reasons.items()) or "nothing said"
            raise TimeoutError(
                f"{self.up} of {len(self.terminals)} are connected after {time.monotonic() - began:.0f} s ({reasons}); "
                "is the address right, has the broker's process enough open files (LimitNOFILE)?"
            ) from None
        return time.monotonic() - began

    async def drained(self, within_s: float) -> float:
        """Seconds until the broker has all that was said when it was asked. Raises `TimeoutError`."""
        began = time.monotonic()
        wanted = {id(t): t.books.last_n for t in self.terminals}
        await until(
            lambda: all(t.books.acknowledged + t.books.dropped >= wanted[id(t)] for t in self.terminals), within_s
        )
        return time.monotonic() - began

    async def birth_storm(self, within_s: float = 120) -> float:
        """All lose the connection at once and come back; seconds until all are up."""
        for each in self.connections:
            each.cut()
        await asyncio.sleep(0.1)
        for each in self.connections:
            each.restore()
        return await self.all_up(within_s)

    async def outage(self, share: float, minutes: float) -> Sequence[Terminal]:
        """`share` of the terminals have no network for `minutes` of their time; which ones, afterwards."""
        if not 0 < share <= 1:
            raise ValueError(f"outage: a share of {share}; expected more than 0, at most 1")
        chosen = self._random.sample(self.terminals, max(1, round(len(self.terminals) * share)))
        for each in chosen:
            if each.connection is not None:
                each.connection.cut()
        await asyncio.sleep(minutes * 60 / self._options.speed)
        for each in chosen:
            if each.connection is not None:
                each.connection.restore()
        return chosen

    def report(self) -> dict[str, Any]:
        """Counters of the connections, events by class, this process's own cost."""
        minted: dict[str, int] = {}
        for each in self.terminals:
            for kind, count in each.books.minted.items():
                minted[kind] = minted.get(kind, 0) + count
        used = resource.getrusage(resource.RUSAGE_SELF)
        return {
            "terminals": len(self.terminals), "up": self.up, "speed": self._options.speed,
            "seed": self._options.seed, "ran_s": round(time.monotonic() - self._began, 1),
            "events": minted, "dropped": sum(t.books.dropped for t in self.terminals),
            "acknowledged": sum(t.books.acknowledged for t in self.terminals), "backlog": self.backlog,
            "acknowledgements": sum(t.acknowledgements for t in self.terminals),
            "repeated": sum(t.books.repeated for t in self.terminals),
            "rebirths": sum(t.rebirths for t in self.terminals), "latest_beat_s": round(self._late_s, 3),
            "connections": asdict(self.counters),
            "cpu_s": round(used.ru_utime + used.ru_stime, 2), "peak_mib": round(used.ru_maxrss / 1024, 1),
        }  # fmt: skip

    def books(self) -> dict[str, dict[str, Any]]:
        """Terminal -> what it has said: chain, last_n, events of money and their digest, dropped."""
        return {
            t.topics.terminal: {
                "chain": t.books.chain, "last_n": t.books.last_n, "money": t.books.minted.get("money", 0),
                "digest": t.books.digest, "dropped": t.books.dropped,
            }
            for t in self.terminals
        }  # fmt: skip
