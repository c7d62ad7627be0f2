"""Signing in with the province's app: its code held up here, or the terminal's code scanned by it (一码通办).

A code that is too old, was used, or is another province's is refused with the reason, and the next one is looked for:
the same one is put to the platform once in a visit, however long it stays before the camera.
"""

from __future__ import annotations

import asyncio
from typing import Literal

from drivers.absent import is_absent
from drivers.errors import DeviceError
from kiosk.identity.consenting import grant, stopped
from kiosk.identity.person import known, present
from kiosk.money.charging import new_id
from kiosk.platform.errors import PlatformError, Problem
from kiosk.platform.identity import Handoff
from kiosk.steps.hand_over import hand_over
from kiosk.steps.held_code import HeldCode
from kiosk.steps.phone_way import confirmed
from kiosk.visits.case import Case, Move, Stop, Tools
from kiosk.visits.code_reading import wipe
from kiosk.visits.code_router import Routed
from kiosk.visits.visit import Ended
from screens import pages
from screens.models import NotDone, PhoneCode, PhoneQr, Place, SignedIn, Working
from screens.screen import Reply, Screen

POLL_S = 1.0
POLLS = 150
TOLD = frozenset({"code-expired", "code-used", "code-foreign", "code-unknown", "account-not-verified"})
Way = Literal["done", "back", "other"]


async def by_code(case: Case) -> Way:
    """The app's code before the camera, or ours before the phone, as the citizen likes."""
    result = await case.visit.during(lambda p: pages.working(p, Working("querying")), grant(case, "phone"))
    if isinstance(result, Reply):
        return "back"
    way: str = "hold" if _sees(case) else "show"
    while way in ("hold", "show"):
        way = await (_hold(case) if way == "hold" else _show(case))
    return "done" if way == "done" else "other" if way == "other" else "back"


async def sign_in(case: Case) -> Move:
    """The item of its own (一码通办): sign in, then choose what to do here, or go on on the phone."""
    visit = case.visit
    visit.at("identify")
    if known(case)["name"] == "" and await by_code(case) != "done":
        return "back"
    reply = await visit.ask(lambda p: pages.signed_in(p, SignedIn(known(case)["name"])), seconds=visit.manners.form_s)
    if reply.key == "to-phone":
        return await hand_over(case)
    raise Ended("home")


def _sees(case: Case) -> bool:
    reader = case.tools.code_reader
    return case.tools.code_eye.status.usable or (reader is not None and reader.status.usable)


def has_eye(tools: Tools) -> bool:
    """Whether this terminal has anything that a code can be held up to, well or not."""
    return tools.code_reader is not None or not is_absent(tools.code_eye)


class _Held:
    """The look for a code that was not refused yet; `refused` is why the last one was."""

    def __init__(self, case: Case, refused: str) -> None:
        self.refused = refused
        self.code = HeldCode(case, "app", self._fits)
        self._case = case

    def _fits(self, found: Routed) -> bool:
        if found.kind != "app" or not found.sound:
            return False
        again = self._case.visit.refused.reason(found.text)
        self.refused = again or self.refused
        return not again

    def page(self, place: Place) -> Screen:
        told = self.code.told(place.language) or (self._case.say(f"phone-code.{self.refused}") if self.refused else "")
        return pages.phone_code(place, PhoneCode(told, closer=self.code.closer))


async def _hold(case: Case) -> str:
    """Codes until one is accepted. Gives done, back, show (the other direction) or other."""
    visit = case.visit
    refused = ""
    while True:
        held = _Held(case, refused)
        try:
            found = await visit.during(held.page, held.code.text(), seconds=visit.manners.card_s)
        except* DeviceError:
            found = None  # the phone's own camera sees as well
        finally:
            visit.display.preview(None, 0, 0)
            wipe(case.tools.code_eye, case.tools.code_reader)
        if found is None:
            return "show"
        if isinstance(found, Reply):
            return {"show": "show", "other-way": "other"}.get(found.key, "back")
        result = await visit.during(lambda p: pages.working(p, Working("querying")), _prove(case, found))
        if isinstance(result, Reply):
            return "back"
        if not result:
            return "done"
        visit.refused.add(found, result)
        refused = result


async def _prove(case: Case, code: str) -> str:
    """ "" when the platform accepts the code, else the reason. Raises `Stop`."""
    try:
        person = await present(case)
        proof = await case.tools.platform.identity.prove_code(case.session, new_id("prf"), code)
    except Problem as problem:
        if problem.slug in TOLD:
            await case.tools.journal.note(case.visit.id, "app-code", {"answer": problem.slug})
            return problem.slug
        if problem.slug == "identity-mismatch":
            raise Stop(NotDone("another-person", can_retry=True)) from problem
        raise await stopped(case, problem) from problem
    except PlatformError as error:
        raise await stopped(case, error) from error
    person.proven("code", proof.level, case.tools.clock.monotonic(), proof.name_masked)
    await case.tools.journal.note(case.visit.id, "app-code", {"answer": "accepted", "level": proof.level})
    return ""


class _Shown:
    """Our code on the screen, and how far the phone has come; what could be done instead is this terminal's."""

    def __init__(self, handoff: Handoff, case: Case) -> None:
        self.handoff = handoff
        self.sees = has_eye(case.tools)
        self.others = case.service.without_card or not is_absent(case.tools.reader)

    def page(self, place: Place) -> Screen:
        number = self.handoff.number if self.handoff.state == "scanned" else ""
        return pages.phone_qr(place, PhoneQr(self.handoff.code, number, self.sees, self.others))


async def _show(case: Case) -> str:
    """Show our code until the phone has confirmed. Gives done, back, hold (the other direction) or other."""
    visit, identity = case.visit, case.tools.platform.identity
    try:
        await present(case)
        shown = _Shown(await identity.start_handoff(case.session, new_id("hof"), "take"), case)
    except PlatformError as error:
        raise await stopped(case, error) from error

    async def followed() -> str:
        for _ in range(POLLS):
            now = await identity.handoff(case.session, shown.handoff.id)
            if now.state != shown.handoff.state:
                shown.handoff = now
                visit.refresh()
            if now.state not in ("waiting", "scanned"):
                return now.state
            await asyncio.sleep(POLL_S)
        return "expired"

    try:
        result = await visit.during(shown.page, followed(), seconds=visit.manners.card_s)
    except PlatformError as error:
        raise await stopped(case, error) from error
    if isinstance(result, Reply):
        return {"hold": "hold", "other-way": "other"}.get(result.key, "back")
    await case.tools.journal.note(visit.id, "app-code", {"answer": result, "shown": True})
    if result != "confirmed":
        raise Stop(NotDone("match-refused", can_retry=True))
    person = await present(case)
    person.proven("code", "A1", case.tools.clock.monotonic(), shown.handoff.name_masked)
    await confirmed(case, "match", "app", "phone")
    return "done"
