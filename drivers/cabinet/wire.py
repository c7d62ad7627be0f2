"""The line to the board: one request at a time, each to its end."""

from __future__ import annotations

import asyncio

from drivers.cabinet.address import parse_address
from drivers.cabinet.frames import Read, Request, Span, Values
from drivers.cabinet.host import Answered, Event, Failed, ModbusHost, Send
from drivers.cabinet.options import Options, error_of
from drivers.device import Device
from drivers.errors import DeviceError, LinkLost
from drivers.link import Link


class BoardWire:
    """What `device` asks its board at `link_url`. `link` is set while it is open; its counters tell the work."""

    def __init__(self, device: Device, link_url: str, options: Options) -> None:
        self.link: Link | None = None
        self._device = device
        self._link_url = link_url
        self._address = parse_address(link_url)
        self._host = ModbusHost(self._address, options.answer_s, options.tries)
        self._line = asyncio.Lock()

    async def read(self, span: Span) -> tuple[int, ...]:
        """The values of `span`. Raises as `ask`."""
        answer = await self.ask(Read(span.kind, span.start, span.count))
        assert isinstance(answer, Values), "the host end hands on only answers that fit"
        return answer.values

    async def ask(self, request: Request) -> object:
        """One request to its end. The host end's own time-outs bound it; raises `DeviceError` when it fails."""
        async with self._line:
            link, host, counters = self.link, self._host, self._device.counters
            if link is None:
                raise LinkLost(f"{self._device.name}: not connected")
            loop = asyncio.get_running_loop()
            started, retries = loop.time(), host.retries
            if (silent_s := host.silence_until() - started) > 0:
                await asyncio.sleep(silent_s)
            link.drain_input()
            try:
                events = host.request(loop.time(), request)
                while True:
                    for event in events:
                        if isinstance(event, Answered):
                            return event.answer
                        await self._act(link, event)
                    events = await self._next(link)
            except DeviceError:
                counters.failures += 1
                raise
            finally:
                counters.retries += host.retries - retries
                counters.seconds += loop.time() - started

    async def _act(self, link: Link, event: Event) -> None:
        if isinstance(event, Send):
            await link.write(event.data)
        elif isinstance(event, Failed):
            raise error_of(self._device.name, self._link_url, self._address.unit, event)

    async def _next(self, link: Link) -> list[Event]:
        loop, host = asyncio.get_running_loop(), self._host
        # A serial answer comes in pieces: let the wire finish, and be woken once instead of for each of them.
        if (rest_s := host.whole_at - loop.time()) > 0:
            await link.pause(rest_s)
        try:
            async with asyncio.timeout_at(host.wake_at):
                data = await link.read()
        except TimeoutError:
            return host.wake(loop.time())
        return host.receive(loop.time(), data)
