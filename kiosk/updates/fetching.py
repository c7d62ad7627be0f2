"""Gets manifest and file of a version from a web server: capped, under deadlines, going on where it broke."""

from __future__ import annotations

import hashlib
import os
import time
from pathlib import Path
from typing import Final

import requests
from urllib3.exceptions import HTTPError

from kiosk.updates.manifest import MAX_BYTES

CONNECT_S: Final = 10.0
READ_S: Final = 30.0
WHOLE_S: Final = 3600.0
PIECE: Final = 65_536
"""What a broken line costs at most."""
SPARE: Final = 512 << 20
"""Room that must be left on the disk beside the file."""


class CannotFetch(Exception):
    """Not there, too large, too slow, or not what was signed; the message says which."""


def _session() -> requests.Session:
    session = requests.Session()
    session.trust_env = False
    return session


def fetch_manifest(url: str) -> bytes:
    """The bytes at `url`, at most `MAX_BYTES`. Blocking. Raises `CannotFetch`."""
    try:
        with (
            _session() as session,
            session.get(url, timeout=(CONNECT_S, READ_S), allow_redirects=False, stream=True) as answer,
        ):
            if answer.status_code != 200:
                raise CannotFetch(f"{url}: status {answer.status_code}")
            data: bytes = answer.raw.read(MAX_BYTES + 1, decode_content=True)
    except (requests.RequestException, HTTPError, OSError) as error:  # what breaks off within is urllib3's own
        raise CannotFetch(f"{url}: {type(error).__name__}") from None
    if len(data) > MAX_BYTES:
        raise CannotFetch(f"{url}: larger than {MAX_BYTES} bytes")
    return data


def fetch_file(url: str, target: Path, size: int, sha256: str) -> None:
    """Get `url` into `target`, going on with what is there of it; on return it is whole and synced. Blocking.

    Raises `CannotFetch`; what came is kept for the next time unless it is not what was signed.
    """
    part = target.with_name(target.name + ".part")
    if target.exists():
        if is_whole(target, size, sha256):
            return
        target.unlink()
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        _get(url, part, size)
    except (requests.RequestException, OSError) as error:
        raise CannotFetch(f"{url}: {type(error).__name__}") from None
    if not is_whole(part, size, sha256):
        part.unlink()
        raise CannotFetch(f"{url}: not the file that was signed (size or sha256)")
    part.replace(target)
    folder = os.open(target.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _get(url: str, part: Path, size: int) -> None:
    had = part.stat().st_size if part.exists() else 0
    if had > size:
        part.unlink()
        had = 0
    space = os.statvfs(part.parent)
    if space.f_bavail * space.f_frsize < size - had + SPARE:
        raise CannotFetch(f"{part.parent}: too little room for {size >> 20} MiB")
    if had == size:
        return
    until = time.monotonic() + WHOLE_S
    headers = {"Range": f"bytes={had}-"} if had else {}
    with (
        _session() as session,
        session.get(url, timeout=(CONNECT_S, READ_S), allow_redirects=False, stream=True, headers=headers) as answer,
    ):
        if answer.status_code not in (200, 206):
            raise CannotFetch(f"{url}: status {answer.status_code}")
        goes_on = answer.status_code == 206 and answer.headers.get("Content-Range", "").startswith(f"bytes {had}-")
        come = had if goes_on else 0
        with part.open("ab" if goes_on else "wb") as file:
            for piece in answer.iter_content(PIECE):
                come += len(piece)
                if come > size:
                    raise CannotFetch(f"{url}: larger than the {size} bytes that were signed")
                if time.monotonic() > until:
                    raise CannotFetch(f"{url}: not whole within {WHOLE_S:g} s")
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())


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
