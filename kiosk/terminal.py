"""The terminal's day: standby, a visit, standby. Whatever happens in a visit, the next citizen finds a clean screen."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from functools import partial

from config.catalogue import Service
from config.texts import texts
from drivers.errors import DeviceError
from kiosk.capability import Capability
from kiosk.case import Case, Tools
from kiosk.guidance import GuideLights
from kiosk.intents import Kind, State
from kiosk.journal import JournalError, Write
from kiosk.journeys import run as journeys
from kiosk.platform.errors import PlatformError
from kiosk.recovery import Settlement, Settler
from kiosk.visit import Display, Ended, Replies, Visit
from screens import pages
from screens.models import (
    Closed,
    FieldLine,
    FieldPage,
    Guide,
    Home,
    Known,
    Leave,
    NotDone,
    Place,
    ServiceLine,
    Settled,
    Standby,
    Working,
)
from screens.screen import Language, Screen

log = logging.getLogger(__name__)

SETTLED_SHOWN_S = 120.0
SETTLED_KEPT_S = 1800.0
STANDBY_REFRESH_S = 1.0
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
        self.visit_id = ""
        self.settled: list[tuple[float, Settlement]] = []
        self._news: list[Settlement] = []

    def place(self, language: Language = "zh") -> Place:
        """Where we stand, for a page without a visit."""
        t = self.tools.settings.terminal
        hall = t.hall_zh if language == "zh" else t.hall_en
        return Place(language, hall, t.number, t.help_phone, self.tools.settings.simulated)

    def settlement(self, settlement: Settlement) -> None:
        """Recovery settled what a power cut left open: tell whoever stands there."""
        now = self.tools.clock.monotonic()
        self.settled.append((now, settlement))
        self._news.append(settlement)
        del self.settled[:-10]

    async def run(self) -> None:
        """Serve for ever. A bug outside a visit shows the closed page for a moment, and standby is tried again."""
        while True:
            try:
                await self._standby()
                await self._serve()
            except Exception:
                log.exception("standby failed by a program error")
                say = texts("zh").t
                self.display.show(pages.closed(self.place(), Closed(say("reason.closed"), say("elsewhere.near"))))
                await asyncio.sleep(PAUSE_AFTER_BUG_S)

    # Nobody is here

    async def _standby(self) -> None:
        """Wait for somebody; what works and what was settled stays current on the screen."""
        shown: Screen | None = None
        while True:
            if self._news:
                await self._show_settled()
                shown = None
            screen = self._standby_page()
            if screen != shown:
                self.display.show(screen)
                shown = screen
            try:
                async with asyncio.timeout(STANDBY_REFRESH_S):
                    reply = await self.replies.get()
            except TimeoutError:
                continue
            if reply.key == "start":
                return

    def _standby_page(self) -> Screen:
        place = self.place()
        say = texts(place.language).t
        starting = all(key.endswith(".starting") for key in self.capability.limits())
        if self.capability.closed_reason or not (self.capability.available() or starting):
            reason = self.capability.closed_reason or "reason.closed"
            limits = [say(key) for key in self.capability.limits()]
            return pages.closed(place, Closed(limits[0] if len(limits) == 1 else say(reason), say("elsewhere.near")))
        limits = [] if starting else [say(key) for key in self.capability.limits()]
        now = self.tools.clock.monotonic()
        settled = tuple(self._sentence(s, place.language) for at, s in self.settled if now - at < SETTLED_KEPT_S)
        return pages.standby(place, Standby(self.capability.available(), tuple(limits), settled))

    async def _show_settled(self) -> None:
        news, self._news = self._news, []
        rows = tuple(
            Known(s.at.strftime("%H:%M"), self._sentence(s, "zh"))
            for s in sorted(news, key=lambda s: s.at, reverse=True)
        )
        self.display.show(pages.settled(self.place(), Settled(rows)))
        self.replies.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(SETTLED_SHOWN_S):
                await self.replies.get()

    def _sentence(self, settlement: Settlement, language: Language) -> str:
        return texts(language).t(
            f"settled.{settlement.fate}",
            yuan=f"{settlement.fen / 100:.2f}",
            reference=settlement.reference,
            number=settlement.number,
        )

    # Somebody is here

    async def _serve(self) -> None:
        """One citizen. Nothing that goes wrong in here reaches the next one, or the screen but as a sentence."""
        visit = Visit(self.display, self.replies, self.place(), self.tools.settings.manners)
        self.visit_id = visit.id
        how = "leave"
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
            await self._goodbye(visit, how)

    async def _journeys(self, visit: Visit) -> str:
        """Home, guide, journey, until the citizen leaves; returns how."""
        while True:
            service = await self._choose(visit)
            finished = await self._journey(visit, service)
            if finished:
                return "done"

    async def _journey(self, visit: Visit, service: Service) -> bool:
        """One journey, again as often as the citizen asks. False: back to home."""
        while True:
            case = Case(visit, service, self.tools)
            try:
                return await journeys.run(case)
            except Ended as end:
                if end.how == "home":
                    return False
                if end.how != "again":
                    raise
            finally:
                await self._end_session(case)
                visit.vault.close()
                visit.renew_vault()

    async def _end_session(self, case: Case) -> None:
        """The platform forgets the session; when it cannot be told, its own expiry does it."""
        if not case.session or (case.accepted and not case.accepted.number):
            return
        with suppress(PlatformError):
            await self.tools.platform.close_session(case.session)

    async def _choose(self, visit: Visit) -> Service:
        """Home, fields and guides, until a service is started."""
        while True:
            reply = await visit.ask(lambda p: pages.home(p, self._home(p)), seconds=visit.manners.idle_s)
            service = self.tools.catalogue.services.get(reply.value) if reply.key == "service" else None
            if reply.key == "field":
                service = await self._from_field(visit, reply.value)
            if service is not None and await self._guide(visit, service):
                return service

    async def _from_field(self, visit: Visit, key: str) -> Service | None:
        lines = {line.key: line for line in self._fields(visit.language)}
        if key not in lines:
            return None

        def build(place: Place) -> Screen:
            line = {entry.key: entry for entry in self._fields(place.language)}[key]
            services = [s for s in self.tools.catalogue.services.values() if s.field.key == key]
            return pages.field_page(place, FieldPage(line, tuple(self._line(s, place.language) for s in services)))

        reply = await visit.ask(build, seconds=visit.manners.idle_s)
        return self.tools.catalogue.services.get(reply.value) if reply.key == "service" else None

    async def _guide(self, visit: Visit, service: Service) -> bool:
        """The six elements; true when the citizen starts and the service can still be offered."""
        while True:
            reply = await visit.ask(
                lambda p: pages.guide(p, self._guide_model(service, p.language)), seconds=visit.manners.form_s
            )
            if reply.key != "start":
                return False
            if self.capability.of(service).available:
                return True

    # Models

    def _home(self, place: Place) -> Home:
        say = texts(place.language).t
        popular = tuple(self._line(s, place.language) for s in self.tools.catalogue.services.values())[:4]
        limits = tuple(say(key) for key in self.capability.limits())
        return Home(self._fields(place.language), popular, self.capability.available(), limits)

    def _fields(self, language: Language) -> tuple[FieldLine, ...]:
        services = self.tools.catalogue.services.values()
        return tuple(
            FieldLine(
                f.key, f.name.get(language), f.icon, f.note.get(language), sum(s.field.key == f.key for s in services)
            )
            for f in self.tools.catalogue.fields
        )

    def _line(self, service: Service, language: Language) -> ServiceLine:
        say = texts(language).t
        availability = self.capability.of(service)
        return ServiceLine(
            service.id,
            service.name.get(language),
            service.kind,
            self._fee(service, language),
            service.minutes,
            availability.available,
            say(availability.reason) if availability.reason else "",
        )

    @staticmethod
    def _fee(service: Service, language: Language) -> str:
        say = texts(language).t
        return say("fee.free") if service.fee.fen == 0 else say("fee.yuan", yuan=f"{service.fee.fen / 100:.2f}")

    def _guide_model(self, service: Service, language: Language) -> Guide:
        say = texts(language).t
        return Guide(
            self._line(service, language),
            service.basis.get(language),
            tuple(m.get(language) for m in service.materials),
            tuple(p.get(language) for p in service.procedure),
            self._fee(service, language),
            service.fee.basis.get(language),
            service.time_limit.get(language),
            service.output.get(language),
            service.authority.get(language),
            say("elsewhere.near"),
        )

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
            left = await self._reminder(visit)
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

    async def _reminder(self, visit: Visit) -> str:
        """Say goodbye; as long as a card lies there, ask to take it. Returns what was left behind ("" nothing)."""
        deadline = self.tools.clock.monotonic() + visit.manners.leave_s
        there = await self._card_there()
        while True:
            left = ("card",) if there else ()
            seconds = min(2.0, visit.manners.leave_s) if there else 3.0
            model = Leave(left)
            self.lights.lead("card_left" if there else "leave")
            reply = await visit.show_for(partial(_leave_page, model), seconds)
            was_there, there = there, await self._card_there()
            if not there and (not was_there or reply is not None):
                return ""
            if there and self.tools.clock.monotonic() > deadline:
                return "card"

    async def _card_there(self) -> bool:
        try:
            async with asyncio.timeout(3):
                return await self.tools.reader.card_present()
        except (DeviceError, TimeoutError):
            return False
