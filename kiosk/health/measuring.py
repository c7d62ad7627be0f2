"""What is measured of the terminal: this process, its children, the disk. All of it read, none of it waited for."""

from __future__ import annotations

import asyncio
import os
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final

from config.health_rules import Measure
from drivers.device import Device
from drivers.rhythm import until_beat
from kiosk.diagnostics.facts import CertificateFact

PROC: Final = Path("/proc")
THERMAL: Final = Path("/sys/class/thermal")
STATM_PAGE_MB: Final = os.sysconf("SC_PAGE_SIZE") / (1 << 20)
SETTLED_S: Final = 3600.0
"""What the process grows in its first hour is its start, and no leak."""
SAMPLE_S: Final = 600.0
MOST_SAMPLES: Final = 144
"""A day of them."""
LEAST_SPAN_S: Final = 6 * 3600.0
DAY_S: Final = 86_400.0


def resident_mb(pid: int | str = "self") -> float | None:
    """MiB of memory that a process has; None when it is not there (any more)."""
    try:
        return int((PROC / str(pid) / "statm").read_text(encoding="ascii").split()[1]) * STATM_PAGE_MB
    except (OSError, ValueError, IndexError):
        return None


def files_open() -> int | None:
    """How many file descriptors this process holds."""
    try:
        return len(os.listdir(PROC / "self" / "fd"))  # noqa: PTH208 - a name each is enough, and cheaper
    except OSError:
        return None


def machine_celsius(folder: Path = THERMAL) -> float | None:
    """The hottest zone that the machine tells of; None where it tells of none."""
    found = []
    for zone in sorted(folder.glob("thermal_zone*/temp"))[:16]:
        try:
            found.append(int(zone.read_text(encoding="ascii")) / 1000)
        except (OSError, ValueError):
            continue
    return max((each for each in found if -40 < each < 150), default=None)


@dataclass(slots=True)
class Growth:
    """How much the process's memory grows a day: the difference of two medians, so that a busy hour is no leak."""

    samples: deque[tuple[float, float]] = field(default_factory=lambda: deque(maxlen=MOST_SAMPLES))
    began: float | None = None

    def note(self, now: float, mb: float) -> None:
        """A sample, at most one every `SAMPLE_S`, none while the process starts."""
        self.began = now if self.began is None else self.began
        if now - self.began >= SETTLED_S and (not self.samples or now - self.samples[-1][0] >= SAMPLE_S):
            self.samples.append((now, mb))

    def mb_a_day(self) -> float | None:
        """None while it is watched for too short."""
        if len(self.samples) < 6 or self.samples[-1][0] - self.samples[0][0] < LEAST_SPAN_S:
            return None
        third = len(self.samples) // 3
        early, late = list(self.samples)[:third], list(self.samples)[-third:]
        span = _middle(at for at, _ in late) - _middle(at for at, _ in early)
        return (_middle(mb for _, mb in late) - _middle(mb for _, mb in early)) * DAY_S / span


def _middle(values: Iterable[float]) -> float:
    ordered = sorted(values)
    return ordered[len(ordered) // 2]


class LoopLag:
    """How late the loop wakes who waits. `beat` is the loop's clock at its last turn, for who watches from outside."""

    def __init__(self, every_s: float = 0.5) -> None:
        self.beat = asyncio.get_running_loop().time()
        self._every_s = every_s
        self._worst = 0.0

    async def run(self) -> None:
        """Beat for ever."""
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + (rest_s := until_beat(loop.time(), self._every_s))
            await asyncio.sleep(rest_s)
            self.beat = loop.time()
            self._worst = max(self._worst, self.beat - due)

    def take(self) -> float:
        """The longest delay since this was asked last. Seconds."""
        worst, self._worst = self._worst, 0.0
        return max(worst, 0.0)


@dataclass(slots=True)
class Busy:
    """Since when each device has been at one piece of work without an end: a lock that nobody gives back."""

    since: dict[str, tuple[float, int]] = field(default_factory=dict)

    def longest(self, devices: Iterable[Device], now: float) -> tuple[float, str]:
        """(seconds, name) of the device that is busy longest; (0, "") for none."""
        worst, who = 0.0, ""
        for device in devices:
            crossed = device.counters.bytes_in + device.counters.bytes_out + device.counters.operations
            if not device.lock.locked():
                self.since.pop(device.name, None)
                continue
            known = self.since.get(device.name)
            if known is None or known[1] != crossed:  # something still happens on its wire
                self.since[device.name] = known = (now, crossed)
            if now - known[0] > worst:
                worst, who = now - known[0], device.name
        return worst, who


def days_left(certificates: Iterable[CertificateFact], now: datetime) -> float | None:
    """Until the first certificate ends; None where there is none, or none that can be read."""
    ends = [each.ends for each in certificates if each.ends is not None]
    return min(((end - now).total_seconds() / DAY_S for end in ends), default=None)


@dataclass(slots=True)
class ProcessMeter:
    """Measures of this very process and machine. `children`: pids of the processes that judge pictures."""

    children: Callable[[], Iterable[int]]
    screen_beat: Callable[[], float | None]
    growth: Growth = field(default_factory=Growth)

    def measures(self, now: float) -> Mapping[Measure, float]:
        """What can be known now; `now` is the loop's clock, which is the stage's too (`time.monotonic`)."""
        found: dict[Measure, float | None] = {
            "memory.mb": (mb := resident_mb()),
            "engines.mb": sum(filter(None, map(resident_mb, self.children()))),
            "files.open": files_open(),
            "temperature.c": machine_celsius(),
        }
        if mb is not None:
            self.growth.note(now, mb)
        found["memory.grown_mb_day"] = self.growth.mb_a_day()
        beat = self.screen_beat()
        found["screen.silent_s"] = None if beat is None else now - beat
        return {name: value for name, value in found.items() if value is not None}
