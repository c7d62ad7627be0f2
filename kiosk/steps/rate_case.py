"""好差评 for a case by its number (WH-GN-014): the rating goes out once, and what a bad one led to is shown."""

from __future__ import annotations

import asyncio

from kiosk.duties import ratings
from kiosk.platform.cases import RatingGiven
from kiosk.platform.errors import PlatformError, Problem
from kiosk.visits.case import Case, Move, Stop
from screens import pages
from screens.models import Known, NotDone, Working

WAIT_S = 8.0


async def rate_case(case: Case) -> Move:
    """Hand in the rating of the form. Without a network it waits sealed in the outbox, as every rating does."""
    visit, form = case.visit, case.form
    visit.at("fulfil")
    number = form["case_no"].replace(" ", "")
    round_, service = await visit.complete(lambda p: pages.working(p, Working("querying")), _open_round(case, number))
    stars = int(form["score"])
    given = RatingGiven(
        number,
        service,
        stars,
        tuple(tag for tag in form.get("tags", "").split("\n") if tag[:1] == form["score"]),
        round_,
        form.get("text", ""),
        form.get("anonymous") == "yes",
        case.tools.clock.platform_now().isoformat(timespec="seconds"),
    )
    fate = await ratings.post(case, given)
    try:
        async with asyncio.timeout(WAIT_S):
            delivered: str = await asyncio.shield(fate)
    except TimeoutError:
        delivered = "waiting"
    if delivered == "refused":
        raise Stop(NotDone("already-rated", reference=number[-8:]))
    rows = [Known(case.say("rate.rated-as"), case.say(f"finish.rate-{stars}"))]
    if delivered == "delivered" and stars <= ratings.bad_up_to():
        rows += await _work_item(case, number)
    visit.vault.put("finish-rows", rows)
    visit.vault.put("not-rated-here", True)
    return "next"


async def _open_round(case: Case, number: str) -> tuple[int, str]:
    """Which round is open, and of which service the case is; a network that is away leaves that to the platform."""
    try:
        form = await case.tools.platform.cases.rating_form(number)
    except Problem as problem:
        cause = {"already-evaluated": "already-rated", "not-found": "no-such-case"}.get(problem.slug, "other")
        raise Stop(NotDone(cause, reference=number[-8:])) from problem
    except PlatformError as error:
        raise Stop(NotDone("network", can_retry=True)) from error
    return form.round, form.service


async def _work_item(case: Case, number: str) -> list[Known]:
    try:
        items = await case.tools.platform.cases.work_items(number)
    except PlatformError:
        return []
    language = case.visit.language
    return [
        row
        for item in items[:1]
        for row in (
            Known(case.say("rate.work-item"), item.id[-8:].upper()),
            Known(case.say("rate.work-state"), item.result.get(language)),
        )
    ]
