"""For myself or for an organisation; and which one, by the platform's word. Nothing about it is typed."""

from __future__ import annotations

from functools import partial

from kiosk.identity.consenting import grant, stopped
from kiosk.identity.person import present
from kiosk.money.charging import new_id
from kiosk.platform.errors import PlatformError, Problem
from kiosk.platform.identity import Agency
from kiosk.visits.case import Case, Move, Stop
from screens import pages
from screens.models import ForWhom, NotDone, Organisation, Organisations, Place, Working
from screens.screen import Reply, Screen


async def for_whom(case: Case) -> Move:
    """Ask it where the item can be done for either; decide it where there is only one answer."""
    service = case.service
    if case.as_organisation is not None:
        return "next"
    if service.who == "person" or service.organisation_level is None:
        case.as_organisation = False
        return "next"
    if service.who == "organisation":
        case.as_organisation = True
        return "next"
    visit = case.visit
    reply = await visit.ask(
        lambda p: pages.for_whom(p, ForWhom(service.name.get(visit.language))), seconds=visit.manners.form_s
    )
    if reply.key not in ("myself", "organisation"):
        return "back"
    case.as_organisation = reply.key == "organisation"
    return "next"


async def choose_organisation(case: Case) -> Move:
    """Show for whom the citizen may act, take one: A4. Raises `Stop` when there is none for this item."""
    visit = case.visit
    listed = await visit.during(lambda p: pages.working(p, Working("querying")), _listed(case))
    if isinstance(listed, Reply):
        return "back"
    open_ = tuple(a for a in listed if a.state == "open")
    if not open_:
        cause = "agency-expired" if any(a.state == "expired" for a in listed) else "agency-none"
        if any(a.state == "other-items" for a in listed):
            cause = "agency-other-items"
        raise Stop(NotDone(cause, elsewhere=case.elsewhere()))
    reply = await visit.ask(partial(_page, case, listed), seconds=visit.manners.form_s)
    chosen = next((a for a in open_ if reply.key == "organisation" and a.id == reply.value), None)
    if chosen is None:
        return "back"
    result = await visit.during(lambda p: pages.working(p, Working("querying")), act_for(case, chosen))
    return "back" if isinstance(result, Reply) else "next"


async def act_for(case: Case, agency: Agency | None) -> None:
    """From now on this is done for `agency`, at the platform too; None: for the citizen again."""
    person = await present(case)
    consent = case.consent_for("agency") or case.consents[0]
    try:
        proof = await case.tools.platform.identity.act_for(
            case.session, new_id("prf"), agency.id if agency else "", service=case.service.id, consent=consent
        )
    except Problem as problem:
        if problem.slug == "agency-not-authorised":
            raise Stop(NotDone("agency-none", elsewhere=case.elsewhere())) from problem
        raise await stopped(case, problem) from problem
    except PlatformError as error:
        raise await stopped(case, error) from error
    if agency is None:
        person.acts = False
        return
    person.proven("agency", proof.level, case.tools.clock.monotonic(), proof.name_masked)
    case.acting_for = agency
    await case.tools.journal.note(case.visit.id, "acting", {"organisation": agency.uscc, "role": agency.role})


async def _listed(case: Case) -> tuple[Agency, ...]:
    consent = await grant(case, "agency")
    try:
        return await case.tools.platform.identity.agencies(case.session, consent, case.service.id)
    except PlatformError as error:
        raise await stopped(case, error) from error


def _page(case: Case, listed: tuple[Agency, ...], place: Place) -> Screen:
    say = case.say
    lines = tuple(
        Organisation(
            a.id,
            a.name.get(place.language),
            a.uscc,
            say(f"organisations.{a.role}"),
            a.valid_to.isoformat() if a.valid_to else "",
            a.state,
        )
        for a in sorted(listed, key=lambda a: a.state != "open")[:MOST_SHOWN]
    )
    return pages.organisations(place, Organisations(case.service.name.get(place.language), lines))


MOST_SHOWN = 5
