"""A pad's wire for a recording: units are told as they decode, which leaves of a card its last four digits.

Passwords become 000000, printed text stars, texts for the merchant nothing. What cannot be decoded is withheld.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from drivers.crossing import Direction, Piece
from drivers.payment_pad.frames.answers import IntermediateStatus, PrintLine, PrintTextBlock, StatusInformation
from drivers.payment_pad.frames.answers import decode_answer as _decode_answer
from drivers.payment_pad.frames.apdu import Apdu, ApduReader, FrameError, decode_apdu, is_positive, refusal
from drivers.payment_pad.frames.commands import decode_command
from drivers.payment_pad.frames.lines import ACK, NAK, Deframer, Token, frame
from drivers.payment_pad.frames.words import describe

MAX_REFUSAL_DATA: Final = 16
"""Bytes behind an answer that are told: an amount (84 9D) and a message number."""
NO_PASSWORD: Final = "000000"  # noqa: S105 - what stands in a recording instead of the pad's password


def masked_unit(unit: Apdu) -> Apdu | None:
    """`unit` without what may be personal or secret, None when it cannot be told."""
    if is_positive(unit) or refusal(unit) is not None:
        return unit if len(unit.data) <= MAX_REFUSAL_DATA else None
    try:
        answer = _decode_answer(unit)
        if answer is not None:
            without: Apdu = _without_text(answer).apdu()
            return without
        command: Any = decode_command(unit)
        if command is None:
            return None
        if getattr(command, "password", None) is not None:
            command = replace(command, password=NO_PASSWORD)
        told: Apdu = command.apdu()
    except (FrameError, ValueError):
        return None
    return told


def _without_text(answer: Any) -> Any:
    match answer:
        case StatusInformation():
            return replace(answer, text="")
        case IntermediateStatus():
            return replace(answer, lines=())
        case PrintLine():
            return replace(answer, text="*" * len(answer.text))
        case PrintTextBlock():
            return replace(answer, lines=tuple("*" * len(line) for line in answer.lines))
    return answer


class PadTracer:
    """As `drivers.crossing.Tracer`. `transport` is `tcp` (bare units) or `serial` (DLE frames)."""

    def __init__(self, transport: str) -> None:
        self._serial = transport == "serial"
        self._ways: dict[Direction, _Serial | _Tcp] = {}

    def feed(self, direction: Direction, data: bytes) -> list[Piece]:
        """One piece a unit, ACK or NAK."""
        way = self._ways.get(direction)
        if way is None:
            way = self._ways[direction] = _Serial() if self._serial else _Tcp()
        return way.feed(data)

    def flush(self, direction: Direction, *, ended: bool) -> list[Piece]:
        """Only the end of the link ends a unit: either side may speak while the other has begun."""
        way = self._ways.pop(direction, None) if ended else None
        if way is None or not way.held:
            return []
        return [Piece(bytes(way.held), None, f"{len(way.held)} bytes of an unfinished unit")]


class _Tcp:
    def __init__(self) -> None:
        self.held = bytearray()
        self._reader = ApduReader()
        self._foreign = False

    def feed(self, data: bytes) -> list[Piece]:
        self.held += data
        pieces: list[Piece] = []
        try:
            units = [] if self._foreign else self._reader.feed(data)
        except FrameError as error:
            self._foreign, units = True, []
            pieces.append(self._rest(str(error)))
        for unit in units:
            size = min(len(unit.encode()) - unit.cut, len(self.held))
            raw = bytes(self.held[:size])
            del self.held[:size]
            pieces.append(_piece(unit, raw, unit.encode()))
        if self.held and (self._foreign or not self._reader.partial):
            pieces.append(self._rest(f"{len(self.held)} bytes that are no unit"))
        return pieces

    def _rest(self, words: str) -> Piece:
        raw = bytes(self.held)
        self.held.clear()
        return Piece(raw, None, words)


class _Serial:
    def __init__(self) -> None:
        self.held = bytearray()
        self._deframer = Deframer()

    def feed(self, data: bytes) -> list[Piece]:
        pieces: list[Piece] = []
        for at in range(len(data)):
            one = data[at : at + 1]
            self.held += one
            for token in self._deframer.feed(one):
                raw = bytes(self.held)
                self.held.clear()
                pieces.append(_token(token, raw))
        if self.held and not self._deframer.inside:
            pieces.append(Piece(bytes(self.held), None, f"{len(self.held)} bytes outside any frame"))
            self.held.clear()
        return pieces


def _token(token: bytes | Token, raw: bytes) -> Piece:
    if isinstance(token, Token):
        told = {Token.ACK: bytes((ACK,)), Token.NAK: bytes((NAK,))}.get(token)
        return Piece(raw, told, token.name, masked=told is not None and told != raw)
    try:
        unit = decode_apdu(token)
    except FrameError as error:
        return Piece(raw, None, str(error))
    return _piece(unit, raw, frame(unit.encode()), serial=True)


def _piece(unit: Apdu, raw: bytes, whole: bytes, *, serial: bool = False) -> Piece:
    told = masked_unit(unit)
    if told is None:
        return Piece(raw, None, f"{unit.control >> 8:02X} {unit.control & 0xFF:02X}: {len(unit.data)} bytes")
    shown = frame(told.encode()) if serial else told.encode()
    return Piece(raw, shown, describe(unit), masked=shown != whole)
