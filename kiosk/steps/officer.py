"""Another equal way: an officer of the service centre looks, at the desk or by video, and says who it is.

The verdict comes from the platform; how the officer looks is the centre's business. The consent is one of its own.
"""

from __future__ import annotations

import asyncio
from typing import Literal

from kiosk.identity.consenting import grant, stopped
from kiosk.money.charging import new_id
from kiosk.platform.errors import PlatformError
from kiosk.steps.phone_way import confirmed
from kiosk.visits.case import Case, Stop
from screens import pages
from screens.models import NotDone, OfficerWait
from screens.screen import Reply

POLL_S = 2.0
POLLS = 200
Way = Literal["done", "back", "other"]


async def by_officer(case: Case) -> Way:
    """Ask for an officer and wait for the word. Raises `Stop` when it is no, or nobody came."""
    visit = case.visit
    identity = case.tools.platform.identity
    consent = await grant(case, "officer")
    try:
        check = await identity.start_check(case.session, new_id("ofc"), service=case.service.id, consent=consent)
    except PlatformError as error:
        raise await stopped(case, error) from error

    async def answer() -> str:
        for _ in range(POLLS):
            state = await identity.check(case.session, check)
            if state != "waiting":
                return state
            await asyncio.sleep(POLL_S)
        return "expired"

    try:
        result = await visit.during(
            lambda p: pages.officer_wait(p, OfficerWait()), answer(), seconds=visit.manners.pad_s
        )
    except PlatformError as error:
        raise await stopped(case, error) from error
    if isinstance(result, Reply):
        return "other" if result.key == "other-way" else "back"
    await case.tools.journal.note(visit.id, "officer", {"answer": result})
    if result != "confirmed":
        raise Stop(NotDone("officer-refused" if result == "refused" else "officer-away", can_retry=True))
    await confirmed(case, "officer", "officer", "officer")
    return "done"
