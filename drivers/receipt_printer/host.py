"""The host end of a receipt printer's wire: what was asked, what came back, and when waiting ends. No I/O, no clock.

| waiting for | asked with          | answered by                                | else after            |
|-------------|---------------------|--------------------------------------------|-----------------------|
| status      | DLE EOT 1-4 at once | four status bytes, in the order of asking  | `ANSWER_S`: `Silent`  |
|             | and 20: presenter   | and the six bytes of a full status         |                       |
| end mark    | GS ( H, or GS r 1   | block 37 22 mark 00, or one sensor byte    | the driver's deadline |
| cleared     | DLE DC4 8           | block 37 25 00                             | `ANSWER_S`: `Silent`  |
| drained     | GS r 1              | one sensor byte: all before it is printed  | `DRAIN_S`: `Silent`   |
| identity    | GS I 65 to 68       | a text block for each                      | `ANSWER_S`: `Silent`  |
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

from config.receipt_printers import PrinterProfile
from drivers.receipt_printer.frames import (
    ASK_ALL,
    ASK_FULL,
    ASK_PAPER,
    ASKED,
    CLEAR_BUFFERS,
    LONGEST_COMMAND,
    READY,
    RECOVER_AND_CLEAR,
    AutoStatus,
    Block,
    Condition,
    Flow,
    FullStatus,
    Reply,
    ReplyParser,
    Sensor,
    StatusByte,
    Stray,
    ask_identity,
    read_asb,
    read_full,
    read_status,
)
from drivers.told import printable

ANSWER_S = 0.5
"""No answer to a real-time question within this is a fault, never "paper is there"."""
DRAIN_S = 2.0


class Wait(Enum):
    """What the host end waits for."""

    NOTHING = "nothing"
    STATUS = "status"
    MARK = "mark"
    CLEARED = "cleared"
    DRAINED = "drained"
    IDENTITY = "identity"


@dataclass(frozen=True, slots=True)
class StatusRead:
    """The four answers are in."""

    conditions: Condition


@dataclass(frozen=True, slots=True)
class Changed:
    """The printer told a change unasked."""

    conditions: Condition


@dataclass(frozen=True, slots=True)
class Printed:
    """The end mark came: everything before it is on paper and cut."""


@dataclass(frozen=True, slots=True)
class Cleared:
    """The printer holds nothing any more."""


@dataclass(frozen=True, slots=True)
class Identified:
    """What the printer says of itself, in the order of asking."""

    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Silent:
    """Nothing came in time for what was asked."""

    waited_for: Wait


@dataclass(frozen=True, slots=True)
class Noise:
    """An answer nobody asked for, or bytes that are none."""

    count: int


Event: TypeAlias = "StatusRead | Changed | Printed | Cleared | Identified | Silent | Flow | Noise"


class HostEnd:
    """One printer's host end. `conditions` is the last known state, `stopped` true between XOFF and XON."""

    def __init__(self, profile: PrinterProfile) -> None:
        self.profile = profile
        self.conditions: Condition | None = None
        self.stopped = False
        self._parser = ReplyParser(full_status=profile.has_presenter)
        self._wait = Wait.NOTHING
        self._wake_at: float | None = None
        self._answers: list[int] = []
        self._full: Condition | None = None
        self._mark = b""
        self._names: list[str] = []
        self._wanted = 0
        self._unanswered = 0
        self._heard = 0

    @property
    def wake_at(self) -> float | None:
        """When `wake` wants to be called."""
        return self._wake_at

    @property
    def waiting_for(self) -> Wait:
        """What was asked and is not answered."""
        return self._wait

    def connected(self) -> None:
        """The line is new: nothing is known of questions asked before."""
        self._unanswered = 0
        self.forget()

    def forget(self) -> None:
        """What was asked will not be waited for any more: late answers must not pass for new ones."""
        self._parser.reset()
        self.stopped = False
        self._done()

    def ask_status(self, now: float) -> bytes:
        """DLE EOT 1-4, and 20 for a printer with a presenter."""
        self._begin(Wait.STATUS, now + ANSWER_S)
        return self.peek()

    def peek(self) -> bytes:
        """DLE EOT 1-4 while an end mark is waited for: automatic status is off until the printer has read GS a."""
        self._answers, self._full = [], None
        return ASK_ALL + (ASK_FULL if self.profile.has_presenter else b"")

    def ask_identity(self, now: float, *which: int) -> bytes:
        """GS I for each of `which`; queued, so only for a printer that is online and idle.

        Answers carry no number, so what a printer may leave out is asked for alone.
        """
        self._names, self._wanted = [], len(which)
        self._begin(Wait.IDENTITY, now + ANSWER_S)
        return b"".join(map(ask_identity, which))

    def clear(self, now: float, conditions: Condition) -> bytes:
        """Throw away what the printer holds; `conditions` decide how, by the model's means.

        With DLE DC4 8 the printer answers. With DLE ENQ 2 only a faulty printer obeys, without an answer; one that is
        online gets NULs, which complete a command that was cut short and are nothing to a printer that waits for one,
        and then a queued question, whose answer proves that nothing is before it.
        """
        if self.profile.clear == "dle-dc4-8":
            self._begin(Wait.CLEARED, now + ANSWER_S)
            return CLEAR_BUFFERS
        if conditions & Condition.OFFLINE:
            self._unanswered = 0
            self._done()
            return RECOVER_AND_CLEAR
        self._expect_sensor()
        self._begin(Wait.DRAINED, now + DRAIN_S)
        return RECOVER_AND_CLEAR + bytes(LONGEST_COMMAND) + ASK_PAPER

    def expect_mark(self, mark: bytes) -> None:
        """The job that was or will be sent ends with `mark` (or GS r 1)."""
        self._mark = mark
        if self.profile.end_mark == "gs-r":
            self._expect_sensor()
        self._begin(Wait.MARK, None)

    def receive(self, data: bytes) -> list[Event]:
        """Events that `data` completes."""
        return [event for reply in self._parser.feed(data) for event in self._event(reply)]

    def wake(self, now: float) -> list[Event]:
        """Events that the time itself brings."""
        if self._wake_at is None or now < self._wake_at - 1e-6:
            return []
        waited_for = self._wait
        if waited_for is Wait.STATUS:
            self.conditions = None
        if waited_for is Wait.DRAINED and self._heard:
            self._unanswered = 0  # it answers, but fewer times than asked: it was switched off in between
        self.forget()
        return [Silent(waited_for)]

    def _begin(self, wait: Wait, wake_at: float | None) -> None:
        self._wait, self._wake_at = wait, wake_at

    def _done(self) -> None:
        self._begin(Wait.NOTHING, None)

    def _event(self, reply: Reply) -> list[Event]:
        match reply:
            case StatusByte(value) if self._wait in (Wait.STATUS, Wait.MARK) and len(self._answers) < len(ASKED):
                return self._answered(value)
            case FullStatus(block) if self._wait in (Wait.STATUS, Wait.MARK) and self._full is None:
                self._full = read_full(block)
                return self._all_answered()
            case AutoStatus(block):
                # It says nothing of the exit: what was seen there last stays true until the printer is asked.
                self.conditions = read_asb(block) | ((self.conditions or READY) & Condition.TICKET_IN_EXIT)
                return [Changed(self.conditions)]
            case Flow(go):
                self.stopped = not go
                return [reply]
            case Sensor():
                return self._sensed()
            case Block() if self._wait is Wait.MARK and reply.end_mark == self._mark:
                self._done()
                return [Printed()]
            case Block() if self._wait is Wait.CLEARED and reply.cleared:
                self._done()
                return [Cleared()]
            case Block() if self._wait is Wait.IDENTITY and reply.text is not None:
                return self._named(reply.text)
            case Stray(data):
                return [Noise(len(data))]
        return [Noise(1)]

    def _expect_sensor(self) -> None:
        self._unanswered += 1
        self._heard = 0

    def _sensed(self) -> list[Event]:
        """GS r answers carry no mark: only the one that leaves no question open answers the last question."""
        if self._unanswered == 0:
            return [Noise(1)]
        self._unanswered -= 1
        self._heard += 1
        if self._unanswered or self._wait not in (Wait.MARK, Wait.DRAINED):
            return []
        event: Event = Printed() if self._wait is Wait.MARK else Cleared()
        self._done()
        return [event]

    def _answered(self, value: int) -> list[Event]:
        self._answers.append(value)
        return self._all_answered()

    def _all_answered(self) -> list[Event]:
        if len(self._answers) < len(ASKED) or (self.profile.has_presenter and self._full is None):
            return []
        found = self._full or READY
        for n, answer in zip(ASKED, self._answers, strict=True):
            found |= read_status(n, answer)
        self.conditions = found
        if self._wait is Wait.STATUS:
            self._done()
        return [StatusRead(found)]

    def _named(self, text: str) -> list[Event]:
        self._names.append(printable(text)[:40])
        if len(self._names) < self._wanted:
            return []
        self._done()
        return [Identified(tuple(self._names))]
