"""The host end of Modbus: one request at a time, tried again, and what is wrong when it does not succeed. Pure.

| while waiting arrives               | then                                                                   |
|-------------------------------------|------------------------------------------------------------------------|
| the answer to our request           | `Answered`                                                             |
| an exception: busy or acknowledge   | the same request again after `BUSY_S`, while tries are left            |
| another exception                   | `Failed(refused, code)`                                                |
| a frame of another unit             | remembered and ignored: a bus may have other devices                   |
| a frame of another transaction      | ignored: a late answer to an earlier request                           |
| bytes that make no frame            | remembered and ignored                                                 |
| nothing more until `wake_at`        | again; after the last try `Failed` with the best reason that was seen  |
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Final, TypeAlias

from drivers.cabinet.address import Address
from drivers.cabinet.frames import (
    Answer,
    Frame,
    Parser,
    Refusal,
    Request,
    Tell,
    answers,
    encode,
    length_of_answer,
    longest_answer,
    words,
)

BUSY: Final = (5, 6)
BUSY_S: Final = 0.1


_encoded = lru_cache(maxsize=32)(encode)
"""A board at rest is asked the same all the time."""


class Why(StrEnum):
    """Why a request failed."""

    NO_ANSWER = "no-answer"
    GARBLED = "garbled"
    OTHER_UNIT = "other-unit"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Send:
    """Write these bytes."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Answered:
    """The request succeeded."""

    answer: Answer


@dataclass(frozen=True, slots=True)
class Failed:
    """The request failed for good: `request` in words, `number` is the exception code or the other unit."""

    why: Why
    request: str
    number: int = 0


Event: TypeAlias = Send | Answered | Failed


class ModbusHost:
    """One board at `address`. `answer_s`: how long its firmware may think; the wire's own time is added."""

    def __init__(self, address: Address, answer_s: float = 0.25, tries: int = 2) -> None:
        self.address = address
        self.retries = 0
        self.wake_at: float | None = None
        self.whole_at = 0.0
        """Before then the answer cannot be whole, as fast as the wire is."""
        self._answer_s = answer_s
        self._tries = tries
        self._parser = Parser(address.framing, requests=False)
        self._request: Request | None = None
        self._left = 0
        self._transaction = 0
        self._other_unit: int | None = None
        self._damaged = 0
        self._heard_at: float | None = None
        self._busy: int | None = None

    def silence_until(self) -> float:
        """The time before which nothing may be sent: RTU frames are told apart by silence."""
        return 0.0 if self._heard_at is None else self._heard_at + self.address.silence_s

    def request(self, now: float, request: Request) -> list[Event]:
        """Ask. Any earlier request is forgotten."""
        # Many boards answer nothing to a function that they do not know: whether it tells is asked once.
        self._request, self._left = request, 1 if isinstance(request, Tell) else self._tries
        self._other_unit = self._busy = None
        self._damaged = self._parser.damaged
        return self._send(now)

    def receive(self, now: float, data: bytes) -> list[Event]:
        """Bytes from the board."""
        self._heard_at = now
        events: list[Event] = []
        for frame in self._parser.feed(data):
            events.extend(self._heard(now, frame))
        if self._request is not None:
            missing = length_of_answer(self.address.framing, self._request) - self._parser.waiting
            self.whole_at = now + max(0, missing) * self.address.byte_s
        return events

    def wake(self, now: float) -> list[Event]:
        """`wake_at` has come."""
        if self._request is None or self.wake_at is None or now < self.wake_at:
            return []
        busy, self._busy = self._busy, None
        if self._left > 0:
            self.retries += 1
            self._parser_lost()
            return self._send(now)
        return [self._failed(Why.REFUSED, busy) if busy is not None else self._silence()]

    def _send(self, now: float) -> list[Event]:
        assert self._request is not None
        self._left -= 1
        if self.address.framing == "tcp":
            self._transaction = self._transaction % 0xFFFF + 1
        self._parser.reset()
        data = _encoded(self.address.framing, Frame(self.address.unit, self._transaction, self._request))
        shortest, longest = (f(self.address.framing, self._request) for f in (length_of_answer, longest_answer))
        self.whole_at = now + (len(data) + shortest) * self.address.byte_s
        self.wake_at = now + (len(data) + longest) * self.address.byte_s + self._answer_s
        return [Send(data)]

    def _heard(self, now: float, frame: Frame) -> list[Event]:
        request = self._request
        if request is None or self._busy is not None:
            return []
        if frame.unit != self.address.unit:
            self._other_unit = frame.unit
            return []
        if frame.transaction != self._transaction or not isinstance(frame.message, Answer):
            return []
        if not answers(request, frame.message):
            self._parser.damaged += 1
            return []
        if isinstance(frame.message, Refusal):
            if frame.message.code in BUSY and self._left > 0:
                self._busy, self.wake_at = frame.message.code, now + BUSY_S
                return []
            return [self._failed(Why.REFUSED, frame.message.code)]
        self._request = self.wake_at = None
        return [Answered(frame.message)]

    def _parser_lost(self) -> None:
        """A part of a frame that never became whole is damage too."""
        self._parser.give_up()

    def _silence(self) -> Failed:
        self._parser_lost()
        if self._parser.damaged > self._damaged:
            return self._failed(Why.GARBLED)
        if self._other_unit is not None:
            return self._failed(Why.OTHER_UNIT, self._other_unit)
        return self._failed(Why.NO_ANSWER)

    def _failed(self, why: Why, number: int = 0) -> Failed:
        assert self._request is not None
        said = words(self._request)
        self._request = self.wake_at = None
        return Failed(why, said, number)
