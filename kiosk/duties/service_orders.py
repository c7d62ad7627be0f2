"""Restarting a device, and draining: one way of doing each, whoever orders it: fleet, technician, `kiosk ctl`."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Final

from drivers.device import DeviceState
from kiosk.diagnostics.sections import ROLES
from kiosk.duties.office_commands import CannotDo
from kiosk.journal import Journal, JournalError

if TYPE_CHECKING:
    from drivers.supervisor import Supervisor

RESTART_S: Final = 20.0
"""So long a device has to come back."""
LONGEST_DRAIN_MIN: Final = 30
USUAL_DRAIN_MIN: Final = 5
LOOK_S: Final = 0.5


def section_of(supervisor: Supervisor) -> str:
    """What its section of the report is called: that is what orders name."""
    return ROLES.get(supervisor.device.name, supervisor.device.name)


def supervisor_of(supervisors: Sequence[Supervisor], wanted: str) -> Supervisor:
    """The device of a section. Raises `CannotDo` that says which there are."""
    found = next((each for each in supervisors if section_of(each) == wanted), None)
    if found is None:
        raise CannotDo(f"device: one of {', '.join(sorted(section_of(each) for each in supervisors))}")
    return found


async def restarted(supervisor: Supervisor) -> bool:
    """Close a device and open it again; whether it is back within `RESTART_S`, well or with a fault of its own."""
    extra = supervisor.device.counters.extra
    before = extra.get("connects", 0)
    supervisor.restart()
    try:
        async with asyncio.timeout(RESTART_S):
            while not _is_back(supervisor, before):  # noqa: ASYNC110 - seldom, and the device's own event
                await asyncio.sleep(LOOK_S)
    except TimeoutError:
        return False
    return True


def _is_back(supervisor: Supervisor, before: int) -> bool:
    device = supervisor.device
    return device.counters.extra.get("connects", 0) > before and device.status.device is not DeviceState.STARTING


async def restart_device(supervisors: Sequence[Supervisor], wanted: str, is_busy: Callable[[], bool]) -> str:
    """Restart the device of a section, while nobody is served; returns how it is then. Raises `CannotDo`."""
    supervisor = supervisor_of(supervisors, wanted)
    if is_busy():
        raise CannotDo("a visit is under way")
    if not await restarted(supervisor):
        raise CannotDo(f"{wanted} was closed and has not come back within {RESTART_S:g} s")
    return f"{wanted}: {supervisor.device.status.device}"


def drain_minutes(text: str) -> int:
    """How long to wait; raises `CannotDo`."""
    if not (text.isascii() and text.isdecimal()) or not 1 <= int(text[:9]) <= LONGEST_DRAIN_MIN:
        raise CannotDo(f"minutes: expected 1 to {LONGEST_DRAIN_MIN}")
    return int(text)


async def drain(
    close: Callable[[], Awaitable[None]], is_busy: Callable[[], bool], journal: Journal, minutes: int
) -> str:
    """Close for who comes, then wait until the visit has ended and money is settled. Raises `CannotDo` after `minutes`.

    Cut short, or too late, it stays closed.
    """
    await close()
    try:
        async with asyncio.timeout(minutes * 60):
            while is_busy() or await _unsettled(journal):  # noqa: ASYNC110 - two things end it, seldom asked
                await asyncio.sleep(LOOK_S * 2)
    except TimeoutError:
        why = "a visit is under way" if is_busy() else "payments are not settled"
        raise CannotDo(f"after {minutes} min {why}; closed until opened or restarted") from None
    return "closed; nobody is here, nothing is unsettled"


async def _unsettled(journal: Journal) -> int:
    try:
        return len(await journal.open_intents())
    except JournalError as error:
        raise CannotDo(f"closed, but the journal cannot be read: {str(error)[:80]}") from error
