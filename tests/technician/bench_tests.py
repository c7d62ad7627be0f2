"""A hall and a person for tests of devices: what is told and asked is kept, answers are given as prepared."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from config.panel import Panel
from kiosk.diagnostics.history import History
from kiosk.technician.device_tests import declared, grounds, running
from kiosk.technician.device_tests.table import BY_ID
from simulator.hall import Hall


@dataclass
class Someone:
    """The technician: `answer` to every question; None never answers."""

    answer: bool | None = True
    present: bool = True
    told: list[declared.Progress] = field(default_factory=list)
    patience_s: float = 1e9
    """So long at most nobody answers, where time is real."""
    meanwhile: Callable[[], object] = lambda: None
    """What the person does before answering."""
    asked: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)

    def tell(self, progress: declared.Progress) -> None:
        self.told.append(progress)
        self.words += [progress.words(language) for language in ("zh", "en", "ko")]
        self.words += [f"{f.label('zh')} {f.told('zh')}" for f in progress.figures]

    async def ask(self, question: str, seconds: float) -> bool | None:
        self.asked.append(question)
        self.meanwhile()
        if self.answer is None:
            await asyncio.sleep(min(seconds, self.patience_s))
        return self.answer


@dataclass
class Finger:
    """A panel and a finger that misses some cells and lands `off` pixels beside."""

    panel: Panel = field(default_factory=lambda: Panel(1080, 1920, (268.0, 476.0)))
    dead: frozenset[int] = frozenset()
    off: int = 0
    felt: int = 5
    looked: int = 6
    codes: list[str] = field(default_factory=list)

    async def crosses(self, spots: Sequence[tuple[int, int]], seconds: float) -> Sequence[tuple[int, int] | None]:
        return [(x + self.off, y) if n < self.felt else None for n, (x, y) in enumerate(spots)]

    async def wipe(self, columns: int, rows: int, seconds: float) -> frozenset[int]:
        return frozenset(range(columns * rows)) - self.dead

    async def colours(self, colours: Sequence[str], seconds: float) -> int:
        return min(self.looked, len(colours))

    async def code(self, payload: str) -> None:
        self.codes.append(payload)


@dataclass
class Stand:
    """A hall that runs, and the technician before it."""

    hall: Hall
    person: Someone
    finger: Finger

    @property
    def tools(self) -> Any:
        return self.hall.life.workshop.tools

    @property
    def ground(self) -> declared.Ground:
        return grounds.from_workshop(self.hall.life.workshop, self.person, "zh", self.finger, None)

    @property
    def record(self) -> running.Record:
        return running.Record(self.tools.journal, History(self.hall.folder))

    async def run(self, test: str, stop: asyncio.Event | None = None) -> declared.TestResult:
        return await running.run_test(BY_ID[test], self.ground, self.record, stop)

    async def entries(self) -> list[dict[str, Any]]:
        return list(await self.tools.journal.recent(running.ENTRY, 100))


@asynccontextmanager
async def stand(folder: Path, **options: Any) -> AsyncIterator[Stand]:
    """A hall with all its devices, at rest."""
    hall = Hall(folder, **options)
    await hall.open()
    try:
        yield Stand(hall, Someone(), Finger())
    finally:
        await hall.close()
        assert hall.errors == []
