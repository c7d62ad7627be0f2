"""The last lines of this process' log in memory, for a support bundle and `kiosk ctl logs`: bounded, gone with it."""

from __future__ import annotations

import logging
import traceback
from collections import deque
from datetime import datetime
from typing import Final

from kiosk.clock import WEIHAI

LINES: Final = 3000
MOST_CHARS: Final = 400
MOST_FRAMES: Final = 12


class LogTail(logging.Handler):
    """Keeps formatted lines. Of an exception its kind and where it came from, not its words."""

    def __init__(self, lines: int = LINES) -> None:
        super().__init__(logging.INFO)
        self._lines: deque[str] = deque(maxlen=lines)

    def emit(self, record: logging.LogRecord) -> None:
        """As `logging.Handler`; never raises into who logs."""
        try:
            self._lines.append(line_of(record))
        except Exception:  # noqa: BLE001 - logging's own rule: a line that cannot be made must not end the program
            self.handleError(record)

    def lines(self) -> tuple[str, ...]:
        """What was logged last, oldest first."""
        self.acquire()
        try:
            return tuple(self._lines)
        finally:
            self.release()


TAIL: Final = LogTail()
"""The process' own; `kiosk.app` hangs it on the root logger."""


def line_of(record: logging.LogRecord) -> str:
    """`time level logger: words`, one line of at most `MOST_CHARS` (and where an exception came from)."""
    at = datetime.fromtimestamp(record.created, WEIHAI).isoformat(timespec="milliseconds")
    words = " ".join(record.getMessage().split())
    line = f"{at} {record.levelname} {record.name}: {words}"[:MOST_CHARS]
    if record.exc_info and record.exc_info[0] is not None:
        frames = traceback.extract_tb(record.exc_info[2])[-MOST_FRAMES:]
        where = " < ".join(f"{f.filename.rpartition('/')[2]}:{f.lineno} {f.name}" for f in reversed(frames))
        line = f"{line} | {record.exc_info[0].__name__} at {where}"
    return line
