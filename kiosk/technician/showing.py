"""What a technician sees and does at the panel, from the open door to the terminal that serves again.

The overview leads everywhere; home comes back to it, leave asks and ends the session, and silence ends it too.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING, Final

from kiosk.technician.showing_pages import TechnicianPages
from kiosk.technician.showing_readiness import Looked, begun, detail, look, readiness
from kiosk.technician.showing_tests import Testing
from kiosk.technician.showing_work import Working
from kiosk.visits.visit import Ended
from screens.models import Place
from screens.models.technician import TechLeave
from screens.pages.technician import tech_leave, tech_readiness, tech_section
from screens.screen import Screen

if TYPE_CHECKING:
    from kiosk.technician.session import Session

log = logging.getLogger(__name__)
AGAIN_S: Final = 5.0
"""The page is made anew so often while it is looked at: what was mended is seen to be well."""


async def show(session: Session) -> None:
    """The pages of one session, until the technician leaves or nobody is there any more."""
    assert session.visit is not None, "this session has no pages"
    await Showing(session, TechnicianPages(session, session.visit)).run()


class Showing:
    """One session's way through its pages."""

    def __init__(self, session: Session, pages: TechnicianPages) -> None:
        self.session = session
        self.pages = pages
        self.tests = Testing(pages)
        self.work = Working(pages)
        self._looked: Looked | None = None

    async def run(self) -> None:
        """Overview, tests, work, until it is left."""
        while self.session.is_open:
            try:
                await self._overview()
            except Ended as end:
                if end.how == "timeout":
                    self.session.leave("timeout")
                elif end.how == "leave" and await self._leaves():
                    self.session.leave()

    async def _overview(self) -> None:
        async with self._watched():
            reply = await self.pages.ask(self._readiness)
        if reply.key == "section":
            await self._section(reply.value)
        elif reply.key == "test" and (opens := await self.tests.section(reply.value)):
            await self._section(opens)
        elif reply.key == "test-all":
            await self.tests.all()
        elif reply.key == "report":
            await self.work.begin("report")
        elif reply.key == "work":
            await self._works()

    def _readiness(self, place: Place) -> Screen:
        assert self._looked is not None
        settings = self.session.tools.settings
        return tech_readiness(place, readiness(self._looked, place.language, settings))

    async def _section(self, id_: str) -> None:
        """One section, until it is left for the overview."""
        while True:
            async with self._watched():
                reply = await self.pages.ask(partial(self._detail, id_))
            if reply.key == "test":
                opens = await self.tests.section(reply.value)
                id_ = opens or id_
            elif reply.key == "back":
                return
            else:
                await self.work.begin(reply.key, section=id_)

    def _detail(self, id_: str, place: Place) -> Screen:
        assert self._looked is not None
        section = self._looked.section(id_)
        if section is None:
            return self._readiness(place)
        return tech_section(place, detail(self._looked, section, self.session, place.language))

    async def _works(self) -> None:
        """The list of work, until it is left."""
        while True:
            key = await self.work.chosen()
            if key == "back":
                return
            if key == "burn-in":
                await self.tests.again_and_again()
            else:
                await self.work.begin(key)

    async def _leaves(self) -> bool:
        """Ask before the terminal goes back; false: they stay."""
        self._looked = await look(self.session, self._looked)
        try:
            reply = await self.pages.ask(self._leave)
        except Ended as end:
            return end.how != "home"
        return reply.key == "rearm"

    def _leave(self, place: Place) -> Screen:
        looked = self._looked
        assert looked is not None
        faults = (each for each in looked.sections if each.state == "fault")
        holding = tuple(begun(each.sentence(place.language)) for each in faults)[:4]
        closed = self.session.terminal.orders.closed_words(place.language)
        return tech_leave(place, TechLeave(looked.services, holding, closed))

    @asynccontextmanager
    async def _watched(self) -> AsyncIterator[None]:
        """The page that is up is made anew every `AGAIN_S`."""
        self._looked = await look(self.session, self._looked)
        task = asyncio.create_task(self._again(), name="technician's overview")
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _again(self) -> None:
        while True:
            await asyncio.sleep(AGAIN_S)
            self._looked = await look(self.session, self._looked)
            self.pages.visit.refresh()
