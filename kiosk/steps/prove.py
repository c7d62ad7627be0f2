"""Climbing the ladder inside a journey: whatever is missing for this item is proven here, the form is kept.

The first possible proof is offered; the others are one touch away, as good as the first.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Literal

from config.identity import Need, ProofKey
from config.service import Level
from kiosk.identity.person import Person, present
from kiosk.identity.standing import following, need_of
from kiosk.platform.errors import PlatformError
from kiosk.steps.card import by_card, check_dates
from kiosk.steps.face_proof import by_face
from kiosk.steps.for_whom import act_for, choose_organisation
from kiosk.steps.officer import by_officer
from kiosk.steps.phone_way import by_match
from kiosk.steps.sign_in import by_code
from kiosk.steps.typed_number import by_number
from kiosk.visits.case import Case, Move, Stop
from screens import pages
from screens.models import NotDone, OtherWays

Way = Literal["done", "back", "other", "match"]


async def _by_agency(case: Case) -> Way:
    return "done" if await choose_organisation(case) == "next" else "back"


PROOFS: Mapping[ProofKey, Callable[[Case], Awaitable[Way]]] = {
    "card": by_card,
    "code": by_code,
    "number": by_number,
    "face": by_face,
    "match": by_match,
    "officer": by_officer,
    "agency": _by_agency,
}


OF_THE_MACHINE: frozenset[ProofKey] = frozenset({"card", "face"})
"""What is judged here: the way for who begins without the platform; it looks at the card's data when it opens them."""


def means(case: Case) -> frozenset[Need]:
    """What this terminal has now for proving somebody."""
    tools = case.tools
    found: set[Need] = {"platform"}
    if tools.reader.status.usable:
        found.add("id_card")
    if tools.camera.status.usable and case.visit.vault.get("portrait") is not None:
        found.add("camera")
    return frozenset(found)


async def climb(case: Case, to: Level) -> Move:
    """Prove what is missing up to level `to`. Raises `Stop` when nothing that is possible here leads there."""
    person = await _person(case)
    if person.acts and not case.as_organisation:
        await act_for(case, None)
    if card := case.visit.vault.get("card"):
        check_dates(case, card)
    asked: ProofKey | None = None
    while person.standing.level < to:
        options = following(person.standing, to, means(case), without_card=case.service.without_card)
        options = tuple(o for o in options if o in (PROOFS if person.session else OF_THE_MACHINE))
        if person.standing.typed and person.standing.level == "A0":
            options = tuple(o for o in options if o != "card")  # the number was typed because it is not at hand
        if not options:
            raise Stop(NotDone("no-way", elsewhere=case.elsewhere()))
        way = asked if asked in options else options[0]
        asked = None
        outcome = await PROOFS[way](case)
        person = await _person(case)
        if outcome == "back":
            return "back"
        asked = await _other_way(case, options) if outcome == "other" else None if outcome == "done" else outcome
        if outcome == "other" and asked is None:
            return "back"
    return "next"


async def _person(case: Case) -> Person:
    try:
        return await present(case)
    except PlatformError as error:
        raise Stop(NotDone("network", can_retry=True)) from error


async def _other_way(case: Case, options: tuple[ProofKey, ...]) -> ProofKey | None:
    """Which of the ways that are as good; None: back."""
    visit = case.visit
    reply = await visit.ask(lambda p: pages.other_ways(p, OtherWays(options)), seconds=visit.manners.form_s)
    return next((o for o in options if reply.key == "way" and o == reply.value), None)


def need(case: Case) -> Level:
    """What this journey needs to be proven."""
    return need_of(case.service, organisation=bool(case.as_organisation))
