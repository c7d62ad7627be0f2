"""A journey: the steps that the service's data names, in their order, with Back between them.

| verb   | its steps (from the catalogue)                                             |
|--------|----------------------------------------------------------------------------|
| apply  | consent, identify, face, fill, review, pay, submit, receipt, finish        |
| print  | consent, identify, fill, review, print, finish                             |
| verify | verify                                                                     |

No service has code of its own. A step may be gone back to until something irreversible happened.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace

from kiosk.case import Case, Move, Stop
from kiosk.steps.consent import consent
from kiosk.steps.face import face
from kiosk.steps.fill import fill
from kiosk.steps.finish import finish
from kiosk.steps.id_photo import photo
from kiosk.steps.identify import identify
from kiosk.steps.pay import pay
from kiosk.steps.print_document import print_document, printer_ready
from kiosk.steps.receipt import receipt
from kiosk.steps.review import review
from kiosk.steps.scan import scan
from kiosk.steps.submit import submit
from kiosk.steps.verify import verify
from kiosk.visit import Ended
from screens import pages
from screens.models import StepName

Step = Callable[[Case], Awaitable[Move]]

STEPS: Mapping[str, Step] = {
    "consent": consent,
    "identify": identify,
    "face": face,
    "fill": fill,
    "scan": scan,
    "review": review,
    "pay": pay,
    "submit": submit,
    "print": print_document,
    "receipt": receipt,
    "finish": finish,
    "verify": verify,
    "photo": photo,
}

SHOWN_AS: Mapping[str, StepName] = {
    "identify": "identify",
    "fill": "fill",
    "scan": "fill",
    "photo": "fill",
    "review": "review",
    "pay": "pay",
    "submit": "fulfil",
    "print": "fulfil",
    "finish": "collect",
}

IRREVERSIBLE = frozenset({"pay", "submit", "print"})
GIVEN_FOR_MONEY = frozenset({"submit", "print"})


async def run(case: Case) -> bool:
    """Run the journey; true when it came to its result. Raises `kiosk.visit.Ended` when the citizen left it."""
    visit = case.visit
    names = case.service.steps
    shown = tuple(dict.fromkeys(SHOWN_AS[n] for n in names if n in SHOWN_AS))
    visit.place = replace(visit.place, steps=shown, current=None)
    at, floor = 0, 0
    try:
        while at < len(names):
            if names[at] == "pay" and "print" in names[at:] and case.service.fee.fen:
                await printer_ready(case)
            move = await STEPS[names[at]](case)
            if names[at] == "pay" and case.charge and not GIVEN_FOR_MONEY & set(names[at:]):
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
    finally:
        visit.place = replace(visit.place, steps=(), current=None)
    return True


def _before(case: Case, names: tuple[str, ...], at: int) -> int:
    """The step to go back to: the nearest one before that has a page of its own to show again."""
    for index in range(at - 1, -1, -1):
        if names[index] in ("consent", "fill", "review"):
            return index
    return -1
