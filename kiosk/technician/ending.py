"""The end of a session whose act goes on: no citizen meets a device that moves, or a page that an act had printed.

| the act                          | citizens see                | then                                       |
|----------------------------------|-----------------------------|--------------------------------------------|
| ends within `entry.END_S`        | nothing of it               | the terminal is armed                      |
| ends within `act_end_s` after it | that it comes to rest       | the terminal is armed                      |
| goes on                          | the closed page, its reason | `act-stands` of config/health.toml: said,  |
|                                  |                             | the device anew, then the program; it      |
|                                  |                             | opens when the act has ended               |
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Iterable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from drivers.device import Device, DeviceState
from drivers.errors import DeviceError
from kiosk.events import LEVELS, events, log_line
from kiosk.journal import JournalError
from kiosk.offering.places import nearest
from screens.models.technician import Maintenance
from screens.pages.technician import maintenance

if TYPE_CHECKING:
    from kiosk.technician.session import Session
    from kiosk.terminal import Terminal

log = logging.getLogger(__name__)
PAGES: Final = "pages"
"""What the technician's own pages are called where no act is to blame."""
PRINTING: Final = "printing"
"""A sheet on its way: it comes out though its job was called off."""
POLL_S: Final = 8.0
AGAIN_S: Final = 1.0


class Ending:
    """One terminal's. `bound_s`: so long citizens wait for an act before the terminal closes."""

    def __init__(self, terminal: Terminal, bound_s: float) -> None:
        self._terminal = terminal
        self._bound_s = bound_s
        self._standing: dict[asyncio.Future[Any], str] = {}
        self._since = 0.0

    @property
    def acts(self) -> tuple[str, ...]:
        """What goes on though its session is over and its time too; () nothing."""
        return _named(self._standing.values())

    @property
    def stands_s(self) -> float:
        """Since when the terminal is closed because of it, in seconds."""
        return asyncio.get_running_loop().time() - self._since if self._standing else 0.0

    async def of(
        self, session: Session, parts: Collection[asyncio.Future[Any]], *, cut: Collection[asyncio.Future[Any]] = ()
    ) -> None:
        """Return when every part (cancelled already) has ended, or its time is over: then the terminal is closed.

        Where acts were `cut` the printers are waited for as well.
        """
        left = {part: session.act_of(part) or PAGES for part in parts if not part.done()}
        if cut:
            left[asyncio.create_task(self._at_rest(cut))] = PRINTING
        if not left or not (await asyncio.wait(left, timeout=AGAIN_S))[1]:
            return
        self._say("technician.act-goes-on", left.values())
        if session.visit is not None:
            session.visit.detach()
        terminal = self._terminal
        place = terminal.place()
        elsewhere = nearest(terminal.tools.settings, place.language, nearby=terminal.nearby())
        terminal.display.show(maintenance(place, Maintenance(elsewhere, ending=True)))
        _, still = await asyncio.wait(left, timeout=self._bound_s)
        if still:
            await self._close({part: left[part] for part in still})

    async def _at_rest(self, cut: Collection[asyncio.Future[Any]]) -> None:
        """Until the acts have ended and no printer says that it works."""
        await asyncio.wait(cut)
        tools = self._terminal.tools
        printers: tuple[Device, ...] = (tools.licence_printer, tools.receipt_printer)
        for printer in printers:
            while await _works(printer):  # noqa: ASYNC110 - a printer is asked, it tells nothing
                await asyncio.sleep(AGAIN_S)

    async def _close(self, still: dict[asyncio.Future[Any], str]) -> None:
        if not self._standing:
            self._since = asyncio.get_running_loop().time()
        self._standing |= still
        self._say("health.act-stands", still.values())
        self._closed(True)
        for part in still:
            part.add_done_callback(self._over)
        try:
            await self._terminal.tools.journal.note("", "technician.act-stands", {"acts": list(self.acts)[:10]})
        except JournalError as error:
            log.warning("technician: that an act goes on is not on record: %s", error)

    def _over(self, part: asyncio.Future[Any]) -> None:
        act = self._standing.pop(part, PAGES)
        log.info("act=technician.%s ended long after its session", act)
        if not self._standing:
            self._closed(False)

    def _closed(self, closed: bool) -> None:
        terminal = self._terminal
        terminal.orders.act_stands = closed
        terminal.capability.closed_reason = terminal.orders.closed_reason
        terminal.poke()

    def _say(self, event: str, acts: Iterable[str]) -> None:
        told = events()[event]
        log.log(LEVELS[told.severity], log_line(told, what=", ".join(_named(acts))))


def _named(acts: Iterable[str]) -> tuple[str, ...]:
    """Each once; printing is what is left when no act goes on."""
    found = set(acts)
    return tuple(sorted(found - {PRINTING} or found))


async def _works(printer: Device) -> bool:
    """Whether it says now that it is busy; one that does not answer is its supervisor's matter."""
    if not printer.status.usable:
        return False
    with suppress(DeviceError, TimeoutError):
        async with asyncio.timeout(POLL_S):
            return (await printer.poll()).device is DeviceState.BUSY
    return False
