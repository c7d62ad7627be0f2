"""Who puts a version into place, marks it as good, and takes it back: RAUC, or the Debian package."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Final, Protocol

log = logging.getLogger(__name__)

INSTALL_S: Final = 1800.0
ASK_S: Final = 30.0
MOST_SAID: Final = 262_144


class CannotInstall(Exception):
    """The version is not in place; the message says why. What ran before still runs."""


class Installer(Protocol):
    """One way of installing. Every act may be done again after a power cut in the middle of it."""

    method: str

    async def install(self, file: Path, version: str) -> None:
        """Put `file` into place; the running version goes on. Raises `CannotInstall`."""
        ...

    async def start_anew(self) -> None:
        """Make the installed version run: reboot, or end the program for systemd to begin. May not return."""
        ...

    async def keep(self, version: str) -> None:
        """The running version is good: it is the one that starts from now on. Raises `CannotInstall`."""
        ...

    async def take_back(self, version: str) -> None:
        """`version` is bad: the one before it starts from now on. Raises `CannotInstall`."""
        ...


async def run(argv: Sequence[str], deadline_s: float) -> str:
    """What the program prints. Raises `CannotInstall` when it fails, says too much or takes too long; no shell."""
    name = Path(argv[0]).name
    try:
        process = await asyncio.create_subprocess_exec(
            *argv,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive"},
        )
    except OSError as error:
        raise CannotInstall(f"{name}: {error.strerror}; is it installed?") from error
    assert process.stdout is not None
    said = b""
    try:
        async with asyncio.timeout(deadline_s):
            while chunk := await process.stdout.read(65_536):
                said = (said + chunk)[-MOST_SAID:]
            await process.wait()
    except TimeoutError:
        raise CannotInstall(f"{name}: no end within {deadline_s:g} s") from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    text = said.decode("utf-8", "replace")
    if process.returncode:
        last = text.strip().splitlines()[-1:] or ["it said nothing"]
        raise CannotInstall(f"{name}: {last[0][:240]} (status {process.returncode})")
    return text
