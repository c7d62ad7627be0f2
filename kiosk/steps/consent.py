"""Consent before anything personal is read: first for whom, then each source with a switch of its own.

Declining the whole costs nothing and leads back; refusing one source only means that another way is taken for it.
"""

from __future__ import annotations

from functools import partial

from config.consents import ConsentKey, asked_by, consent_texts
from kiosk.identity.consenting import grant, refused, withdraw
from kiosk.identity.person import forget, known, resume
from kiosk.steps.agreed import agreed
from kiosk.steps.for_whom import for_whom
from kiosk.visits.case import Case, Move
from screens import pages
from screens.models import Consent, ConsentSource, Place, Working
from screens.screen import Reply, Screen


async def consent(case: Case) -> Move:
    """Show what will be used and why; on agreement open the session and record each consent."""
    case.visit.at("identify")
    await resume(case)
    asked_whom = case.as_organisation is None
    while True:
        if await for_whom(case) == "back":
            return "back"
        move = await _agree(case)
        if move == "next" or not (asked_whom and case.service.who == "person-or-organisation"):
            return move
        if case.service.organisation_level is None:
            return move
        case.as_organisation = None


async def _agree(case: Case) -> Move:
    visit = case.visit
    keys = asked_by(case.service, organisation=bool(case.as_organisation))
    choices = tuple(k for k in keys if consent_texts()[k].asked == "choice")
    chosen = {k for k in choices if k in case.granted}
    while True:
        reply = await visit.ask(partial(_page, case, keys, frozenset(chosen)), seconds=visit.manners.form_s)
        if reply.key == "source":
            chosen ^= {k for k in choices if k == reply.value}
        elif reply.key == "other-person":
            await forget(visit, case.tools)
            visit.renew_vault()
            case.session, case.granted, case.consents = "", {}, []
        else:
            break
    if reply.key not in ("agree", "some"):
        if not case.granted:
            await refused(case, keys[:1])
        return "back"
    wanted = [k for k in keys if reply.key == "agree" or k in chosen or k not in choices]
    result = await visit.during(lambda p: pages.working(p, Working("querying")), _record(case, keys, wanted))
    return "back" if isinstance(result, Reply) else "next"


async def _record(case: Case, keys: tuple[ConsentKey, ...], wanted: list[ConsentKey]) -> None:
    """What is agreed to now, and only that: an earlier yes that became a no is taken back."""
    for key in keys:
        if key not in wanted and key in case.granted:
            await withdraw(case, key)
    await grant(case, *wanted)
    case.visit.aside = partial(agreed, case)
    await refused(case, [k for k in keys if k not in wanted])


def _page(case: Case, keys: tuple[ConsentKey, ...], chosen: frozenset[ConsentKey], place: Place) -> Screen:
    say = case.say
    texts = consent_texts()
    sources = tuple(
        ConsentSource(
            key,
            say(f"consent.source.{key}.what"),
            say(f"consent.source.{key}.why"),
            texts[key].asked == "choice",
            key in chosen,
        )
        for key in keys
    )
    version = texts[keys[0]].version
    model = Consent(case.service.name.get(case.visit.language), (), version, sources=sources, known=known(case)["name"])
    return pages.consent(place, model)
