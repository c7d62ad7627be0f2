"""From the driver's "print" to the document's first byte on the wire, seen by a relay between driver and printer."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, closing, suppress
from typing import Any
from urllib.parse import urlsplit

from reader_figures import Row

PRINTS = 9
RECEIPT_BEGINS = b"\x1b@\x1c&"
CERTIFICATE_BEGINS = b"%PDF-"


class Relay:
    """Hands bytes on both ways; `first` is when `marker` first passed towards the printer."""

    def __init__(self, marker: bytes) -> None:
        self.marker = marker
        self.first = 0.0
        self._tail = b""

    def look(self, data: bytes) -> None:
        """Note the time of the marker, also when it comes in two pieces."""
        if not self.first and self.marker in self._tail + data:
            self.first = time.perf_counter()
        self._tail = data[-len(self.marker) :]

    @asynccontextmanager
    async def before(self, link: str) -> AsyncIterator[str]:
        """Stand before the printer at `link`; yields the link to use instead."""
        parts = urlsplit(link)

        async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, to_printer: bool) -> None:
            with suppress(ConnectionError), closing(writer):
                while data := await reader.read(65536):
                    if to_printer:
                        self.look(data)
                    writer.write(data)
                    await writer.drain()

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            near, far = await asyncio.open_connection(parts.hostname, parts.port)
            tasks.append(asyncio.create_task(pump(reader, far, to_printer=True)))
            tasks.append(asyncio.create_task(pump(near, writer, to_printer=False)))

        tasks: list[asyncio.Task[None]] = []
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        try:
            yield parts._replace(netloc=f"127.0.0.1:{server.sockets[0].getsockname()[1]}").geturl()
        finally:
            server.close()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


async def _measure(
    relay: Relay, print_one: Callable[[int], Awaitable[Any]], ask: Callable[[], Awaitable[Any]]
) -> tuple[float, float]:
    """Medians in seconds: call to first byte of the document, and one status question."""
    waits, asks = [], []
    for number in range(PRINTS + 1):
        began = time.perf_counter()
        await ask()
        asked = time.perf_counter() - began
        relay.first = 0.0
        began = time.perf_counter()
        outcome = await print_one(number)
        assert type(outcome).__name__ == "Done", outcome
        assert relay.first, "the document never passed"
        if number:
            waits.append(relay.first - began)
            asks.append(asked)
    return statistics.median(waits), statistics.median(asks)


def receipt_first_byte(document: Any) -> Row:
    """TCP, the driver's own questions (DLE EOT 1-4) and the encoding included; the first print of all is left out."""
    from drivers.receipt_printer.driver import ReceiptPrinter
    from simulator.models.receipt_printer import make

    async def measure() -> tuple[float, float]:
        sim, relay = make("tcp://127.0.0.1:0", speed_mm_s=1000), Relay(RECEIPT_BEGINS)
        await sim.plug()
        async with relay.before(sim.link) as link:
            printer = ReceiptPrinter("bench", link)
            await printer.open()
            figures = await _measure(relay, lambda _: printer.print_document(document), printer.poll)
            await printer.close()
        await sim.unplug()
        return figures

    return _row("receipt: print call to its first byte on the wire", *asyncio.run(measure()))


def certificate_first_byte(pdf: bytes) -> Row:
    """IPP over HTTP: attributes, the queue, Create-Job and the journal's mark come before the document."""
    from drivers.licence_printer.driver import LicencePrinter
    from simulator.models.licence_printer import make

    async def journal(ref: object) -> None:
        del ref

    async def measure() -> tuple[float, float]:
        sim, relay = make("tcp://127.0.0.1:0", page_s=0.05), Relay(CERTIFICATE_BEGINS)
        await sim.plug()
        async with relay.before(sim.link) as link:
            printer = LicencePrinter("bench", link, {"poll_s": 0.05})
            await printer.open()

            async def print_one(number: int) -> Any:
                return await printer.print_pdf(pdf, f"bench-{number}", pages=1, on_job=journal, deadline_s=30)

            figures = await _measure(relay, print_one, printer.poll)
            await printer.close()
        await sim.unplug()
        return figures

    return _row("certificate: print call to its first byte on the wire", *asyncio.run(measure()))


def _row(what: str, wait: float, ask: float) -> Row:
    return Row(what, f"{wait * 1000:.1f} ms", f"one status question {ask * 1000:.1f} ms", f"{wait / ask:.1f}")
