"""What I agreed to: every consent of this journey, each taken back with one touch, as easily as it was given."""

from __future__ import annotations

from config.consents import consent_texts
from kiosk.identity.consenting import withdraw
from kiosk.identity.person import forget
from kiosk.visits.case import Case, Stop
from screens import pages
from screens.models import Agreed, AgreedLine, NotDone, Place, Working
from screens.screen import Screen

VITAL = frozenset({"service", "agency", "child", "phone"})
"""Without these the matter cannot go on; what was proven is forgotten with them."""


async def agreed(case: Case) -> bool:
    """Show them until the citizen has seen enough; true when one was taken back. Raises `Stop` when a vital one was."""
    visit = case.visit
    changed = False
    while True:
        reply = await visit.ask(lambda p: _page(case, p), seconds=visit.manners.form_s)
        if reply.key != "withdraw" or reply.value not in case.granted:
            return changed
        key = reply.value
        await visit.complete(lambda p: pages.working(p, Working("querying")), withdraw(case, key))
        changed = True
        if key in VITAL:
            await forget(visit, case.tools)
            raise Stop(NotDone("withdrawn", elsewhere=case.elsewhere(people=True)))


def _page(case: Case, place: Place) -> Screen:
    texts = consent_texts()
    lines = tuple(
        AgreedLine(
            key,
            case.say(f"consent.source.{key}.what"),
            case.say(f"consent.source.{key}.why"),
            texts[key].version,
            key in VITAL,
        )
        for key in texts
        if key in case.granted
    )
    return pages.agreed(place, Agreed(lines))
