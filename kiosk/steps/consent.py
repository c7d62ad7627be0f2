"""Consent before anything personal is read; declining costs nothing and leads back."""

from __future__ import annotations

from kiosk.case import Case, Move, Stop
from kiosk.money import new_id
from kiosk.platform.errors import PlatformError
from screens import pages
from screens.models import Consent, NotDone, Place, Working
from screens.screen import Reply, Screen

TEXT_VERSION = "2026-11"


async def consent(case: Case) -> Move:
    """Show what will be used and why; on agreement open the session and record the consent."""
    visit = case.visit
    visit.at("identify")

    def build(place: Place) -> Screen:
        purposes = [(case.say("consent.card"), case.say("consent.card-why"))]
        if case.service.form:
            purposes.append((case.say("consent.share"), case.say("consent.share-why")))
        model = Consent(case.service.name.get(visit.language), tuple(purposes), TEXT_VERSION)
        return pages.consent(place, model)

    reply = await visit.ask(build, seconds=visit.manners.form_s)
    if reply.key != "agree":
        return "back"
    result = await visit.during(
        lambda p: pages.working(p, Working("querying")), record(case, "service", ["card", "share"])
    )
    return "back" if isinstance(result, Reply) else "next"


async def record(case: Case, purpose: str, classes: list[str]) -> None:
    """Open the session if there is none, and put the consent on record. Raises `Stop` when the platform is away."""
    platform = case.tools.platform
    try:
        if not case.session:
            case.session = await platform.open_session(new_id("ses"))
        consent_id = await platform.consent(case.session, new_id("cns"), purpose, classes, TEXT_VERSION)
    except PlatformError as error:
        raise Stop(NotDone("network", can_retry=True)) from error
    case.consents.append(consent_id)
    await case.tools.journal.note(
        case.visit.id, "consent", {"id": consent_id, "purpose": purpose, "text": TEXT_VERSION}
    )
