"""`kiosk trace`: what crossed the wires, in words, from a recording or live."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, TextIO

from config.recording import MAX_LINE, About, Began, Crossed, Note, Record, RecordingError, files_of, parse_line
from drivers.crossing import Direction, Tracer, Withheld
from drivers.registry import UnknownDriver, load

GLANCE_S: Final = 0.2
_ARROWS: Final = {"out": "->", "in": "<-"}
MAX_HEX: Final = 32


def records(path: Path, *, follow: bool, wait: Callable[[float], object] = time.sleep) -> Iterator[Record]:
    """The records of the recording at `path`; with `follow` for ever, through every new file of a folder.

    Raises `RecordingError` with file and line, `OSError`. `wait` is called between two looks for more.
    """
    done: set[Path] = set()
    while True:
        waiting = [file for file in files_of(path) if file not in done]
        for at, file in enumerate(waiting):
            is_last = at == len(waiting) - 1
            yield from _of_file(file, path, follow=follow and is_last, wait=wait)
            done.add(file)
        if not follow:
            return


def _of_file(file: Path, folder: Path, *, follow: bool, wait: Callable[[float], object]) -> Iterator[Record]:
    """One file; with `follow` until the folder has a newer one."""
    number = 0
    with file.open(encoding="utf-8", errors="replace") as lines:
        while True:
            line = _whole_line(lines)
            if line:
                number += 1
                try:
                    yield parse_line(line)
                except RecordingError as error:
                    raise RecordingError(f"{file}, line {number}: {error}") from error
            elif not follow:
                return
            elif folder.is_dir() and files_of(folder)[-1] != file:
                follow = False  # once more to the end: what came between the last look and the new file
            else:
                wait(GLANCE_S)


def _whole_line(lines: TextIO) -> str:
    """The next line with its end, or nothing yet."""
    start = lines.tell()
    line = lines.readline(MAX_LINE)
    if line and not line.endswith("\n") and len(line) < MAX_LINE:
        lines.seek(start)
        return ""
    return line


class TraceWords:
    """Turns records into lines for people. Each device's driver says what its bytes mean."""

    def __init__(self, device: str = "") -> None:
        self._only = device
        self._began: datetime | None = None
        self._tracers: dict[str, Tracer] = {}
        self._about: dict[str, About] = {}

    def line(self, record: Record) -> str:
        """One line; empty for what is not asked for or says nothing new."""
        if isinstance(record, Began):
            self._began = _time(record.at)
            return ""
        if self._only and record.device != self._only:
            return ""
        if isinstance(record, About):
            return self._introduced(record)
        head = f"{self._at(record.ms)} {record.device:16}"
        if isinstance(record, Note):
            self._tracers.pop(record.device, None)
            return f"{head}    {record.words}"
        return f"{head} {_ARROWS[record.direction]} {self._said(record)}"

    def _introduced(self, about: About) -> str:
        if self._about.get(about.device) == about:
            return ""  # every file begins with it
        self._about[about.device] = about
        self._tracers.pop(about.device, None)
        return f"{self._at(about.ms)} {about.device:16}    {about.driver} at {about.link}"

    def _said(self, record: Crossed) -> str:
        took = f" [{record.took:.0f} ms]" if record.took >= 1 else ""
        if record.data is None:
            return f"{record.words}{took} ({record.size} bytes, digest {record.digest[:8]})"
        direction: Direction = record.direction
        words = "; ".join(piece.words for piece in self._tracer(record.device).feed(direction, record.data))
        shown = record.data[:MAX_HEX].hex(" ") + (" ..." if len(record.data) > MAX_HEX else "")
        return f"{words or 'a part'}{took}{' (masked)' if record.masked else ''}  {shown}"

    def _tracer(self, device: str) -> Tracer:
        if device not in self._tracers:
            self._tracers[device] = self._made(self._about.get(device))
        return self._tracers[device]

    def _made(self, about: About | None) -> Tracer:
        if about is None:
            return Withheld()
        family = about.driver.partition(".")[0]
        try:
            return load(family, about.driver).tracer(about.link, about.options)
        except (UnknownDriver, ValueError):
            return Withheld()  # recorded with a driver that is not installed here: bytes without words

    def _at(self, ms: float) -> str:
        if self._began is None:
            return f"{ms / 1000:12.3f}"
        return (self._began + timedelta(milliseconds=ms)).astimezone().strftime("%H:%M:%S.%f")[:-3]


def _time(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None
