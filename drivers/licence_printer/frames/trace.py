"""A licence printer's wire for a recording, request by request: attributes without names, documents not at all."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from drivers.crossing import Direction, Piece
from drivers.licence_printer.frames.codes import Tag
from drivers.licence_printer.frames.message import Feed, Message, encode
from drivers.licence_printer.frames.values import Attribute, Collection, IppError, LangText, Value
from drivers.licence_printer.frames.words import request_words, response_words

SHOWN: Final = frozenset(
    {
        "printer-name",
        "printer-info",
        "printer-make-and-model",
        "printer-device-id",
        "printer-firmware-name",
        "printer-firmware-string-version",
        "printer-dns-sd-name",
    }
)
"""Free text that is the printer's own. All other free text can hold a person's or a document's name."""
_FREE: Final = frozenset({Tag.TEXT, Tag.NAME})
HIDDEN: Final = "***"


def masked_message(message: Message) -> Message:
    """`message` with free text starred, but for `SHOWN`."""
    groups = tuple(replace(g, attributes=tuple(_masked(a) for a in g.attributes)) for g in message.groups)
    return replace(message, groups=groups)


def _masked(attribute: Attribute) -> Attribute:
    if attribute.name in SHOWN:
        return attribute
    return replace(attribute, values=tuple(_hidden(v) for v in attribute.values))


def _hidden(value: Value) -> Value:
    if isinstance(value.data, LangText):
        return replace(value, data=replace(value.data, text=HIDDEN))
    if isinstance(value.data, Collection):
        return replace(value, data=Collection(tuple(_masked(member) for member in value.data.members)))
    return replace(value, data=HIDDEN) if value.tag in _FREE else value


class IppTracer:
    """As `drivers.crossing.Tracer`; every feed is the whole body of one HTTP message."""

    def feed(self, direction: Direction, data: bytes) -> list[Piece]:
        """The attributes, then the document if there is one."""
        parser = Feed()
        try:
            message = parser.feed(data)
            if message is None:
                return [Piece(data, None, f"{len(data)} octets, no whole message")]
            told = encode(masked_message(message))
        except IppError as error:
            return [Piece(data, None, f"malformed: {error}")]
        head = data[: len(data) - len(parser.rest)]
        words = request_words(message) if direction == "out" else response_words(message)
        pieces = [Piece(head, told, words, masked=told != head)]
        if parser.rest:
            pieces.append(Piece(parser.rest, None, f"document of {len(parser.rest)} octets"))
        return pieces

    def flush(self, direction: Direction, *, ended: bool) -> list[Piece]:
        """Nothing is ever unfinished."""
        return []
