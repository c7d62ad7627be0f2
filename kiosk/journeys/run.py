"""A journey: the steps that the service's data names, in their order, with Back between them.

| verb   | its steps (from the catalogue)                                             |
|--------|----------------------------------------------------------------------------|
| apply  | consent, identify, face, fill, review, sign, pay, submit, receipt, finish  |
| print  | consent, identify, fill, review, print, finish                             |
| verify | verify                                                                     |

A step may be gone back to until something irreversible happened. Only the counters of the general field have code of
their own (`OWN`): looking up a case, rating one. Each step leaves an event when it begins and when it ends, with the
pages that were shown (电子监察: every transition is on record).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace

from config.bundle_whole import whole_of
from config.signing import signing
from kiosk.materials import papers
from kiosk.money import fees
from kiosk.printing.slips import gives_slip
from kiosk.steps import draft
from kiosk.steps.collect import collect, collectable
from kiosk.steps.consent import consent
from kiosk.steps.copy import copy
from kiosk.steps.face import face
from kiosk.steps.fill import fill
from kiosk.steps.finish import finish
from kiosk.steps.id_photo import photo
from kiosk.steps.identify import identify
from kiosk.steps.materials import materials
from kiosk.steps.pay import pay
from kiosk.steps.print_document import print_document, printer_ready
from kiosk.steps.progress import progress
from kiosk.steps.rate_case import rate_case
from kiosk.steps.receipt import receipt
from kiosk.steps.result import result
from kiosk.steps.review import review
from kiosk.steps.scan import scan
from kiosk.steps.sign import sign
from kiosk.steps.submit import submit
from kiosk.steps.ticket import ticket
from kiosk.steps.verify import verify
from kiosk.visits.case import Case, Move, Stop
from kiosk.visits.step_events import StepEvents
from kiosk.visits.visit import Ended
from screens import pages
from screens.models import StepName

Step = Callable[[Case], Awaitable[Move]]

STEPS: Mapping[str, Step] = {
    "consent": consent,
    "identify": identify,
    "face": face,
    "fill": fill,
    "scan": scan,
    "materials": materials,
    "review": review,
    "sign": sign,
    "pay": pay,
    "submit": submit,
    "print": print_document,
    "receipt": receipt,
    "finish": finish,
    "verify": verify,
    "photo": photo,
    "result": result,
    "collect": collect,
    "copy": copy,
}

OWN: Mapping[tuple[str, str], Step] = {
    ("WH-GN-001", "result"): progress,
    ("WH-GN-005", "receipt"): ticket,
    ("WH-GN-014", "submit"): rate_case,
}
"""(service, step) whose step is not the usual one of that name."""

SHOWN_AS: Mapping[str, StepName] = {
    "identify": "identify",
    "fill": "fill",
    "scan": "fill",
    "materials": "fill",
    "photo": "fill",
    "review": "review",
    "sign": "review",
    "pay": "pay",
    "submit": "fulfil",
    "print": "fulfil",
    "collect": "fulfil",
    "copy": "fulfil",
    "finish": "collect",
}

IRREVERSIBLE = frozenset({"pay", "submit", "print", "collect", "copy"})
GIVEN_FOR_MONEY = frozenset({"submit", "print", "collect", "copy"})


async def run(case: Case) -> bool:
    """Run the journey; true when it came to its result. Raises `kiosk.visits.visit.Ended` when the citizen left it."""
    visit = case.visit
    case.service = whole_of(case.service, case.tools.catalogue.services)
    names = _steps(case)
    events = StepEvents(case)
    await events.journey()
    _led_on(case)
    shown = tuple(dict.fromkeys(SHOWN_AS[n] for n in names if n in SHOWN_AS))
    visit.place = replace(visit.place, steps=shown, current=None)
    at, floor = 0, 0
    try:
        while at < len(names):
            if names[at] == "pay" and {"print", "copy"} & set(names[at:]) and fees.costs(case):
                await printer_ready(case)
            if names[at] == "pay" and "collect" in names[at:]:
                await collectable(case)
            if names[at] in draft.FIRST_OF:
                await draft.resume(case)
            step = OWN.get((case.service.id, names[at])) or STEPS[names[at]]
            move = await events.step(names[at], step)
            if names[at] == "pay" and case.charge and not (GIVEN_FOR_MONEY & set(names[at:]) or gives_slip(case)):
                # A bill: the platform's record of the payment is all that is given for it.
                await case.tools.money.serve(case.charge.intent)
            if move == "next":
                if names[at] in IRREVERSIBLE and (case.charge or case.accepted or case.printed):
                    floor = at + 1
                at += 1
            elif at <= floor:
                return False
            else:
                at = _before(case, names, at)
                if at < 0:
                    return False
    except Stop as stop:
        model = stop.model
        visit.place = replace(visit.place, current=None)
        reply = await visit.ask(lambda p: pages.not_done(p, model), seconds=visit.manners.result_s)
        if reply.key == "again":
            raise Ended("again") from stop
        return False
    except Ended as end:
        await draft.offer_to_keep(case, end)
        raise
    finally:
        await papers.close(case)
        visit.place = replace(visit.place, steps=(), current=None)
    return True


def _steps(case: Case) -> tuple[str, ...]:
    """The steps of the item; what is signed by hand (config/signing.toml) is signed when it was reviewed."""
    names: tuple[str, ...] = case.service.steps
    if case.service.id not in signing().items or "review" not in names:
        return names
    at = names.index("review") + 1
    return (*names[:at], "sign", *names[at:])


def _led_on(case: Case) -> None:
    """What another journey of this visit knew already (a case number) is filled in."""
    lead = case.visit.lead
    case.visit.lead = None
    if lead is not None and lead.service == case.service.id:
        keys = {spec.key for spec in case.service.form}
        case.keep_form({key: value for key, value in lead.values.items() if key in keys})


def _before(case: Case, names: tuple[str, ...], at: int) -> int:
    """The step to go back to: the nearest one before that has a page of its own to show again."""
    for index in range(at - 1, -1, -1):
        shown = names[index] != "materials" or case.visit.vault.get("materials-page", False)
        if names[index] in ("consent", "materials", "fill", "review") and shown:
            return index
    return -1
