"""The card is not at hand and the item allows it: its number is typed, an officer or the app confirms who it is."""

from __future__ import annotations

from functools import partial
from typing import Literal

from config.code_kinds import citizen_right
from kiosk.identity.consenting import stopped
from kiosk.identity.person import present
from kiosk.money.charging import new_id
from kiosk.platform.errors import PlatformError, Problem
from kiosk.visits.case import Case, Stop
from screens import pages
from screens.models import NotDone, Place, TypedNumber, Working
from screens.screen import Reply, Screen

LENGTH = 18
Way = Literal["done", "back", "other"]


async def by_number(case: Case) -> Way:
    """Ask for the number until its check character is right, and tell the platform. Raises `Stop`."""
    visit = case.visit
    typed, wrong = "", False
    while True:
        model = TypedNumber(_grouped(typed), len(typed) == LENGTH, wrong, LENGTH - len(typed))
        reply = await visit.ask(partial(_page, model), seconds=visit.manners.form_s)
        if reply.key == "back":
            return "other"
        if reply.key == "next":
            wrong = not right(typed)
            if not wrong:
                break
        elif reply.key == "key":
            typed, wrong = pressed(typed, reply.value), False
    result = await visit.during(lambda p: pages.working(p, Working("querying")), _claim(case, typed))
    return "back" if isinstance(result, Reply) else "done"


def _page(model: TypedNumber, place: Place) -> Screen:
    return pages.type_number(place, model)


def pressed(typed: str, key: str) -> str:
    """`typed` after one key: digits, X as the last of 18, backspace, clear."""
    if key == "clear":
        return ""
    if key == "backspace":
        return typed[:-1]
    fits = len(typed) < LENGTH and len(key) == 1 and ((key.isascii() and key.isdigit()) or key in "Xx")
    if not fits or (key in "Xx" and len(typed) != LENGTH - 1):
        return typed
    return typed + key.upper()


def right(typed: str) -> bool:
    """Whether it is a citizen's number by its form, its day of birth and its check character (GB 11643)."""
    return len(typed) == LENGTH and typed[:17].isdigit() and typed[0] != "0" and citizen_right(typed)


def _grouped(typed: str) -> str:
    return " ".join(part for part in (typed[:6], typed[6:10], typed[10:14], typed[14:]) if part)


async def _claim(case: Case, number: str) -> None:
    try:
        person = await present(case)
        proof = await case.tools.platform.identity.claim(case.session, new_id("prf"), number, service=case.service.id)
    except Problem as problem:
        if problem.slug in ("identity-not-found", "identity-mismatch", "item-not-available"):
            raise Stop(NotDone("number-refused", can_retry=True, reference=problem.slug)) from problem
        raise await stopped(case, problem) from problem
    except PlatformError as error:
        raise await stopped(case, error) from error
    person.proven("number", proof.level, case.tools.clock.monotonic())
