"""The equal other way: the citizen confirms a number in the province's app on their own phone."""

from __future__ import annotations

import asyncio
from typing import Literal

from drivers.id_card.card import CardRead
from drivers.id_card.frames import CardKind, sex_name
from kiosk.identity.consenting import grant, stopped
from kiosk.identity.person import present
from kiosk.money.charging import new_id
from kiosk.platform.errors import PlatformError
from kiosk.platform.identity import Subject
from kiosk.visits.case import Case, Stop
from screens import pages
from screens.models import NotDone, NumberMatch
from screens.screen import Reply

MATCH_POLL_S = 1.0
MATCH_POLLS = 300
Way = Literal["done", "back", "other"]


async def by_match(case: Case) -> Way:
    """Show the number, wait for the answer. Raises `Stop` when it was refused on the phone or came too late."""
    visit = case.visit
    platform = case.tools.platform
    if visit.vault.get("card") is None:
        await grant(case, "phone")
    try:
        match = await platform.start_app_match(case.session, new_id("apm"))
    except PlatformError as error:
        raise await stopped(case, error) from error

    async def answer() -> str:
        for _ in range(MATCH_POLLS):
            state = await platform.app_match(case.session, match.id)
            if state != "waiting":
                return state
            await asyncio.sleep(MATCH_POLL_S)
        return "expired"

    try:
        result = await visit.during(
            lambda p: pages.number_match(p, NumberMatch(match.number)), answer(), seconds=visit.manners.card_s
        )
    except PlatformError as error:
        raise await stopped(case, error) from error
    if isinstance(result, Reply):
        return "other" if result.key == "other-way" else "back"
    await case.tools.journal.note(visit.id, "app-match", {"answer": result})
    if result != "confirmed":
        raise Stop(NotDone("match-refused", can_retry=True))
    await confirmed(case, "match", "app", "phone")
    return "done"


async def confirmed(case: Case, proof: Literal["match", "officer"], live: str, consent: str) -> None:
    """A live person is proven by somebody else's word; who it is, where no card said it, the platform says.

    Raises `Stop`.
    """
    visit = case.visit
    try:
        person = await present(case)
        if visit.vault.get("card") is None:
            subject = await case.tools.platform.identity.subject(case.session, case.consent_for(consent))
            visit.vault.put("card", as_card(subject))
            visit.vault.put("card-source", "platform")
            await case.tools.journal.note(
                visit.id, "identified", {"subject": case.tools.key.digest("citizen", subject.number), "kind": proof}
            )
    except PlatformError as error:
        raise await stopped(case, error) from error
    person.proven(proof, "A3", case.tools.clock.monotonic())
    visit.vault.put("live", live)


def as_card(subject: Subject) -> CardRead:
    """What the card would have said; it has no portrait."""
    return CardRead(
        kind=CardKind.RESIDENT,
        name=subject.name,
        sex_code=subject.sex,
        sex=sex_name(subject.sex),
        birth=subject.birth,
        number=subject.number,
        valid_from=subject.valid_from,
        valid_to=subject.valid_to,
        photo=b"",
        address=subject.address,
    )
