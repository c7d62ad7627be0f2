"""The terminal's day: standby, a visit, standby. Whatever happens in a visit, the next citizen finds a clean screen."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, cast

from config.catalogue import Service
from config.texts import LANGUAGES, texts
from drivers.errors import DeviceError
from drivers.rhythm import until_beat
from kiosk.duties.office_orders import OfficeOrders
from kiosk.identity.person import after_journey, forget
from kiosk.intents import Kind, State
from kiosk.journal import JournalError, Write
from kiosk.journeys import run as journeys
from kiosk.offering.capability import Capability
from kiosk.offering.choosing import Choosing
from kiosk.offering.places import nearest
from kiosk.offering.search import ServiceSearch
from kiosk.platform.devices import Place as Nearby
from kiosk.recovery import Settlement, Settler
from kiosk.standby import standby_page
from kiosk.tracing.spans import Span, nothing, span
from kiosk.visits.card_watch import watch_card
from kiosk.visits.case import Case, Tools
from kiosk.visits.guidance import GuideLights
from kiosk.visits.settled_news import SHOWN_S, SettledNews
from kiosk.visits.visit import Display, Ended, Replies, Visit
from screens import pages
from screens.models import (
    Closed,
    Leave,
    NotDone,
    Place,
    Working,
)
from screens.modes import MODES
from screens.screen import Language, Mode, Reply, Screen, Voice

if TYPE_CHECKING:
    from kiosk.technician.entry import Entry

log = logging.getLogger(__name__)

STANDBY_REFRESH_S = 2.0
"""What changes is told (`poke`); what nobody tells, as the hour and areas of the platform, is seen after so long."""
PAUSE_AFTER_BUG_S = 5.0


def _leave_page(model: Leave, place: Place) -> Screen:
    return pages.leave(place, model)


class Terminal:
    """Runs visits one after another until cancelled. `visit_id` is "" while nobody is here."""

    def __init__(
        self,
        tools: Tools,
        capability: Capability,
        display: Display,
        replies: Replies,
        lights: GuideLights | None = None,
    ) -> None:
        self.tools = tools
        self.lights = lights or GuideLights(None)
        self.capability = capability
        self.display = display
        self.replies = replies
        self.settler: Settler | None = None
        self.search = ServiceSearch()
        self.visit_id = ""
        self._span: Span = nothing()
        self.orders = OfficeOrders()
        """What the office ordered from afar."""
        self.technician: Entry | None = None
        """How technicians come in; None: there is no such door."""
        self.settled = SettledNews()
        self._until_look: asyncio.Timeout | None = None
        self._by_voice = False
        self._headset = False
        """A headset is in."""
        self._mode: Mode = "standard"
        self._language: Language = "zh"
        """Mode and language that were chosen on standby for the visit that begins."""
        self.stirred: Callable[[], None] = lambda: None
        """Called when somebody begins a visit: sleeping devices wake."""
        self._visit: Visit | None = None
        self.nearby: Callable[[], Sequence[Nearby]] = tuple
        """Other places by the platform's word, the nearest first."""
        """The visit was begun with the keypad: whoever did it may not see the panel."""

    def place(self, language: Language = "zh") -> Place:
        """Where we stand, for a page without a visit."""
        t = self.tools.settings.terminal
        hall = t.hall_zh if language == "zh" else t.hall_en
        voice: Voice = "off" if self.tools.settings.speech.enabled else ""
        return Place(language, hall, t.number, t.help_phone, self.tools.settings.simulated, voice=voice)

    def settlement(self, settlement: Settlement) -> None:
        """Recovery settled what a power cut left open: tell whoever stands there."""
        self.settled.add(settlement, self.tools.clock.monotonic())
        self.poke()

    def poke(self) -> None:
        """Something changed that standby says or offers: look now."""
        if self._until_look is not None and not self._until_look.expired():
            self._until_look.reschedule(asyncio.get_running_loop().time())

    def hurry(self, seconds: float) -> None:
        """Somebody waits for the terminal: a page at which nobody does anything ends in `seconds`; no act does."""
        if self._visit is not None:
            self._visit.hurry(seconds)

    @property
    def knows_somebody(self) -> bool:
        """Whether the visit under way holds anything of its citizen."""
        visit = self._visit
        return visit is not None and (visit.person is not None or not visit.vault.is_empty)

    async def run(self) -> None:
        """Serve for ever. A bug outside a visit shows the closed page for a moment, and standby is tried again."""
        while True:
            try:
                await self._standby()
                with span("visit") as self._span:
                    await self._serve()
            except Exception:
                log.exception("standby failed by a program error")
                closed = Closed(texts("zh").t("reason.closed"), nearest(self.tools.settings, "zh"))
                self.display.show(pages.closed(self.place(), closed))
                await asyncio.sleep(PAUSE_AFTER_BUG_S)

    # Nobody is here

    async def _standby(self) -> None:
        """Wait for somebody; what works and what was settled stays current on the screen."""
        shown: Screen | None = None
        while True:
            self.search.ready(self.capability.current())
            if self.technician is not None and self.technician.is_asked:
                await self.technician.hand_over()
                shown = None
            if self.settled.is_news:
                await self._show_settled()
                shown = None
            screen = standby_page(self)
            if screen != shown:
                self.display.show(screen)
                shown = screen
            try:
                until_s = until_beat(asyncio.get_running_loop().time(), STANDBY_REFRESH_S)
                async with asyncio.timeout(until_s) as self._until_look:
                    reply = await self.replies.get()
            except TimeoutError:
                continue
            finally:
                self._until_look = None
            if reply.key == "corner":
                shown = None if await self._came_in(reply) else shown
                continue
            if self.technician is not None and reply.key != "headset":
                self.technician.elsewhere()
            if screen.page == "closed":
                continue  # nothing can be touched there: it was meant for the page before, or came from the keypad
            if reply.key == "headset":
                self._headset = reply.value == "in"
                continue
            if reply.key == "mode" and reply.value in MODES:
                self._mode = reply.value
                return
            if reply.key == "language" and reply.value in LANGUAGES:
                self._language = cast("Language", reply.value)
                return
            if reply.key == "start":
                self._by_voice = reply.value == "voice"
                return

    async def _came_in(self, reply: Reply) -> bool:
        """Whether that was the last corner of the technician's gesture: then they have come and gone."""
        if self.technician is None or not self.technician.corner(reply.value):
            return False
        await self.technician.at_the_panel()
        return True

    async def _show_settled(self) -> None:
        self.display.show(pages.settled(self.place(), self.settled.take()))
        self.replies.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(SHOWN_S):
                await self.replies.get()

    # Somebody is here

    async def _serve(self) -> None:
        """One citizen. Nothing that goes wrong in here reaches the next one, or the screen but as a sentence."""
        place, self._language = self.place(self._language), "zh"
        if self._by_voice and place.voice:
            place = replace(place, voice="on")
        place, self._mode = replace(place, mode=self._mode), "standard"
        if self._headset and place.voice:
            place = replace(place, headset=True, voice="on")
        visit = Visit(self.display, self.replies, place, self.tools.settings.manners)
        self.visit_id = visit.id
        self._span.told("visit", visit.id)
        self._visit = visit
        self.stirred()
        how = "leave"
        watch = asyncio.create_task(watch_card(visit, self.tools.reader), name="card watch")
        try:
            await self.tools.journal.note(visit.id, "visit.opened", {"terminal": self.tools.settings.terminal.id})
            how = await self._journeys(visit)
        except Ended as end:
            how = end.how
        except JournalError as error:
            # A fault of the disk, not of the program: no stack trace.
            log.error("the journal cannot be written (%s): what needs a record of an act is not offered", error)  # noqa: TRY400
            how = "error"
            await self._apologise(visit)
        except Exception:
            log.exception("a visit ended by a program error")
            how = "error"
            await self._apologise(visit)
        finally:
            watch.cancel()
            self._visit = None
            self._span.told("how", how)
            await self._goodbye(visit, how)

    async def _journeys(self, visit: Visit) -> str:
        """Home, guide, journey, until the citizen leaves; returns how. The catalogue is the one of the first page."""
        tools = replace(self.tools, catalogue=self.capability.current())
        heard = self.capability.heard_at()
        as_of = f"{heard:%Y-%m-%d %H:%M}" if heard else ""
        choosing = Choosing(visit, tools, self.capability, self.search, as_of)
        while True:
            service = self._led_to(visit, tools) or await choosing.choose()
            finished = await self._journey(visit, service, tools)
            if finished:
                return "done"

    def _led_to(self, visit: Visit, tools: Tools) -> Service | None:
        """The service that the journey before leads on to; what cannot be offered now is left out."""
        service = tools.catalogue.services.get(visit.lead.service) if visit.lead else None
        if service is not None and self.capability.of(service).available:
            return service
        visit.lead = None
        return None

    async def _journey(self, visit: Visit, service: Service, tools: Tools) -> bool:
        """One journey, again as often as the citizen asks. False: back to home."""
        while True:
            case = Case(visit, service, tools)
            try:
                return await journeys.run(case)
            except Ended as end:
                if end.how in ("home", "lead"):
                    return False
                if end.how != "again":
                    raise
            finally:
                await after_journey(case)
                visit.vault.close()
                visit.renew_vault()

    # Leaving

    async def _apologise(self, visit: Visit) -> None:
        """A program error: first the money, then a sentence."""
        money = "none"
        with suppress(JournalError, DeviceError, Ended):
            for intent in await self.tools.journal.visit_intents(visit.id):
                if intent.kind is Kind.CHARGE and intent.state is State.CHARGED:
                    visit.show(lambda p: pages.working(p, Working("refunding")))
                    money = "refunded" if await self.tools.money.give_back(intent.id) else "owed"
        model = NotDone("internal", money, visit.id[-8:].upper())  # type: ignore[arg-type]  # one of the literals above
        with suppress(Ended):
            await visit.show_for(lambda p: pages.not_done(p, model), visit.manners.result_s)

    async def _goodbye(self, visit: Visit, how: str) -> None:
        """Card and paper reminder, then everything of this citizen is gone; recorded either way."""
        try:
            left = await self.remind(visit)
        except Exception:
            log.exception("the reminder failed")
            left = "unknown"
        visit.vault.close()
        self.tools.wipe_eyes()
        if self.tools.code_reader is not None:
            self.tools.code_reader.wipe()
        self.display.wipe()
        self.replies.clear()
        self.visit_id = ""
        await forget(visit, self.tools)
        try:
            await self._close(visit.id, how, left)
        except JournalError:
            with suppress(JournalError):
                await self.tools.journal.note(visit.id, "visit.closed", {"how": how, "left": left})
        if self.settler:
            self.settler.poke()

    async def _close(self, visit: str, how: str, left: str) -> None:
        """The last entry of a visit; its chain goes to the platform for supervision."""
        outbox = self.tools.outbox

        def work(write: Write) -> None:
            write.entry(visit, "visit.closed", {"how": how, "left": left})
            outbox.post(write, "events", visit, f"events-{visit}", {"visit": visit})

        await self.tools.journal.write(work)
        outbox.poke()

    async def remind(self, visit: Visit) -> str:
        """Say goodbye; as long as a card lies there, ask to take it. Returns what was left behind ("" nothing)."""
        deadline = self.tools.clock.monotonic() + visit.manners.leave_s
        there = await self.card_there()
        while True:
            left = ("card",) if there else ()
            seconds = min(2.0, visit.manners.leave_s) if there else 3.0
            model = Leave(left)
            self.lights.lead("card_left" if there else "leave")
            reply = await visit.show_for(partial(_leave_page, model), seconds)
            was_there, there = there, await self.card_there()
            if not there and (not was_there or reply is not None):
                return ""
            if there and self.tools.clock.monotonic() > deadline:
                return "card"

    async def card_there(self) -> bool:
        """Whether a card lies on the reader; false when it does not say."""
        try:
            async with asyncio.timeout(3):
                return await self.tools.reader.card_present()
        except (DeviceError, TimeoutError):
            return False
