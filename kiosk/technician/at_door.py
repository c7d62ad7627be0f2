"""The door's pages: card and PIN, or a one-time code typed or held up. Nothing typed or read outlives its step."""

from __future__ import annotations

import asyncio
from typing import Final

from config.texts import texts
from drivers.camera.codes import Format
from drivers.errors import DeviceError, MediaError, NoMedia
from kiosk.events import events
from kiosk.technician.codes import DIGITS, Purpose
from kiosk.technician.door import Admitted, Door, Reason, Shut
from kiosk.technician.gate import Gate, clock_time
from kiosk.technician.pin_typing import PinTyping
from kiosk.technician.roles import Role
from kiosk.technician.roster import PIN_DIGITS, Known
from kiosk.visits.case import Tools
from kiosk.visits.code_reading import read_code, wipe
from kiosk.visits.visit import Ended, Visit
from screens.models import PinEntry, Place
from screens.models.technician import TechCode, TechDoor
from screens.pages.technician import tech_code, tech_door, tech_pin
from screens.screen import Language, Reply, Screen

READ_S: Final = 12.0
LIFT_S: Final = 60.0
LOOK_S: Final = 12.0
AGAIN_S: Final = 0.5
REST_S: Final = 2.0
"""After a refusal nothing is read for so long: a code that stays before the camera does not fill the journal."""
LONGEST_S: Final = 300.0
"""Nobody keeps citizens away for longer by standing at the door."""
QR: Final[tuple[Format, ...]] = ("qr",)
PREFIX: Final = "KTC1."


def told(reason: Reason, language: Language, until: float = 0.0) -> str:
    """Why somebody is not let in, and what to do, in the reader's language."""
    event = events()[f"technician.{reason}"]
    at = clock_time(until) if until else ""
    stop = "。" if language == "zh" else ". "
    said = (event.sentence(language, what=at), event.remedy(language))
    return stop.join(each[0].upper() + each[1:] for each in said) + stop.strip()


class AtDoor:
    """One coming in. `supervisor`: only a supervisor will do, and not the one called `besides` (a countersignature)."""

    def __init__(self, gate: Gate, tools: Tools, visit: Visit, *, supervisor: bool = False, besides: str = "") -> None:
        self.door = Door()
        self._gate = gate
        self._tools = tools
        self._visit = visit
        self._supervisor = supervisor
        self._besides = besides
        self._purpose: Purpose = "panel"
        self._wait_s = tools.settings.technician.card_s
        self._known: Known | None = None
        self._admitted: Admitted | None = None
        self._without_card = False
        self._typed = ""

    async def come_in(self) -> Admitted | None:
        """The pages until the door opens; None when they went away. Raises `Ended` only when it is not the door's."""
        steps = {"card": self._card, "pin": self._pin, "code": self._code}
        self.door.take("gesture", await self._gate.shut())
        try:
            async with asyncio.timeout(LONGEST_S):
                while self.door.step in steps:
                    await steps[self.door.step]()
        except (Ended, TimeoutError):
            self.door.take("away")
        finally:
            self._known, self._typed = None, ""
            wipe(self._tools.code_eye, self._tools.code_reader)
        if self.door.step != "open":
            await self._gate.note("away")
            return None
        return self._admitted

    # The card

    def _card_page(self, place: Place) -> Screen:
        shut = self.door.shut
        refused = told(shut.reason, place.language, shut.until) if shut else ""
        until = clock_time(shut.until) if shut and shut.reason == "door-locked" else ""
        return tech_door(place, TechDoor(refused, until, self._without_card))

    async def _card(self) -> None:
        result = await self._visit.during(self._card_page, self._read(), seconds=self._wait_s)
        if isinstance(result, Known):
            self._known = result
            self.door.take("card")
        elif result.key == "code":
            self.door.take("other")
        elif result.key == "back":
            self.door.take("back")

    async def _read(self) -> Known:
        """The first card of a technician who may come in. A reader that fails leaves the other way."""
        reader = self._tools.reader
        while True:
            try:
                await reader.wait_for_card(deadline_s=3600)
                number = (await reader.read_card(deadline_s=READ_S)).number
                return self._fitting(await self._gate.card(number))
            except NoMedia:
                continue
            except Shut as shut:
                self.door.take("shut" if shut.until else "not-card", shut)
            except MediaError:
                self.door.take("not-card", Shut("card-unreadable"))
            except DeviceError:
                self._without_card = True
                self._visit.refresh()
                await asyncio.sleep(AGAIN_S * 4)
                self._without_card = not reader.status.usable
                continue
            self._visit.refresh()
            await self._lifted()

    def _fitting(self, known: Known) -> Known:
        self._must_fit(known.who, known.role)
        return known

    def _must_fit(self, who: str, role: Role) -> None:
        """Raises `Shut` where only another one, a supervisor, will do."""
        if self._supervisor and role != "supervisor":
            raise Shut("supervisor-only")
        if who == self._besides:
            raise Shut("same-person")

    async def _lifted(self) -> None:
        try:
            await self._tools.reader.wait_removed(deadline_s=LIFT_S)
        except DeviceError:
            self._without_card = True

    # The PIN

    async def _pin(self) -> None:
        known = self._known
        assert known is not None
        typing = PinTyping(PIN_DIGITS)

        def page(place: Place) -> Screen:
            shut = self.door.shut
            error = told(shut.reason, place.language) if shut else ""
            label = texts(place.language).t("tech.pin.label")
            return tech_pin(place, PinEntry(label, typing.typed, typing.length, typing.order, error))

        fresh = True
        while self.door.step == "pin":
            reply = await self._visit.ask(page, seconds=self._wait_s, fresh=fresh)
            fresh = False
            if reply.key == "back":
                self._known = None
                self.door.take("back")
            elif not typing.take(reply) and reply.key == "next" and (pin := typing.give()):
                await self._check(known, pin)

    async def _check(self, known: Known, pin: str) -> None:
        try:
            self._admitted = await self._gate.pin(known, pin)
            self.door.take("right")
        except Shut as shut:
            if shut.until:
                self._known = None
                self.door.take("shut", Shut("locked", shut.until))
            else:
                self.door.take("wrong", shut)

    # A code

    def _code_page(self, place: Place) -> Screen:
        shut = self.door.shut
        error = told(shut.reason, place.language, shut.until) if shut else ""
        grouped = " ".join(self._typed[i : i + 4] for i in range(0, len(self._typed), 4))
        return tech_code(place, TechCode(grouped, error, len(self._typed) == DIGITS, scans=True))

    async def _code(self) -> None:
        result = await self._visit.during(self._code_page, self._held_up(), seconds=self._wait_s, on_reply=self._key)
        try:
            if isinstance(result, str):
                self._enter(await self._gate.scanned(result, self._purpose))
            elif result.key == "next" and len(self._typed) == DIGITS:
                digits, self._typed = self._typed, ""
                self._enter(await self._gate.typed(digits, self._purpose))
            elif result.key == "back":
                self._typed = ""
                self.door.take("back")
        except Shut as shut:
            self.door.take("shut" if shut.until else "refused", shut)

    def _enter(self, admitted: Admitted) -> None:
        self._must_fit(admitted.who, admitted.role)
        self._admitted = admitted
        self.door.take("granted")

    def _key(self, reply: Reply) -> bool:
        """A digit of the code; true when the page takes it."""
        if reply.key != "key":
            return False
        if reply.value == "clear":
            self._typed = ""
        elif reply.value == "backspace":
            self._typed = self._typed[:-1]
        elif len(reply.value) == 1 and reply.value in "0123456789" and len(self._typed) < DIGITS:
            self._typed += reply.value
        return True

    async def _held_up(self) -> str:
        """The first code of the office that is held to camera or code reader. Without both it never comes."""
        tools = self._tools
        if self.door.shut is not None:
            await asyncio.sleep(REST_S)
        while True:
            try:
                code = await read_code(tools.code_eye, tools.code_reader, QR, LOOK_S)
            except NoMedia:
                continue
            except DeviceError:
                await asyncio.sleep(LOOK_S)
                continue
            if code is not None and code.text.strip().startswith(PREFIX):
                return code.text
            await asyncio.sleep(AGAIN_S)
