"""Sheets of queued applications on disk: sealed to the platform, synced before their row, deleted with it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path

FOLDER = "sealed"
MAX_BYTES = 24 * 1024 * 1024
"""Of one application: more than this waits for the network with the citizen."""
MAX_ALL_BYTES = 512 * 1024 * 1024
_NAME = re.compile(r"[A-Za-z0-9_-]{4,80}-[0-9]{1,2}[.]sealed", re.ASCII)


class NoRoom(Exception):
    """More is waiting, or is to be kept, than this terminal keeps."""


class SealedSheets:
    """The folder below the state directory; files are named by the intent, and by nothing of the person."""

    def __init__(self, state_dir: Path) -> None:
        self._folder = state_dir / FOLDER

    def keep(self, intent: str, sheets: Iterable[bytes]) -> tuple[str, ...]:
        """Write them and sync; their names in order. Raises `NoRoom`, `OSError`; then nothing of it is left."""
        sealed = list(sheets)
        size = sum(map(len, sealed))
        if size > MAX_BYTES or size + self._used() > MAX_ALL_BYTES:
            raise NoRoom(f"at most {MAX_BYTES >> 20} MiB of one application, {MAX_ALL_BYTES >> 20} MiB in all")
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        names = tuple(f"{intent}-{at}.sealed" for at in range(len(sealed)))
        try:
            for name, data in zip(names, sealed, strict=True):
                fd = os.open(self._folder / name, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
                with os.fdopen(fd, "wb") as file:
                    file.write(data)
                    file.flush()
                    os.fsync(fd)
            self._sync()
        except OSError:
            self.forget(names)
            raise
        return names

    def read(self, name: str) -> bytes:
        """One sealed sheet. Raises `ValueError` for a name that is none, `OSError` when it is gone."""
        return self._path(name).read_bytes()

    def forget(self, names: Iterable[str]) -> None:
        """Delete them; gone already is as good."""
        for name in names:
            self._path(name).unlink(missing_ok=True)
        if self._folder.exists():
            self._sync()

    def forget_others(self, intents: Iterable[str]) -> int:
        """At start: delete what belongs to none of these (a power cut between sheet and row); how many."""
        if not self._folder.exists():
            return 0
        keep = set(intents)
        others = [file for file in self._folder.iterdir() if file.name.rpartition("-")[0] not in keep]
        for file in others:
            file.unlink(missing_ok=True)
        return len(others)

    def _used(self) -> int:
        return sum(file.stat().st_size for file in self._folder.iterdir()) if self._folder.exists() else 0

    def _path(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise ValueError("not the name of a sealed sheet")
        return self._folder / name

    def _sync(self) -> None:
        fd = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)
