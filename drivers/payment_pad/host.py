"""The kiosk's end of ZVT (the ECR): bytes in, events and bytes out, `wake_at`; no task, no clock, no link.

| state   | hears                   | does                                    | becomes             |
|---------|-------------------------|-----------------------------------------|---------------------|
| asked   | 80 00 / 84 xx           | `Accepted` / `Rejected`                 | running / idle      |
| running | 04 FF                   | acknowledges, T4 anew, `Prompted`       | running             |
| running | 04 0F, nothing approved | acknowledges, T4 anew, `StatusCame`     | running             |
| running | 04 0F approved          | says nothing: `Held` asks the caller    | holding             |
| running | 06 D1, 06 D3            | acknowledges, T4 anew, `Printed`        | running             |
| running | 06 0F / 06 1E           | acknowledges, `Completed` / `Aborted`   | idle                |
| holding | the same 04 0F          | answers 84 9C, unless told otherwise    | holding             |
| holding | 04 0F not approved      | acknowledges: the pad has taken it back | running             |
| asked   | nothing for T3          | `Failed`                                | idle                |
| running | nothing for T4          | sends 06 B0, waits `abort_s` more       | running, then idle  |
| any     | 04 0F nobody waits for  | 80 when the caller knows it, else 84 6C | unchanged           |

A payment has succeeded only by a 04 0F with result 00 that we acknowledged, and 06 0F after it (sec. 2.2.8, 2.2.9).
The host never acknowledges money by itself: `accept`, `postpone` and `refuse` are the caller's words.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto

from drivers.payment_pad.events import (
    AbortAnswered,
    Aborted,
    Accepted,
    Completed,
    Event,
    Failed,
    Held,
    Printed,
    Prompted,
    Rejected,
    StatusCame,
    Stray,
)
from drivers.payment_pad.frames import (
    BUSY,
    PRINTER_NOT_READY,
    TIMED_OUT,
    UNSUPPORTED,
    Abort,
    AbortCommand,
    Apdu,
    Command,
    Completion,
    FrameError,
    IntermediateStatus,
    Line,
    LineFailed,
    LogOff,
    PrintLine,
    PrintTextBlock,
    ReadCard,
    Reset,
    StatusInformation,
    UnknownField,
    decode_answer,
    is_positive,
    negative,
    partial_issue,
    positive,
    refusal,
)


@dataclass(frozen=True, slots=True)
class Timers:
    """Seconds: for 80/84 after a command (T3), between the pad's words (T4), and for the end after 06 B0."""

    t3_s: float = 5.0
    t4_s: float = 180.0
    abort_s: float = 30.0


@dataclass(frozen=True, slots=True)
class Dialect:
    """What pads differ in: `charset` of texts that do not name theirs, whether 06 B0 exists, whether we take receipt
    lines (else they are answered 84 CC), whether numbered messages (1F73) are asked for."""

    charset: str = "cp437"
    aborts: bool = True
    prints: bool = True
    message_ids: bool = False


class Approvals(Enum):
    """What an approved status information is in an exchange."""

    HELD = auto()
    """Money: the caller decides (payment, refund)."""
    REPORTED = auto()
    """A report on something that is not taken now (06 20, 06 50, 06 30): acknowledged at once."""
    STRAY = auto()
    """Not part of the exchange: it belongs to a payment that was cut off."""


class _State(Enum):
    IDLE = auto()
    ASKED = auto()
    RUNNING = auto()
    HOLDING = auto()


class Ecr:
    """One connection's ECR. `known` are keys of approvals that the caller has recorded: acknowledged when repeated."""

    def __init__(self, line: Line, timers: Timers | None = None, dialect: Dialect | None = None) -> None:
        self.line = line
        self.timers = timers or Timers()
        self.dialect = dialect or Dialect()
        self.known: set[tuple[str, str, str]] = set()
        self._state = _State.IDLE
        self._approvals = Approvals.STRAY
        self._ends_with_answer = False
        self._ends_with_status = False
        self._held: StatusInformation | None = None
        self._due: float | None = None
        self._t4_s = self.timers.t4_s
        self._abort_wanted = self._abort_sent = self._abort_open = False

    @property
    def idle(self) -> bool:
        """True when no exchange is under way."""
        return self._state is _State.IDLE

    @property
    def wake_at(self) -> float | None:
        """When `wake` is due."""
        return min((t for t in (self._due, self.line.wake_at) if t is not None), default=None)

    def out(self) -> bytes:
        """Bytes to write now; taken once."""
        return self.line.out()

    def start(self, now: float, command: Command, approvals: Approvals = Approvals.STRAY) -> None:
        """Begin an exchange; the end is an event of `END`."""
        assert self._state is _State.IDLE, "one exchange at a time"
        self._state, self._approvals = _State.ASKED, approvals
        self._ends_with_answer = isinstance(command, (LogOff, Reset, AbortCommand))
        self._ends_with_status = isinstance(command, ReadCard)
        self._held = None
        self._abort_wanted = self._abort_sent = self._abort_open = False
        self._t4_s = self.timers.t4_s
        self._due = now + self.timers.t3_s
        self.line.send(now, command.apdu())

    def abort(self, now: float) -> None:
        """Ask the pad to stop (06 B0), once. It may lose its race: an approval after it is an approval."""
        self._abort_wanted = True
        self._try_abort(now)

    @property
    def holding(self) -> bool:
        """True while the pad waits for the caller's word on an approval."""
        return self._state is _State.HOLDING

    def accept(self, now: float) -> bool:
        """Acknowledge the held approval: the pad may book it. False when the pad does not wait for it just now."""
        if self._held is not None:
            self.known.add(self._held.key)
        if self._state is not _State.HOLDING:
            return False
        self._answer_held(now, positive())
        return True

    def accept_part(self, now: float, fen: int) -> bool:
        """Answer 84 9D: only `fen` of the held approval is issued and to be charged. As `accept` otherwise."""
        if self._held is not None:
            self.known.add(self._held.key)
        if self._state is not _State.HOLDING:
            return False
        self._answer_held(now, partial_issue(fen))
        return True

    def postpone(self, now: float) -> None:
        """Answer 84 9C: the pad repeats the approval in about 2 s, for a bounded number of times."""
        if self._state is _State.HOLDING:
            self._answer_held(now, negative(BUSY))

    def refuse(self, now: float, code: int = TIMED_OUT) -> None:
        """Answer 84 xx: the pad reverses what it has just had approved."""
        if self._state is _State.HOLDING:
            self._answer_held(now, negative(code))

    def receive(self, now: float, data: bytes) -> list[Event]:
        """What `data` says. Raises `LineFailed`: the link is to be dropped."""
        events: list[Event] = []
        for unit in self.line.receive(now, data):
            events += self._hear(now, unit)
        return events

    def wake(self, now: float) -> list[Event]:
        """To be called at `wake_at`. Raises `LineFailed`."""
        if self.line.wake_at is not None and now >= self.line.wake_at:
            self.line.wake(now)
        if self._due is None or now < self._due:
            return []
        if self._state is _State.ASKED:
            return self._end(Failed("no-answer"))
        if self._abort_sent or self._state is _State.HOLDING or not self.dialect.aborts:
            return self._end(Failed("silent"))
        self._due = now + self.timers.abort_s
        self.abort(now)
        return []

    def _hear(self, now: float, unit: Apdu) -> list[Event]:
        code = refusal(unit)
        if is_positive(unit) or code is not None:
            return self._answered(now, code)
        try:
            said = decode_answer(unit, self.dialect.charset)
        except UnknownField:
            self.line.send(now, negative(UNSUPPORTED))
            return []
        except FrameError as error:
            raise LineFailed(f"unreadable {unit.control:04X}: {error}") from error
        if said is None:
            self.line.send(now, negative(UNSUPPORTED))
            return []
        return _HEARD[type(said)](self, now, said)

    def _answered(self, now: float, code: int | None) -> list[Event]:
        if self._state is _State.ASKED:
            if code is not None:
                return self._end(Rejected(code))
            if self._ends_with_answer:
                return self._end(Completed(Completion()))
            self._state = _State.RUNNING
            self._rearm(now)
            self._try_abort(now)
            return [Accepted()]
        if self._abort_open:
            self._abort_open = False
            return [AbortAnswered(code is None)]
        return []

    def _intermediate(self, now: float, said: IntermediateStatus) -> list[Event]:
        self.line.send(now, positive())
        if said.minutes and not self._abort_sent:
            self._t4_s = said.minutes * 60.0
        self._rearm(now)
        return [Prompted(said.code)] if self._state in (_State.RUNNING, _State.HOLDING) else []

    def _status(self, now: float, info: StatusInformation) -> list[Event]:
        if self._state in (_State.IDLE, _State.ASKED) or self._approvals is Approvals.STRAY:
            return self._stray(now, info)
        self._rearm(now)
        if self._approvals is Approvals.HELD and info.approved:
            return self._hold(now, info)
        if self._state is _State.HOLDING:
            self._state = _State.RUNNING
        self.line.send(now, positive())
        if self._ends_with_status:
            return [StatusCame(info), *self._end(Completed(Completion()))]
        return [StatusCame(info)]

    def _hold(self, now: float, info: StatusInformation) -> list[Event]:
        if info.key in self.known:
            self.line.send(now, positive())
            return [StatusCame(info)]
        again = self._held is not None and self._held.key == info.key
        if self._state is _State.HOLDING and again:
            self.line.send(now, negative(BUSY))
            self._state = _State.RUNNING
            return []
        self._state, self._held = _State.HOLDING, info
        return [Held(info, again)]

    def _stray(self, now: float, info: StatusInformation) -> list[Event]:
        if self._state is _State.RUNNING:
            self._rearm(now)
        if not info.is_payment:
            self.line.send(now, positive())
            return [StatusCame(info)] if self._state is _State.RUNNING else []
        known = info.key in self.known
        self.line.send(now, positive() if known else negative(TIMED_OUT))
        return [Stray(info, known)]

    def _line(self, now: float, said: PrintLine) -> list[Event]:
        return self._print(now, Printed(said.lines))

    def _block(self, now: float, said: PrintTextBlock) -> list[Event]:
        return self._print(now, Printed(said.lines, said.receipt_type))

    def _print(self, now: float, event: Printed) -> list[Event]:
        self.line.send(now, positive() if self.dialect.prints else negative(PRINTER_NOT_READY))
        self._rearm(now)
        return [event] if self._state is _State.RUNNING and self.dialect.prints else []

    def _completion(self, now: float, said: Completion) -> list[Event]:
        self.line.send(now, positive())
        return self._end(Completed(said)) if self._state in (_State.RUNNING, _State.HOLDING) else []

    def _aborted(self, now: float, said: Abort) -> list[Event]:
        self.line.send(now, positive())
        return self._end(Aborted(said)) if self._state in (_State.RUNNING, _State.HOLDING) else []

    def _answer_held(self, now: float, answer: Apdu) -> None:
        self._state = _State.RUNNING
        self.line.send(now, answer)
        self._rearm(now)

    def _rearm(self, now: float) -> None:
        if self._state in (_State.RUNNING, _State.HOLDING):
            self._due = now + (self.timers.abort_s if self._abort_sent else self._t4_s)

    def _try_abort(self, now: float) -> None:
        if self._abort_wanted and not self._abort_sent and self._state is _State.RUNNING and self.dialect.aborts:
            self._abort_sent = self._abort_open = True
            self._due = now + self.timers.abort_s
            self.line.send(now, AbortCommand().apdu())

    def _end(self, event: Event) -> list[Event]:
        self._state, self._due, self._held = _State.IDLE, None, None
        return [event]


_HEARD: dict[type, Callable[..., list[Event]]] = {
    StatusInformation: Ecr._status,
    IntermediateStatus: Ecr._intermediate,
    Completion: Ecr._completion,
    Abort: Ecr._aborted,
    PrintLine: Ecr._line,
    PrintTextBlock: Ecr._block,
}
