"""Collecting a made document from the issuing cabinet: is it ready, which door, open it, was it taken.

The cabinet answers to the platform; the terminal asks for the door with a key of its own, so that a lost answer never
opens it a second time. The hand-over is recorded by the platform, and here. Nothing is paid before it is known to be
ready.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Literal

from kiosk.money.charging import new_id
from kiosk.platform.counters import Collection
from kiosk.platform.errors import PlatformError, Problem
from kiosk.visits.case import Case, Move, Stop
from screens import pages
from screens.models import CollectPage, NotDone, Place, Working

TRIES = 3
PAUSE_S = 1.5
WATCH_S = 1.0
TAKE_S = 60.0


async def collectable(case: Case) -> Collection:
    """What lies there. Raises `Stop` when it is not ready, before anything is paid."""
    found = await _found(case)
    if found.state == "NOT_READY":
        await case.tools.journal.note(case.visit.id, "collect.not-ready", {"collection": found.id})
        await _told(case, found, "not-ready")
        raise Stop(NotDone("collect-not-ready", "none" if case.charge is None else "not-charged"))
    return found


async def collect(case: Case) -> Move:
    """Open the door and wait until it was taken. Raises `Stop` with the money given back when nothing could be had."""
    visit = case.visit
    visit.at("fulfil")
    found = await visit.complete(lambda p: pages.working(p, Working("querying")), _found(case))
    if found.state == "TAKEN":
        return await _taken(case, found)
    if found.state == "NOT_READY":
        await _refused(case, "collect-not-ready")
    if found.state in ("READY", "STUCK"):
        reply = await visit.ask(lambda p: pages.collect(p, _page(found, p, "ready")), seconds=visit.manners.form_s)
        if reply.key != "open-door":
            return "back"
        working = Working("opening-door")
        found = await visit.complete(lambda p: pages.working(p, working), _opened(case, found))
    if found.state == "STUCK":
        await case.tools.journal.note(visit.id, "collect.stuck", {"collection": found.id, "door": found.door})
        await _told(case, found, "stuck")
        await _refused(case, "collect-failed")
    await case.tools.journal.note(visit.id, "collect.opened", {"collection": found.id, "door": found.door})
    after = await visit.complete(lambda p: pages.collect(p, _page(found, p, "open")), _watched(case, found))
    if after is None:
        # The door is open and nobody has said that it is empty: the platform's guard is told, nothing is guessed.
        await case.tools.journal.note(visit.id, "collect.left", {"collection": found.id, "door": found.door})
        return "next"
    return await _taken(case, after)


async def _taken(case: Case, found: Collection) -> Move:
    await case.tools.journal.note(case.visit.id, "collect.taken", {"collection": found.id, "door": found.door})
    if case.charge:
        await case.tools.money.serve(case.charge.intent)
    return "next"


async def _found(case: Case) -> Collection:
    number = case.form.get("accept_no", "")
    try:
        return await _trying(
            lambda: case.tools.platform.counters.find_collection(
                case.session, case.service.id, number, list(case.consents)
            )
        )
    except PlatformError as error:
        return await _refused(case, "network" if not isinstance(error, Problem) else "query-refused")


async def _opened(case: Case, found: Collection) -> Collection:
    """The door, open once however often it has to be asked. An answer that never came is asked for."""
    key = new_id("opn")
    counters = case.tools.platform.counters
    try:
        return await _trying(lambda: counters.open_door(case.session, found.id, key))
    except PlatformError:
        pass
    try:
        return await _trying(lambda: counters.collection(found.id))
    except PlatformError:
        return await _refused(case, "collect-failed")


async def _watched(case: Case, found: Collection) -> Collection | None:
    """How it ended; None when nobody knows after a minute."""
    loop = asyncio.get_running_loop()
    until = loop.time() + TAKE_S * case.visit.patience
    while loop.time() < until:
        await asyncio.sleep(WATCH_S)
        try:
            now = await case.tools.platform.counters.collection(found.id)
        except PlatformError:
            continue
        if now.state == "TAKEN":
            return now
    return None


async def _trying(ask: Callable[[], Awaitable[Collection]]) -> Collection:
    """Ask up to three times; a refusal for good ends it at once. Raises `PlatformError`."""
    for attempt in range(TRIES):
        try:
            return await ask()
        except PlatformError as error:
            final = isinstance(error, Problem) and not error.retryable
            if final or attempt == TRIES - 1:
                raise
        await asyncio.sleep(PAUSE_S)
    raise AssertionError("unreachable")


async def _told(case: Case, found: Collection, state: str) -> None:
    """One page that says how it stands."""
    visit = case.visit
    await visit.ask(lambda p: pages.collect(p, _page(found, p, state)), seconds=visit.manners.result_s)


async def _refused(case: Case, cause: str) -> Collection:
    """Give the money back, if any was taken, and stop."""
    if case.charge is None:
        raise Stop(NotDone(cause, can_retry=cause == "network", elsewhere=case.elsewhere(people=True)))
    intent = case.charge.intent
    back = await case.tools.money.give_back(intent)
    fate: Literal["refunded", "owed"] = "refunded" if back else "owed"
    raise Stop(NotDone(cause, fate, intent[-8:].upper(), elsewhere=case.elsewhere(people=True)))


def _page(found: Collection, place: Place, state: str) -> CollectPage:
    ready_on = found.ready_on.isoformat() if found.ready_on else ""
    language = place.language
    return CollectPage(state, found.document.get(language), found.place.get(language), found.door, ready_on)  # type: ignore[arg-type]  # one of the literals
