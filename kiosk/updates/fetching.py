"""Gets manifest and file of a version from a web server: capped, at a least pace, going on where it broke."""

from __future__ import annotations

import hashlib
import os
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection, IncompleteRead
from pathlib import Path
from types import TracebackType
from typing import Final, Self
from urllib.parse import quote, urlsplit

from requests.utils import DEFAULT_CA_BUNDLE_PATH

from kiosk.updates.manifest import MAX_BYTES

CONNECT_S: Final = 10.0
READ_S: Final = 30.0
PIECE: Final = 65_536
PROGRESS: Final = 1 << 20
"""What a broken download has to have brought, not to count as a try: a line that breaks often gets there as well."""
SPARE: Final = 512 << 20
"""Room that must be left on the disk beside the file."""


class CannotFetch(Exception):
    """Not there, too large, too slow, or not what was signed; the message says which."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How slow a server may be: `window_s` by `window_s` at least `least` octets a second come, and the whole takes no
    longer than `begin_s` and its size at that pace."""

    least: float = 16 * 1024.0
    window_s: float = 60.0
    begin_s: float = 60.0


def fetch_manifest(url: str, pace: Pace = Pace()) -> bytes:
    """The bytes at `url`, at most `MAX_BYTES`. Blocking. Raises `CannotFetch`."""
    data = b""
    with _fetching(url, Watch(pace, MAX_BYTES), {}) as (answer, _):
        if answer.status != 200:
            raise CannotFetch(f"{url}: status {answer.status}")
        for piece in _pieces(answer):
            data += piece
            if len(data) > MAX_BYTES:
                raise CannotFetch(f"{url}: larger than {MAX_BYTES} bytes")
    return data


def fetch_file(url: str, target: Path, size: int, sha256: str, pace: Pace = Pace()) -> None:
    """Get `url` into `target`, going on with what is there of it; on return it is whole and synced. Blocking.

    Raises `CannotFetch`; what came is kept for the next time (`.part`) unless it is not what was signed.
    """
    part = part_of(target)
    try:
        if target.exists():
            if is_whole(target, size, sha256):
                return
            target.unlink()
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        _get(url, part, size, pace)
        if not is_whole(part, size, sha256):
            part.unlink()
            raise CannotFetch(f"{url}: not the file that was signed (size or sha256)")
        part.replace(target)
        folder = os.open(target.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        raise CannotFetch(f"{target.parent}: {error.strerror}") from None


def fetch_once(url: str, target: Path, size: int, sha256: str, pace: Pace) -> tuple[str, bool]:
    """`fetch_file`, tried once; (why it is not here, "" it is; whether it brought `PROGRESS` at least). Blocking."""
    part = part_of(target)
    before = _size_of(part)
    try:
        fetch_file(url, target, size, sha256, pace)
    except CannotFetch as error:
        return str(error), _size_of(part) - before >= PROGRESS
    return "", True


def part_of(target: Path) -> Path:
    """Where lies what has come of it."""
    return target.with_name(target.name + ".part")


def _size_of(path: Path) -> int:
    """In bytes; 0 where there is none."""
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _get(url: str, part: Path, size: int, pace: Pace) -> None:
    had = _size_of(part)
    if had > size:
        part.unlink()
        had = 0
    space = os.statvfs(part.parent)
    if space.f_bavail * space.f_frsize < size - had + SPARE:
        raise CannotFetch(f"{part.parent}: too little room for {size >> 20} MiB")
    if had == size:
        return
    headers = {"Range": f"bytes={had}-"} if had else {}
    with _fetching(url, Watch(pace, size), headers) as (answer, watch):
        if answer.status not in (200, 206):
            raise CannotFetch(f"{url}: status {answer.status}")
        goes_on = answer.status == 206 and (answer.headers.get("Content-Range") or "").startswith(f"bytes {had}-")
        come = had if goes_on else 0
        with part.open("ab" if goes_on else "wb") as file:
            try:
                for piece in _pieces(answer):
                    come += len(piece)
                    if come > size:
                        raise CannotFetch(f"{url}: larger than the {size} bytes that were signed")
                    file.write(piece)
                    watch.come += len(piece)
            finally:  # what came before it broke is where the next one goes on
                file.flush()
                os.fsync(file.fileno())


def _pieces(answer: HTTPResponse) -> Iterator[bytes]:
    """What comes, as it comes: `read` would wait for a whole piece. Raises `IncompleteRead`."""
    left = answer.length  # of the whole; `read1` does not count it down before Python 3.13
    while left is None or left > 0:
        piece = answer.read1(PIECE if left is None else min(PIECE, left))
        if not piece and left:
            raise IncompleteRead(b"", left)
        if not piece:
            return
        left = None if left is None else left - len(piece)
        yield piece


class Watch:
    """Ends a connection from another thread: a deadline for each single read bounds no whole, and one octet every 29 s
    would keep a thread for days, within the headers already."""

    def __init__(self, pace: Pace, size: int) -> None:
        self.pace = pace
        self.come = 0
        self.why = ""
        self._whole_s = pace.begin_s + size / pace.least
        self._over = threading.Event()
        self._socket: socket.socket | None = None
        self._thread = threading.Thread(target=self._mind, name="kiosk-fetch-pace", daemon=True)

    def over(self, connected: socket.socket) -> None:
        """Begin to watch."""
        self._socket = connected
        self._thread.start()

    def _mind(self) -> None:
        left, before = self._whole_s, 0
        while True:
            step = min(self.pace.window_s, left)
            if self._over.wait(step):
                return
            left -= step
            if left <= 0:
                self._end(f"not whole within {self._whole_s:.0f} s")
                return
            if self.come - before < self.pace.least * step:
                self._end(f"slower than {self.pace.least / 1024:g} KiB/s")
                return
            before = self.come

    def _end(self, why: str) -> None:
        self.why = why
        assert self._socket is not None
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self._over.set()
        if self._thread.is_alive():
            self._thread.join()


@contextmanager
def _fetching(url: str, watch: Watch, headers: dict[str, str]) -> Iterator[tuple[HTTPResponse, Watch]]:
    """The answer to a GET, no redirect followed, no proxy asked. Raises `CannotFetch` for whatever breaks it."""
    where = urlsplit(url)
    connection = _connection(where.scheme, where.hostname or "", where.port)
    try:
        with watch:
            connection.connect()
            connection.sock.settimeout(READ_S)
            watch.over(connection.sock)
            path = quote(where.path, safe="/%:@!$&'()*+,;=~") or "/"
            connection.request("GET", path, headers={"Connection": "close", **headers})
            yield connection.getresponse(), watch
    except (OSError, HTTPException) as error:
        raise CannotFetch(f"{url}: {watch.why or type(error).__name__}") from None
    finally:
        connection.close()
    if watch.why:  # an answer without a length, ended by us, looks whole
        raise CannotFetch(f"{url}: {watch.why}")


def _connection(scheme: str, host: str, port: int | None) -> HTTPConnection:
    if scheme == "https":
        trusted = ssl.create_default_context(cafile=DEFAULT_CA_BUNDLE_PATH)
        return HTTPSConnection(host, port, timeout=CONNECT_S, context=trusted)
    return HTTPConnection(host, port, timeout=CONNECT_S)


def is_whole(path: Path, size: int, sha256: str) -> bool:
    """Whether the file is what was signed."""
    try:
        if path.stat().st_size != size:
            return False
        digest = hashlib.sha256()
        with path.open("rb") as file:
            while piece := file.read(PIECE):
                digest.update(piece)
    except OSError:
        return False
    return digest.hexdigest() == sha256
