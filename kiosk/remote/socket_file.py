"""The socket in the file system: made with 0600, found again after a crash, and whose hand is at its other end.

It is bound and connected through `/proc/self/fd/N`: the name of a socket has room for 107 octets, a folder's has not.
"""

from __future__ import annotations

import os
import socket
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

BACKLOG: Final = 8
CONNECT_S: Final = 1.0
_UCRED: Final = struct.Struct("3i")
NOBODY: Final = 0xFFFFFFFF
"""As the kernel tells that a process has no login (`/proc/PID/loginuid`)."""


class InUse(OSError):
    """Another terminal answers at this socket."""


@dataclass(frozen=True, slots=True)
class Peer:
    """Who is at the other end: user, and the user who logged in (-1: not known); `pid` was theirs when they came."""

    uid: int
    pid: int
    login: int = -1


Credentials = Callable[[Any], Peer]
"""Socket -> who is at its other end."""


def peer_of(connected: Any) -> Peer:
    """SO_PEERCRED (unix(7)): the kernel's word about who connected."""
    pid, uid, _ = _UCRED.unpack(connected.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _UCRED.size))
    login = -1
    with suppress(OSError, ValueError):
        login = int(Path(f"/proc/{pid}/loginuid").read_text("ascii")[:12])
    return Peer(uid, pid, -1 if login == NOBODY else login)


@contextmanager
def _short(path: Path) -> Iterator[str]:
    """A short name for `path`."""
    folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)


def connected(path: Path, timeout_s: float) -> socket.socket:
    """A connection to who listens there. Raises `OSError`."""
    made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
    made.settimeout(timeout_s)
    try:
        with _short(path) as name:
            made.connect(name)
    except BaseException:
        made.close()
        raise
    return made


def listening(path: Path) -> socket.socket:
    """A new socket at `path`, for its owner alone; one that a crash left behind is taken away.

    Raises `InUse`, `OSError`.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if os.path.lexists(path):
        if not path.is_socket():
            raise FileExistsError(f"{path}: something else than a socket stands there; take it away")
        with suppress(ConnectionRefusedError, FileNotFoundError):
            connected(path, CONNECT_S).close()
            raise InUse(f"{path}: another terminal answers there")
        path.unlink(missing_ok=True)
    made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC | socket.SOCK_NONBLOCK)
    try:
        os.fchmod(made.fileno(), 0o600)  # before it has a name: bind gives its file this mode, masked further
        with _short(path) as name:
            made.bind(name)
        path.chmod(0o600)
        made.listen(BACKLOG)
    except BaseException:
        made.close()
        raise
    return made


def taken_away(path: Path, made: tuple[int, int]) -> None:
    """Remove the socket's file, when it is still the one that was `made` (device, inode)."""
    with suppress(OSError):
        there = path.lstat()
        if (there.st_dev, there.st_ino) == made:
            path.unlink()


def identity(path: Path) -> tuple[int, int]:
    """Device and inode of `path`. Raises `OSError`."""
    there = path.lstat()
    return there.st_dev, there.st_ino
