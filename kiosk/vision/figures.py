"""The figures of an evaluation: rates, times, and for faces the curves' points. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Report:
    """What one evaluation found. `figures` by name, in the order of printing; `missed` are pictures to look at.

    No text that was read is in it: sets may be of real papers.
    """

    title: str
    figures: dict[str, Any] = field(default_factory=dict)
    missed: list[str] = field(default_factory=list)

    def lines(self) -> list[str]:
        """For people."""
        width = max(map(len, self.figures), default=0)
        return [self.title, *(f"  {name:{width}}  {said(value)}" for name, value in self.figures.items())]


def said(value: Any) -> str:
    """A figure in words."""
    if value is None:
        return "-"
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def rate(part: int, whole: int) -> str:
    """`128 of 137, 93.4 %`."""
    return f"{part} of {whole}, {100 * part / whole:.1f} %" if whole else "none in the list"


def times(seconds: Sequence[float]) -> dict[str, Any]:
    """Median and 95th percentile, milliseconds."""
    if not seconds:
        return {}
    return {
        "ms median": round(percentile(seconds, 0.5) * 1000, 1),
        "ms p95": round(percentile(seconds, 0.95) * 1000, 1),
    }


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which `share` (0 to 1) of `values` lie, nearest rank."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def equal_error_rate(same: Sequence[float], other: Sequence[float]) -> float | None:
    """Where as many genuine pairs are refused as impostors are let in (0 to 1); None without pairs of both kinds."""
    if not same or not other:
        return None
    best = (2.0, 1.0)
    for threshold in sorted({*same, *other, math.inf}):
        refused = sum(score < threshold for score in same) / len(same)
        let_in = sum(score >= threshold for score in other) / len(other)
        best = min(best, (abs(refused - let_in), (refused + let_in) / 2))
    return best[1]


def accepted_at(same: Sequence[float], other: Sequence[float], let_in: float) -> tuple[float, float] | None:
    """(share of genuine pairs accepted, threshold) with at most the share `let_in` of impostors accepted.

    None when there are too few impostors to tell.
    """
    if not same or len(other) * let_in < 1:
        return None
    allowed = math.floor(len(other) * let_in + 1e-9)
    ordered = sorted(other, reverse=True)
    threshold = math.nextafter(ordered[allowed], math.inf) if allowed < len(ordered) else -1.0
    return sum(score >= threshold for score in same) / len(same), threshold
