"""Spans of a visit: visit > step > device act, platform call. Imports nothing; while nobody traces, a span is a no-op.

Names and attributes are a closed table: nothing that a citizen typed, nothing that a document says can become one.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from types import MappingProxyType
from typing import Final, Protocol

ATTRIBUTES: Final = MappingProxyType(
    {
        "visit": ("visit", "how"),
        "step": ("step", "service", "outcome"),
        "device": ("device",),
        "platform": ("method", "area", "outcome"),
    }
)
"""Span -> the attributes that it may have; each is a word of our own tables."""


class Span(Protocol):
    """A span under way."""

    def told(self, name: str, value: str) -> None:
        """Set an attribute of the table; any other is left out."""
        ...


class Tracer(Protocol):
    """Who makes spans (`kiosk.tracing.export`)."""

    def span(self, kind: str, **attributes: str) -> AbstractContextManager[Span]:
        """A span below the one under way in this task."""
        ...

    def past(self, kind: str, seconds: float, **attributes: str) -> None:
        """A span that has just ended."""
        ...


class _Nothing:
    """A span that nobody sees."""

    def told(self, name: str, value: str) -> None:
        """Nothing."""


def nothing() -> Span:
    """A span while none is under way."""
    return _Nothing()


_NOTHING: Final[AbstractContextManager[Span]] = nullcontext(_Nothing())
_tracer: Tracer | None = None


def span(kind: str, **attributes: str) -> AbstractContextManager[Span]:
    """A span of this kind around the block."""
    return _NOTHING if _tracer is None else _tracer.span(kind, **attributes)


def past(kind: str, seconds: float, **attributes: str) -> None:
    """A span that ended now and took `seconds`."""
    if _tracer is not None:
        _tracer.past(kind, seconds, **attributes)


def trace_with(tracer: Tracer | None) -> None:
    """From now on; None: nobody traces."""
    global _tracer  # noqa: PLW0603 - one process is one terminal; the journeys must not carry a tracer through every call
    _tracer = tracer
