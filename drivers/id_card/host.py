"""The host end of the SAM protocol: what to send, what an answer means, when to give up. No I/O, no clock, no task.

A job is a list of commands. Reading a card is find, select, read; it starts again from find when the card or the line
failed on the way, because a SAM does not read twice after one select. The protocol has no sequence numbers: an answer
that cannot belong to the command in hand (a late one) is ignored.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final, TypeAlias

from drivers.id_card.frames import SW3, Command, Damaged, Reply, ReplyParser, Sw3, Verdict, sw3_words

IDLE_GAP_S: Final = 0.3
"""A frame that has begun and stays silent this long is lost."""
RETRY_PAUSE_S: Final = 0.3
RETRIES: Final = 3
FULL_SPEED: Final = 115200
_UNKNOWN: Final = Sw3("unknown status", Verdict.RETRY, card=False)


class Why(StrEnum):
    """Why a job failed."""

    NO_CARD = "no card"
    UNREADABLE = "the card could not be read"
    REJECTED = "the card is refused"
    NO_ANSWER = "no answer"
    GARBLED = "answers that do not fit"
    UNSUPPORTED = "unsupported"
    FAULT = "the reader is broken"


@dataclass(frozen=True, slots=True)
class Job:
    """Commands in order. `tries`: how often a command that is safe to repeat is sent before silence is an answer."""

    words: str
    commands: tuple[Command, ...]
    tries: int = 2


STATUS: Final = Job("ask for its state", (Command.STATUS,))
FIND: Final = Job("look for a card", (Command.FIND,))
PRESENCE: Final = Job("look whether the card still lies there", (Command.ADDRESS,))


def identify(tries: int) -> Job:
    """Status and management number, with the patience that a SAM needs after power-on (2 s of self-test)."""
    return Job("ask who it is", (Command.STATUS, Command.SAM_ID), tries)


def reading(*, fingerprints: bool = False, address: bool = True, body: bool = False) -> Job:
    """Find, select, read; then the optional items, in the one order that no reader objects to."""
    read = Command.READ_ALL if fingerprints else Command.READ
    extra = (*((Command.ADDRESS,) if address else ()), *((Command.CARD_NUMBER,) if body else ()))
    return Job("read the card", (Command.FIND, Command.SELECT, read, *extra))


@dataclass(frozen=True, slots=True)
class Send:
    """Write these bytes to the link."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Started:
    """`command` is on its way; `attempt` counts from 1 through the whole find-select-read."""

    command: Command
    attempt: int


@dataclass(frozen=True, slots=True)
class Stray:
    """An answer that cannot belong to the command in hand."""

    sw3: int


@dataclass(frozen=True, slots=True)
class Finished:
    """The job is done; replies by command. A command that was skipped has none."""

    replies: Mapping[Command, Reply]


@dataclass(frozen=True, slots=True)
class Failed:
    """The job is over without success. `sw3` is the SAM's word, None when it said nothing; `card_said` SW1 and SW2."""

    why: Why
    command: Command
    sw3: int | None = None
    card_said: int = 0

    @property
    def words(self) -> str:
        """What happened, for people."""
        said = sw3_words(self.sw3) if self.sw3 is not None else str(self.why)
        return f"{self.command.value.words}: {said}{f' (the card said {self.card_said:04X})' if self.card_said else ''}"

    @property
    def code(self) -> str:
        """The SAM's status byte as two hexadecimal digits, or nothing."""
        return f"{self.sw3:02X}" if self.sw3 is not None else ""


Event: TypeAlias = Send | Started | Stray | Finished | Failed


class Act(StrEnum):
    """What to do after an answer, or after its absence."""

    NEXT = "next command"
    SKIP = "leave this item out"
    RESEND = "send it again, once"
    AGAIN = "from find again"
    BASE = "read without fingerprints"
    FAIL = "give up"


_OPTIONAL: Final = frozenset({Command.ADDRESS, Command.CARD_NUMBER})
_READS: Final = frozenset({Command.READ, Command.READ_ALL})
_FROM_FIND: Final = frozenset({Command.SELECT, *_READS})
"""Not repeated by themselves: after a lost answer nobody knows whether the SAM has moved on."""

_ACTS: Final[Mapping[Verdict, tuple[Act, Why]]] = MappingProxyType(
    {
        Verdict.OK: (Act.NEXT, Why.GARBLED),
        Verdict.EMPTY: (Act.AGAIN, Why.UNREADABLE),
        Verdict.RESEND: (Act.RESEND, Why.GARBLED),
        Verdict.RETRY: (Act.AGAIN, Why.UNREADABLE),
        Verdict.REPLACE: (Act.AGAIN, Why.UNREADABLE),
        Verdict.DOUBTED: (Act.AGAIN, Why.REJECTED),
        Verdict.REFUSE: (Act.FAIL, Why.REJECTED),
        Verdict.WRONG_CARD: (Act.FAIL, Why.REJECTED),
        Verdict.NO_CARD: (Act.AGAIN, Why.NO_CARD),
        Verdict.FIND_AGAIN: (Act.AGAIN, Why.UNREADABLE),
        Verdict.NO_FINGERPRINTS: (Act.FAIL, Why.UNSUPPORTED),
        Verdict.UNSUPPORTED: (Act.FAIL, Why.UNSUPPORTED),
        Verdict.FAULT: (Act.FAIL, Why.FAULT),
    }
)
_EXCEPTIONS: Final[Mapping[tuple[Command, Verdict], Act]] = MappingProxyType(
    {
        (Command.ADDRESS, Verdict.EMPTY): Act.NEXT,
        (Command.CARD_NUMBER, Verdict.EMPTY): Act.SKIP,
        (Command.READ_ALL, Verdict.UNSUPPORTED): Act.BASE,
        (Command.READ_ALL, Verdict.NO_FINGERPRINTS): Act.BASE,
    }
)


class SamHost:
    """One line's host end, one job at a time. `baud` only scales the time-outs: long answers need the line's time."""

    def __init__(self, baud: int = FULL_SPEED) -> None:
        self.baud = baud
        self.retries = 0
        self._parser = ReplyParser()
        self._job: Job | None = None
        self._commands: tuple[Command, ...] = ()
        self._at = 0
        self._attempt = 1
        self._sent = 0
        self._replies: dict[Command, Reply] = {}
        self._failure: Failed | None = None
        self._deadline = 0.0
        self._resume_at: float | None = None
        self._last_byte: float | None = None
        self._damaged = False
        self._strays = 0
        self._turn = 0
        self.broken = 0
        """Answers that were framed as a SAM frames them and whose checksum was wrong: its line is bad."""

    @property
    def wake_at(self) -> float | None:
        """When to call `wake`, or None while no job runs."""
        if self._job is None:
            return None
        if self._resume_at is not None:
            return self._resume_at
        if self._last_byte is not None and (self._damaged or self._parser.waiting):
            return min(self._deadline, self._last_byte + IDLE_GAP_S)
        return self._deadline

    @property
    def noise(self) -> int:
        """Bytes and answers of this job that belonged nowhere: something speaks, but perhaps not this protocol."""
        return self._parser.noise + self._strays

    @property
    def failure(self) -> Failed | None:
        """What went wrong in an earlier attempt of this job, if anything."""
        return self._failure

    def request(self, now: float, job: Job) -> bytes:
        """Begin `job`, forgetting any job in hand; returns the bytes to write now."""
        self._parser.reset()
        self._job, self._commands = job, job.commands
        self._replies, self._failure = {}, None
        self._at, self._attempt, self._sent = 0, 1, 0
        self._resume_at = None
        return self._send(now)

    def receive(self, now: float, data: bytes) -> list[Event]:
        """Bytes from the link. Events in order; after `Finished` or `Failed` the job is over."""
        if self._job is None:
            return []
        self._last_byte = now
        events = self._hear(now, self._parser.feed(data))
        # A line that never falls silent must not hold off its own time-out.
        wake_at = self.wake_at
        return events + self.wake(now) if wake_at is not None and now >= wake_at else events

    def wake(self, now: float) -> list[Event]:
        """The time `wake_at` has come: go on after a pause, abort a torn frame, or give up waiting."""
        if self._job is None:
            return []
        if self._resume_at is not None:
            if now < self._resume_at:
                return []
            self._resume_at = None
            return self._go(now)
        wake_at = self.wake_at
        if wake_at is None or now < wake_at:
            return []
        turn = self._turn
        events = self._hear(now, self._parser.give_up())
        if self._turn != turn:
            return events
        return events + self._missed(now, Why.GARBLED if self._damaged or self._strays else Why.NO_ANSWER)

    def _command(self) -> Command:
        return self._commands[self._at]

    def _send(self, now: float) -> bytes:
        command = self._command()
        spec = command.value
        line_s = (11 + spec.largest) * 10 / self.baud - (11 + spec.largest) * 10 / FULL_SPEED
        self._deadline = now + spec.timeout_s + max(0.0, line_s)
        self._last_byte, self._damaged, self._strays = None, False, 0
        self._sent += 1
        return command.frame()

    def _go(self, now: float) -> list[Event]:
        self._sent = 0
        return [Started(self._command(), self._attempt), Send(self._send(now))]

    def _hear(self, now: float, frames: list[Reply | Damaged]) -> list[Event]:
        events: list[Event] = []
        for frame in frames:
            if self._job is None:
                break
            if isinstance(frame, Damaged):
                self._damaged = True
                self.broken += frame.why == "checksum"
            elif self._resume_at is not None or not self._fits(frame):
                self._strays += 1
                events.append(Stray(frame.sw3))
            else:
                events += self._answered(now, frame)
        return events

    def _fits(self, reply: Reply) -> bool:
        spec = self._command().value
        known = SW3.get(reply.sw3, _UNKNOWN)
        if known.verdict is Verdict.OK:
            return reply.sw3 == spec.success and spec.smallest <= len(reply.data) <= spec.largest
        return spec.card or not known.card

    def _answered(self, now: float, reply: Reply) -> list[Event]:
        command = self._command()
        verdict = SW3.get(reply.sw3, _UNKNOWN).verdict
        act, why = _ACTS[verdict]
        act = _EXCEPTIONS.get((command, verdict), act)
        if verdict is Verdict.RETRY and command not in _FROM_FIND:
            act, why = Act.RESEND, Why.UNREADABLE if command.value.card else Why.GARBLED
        if act is Act.NEXT:
            self._replies[command] = reply
        return self._act(now, act, Failed(why, command, reply.sw3, reply.sw1 << 8 | reply.sw2))

    def _missed(self, now: float, why: Why) -> list[Event]:
        command = self._command()
        act = Act.AGAIN if command in _FROM_FIND else Act.RESEND
        return self._act(now, act, Failed(why, command))

    def _act(self, now: float, act: Act, failed: Failed) -> list[Event]:
        assert self._job is not None
        self._turn += 1
        command = self._command()
        whole = not _READS.isdisjoint(self._commands)
        if act is Act.RESEND:
            if self._sent < self._job.tries:
                self.retries += 1
                return [Send(self._send(now))]
            act = Act.AGAIN
        if whole and command in _OPTIONAL and act in (Act.AGAIN, Act.FAIL):
            act = Act.SKIP
        if act is Act.AGAIN:
            return self._again(now, failed, whole=whole)
        if act is Act.BASE:
            self._commands = tuple(Command.READ if c is Command.READ_ALL else c for c in self._commands)
            self._at = 0
            return self._go(now)
        if act is Act.FAIL:
            return self._over(failed)
        self._at += 1
        if self._at == len(self._commands):
            return self._over(Finished(MappingProxyType(self._replies)))
        return self._go(now)

    def _again(self, now: float, failed: Failed, *, whole: bool) -> list[Event]:
        if not whole or (failed.why is Why.NO_CARD and self._failure is None):
            return self._over(failed)
        # The first trouble tells more than what follows it: a card taken away mid-read ends as "no card".
        self._failure = self._failure or failed
        if self._attempt > RETRIES:
            return self._over(failed if failed.why is Why.REJECTED else self._failure)
        self._attempt += 1
        self.retries += 1
        self._at = 0
        self._resume_at = now + RETRY_PAUSE_S
        return []

    def _over(self, event: Finished | Failed) -> list[Event]:
        self._job = None
        return [event]
