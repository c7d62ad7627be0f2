"""Who puts a version into place, marks it as good, and takes it back: RAUC, or the Debian package."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from kiosk.updates.trial import Back

log = logging.getLogger(__name__)

INSTALL_S: Final = 1800.0
ASK_S: Final = 30.0
MOST_SAID: Final = 262_144
LAST_ERROR: Final = "LastError:"


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

    async def prolong(self, version: str) -> None:
        """`version` stays on trial for longer: nobody else takes it back yet. Raises `CannotInstall`."""
        ...

    async def settle(self) -> None:
        """Once a start, when nothing is on trial: what runs is what starts from now on. Raises `CannotInstall`."""
        ...

    async def went_back(self, version: str) -> Back:
        """Why something outside this program took `version` back, "" when nothing did or nothing is known."""
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
        raise CannotInstall(f"{name}: {_reason(text)[:240]} (status {process.returncode})")
    return text


def _reason(text: str) -> str:
    """What it says went wrong: RAUC's `LastError: ...`, which is not its last line, else the last one."""
    lines = text.strip().splitlines()
    named = [line.removeprefix(LAST_ERROR).strip() for line in lines if line.startswith(LAST_ERROR)]
    return (named or lines or ["it said nothing"])[-1]
