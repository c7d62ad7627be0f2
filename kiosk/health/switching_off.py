"""Switching the machine off, by systemd's own way (logind lets the terminal's user do it: docs/running-on.md)."""

from __future__ import annotations

import asyncio
import logging
from typing import Final

log = logging.getLogger(__name__)

COMMAND: Final = ("systemctl", "poweroff", "--no-wall")
DEADLINE_S: Final = 20.0


async def switch_off() -> bool:
    """Ask for it; whether systemd took the order. Never raises."""
    try:
        process = await asyncio.create_subprocess_exec(
            *COMMAND,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )
    except OSError as error:
        log.error("the machine cannot be switched off: %s", error)  # noqa: TRY400 - what the system lacks, no bug
        return False
    try:
        async with asyncio.timeout(DEADLINE_S):
            _, said = await process.communicate()
    except TimeoutError:
        process.kill()
        await process.wait()
        log.error("the machine cannot be switched off: no answer within %g s", DEADLINE_S)  # noqa: TRY400 - as above
        return False
    if process.returncode:
        log.error("the machine cannot be switched off: %s", said.decode("utf-8", "replace").strip()[:300])
        return False
    return True


async def stay_on() -> bool:
    """Where the profile does not let the machine be switched off: only said."""
    log.warning("the machine would be switched off now (power.switch_off is not set)")
    return True
