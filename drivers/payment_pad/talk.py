"""Joins the ECR end to a link: writes what it says, feeds it what comes, wakes it in time. One exchange at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from drivers.device import Counters
from drivers.errors import DeviceError, LinkLost, NoAnswer, ProtocolError
from drivers.link import Link
from drivers.payment_pad.events import END, Completed, Event, Failed, Printed, StatusCame
from drivers.payment_pad.frames import Command, LineFailed, NumberedLine, SerialLine, StatusInformation, TcpLine
from drivers.payment_pad.host import Approvals, Dialect, Ecr, Timers

WRITE_S = 5.0
"""A write that takes longer is a dead wire: serial adapters can block for ever."""
MAX_LINES = 400
"""Printed lines kept of one exchange."""
UNSETTLED_S = 16.0
"""Longer than a frame is repeated: a command waits so long for the acknowledgement of what was said before it."""
SETTLE_S = 1.0
"""How long the ACK byte of our last answer is waited for."""


@dataclass(frozen=True, slots=True)
class Said:
    """All that the pad said in one exchange; `end` is an event of `END`."""

    end: Event
    statuses: tuple[StatusInformation, ...] = ()
    lines: tuple[str, ...] = field(default=(), repr=False)

    @property
    def completed(self) -> bool:
        """True when it ended with 06 0F, or with 80 where that is all."""
        return isinstance(self.end, Completed)


class Talk:
    """One pad's wire. `known` outlives connections: a payment recorded by us may be repeated after a reconnect."""

    def __init__(
        self, link: Link, transport: str, timers: Timers, counters: Counters, dialect: Dialect | None = None
    ) -> None:
        self.link = link
        self.transport = transport
        self.timers = timers
        self.dialect = dialect or Dialect()
        self.known: set[tuple[str, str, str]] = set()
        self._counters = counters
        self._reading: asyncio.Task[bytes] | None = None
        self._sound = True
        self._repeats = 0
        self.ecr = self._fresh()

    def _fresh(self) -> Ecr:
        line: SerialLine | TcpLine | NumberedLine = SerialLine() if self.transport == "serial" else TcpLine()
        if self.dialect.message_ids:
            line = NumberedLine(line)
        ecr = Ecr(line, self.timers, self.dialect)
        ecr.known = self.known
        self._repeats = 0
        return ecr

    async def connect(self) -> None:
        """Open the link and begin anew. Raises a `LinkError` leaf."""
        await self.link.open()
        self._sound, self.ecr = True, self._fresh()

    async def drop(self) -> None:
        """Close the link; what the pad still holds it decides by itself."""
        await self._stop_reading()
        await self.link.close()
        self.ecr = self._fresh()

    async def exchange(self, command: Command, deadline_s: float, approvals: Approvals = Approvals.STRAY) -> Said:
        """Say `command` and listen to the end. Raises `LinkLost`, `NoAnswer`, `ProtocolError`, the link then dropped.

        `Rejected` and `Aborted` are answers, not errors.
        """
        until = asyncio.get_running_loop().time() + deadline_s
        statuses: list[StatusInformation] = []
        lines: list[str] = []
        try:
            await self.start(command, approvals)
            while True:
                for event in await self.step(until):
                    if isinstance(event, StatusCame):
                        statuses.append(event.info)
                    elif isinstance(event, Printed):
                        lines.extend(event.lines[: MAX_LINES - len(lines)])
                    elif isinstance(event, Failed):
                        raise NoAnswer(f"{self.link.url}: the pad fell silent ({event.cause})")
                    elif isinstance(event, END):
                        return Said(event, tuple(statuses), tuple(lines))
                if asyncio.get_running_loop().time() >= until:
                    raise NoAnswer(f"{self.link.url}: the pad did not end within {deadline_s:g} s")
        finally:
            await self.rest()

    async def start(self, command: Command, approvals: Approvals) -> None:
        """Say `command`. Raises `LinkLost`, `ProtocolError`."""
        loop = asyncio.get_running_loop()
        late = self.link.drain_input()
        try:
            if late:
                self.ecr.receive(loop.time(), late)
            until = loop.time() + UNSETTLED_S
            while not self.ecr.line.settled and loop.time() < until:
                # Our last answer was not acknowledged yet: behind it the command would wait while its T3 runs.
                await self.step(until)
            self.ecr.start(loop.time(), command, approvals)
        except LineFailed as error:
            self._sound = False
            raise ProtocolError(f"{self.link.url}: {error}") from error
        await self.flush()

    async def step(self, until: float, waits: Iterable[asyncio.Task[Any]] = ()) -> list[Event]:
        """Listen until bytes came, a timer was due, one of `waits` is done, or `until`. Answers are written.

        Raises `LinkLost`, `ProtocolError`.
        """
        loop = asyncio.get_running_loop()
        if self._reading is None:
            self._reading = loop.create_task(self.link.read())
        due = self.ecr.wake_at
        delay = max(0.0, min(until, until if due is None else due) - loop.time())
        await asyncio.wait({self._reading, *waits}, timeout=delay, return_when=asyncio.FIRST_COMPLETED)
        events: list[Event] = []
        try:
            if self._reading.done():
                reading, self._reading = self._reading, None
                data = reading.result()
                events += self.ecr.receive(loop.time(), data)
            due = self.ecr.wake_at
            if due is not None and due <= loop.time():
                events += self.ecr.wake(loop.time())
        except DeviceError:
            self._sound = False
            raise
        except LineFailed as error:
            self._sound = False
            raise ProtocolError(f"{self.link.url}: {error}") from error
        if any(isinstance(event, Failed) for event in events):
            self._sound = False
        try:
            await self.flush()
        except LinkLost:
            # What the pad said last counts, though it no longer hears our answer; the next step meets the loss.
            if not events:
                raise
        return events

    async def flush(self) -> None:
        """Write what is owed. Raises `LinkLost`."""
        data = self.ecr.out()
        if not data:
            return
        try:
            async with asyncio.timeout(WRITE_S):
                await self.link.write(data)
        except LinkLost:
            self._sound = False
            raise
        except TimeoutError:
            self._sound = False
            raise LinkLost(f"{self.link.url}: the pad takes no bytes") from None

    async def rest(self) -> None:
        """After an exchange: stop reading. One that broke off leaves the wire in doubt, so the link is dropped."""
        repeats: int = getattr(self.ecr.line, "repeats", 0)
        self._counters.retries += repeats - self._repeats
        self._repeats = repeats
        loop = asyncio.get_running_loop()
        until = loop.time() + SETTLE_S
        with suppress(DeviceError):
            while self._sound and self.ecr.idle and not self.ecr.line.settled and loop.time() < until:
                await self.step(until)
        await self._stop_reading()
        if not (self._sound and self.ecr.idle and self.link.is_open):
            await self.drop()

    async def _stop_reading(self) -> None:
        reading, self._reading = self._reading, None
        if reading is None:
            return
        reading.cancel()
        await asyncio.wait({reading})
        if not reading.cancelled() and reading.exception() is None:
            # Bytes that came with the end of the exchange: answered by the next flush.
            with suppress(LineFailed):
                self.ecr.receive(asyncio.get_running_loop().time(), reading.result())
