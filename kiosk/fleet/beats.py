"""When a terminal tells its changes, and what has changed since it did so last. Pure."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Any, Final

from config.fleet_contract import MOST_METRICS, MOST_SECTIONS, MOST_SUPPLIES
from kiosk.metrics.look import Look

NOTHING: Final = Look(datetime.min.replace(tzinfo=UTC), "starting", "unknown", 0, {}, (), ())
"""Before the first look."""


def until_beat(terminal: str, now: float, every_s: float) -> float:
    """Seconds until this terminal's next beat: each has its own moment in `every_s`, so that they are spread evenly."""
    digest = int.from_bytes(hashlib.sha256(terminal.encode()).digest()[:4], "big")
    wait = (digest / 2**32 * every_s - now) % every_s
    return wait if wait > every_s / 10 else wait + every_s


def changed(before: Look, now: Look) -> dict[str, Any]:
    """Members of `data`: what is not as it was. A series that is gone needs a birth; none of ours ever goes."""
    values = {series: value for series, value in now.values.items() if before.values.get(series) != value}
    sections = [row for row in now.sections if row not in before.sections]
    supplies = [row for row in now.supplies if row not in before.supplies]
    return {
        "metrics": dict(list(values.items())[:MOST_METRICS]),
        "sections": sections[:MOST_SECTIONS],
        "supplies": supplies[:MOST_SUPPLIES],
    }
