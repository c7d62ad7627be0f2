"""The calls of one bank's library: requests with their echo, the daily sign-in, and how long a cut call may go on."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from drivers.errors import NeedsPeople, ProtocolError
from drivers.payment_library import codes
from drivers.payment_library.child import NotCalled, Returned, call_library
from drivers.payment_library.frames import PRE_AUTH, REPRINT, SIGN_IN, WORDS, Answer, Request
from drivers.payment_library.options import Call, LibraryOptions
from drivers.payment_library.receipt import Receipt


@dataclass(frozen=True, slots=True)
class Said:
    """An answer, the day on which it came (yyyymmdd), and whether its money is only held."""

    answer: Answer
    day: str
    held: bool

    @property
    def receipt(self) -> Receipt:
        """Which transaction it tells of."""
        return Receipt.of(self.answer, self.day).as_held(held=self.held)


class BankCalls:
    """One call at a time, by whoever holds the device's lock. `noted` takes words for the recorder."""

    def __init__(
        self,
        name: str,
        call: Call,
        options: LibraryOptions,
        clock: Callable[[], datetime],
        noted: Callable[[str], None],
    ) -> None:
        self.call = call
        self._name = name
        self._options = options
        self._clock = clock
        self._noted = noted
        self._signed_in = ""
        self._cut_until = 0.0
        self._inherited_until: float | None = None

    @property
    def today(self) -> str:
        """yyyymmdd."""
        return f"{self._clock():%Y%m%d}"

    @property
    def may_be_at_work(self) -> bool:
        """A call was cut so short ago that the pad may still take the money."""
        return asyncio.get_running_loop().time() < self._cut_until

    @property
    def may_have_inherited(self) -> bool:
        """As `may_be_at_work`, of a call that a terminal which crashed may have left running."""
        return self.begin() > asyncio.get_running_loop().time()

    def begin(self) -> float:
        """Count from now, unless that was done: until when an inherited call may go on."""
        if self._inherited_until is None:
            self._inherited_until = asyncio.get_running_loop().time() + self._options.settle_s
        return self._inherited_until

    async def sign_in(self, *, again: bool = False) -> None:
        """05, once a day. Raises `NeedsPeople` when the bank refuses, and as `ask`."""
        today = self.today
        if not again and (not self._options.sign_in or self._signed_in == today):
            return
        said = await self.ask(SIGN_IN, self._options.quick_s)
        if not said.answer.approved:
            word = codes.refused(said.answer.code)
            raise NeedsPeople(f"{self._name}: the bank refuses to sign in: {word.sentence}", code=said.answer.code)
        self._signed_in = today

    async def ask(self, kind: str, deadline_s: float, **fields: Any) -> Said:
        """One call. Raises `NotCalled` when nothing happened; any other `DeviceError`: nobody can say."""
        o = self._options
        echo = f"{secrets.randbelow(1000):03d}"
        request = Request(o.pos, o.operator, kind, echo, **fields).encode(o.industry)
        self._noted(f"{WORDS[kind]} asked")
        try:
            returned = await call_library(self.call, request, deadline_s)
            answer = self._answer(returned, echo)
        except NotCalled:
            raise
        except BaseException:
            self._cut_until = asyncio.get_running_loop().time() + o.settle_s
            raise
        self._noted(f"{WORDS[kind]} answered {answer.code}")
        return Said(answer, self.today, o.mode == "hold" and kind in (PRE_AUTH, REPRINT))

    def _answer(self, returned: Returned, echo: str) -> Answer:
        if self._options.success and returned.value not in self._options.success:
            words = f"{self._options.function} returned {returned.value}; {self._options.success} is an answer"
            raise ProtocolError(f"{self._name}: {words}")
        return Answer.decode(returned.answer, echo)
