"""What a scanned sheet says: its lines of text, or its machine-readable zone; read in a process of its own.

The nets take 0.3 GB: the process starts when a sheet has to be read, ends 20 s after the last one and at `close`,
and is killed when an answer takes longer than 8 s.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from importlib.util import find_spec

from drivers.camera.frames import MrzError, MrzReading, read_mrz_lines
from drivers.camera.hand_wire import MAX_CANDIDATES, Point, pack
from drivers.camera.worker import Worker
from drivers.camera.worker_wire import MAX_SHEET, WireError
from drivers.errors import DeviceFault, ProtocolError

WORKER = (sys.executable, "-m", "drivers.camera.ocr_worker")
READ_S = 8.0
LOAD_S = 15.0
IDLE_S = 20.0
MAX_LINES = 200


@dataclass(frozen=True, slots=True)
class TextLine:
    """One line as read; `score` 0 to 1."""

    text: str = field(repr=False)
    score: float


class TextEngine:
    """Reads sheets (JPEG). `worker` is the command line of its process."""

    def __init__(
        self,
        *,
        deadline_s: float = READ_S,
        start_s: float = LOAD_S,
        idle_s: float = IDLE_S,
        worker: Sequence[str] = WORKER,
    ) -> None:
        self.worker = Worker("text process", worker, deadline_s=deadline_s, start_s=start_s, idle_s=idle_s)
        self._no_hand = find_spec("rapidocr") is None

    @property
    def reads_hand(self) -> bool:
        """Whether handwriting can be offered: the net is installed, and its process did not fail to start."""
        return not self._no_hand

    async def start(self) -> None:
        """Start the process ahead. Raises `DeviceError`."""
        await self.worker.start()

    async def read_text(self, jpeg: bytes) -> tuple[TextLine, ...]:
        """The lines of a sheet, from the top. Raises `DeviceError` as `Worker.ask` does."""
        head, _ = await self.worker.ask({"do": "text"}, [_checked(jpeg)])
        lines = head.get("lines")
        if not isinstance(lines, list) or len(lines) > MAX_LINES:
            raise ProtocolError("text process: lines that are none")
        found = []
        for line in lines:
            if not (isinstance(line, list) and len(line) == 2 and isinstance(line[0], str)):
                raise ProtocolError("text process: a line that is none")
            found.append(TextLine(line[0], float(line[1])))
        return tuple(found)

    async def read_mrz(self, jpeg: bytes, today: date) -> MrzReading | None:
        """The machine-readable zone of a sheet, or None. Raises `DeviceError` as `Worker.ask` does."""
        head, _ = await self.worker.ask({"do": "mrz", "today": today.isoformat()}, [_checked(jpeg)])
        lines = head.get("mrz")
        if lines is None:
            return None
        if not isinstance(lines, list) or not all(isinstance(line, str) for line in lines):
            raise ProtocolError("text process: a zone that is none")
        try:
            return read_mrz_lines(lines, today)
        except MrzError:
            raise ProtocolError("text process: a zone of no known layout") from None

    async def read_hand(self, strokes: Sequence[Sequence[Point]]) -> tuple[TextLine, ...]:
        """What a character written by hand may be, the likeliest first, at most `MAX_CANDIDATES`.

        Raises `DeviceError` as `Worker.ask` does, `WireError` for strokes beyond the caps of `hand_wire`.
        """
        body = pack(strokes)
        try:
            head, _ = await self.worker.ask({"do": "hand"}, [body])
        except DeviceFault:
            self._no_hand = True  # it cannot start: nobody is offered what does not work
            raise
        characters = head.get("characters")
        if not isinstance(characters, list) or len(characters) > MAX_CANDIDATES:
            raise ProtocolError("text process: characters that are none")
        found = []
        for one in characters:
            right = isinstance(one, list) and len(one) == 2 and isinstance(one[0], str) and isinstance(one[1], float)
            if not right or len(one[0]) != 1:
                raise ProtocolError("text process: a character that is none")
            found.append(TextLine(one[0], float(one[1])))
        return tuple(found)

    async def close(self) -> None:
        """End the process. Never raises."""
        await self.worker.close()


def _checked(jpeg: bytes) -> bytes:
    if not jpeg.startswith(b"\xff\xd8") or len(jpeg) > MAX_SHEET:
        raise WireError(f"text: not a JPEG of at most {MAX_SHEET} bytes")
    return jpeg
