"""The bank's library as one that is asked: signed in, its last transaction, its mark. Nothing here moves money."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

from drivers.device import DeviceState, Fault, Status
from drivers.errors import NeedsPeople, Unsupported
from drivers.families import CardPaying
from drivers.payment_library import codes
from drivers.payment_library.calls import BankCalls
from drivers.payment_library.child import there
from drivers.payment_library.frames import REPRINT
from drivers.payment_library.options import Call, LibraryOptions, library_of
from drivers.payment_library.receipt import Receipt
from drivers.payment_pad.approval import Approval, PadStatus, ReceiptMark
from drivers.rhythm import Rhythm

LOCK_S = 20.0


class LibraryAtRest(CardPaying):
    """What every verb of a library stands on, and the verbs that only ask. They raise `DeviceError`."""

    rhythm = Rhythm(poll_s=5.0, poll_deadline_s=70.0, doubt_deadline_s=70.0)  # the morning's poll may sign in

    def __init__(
        self,
        name: str,
        link_url: str,
        options: Mapping[str, Any] | None = None,
        *,
        clock: Callable[[], datetime] | None = None,
    ) -> None:
        """Raises `ValueError` for a link or option that is wrong. `clock` gives local time."""
        super().__init__(name)
        self.options = LibraryOptions.of(name, options or {})
        call = Call(library_of(link_url), self.options.function)
        self._bank = BankCalls(name, call, self.options, clock or (lambda: datetime.now().astimezone()), self.noted)
        self._by_order: dict[str, Receipt] = {}

    @property
    def holds(self) -> bool:
        """True when the profile says that money is held first."""
        return self.options.mode == "hold"

    # The device

    async def _open(self) -> None:
        self._bank.begin()
        self.set_status(await self._poll())

    async def _poll(self) -> Status:
        await there(self._bank.call)
        await self._bank.sign_in()
        model = f"library {self.options.function}"
        if self._bank.may_be_at_work:
            words = f"{self.name}: an earlier call was cut; the pad may be at work for {self.options.settle_s:g} s more"
            return Status(DeviceState.BUSY, Fault("at-work", words, again=True), model=model)
        return Status(DeviceState.ONLINE, model=model)

    async def _close(self) -> None:
        """Nothing is kept open; a call under way is never cut from here."""

    @asynccontextmanager
    async def _work(self) -> AsyncIterator[None]:
        """The device for one verb. Raises `NeedsPeople` when another verb keeps it."""
        try:
            async with asyncio.timeout(LOCK_S):
                await self.lock.acquire()
        except TimeoutError:
            raise NeedsPeople(f"{self.name}: the pad is busy with another transaction") from None
        try:
            with self.timed():
                yield
        finally:
            self.lock.release()

    async def _last(self) -> Receipt | None:
        """The last transaction; None when there is none. Raises `DeviceError`."""
        said = await self._bank.ask(REPRINT, self.options.quick_s)
        if said.answer.code in self.options.empty:
            return None
        if not said.answer.approved or not said.answer.voucher:
            raise NeedsPeople(f"{self.name}: the pad does not say its last transaction", code=said.answer.code)
        return said.receipt

    async def last_transaction(self, deadline_s: float = 200.0) -> Approval | None:
        """The last transaction or None. Raises `DeviceError`."""
        async with self._work(), asyncio.timeout(deadline_s):
            last = await self._last()
        return last.approval() if last else None

    async def mark(self, deadline_s: float = 15.0) -> ReceiptMark:
        """The last transaction, to be journalled before the next. Raises `DeviceError`, `NeedsPeople` while at work."""
        if self._bank.may_be_at_work:
            raise NeedsPeople(f"{self.name}: the pad may still be at work on an earlier transaction")
        try:
            async with self._work(), asyncio.timeout(max(deadline_s, self.options.quick_s)):
                last = await self._last()
        except TimeoutError:
            raise NeedsPeople(f"{self.name}: the pad did not say its last transaction") from None
        return last.mark() if last else ReceiptMark()

    async def open_holds(self) -> list[str]:
        """These libraries have no list of what is held. Raises `Unsupported`."""
        raise Unsupported(f"{self.name}: the bank's library has no list of held payments")

    async def abort(self) -> bool:
        """The library cannot be stopped: false, always."""
        return False

    async def pad_status(self) -> PadStatus:
        """These libraries have no question for it."""
        return PadStatus(None)

    async def diagnose(self) -> str:
        """Sign in now: `ok`, or why not. Never a transaction. Raises `DeviceError`."""
        async with self._work():
            try:
                await self._bank.sign_in(again=True)
            except NeedsPeople as error:
                return codes.refused(error.code).cause
        return "ok"
