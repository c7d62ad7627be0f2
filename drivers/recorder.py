"""Writes what crosses every link to a bounded, rotating recording (`config.recording` is its format).

What may be written is said by each driver's tracer; the recorder itself looks at no byte. A disk that fails ends the
recording, never the device.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import os
import secrets
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, TextIO

from config.recording import PATTERN, About, Began, Crossed, Note, Record, line_of
from drivers.crossing import MAX_SHOWN, Direction, Piece, Tracer
from drivers.device import Device

log = logging.getLogger(__name__)

FILES: Final = 5
KEY_S: Final = 600.0
"""Digests are keyed; after so long the key is thrown away, so that two visits cannot be told to be one citizen's."""
MAX_WORDS: Final = 600
LEAST_TOOK_MS: Final = 0.5
"""What crossed in one piece took no time; the recorder itself takes a tenth of a millisecond."""


class Recorder:
    """Records the devices that are attached, into `folder`, at most `limit_bytes` in `FILES` files.

    `clock` gives seconds (the loop's), `wall` the time of day with its zone. Raises `OSError` when `folder` cannot be
    written to.
    """

    def __init__(
        self,
        folder: Path,
        limit_bytes: int,
        *,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.folder = folder
        self._file_bytes = max(limit_bytes // FILES, 4096)
        self._clock = clock
        self._zero = clock()
        self._began = Began(wall().isoformat(timespec="milliseconds"))
        self._abouts: list[About] = []
        self._tapes: list[_Tape] = []
        self._key = b""
        self._key_until = self._zero
        self._file: TextIO | None = None
        self._written = 0
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._next_file()

    def attach(self, device: Device, driver: str, link: str, options: Mapping[str, Any] | None = None) -> None:
        """Record what crosses the wire of `device` from now on. `driver` is its name in the registry."""
        given = dict(options or {})
        kept = {key: given[key] for key in device.traced_options if key in given}
        about = About(self.ms(), device.name, driver, without_password(link), kept)
        self._abouts.append(about)
        self.write(about)
        tape = _Tape(self, device.name, type(device).tracer(link, given))
        self._tapes.append(tape)
        device.tap = tape

    def close(self) -> None:
        """Tell what was begun and close the file; whoever still crosses is not heard any more."""
        for tape in self._tapes:
            tape.end()
        file, self._file = self._file, None
        if file is not None:
            file.close()

    def ms(self) -> float:
        """Milliseconds since the recording began."""
        return round((self._clock() - self._zero) * 1000, 2)

    def digest(self, data: bytes) -> str:
        """The keyed digest of `data`; equal data give equal digests for `KEY_S` at most."""
        now = self._clock()
        if now >= self._key_until or not self._key:
            self._key, self._key_until = secrets.token_bytes(32), now + KEY_S
        return hmac.new(self._key, data, hashlib.sha256).hexdigest()[:32]

    def write(self, record: Record) -> None:
        """Append one record; begins the next file when this one is full."""
        if self._file is None:
            return
        line = line_of(record)
        size = len(line.encode())
        try:
            if self._written + size > self._file_bytes:
                self._next_file()
            self._file.write(line)
            self._file.flush()
        except OSError:
            log.exception("recording in %s ends", self.folder)
            self._give_up()
            return
        self._written += size

    def _next_file(self) -> None:
        if self._file is not None:
            self._file.close()
        kept = sorted(path for path in self.folder.glob(PATTERN) if path.stem.removeprefix("trace-").isdecimal())
        for old in kept[: len(kept) - FILES + 1]:
            old.unlink(missing_ok=True)
        number = int(kept[-1].stem.removeprefix("trace-")) + 1 if kept else 1
        path = self.folder / f"trace-{number:06d}.jsonl"
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        self._file = os.fdopen(fd, "w", encoding="utf-8")
        first: list[Record] = [self._began, *self._abouts]
        head = "".join(line_of(record) for record in first)
        self._file.write(head)
        self._file.flush()
        self._written = len(head.encode())

    def _give_up(self) -> None:
        file, self._file = self._file, None
        if file is not None:
            try:
                file.close()
            except OSError:
                log.exception("recording in %s: the last file was not closed", self.folder)


class _Tape:
    """Listens to one device."""

    def __init__(self, recorder: Recorder, device: str, tracer: Tracer) -> None:
        self._recorder = recorder
        self._device = device
        self._tracer = tracer
        self._first: dict[Direction, float] = {}

    def crossed(self, direction: Direction, data: bytes) -> None:
        """As `drivers.device.Tap`."""
        other: Direction = "in" if direction == "out" else "out"
        self._tell(other, self._tracer.flush(other, ended=False))
        self._first.setdefault(direction, self._recorder.ms())
        self._tell(direction, self._tracer.feed(direction, data))

    def noted(self, words: str) -> None:
        """As `drivers.device.Tap`."""
        self.end()
        self._recorder.write(Note(self._recorder.ms(), self._device, words[:MAX_WORDS]))

    def end(self) -> None:
        """The wire is another one from here on."""
        ways: tuple[Direction, ...] = ("out", "in")
        for direction in ways:
            self._tell(direction, self._tracer.flush(direction, ended=True))
        self._first.clear()

    def _tell(self, direction: Direction, pieces: list[Piece]) -> None:
        if not pieces:
            return
        now = self._recorder.ms()
        first = self._first.pop(direction, now)
        if now - first < LEAST_TOOK_MS:
            now = first
        for piece in pieces:
            self._recorder.write(self._record(direction, piece, first, round(now - first, 2)))
            first = now

    def _record(self, direction: Direction, piece: Piece, ms: float, took: float) -> Crossed:
        shown = piece.shown if piece.shown is not None and len(piece.shown) <= MAX_SHOWN else None
        withheld = shown is None
        return Crossed(
            ms,
            self._device,
            direction,
            shown,
            piece.size,
            took,
            piece.masked and not withheld,
            self._recorder.digest(piece.raw) if withheld else "",
            piece.words[:MAX_WORDS] if withheld else "",
        )


def without_password(link: str) -> str:
    """`link` without user and password."""
    scheme, separator, rest = link.partition("://")
    if not separator:
        return link
    host, slash, path = rest.partition("/")
    return f"{scheme}://{host.rpartition('@')[2]}{slash}{path}"
