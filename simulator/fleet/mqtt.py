"""The frames of MQTT 5.0 that a publishing terminal needs (OASIS Standard, 2019-03-07). Pure: bytes in, packets out.

Not a library for others: no QoS 2, no AUTH. mosquitto is its oracle (tests/processes/test_fleet.py), the golden bytes
are the standard's own examples (tests/protocol/test_mqtt_frames.py).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

MOST_REMAINING: Final = 1 << 18
"""Longest packet that is read; the standard allows 268,435,455 (1.5.5), our broker is told this in CONNECT."""
CONNECT, CONNACK, PUBLISH, PUBACK, SUBSCRIBE, SUBACK = 1, 2, 3, 4, 8, 9
PINGREQ, PINGRESP, DISCONNECT = 12, 13, 14
_TWO, _FOUR, _TEXT, _VARINT, _BYTE, _PAIR, _DATA = "two", "four", "text", "varint", "byte", "pair", "data"
_PROPERTIES: Final = {
    0x01: _BYTE, 0x02: _FOUR, 0x03: _TEXT, 0x08: _TEXT, 0x09: _DATA, 0x0B: _VARINT, 0x11: _FOUR, 0x12: _TEXT,
    0x13: _TWO, 0x15: _TEXT, 0x16: _DATA, 0x17: _BYTE, 0x18: _FOUR, 0x19: _BYTE, 0x1A: _TEXT, 0x1C: _TEXT, 0x1F: _TEXT,
    0x21: _TWO, 0x22: _TWO, 0x23: _TWO, 0x24: _BYTE, 0x25: _BYTE, 0x26: _PAIR, 0x27: _FOUR, 0x28: _BYTE, 0x29: _BYTE,
    0x2A: _BYTE,
}  # fmt: skip
"""Identifier and kind of every property (2.2.2.2)."""
SESSION_EXPIRY, RECEIVE_MAXIMUM, MOST_PACKET = 0x11, 0x21, 0x27
RESPONSE_TOPIC, CORRELATION, WILL_DELAY = 0x08, 0x09, 0x18


class MalformedPacket(ValueError):
    """Bytes that are no MQTT 5 packet, or longer than we read; the connection ends."""


@dataclass(frozen=True, slots=True)
class Connack:
    """`reason` 0 is accepted (3.2.2.2). `receive_maximum`: how many QoS 1 messages may be on the way."""

    session_present: bool
    reason: int
    receive_maximum: int = 65535


@dataclass(frozen=True, slots=True)
class Publish:
    """An application message (3.3). `packet_id` is 0 at QoS 0."""

    topic: str
    payload: bytes
    qos: int = 0
    retain: bool = False
    dup: bool = False
    packet_id: int = 0
    response_topic: str = ""
    correlation: bytes = b""


@dataclass(frozen=True, slots=True)
class Puback:
    """`reason` below 0x80 is received; 0x10 says that nobody subscribes (3.4.2.1)."""

    packet_id: int
    reason: int = 0


@dataclass(frozen=True, slots=True)
class Suback:
    """A reason a filter; below 0x80 is the QoS that was granted (3.9.3)."""

    packet_id: int
    reasons: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Pong:
    """PINGRESP."""


@dataclass(frozen=True, slots=True)
class Goodbye:
    """DISCONNECT by the broker (3.14.2.1), for example 0x8E: somebody else came with our name."""

    reason: int


Packet = Connack | Publish | Puback | Suback | Pong | Goodbye


def varint(value: int) -> bytes:
    """A variable byte integer, up to four bytes (1.5.5). Raises `ValueError`."""
    if not 0 <= value <= 268_435_455:
        raise ValueError(f"{value} is no variable byte integer")
    found = bytearray()
    while True:
        value, digit = value >> 7, value & 0x7F
        found.append(digit | (0x80 if value else 0))
        if not value:
            return bytes(found)


def read_varint(data: bytes | bytearray, at: int) -> tuple[int, int] | None:
    """The integer at `at` and where it ends; None when bytes are missing. Raises `MalformedPacket`."""
    value = 0
    for index in range(4):
        if at + index >= len(data):
            return None
        value |= (data[at + index] & 0x7F) << (7 * index)
        if not data[at + index] & 0x80:
            if index and not data[at + index]:
                raise MalformedPacket("a length that is not in its shortest form")
            return value, at + index + 1
    raise MalformedPacket("a length of more than four bytes")


def _data(value: bytes) -> bytes:
    return struct.pack("!H", len(value)) + value


def _text(value: str) -> bytes:
    return _data(value.encode())


def _packet(first: int, body: bytes) -> bytes:
    return bytes([first]) + varint(len(body)) + body


def connect(
    client: str,
    will: Publish | None = None,
    *,
    keep_alive_s: int = 90,
    clean: bool = False,
    session_expiry_s: int = 86_400,
    will_delay_s: int = 0,
    user: str = "",
    password: str = "",
) -> bytes:
    """CONNECT (3.1). The session lives `session_expiry_s` after the connection; the will waits `will_delay_s`."""
    flags = 0x02 if clean else 0
    rest = _text(client)
    if will is not None:
        flags |= 0x04 | will.qos << 3 | (0x20 if will.retain else 0)
        delay = struct.pack("!BI", WILL_DELAY, will_delay_s)
        rest += varint(len(delay)) + delay + _text(will.topic) + _data(will.payload)
    if user:
        flags |= 0x80
        rest += _text(user)
    if password:
        flags |= 0x40
        rest += _text(password)
    properties = struct.pack("!BIBI", SESSION_EXPIRY, session_expiry_s, MOST_PACKET, MOST_REMAINING)
    head = _text("MQTT") + struct.pack("!BBH", 5, flags, keep_alive_s)
    return _packet(CONNECT << 4, head + varint(len(properties)) + properties + rest)


def publish(message: Publish) -> bytes:
    """PUBLISH. QoS 1 needs a packet id. Raises `ValueError`."""
    if message.qos not in (0, 1) or (message.qos == 0) != (message.packet_id == 0):
        raise ValueError(f"QoS {message.qos} with packet id {message.packet_id}")
    first = PUBLISH << 4 | message.qos << 1 | (0x08 if message.dup else 0) | (0x01 if message.retain else 0)
    properties = b""
    if message.response_topic:
        properties += bytes([RESPONSE_TOPIC]) + _text(message.response_topic)
    if message.correlation:
        properties += bytes([CORRELATION]) + _data(message.correlation)
    number = struct.pack("!H", message.packet_id) if message.qos else b""
    return _packet(first, _text(message.topic) + number + varint(len(properties)) + properties + message.payload)


def puback(packet_id: int, reason: int = 0) -> bytes:
    """PUBACK; the reason is left out when it is 0 (3.4.2.1)."""
    return _packet(PUBACK << 4, struct.pack("!H", packet_id) + (bytes([reason]) if reason else b""))


def subscribe(packet_id: int, *filters: str, qos: int = 1) -> bytes:
    """SUBSCRIBE to all `filters` (3.8)."""
    asked = b"".join(_text(each) + bytes([qos]) for each in filters)
    return _packet(SUBSCRIBE << 4 | 0x02, struct.pack("!H", packet_id) + b"\x00" + asked)


def pingreq() -> bytes:
    """PINGREQ (3.12)."""
    return _packet(PINGREQ << 4, b"")


def disconnect(reason: int = 0) -> bytes:
    """DISCONNECT; 0 forgets the will, 0x04 publishes it (3.14.2.1)."""
    return _packet(DISCONNECT << 4, bytes([reason]) if reason else b"")


class Reader:
    """Packets out of a stream of bytes, however it is cut."""

    def __init__(self) -> None:
        self._held = bytearray()

    def feed(self, data: bytes) -> Iterator[Packet]:
        """The packets that are whole now. Raises `MalformedPacket`; nothing can be read after it."""
        self._held += data
        while len(self._held) >= 2:
            length = read_varint(self._held, 1)
            if length is None:
                return
            remaining, begins = length
            if remaining > MOST_REMAINING:
                raise MalformedPacket(f"a packet of {remaining} bytes; we read {MOST_REMAINING}")
            if len(self._held) < begins + remaining:
                return
            first, body = self._held[0], bytes(self._held[begins : begins + remaining])
            del self._held[: begins + remaining]
            try:
                yield _read(first, body)
            except (struct.error, IndexError, UnicodeDecodeError) as error:
                raise MalformedPacket(f"packet type {first >> 4} is cut short or garbled") from error


def _read(first: int, body: bytes) -> Packet:
    kind, flags = first >> 4, first & 0x0F
    if kind == PUBLISH:
        return _read_publish(flags, body)
    if flags:
        raise MalformedPacket(f"packet type {kind} with flags {flags}")
    if kind == CONNACK:
        found, _ = _properties(body, 2)
        most = int.from_bytes(found.get(RECEIVE_MAXIMUM, b"\xff\xff"), "big")
        return Connack(bool(body[0] & 1), body[1], most)
    if kind == PUBACK:
        return Puback(struct.unpack_from("!H", body)[0], body[2] if len(body) > 2 else 0)
    if kind == SUBACK:
        _, at = _properties(body, 2)
        return Suback(struct.unpack_from("!H", body)[0], tuple(body[at:]))
    if kind == PINGRESP:
        return Pong()
    if kind == DISCONNECT:
        return Goodbye(body[0] if body else 0)
    raise MalformedPacket(f"packet type {kind} is not for a client, or not read here")


def _read_publish(flags: int, body: bytes) -> Publish:
    qos = flags >> 1 & 0x03
    if qos > 1:
        raise MalformedPacket(f"a message of QoS {qos}; we subscribe with 1")
    topic, at = _take(body, 0)
    number = 0
    if qos:
        number = struct.unpack_from("!H", body, at)[0]
        at += 2
    found, at = _properties(body, at)
    return Publish(
        topic.decode(), body[at:], qos, bool(flags & 1), bool(flags & 8), number,
        found.get(RESPONSE_TOPIC, b"").decode(), found.get(CORRELATION, b""),
    )  # fmt: skip


def _take(body: bytes, at: int) -> tuple[bytes, int]:
    (length,) = struct.unpack_from("!H", body, at)
    if at + 2 + length > len(body):
        raise MalformedPacket("a text that is longer than its packet")
    return body[at + 2 : at + 2 + length], at + 2 + length


def _properties(body: bytes, at: int) -> tuple[dict[int, bytes], int]:
    """Property -> its bytes, the last one of a kind; and where the properties end."""
    length = read_varint(body, at)
    if length is None:
        raise MalformedPacket("no length of properties")
    size, at = length
    end = at + size
    if end > len(body):
        raise MalformedPacket("properties that are longer than their packet")
    found: dict[int, bytes] = {}
    while at < end:
        name = body[at]
        kind = _PROPERTIES.get(name)
        at += 1
        if kind in (_TEXT, _DATA):
            found[name], at = _take(body, at)
        elif kind == _PAIR:
            _, at = _take(body, at)
            found[name], at = _take(body, at)
        elif kind == _VARINT:
            number = read_varint(body, at)
            if number is None:
                raise MalformedPacket("a property that is cut short")
            found[name], at = number[0].to_bytes(4, "big"), number[1]
        elif kind is not None:
            width = {_BYTE: 1, _TWO: 2, _FOUR: 4}[kind]
            found[name] = body[at : at + width]
            at += width
        else:
            raise MalformedPacket(f"property 0x{name:02X} is none of MQTT 5")
    if at != end:
        raise MalformedPacket("properties that end inside one")
    return found, at
