"""One host end and one device end on a line without a clock: time is a number, the line is a variable."""

from __future__ import annotations

from collections.abc import Callable

from drivers.id_card.frames import Command
from drivers.id_card.host import Event, Failed, Finished, Job, SamHost, Send, Started
from simulator.models.chip_card import ChipCard
from simulator.models.sam import Sam, Times
from simulator.wire.id_card_reader import SamEnd

QUICK = Times(self_test=0.0)
PLAIN = ChipCard("plain", "甲", bytes(256), bytes(1024), fingerprints=bytes(1024))


class Line:
    """One host end and one device end on a line; `run` moves time from one thing due to the next."""

    def __init__(self, *, pieces: int = 0, card: ChipCard | None = PLAIN, **physics: object) -> None:
        self.sam = Sam(times=QUICK, **physics)  # type: ignore[arg-type]  # options of the model, passed on
        self.sam.power_on(0.0)
        if card:
            self.sam.present(card)
        self.end = SamEnd(self.sam)
        self.host = SamHost()
        self.now = 0.0
        self.pieces = pieces
        self.events: list[Event] = []
        self.hands: list[tuple[float, Callable[[], None]]] = []
        self.bend: Callable[[bytes], bytes] = lambda data: data
        assert self.end.connected(0.0) == b""

    def at(self, when: float, hand: Callable[[], None]) -> None:
        """Let `hand` do something to the device at `when`."""
        self.hands.append((when, hand))

    def _act(self) -> None:
        due = [hand for hand in self.hands if hand[0] <= self.now]
        self.hands = [hand for hand in self.hands if hand[0] > self.now]
        for _, hand in due:
            hand()

    def _to_device(self, data: bytes) -> None:
        self._to_host(self.end.receive(self.now, data))

    def _to_host(self, data: bytes) -> None:
        data = self.bend(data)
        step = self.pieces or len(data) or 1
        for at in range(0, len(data), step):
            self._note(self.host.receive(self.now, data[at : at + step]))

    def _note(self, events: list[Event]) -> None:
        for event in events:
            self.events.append(event)
            if isinstance(event, Send):
                self._to_device(event.data)

    def run(self, job: Job) -> Finished | Failed:
        """Run `job` to its end; at most 60 s."""
        self.events.clear()
        until = self.now + 60.0
        self._to_device(self.host.request(self.now, job))
        while True:
            last = self.events[-1] if self.events else None
            if isinstance(last, (Finished, Failed)):
                assert self.host.wake_at is None
                return last
            due = [
                at for at in (self.host.wake_at, self.end.wake_at, *(when for when, _ in self.hands)) if at is not None
            ]
            self.now = max(self.now, min(due))
            assert self.now < until, "the host end does not give up"
            self._act()
            if self.end.wake_at is not None and self.now >= self.end.wake_at:
                self._to_host(self.end.wake(self.now))
            else:
                self._note(self.host.wake(self.now))

    def started(self) -> list[Command]:
        """The commands that were started after the first one."""
        return [event.command for event in self.events if isinstance(event, Started)]
