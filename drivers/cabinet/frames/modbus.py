"""Modbus frames in bytes, both directions: RTU with CRC, and TCP with its MBAP header.

Sources: MODBUS over Serial Line V1.02 (section 2.5.1), MODBUS Messaging on TCP/IP V1.0b (section 3.1.3). PDUs, MBAP and
CRC are pymodbus's; here they become frozen messages, and every length is capped.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from typing import Final

from pymodbus.exceptions import ModbusException
from pymodbus.framer import FramerBase, FramerRTU, FramerSocket
from pymodbus.pdu import DecodePDU, ExceptionResponse, ModbusPDU
from pymodbus.pdu import bit_message as bits
from pymodbus.pdu import mei_message as telling
from pymodbus.pdu import register_message as registers

from config.cabinet_map import Kind
from drivers.cabinet.frames.messages import (
    FUNCTIONS,
    KIND_OF,
    MOST,
    OUTPUT_OF,
    TELLING,
    WRITING_ONE,
    Answer,
    Bad,
    Frame,
    Framing,
    Message,
    Read,
    Refusal,
    Request,
    Tell,
    Told,
    Values,
    Write,
    Written,
    words,
)

MAX_RTU: Final = 256
MAX_TCP: Final = 260
MBAP: Final = 7
TOLD_HEAD: Final = 7
"""Function, MEI type, code, conformity, more follows, next object, number of objects."""
MAX_NOISE: Final = 16
"""Stray bytes before an RTU frame that are looked past."""
_FOREIGN = (ModbusException, ValueError, IndexError, KeyError, struct.error)


class BadMessage(ValueError):
    """This cannot be said in Modbus."""


def length_of_answer(framing: Framing, request: Request) -> int:
    """How many bytes the answer to `request` has; at least, where only the answer says how long it is."""
    around = 3 if framing == "rtu" else MBAP
    if isinstance(request, Write):
        return around + 5
    if isinstance(request, Tell):
        return around + TOLD_HEAD
    return around + 2 + (request.count * 2 if request.kind in ("holding", "input") else -(-request.count // 8))


def longest_answer(framing: Framing, request: Request) -> int:
    """How many bytes the answer to `request` can have."""
    most = MAX_RTU if framing == "rtu" else MAX_TCP
    return most if isinstance(request, Tell) else length_of_answer(framing, request)


def encode(framing: Framing, frame: Frame) -> bytes:
    """`frame` as bytes. Raises `BadMessage`."""
    try:
        pdu = _to_pdu(frame.message)
        body = bytes((pdu.function_code,)) + pdu.encode()
        return _framer(framing, requests=False).encode(body, frame.unit, frame.transaction)
    except (*_FOREIGN, OverflowError) as error:
        raise BadMessage(f"{words(frame.message)}: {error}") from error


class Parser:
    """Finds frames in what arrives; `requests` says which side listens. What is no frame is dropped and counted."""

    def __init__(self, framing: Framing, *, requests: bool) -> None:
        self.framing = framing
        self.damaged = 0
        self._requests = requests
        self._framer = _framer(framing, requests=requests)
        self._buffer = bytearray()
        self._last: tuple[bytes, Frame] | None = None
        """A board at rest says the same five times a second: the same bytes are the same frame."""

    @property
    def waiting(self) -> int:
        """Bytes of a frame that is not whole yet."""
        return len(self._buffer)

    def reset(self) -> None:
        """Forget the beginning of a frame."""
        self._buffer.clear()

    def feed(self, data: bytes) -> list[Frame]:
        """The frames that became whole."""
        found: list[Frame] = []
        for at in range(0, len(data), MAX_RTU):
            self._buffer += data[at : at + MAX_RTU]
            found.extend(self._tcp() if self.framing == "tcp" else self._rtu())
        return found

    def give_up(self) -> list[Frame]:
        """The line fell silent: what waits is no frame of ours. A sound RTU request of an unknown function is told."""
        data, self._buffer = bytes(self._buffer), bytearray()
        if not data:
            return []
        sound = len(data) >= 4 and FramerRTU.check_CRC(data[:-2], int.from_bytes(data[-2:], "big"))
        if self.framing == "rtu" and self._requests and sound:
            return [Frame(data[0], 0, Bad(data[1], 3 if data[1] in FUNCTIONS else 1))]
        self.damaged += 1
        return []

    def _rtu(self) -> list[Frame]:
        whole = bytes(self._buffer)
        if self._last is not None and whole == self._last[0]:
            self._buffer.clear()
            return [self._last[1]]
        for skipped in range(min(len(self._buffer) - 3, MAX_NOISE)):
            try:
                _, unit, _, body = self._framer.decode(whole[skipped:])
            except _FOREIGN:
                continue
            if body:
                self._buffer.clear()
                message = self._message(body)
                self.damaged += message is None
                if message is None:
                    return []
                self._last = whole, Frame(unit, 0, message)
                return [self._last[1]]
        if len(self._buffer) > MAX_RTU + MAX_NOISE:
            self._buffer.clear()
            self.damaged += 1
        return []

    def _tcp(self) -> Iterator[Frame]:
        while len(self._buffer) >= MBAP + 1:
            protocol, length = struct.unpack_from(">HH", self._buffer, 2)
            if protocol or not 2 <= length <= MAX_TCP - MBAP + 1:
                # No way to find the next header in a stream that has lost its place.
                self._buffer.clear()
                self.damaged += 1
                return
            whole = bytes(self._buffer[: length + 6])
            if len(whole) < length + 6:
                return
            del self._buffer[: length + 6]
            _, unit, transaction, body = self._framer.decode(whole)
            message = self._message(body)
            if message is None:
                self.damaged += 1
            else:
                yield Frame(unit, transaction, message)

    def _message(self, body: bytes) -> Message | None:
        function = body[0]
        if function & 0x80:
            return Refusal(function & 0x7F, body[1]) if len(body) == 2 and not self._requests else None
        if function not in FUNCTIONS:
            return Bad(function, 1) if self._requests else None
        try:
            pdu = self._framer.decoder.decode(body)
            message = None if pdu is None else (_request(pdu, body) if self._requests else _answer(pdu, body))
        except _FOREIGN:
            message = None
        return message or (Bad(function, 3) if self._requests else None)


def _framer(framing: Framing, *, requests: bool) -> FramerBase:
    decoder = DecodePDU(requests)
    decoder.pdu_table = {f: DecodePDU.pdu_table[f] for f in FUNCTIONS}
    return FramerRTU(decoder) if framing == "rtu" else FramerSocket(decoder)


def _to_pdu(message: Message) -> ModbusPDU:
    match message:
        case Read(kind, start, count):
            if not 1 <= count <= MOST[kind]:
                raise BadMessage(f"1 to {MOST[kind]} can be read, not {count}")
            return _READS[kind](address=start, count=count)
        case Write("coil", start, values):
            states = [bool(v) for v in values]
            if message.single:
                return bits.WriteSingleCoilRequest(address=start, bits=states[:1])
            return bits.WriteMultipleCoilsRequest(address=start, bits=states)
        case Write(_, start, values):
            one, many = registers.WriteSingleRegisterRequest, registers.WriteMultipleRegistersRequest
            return (one if message.single else many)(address=start, registers=list(values))
        case Values("coil", values):
            return bits.ReadCoilsResponse(bits=[bool(v) for v in values])
        case Values("discrete", values):
            return bits.ReadDiscreteInputsResponse(bits=[bool(v) for v in values])
        case Values(kind, values):
            reply = (
                registers.ReadHoldingRegistersResponse if kind == "holding" else registers.ReadInputRegistersResponse
            )
            return reply(registers=list(values))
        case Written("coil", start, count, echo):
            if echo is None:
                return bits.WriteMultipleCoilsResponse(address=start, count=count)
            return bits.WriteSingleCoilResponse(address=start, bits=[bool(echo)])
        case Written(_, start, count, echo):
            if echo is None:
                return registers.WriteMultipleRegistersResponse(address=start, count=count)
            return registers.WriteSingleRegisterResponse(address=start, registers=[echo])
        case Tell(start):
            return telling.ReadDeviceInformationRequest(BASIC, start)
        case Told(objects):
            return telling.ReadDeviceInformationResponse(BASIC, {n: text.encode("ascii") for n, text in objects})
        case Refusal(function, code):
            return ExceptionResponse(function, code)
    raise BadMessage(f"function {message.function} is not ours to say")


MORE_FOLLOWS: Final = 0xFF
BASIC: Final = 1
"""ReadDevId code: the objects that every device has."""
_READS: Final[Mapping[Kind, type[ModbusPDU]]] = {
    "coil": bits.ReadCoilsRequest,
    "discrete": bits.ReadDiscreteInputsRequest,
    "holding": registers.ReadHoldingRegistersRequest,
    "input": registers.ReadInputRegistersRequest,
}


def _request(pdu: ModbusPDU, body: bytes) -> Request | None:
    """The request that `body` is; None when its lengths contradict each other."""
    function = pdu.function_code
    if function in KIND_OF:
        kind = KIND_OF[function]
        return Read(kind, pdu.address, pdu.count) if len(body) == 5 and 1 <= pdu.count <= MOST[kind] else None
    if function == TELLING:
        sound = isinstance(pdu, telling.ReadDeviceInformationRequest) and len(body) == 4 and body[2] == BASIC
        return Tell(body[3]) if sound else None
    output = OUTPUT_OF[function]
    if function in WRITING_ONE.values():
        sound = len(body) == 5 and (output == "holding" or body[3:] in (b"\xff\x00", b"\x00\x00"))
        return Write(output, pdu.address, _values(pdu)[:1], single=True) if sound else None
    octets = pdu.count * 2 if output == "holding" else -(-pdu.count // 8)
    values = _values(pdu)[: pdu.count]
    sound = octets == body[5] and len(body) == 6 + octets and len(values) == pdu.count
    return Write(output, pdu.address, values) if sound else None


def _answer(pdu: ModbusPDU, body: bytes) -> Answer | None:
    """The answer that `body` is; None when its lengths contradict each other."""
    function = pdu.function_code
    if function in KIND_OF:
        kind = KIND_OF[function]
        sound = len(body) == 2 + body[1] and body[1] and (kind in ("coil", "discrete") or body[1] % 2 == 0)
        return Values(kind, _values(pdu)) if sound else None
    if function == TELLING:
        return _told(pdu, body)
    if len(body) != 5:
        return None
    if function in WRITING_ONE.values():
        return Written(OUTPUT_OF[function], pdu.address, 1, _values(pdu)[0])
    return Written(OUTPUT_OF[function], pdu.address, pdu.count)


def _told(pdu: ModbusPDU, body: bytes) -> Told | None:
    """Objects as text; None when their number or a length contradicts what came."""
    if not isinstance(pdu, telling.ReadDeviceInformationResponse) or len(body) < TOLD_HEAD:
        return None
    objects, at = [], TOLD_HEAD
    for _ in range(body[TOLD_HEAD - 1]):
        number, length = body[at : at + 2]  # too few bytes are a ValueError, which the parser takes for damage
        text = body[at + 2 : at + 2 + length]
        if len(text) != length:
            return None
        objects.append((number, text.decode("ascii", "replace")))
        at += 2 + length
    if at != len(body):
        return None
    return Told(tuple(objects), body[5] if body[4] == MORE_FOLLOWS else None)


def _values(pdu: ModbusPDU) -> tuple[int, ...]:
    return tuple(int(v) for v in (pdu.bits or pdu.registers))
