"""The pad as one that is looked after: opened, asked how it is, told to test itself. Nothing here moves money."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any

from drivers.crossing import Tracer
from drivers.device import DeviceState, Fault, Status
from drivers.errors import DeviceError, NeedsPeople, ProtocolError, Unsupported, WrongDevice
from drivers.families import CardPaying
from drivers.links.tapped import tapped
from drivers.outcome import Outcome, Refused
from drivers.payment_pad import asking, undoing
from drivers.payment_pad.approval import Approval, CardSeen, PadStatus, ReceiptMark
from drivers.payment_pad.events import Completed
from drivers.payment_pad.frames import AbortCommand, Command, Diagnosis, PadTracer
from drivers.payment_pad.options import PadOptions
from drivers.payment_pad.payment import Payment
from drivers.payment_pad.talk import Talk
from drivers.payment_pad.wire import SHORT_S, PadWire
from drivers.rhythm import Rhythm

log = logging.getLogger(__name__)

LOCK_S = 20.0
READY_S = 200.0
"""How long an outcome is asked for: longer than T4, for the cut payment may still be running on the pad."""
UPDATING = Fault("remote-maintenance", "The pad updates itself after the end of day; wait.", again=True, code="E0")


class PadAtRest(CardPaying):
    """What every verb of a pad stands on, and the verbs that only ask. They raise `DeviceError`."""

    moves = True
    rhythm = Rhythm(poll_deadline_s=5.0, doubt_deadline_s=3.0)  # a pad that shows an advertisement answers late
    traced_options = ("transport",)

    def __init__(
        self,
        name: str,
        link_url: str,
        options: Mapping[str, Any] | None = None,
        *,
        clock: Callable[[], datetime] | None = None,
    ) -> None:
        """Raises `ValueError` for an option that is wrong. `clock` gives local time, for a pad that lost its own."""
        super().__init__(name)
        self.options = PadOptions.of(name, link_url, options or {})
        o = self.options
        talk = Talk(tapped(link_url, self), o.transport, o.timers, self.counters, o.dialect)
        self._wire = PadWire(talk, self.options, clock or (lambda: datetime.now().astimezone()))
        self._payment: Payment | None = None
        self._at_work = False
        self._updating_until = float("-inf")

    @classmethod
    def tracer(cls, link_url: str, options: Mapping[str, Any]) -> Tracer:
        """Units as they decode: of a card its last four digits, of a password nothing."""
        return PadTracer(PadOptions.of(cls.family, link_url, options).transport)

    @classmethod
    async def probe(cls, link_url: str) -> str:
        """05 01 without a registration: never a transaction, and nothing is set."""
        return await asking.probe(cls("probe", link_url)._wire.talk)

    def _move(self, link_url: str) -> None:
        self._wire.talk.link = tapped(link_url, self)

    async def _open(self) -> None:
        await self._wire.drop()
        try:
            await self._wire.connect()
        except WrongDevice:
            raise
        except ProtocolError as error:
            words = "something answers there, but no ZVT pad; check the address or port in the profile"
            raise WrongDevice(f"{self.name}: {words} ({error})") from error
        self.set_status(self._as_status(await self._wire.cured()))

    async def _poll(self) -> Status:
        try:
            status = self._as_status(await self._wire.enquire())
        except DeviceError:
            if asyncio.get_running_loop().time() >= self._updating_until:
                raise
            return replace(self._status, device=DeviceState.BUSY, fault=UPDATING)
        if status.fault is None or status.fault.code not in ("E0", "E1", "FC"):
            self._updating_until = float("-inf")
        return status

    async def _close(self) -> None:
        """Never cuts a transaction off: a supervisor that gives up on the pad must not decide over money."""
        if not self._at_work:
            await self._wire.drop()

    def _as_status(self, pad: PadStatus) -> Status:
        return asking.as_status(pad, self._status, self._wire.terminal_id)

    @asynccontextmanager
    async def _work(self, lock_s: float = LOCK_S) -> AsyncIterator[None]:
        """The device for one verb. Raises `NeedsPeople` when another verb keeps it."""
        try:
            async with asyncio.timeout(lock_s):
                await self.lock.acquire()
        except TimeoutError:
            raise NeedsPeople(f"{self.name}: the pad is busy with another transaction") from None
        self._at_work = True
        try:
            with self.timed():
                yield
        finally:
            self._at_work = False
            self.lock.release()

    async def last_transaction(self, deadline_s: float = READY_S) -> Approval | None:
        """The last approved transaction or None. Waits while the pad is at work. Raises `DeviceError`."""
        try:
            async with self._work(), asyncio.timeout(deadline_s):
                await self._wire.ready(deadline_s)
                info = await self._wire.last()
        except TimeoutError:
            raise self._not_ready(deadline_s) from None
        return Approval.of(info) if info is not None and info.is_payment else None

    async def mark(self, deadline_s: float = SHORT_S) -> ReceiptMark:
        """The pad's last transaction, approved or not, to be journalled before the next. Raises `DeviceError`."""
        try:
            async with self._work(), asyncio.timeout(deadline_s):
                return await asking.mark(self._wire, self.options, deadline_s)
        except TimeoutError:
            raise self._not_ready(deadline_s) from None

    def _not_ready(self, deadline_s: float) -> NeedsPeople:
        return NeedsPeople(f"{self.name}: the pad did not become ready within {deadline_s:g} s")

    async def open_holds(self) -> list[str]:
        """06 23 with FFFF. Raises `DeviceError`; `Unsupported` by a pad that has no such list."""
        async with self._work():
            return await undoing.open_holds(self._wire)

    async def abort(self) -> bool:
        """Ask the pad to stop what it does (06 B0). False when it says that it is too late. Raises `DeviceError`."""
        if self._payment is not None:
            self._payment.stop()
            return True
        async with self._work():
            await self._wire.connect()
            said = await self._wire.talk.exchange(AbortCommand(), SHORT_S)
            return isinstance(said.end, Completed)

    async def pad_status(self) -> PadStatus:
        """05 01 now. Raises `DeviceError`."""
        async with self._work():
            return await self._wire.enquire()

    async def diagnose(self) -> str:
        """06 70, the pad rings its host: `ok` or the cause why not. Never a transaction. Raises `DeviceError`."""
        return await self._chore(Diagnosis(), "diagnosis")

    async def self_test(self) -> str:
        """06 79, the pad tests itself: `ok` or the cause why not. Never a transaction.

        Raises `DeviceError`; `Unsupported` by a pad that has none, or whose profile says `self_test = false`.
        """
        if not self.options.self_test:
            raise Unsupported(f"{self.name}: the profile says that this pad is not told to test itself")
        async with self._work():
            return await asking.self_test(self._wire)

    async def set_clock(self) -> str:
        """06 91 with the local time: `ok` or the cause why not. Raises `DeviceError`."""
        return await self._chore(self._wire.set_clock(), "set clock")

    async def _chore(self, command: Command, what: str) -> str:
        async with self._work():
            return await asking.chore(self._wire, command, what)

    async def read_card(self, timeout_s: int = 15) -> Outcome[CardSeen]:
        """06 C0: wait `timeout_s` (1 to 99) for a card, no payment. Refused: none came. Raises `ValueError`."""
        if not 1 <= timeout_s <= 99:
            raise ValueError(f"time-out: {timeout_s} s is not between 1 and 99")
        try:
            async with self._work():
                return await asking.read_card(self._wire, timeout_s)
        except DeviceError as error:
            return Refused(error.cause, str(error), error.code, again=error.again)
