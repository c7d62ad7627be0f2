"""Begins parts anew: a device, the processes that judge pictures, the core, the program. Counted over a restart."""

from __future__ import annotations

import json
import logging
import os
import time
from collections.abc import Awaitable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final, Protocol

from config.health_rules import Rung, health_rules
from drivers.supervisor import Supervisor
from kiosk.events import long_act
from kiosk.health.judging import Bounds, Restart

log = logging.getLogger(__name__)

FILE: Final = "restarts.json"
MOST_BYTES: Final = 16_384
AGAIN_STATUS: Final = 75
"""Exit status (sysexits' EX_TEMPFAIL) of a program that wants to be begun anew."""


class BeginAnew(Exception):
    """Raised through the core's task group: `rung` is "core" (another loop in this process) or "process"."""

    def __init__(self, rung: Rung, why: str) -> None:
        super().__init__(f"{rung}: {why}")
        self.rung = rung


class Closing(Protocol):
    """A picture engine: a process that starts anew at the next question."""

    def close(self) -> Awaitable[None]:
        """End it; never raises."""
        ...


def wanted_by(error: BaseException) -> BeginAnew | None:
    """The wish to begin anew within what a task group raised; None when it ended by anything else too."""
    if isinstance(error, BeginAnew):
        return error
    if isinstance(error, BaseExceptionGroup):
        found = [wanted_by(each) for each in error.exceptions]
        return next((each for each in found if each), None) if all(found) else None
    return None


async def begin_anew(restart: Restart, supervisors: Sequence[Supervisor], engines: Sequence[Closing]) -> None:
    """Do it. Raises `BeginAnew` for what only the caller's caller can end."""
    name = f"restart.{restart.rung}" + (f".{restart.subject}" if restart.subject else "")
    match restart.rung:
        case "device":
            with long_act(name):
                for supervisor in supervisors:
                    if supervisor.device.name == restart.subject:
                        # `restart` waits for the device's lock; here its holder hangs, and fails when the line goes.
                        await supervisor.device.close()
                        supervisor.restart()
        case "engines":
            with long_act(name):
                for engine in engines:
                    await engine.close()
        case _:
            log.warning("act=%s began because=%s", name, restart.rule.id)
            raise BeginAnew(restart.rung, restart.rule.id)


class RestartBook:
    """`restarts.json` in the state folder: when what was begun anew within the last hour. It may be lost."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE

    def read(self) -> list[tuple[float, Rung]]:
        """Seconds since 1970 and rung; empty when there is none that can be read."""
        try:
            with self.path.open("rb") as file:
                rows = json.loads(file.read(MOST_BYTES))
            return [(float(at), rung) for at, rung in rows if rung in ("device", "engines", "core", "process")]
        except (OSError, ValueError, TypeError):
            return []

    def write(self, done: Sequence[tuple[float, Rung]]) -> None:
        """Keep it. A disk that refuses costs only the count."""
        fresh = self.path.with_suffix(".new")
        with suppress(OSError):
            with fresh.open("w", encoding="ascii") as file:
                json.dump(list(done)[-200:], file)
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(self.path)


def may_go_on(error: Exception, folder: Path) -> int:
    """What follows when the core ended by `error`: 0 begin it anew in this process, else the status to exit with.

    Called in the core's thread, outside its loop, within the handler of `error`.
    """
    wish = wanted_by(error)
    if wish is None:
        log.error("the core ended by a program error", exc_info=error)
    elif wish.rung == "process":
        return AGAIN_STATUS
    else:
        return 0  # the rule that wished it has counted it
    book = RestartBook(folder)
    bounds = Bounds(health_rules().bounds, book.read())
    if not bounds.may("core", time.time()):
        return 1
    bounds.note("core", time.time())
    book.write(bounds.done)
    log.warning("act=restart.core began because=program-error")
    return 0
