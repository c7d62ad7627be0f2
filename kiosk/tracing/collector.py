"""The collector as the log sees it: said once when it takes no spans, and once when it takes them again."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

log = logging.getLogger(__name__)


class Collector(SpanExporter):
    """Hands spans to `inner`; what it does not take is lost, and only that."""

    def __init__(self, inner: SpanExporter) -> None:
        self._inner = inner
        self._complained = False

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """In the SDK's thread."""
        result = self._inner.export(spans)
        failed = result is not SpanExportResult.SUCCESS
        if failed and not self._complained:
            log.warning("traces: the collector does not take them (settings: fleet.traces); those of now are lost")
        elif self._complained and not failed:
            log.info("traces: the collector takes them again")
        self._complained = failed
        return result

    def shutdown(self) -> None:
        """Lets go of the connection."""
        self._inner.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        """Whether everything was handed over in that time."""
        return self._inner.force_flush(timeout_millis)
