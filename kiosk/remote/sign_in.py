"""Somebody from afar with the office's one-time code: signed in, and, where they ask for it, at work on the pages.

Signed in they act beside citizens (restart a device, drain, close), each act by their role and in the chain. At work
the terminal is theirs, as a technician's at the panel: the visit under way ends first, citizens see that it is being
looked after. One at a time, and never beside a session at the panel.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Final, TypeVar

from kiosk.remote.far_panel import FarPanel
from kiosk.remote.lines import Refused
from kiosk.technician.at_door import PREFIX, told
from kiosk.technician.door import Admitted, Shut
from kiosk.technician.session import NotAllowed, Session
from kiosk.visits.visit import Visit

if TYPE_CHECKING:
    from kiosk.remote.socket_file import Peer
    from kiosk.technician.audit import Figures
    from kiosk.technician.entry import Entry
    from kiosk.terminal import Terminal
    from kiosk.workshop import Workshop
    from screens.screen import Language

log = logging.getLogger(__name__)
T = TypeVar("T")
END_S: Final = 8.0
SIGN_IN: Final = "`kiosk ctl sign-in` with a one-time code of the office"


class SignIn:
    """One terminal's. `run` watches over whoever is signed in."""

    def __init__(self, workshop: Workshop) -> None:
        self._workshop = workshop
        self.session: Session | None = None
        """Whoever is signed in."""
        self.far: FarPanel | None = None
        """Their pages, while they are at work."""
        self._admitted: Admitted | None = None
        self._uid = -1
        self._work: asyncio.Task[None] | None = None
        self._came = asyncio.Event()
        self._one = asyncio.Lock()

    @property
    def _terminal(self) -> Terminal:
        return self._workshop.terminal

    @property
    def _entry(self) -> Entry:
        entry = self._terminal.technician
        if entry is None:
            raise Refused("refused", "this terminal has no technician's door")
        return entry

    async def run(self) -> None:
        """For ever: end what is silent for too long. Cancelled, whoever is signed in is signed out, on record."""
        while True:
            await self._came.wait()
            self._came.clear()
            session = self.session
            if session is None:
                continue
            try:
                await session.watch()
            finally:
                await self._over(session)

    # In and out

    async def sign_in(self, code: str, peer: Peer, language: Language) -> Session:
        """Admit who gives a code of the purpose `remote`. Raises `Refused`."""
        async with self._one:
            if self.session is not None or self._entry.session is not None:
                await self._entry.gate.note("refused", "busy")
                raise Refused("busy", "a technician is at work here already", "wait until they have left")
            try:
                self._admitted = await self._entry.admit(_tidy(code))
            except Shut as shut:
                raise Refused("shut", told(shut.reason, language, shut.until)) from None
            rules = self._entry.gate.settings.technician
            session = Session(
                self._terminal, who=self._admitted.who, role=self._admitted.role, how="code", source="remote",
                idle_s=rules.idle_s, longest_s=rules.longest_s, workshop=self._workshop,
            )  # fmt: skip
            await session.opened()
            await session.note("look", figures={"uid": peer.uid, "login": peer.login})
            self.session, self._uid = session, peer.uid
            self._came.set()
            return session

    async def sign_out(self, peer: Peer) -> None:
        """End it, and the work. Raises `Refused`."""
        session = self.signed_in(peer)
        session.leave()
        await self._over(session)

    async def _over(self, session: Session) -> None:
        """Everything of a session that has ended is gone; once."""
        if self.session is not session:
            return
        self.session, self._admitted, self._uid = None, None, -1
        session.leave("stopped")
        work = self._work
        if work is not None:
            work.cancel()
            await asyncio.wait({work}, timeout=END_S)
        await session.closed()

    # Acts

    def signed_in(self, peer: Peer) -> Session:
        """The session of this user. Raises `Refused`."""
        session = self.session
        if session is None or not session.is_open:
            raise Refused("not-signed-in", "nobody is signed in", SIGN_IN)
        if peer.uid != self._uid:
            raise Refused("not-signed-in", "another user is signed in", "wait until they have signed out")
        session.touched()
        return session

    def is_of(self, peer: Peer) -> bool:
        """Whether this user is the one who is signed in."""
        return self.session is not None and peer.uid == self._uid

    def at_work(self, peer: Peer) -> FarPanel:
        """The pages of this user's work. Raises `Refused`."""
        self.signed_in(peer)
        if self.far is None:
            raise Refused("refused", "you are not at work: the panel is the citizens'", "`kiosk ctl work` first")
        return self.far

    async def act(
        self, peer: Peer, act: str, work: Callable[[Session], Awaitable[T]],
        figures: Callable[[T], Figures] | None = None,
    ) -> T:  # fmt: skip
        """Do an act in their session, on record. Raises `Refused`, and what `work` raises."""
        session = self.signed_in(peer)
        at_panel = self._entry.session
        if at_panel is not None and at_panel.source == "panel":
            raise Refused("busy", "a technician is at the panel", "what they do goes first; wait until they have left")
        try:
            return await session.run(act, lambda: work(session), figures)
        except NotAllowed:
            words = f"{act}: not for the role {session.role}"
            raise Refused("not-allowed", words, "a supervisor may; sign in with their code") from None

    # Work

    async def begin_work(self, peer: Peer, language: Language) -> FarPanel:
        """Take the terminal over, when the visit under way has ended; its pages. Raises `Refused`.

        Cancelled while it waits, nothing is taken over.
        """
        session = self.signed_in(peer)
        if self.far is not None:
            return self.far
        admitted, far = self._admitted, FarPanel()
        if admitted is None or self._work is not None:
            raise Refused("busy", "work is beginning or ending", "ask again in a moment")
        begun: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        work = asyncio.create_task(self._at_work(admitted, session, far, language, begun), name="technician from afar")
        self._work = work
        work.add_done_callback(self._worked)
        try:
            await asyncio.wait({work, begun}, return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            work.cancel()
            raise
        if not begun.done():
            begun.cancel()
            raise Refused("busy", "the terminal was not handed over in time", "somebody is there; try again later")
        await far.settled()
        return far

    def _worked(self, work: asyncio.Task[None]) -> None:
        self.far, self._work = None, None
        if self.session is not None:
            self.session.touched()
        if not work.cancelled() and (error := work.exception()) is not None and not isinstance(error, Shut):
            log.error("ctl: the technician's pages ended by a program error", exc_info=error)

    async def _at_work(
        self, admitted: Admitted, session: Session, far: FarPanel, language: Language, begun: asyncio.Future[None]
    ) -> None:
        from kiosk.technician.showing import show  # the pages of tests and work: nothing for the first paint

        terminal = self._terminal
        visit = Visit(far, far.replies, terminal.place(language), terminal.tools.settings.manners)
        async with self._entry.remotely(admitted, visit) as held:
            self.far = far
            begun.set_result(None)
            pages = asyncio.ensure_future(show(held))
            ended = asyncio.ensure_future(held.ended.wait())
            try:
                while not (await asyncio.wait({pages, ended}, timeout=1.0, return_when=asyncio.FIRST_COMPLETED))[0]:
                    session.touched()
                if pages.done():
                    pages.result()
            finally:
                for each in (pages, ended):
                    each.cancel()
                with suppress(TimeoutError):
                    async with asyncio.timeout(END_S):
                        await asyncio.gather(pages, ended, return_exceptions=True)
                self.far = None
                far.wipe()


def _tidy(code: str) -> str:
    """As people type twelve digits: in groups."""
    return code.strip() if code.strip().startswith(PREFIX) else code.replace(" ", "").replace("-", "")
