"""From the gesture to the session and back to citizens: a handshake, as between a kiosk and its vendor mode.

asked for -> the visit under way ends first (never in an act that cannot be undone) -> devices are handed over (nothing
else uses them) -> the session -> armed again, however it ended. Two ways in: at the panel, and from afar with a code;
one session at a time.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from kiosk.diagnostics.facts import DoorFact
from kiosk.journal import JournalError
from kiosk.offering.places import nearest
from kiosk.technician.at_door import PREFIX, AtDoor
from kiosk.technician.audit import SESSION
from kiosk.technician.code_secret import CodeSecret
from kiosk.technician.door import Admitted, Shut
from kiosk.technician.ending import Ending
from kiosk.technician.gate import Gate
from kiosk.technician.gesture import Gesture
from kiosk.technician.session import Session, Source
from kiosk.visits.visit import Ended, Visit
from screens.models.technician import Maintenance
from screens.pages.technician import maintenance
from screens.screen import Language

if TYPE_CHECKING:
    from kiosk.terminal import Terminal
    from kiosk.workshop import Workshop

log = logging.getLogger(__name__)
Pages = Callable[[Session], Awaitable[None]]
"""What the technician sees and does; returns when they leave."""
AT_THE_DOOR: Final = "t-door"
"""In place of a visit while somebody stands at the door: nothing else uses the devices."""
END_S: Final = 5.0


@dataclass(slots=True)
class _Asked:
    """Somebody from afar who was admitted, and waits for the terminal."""

    admitted: Admitted
    given: asyncio.Future[Session]
    visit: Visit | None


class Entry:
    """One terminal's. `rearm` is called whenever citizens get the terminal back: lock-down, window."""

    def __init__(
        self,
        terminal: Terminal,
        gate: Gate,
        show: Pages | None = None,
    ) -> None:
        self.session: Session | None = None
        self.gate = gate
        self.workshop: Workshop | None = None
        """What sessions are given beside the terminal."""
        self.secret: CodeSecret | None = None
        """The secret of typed codes, to be told to the platform."""
        self.rearm: list[Callable[[], None]] = []
        self._terminal = terminal
        self._show = show
        rules = gate.settings.technician
        self.ending = Ending(terminal, rules.act_end_s)
        self._gesture = Gesture(rules.gesture, rules.gesture_s, rules.gesture_rest_s)
        self._asked: _Asked | None = None

    async def recall(self) -> None:
        """After a start: a session that a crash or a power cut ended is closed on record. It is not opened again."""
        await self.gate.recall()
        journal = self._terminal.tools.journal
        try:
            told = await journal.recent_of_staff(SESSION, 50)
            over = {body["session"] for body in told if body["what"] == "closed"}
            for body in told:
                if body["what"] == "opened" and body["session"] not in over:
                    who = {key: body[key] for key in ("session", "who", "role")}
                    await journal.note("", SESSION, {**who, "what": "closed", "why": "crash"})
        except JournalError as error:
            log.warning("technicians: how the last session ended is not on record: %s", error)

    def fact(self) -> DoorFact:
        """For the readiness report."""
        return DoorFact(self.ending.acts, self.gate.lost_until(), self.gate.refused)

    async def tell_platform(self) -> None:
        """Beside the terminal, until the platform knows what it must."""
        if self.secret is not None:
            await self.secret.keep_told(self._terminal.tools.platform)

    # The gesture

    def corner(self, corner: str) -> bool:
        """A corner was touched on standby or the closed page; true when that was the gesture."""
        return self._gesture.touched(corner, asyncio.get_running_loop().time())

    def elsewhere(self) -> None:
        """Something else was touched."""
        self._gesture.forget()

    # At the panel

    async def at_the_panel(self, language: Language = "zh") -> None:
        """Door, session, and back; returns with the terminal armed, whatever happened."""
        terminal = self._terminal
        if self.session is not None:
            return
        visit = Visit(terminal.display, terminal.replies, terminal.place(language), terminal.tools.settings.manners)
        try:
            terminal.visit_id = AT_THE_DOOR
            try:
                admitted = await AtDoor(self.gate, terminal.tools, visit).come_in()
                if admitted is not None:
                    session = self._opened(admitted, "panel", visit)
                    await self._hold(session, self._pages()(session))
            except Exception:
                log.exception("technician: ended by a program error")
            with suppress(Ended):
                if await terminal.card_there() and await terminal.remind(self._panel_of(visit)):
                    await self.gate.note("card-left")
        finally:
            self._arm(visit)

    def _panel_of(self, visit: Visit) -> Visit:
        """`visit`, or a fresh one where its pages were taken from it."""
        terminal = self._terminal
        if visit.display is terminal.display:
            return visit
        return Visit(terminal.display, terminal.replies, terminal.place(), visit.manners)

    async def countersigned(self, session: Session, *, besides_self: bool = True) -> Admitted | None:
        """A supervisor's card and PIN, or code, in the middle of `session`; None when nobody signed. At the panel only.

        `besides_self`: it must be another person than the one whose session it is.
        """
        if session.visit is None or session.source != "panel" or not session.is_open:
            return None
        besides = session.who if besides_self else ""
        door = AtDoor(self.gate, self._terminal.tools, session.visit, supervisor=True, besides=besides)
        session.touched()
        return await door.come_in()

    def _pages(self) -> Pages:
        if self._show is None:
            from kiosk.technician.showing import show  # the pages of tests and work: nothing for the first paint

            self._show = show
        return self._show

    # From afar

    async def admit(self, code: str) -> Admitted:
        """Who gives a code of the purpose `remote`, typed or signed; it is used up. Raises `Shut`."""
        check = self.gate.scanned if code.strip().startswith(PREFIX) else self.gate.typed
        return await check(code.strip(), "remote")

    @asynccontextmanager
    async def remotely(self, code: str | Admitted, visit: Visit | None = None) -> AsyncIterator[Session]:
        """A session for who gives a code, or was admitted with one. It is over when the block is.

        `visit` shows its pages, where whoever has it shows pages. Raises `Shut`: refused, or the visit under way did
        not end in time (`busy`; the code is used up then).
        """
        if self.session is not None or self._asked is not None:
            await self.gate.note("refused", "busy")
            raise Shut("busy")
        given: asyncio.Future[Session] = asyncio.get_running_loop().create_future()
        asked = _Asked(await self.admit(code) if isinstance(code, str) else code, given, visit)
        if self.session is not None or self._asked is not None:
            raise Shut("busy")
        rules = self.gate.settings.technician
        self._asked = asked
        try:
            self._terminal.hurry(rules.hurry_s)
            self._terminal.poke()
            try:
                async with asyncio.timeout(rules.handover_s):
                    session = await given
            except TimeoutError:
                await self.gate.note("refused", "busy", asked.admitted.who)
                raise Shut("busy") from None
            yield session
        finally:
            if self._asked is asked:
                self._asked = None
            if given.done() and not given.cancelled():
                given.result().leave()

    @property
    def is_asked(self) -> bool:
        """Somebody from afar waits for the terminal: no new visit begins."""
        return self._asked is not None

    async def hand_over(self) -> None:
        """Called between visits: whoever waits gets the terminal, citizens see that it is being looked after."""
        asked, self._asked = self._asked, None
        if asked is None or asked.given.done():
            return
        session = self._opened(asked.admitted, "remote", asked.visit)
        terminal = self._terminal
        try:
            place = terminal.place()
            elsewhere = nearest(terminal.tools.settings, place.language, nearby=terminal.nearby())
            terminal.display.show(maintenance(place, Maintenance(elsewhere)))
            asked.given.set_result(session)
            await self._hold(session, session.ended.wait())
        finally:
            self._arm(asked.visit)

    # The session

    def _opened(self, admitted: Admitted, source: Source, visit: Visit | None) -> Session:
        rules = self.gate.settings.technician
        session = Session(
            self._terminal, who=admitted.who, role=admitted.role, how=admitted.how, source=source,
            idle_s=rules.idle_s, longest_s=rules.longest_s, workshop=self.workshop, visit=visit,
        )  # fmt: skip
        self.session = session
        self._terminal.visit_id = session.id
        return session

    async def _hold(self, session: Session, work: Awaitable[object]) -> None:
        """Run `work` until it or the session ends; both are over on return, on record."""
        task = asyncio.ensure_future(work)
        watch = asyncio.ensure_future(session.watch())
        going = False
        try:
            await session.opened()
            await asyncio.wait({task, watch}, return_when=asyncio.FIRST_COMPLETED)
            if task.done() and not task.cancelled() and task.exception() is not None:
                error = task.exception()
                session.leave("timeout" if isinstance(error, Ended) else "error")
                if not isinstance(error, Ended):
                    log.error("technician: the pages ended by a program error", exc_info=error)
            session.leave()
        except asyncio.CancelledError:
            going = True  # the program ends: whoever waits for an act would keep it from starting anew
            raise
        finally:
            session.leave("stopped")
            for each in (task, watch):
                each.cancel()
            cut = session.under_way
            session.stop_acts()
            await asyncio.wait({task, watch, *cut}, timeout=END_S)
            if not going:
                await self.ending.of(session, (*session.under_way, task), cut=cut)
            await session.closed()

    def _arm(self, visit: Visit | None) -> None:
        """A terminal for citizens again: nothing of the session is left on screen, in cameras, in replies."""
        terminal = self._terminal
        self.session = None
        if visit is not None:
            visit.vault.close()
        terminal.tools.wipe_eyes()
        if terminal.tools.code_reader is not None:
            terminal.tools.code_reader.wipe()
        terminal.display.wipe()
        terminal.replies.clear()
        terminal.visit_id = ""
        for each in self.rearm:
            try:
                each()
            except Exception:
                log.exception("technician: a part of arming the terminal failed")
        if terminal.settler:
            terminal.settler.poke()
