"""The two transports of ZVT (PA00P016): APDUs back to back on TCP, and DLE frames with CRC and ACK bytes on serial.

Both ends use the same classes. They are pure: time is an argument, what must be written waits in `out()`.

Serial: `10 02 <APDU, each 10 doubled> 10 03 <CRC lo> <CRC hi>`. The CRC is CRC-16/KERMIT over the undoubled APDU
and the byte 03; its two bytes are never doubled and may be anything, even `10 02`: exactly two bytes are taken.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final, Protocol

from drivers.payment_pad.frames.apdu import MAX_DATA, Apdu, ApduReader, FrameError, decode_apdu

STX, ETX, ACK, DLE, NAK = 0x02, 0x03, 0x06, 0x10, 0x15
T1_S: Final = 0.2
"""Longest gap between two bytes of a frame."""
T2_S: Final = 5.0
"""Longest wait for the ACK byte."""
REPEATS: Final = 2
MAX_QUEUED: Final = 32
MAX_NOISE: Final = 4096
"""Bytes outside any frame, in a row, after which the line is given up as foreign."""


def _crc_of(crc: int) -> int:
    for _ in range(8):
        crc = crc >> 1 ^ 0x8408 if crc & 1 else crc >> 1
    return crc


_CRCS: Final = tuple(map(_crc_of, range(256)))


def crc16(data: bytes) -> int:
    """CRC-16/KERMIT: polynomial 8408 reflected, start 0. The specification's name for it, "XModem", misleads."""
    crc = 0
    for byte in data:
        crc = crc >> 8 ^ _CRCS[(crc ^ byte) & 0xFF]
    return crc


def frame(apdu: bytes) -> bytes:
    """The serial frame around one encoded APDU."""
    crc = crc16(apdu + bytes((ETX,)))
    doubled = apdu.replace(b"\x10", b"\x10\x10")
    return bytes((DLE, STX)) + doubled + bytes((DLE, ETX, crc & 0xFF, crc >> 8))


class Token(Enum):
    """What a serial line says besides whole frames."""

    ACK = auto()
    NAK = auto()
    DAMAGED = auto()


class _At(Enum):
    IDLE = auto()
    DLE = auto()
    BODY = auto()
    BODY_DLE = auto()
    CRC_LOW = auto()
    CRC_HIGH = auto()


class Deframer:
    """Finds frames, ACKs and NAKs in a serial byte stream, one byte at a time."""

    def __init__(self) -> None:
        self._at = _At.IDLE
        self._body = bytearray()
        self._crc = 0
        self.noise = 0

    @property
    def inside(self) -> bool:
        """True in the middle of a frame: the T1 gap counts."""
        return self._at is not _At.IDLE

    def reset(self) -> None:
        """Drop a frame that stopped in the middle."""
        self._at = _At.IDLE
        self._body.clear()

    def feed(self, data: bytes) -> list[bytes | Token]:
        """Undoubled APDUs (CRC right) and tokens, in their order."""
        found: list[bytes | Token] = []
        for byte in data:
            token = self._byte(byte)
            if token is not None:
                self.noise = 0
                found.append(token)
        return found

    def _byte(self, byte: int) -> bytes | Token | None:
        match self._at:
            case _At.IDLE:
                if byte == DLE:
                    self._at = _At.DLE
                elif byte in (ACK, NAK):
                    return Token.ACK if byte == ACK else Token.NAK
                else:
                    self.noise += 1
            case _At.DLE:
                self._at = _At.BODY if byte == STX else _At.IDLE
                self.noise += byte != STX
                self._body.clear()
            case _At.BODY:
                if byte == DLE:
                    self._at = _At.BODY_DLE
                else:
                    return self._keep(byte)
            case _At.BODY_DLE:
                if byte == DLE:
                    self._at = _At.BODY
                    return self._keep(byte)
                if byte == ETX:
                    self._at = _At.CRC_LOW
                elif byte == STX:
                    self._at = _At.BODY
                    self._body.clear()
                else:
                    self.reset()
                    return Token.DAMAGED
            case _At.CRC_LOW:
                self._crc, self._at = byte, _At.CRC_HIGH
            case _At.CRC_HIGH:
                self._at = _At.IDLE
                body = bytes(self._body)
                self._body.clear()
                right = crc16(body + bytes((ETX,))) == self._crc | byte << 8
                return body if right else Token.DAMAGED
        return None

    def _keep(self, byte: int) -> Token | None:
        self._body.append(byte)
        if len(self._body) > MAX_DATA + 5:
            self.reset()
            return Token.DAMAGED
        return None


class LineFailed(FrameError):
    """The transport gave up: no ACK after all repeats, or bytes of another protocol. The link is to be dropped."""


class Line(Protocol):
    """One transport, either end. Times are seconds of the caller's monotonic clock."""

    def send(self, now: float, unit: Apdu) -> None:
        """Queue `unit`; it appears in `out()`."""
        ...

    def receive(self, now: float, data: bytes) -> list[Apdu]:
        """The units that are complete with `data`. Raises `LineFailed`."""
        ...

    def wake(self, now: float) -> None:
        """To be called at `wake_at`. Raises `LineFailed`."""
        ...

    @property
    def wake_at(self) -> float | None:
        """When `wake` is due."""
        ...

    @property
    def settled(self) -> bool:
        """True when nothing that was sent still waits for its acknowledgement by the transport."""
        ...

    def out(self) -> bytes:
        """What is to be written now; taken once."""
        ...


class TcpLine:
    """Raw APDUs, no envelope at all."""

    def __init__(self) -> None:
        self._reader = ApduReader()
        self._out = bytearray()
        self.wake_at: float | None = None
        self.settled = True

    def send(self, now: float, unit: Apdu) -> None:
        """Queue `unit`."""
        self._out += unit.encode()

    def receive(self, now: float, data: bytes) -> list[Apdu]:
        """Complete units. Raises `LineFailed` for another protocol."""
        try:
            return self._reader.feed(data)
        except FrameError as error:
            raise LineFailed(str(error)) from error

    def wake(self, now: float) -> None:
        """Nothing is ever due."""

    def out(self) -> bytes:
        """Bytes to write."""
        data = bytes(self._out)
        self._out.clear()
        return data


@dataclass(slots=True)
class _Sent:
    frame: bytes
    answer: bool
    repeats: int = 0


class SerialLine:
    """DLE frames; each is acknowledged by one byte, repeated at NAK or T2, given up after two repeats."""

    def __init__(self, t1_s: float = T1_S, t2_s: float = T2_S) -> None:
        self.t1_s, self.t2_s = t1_s, t2_s
        self._deframer = Deframer()
        self._queue: deque[_Sent] = deque()
        self._waiting: _Sent | None = None
        self._t1: float | None = None
        self._t2: float | None = None
        self._out = bytearray()
        self.repeats = 0

    @property
    def wake_at(self) -> float | None:
        """The nearer of T1 and T2."""
        return min((t for t in (self._t1, self._t2) if t is not None), default=None)

    @property
    def settled(self) -> bool:
        """True when every frame was acknowledged."""
        return self._waiting is None and not self._queue

    def send(self, now: float, unit: Apdu) -> None:
        """Queue `unit`; it leaves when the frame before it is acknowledged."""
        if len(self._queue) >= MAX_QUEUED:
            raise LineFailed(f"{MAX_QUEUED} frames wait for one ACK")
        self._queue.append(_Sent(frame(unit.encode()), unit.control >> 8 in (0x80, 0x84)))
        self._pump(now)

    def receive(self, now: float, data: bytes) -> list[Apdu]:
        """Complete units, ACKs sent for them. Raises `LineFailed`."""
        units: list[Apdu] = []
        for token in self._deframer.feed(data):
            if token is Token.ACK:
                self._acknowledged(now)
            elif token is Token.NAK:
                self._repeat(now, "refused")
            elif isinstance(token, bytes):
                self._take(now, token, units)
            else:
                self._out.append(NAK)
        if self._deframer.noise > MAX_NOISE:
            raise LineFailed(f"{MAX_NOISE} bytes without a frame: another protocol speaks on this port")
        self._t1 = now + self.t1_s if self._deframer.inside else None
        return units

    def wake(self, now: float) -> None:
        """T1: NAK what stopped in the middle. T2: repeat, at last raise `LineFailed`."""
        if self._t1 is not None and now >= self._t1:
            self._t1 = None
            self._deframer.reset()
            self._out.append(NAK)
        if self._t2 is not None and now >= self._t2:
            self._repeat(now, "not acknowledged")

    def out(self) -> bytes:
        """Bytes to write."""
        data = bytes(self._out)
        self._out.clear()
        return data

    def _take(self, now: float, body: bytes, units: list[Apdu]) -> None:
        try:
            unit = decode_apdu(body)
        except FrameError:
            self._out.append(NAK)
            return
        self._out.append(ACK)
        # An answer proves that the command arrived though its ACK byte was lost; repeating it would run it twice.
        if self._waiting and not self._waiting.answer and unit.control >> 8 in (0x80, 0x84):
            self._acknowledged(now)
        units.append(unit)

    def _acknowledged(self, now: float) -> None:
        self._waiting = self._t2 = None
        self._pump(now)

    def _repeat(self, now: float, why: str) -> None:
        sent = self._waiting
        if sent is None:
            return
        if sent.repeats >= REPEATS:
            self._waiting = self._t2 = None
            raise LineFailed(f"a frame was {why} {REPEATS + 1} times; check cable and speed")
        sent.repeats += 1
        self.repeats += 1
        self._out += sent.frame
        self._t2 = now + self.t2_s

    def _pump(self, now: float) -> None:
        if self._waiting is None and self._queue:
            self._waiting = self._queue.popleft()
            self._out += self._waiting.frame
            self._t2 = now + self.t2_s
