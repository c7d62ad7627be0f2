"""办件进度查询 (WH-GN-001): my cases, one case with its light and what happened; what can be done with it leads on."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any, TypeVar

from kiosk.platform.cases import CaseEvent, CaseFile
from kiosk.platform.errors import PlatformError, Problem
from kiosk.visits.case import Case, Move, Stop
from kiosk.visits.visit import Ended, Lead
from screens import pages
from screens.models import CaseLine, CaseMoment, CasePage, CaseParts, Cases, NotDone, Place, Working
from screens.screen import Reply, Screen

T = TypeVar("T")
PAGE = 6
EVENTS = 6
SUPPLEMENT, RATE, COURIER = "WH-GN-006", "WH-GN-014", "WH-GN-012"


class NotWaited(Exception):
    """The citizen would rather not wait for the answer."""


async def progress(case: Case) -> Move:
    """By the number that was filled in, else the person's own list."""
    number = case.form.get("case_no", "").replace(" ", "")
    if number:
        return await _one(case, number)
    try:
        found = await _asked(case, case.tools.platform.cases.mine(case.session))
    except NotWaited:
        return "back"
    return await _listed(case, found)


async def _listed(case: Case, found: tuple[CaseFile, ...]) -> Move:
    """The list, page by page; touching a case opens it."""
    visit = case.visit
    first = 0
    while True:
        shown = found[first : first + PAGE]

        def build(place: Place, shown: tuple[CaseFile, ...] = shown, first: int = first) -> Screen:
            lines = tuple(_line(file, place.language) for file in shown)
            return pages.cases(place, Cases(lines, len(found), first + len(shown) < len(found), first > 0))

        reply = await visit.ask(build, seconds=visit.manners.form_s)
        if reply.key == "case" and reply.value in {file.number for file in shown}:
            if await _one(case, reply.value) == "next":
                return "next"
        elif reply.key == "more":
            first = min(first + PAGE, max(0, len(found) - 1))
        elif reply.key == "earlier":
            first = max(0, first - PAGE)
        elif reply.key == "back":
            return "back"
        elif reply.key == "continue":
            return "next"


async def _one(case: Case, number: str) -> Move:
    """One case: what can be done with it ends this journey and begins that one."""
    visit, cases = case.visit, case.tools.platform.cases
    try:
        file = await _asked(case, cases.one(number, case.session))
        events = await _asked(case, cases.timeline(number, case.session))
    except NotWaited:
        return "back"
    while True:
        reply = await visit.ask(
            lambda p: pages.case_page(p, _page(file, events, p.language)), seconds=visit.manners.form_s
        )
        if reply.key == "lead" and reply.value in _leads(file):
            visit.lead = Lead(reply.value, {"case_no": number})
            raise Ended("lead")
        if reply.key == "back":
            return "back"
        if reply.key == "continue":
            return "next"


def _line(file: CaseFile, language: str) -> CaseLine:
    return CaseLine(file.number, file.name.get(language), file.state, file.light, file.promise_date)


def _page(file: CaseFile, events: tuple[CaseEvent, ...], language: str) -> CasePage:
    parts = tuple(
        CaseParts(part.number, part.name.get(language), part.state, part.light, part.promise_date, part.back_fen)
        for part in file.parts
    )
    moments = tuple(CaseMoment(e.at, e.kind, e.step.get(language)) for e in events if e.number == file.number)
    return CasePage(
        _line(file, language),
        file.department.get(language),
        file.step.get(language),
        file.why,
        file.promise_estimated,
        file.mine,
        file.back_fen,
        parts,
        moments[-EVENTS:],
        _leads(file),
    )


def _leads(file: CaseFile) -> tuple[str, ...]:
    """Services that can follow from a case: only the person's own, and only what its state allows."""
    if not file.mine:
        return (RATE,) if file.state == "DONE" else ()
    if file.state == "SUPPLEMENT":
        return (SUPPLEMENT,)
    return (RATE, COURIER) if file.state == "DONE" else ()


async def _asked(case: Case, question: Coroutine[Any, Any, T]) -> T:
    """What the platform says; what it refuses ends the journey with a reason. Raises `NotWaited`."""
    visit = case.visit
    try:
        answer = await visit.during(lambda p: pages.working(p, Working("querying")), question)
    except Problem as problem:
        cause = "no-such-case" if problem.slug in ("not-found", "validation") else "other"
        raise Stop(NotDone(cause)) from problem
    except PlatformError as error:
        raise Stop(NotDone("network", can_retry=True)) from error
    if isinstance(answer, Reply):
        raise NotWaited
    return answer
