"""Spans to an OpenTelemetry collector over OTLP/HTTP (extra `tracing`); bounded, and never in a citizen's way."""

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Final

from config.settings import Settings
from drivers.device import Device
from kiosk.devices import role_of
from kiosk.diagnostics.sections import ROLES
from kiosk.tracing.spans import ATTRIBUTES, Span, trace_with

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider

log = logging.getLogger(__name__)

MOST_WAITING: Final = 2048
"""Spans; what is more while the collector is away is lost, and only that."""
EXPORT_S: Final = 5.0
END_MS: Final = 500
VALUE: Final = re.compile(r"[A-Za-z0-9_.-]{1,60}")


class OpenTelemetry:
    """Makes spans by the SDK. Exceptions are never recorded as events: their words are not ours to choose."""

    def __init__(self, provider: TracerProvider) -> None:
        self._tracer = provider.get_tracer("kiosk")

    @contextmanager
    def span(self, kind: str, **attributes: str) -> Iterator[Span]:
        """A span below the one under way in this task."""
        with self._tracer.start_as_current_span(
            kind, attributes=checked(kind, attributes), record_exception=False, set_status_on_exception=False
        ) as made:
            yield _Spanned(kind, made)

    def past(self, kind: str, seconds: float, **attributes: str) -> None:
        """A span that has just ended."""
        now = time.time_ns()
        made = self._tracer.start_span(kind, attributes=checked(kind, attributes), start_time=now - int(seconds * 1e9))
        made.end(now)


class _Spanned:
    def __init__(self, kind: str, made: Any) -> None:
        self._kind, self._made = kind, made

    def told(self, name: str, value: str) -> None:
        for key, word in checked(self._kind, {name: value}).items():
            self._made.set_attribute(key, word)


def checked(kind: str, attributes: dict[str, str]) -> dict[str, str]:
    """The attributes that the table knows for this kind, where they are one word."""
    known = ATTRIBUTES.get(kind, ())
    return {f"kiosk.{k}": v for k, v in attributes.items() if k in known and VALUE.fullmatch(v)}


async def keep_traces(settings: Settings) -> None:
    """Trace until cancelled. Without the packages it says which, and nothing is traced."""
    try:
        provider = await asyncio.to_thread(_provider, settings)
    except ImportError as error:
        log.warning("traces: %s is not installed; install weihai-kiosk[tracing]", error.name)
        return
    tracer = OpenTelemetry(provider)
    trace_with(tracer)
    Device.on_timed = lambda device, seconds: tracer.past("device", seconds, device=_name(device))
    try:
        await asyncio.Event().wait()
    finally:
        trace_with(None)
        Device.on_timed = None
        await asyncio.shield(asyncio.to_thread(_end, provider))


def _name(device: Device) -> str:
    return ROLES.get(role_of(device), "other")


def _provider(settings: Settings) -> TracerProvider:
    """In a thread: the packages take half a second. Raises `ImportError`."""
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import SpanLimits, TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    from kiosk.tracing.collector import Collector

    # It logs three lines for each batch that a collector does not take; ours says it once.
    logging.getLogger("opentelemetry").setLevel(logging.CRITICAL)

    told = {
        "service.name": "weihai-kiosk",
        "service.version": version("weihai-kiosk"),
        "service.instance.id": settings.terminal.id,
    }
    limits = SpanLimits(max_attributes=8, max_events=0, max_links=0, max_attribute_length=60)
    # Resource() and not Resource.create(): that would add what it finds in the environment and on the machine.
    provider = TracerProvider(resource=Resource(told), span_limits=limits, shutdown_on_exit=False)
    exporter = Collector(OTLPSpanExporter(endpoint=settings.fleet.traces, timeout=EXPORT_S))
    provider.add_span_processor(
        BatchSpanProcessor(exporter, max_queue_size=MOST_WAITING, schedule_delay_millis=2000, max_export_batch_size=256)
    )
    return provider


def _end(provider: TracerProvider) -> None:
    provider.force_flush(END_MS)
    provider.shutdown()
