"""Checking a certificate: its code held to the camera, the verdict with what the code says; no network is needed."""

from __future__ import annotations

import asyncio
from functools import partial

from config.issuer_keys import load_issuer_keys
from drivers.errors import DeviceError
from kiosk.printing.certificate_check import Verdict, check
from kiosk.printing.status_list import StatusLists
from kiosk.steps.held_code import HeldCode
from kiosk.steps.sign_in import sign_in
from kiosk.visits.case import Case, Move, Stop
from kiosk.visits.code_reading import wipe
from screens import pages
from screens.models import CodeVerdict, Known, NotDone, Place, ShowCode, Working
from screens.screen import Reply, Screen

COULD_BE = frozenset({"certificate", "web", "other"})
"""What is judged. Another issuer's certificate may carry a web address; everything else is certainly no certificate."""


async def verify(case: Case) -> Move:
    """Codes until the citizen has enough; each verdict is journalled without what the code says."""
    if "session" in case.service.outputs:
        return await sign_in(case)
    visit = case.visit
    while True:
        held = HeldCode(case, "certificate", lambda found: found.kind in COULD_BE)
        try:
            found = await visit.during(partial(_page, held), _code(case, held), seconds=visit.manners.card_s)
        finally:
            visit.display.preview(None, 0, 0)
            wipe(case.tools.code_eye, case.tools.code_reader)
        if isinstance(found, Reply):
            return "back"
        result = await visit.during(lambda p: pages.working(p, Working("querying")), _judge(case, found))
        if isinstance(result, Reply):
            return "back"
        reply = await visit.ask(partial(_verdict_page, case, result), seconds=visit.manners.form_s)
        if reply.key == "back":
            return "back"
        if reply.key != "again":
            return "next"


async def _code(case: Case, held: HeldCode) -> str:
    """What the held-up code says. Raises `Stop` when the camera fails."""
    try:
        return await held.text()
    except* DeviceError as errors:
        raise Stop(NotDone("check-camera", elsewhere=case.elsewhere())) from errors


def _page(held: HeldCode, place: Place) -> Screen:
    return pages.show_code(place, ShowCode("closer" if held.closer else "look", told=held.told(place.language)))


async def _judge(case: Case, payload: str) -> Verdict:
    """The verdict, with the newest list of void certificates that can be had within 3 s."""
    tools = case.tools
    settings = tools.settings
    now = tools.clock.platform_now()
    lists = StatusLists(settings.state_dir, settings.platform.public_key)
    status = await lists.current(tools.platform, now, online=True)
    keys = load_issuer_keys(settings.certificates.issuer_keys, simulated=settings.simulated)
    verdict = await asyncio.to_thread(check, payload, keys, status, now.date())
    await tools.journal.note(case.visit.id, "certificate.checked", {"verdict": verdict.state, "reason": verdict.reason})
    return verdict


def _verdict_page(case: Case, verdict: Verdict, place: Place) -> Screen:
    return pages.code_verdict(place, _told(case, verdict))


def _told(case: Case, verdict: Verdict) -> CodeVerdict:
    """The page's model, in the language of the moment."""
    language = case.visit.language
    rows: list[Known] = []
    code = verdict.code
    if code is not None and verdict.issuer is not None:
        until = code.valid_until.isoformat() if code.valid_until else case.say("verdict.no-end")
        rows = [
            Known(case.say("verdict.document"), _document(case, code.document)),
            Known(case.say("verdict.holder"), code.holder),
            Known(case.say("verdict.issuer"), verdict.issuer.get(language)),
            Known(case.say("verdict.issued"), code.issued_on.isoformat()),
            Known(case.say("verdict.until"), until),
            Known(case.say("finish.identifier"), code.identifier),
        ]
        if verdict.since:
            rows.insert(0, Known(case.say("verdict.since"), verdict.since.isoformat()))
    as_of, old = "", False
    if verdict.as_of is not None:
        now = case.tools.clock.platform_now()
        local = verdict.as_of.astimezone(now.tzinfo)
        as_of = f"{local:%Y-%m-%d %H:%M}"
        old = (now - verdict.as_of).total_seconds() > case.tools.settings.certificates.status_hours * 3600
    return CodeVerdict(verdict.state, verdict.reason, tuple(rows), as_of, old)


def _document(case: Case, name: str) -> str:
    """The document's title, where a service of the catalogue prints it; else its name in the code."""
    plain = name.removesuffix("-COPY")
    for service in case.tools.catalogue.services.values():
        if service.certificate and service.certificate.upper() == plain:
            title = service.name.get(case.visit.language)
            return title if plain == name else case.say("verdict.copy", title=title)
    return name
