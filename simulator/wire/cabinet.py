"""The IO board's end of the wire: a Modbus server on RTU or TCP, and what can go wrong with its answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from drivers.cabinet.frames import (
    Answer,
    Bad,
    Frame,
    Framing,
    Parser,
    Read,
    Refusal,
    Tell,
    Values,
    Write,
    Written,
    encode,
    function_of,
)
from simulator.models.cabinet_board import Board, Refused

LineDamage = Callable[[Framing, bytes], bytes]
ALWAYS = -1
BROADCAST = 0
IDLE_GAP_S = 0.05
"""Silence that ends an RTU frame. The standard's 3.5 characters cannot be kept over a USB adapter or a pty."""
BITS_PER_BYTE = 8
MAX_QUESTIONS = 200


@dataclass(slots=True)
class Fault:
    """`times` answers to go, or ALWAYS. `number`: exception code, unit or seconds."""

    kind: str
    times: int
    number: float = 0


def _wrong_crc_or_header(framing: Framing, data: bytes) -> bytes:
    """RTU: the CRC is wrong. TCP: the protocol number is, which no checksum guards."""
    if framing == "rtu":
        return data[:-1] + bytes((data[-1] ^ 0x5A,))
    return data[:2] + b"\x5a\x5a" + data[4:]


def _unharmed(framing: Framing, data: bytes) -> bytes:
    return data


LINE_FAULTS: dict[str, LineDamage] = {
    "silent": lambda framing, data: b"",
    "garbled": _wrong_crc_or_header,
    "truncated": lambda framing, data: data[: len(data) // 2],
    "noise": lambda framing, data: (b"\x00\xff\x00" if framing == "rtu" else b"") + data,
}
"""What the line can do to an answer. TCP has no noise."""


class BoardEnd:
    """A `DeviceEnd`: one unit on one line."""

    def __init__(self, board: Board, framing: Framing, unit: int) -> None:
        self.board = board
        self.unit = unit
        self.faults: list[Fault] = []
        self._framing = framing
        self._parser = Parser(framing, requests=True)
        self._last_byte = 0.0
        self._late: list[tuple[float, bytes]] = []

    def connected(self, now: float) -> bytes:
        """A new host; nothing is said unasked."""
        self._parser.reset()
        self._late.clear()
        return b""

    def receive(self, now: float, data: bytes) -> bytes:
        """Bytes from the host."""
        self.board.update(now)
        self._last_byte = now
        return b"".join(self._answered(now, frame) for frame in self._parser.feed(data))

    def wake(self, now: float) -> bytes:
        """An answer is due, a key springs back, or the line fell silent in the middle of a frame."""
        self.board.update(now)
        out = b"".join(data for due, data in self._late if due <= now)
        self._late = [(due, data) for due, data in self._late if due > now]
        if self._framing == "rtu" and self._parser.waiting and now >= self._last_byte + IDLE_GAP_S:
            out += b"".join(self._answered(now, frame) for frame in self._parser.give_up())
        return out

    @property
    def wake_at(self) -> float | None:
        """The next thing due."""
        times = [due for due, _ in self._late]
        if self.board.key_until is not None:
            times.append(self.board.key_until)
        if self._framing == "rtu" and self._parser.waiting:
            times.append(self._last_byte + IDLE_GAP_S)
        return min(times, default=None)

    @property
    def hang_up(self) -> bool:
        """Never: the board waits for the next host."""
        return False

    def _answered(self, now: float, frame: Frame) -> bytes:
        """The bytes to send for one request; none when it is not for us or to all."""
        if frame.unit not in (self.unit, BROADCAST):
            return b""
        message: Answer = self._carry_out(frame)
        if frame.unit == BROADCAST and self._framing == "rtu":
            return b""
        unit = frame.unit
        damage: LineDamage = _unharmed
        delay = 0.0
        for fault in self._striking():
            if fault.kind == "exception":
                message = Refusal(function_of(frame.message), int(fault.number))
            elif fault.kind == "wrong_unit":
                unit = int(fault.number)
            elif fault.kind == "slow":
                delay = fault.number
            else:
                damage = LINE_FAULTS[fault.kind]
        data = damage(self._framing, encode(self._framing, Frame(unit, frame.transaction, message)))
        if delay and data:
            self._late.append((now + delay, data))
            return b""
        return data

    def _carry_out(self, frame: Frame) -> Answer:
        refused_before = next((f for f in self.faults if f.kind == "exception"), None)
        request = frame.message
        if isinstance(request, Bad):
            return Refusal(request.function, request.code)
        if refused_before:
            return Refusal(function_of(request), int(refused_before.number))
        try:
            match request:
                case Read(kind):
                    values = self.board.read(request)
                    if kind in ("coil", "discrete"):
                        values += (0,) * (-len(values) % BITS_PER_BYTE)
                    return Values(kind, values)
                case Tell():
                    return self.board.told()
                case Write(kind, start, values):
                    self.board.write(request)
                    return Written(kind, start, len(values), values[0] if request.single else None)
        except Refused as refusal:
            return Refusal(function_of(request), refusal.code)
        raise AssertionError("a parser of requests gives no answers")

    def _striking(self) -> list[Fault]:
        """The first fault of each kind, counted down."""
        found: dict[str, Fault] = {}
        for fault in list(self.faults):
            if fault.kind in found:
                continue
            found[fault.kind] = fault
            if fault.times != ALWAYS:
                fault.times -= 1
                if not fault.times:
                    self.faults.remove(fault)
        return list(found.values())


class Routine:
    """Tells news on the wire from the host's looks that find what they found before."""

    def __init__(self, framing: Framing) -> None:
        self._framing: Framing = framing
        self._skipped = 2 if framing == "tcp" else 0  # the transaction number is never the same
        self._asked: bytes | None = None
        self._found: dict[bytes, bytes] = {}

    def worth_noting(self, direction: str, data: bytes) -> list[tuple[str, bytes]]:
        """The crossings to note now; a question is held back until it is known whether its answer is news."""
        if direction == "in":
            asked, self._asked = self._asked, data
            return [("in", asked)] if asked is not None else []
        asked, self._asked = self._asked, None
        if asked is None:
            return [("out", data)]
        key, found = asked[self._skipped :], data[self._skipped :]
        looks = any(isinstance(frame.message, Read) for frame in Parser(self._framing, requests=True).feed(asked))
        if looks and self._found.get(key) == found:
            return []
        if len(self._found) >= MAX_QUESTIONS:
            self._found.clear()
        self._found[key] = found
        return [("in", asked), ("out", data)]
