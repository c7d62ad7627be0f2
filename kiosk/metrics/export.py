"""Metrics for Prometheus: a file for node_exporter, an endpoint on this machine only; prometheus_client writes them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from prometheus_client import CollectorRegistry, generate_latest, write_to_textfile
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.registry import Collector

from config.fleet_metrics import known_series, metrics, name_of
from config.fleet_settings import FleetSettings
from kiosk.metrics.look import Look

log = logging.getLogger(__name__)

EVERY_S: Final = 15.0
HOST: Final = "127.0.0.1"
MOST_ASKING: Final = 4
MOST_HEAD: Final = 8192
ASK_S: Final = 5.0
PATH: Final = b"/metrics"


class Shown(Collector):
    """The figures of the last look, as families of the table."""

    def __init__(self) -> None:
        self.values: Mapping[str, float] = {}

    def collect(self) -> Iterable[Metric]:
        """Only what the table names."""
        by_name: dict[str, list[tuple[str, float]]] = {}
        for series, value in self.values.items():
            if series in known_series():
                by_name.setdefault(name_of(series), []).append((series, value))
        for name, rows in by_name.items():
            told = metrics()[name]
            words = told.help + (
                f" ({', '.join(f'{i} {word}' for i, word in enumerate(told.codes))})" if told.codes else ""
            )
            kind: Any = CounterMetricFamily if told.kind == "counter" else GaugeMetricFamily
            family = kind(name, words, labels=sorted(told.labels))
            for series, value in rows:
                family.add_metric(labels_of(series), value)
            yield family


def labels_of(series: str) -> list[str]:
    """The values of a series' labels, in the order of the labels' names."""
    inner = series.partition("{")[2].rstrip("}")
    return [part.partition('="')[2].rstrip('"') for part in inner.split(",") if part]


def registry_of(shown: Shown) -> CollectorRegistry:
    """A registry with nothing but these: the client's own figures of the process would be names outside the table."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(shown)
    return registry


async def keep_metrics(fleet: FleetSettings, look: Callable[[], Awaitable[Look]], *, every_s: float = EVERY_S) -> None:
    """For ever: look, write the file, answer who asks. A port that is taken or a folder that refuses is logged once."""
    shown = Shown()
    registry = registry_of(shown)
    async with asyncio.TaskGroup() as group:
        if fleet.metrics_port:
            group.create_task(_serving(registry, fleet.metrics_port))
        group.create_task(_looking(shown, registry, fleet.metrics_file, look, every_s))


async def _looking(
    shown: Shown, registry: CollectorRegistry, file: Path | None, look: Callable[[], Awaitable[Look]], every_s: float
) -> None:
    complained = False
    while True:
        shown.values = (await look()).values
        if file is not None:
            try:
                await asyncio.to_thread(write_to_textfile, str(file), registry)
                complained = False
            except OSError as error:
                if not complained:
                    log.warning("metrics: %s: %s", file, error.strerror)
                complained = True
        await asyncio.sleep(every_s)


async def _serving(registry: CollectorRegistry, port: int) -> None:
    asking = asyncio.Semaphore(MOST_ASKING)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            if not asking.locked():
                async with asking, asyncio.timeout(ASK_S):
                    writer.write(reply(await reader.readuntil(b"\r\n\r\n"), registry))
                    await writer.drain()
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()

    try:
        server = await asyncio.start_server(answer, HOST, port, limit=MOST_HEAD, backlog=MOST_ASKING)
    except OSError as error:
        log.warning("metrics: port %d: %s; nobody can ask", port, error.strerror)
        return
    async with server:
        await server.serve_forever()


def reply(head: bytes, registry: CollectorRegistry) -> bytes:
    """The whole HTTP answer to a request's head."""
    method, _, rest = head.partition(b" ")
    if method not in (b"GET", b"HEAD") or rest.partition(b" ")[0].partition(b"?")[0] != PATH:
        return b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    body = generate_latest(registry)
    lines = [
        "HTTP/1.1 200 OK", f"Content-Type: {CONTENT_TYPE_PLAIN_0_0_4}", f"Content-Length: {len(body)}",
        "Connection: close", "", "",
    ]  # fmt: skip
    return "\r\n".join(lines).encode() + (body if method == b"GET" else b"")
