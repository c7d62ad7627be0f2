"""Recordings of single wires, begun and ended from afar: bounded in time and size, masked as every recording is.

A profile with `trace_dir` records every wire always; there only reading is left to do. What is told of a recording is
its end (`MOST_OCTETS`), in words.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from config.recording import MAX_LINE, About, Began, RecordingError, files_of, parse_line
from drivers.recorder import Recorder
from drivers.registry import full_name
from kiosk.devices import role_of
from kiosk.duties.office_commands import CannotDo
from kiosk.duties.service_orders import section_of, supervisor_of
from kiosk.trying.trace import TraceWords

if TYPE_CHECKING:
    from config.settings import Settings
    from drivers.supervisor import Supervisor

log = logging.getLogger(__name__)

FOLDER: Final = "trace-ctl"
MOST_BYTES: Final = 8 << 20
"""Of all recordings of one wire."""
MOST_MINUTES: Final = 60
MOST_OCTETS: Final = 512 << 10
MOST_LINES: Final = 500
HEAD: Final = 40
"""Lines at the head of a file that say when it began and whose wires are in it."""


@dataclass(slots=True)
class _On:
    """One wire that is being recorded."""

    recorder: Recorder
    off: asyncio.TimerHandle


class Wires:
    """One terminal's; all on the loop's thread."""

    def __init__(self, settings: Settings, supervisors: Sequence[Supervisor]) -> None:
        self._settings = settings
        self._supervisors = supervisors
        self._on: dict[str, _On] = {}

    def states(self) -> list[dict[str, Any]]:
        """Each wire: always, on (and for how many seconds), or off."""
        now = asyncio.get_running_loop().time()
        found = []
        for each in self._supervisors:
            section = section_of(each)
            on = self._on.get(section)
            state = "on" if on else "always" if each.device.tap is not None else "off"
            found.append({"device": section, "state": state, "seconds": round(on.off.when() - now) if on else 0})
        return found

    async def begin(self, wanted: str, minutes: int) -> str:
        """Record a wire for `minutes`. Raises `CannotDo`."""
        supervisor = supervisor_of(self._supervisors, wanted)
        device = supervisor.device
        self.end(wanted)
        if device.tap is not None:
            return f"{wanted}: recorded always"
        role = role_of(device)
        settings = next((each for name, each in self._settings.devices.items() if name == role), None)
        if settings is None:
            raise CannotDo(f"{wanted}: not in the profile")
        try:
            recorder = await asyncio.to_thread(Recorder, self._folder(wanted), MOST_BYTES)
        except OSError as error:
            raise CannotDo(f"{FOLDER}/{wanted} cannot be written: {error.strerror}") from error
        if device.tap is not None:  # two asked at once
            recorder.close()
            return f"{wanted}: recorded already"
        recorder.attach(device, full_name(device.family, settings.driver), settings.link, settings.options)
        off = asyncio.get_running_loop().call_later(minutes * 60, self.end, wanted)
        self._on[wanted] = _On(recorder, off)
        return f"{wanted}: recorded for {minutes} min"

    def end(self, wanted: str) -> str:
        """Record it no more; what was recorded stays. Raises `CannotDo`."""
        device = supervisor_of(self._supervisors, wanted).device
        on = self._on.pop(wanted, None)
        if on is None:
            return f"{wanted}: {'recorded always, by the profile' if device.tap is not None else 'not recorded'}"
        on.off.cancel()
        device.tap = None
        on.recorder.close()
        return f"{wanted}: no longer recorded"

    def end_all(self) -> None:
        """The terminal ends."""
        for each in tuple(self._on):
            self.end(each)

    async def lines(self, wanted: str, most: int) -> list[str]:
        """The last lines of what crossed, in words. Raises `CannotDo`: no such device, nothing recorded."""
        device = supervisor_of(self._supervisors, wanted).device
        own = self._folder(wanted)
        always = device.tap is not None and wanted not in self._on
        folder = self._settings.trace_dir if always and self._settings.trace_dir is not None else own
        try:
            return await asyncio.to_thread(last_lines, folder, device.name, most)
        except (RecordingError, OSError):
            raise CannotDo(f"{wanted}: nothing is recorded; switch it on first") from None

    def _folder(self, wanted: str) -> Path:
        return self._settings.state_dir / FOLDER / wanted


def last_lines(folder: Path, device: str, most: int) -> list[str]:
    """The end of a recording in words. Raises `RecordingError` for none, `OSError`. Blocking."""
    words, found = TraceWords(device), deque[str](maxlen=most)
    for file in files_of(folder)[-2:]:  # the newest may have just begun
        with file.open("rb") as octets:
            if file.stat().st_size > MOST_OCTETS:
                _introduced(octets, words)
                octets.seek(-MOST_OCTETS, os.SEEK_END)
                octets.readline(MAX_LINE)
            while (raw := octets.readline(MAX_LINE)).endswith(b"\n"):
                if line := words.line(parse_line(_line(raw))):
                    found.append(line)
    return list(found)


def _introduced(octets: BinaryIO, words: TraceWords) -> None:
    """When the file began, and whose wires are in it."""
    for _ in range(HEAD):
        record = parse_line(_line(octets.readline(MAX_LINE)))
        if not isinstance(record, Began | About):
            return
        words.line(record)


def _line(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")
