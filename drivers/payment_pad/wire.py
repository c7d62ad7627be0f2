"""The pad as one that can be asked: connect, register, status and cures, last transaction. Nothing here moves money."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime
from typing import Final

from drivers.errors import DeviceError, LinkLost, NeedsPeople, NoAnswer, ProtocolError, Unsupported
from drivers.payment_pad.approval import PadStatus
from drivers.payment_pad.events import Aborted, Completed, Rejected
from drivers.payment_pad.frames import (
    BUSY,
    CURES,
    FIRST_ID,
    NOT_REGISTERED,
    UNSUPPORTED,
    Command,
    Diagnosis,
    Initialisation,
    Registration,
    RepeatReceipt,
    SetClock,
    StatusEnquiry,
    StatusInformation,
    TurnoverTotals,
    result_word,
)
from drivers.payment_pad.host import Approvals
from drivers.payment_pad.options import PadOptions
from drivers.payment_pad.talk import Said, Talk

log = logging.getLogger(__name__)

SHORT_S: Final = 15.0
"""For commands that ask nobody: registration, status, repeat receipt."""
LONG_S: Final = 120.0
"""For commands that ring the bank: reversal, end of day, diagnosis, initialisation."""
PAUSE_S: Final = 1.0
_BLOCKS: Final = bytes.fromhex("26040A0206D3")
"""We take text blocks (06 D3); with it the pad may use TLV."""
_WAIT_FOR: Final = frozenset((BUSY, 0xE0, 0xE1, 0xFC))
_NOT_NOW: Final = frozenset(
    (*_WAIT_FOR, 0x51, 0x62, 0x6B, 0x83, 0xB1, 0xB2, 0xC0, 0xC1, 0xC2, 0xDF, 0xE4, 0xF0, 0xF5, 0xF6)
)
"""Answers to 06 20 that mean "not now" or "not at all", never "no transaction"."""


def answer_code(said: Said) -> int | None:
    """The code with which the pad said no, None when it completed."""
    match said.end:
        case Rejected(code):
            return code
        case Aborted(abort):
            return abort.result
    return None


def no(url: str, said: Said, what: str) -> DeviceError:
    """The error for a pad that refused `what`."""
    code = answer_code(said)
    word = result_word(0xFF if code is None else code)
    kind = Unsupported if code == UNSUPPORTED else NeedsPeople
    return kind(f"{url}: {what}: {word.sentence}", code="" if code is None else f"{code:02X}")


class PadWire:
    """One pad's connection. Callers hold the device's lock."""

    def __init__(self, talk: Talk, options: PadOptions, clock: Callable[[], datetime]) -> None:
        self.talk = talk
        self.options = options
        self._clock = clock
        self.reversing: set[str] = set()
        """Receipts whose reversal the pad was told since the terminal started."""
        self.terminal_id = ""
        self._registered = False
        self._has_enquiry = True

    async def connect(self) -> None:
        """Open the link and register, unless done. Raises `DeviceError`."""
        if self.talk.link.is_open and self._registered:
            return
        self._registered = False
        await self.talk.connect()
        o = self.options
        tags = (_BLOCKS if o.dialect.prints else b"") + (FIRST_ID if o.dialect.message_ids else b"")
        said = await self.talk.exchange(Registration(o.config, o.currency, tags=tags, password=o.password), SHORT_S)
        if isinstance(said.end, Completed):
            self.terminal_id = said.end.completion.terminal_id or self.terminal_id
        elif answer_code(said) != BUSY:
            await self.drop()
            raise no(self.talk.link.url, said, "registration")
        self._registered = True

    async def drop(self) -> None:
        """Let go of the link."""
        self._registered = False
        await self.talk.drop()

    async def ask(self, command: Command, deadline_s: float, approvals: Approvals = Approvals.STRAY) -> Said:
        """An exchange that moves no money; a link or registration that the pad forgot while idle is made anew, once."""
        fresh = not (self.talk.link.is_open and self._registered)
        await self.connect()
        try:
            said = await self.talk.exchange(command, deadline_s, approvals)
        except (LinkLost, NoAnswer, ProtocolError):
            if fresh:
                raise
        else:
            if fresh or answer_code(said) != NOT_REGISTERED:
                return said
        await self.drop()
        await self.connect()
        return await self.talk.exchange(command, deadline_s, approvals)

    async def enquire(self) -> PadStatus:
        """05 01. Raises `DeviceError`. A pad without it has status None."""
        if not self._has_enquiry:
            await self.connect()
            return PadStatus(None)
        said = await self.ask(StatusEnquiry(0x04, self.options.password), SHORT_S)
        if isinstance(said.end, Completed):
            completion = said.end.completion
            return PadStatus(completion.status or 0, completion.software)
        code = answer_code(said)
        if code == UNSUPPORTED:
            log.warning("pad at %s has no status enquiry (05 01)", self.talk.link.url)
            self._has_enquiry = False
            return PadStatus(None)
        return PadStatus(code)

    async def cured(self) -> PadStatus:
        """05 01, and the cures that never move money, each once. Raises `DeviceError`."""
        for _ in range(len(CURES) + 1):
            status = await self.enquire()
            cure = None if status.code is None else CURES.get(status.code)
            if cure is None:
                return status
            log.info("pad at %s says %02X: %s", self.talk.link.url, status.code or 0, cure)
            await self.ask(self._command_of(cure), LONG_S)
        return await self.enquire()

    async def not_busy(self, patience_s: float) -> PadStatus:
        """As `cured`, but a pad still busy with its last command is given `patience_s`. Raises `DeviceError`."""
        until = asyncio.get_running_loop().time() + patience_s
        while True:
            status = await self.cured()
            if status.code != BUSY or asyncio.get_running_loop().time() + PAUSE_S >= until:
                return status
            await asyncio.sleep(PAUSE_S)

    def _command_of(self, cure: str) -> Command:
        if cure == "initialise":
            return Initialisation(self.options.password)
        if cure == "set-clock":
            return self.set_clock()
        return Diagnosis()

    def set_clock(self) -> SetClock:
        """06 91 with the time that it is."""
        now = self._clock()
        return SetClock(now.strftime("%y%m%d"), now.strftime("%H%M%S"))

    async def ready(self, deadline_s: float) -> PadStatus:
        """Wait until no transaction runs on the pad, reconnecting as often as needed. Raises `DeviceError`."""
        loop = asyncio.get_running_loop()
        until = loop.time() + deadline_s
        while True:
            last: DeviceError
            try:
                async with asyncio.timeout_at(until):
                    status = await self.cured()
                if status.code not in _WAIT_FOR:
                    return status
                last = NeedsPeople(f"{self.talk.link.url}: the pad is still at work", code=f"{status.code:02X}")
            except TimeoutError:
                raise NoAnswer(f"{self.talk.link.url}: the pad was not ready within {deadline_s:g} s") from None
            except DeviceError as error:
                await self.drop()
                last = error
            if loop.time() + PAUSE_S >= until:
                raise last
            await asyncio.sleep(PAUSE_S)

    async def last(self) -> StatusInformation | None:
        """06 20: the last stored transaction, None when the pad says that it has none. Raises `DeviceError`."""
        said = await self.ask(RepeatReceipt(password=self.options.password), SHORT_S, Approvals.REPORTED)
        for info in reversed(said.statuses):
            if info.receipt_no:
                return info
        code = answer_code(said)
        if code in _NOT_NOW:
            raise no(self.talk.link.url, said, "last transaction")
        return None

    async def nothing_booked(self) -> bool:
        """06 10: True only when the pad's totals are there and zero."""
        try:
            said = await self.ask(TurnoverTotals(self.options.password), SHORT_S, Approvals.REPORTED)
        except DeviceError:
            return False
        found = [info for info in said.statuses if info.totals is not None]
        return said.completed and bool(found) and not any(sum(info.totals or ()) or info.amount for info in found)
