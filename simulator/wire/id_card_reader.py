"""The SAM's end of the serial line: requests in, answers out when the model is done, and damage on the way."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from drivers.id_card.frames import (
    SPEEDS,
    Command,
    Damaged,
    Reply,
    Request,
    RequestParser,
    command_of,
    encode_reply,
)
from simulator.models.sam import ALWAYS, Sam, Work

IDLE_GAP_S = 0.3
MAX_WAITING = 4
SPEED_SETTLE_S = 0.005
LATE_S = 1.3
"""Later than a host waits for short answers, sooner than it waits for a read."""
MAX_HELD = 1 << 16
_DAMAGED = {"checksum": 0x10, "length": 0x11, "truncated": 0x11}
_JUNK = bytes.fromhex("00FFAA55AAAA9612AA9669")
ODD_FRAME = bytes.fromhex("AAAAAA96690005050505")
"""One vendor's time-out frame: its length says 5 and 3 bytes follow."""

LINE_FAULTS: dict[str, Callable[[bytes], bytes]] = {
    "silent": lambda frame: b"",
    "bad_checksum": lambda frame: frame[:-1] + bytes((frame[-1] ^ 0x5A,)),
    "truncated": lambda frame: frame[: len(frame) // 2 + 1],
    "junk_prefix": lambda frame: _JUNK[:7] + frame,
    "stray_byte": lambda frame: frame[:1] + b"\0" + frame[1:],
    "odd_frame": lambda frame: ODD_FRAME,
    "false_start": lambda frame: _JUNK + frame,
    "wrong_length": lambda frame: frame[:5] + (int.from_bytes(frame[5:7], "big") + 1).to_bytes(2, "big") + frame[7:],
    "twice": lambda frame: frame + frame,
    "late": lambda frame: frame,
}
"""What the line can do to an answer. A late one holds back those that come after it: a SAM does one thing at a time."""


@dataclass(slots=True)
class LineFault:
    """Damages answers to `at` (None: to every command); `times` left, or ALWAYS."""

    kind: str
    times: int
    at: tuple[Command, ...] | None
    seconds: float = LATE_S


class SamEnd:
    """A `DeviceEnd`. `speed_changed(baud)` is called when command 60 takes effect, after its answer has left."""

    def __init__(self, sam: Sam, speed_changed: Callable[[int], None] | None = None) -> None:
        self.sam = sam
        self.faults: list[LineFault] = []
        self._speed_changed = speed_changed or (lambda baud: None)
        self._parser = RequestParser()
        self._waiting: deque[Request | Damaged] = deque(maxlen=MAX_WAITING)
        self._work: Work | None = None
        self._last_byte = 0.0
        self._new_speed: tuple[float, int] | None = None
        self._held = b""
        self._hold_until: float | None = None

    def connected(self, now: float) -> bytes:
        """A new host; nothing is said unasked."""
        self.power_off()
        return b""

    def power_off(self) -> None:
        """Forget what was being done."""
        self._parser.reset()
        self._waiting.clear()
        self._work = None
        self._held, self._hold_until = b"", None

    def receive(self, now: float, data: bytes) -> bytes:
        """Bytes from the host; during the self-test nobody listens."""
        if not self.sam.ready(now):
            self._parser.reset()
            return b""
        self._last_byte = now
        self._waiting.extend(self._parser.feed(data))
        return self._released(now, self._advance(now))

    def wake(self, now: float) -> bytes:
        """Something is due."""
        if self._parser.waiting and now >= self._last_byte + IDLE_GAP_S:
            self._waiting.extend(self._parser.give_up())
        if self._new_speed and now >= self._new_speed[0]:
            self.sam.baud = self._new_speed[1]
            self._new_speed = None
            self._speed_changed(self.sam.baud)
        return self._released(now, self._advance(now))

    @property
    def wake_at(self) -> float | None:
        """The next thing due."""
        times = [
            self._work.due if self._work else None,
            self.sam.wake_at,
            self._last_byte + IDLE_GAP_S if self._parser.waiting else None,
            self._new_speed[0] if self._new_speed else None,
            self._hold_until,
        ]
        return min((at for at in times if at is not None), default=None)

    @property
    def hang_up(self) -> bool:
        """Never: a serial line has nothing to hang up."""
        return False

    def _advance(self, now: float) -> bytes:
        out = b""
        self.sam.update(now)
        while True:
            if self._work is None:
                if not self._waiting:
                    return out
                head = self._waiting.popleft()
                if isinstance(head, Damaged):
                    out += self._damage(now, Reply(_DAMAGED[head.why]), None)
                    continue
                self._work = self.sam.begin(now, head)
            if now < self._work.due:
                return out
            work, self._work = self._work, None
            reply = self.sam.finish(work)
            self._note_speed(now, work.request, reply)
            out += self._damage(now, reply, command_of(work.request))

    def _note_speed(self, now: float, request: Request, reply: Reply) -> None:
        """The answer still leaves at the old speed (no document says so; hosts wait 5 ms before the next command)."""
        if request.command == 0x60 and reply.sw3 == 0x90 and request.parameter in SPEEDS:
            answered = now + 11 * 10 / self.sam.baud
            self._new_speed = (answered + SPEED_SETTLE_S, SPEEDS[request.parameter])

    def _released(self, now: float, out: bytes) -> bytes:
        """What may leave now: nothing while an answer is late."""
        held = (self._held + out)[:MAX_HELD]
        if self._hold_until is not None and now < self._hold_until:
            self._held = held
            return b""
        self._held, self._hold_until = b"", None
        return held

    def _damage(self, now: float, reply: Reply, command: Command | None) -> bytes:
        frame = encode_reply(reply)
        for fault in list(self.faults):
            if fault.at is None or command in fault.at:
                if fault.times != ALWAYS:
                    fault.times -= 1
                    if not fault.times:
                        self.faults.remove(fault)
                frame = LINE_FAULTS[fault.kind](frame) if frame else b""
                if fault.kind == "late":
                    self._hold_until = now + fault.seconds
        return frame
