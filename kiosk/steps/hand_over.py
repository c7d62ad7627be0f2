"""Going on on the phone: a code on the screen, good once; when the app has taken it, this terminal's part is over."""

from __future__ import annotations

import asyncio

from kiosk.identity.consenting import stopped
from kiosk.identity.person import present
from kiosk.money.charging import new_id
from kiosk.platform.errors import PlatformError
from kiosk.visits.case import Case, Move, Stop
from kiosk.visits.visit import Ended
from screens import pages
from screens.models import HandOver, NotDone
from screens.screen import Reply

POLL_S = 1.0
POLLS = 150


async def hand_over(case: Case) -> Move:
    """Show the code until the phone has the session; then the visit ends here. `back`: it stays here."""
    visit, identity = case.visit, case.tools.platform.identity
    try:
        handoff = await identity.start_handoff(case.session, new_id("hof"), "give")
    except PlatformError as error:
        raise await stopped(case, error) from error

    async def followed() -> str:
        for _ in range(POLLS):
            state = (await identity.handoff(case.session, handoff.id)).state
            if state != "waiting":
                return state
            await asyncio.sleep(POLL_S)
        return "expired"

    try:
        result = await visit.during(
            lambda p: pages.hand_over(p, HandOver(handoff.code)), followed(), seconds=visit.manners.card_s
        )
    except PlatformError as error:
        raise await stopped(case, error) from error
    if isinstance(result, Reply):
        return "back"
    await case.tools.journal.note(visit.id, "handed-over", {"answer": result})
    if result != "taken":
        raise Stop(NotDone("match-refused", can_retry=True))
    (await present(case)).moved = True
    await visit.ask(lambda p: pages.hand_over(p, HandOver("", done=True)), seconds=visit.manners.result_s)
    raise Ended("leave")
