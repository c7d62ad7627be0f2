"""IPP requests and responses as frozen data, and their octets (RFC 8010, 3.1).

The reader is a generator that asks for exactly the octets it needs next, so a whole message and single octets from
a socket take the same path; the octets after end-of-attributes are the document and are never touched.
"""

from __future__ import annotations

import struct
from collections.abc import Generator, Iterator
from dataclasses import dataclass

from drivers.licence_printer.frames.codes import Tag
from drivers.licence_printer.frames.values import (
    MAX_NAME,
    MAX_NESTING,
    MAX_VALUE,
    Attribute,
    Collection,
    Data,
    Incomplete,
    IppError,
    Value,
    decode_value,
    encode_value,
)

MAX_ATTRIBUTE_BYTES = 1 << 20
MAX_ITEMS = 20_000


@dataclass(frozen=True, slots=True)
class Group:
    """One attribute group under its delimiter tag."""

    tag: int
    attributes: tuple[Attribute, ...] = ()

    def get(self, name: str) -> Attribute | None:
        """The attribute called `name`."""
        return next((a for a in self.attributes if a.name == name), None)

    def all(self, name: str) -> tuple[Data, ...]:
        """Every value of `name`, out-of-band values left out; empty when the attribute is not there."""
        found = self.get(name)
        return tuple(v.data for v in found.values if v.data is not None) if found else ()

    def number(self, name: str) -> int | None:
        """The first value of `name` when it is an integer or enum."""
        values = self.all(name)
        return values[0] if values and isinstance(values[0], int) and not isinstance(values[0], bool) else None

    def word(self, name: str) -> str:
        """The first value of `name` as a string; empty when absent or of another kind."""
        return next(iter(self.words(name)), "")

    def words(self, name: str) -> tuple[str, ...]:
        """Every string value of `name`, texts with a language without it."""
        texts = (getattr(data, "text", data) for data in self.all(name))
        return tuple(t for t in texts if isinstance(t, str))

    def flag(self, name: str) -> bool | None:
        """The first value of `name` when it is a boolean."""
        values = self.all(name)
        return values[0] if values and isinstance(values[0], bool) else None


@dataclass(frozen=True, slots=True)
class Message:
    """A request (`code` is the operation) or a response (`code` is the status)."""

    code: int
    request_id: int
    groups: tuple[Group, ...] = ()
    version: tuple[int, int] = (2, 0)

    def group(self, tag: int) -> Group:
        """The first group with `tag`, or an empty one."""
        return next((g for g in self.groups if g.tag == tag), Group(tag))

    def groups_of(self, tag: int) -> tuple[Group, ...]:
        """Every group with `tag`, in order."""
        return tuple(g for g in self.groups if g.tag == tag)


@dataclass(frozen=True, slots=True)
class _Item:
    tag: int
    name: str
    octets: bytes


def encode(message: Message, document: bytes = b"") -> bytes:
    """The octets of `message`, then `document`. Raises `IppError` for what the wire cannot carry."""
    try:
        parts = [struct.pack(">BBHi", *message.version, message.code, message.request_id)]
    except struct.error as error:
        raise IppError("version, code or request-id does not fit its field") from error
    for group in message.groups:
        if not 0 < group.tag < 0x10 or group.tag == Tag.END:
            raise IppError(f"0x{group.tag:02x} is no attribute group tag")
        parts.append(bytes([group.tag]))
        for each in group.attributes:
            parts += _encode_attribute(each, 0)
    parts.append(bytes([Tag.END]))
    return b"".join(parts) + document


def _encode_attribute(each: Attribute, depth: int) -> Iterator[bytes]:
    name = each.name.encode("ascii", "strict") if each.name.isascii() else b""
    if not 0 < len(name) <= MAX_NAME:
        raise IppError("an attribute name has 1 to 255 ASCII characters")
    if not each.values:
        raise IppError(f"attribute {each.name!r} has no value")
    for index, value in enumerate(each.values):
        yield from _encode_named(value, name if index == 0 else b"", depth)


def _encode_named(value: Value, name: bytes, depth: int) -> Iterator[bytes]:
    if value.tag != Tag.COLLECTION:
        if not 0x10 <= value.tag <= 0xFF or value.tag in (Tag.END_COLLECTION, Tag.MEMBER):
            raise IppError(f"0x{value.tag:02x} is no value tag")
        yield _raw(value.tag, name, encode_value(value))
        return
    if depth >= MAX_NESTING or not isinstance(value.data, Collection):
        raise IppError(f"collection nested deeper than {MAX_NESTING}, or not a collection")
    yield _raw(Tag.COLLECTION, name, b"")
    for member in value.data.members:
        yield _raw(Tag.MEMBER, b"", encode_value(Value(Tag.MEMBER, member.name)))
        if not member.values:
            raise IppError(f"member {member.name!r} has no value")
        for inner in member.values:
            yield from _encode_named(inner, b"", depth + 1)
    yield _raw(Tag.END_COLLECTION, b"", b"")


def _raw(tag: int, name: bytes, octets: bytes) -> bytes:
    return struct.pack(">Bh", tag, len(name)) + name + struct.pack(">h", len(octets)) + octets


def _reader() -> Generator[int, bytes, Message]:
    """Yields how many octets it wants, is sent them, returns the message."""
    major, minor, code, request_id = struct.unpack(">BBHi", (yield 8))
    groups: list[tuple[int, list[_Item]]] = []
    taken = items = 0
    while (tag := (yield 1)[0]) != Tag.END:
        if tag < 0x10:
            if tag == 0:
                raise IppError("delimiter tag 0x00 is reserved")
            groups.append((tag, []))
            continue
        if not groups:
            raise IppError("a value comes before the first group")
        name = yield from _sized(MAX_NAME)
        octets = yield from _sized(MAX_VALUE)
        taken += len(name) + len(octets) + 5
        items += 1
        if taken > MAX_ATTRIBUTE_BYTES or items > MAX_ITEMS:
            raise IppError(f"more than {MAX_ATTRIBUTE_BYTES} octets or {MAX_ITEMS} values of attributes")
        try:
            groups[-1][1].append(_Item(tag, name.decode("ascii"), octets))
        except UnicodeDecodeError as error:
            raise IppError("an attribute name is not ASCII") from error
    parsed = tuple(Group(t, _attributes(found)) for t, found in groups)
    return Message(code, request_id, parsed, (major, minor))


def _sized(limit: int) -> Generator[int, bytes, bytes]:
    (length,) = struct.unpack(">h", (yield 2))
    if not 0 <= length <= limit:
        raise IppError(f"a length of {length} octets; 0 to {limit} are allowed")
    return (yield length) if length else b""


def _attributes(found: list[_Item]) -> tuple[Attribute, ...]:
    items = iter(found)
    names: list[str] = []
    values: list[list[Value]] = []
    for item in items:
        if item.name:
            names.append(item.name)
            values.append([])
        elif not names:
            raise IppError("a further value comes before the first attribute")
        values[-1].append(_value(item, items, 0))
    return tuple(Attribute(n, tuple(v)) for n, v in zip(names, values, strict=True))


def _value(item: _Item, items: Iterator[_Item], depth: int) -> Value:
    if item.tag in (Tag.MEMBER, Tag.END_COLLECTION):
        raise IppError(f"tag 0x{item.tag:02x} outside a collection")
    if item.tag != Tag.COLLECTION:
        return decode_value(item.tag, item.octets)
    if depth >= MAX_NESTING:
        raise IppError(f"collections nested deeper than {MAX_NESTING}")
    names: list[str] = []
    values: list[list[Value]] = []
    for inner in items:
        if inner.name:
            raise IppError("an attribute begins inside a collection")
        if inner.tag == Tag.END_COLLECTION:
            if not all(values):
                raise IppError("a collection member has no value")
            members = tuple(Attribute(n, tuple(v)) for n, v in zip(names, values, strict=True))
            return Value(Tag.COLLECTION, Collection(members))
        if inner.tag == Tag.MEMBER:
            name = decode_value(Tag.MEMBER, inner.octets).data
            if not isinstance(name, str) or not 0 < len(name) <= MAX_NAME:
                raise IppError("a member name has 1 to 255 characters")
            names.append(name)
            values.append([])
        elif names:
            values[-1].append(_value(inner, items, depth + 1))
        else:
            raise IppError("a collection value comes before its member name")
    raise IppError("a collection is not closed")


class Feed:
    """Takes octets as they come. `message` is set once end-of-attributes has passed; `rest` is what follows it."""

    def __init__(self) -> None:
        self._reader = _reader()
        self._want = next(self._reader)
        self._have = bytearray()
        self.message: Message | None = None
        self.rest = b""

    def feed(self, octets: bytes) -> Message | None:
        """Take `octets`; returns the message once it is whole. Raises `IppError`; after that the feed is spent."""
        if self.message is not None:
            self.rest += octets
            return self.message
        self._have += octets
        at = 0
        while len(self._have) - at >= self._want:
            piece = bytes(self._have[at : at + self._want])
            at += self._want
            try:
                self._want = self._reader.send(piece)
            except StopIteration as end:
                message: Message = end.value
                self.message, self.rest = message, bytes(self._have[at:])
                self._have.clear()
                return message
        del self._have[:at]
        return None


def decode_with_document(octets: bytes) -> tuple[Message, bytes]:
    """The message and the document after it. Raises `Incomplete` when it ends early, `IppError` when malformed."""
    feed = Feed()
    message = feed.feed(octets)
    if message is None:
        raise Incomplete(f"the message ends after {len(octets)} octets, before its end-of-attributes tag")
    return message, feed.rest


def decode(octets: bytes) -> Message:
    """The message in `octets`; what follows it is ignored. Raises `Incomplete`, `IppError`."""
    return decode_with_document(octets)[0]
