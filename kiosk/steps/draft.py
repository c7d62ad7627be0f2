"""Going on where one stopped: a kept draft is offered after sign-in; what is left unfinished is offered to be kept."""

from __future__ import annotations

import asyncio

from kiosk.clock import WEIHAI
from kiosk.materials import papers
from kiosk.materials.plan import Planned
from kiosk.platform.applying_messages import Draft, Sheet
from kiosk.platform.errors import PlatformError
from kiosk.visits.case import Case
from kiosk.visits.visit import Ended
from screens import pages
from screens.models import DraftFound, DraftKeep, Place, Working
from screens.screen import Reply, Screen

FIRST_OF = frozenset({"materials", "photo", "scan", "fill"})
"""Before the first of these a draft is offered."""
KEPT_DAYS = 7
WORTH = 3
"""So many answers typed, or one sheet: less is typed again sooner than it is decided about."""
LAST_SHEETS_S = 10.0
ASKS_S = 30.0


async def resume(case: Case) -> None:
    """Once in a journey: is there a draft for this item? Continuing fills form and materials; afresh forgets it."""
    vault = case.visit.vault
    if "submit" not in case.service.steps or not case.session or vault.get("draft-asked"):
        return
    vault.put("draft-asked", True)
    result = await case.visit.during(lambda p: pages.working(p, Working("querying")), _kept(case))
    draft = result if isinstance(result, Draft) else None
    if draft is None:
        return
    sheets = sum(len(ref.refs) for ref in draft.materials if ref.source in ("scan", "photo"))

    def build(place: Place) -> Screen:
        return pages.draft_found(place, DraftFound(case.service.name.get(place.language), _when(draft), sheets))

    reply: Reply = await case.visit.ask(build, seconds=case.visit.manners.form_s)
    if reply.key == "continue":
        _go_on(case, draft)
        await case.tools.journal.note(case.visit.id, "draft.resumed", {"draft": draft.id})
    elif reply.key == "afresh":
        try:
            await case.tools.platform.applying.drop_draft(case.session, draft.id)
        except PlatformError:
            return  # it is replaced by the next one


async def _kept(case: Case) -> Draft | None:
    try:
        drafts = await case.tools.platform.applying.my_drafts(case.session, case.service.id)
    except PlatformError:
        return None
    return next(iter(drafts), None)


def _when(draft: Draft) -> str:
    return f"{draft.saved_at.astimezone(WEIHAI):%Y-%m-%d %H:%M}"


def _go_on(case: Case, draft: Draft) -> None:
    """Form and materials as they were kept; the sheets stay at the platform."""
    keys = {spec.key for spec in case.service.form}
    case.keep_form({key: value for key, value in draft.form.items() if key in keys})
    case.visit.vault.put("draft", draft)
    adopted = []
    for ref in draft.materials:
        if ref.material >= len(case.service.materials) or not ref.refs:
            continue
        state = {"scan": "scan", "photo": "photo"}.get(ref.source, "found")
        adopted.append(Planned(ref.material, state, ref.source, refs=ref.refs))  # type: ignore[arg-type]  # one of three
        if state == "found":
            continue
        for page, upload in enumerate(ref.refs, 1):
            sheet = Sheet(case.service.id, ref.material, page, ref.source, 1, "", "", papers.DEVICE, 0)
            papers.uploads(case).adopt(f"adopted-{ref.material}-{page}", sheet, upload)
    case.visit.vault.put("adopted", tuple(adopted))


async def offer_to_keep(case: Case, end: Ended) -> None:
    """Leaving in the middle: keep what is there? Silence, or leaving again, is no."""
    if end.how not in ("home", "leave") or not _worth_keeping(case):
        return

    def build(place: Place) -> Screen:
        return pages.draft_keep(place, DraftKeep(case.service.name.get(place.language), KEPT_DAYS))

    reply = await case.visit.show_for(build, ASKS_S)
    while reply is not None and reply.key in ("language", "mode", "help", "voice"):
        reply = await case.visit.show_for(build, ASKS_S)
    if reply is not None and reply.key == "keep":
        case.visit.show(lambda p: pages.working(p, Working("keeping")))
        await _keep(case)


def _worth_keeping(case: Case) -> bool:
    if "submit" not in case.service.steps or not case.session or case.accepted or case.charge:
        return False
    typed = [key for key, value in case.form.items() if value and key not in case.profile]
    return len(typed) >= WORTH or bool(case.uploads and case.uploads.sheets())


async def _keep(case: Case) -> None:
    """What is there by then is kept; the platform away: nothing is."""
    try:
        papers.send(case)
        if case.uploads is not None:
            async with asyncio.timeout(LAST_SHEETS_S):
                await case.uploads.settled()
    except TimeoutError:
        pass  # what has arrived is kept
    try:
        draft = await papers.save_draft(case, keep=True)
    except PlatformError:
        return
    await case.tools.journal.note(case.visit.id, "draft.kept", {"draft": draft.id})
