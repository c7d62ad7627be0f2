"""The answer of a query: from the platform, without a network from kept reference data, or from the own catalogue.

| item                        | answered by                               | without a network                  |
|-----------------------------|-------------------------------------------|------------------------------------|
| every other query           | the platform (`POST /queries`)            | not possible: said, nothing kept   |
| class `cache`               | the platform                              | reference data, at most 7 days old |
| guide, one-sentence finding | the terminal's catalogue and finder       | the same                           |
| help by video               | people (`POST /help-requests`): `call_in` | the number to call                 |
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import replace

from drivers.errors import DeviceError
from drivers.outcome import Done
from kiosk.catalogue.reference_data import ReferenceData, answers_here, has_reference, search, too_old
from kiosk.finding import Finder, all_entries
from kiosk.money.charging import new_id
from kiosk.money.fee_words import fee_line
from kiosk.platform.errors import PlatformError, Problem
from kiosk.platform.queries import QueryResult, Records, Said, Services
from kiosk.printing.receipts import ReceiptError, compose
from kiosk.visits.case import Case, Move, Stop
from kiosk.visits.result_words import result_page, slip_rows
from kiosk.visits.visit import Ended, Lead
from screens import pages
from screens.models import HelpAsked, NotDone, Place, ServiceLine, Working
from screens.screen import Language, Reply, Screen

TRIES = 2
PAUSE_S = 1.0
PRINT_S = 20.0
MAX_SERVICES = 12
NOTHING = Said("", "")
FINDER_SOURCE = Said("本机办事目录", "this terminal's catalogue")
FINDER_ADVICE = Said("请换一种说法，或问工作人员。", "Please put it another way, or ask a member of staff.")
FOUND_TITLE = Said("可以办的事项", "What can be done")


async def result(case: Case) -> Move:
    """Ask, show, print if wanted. Raises `Stop` when there is no answer, `Ended("lead")` when an item was opened."""
    if "intercom" in case.service.equipment:
        return await call_in(case)
    visit = case.visit
    visit.at(None)
    answer = await visit.during(lambda p: pages.working(p, Working("querying")), _asked(case))
    if isinstance(answer, Reply):
        return "back"
    return await _Shown(case, *answer).until_done()


async def _asked(case: Case) -> tuple[QueryResult, bool]:
    """The answer, and whether it is from kept data. Raises `Stop`."""
    service = case.service
    if answers_here(service):
        found, kept = await asyncio.to_thread(_from_catalogue, case), False
    else:
        found, kept = await _from_platform(case)
    body = {"service": service.id, "found": found.found, "kept": kept}
    await case.tools.journal.note(case.visit.id, "query.answered", body)
    return found, kept


async def _from_platform(case: Case) -> tuple[QueryResult, bool]:
    failed: PlatformError | None = None
    for attempt in range(TRIES):
        if attempt:
            await asyncio.sleep(PAUSE_S)
        try:
            return await _page(case, ""), False
        except Problem as problem:
            failed = problem
            if not problem.retryable:
                break
        except PlatformError as error:
            failed = error
    if has_reference(case.service) and not (isinstance(failed, Problem) and not failed.retryable):
        return await _from_kept(case), True
    await case.tools.journal.note(case.visit.id, "query.failed", {"service": case.service.id, "cause": _cause(failed)})
    raise Stop(NotDone(_cause(failed), can_retry=True, elsewhere=case.elsewhere())) from failed


async def _page(case: Case, cursor: str) -> QueryResult:
    session = case.session if case.service.level != "A0" else ""
    consents = case.consents if session else []
    return await case.tools.platform.queries.ask(session, case.service.id, case.form, consents, cursor)


def _cause(error: PlatformError | None) -> str:
    """Why there is no answer, as a key of the texts."""
    if not isinstance(error, Problem):
        return "network"
    return "query-again" if error.slug in ("session-expired", "assurance-too-low") else "query-refused"


async def _from_kept(case: Case) -> QueryResult:
    """What the kept reference data say. Raises `Stop` when there are none, or only old ones."""
    tools = case.tools
    store = ReferenceData(tools.settings.state_dir, tools.settings.platform.public_key)
    data = await asyncio.to_thread(store.kept, case.service.id)
    if data is None:
        raise Stop(NotDone("network", can_retry=True, elsewhere=case.elsewhere()))
    if too_old(data, tools.clock.platform_now()):
        raise Stop(NotDone("reference-old", can_retry=True, elsewhere=case.elsewhere()))
    found = search(data, case.form)
    sections = (found,) if found else ()
    advice = NOTHING if found else data.advice
    return QueryResult(data.service, bool(found), data.issued_at, data.source, "public", bool(found), advice, sections)


def _from_catalogue(case: Case) -> QueryResult:
    """Items of the own catalogue, by a sentence, or by a word and a field."""
    catalogue, form = case.tools.catalogue, case.form
    said = form.get("utterance") or form.get("keyword", "")
    if said:
        hits = Finder(all_entries(catalogue)).find(said, limit=50).hits
        ids = [hit.entry.id for hit in hits]
    else:
        ids = list(catalogue.services)
    field = form.get("field", "")
    ids = [i for i in ids if (s := catalogue.services.get(i)) and i != case.service.id and field in ("", s.field.key)]
    sections = (Services(FOUND_TITLE, tuple(ids[: MAX_SERVICES if said else 50])),) if ids else ()
    advice = NOTHING if ids else FINDER_ADVICE
    now = case.tools.clock.platform_now()
    return QueryResult(case.service.id, bool(ids), now, FINDER_SOURCE, "public", False, advice, sections)


class _Shown:
    """The answer on the page: further records, a slip, an item that is opened."""

    def __init__(self, case: Case, found: QueryResult, kept: bool) -> None:
        self.case = case
        self.found = found
        self.kept = kept
        self.told = ""

    async def until_done(self) -> Move:
        """Show it until the citizen has seen enough."""
        visit = self.case.visit
        while True:
            reply = await visit.ask(self._screen, seconds=visit.manners.result_s)
            if reply.key == "more":
                await self._more()
            elif reply.key == "print":
                await self._print()
            elif reply.key == "service" and reply.value in self.case.tools.catalogue.services:
                visit.lead = Lead(reply.value, {})
                raise Ended("lead")
            elif reply.key in ("back", "again"):
                return "back"
            elif reply.key == "continue":
                return "next"

    def _screen(self, place: Place) -> Screen:
        case = self.case
        zone = case.tools.clock.platform_now().tzinfo
        can_print = case.tools.receipt_printer.status.usable and not self.told
        model = result_page(
            case.service.name.get(place.language),
            self.found,
            place.language,
            lambda ids, language: service_lines(case, ids, language),
            kept=self.kept,
            can_print=can_print,
            at=self.found.as_of.astimezone(zone),
        )
        return pages.result(place, model, self.told)

    async def _more(self) -> None:
        """The next records; the page stays as it is when they cannot be had."""
        case, found = self.case, self.found
        if not found.cursor:
            return
        try:
            reply = await case.visit.during(lambda p: pages.working(p, Working("querying")), _page(case, found.cursor))
        except PlatformError:
            self.told = "result.no-more"
            return
        if isinstance(reply, Reply):
            return
        self.found = turned(found, reply)

    async def _print(self) -> None:
        """The slip, once; how that ended is said on the page."""
        visit = self.case.visit
        done = await visit.complete(lambda p: pages.working(p, Working("printing-slip")), self._slip())
        self.told = "result.printed" if done else "result.not-printed"

    async def _slip(self) -> bool:
        case, printer = self.case, self.case.tools.receipt_printer
        try:
            document = compose(
                "query-result", self._values(), simulated=case.tools.settings.simulated, language=case.visit.language
            )
            outcome = await printer.print_document(document, deadline_s=PRINT_S)
        except (DeviceError, ReceiptError) as error:
            await case.tools.journal.note(case.visit.id, "slip.failed", {"cause": type(error).__name__})
            return False
        await case.tools.journal.note(case.visit.id, "slip.printed" if isinstance(outcome, Done) else "slip.failed", {})
        return isinstance(outcome, Done)

    def _values(self) -> dict[str, str]:
        case, language = self.case, self.case.visit.language
        terminal = case.tools.settings.terminal
        values = {
            "service": case.service.name.get(language),
            "rows": slip_rows(self.found, language),
            "source": self.found.source.get(language),
            "hall": terminal.hall_zh if language == "zh" else terminal.hall_en,
            "terminal": terminal.id,
            "time": self.found.as_of.astimezone(case.tools.clock.platform_now().tzinfo).isoformat(timespec="seconds"),
            "help_phone": terminal.help_phone,
        }
        if case.session and case.service.level != "A0" and case.visit.vault.get("card") is not None:
            values["name"] = case.card.name
        return values


def turned(found: QueryResult, page: QueryResult) -> QueryResult:
    """`found` with the records of the next page in place of its own: a page never grows beyond what can be shown."""
    last = found.sections[-1] if found.sections else None
    more = page.sections[-1] if page.sections else None
    if not isinstance(last, Records) or not isinstance(more, Records) or last.columns != more.columns:
        return replace(found, cursor="")
    return replace(found, sections=(*found.sections[:-1], more), cursor=page.cursor)


def service_lines(case: Case, ids: Iterable[str], language: Language | str) -> tuple[ServiceLine, ...]:
    """Items of the catalogue by id, as lines to open; whether each can be started now its guide says."""
    services = case.tools.catalogue.services
    return tuple(
        ServiceLine(s.id, s.name.get(language), s.kind, fee_line(s.fee, language), s.minutes, True)  # type: ignore[arg-type]  # a page's language is one of ours
        for i in ids
        if (s := services.get(i))
    )


async def call_in(case: Case) -> Move:
    """Ask for a person: they call back, or are called. Without the platform there is always the number to call."""
    visit, form = case.visit, case.form
    visit.at(None)
    key = new_id("hlp")

    async def ask() -> HelpAsked:
        terminal = case.tools.settings.terminal
        for attempt in range(TRIES):
            if attempt:
                await asyncio.sleep(PAUSE_S)
            try:
                found = await case.tools.platform.counters.ask_for_help(
                    key,
                    case.service.id,
                    topic=form.get("topic", ""),
                    phone=form.get("phone", ""),
                    case_no=form.get("case_no", ""),
                    session=case.session,
                )
            except PlatformError:
                continue
            await case.tools.journal.note(visit.id, "help.asked", {"number": found.number})
            way = "call-back" if found.way == "call-back" else "call-us"
            return HelpAsked(way, found.number, found.phone, found.minutes, found.open.get(visit.language))  # type: ignore[arg-type]  # one of the literals
        return HelpAsked("offline", "", terminal.help_phone, 0, "")

    model = await visit.complete(lambda p: pages.working(p, Working("querying")), ask())
    await visit.ask(lambda p: pages.help_asked(p, model), seconds=visit.manners.result_s)
    return "next"
