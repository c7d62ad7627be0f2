"""A reader's wire for a recording: what the host asks is shown, what a card says is not.

Of answers only those to a command that needs no card are shown. Find and select carry the chip's own numbers: they are
overwritten with zeros, as most readers send them. An answer that nobody asked for may be any, so it is withheld.
"""

from __future__ import annotations

from typing import Final

from drivers.crossing import Direction, Piece, stray
from drivers.id_card.frames.codes import Command, command_of, sw3_words
from drivers.id_card.frames.wire import (
    PREAMBLE,
    Damaged,
    Reply,
    ReplyParser,
    Request,
    RequestParser,
    encode_reply,
    encode_request,
)
from drivers.id_card.frames.words import describe

MAX_HELD: Final = 8192
_ZEROED: Final = frozenset({Command.FIND, Command.SELECT})


class SamTracer:
    """As `drivers.crossing.Tracer`."""

    def __init__(self) -> None:
        self._requests = RequestParser()
        self._replies = ReplyParser()
        self._held = {"out": bytearray(), "in": bytearray()}
        self._asked: Command | None = None

    def feed(self, direction: Direction, data: bytes) -> list[Piece]:
        """Whole frames; noise as it is when it is short and no card was asked."""
        held = self._held[direction]
        held += data
        parser = self._requests if direction == "out" else self._replies
        pieces: list[Piece] = []
        for frame in parser.feed(data):
            raw = b"" if isinstance(frame, Damaged) else _encoded(frame)
            if isinstance(frame, Damaged) or not held.startswith(raw):
                pieces += self._noise(direction, describe(frame))
                continue
            del held[: len(raw)]
            pieces.append(self._piece(frame, raw))
        if held and (len(held) > MAX_HELD or not (parser.waiting or PREAMBLE.startswith(held))):
            pieces += self._noise(direction, f"{len(held)} bytes that are no frame")
        return pieces

    def flush(self, direction: Direction, *, ended: bool) -> list[Piece]:
        """A frame that will not be completed: a SAM speaks only when asked."""
        parser = self._requests if direction == "out" else self._replies
        parser.reset()
        held = self._held[direction]
        return self._noise(direction, f"{len(held)} bytes of an unfinished frame") if held else []

    def _noise(self, direction: Direction, words: str) -> list[Piece]:
        raw = bytes(self._held[direction])
        self._held[direction].clear()
        harmless = direction == "out" or self._asked is None or not self._asked.value.card
        return [stray(raw, words, harmless=harmless)] if raw else []

    def _piece(self, frame: Request | Reply, raw: bytes) -> Piece:
        if isinstance(frame, Request):
            self._asked = command_of(frame)
            return Piece(raw, raw if not frame.data else None, describe(frame))
        asked, self._asked = self._asked, None
        if not frame.data or (asked is not None and not asked.value.card and len(frame.data) <= asked.value.largest):
            return Piece(raw, raw, describe(frame))
        if asked in _ZEROED and len(frame.data) <= asked.value.largest:
            shown = encode_reply(Reply(frame.sw3, bytes(len(frame.data)), frame.sw1, frame.sw2))
            return Piece(raw, shown, describe(frame), masked=shown != raw)
        return Piece(raw, None, f"{frame.sw3:02X} {sw3_words(frame.sw3)}: {len(frame.data)} bytes of a card")


def _encoded(frame: Request | Reply) -> bytes:
    return encode_request(frame) if isinstance(frame, Request) else encode_reply(frame)
