"""Who holds a port: looked up under /proc, only when a port could not be had. Linux; elsewhere nobody is found."""

from __future__ import annotations

import os
from pathlib import Path

MAX_PROCESSES = 4096


def holder_of(path: str, proc: Path = Path("/proc")) -> str:
    """The program that has `path` open, as `minicom (process 4711)`; empty when it cannot be seen."""
    wanted = os.path.realpath(path)
    ours = False
    for process in _processes(proc):
        try:
            open_files = list((process / "fd").iterdir())
        except OSError:
            continue  # ended meanwhile, or another user's
        if any(_is(entry, wanted) for entry in open_files):
            if process.name != str(os.getpid()):
                return f"{_name(process)} (process {process.name})"
            ours = True
    return "this program itself: two devices of the profile have the same port" if ours else ""


def _processes(proc: Path) -> list[Path]:
    try:
        return [entry for entry in proc.iterdir() if entry.name.isdecimal()][:MAX_PROCESSES]
    except OSError:
        return []


def _is(entry: Path, wanted: str) -> bool:
    try:
        return str(entry.readlink()) == wanted
    except OSError:
        return False


def _name(process: Path) -> str:
    try:
        return (process / "comm").read_text(encoding="utf-8", errors="replace").strip()[:40]
    except OSError:
        return "a program"
