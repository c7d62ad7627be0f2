"""A clock of its own for the terminal's process, by libfaketime: it jumps while the terminal runs, or goes faster.

The terminal is the real one and reads its machine's clock; so the clock is bent around it. Jumping leaves the seconds
that deadlines are counted by alone (as a hand at the clock would); speed bends these too. Which of the two is fixed
when the process starts: the first jump, and every change of speed, start the terminal again.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from simulator.processes import Process

LIBRARIES: Final = tuple(
    Path(folder) / "faketime/libfaketimeMT.so.1"
    for folder in ("/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib64", "/usr/lib")
)
MOST_JUMP_S: Final = 400 * 86_400
SPEEDS: Final = (1, 2, 5, 10)


class NoClock(RuntimeError):
    """The clock cannot be bent here; the message says what to install or start."""


class OwnClock:
    """The clock of `terminal`; its file lies in `folder`. `ahead_s` and `speed` are how it goes now."""

    def __init__(self, terminal: Process | None, folder: Path, libraries: Sequence[Path] = LIBRARIES) -> None:
        self.terminal = terminal
        self.file = folder / "clock"
        self.library = next((path for path in libraries if path.exists()), None)
        self.ahead_s = 0
        self.speed = 1
        self._way = ""

    def state(self) -> dict[str, Any]:
        """For the bench: how it goes, and why it cannot be changed."""
        return {"ahead_s": self.ahead_s, "speed": self.speed, "speeds": list(SPEEDS), "why_not": self.why_not}

    @property
    def why_not(self) -> str:
        """Why the clock cannot be bent; "" when it can."""
        if self.terminal is None:
            return "this bench was started without a terminal"
        if self.library is None:
            return "libfaketime is not installed: apt-get install libfaketime"
        return ""

    async def jump(self, seconds: int) -> None:
        """The clock on the board is ahead by so much more (or less). Raises `NoClock`, `ValueError`."""
        ahead = self.ahead_s + seconds
        if abs(ahead) > MOST_JUMP_S:
            raise ValueError(f"the clock may be wrong by {MOST_JUMP_S // 86_400} days at most")
        terminal = self._ready()
        self.ahead_s, self.speed = ahead, 1
        self._write(f"{ahead:+d}")
        if self._way != "jump":
            await self._again(terminal, "jump")

    async def run_at(self, speed: int) -> None:
        """Everything in the terminal goes so many times as fast. Raises `NoClock`, `ValueError`."""
        if speed not in SPEEDS:
            raise ValueError(f"speeds are {', '.join(map(str, SPEEDS))}")
        terminal = self._ready()
        self.ahead_s, self.speed = 0, speed
        self._write(f"+0 x{speed}")
        await self._again(terminal, "speed" if speed != 1 else "")

    async def right(self) -> None:
        """The machine's own clock again. Raises `NoClock`."""
        terminal = self._ready()
        self.ahead_s, self.speed = 0, 1
        if self._way == "jump":
            self._write("+0")
        elif self._way:
            await self._again(terminal, "")

    def _ready(self) -> Process:
        if self.why_not or self.terminal is None:
            raise NoClock(self.why_not)
        return self.terminal

    def _write(self, words: str) -> None:
        self.file.parent.mkdir(parents=True, exist_ok=True)
        part = self.file.with_name("clock.part")
        part.write_text(words + "\n", encoding="ascii")
        part.replace(self.file)

    async def _again(self, terminal: Process, way: str) -> None:
        self._way = way
        terminal.env = (
            {
                "LD_PRELOAD": str(self.library),
                "FAKETIME_TIMESTAMP_FILE": str(self.file),
                "FAKETIME_CACHE_DURATION": "1",
                **({"FAKETIME_DONT_FAKE_MONOTONIC": "1", "DONT_FAKE_MONOTONIC": "1"} if way == "jump" else {}),
            }
            if way
            else {}
        )
        if terminal.running:
            await terminal.stop()
            await terminal.start()
