"""Choosing what to do: home, fields, verbs, a sentence, guides, until a service is started. Nobody is signed in yet."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import Final, Literal

from config.catalogue import Catalogue, Service
from config.home import home_page
from config.service_form import FormFieldSpec
from config.service_words import Words
from kiosk.entry import hangul
from kiosk.finding import Question, Ranked
from kiosk.forms.entry.writing import write
from kiosk.offering.capability import Capability
from kiosk.offering.places import nearest
from kiosk.offering.search import ServiceSearch, known
from kiosk.offering.service_lines import Sheet, field_lines, guide_model, limits_told, service_line
from kiosk.printing.guide_print import GuidePrinter
from kiosk.visits.case import Case, Tools
from kiosk.visits.visit import Ended, Visit
from screens import pages
from screens.models import FieldPage, Fields, Home, Place, Search, SearchChoice, ServiceLine, VerbLine
from screens.modes import appearance
from screens.screen import Language, Reply, Screen

log = logging.getLogger(__name__)

MAX_SENTENCE: Final = 60
WAIT_S: Final = 0.1
"""How long the page of the search waits for the finder before it says that it is starting."""
LAYERS: Final = ("pinyin", "latin", "upper", "signs")
WRITTEN: Final = FormFieldSpec(
    key="sentence", type="text", label=Words(zh="要找的事项", en="What you need", ko="찾으시는 업무"), max_length=60
)
"""A sentence that is written by hand has a page for it."""


LOOK_AGAIN_S = 0.5


@dataclass(slots=True)
class Choosing:
    """One citizen's looking around. `tools.catalogue` is the catalogue with which the visit began."""

    visit: Visit
    tools: Tools
    capability: Capability
    search: ServiceSearch
    as_of: str = ""

    @property
    def catalogue(self) -> Catalogue:
        """What was offered when the visit began."""
        return self.tools.catalogue

    async def choose(self) -> Service:
        """Until a service is started that can be started. Raises `kiosk.visits.visit.Ended`."""
        visit = self.visit
        while True:
            reply = await visit.ask(lambda p: pages.home(p, self._home(p)), seconds=visit.manners.idle_s)
            try:
                service = await self._followed(reply)
            except Ended as end:
                if end.how != "home":
                    raise
                continue  # "home" of a guide or a field leads here, not out of the visit
            if service is not None:
                return service

    async def _followed(self, reply: Reply) -> Service | None:
        """Where a touch on the first page leads: a service that is started, or None for back."""
        if reply.key == "service":
            return await self._opened(reply.value)
        if reply.key == "field":
            return await self._from_field(reply.value)
        if reply.key in ("more", "verb"):
            return await self._from_fields(reply.value)
        if reply.key == "search":
            return await self._from_search()
        return None

    async def read_guide(self, service: Service) -> bool:
        """The guide; true when the citizen starts and the service can be started."""
        visit, printer = self.visit, GuidePrinter(self.visit, self.tools)

        def build(place: Place) -> Screen:
            model = guide_model(
                service,
                self.catalogue,
                self.capability,
                self.tools.settings,
                place.language,
                prints=self._sheet(),
                as_of=self.as_of,
            )
            return pages.guide(place, model)

        while True:
            watch = asyncio.create_task(self._redrawn_when_it_changes(service), name="guide watch")
            try:
                reply = await visit.ask(build, seconds=visit.manners.form_s)
            finally:
                watch.cancel()
            if reply.key == "print" and (sheet := self._sheet()):
                await printer.print(service, sheet)
            elif reply.key != "start":
                return False
            elif service.depth > 1 and self.capability.of(service).available:
                return True

    async def _redrawn_when_it_changes(self, service: Service) -> None:
        """Draw the page again when the service can be started now, or no longer: a reader that has woken up (P7)."""
        was = self.capability.of(service)
        while True:
            await asyncio.sleep(LOOK_AGAIN_S)
            if (now := self.capability.of(service)) != was:
                was = now
                self.visit.refresh()

    def _sheet(self) -> Sheet:
        """On what a guide can be printed now: on A4 unless the tray holds numbered forms."""
        stocks = {service.form_stock for service in self.catalogue.services.values()} - {None}
        numbered = any(self.capability.forms_left(stock) for stock in stocks if stock)
        if not numbered and not self.capability.fault_of("licence_printer"):
            return "a4"
        return "" if self.capability.fault_of("receipt_printer") else "receipt"

    # Fields and verbs

    async def _from_fields(self, kind: str) -> Service | None:
        while True:

            def build(place: Place) -> Screen:
                return pages.fields(place, Fields(field_lines(self.catalogue, place.language, kind), kind))

            reply = await self.visit.ask(build, seconds=self.visit.manners.idle_s)
            if reply.key != "field":
                return None
            service = await self._from_field(reply.value, kind)
            if service is not None:
                return service

    async def _from_field(self, key: str, kind: str = "") -> Service | None:
        if key not in {line.key for line in field_lines(self.catalogue, self.visit.language, kind)}:
            return None

        def build(place: Place) -> Screen:
            line = {entry.key: entry for entry in field_lines(self.catalogue, place.language, kind)}[key]
            services = [
                s for s in self.catalogue.services.values() if s.field.key == key and (not kind or s.kind == kind)
            ]
            return pages.field_page(place, FieldPage(line, tuple(self._line(s, place.language) for s in services)))

        while True:
            reply = await self.visit.ask(build, seconds=self.visit.manners.idle_s)
            if reply.key != "service":
                return None
            if (service := await self._opened(reply.value)) is not None:
                return service

    async def _opened(self, key: str) -> Service | None:
        """The guide of a service; None when it is not started."""
        service = self.catalogue.services.get(key)
        return service if service is not None and await self.read_guide(service) else None

    # A sentence

    async def _from_search(self) -> Service | None:
        """Typed letters to a service. Nothing is started by what was typed; the citizen touches what is meant."""
        visit = self.visit
        text, layer = "", {"zh": "pinyin", "ko": "hangul"}.get(visit.language, "latin")
        await self._finder_there()
        while True:
            ranked = self._ranked(text)
            typed = text

            def build(place: Place, typed: str = typed, layer: str = layer, ranked: Ranked | None = ranked) -> Screen:
                return pages.search(place, self._found(place, typed, ranked, layer))

            reply = await visit.ask(build, seconds=visit.manners.form_s)
            if reply.key == "key":
                text = _typed(text, reply.value, layer)
            elif reply.key == "layer" and reply.value == "hand" and "hand" in self._layers():
                text = await self._by_hand(text) or text
            elif reply.key == "layer" and reply.value in self._layers():
                layer = reply.value
            elif reply.key == "focus":
                continue
            elif (service := await self._picked(reply, text)) is not None:
                return service
            elif reply.key not in ("service", "ask", "all"):
                return None

    async def _picked(self, reply: Reply, text: str, *, deep: int = 0) -> Service | None:
        """A service that was touched and whose guide was followed."""
        if reply.key == "service":
            return await self._opened(reply.value)
        if reply.key not in ("ask", "all") or deep > 1:
            return None
        ids = reply.value.split(",")[:50] if reply.key == "ask" else None

        def build(place: Place) -> Screen:
            ranked = self._ranked(text)
            services = known(ids or [hit.entry.id for hit in (ranked.hits if ranked else ())], self.catalogue)
            lines = tuple(self._line(s, place.language) for s in services)
            return pages.found(place, Search(text, lines))

        again = await self.visit.ask(build, seconds=self.visit.manners.idle_s)
        return await self._picked(again, text, deep=deep + 1)

    def _layers(self) -> tuple[str, ...]:
        """The keyboards of the search; the finger has a page of its own, not for whom listens."""
        place = self.visit.place
        by_hand = ("hand",) if self.tools.texts.reads_hand and place.voice != "on" else ()
        return (*(("hangul",) if place.language == "ko" else ()), LAYERS[0], *by_hand, *LAYERS[1:])

    async def _by_hand(self, text: str) -> str | None:
        """A sentence written with the finger; None when they go back."""
        case = Case(self.visit, next(iter(self.catalogue.services.values())), self.tools)
        return await write(case, WRITTEN, text, mode="text", begin="hand")

    async def _finder_there(self) -> None:
        if self.search.ready(self.catalogue):
            return

        def starting(place: Place) -> Screen:
            return pages.search(place, Search("", ready=False))

        await self.visit.during(starting, self.search.wait(self.catalogue), seconds=self.visit.manners.idle_s)

    def _ranked(self, text: str) -> Ranked | None:
        """None while there is nothing to ask or nobody to ask."""
        return self.search.find(text) if text and self.search.ready(self.catalogue) else None

    def _found(self, place: Place, text: str, ranked: Ranked | None, layer: str) -> Search:
        ready = self.search.ready(self.catalogue)
        if ranked is None:
            return Search(text, ready=ready, layer=layer, layers=self._layers())
        services = known((hit.entry.id for hit in ranked.hits), self.catalogue)
        lines = tuple(self._line(s, place.language) for s in services)
        question, choices = _asked(ranked.question, place.language)
        return Search(text, lines, ranked.sure, question, choices, ready, layer, self._layers())

    # Models

    def _home(self, place: Place) -> Home:
        wanted = home_page()
        fields = field_lines(self.catalogue, place.language)
        popular = tuple(self._line(s, place.language) for s in known(wanted.popular, self.catalogue))
        counts = [sum(s.kind == kind for s in self.catalogue.services.values()) for kind in wanted.verbs]
        verbs = tuple(VerbLine(kind, count) for kind, count in zip(wanted.verbs, counts, strict=True) if count)
        limits = limits_told(self.capability, place.language)
        first, more = fields[: wanted.fields], fields[wanted.fields :]
        if large := [f for key in wanted.elder for f in fields if f.key == key and appearance(place.mode) == "elder"]:
            first, more = tuple(large), tuple(f for f in fields if f not in large)
        if len(more) == 1:
            first, more = fields, ()
        elsewhere = nearest(self.tools.settings, place.language, self._lacking()) if limits else ""
        return Home(first, popular, self.capability.available(), limits, more, verbs, True, elsewhere)

    def _lacking(self) -> tuple[str, ...]:
        """The device families of what cannot be done now, and "area" where the platform fails: no terminal has that."""
        keys = (key.split(".") for key in self.capability.limits())
        return tuple(parts[1] for parts in keys if len(parts) == 3)

    def _line(self, service: Service, language: Language) -> ServiceLine:
        return service_line(service, self.capability, language, self.as_of)


def _typed(text: str, key: str, layer: str = "") -> str:
    """The sentence after one key; a full one takes no more. Korean goes letter by letter."""
    if key == "clear":
        return ""
    if key == "backspace":
        return hangul.erased(text) if layer == "hangul" else text[:-1]
    if key in hangul.KEYS:
        more = hangul.joined(text, key)
        return more if len(more) <= MAX_SENTENCE else text
    letter = " " if key == "space" else key
    return text if len(text) >= MAX_SENTENCE or len(letter) != 1 else (text + letter).lstrip()


def _asked(question: Question | None, language: Language) -> tuple[str, tuple[SearchChoice, ...]]:
    """What is asked back; one choice may stand for several services."""
    if question is None:
        return "", ()
    at: Literal[0, 1, 2] = 0 if language == "zh" else 2 if language == "ko" else 1
    choices = tuple(SearchChoice(choice.words[at], ",".join(choice.ids)) for choice in question.choices)
    return question.words[at], choices
