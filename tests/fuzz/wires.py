"""The cabinet's Modbus from bytes, and what a recording makes of every wire."""

from __future__ import annotations

from drivers.cabinet.frames import Bad, BadMessage, Parser, encode
from drivers.crossing import Direction, Tracer
from drivers.id_card.frames import Command, Reply, SamTracer, encode_reply
from drivers.licence_printer.frames import IppTracer
from drivers.payment_pad.frames import PadTracer
from drivers.receipt_printer.frames import ReceiptTracer

HOLDER = "环翠区样例路1号张秀荣371002199003075015".encode("utf-16-le")


def modbus(data: bytes) -> None:
    """Both framings, both sides: frames or damage, bounded; what was understood can be said again."""
    if len(data) < 2:
        return
    step, stream = 1 + data[0] % 64, data[2:]
    framing = "rtu" if data[1] & 1 else "tcp"
    for requests in (False, True):
        parser = Parser(framing, requests=requests)
        found = [frame for at in range(0, len(stream), step) for frame in parser.feed(stream[at : at + step])]
        assert parser.waiting <= 600
        found += parser.give_up()
        assert parser.waiting == 0
        for frame in found:
            if isinstance(frame.message, Bad):
                continue
            try:
                octets = encode(framing, frame)
            except BadMessage:
                continue
            assert Parser(framing, requests=requests).feed(octets) == [frame]


def traces(data: bytes) -> None:
    """Every tracer, fed both ways: it never raises, and every byte that crossed is in one piece, once, in order."""
    if len(data) < 2:
        return
    makers = (SamTracer, IppTracer, ReceiptTracer, lambda: PadTracer("tcp"), lambda: PadTracer("serial"))
    tracer: Tracer = makers[data[0] % len(makers)]()
    fed = {"in": b"", "out": b""}
    told = {"in": b"", "out": b""}
    ways: tuple[Direction, Direction] = ("out", "in")
    at = 1
    while at < len(data):
        way = ways[data[at] & 1]
        some = data[at + 1 : at + 2 + data[at] // 2]
        at += 2 + data[at] // 2
        fed[way] += some
        told[way] += b"".join(piece.raw for piece in tracer.feed(way, some))
        if some[-1:] == b"\xfe":
            told[way] += b"".join(piece.raw for piece in tracer.flush(way, ended=False))
    for way in ways:
        told[way] += b"".join(piece.raw for piece in tracer.flush(way, ended=True))
    assert told == fed


def secrets(data: bytes) -> None:
    """Whatever the line does between request and answer, no recording shows what a card said of its holder."""
    tracer, commands = SamTracer(), list(Command)
    shown = bytearray()
    script = iter(data)
    for op in script:
        way: Direction = "in"
        if op < 100:
            way, some = "out", commands[op % len(commands)].frame()
        elif op < 160:
            some = encode_reply(
                Reply(next(script, 0x90), HOLDER[: 17 + next(script, 43)])
            )  # no item of a card is shorter
            cut = next(script, 255)
            some = some[: max(1, len(some) - (255 - cut) % len(some))] if cut < 200 else some
        elif op < 250:
            some = bytes(next(script, 0xAA) for _ in range(op % 16 + 1))
        else:
            for piece in (*tracer.flush("in", ended=op == 250), *tracer.flush("out", ended=op == 250)):
                shown += (piece.shown or b"") + piece.words.encode()
            continue
        for piece in tracer.feed(way, some):
            shown += (piece.shown or b"") + piece.words.encode()
    for at in range(0, len(HOLDER) - 12, 2):
        assert HOLDER[at : at + 12] not in shown, "a recording shows the card's holder"
