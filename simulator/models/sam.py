"""A SAM with its RF module, and the card on it: states and times, no bytes and no clock.

NO_CARD -> PRESENT -> FOUND -> SELECTED -> READ; lifting the card leads back to NO_CARD from anywhere.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from drivers.id_card.frames import (
    SPEEDS,
    Command,
    ReadParts,
    Reply,
    Request,
    command_of,
    join_read,
    sam_number_bytes,
)
from simulator.models.chip_card import ChipCard

NUMBER = "05.03-20200101-0001234567-1234567890"
CARD_TIMEOUT_S = 0.09
"""A SAM waits at most 90 ms for its RF module's answer (GA 467-2004, 4.2.5.5 d)."""
ALWAYS = -1
_REFUSED = 0x41
_UNKNOWN = 0x21


class State(StrEnum):
    """Where the card stands."""

    NO_CARD = "no card"
    PRESENT = "present"
    FOUND = "found"
    SELECTED = "selected"
    READ = "read"


@dataclass(frozen=True, slots=True)
class Times:
    """Shortest and longest seconds of each operation; reads are the RF part only, the line adds its own."""

    find: tuple[float, float] = (0.03, 0.06)
    select: tuple[float, float] = (0.05, 0.09)
    read: tuple[float, float] = (0.6, 1.0)
    item: tuple[float, float] = (0.05, 0.1)
    own: tuple[float, float] = (0.002, 0.004)
    self_test: float = 2.0

    def of(self, command: Command | None) -> tuple[float, float]:
        """The span for `command`."""
        if command in (Command.READ, Command.READ_ALL):
            return self.read
        if command in (Command.ADDRESS, Command.CARD_NUMBER):
            return self.item
        return {Command.FIND: self.find, Command.SELECT: self.select}.get(command or Command.RESET, self.own)


@dataclass(frozen=True, slots=True)
class Work:
    """A request being worked on: due at `due`; `session` tells whether the card has moved meanwhile."""

    request: Request
    due: float
    session: int


@dataclass(slots=True)
class StatusFault:
    """Answers `code` to `at` (None: to every command); `times` left, or ALWAYS."""

    code: int
    times: int
    at: tuple[Command, ...] | None


class Sam:
    """The device's physics. `changed` is called whenever what a person could see changes."""

    def __init__(
        self,
        *,
        times: Times | None = None,
        require_removal: bool = False,
        fingerprints: bool = True,
        number: str = NUMBER,
        seed: int = 0,
    ) -> None:
        self.times = times or Times()
        self.require_removal = require_removal
        self.fingerprints = fingerprints
        self.number = sam_number_bytes(number)
        self.baud = SPEEDS[0]
        self.card: ChipCard | None = None
        self.second: ChipCard | None = None
        self.state = State.NO_CARD
        self.self_test_failed = False
        self.pull_armed = False
        self.status_faults: list[StatusFault] = []
        self.last_rf_s = 0.0
        self.changed: Callable[[], None] = lambda: None
        self._random = random.Random(seed)
        self._session = 0
        self._ready_at = 0.0
        self._pull_at: float | None = None

    def power_on(self, now: float) -> None:
        """Power comes: deaf until the self-test is over; a card that lies there will have to be found."""
        self._ready_at = now + self.times.self_test
        self._pull_at = None
        self._place(State.PRESENT if self.card else State.NO_CARD)

    def ready(self, now: float) -> bool:
        """False while the self-test runs: nothing is answered."""
        return now >= self._ready_at

    def present(self, card: ChipCard) -> None:
        """Lay `card` down. Raises `ValueError` when one lies there."""
        if self.card:
            raise ValueError("a card lies on the reader; lift it first")
        self.card = card
        self._place(State.PRESENT)

    def present_second(self, card: ChipCard) -> None:
        """Lay `card` beside the one that lies there. Raises `ValueError` unless one and only one lies there.

        Two cards answer find and none can be selected: our assumption, no document says what a SAM does.
        """
        if not self.card or self.second:
            raise ValueError("a second card needs exactly one that lies there already")
        self.second = card
        self._place(State.PRESENT)

    def lift(self) -> None:
        """Take the card away, of two the second. Raises `ValueError` when there is none."""
        if not self.card:
            raise ValueError("no card lies on the reader")
        if self.second:
            self.second = None
            self._place(State.PRESENT)
        else:
            self.card = None
            self._place(State.NO_CARD)

    @property
    def wake_at(self) -> float | None:
        """When the hand comes that pulls the card mid-read, or None."""
        return self._pull_at

    def update(self, now: float) -> None:
        """Let what is due happen."""
        if self._pull_at is not None and now >= self._pull_at:
            self._pull_at = None
            while self.card:
                self.lift()

    def begin(self, now: float, request: Request) -> Work:
        """Start on `request`."""
        command = command_of(request)
        seconds = self._random.uniform(*self.times.of(command))
        if command in (Command.READ, Command.READ_ALL) and self.state is State.SELECTED:
            self.last_rf_s = seconds
            if self.pull_armed:
                self.pull_armed = False
                self._pull_at = now + seconds / 2
                seconds = seconds / 2 + CARD_TIMEOUT_S
        elif command and command.value.card and self.state is State.NO_CARD:
            seconds = CARD_TIMEOUT_S
        return Work(request, now + seconds, self._session)

    def finish(self, work: Work) -> Reply:
        """The answer to `work`, as the card lies now."""
        command = command_of(work.request)
        if self.self_test_failed:
            return Reply(0x60)
        if command is None or (command is Command.READ_ALL and not self.fingerprints):
            return Reply(_UNKNOWN)
        fault = self._status_fault(command)
        if fault is not None:
            return Reply(fault)
        moved = work.session != self._session
        return self._card_command(command, moved=moved) if command.value.card else self._own_command(command)

    def _own_command(self, command: Command) -> Reply:
        if command is Command.SAM_ID:
            return Reply(0x90, self.number)
        if command is Command.RESET:
            self._place(State.PRESENT if self.card else State.NO_CARD)
        return Reply(0x90)

    def _card_command(self, command: Command, *, moved: bool) -> Reply:
        card = self.card
        if self.second and command is not Command.FIND:
            return Reply(0x81 if command is Command.SELECT else _REFUSED)
        if card and card.refusal and command is card.refusal[0] and not moved:
            return Reply(card.refusal[1])
        if command is Command.FIND:
            if card is None or moved or (self.state is State.READ and self.require_removal):
                return Reply(0x80)
            self._place(State.FOUND)
            return Reply(0x9F, bytes(4))
        if command is Command.SELECT:
            if card is None or moved or self.state is not State.FOUND:
                return Reply(0x81)
            self._place(State.SELECTED)
            return Reply(0x90, bytes(8))
        if command in (Command.READ, Command.READ_ALL):
            if card is None or moved or self.state is not State.SELECTED:
                return Reply(_REFUSED)
            self._place(State.READ)
            every = command is Command.READ_ALL
            parts = ReadParts(card.text, card.photo, card.fingerprints if every else b"")
            return Reply(0x90, join_read(parts, fingerprints=every))
        if card is None or moved or self.state not in (State.SELECTED, State.READ):
            return Reply(_REFUSED)
        if command is Command.ADDRESS:
            return Reply(0x90, card.address) if card.address else Reply(0x91)
        return Reply(0x90, card.body)

    def _status_fault(self, command: Command) -> int | None:
        for fault in self.status_faults:
            if fault.at is None or command in fault.at:
                if fault.times != ALWAYS:
                    fault.times -= 1
                    if not fault.times:
                        self.status_faults.remove(fault)
                return fault.code
        return None

    def _place(self, state: State) -> None:
        if state in (State.NO_CARD, State.PRESENT):
            self._session += 1
        self.state = state
        self.changed()
