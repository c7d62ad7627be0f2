"""Writing with the finger, character by character: strokes to candidates after a pause, read by the text process.

Two squares: whoever begins in the other one means that the character before is the first of its candidates. Strokes
are kept in memory while the page is there, and nowhere else.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable

from drivers.camera.hand_wire import MAX_STROKES
from drivers.camera.texts import TextEngine
from drivers.errors import DeviceError, DeviceFault
from kiosk.entry.handwriting import Drawing, read, warm
from screens.ink import UNIT, InkStroke
from screens.ink import read as read_stroke

log = logging.getLogger(__name__)

PAUSE_S = 0.5
"""The finger rests so long before it is read: as long as people wait between two strokes of one character, and more."""
SETTLE_S = 6.0
MAX_OWED = 8
BOXES = 2


class Hand:
    """What is being written. `put` takes a character that was chosen; `changed` is called when the page is another.

    `failed`: it cannot be read here any more. `unread`: it was not read this time.
    """

    def __init__(self, engine: TextEngine, put: Callable[[str], bool], changed: Callable[[], None]) -> None:
        self.engine, self.put, self.changed = engine, put, changed
        self.strokes: list[InkStroke] = []
        self.heard = 0
        self.found: tuple[str, ...] = ()
        self.failed = False
        self.unread = False
        self._box = 0
        self._owed: deque[list[InkStroke]] = deque()
        self._version = 0
        self._wake = asyncio.Event()
        self._rest = asyncio.Event()
        self._rest.set()
        self._task: asyncio.Task[None] | None = None

    def __repr__(self) -> str:
        return f"Hand({len(self.strokes)} strokes)"

    def open(self) -> None:
        """The squares are shown: the process starts, and reads what is written."""
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name="handwriting")

    async def close(self) -> None:
        """The page is left: nothing is kept."""
        self.wipe()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    def wipe(self) -> None:
        """Forget every stroke."""
        self.strokes.clear()
        self._owed.clear()
        self._changed()

    def stroke(self, value: str) -> None:
        """One stroke, as the stage hands it on; what is none is left out."""
        known = read_stroke(value)
        if known is None:
            return
        self.heard = max(self.heard, known[0])
        box = sum(x for x, _, _ in known[1]) // len(known[1]) * BOXES // (UNIT + 1)
        if self.strokes and box != self._box:
            self.next_one()
        self._box = box
        if len(self.strokes) < MAX_STROKES:
            self.strokes.append(known[1])
        self._changed()

    def next_one(self) -> None:
        """The character is finished: its first candidate counts, as soon as it is known."""
        if self.found:
            self.put(self.found[0])
        elif self.strokes and len(self._owed) < MAX_OWED:
            self._owed.append(list(self.strokes))
        self.strokes.clear()
        self._changed()

    def choose(self, at: int) -> None:
        """One of the candidates; the squares are empty again."""
        if 0 <= at < len(self.found) and self.put(self.found[at]):
            self.strokes.clear()
            self._changed()

    def undo(self) -> None:
        """The last stroke back."""
        if self.strokes:
            self.strokes.pop()
            self._changed()

    async def settled(self) -> None:
        """Everything that was written is read and put, or cannot be; within `SETTLE_S`."""
        if self._task is None:
            return
        self.next_one()
        try:
            async with asyncio.timeout(SETTLE_S):
                while self._owed and not self.failed:
                    self._rest.clear()
                    self._wake.set()
                    await self._rest.wait()
        except TimeoutError:
            self._owed.clear()

    def _changed(self) -> None:
        self._version += 1
        self.found, self.unread = (), False
        self._wake.set()

    async def _run(self) -> None:
        await warm(self.engine)
        while not self.failed:
            await self._wake.wait()
            self._wake.clear()
            while self._owed:
                first = await self._read(self._owed[0])
                if self._owed:
                    self._owed.popleft()
                if first and not self.put(first[0]):
                    log.info("handwriting: the field is full")
            self._rest.set()
            if self.strokes:
                await self._after_a_pause()
            self.changed()
        self._rest.set()
        self.changed()

    async def _after_a_pause(self) -> None:
        """Read what stands there once the finger has rested."""
        version = -1
        while version != self._version and not self._owed:
            version = self._version
            await asyncio.sleep(PAUSE_S)
        if not self.strokes or self._owed:
            return
        found = await self._read(self.strokes)
        if version == self._version:
            self.found, self.unread = found, not found

    async def _read(self, strokes: list[InkStroke]) -> tuple[str, ...]:
        drawing = Drawing()
        for stroke in strokes:
            drawing.begin(stroke[0][0] / UNIT, stroke[0][1] / UNIT)
            for x, y, _ in stroke[1:]:
                drawing.move(x / UNIT, y / UNIT)
            drawing.end()
        try:
            return tuple(one.text for one in await read(self.engine, drawing))
        except DeviceFault:
            self.failed = True
        except DeviceError as error:
            log.info("handwriting: %s", type(error).__name__)
        finally:
            drawing.clear()
        return ()
