"""A cabinet's wire for a recording: Modbus in words. Nothing on it is personal: all that is Modbus is shown."""

from __future__ import annotations

from drivers.cabinet.frames.messages import Framing, words
from drivers.cabinet.frames.modbus import Parser
from drivers.crossing import Direction, Piece, stray


class ModbusTracer:
    """As `drivers.crossing.Tracer`."""

    def __init__(self, framing: Framing) -> None:
        self._parsers = {
            "out": Parser(framing, requests=True),
            "in": Parser(framing, requests=False),
        }
        self._held = {"out": bytearray(), "in": bytearray()}
        self._said: dict[str, list[str]] = {"out": [], "in": []}

    def feed(self, direction: Direction, data: bytes) -> list[Piece]:
        """What has come since the last whole frame, once a frame is whole."""
        parser = self._parsers[direction]
        self._held[direction] += data
        self._said[direction] += [words(frame.message) for frame in parser.feed(data)]
        return [] if parser.waiting else self._told(direction, "bytes that are no frame")

    def flush(self, direction: Direction, *, ended: bool) -> list[Piece]:
        """A frame that will not be completed: a board speaks only when asked."""
        self._parsers[direction].reset()
        return self._told(direction, "bytes of an unfinished frame")

    def _told(self, direction: Direction, otherwise: str) -> list[Piece]:
        raw, said = bytes(self._held[direction]), self._said[direction]
        self._held[direction].clear()
        self._said[direction] = []
        if not raw:
            return []
        return [Piece(raw, raw, "; ".join(said))] if said else [stray(raw, f"{len(raw)} {otherwise}")]
