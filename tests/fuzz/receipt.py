"""ESC/POS from bytes: the printer's ear and the host's."""

from __future__ import annotations

import json

from drivers.receipt_printer.frames import (
    MAX_DATA,
    AutoStatus,
    Block,
    CommandParser,
    FullStatus,
    Item,
    RealTimeScanner,
    ReplyParser,
    StatusByte,
    Text,
    read_asb,
    read_full,
    read_status,
)
from drivers.receipt_printer.frames import Command as EscCommand
from simulator.models.receipt_render import render_receipt

MAX_RENDERED = 2048


def commands(data: bytes) -> None:
    """Any stream in any pieces: the same commands and the same text; real-time commands at the same places."""
    step, stream = 1 + (data[0] if data else 0) % 64, data[1:]
    whole, pieces = CommandParser(), CommandParser()
    expected = _joined(whole.feed(stream))
    found = _joined([item for at in range(0, len(stream), step) for item in pieces.feed(stream[at : at + step])])
    assert found == expected, "pieces matter"
    assert whole.unfinished == pieces.unfinished
    assert len(pieces._buffer) <= MAX_DATA + 16
    assert sum(len(item.data) for item in found if isinstance(item, Text | EscCommand)) <= len(stream)
    scan, again = RealTimeScanner(), RealTimeScanner()
    real = scan.feed(stream)
    slices = ((at, again.feed(stream[at : at + step])) for at in range(0, len(stream), step))
    assert [(at + offset, command) for at, some in slices for offset, command in some] == real
    assert all(0 < offset <= len(stream) for offset, _ in real)


def rendering(data: bytes) -> None:
    """Any stream becomes a picture, a text and a report, on every model, in either mode, and in bounded time."""
    first = data[0] if data else 0
    profile = ("chinese-80mm", "epson-80mm", "chinese-58mm", "presenter-80mm")[first & 3]
    png, text, report = render_receipt(data[1:MAX_RENDERED], bool(first & 4), profile)
    assert png.startswith(b"\x89PNG")
    assert len(report["printed"]) <= 2000
    assert len(report["notes"]) <= 200
    assert isinstance(text, str)
    json.dumps(report)


def _joined(items: list[Item]) -> list[Item]:
    """Neighbouring texts made one: how text is cut follows the pieces."""
    joined: list[Item] = []
    for item in items:
        if isinstance(item, Text) and joined and isinstance(joined[-1], Text):
            joined[-1] = Text(joined[-1].data + item.data)
        else:
            joined.append(item)
    return joined


def replies(data: bytes) -> None:
    """Whatever a printer answers: bounded, the same in any pieces, and readable."""
    step, stream = 1 + (data[0] if data else 0) % 64, data[1:]
    presenter = bool(data and data[0] & 0x40)
    whole, pieces = ReplyParser(full_status=presenter), ReplyParser(full_status=presenter)
    expected = whole.feed(stream)
    found = [reply for at in range(0, len(stream), step) for reply in pieces.feed(stream[at : at + step])]
    assert found == expected, "pieces matter"
    assert len(pieces._open) <= 200
    for reply in found:
        if isinstance(reply, StatusByte):
            for n in (1, 2, 3, 4):
                read_status(n, reply.value)
        elif isinstance(reply, AutoStatus):
            read_asb(reply.block)
        elif isinstance(reply, FullStatus):
            read_full(reply.block)
        elif isinstance(reply, Block):
            assert reply.text is None or len(reply.text) <= len(stream)
            assert reply.end_mark is None or len(reply.end_mark) == 4
