"""Files that root makes in the terminal's folder are the terminal's: `kiosk technician add` before the first start."""

from __future__ import annotations

import os
from pathlib import Path


def owner_of(folder: Path) -> tuple[int, int] | None:
    """User and group to whom a file that is made in `folder` has to be given; None when it is theirs already."""
    if os.geteuid() != 0:
        return None
    there = folder.stat()
    return None if there.st_uid == 0 else (there.st_uid, there.st_gid)


def hand_over(fd: int, folder: Path) -> None:
    """Give the open file, just made in `folder`, to whoever owns the folder."""
    if owner := owner_of(folder):
        os.fchown(fd, *owner)


def make_for_owner(path: Path) -> None:
    """Make an empty file at `path` for the folder's owner, where root would otherwise make its own; else nothing."""
    if owner_of(path.parent) is None or path.exists():
        return
    fd = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    try:
        hand_over(fd, path.parent)
    finally:
        os.close(fd)
