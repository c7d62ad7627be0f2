"""Signing in with the province's app: its code held up here, or the terminal's code scanned by it (一码通办).

A code that is too old, was used, or is another province's is refused with the reason, and the next one is looked for.
"""

from __future__ import annotations

import asyncio
from typing import Literal

from drivers.errors import DeviceError, NoMedia
from kiosk.case import Case, Move, Stop
from kiosk.code_reading import read_code, wipe
from kiosk.code_router import Routed, answer, formats_for, route
from kiosk.consenting import grant, stopped
from kiosk.money import new_id
from kiosk.person import known, present
from kiosk.platform.errors import PlatformError, Problem
from kiosk.platform.identity import Handoff
from kiosk.steps.hand_over import hand_over
from kiosk.steps.phone_way import confirmed
from kiosk.visit import Ended
from screens import pages
from screens.models import NotDone, PhoneCode, PhoneQr, Place, SignedIn, Working
from screens.screen import Reply, Screen

LOOK_S = 12.0
AGAIN_S = 0.5
POLL_S = 1.0
POLLS = 150
PREVIEW_HZ = 12
PREVIEW_SIZE = (720, 540)
EXPECTED = formats_for("app")
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


class _Looking:
    """The camera at work behind the page."""

    def __init__(self, case: Case, refused: str) -> None:
        self.case = case
        self.refused = refused
        self.closer = False
        self._other: Routed | None = None

    def page(self, place: Place) -> Screen:
        say = self.case.say
        told = answer(self._other, "app", place.language) if self._other else ""
        told = told or (say(f"phone-code.{self.refused}") if self.refused else "")
        return pages.phone_code(place, PhoneCode(told, closer=self.closer))

    async def code(self) -> str:
        """The text of the app's code. Raises `DeviceError` when the camera fails."""
        async with asyncio.TaskGroup() as group:
            preview = group.create_task(self._preview())
            try:
                return await self._read()
            finally:
                preview.cancel()

    async def _read(self) -> str:
        tools = self.case.tools
        while True:
            try:
                code = await read_code(tools.code_eye, tools.code_reader, EXPECTED, LOOK_S)
            except NoMedia:
                self.closer, self._other = True, None
                self.case.visit.refresh()
                continue
            if code is None:
                continue
            found = route(code, "app")
            if found.kind == "app" and found.sound:
                return found.text
            self._other = found.without_text()
            self.case.visit.refresh()
            await asyncio.sleep(AGAIN_S)

    async def _preview(self) -> None:
        while True:
            picture = await self.case.tools.code_eye.preview(PREVIEW_SIZE)
            if picture is not None:
                self.case.visit.display.preview(picture, *PREVIEW_SIZE)
            await asyncio.sleep(1 / PREVIEW_HZ)


async def _hold(case: Case) -> str:
    """Codes until one is accepted. Gives done, back, show (the other direction) or other."""
    visit = case.visit
    told = ""
    while True:
        looking = _Looking(case, told)
        try:
            found = await visit.during(looking.page, looking.code(), seconds=visit.manners.card_s)
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
        told = result


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
    """Our code on the screen, and how far the phone has come."""

    def __init__(self, handoff: Handoff) -> None:
        self.handoff = handoff

    def page(self, place: Place) -> Screen:
        number = self.handoff.number if self.handoff.state == "scanned" else ""
        return pages.phone_qr(place, PhoneQr(self.handoff.code, number))


async def _show(case: Case) -> str:
    """Show our code until the phone has confirmed. Gives done, back, hold (the other direction) or other."""
    visit, identity = case.visit, case.tools.platform.identity
    try:
        await present(case)
        shown = _Shown(await identity.start_handoff(case.session, new_id("hof"), "take"))
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
