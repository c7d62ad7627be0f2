"""What may stand in a recording: whole pieces, personal parts gone, however the bytes are divided."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.crossing import Direction, Piece, Tracer, Withheld
from drivers.id_card.frames import Command, Reply, SamTracer, encode_reply, encode_request
from drivers.licence_printer.frames import Group, IppTracer, Message, Operation, Tag, attribute, decode, encode
from drivers.payment_pad.frames import (
    Apdu,
    Authorisation,
    PadTracer,
    PrintLine,
    PrintTextBlock,
    Registration,
    StatusInformation,
    decode_apdu,
    frame,
    positive,
)
from drivers.receipt_printer.frames import ASK_ALL, FEED_AND_CUT, INIT, ReceiptTracer, end_mark, mark_reply, native_qr

NAME = "张三".encode("utf-16-le")
NUMBER = "371002199001010017"
READ_REPLY = encode_reply(Reply(0x90, bytes.fromhex("01000400") + NAME.ljust(1280, b" ")))
PAN = "6222021234567894"


def fed(tracer: Tracer, direction: Direction, data: bytes, size: int = 0) -> list[Piece]:
    if not size:
        return tracer.feed(direction, data)
    return [p for at in range(0, len(data), size) for p in tracer.feed(direction, data[at : at + size])]


def shown(pieces: list[Piece]) -> bytes:
    return b"".join(p.shown or b"" for p in pieces)


@pytest.mark.parametrize("size", [0, 1, 7, 64])
def test_a_card_is_withheld_and_its_chip_numbers_are_zero(size: int) -> None:
    tracer = SamTracer()
    assert [p.words for p in fed(tracer, "out", Command.FIND.frame(), size)] == ["find a card"]
    (found,) = fed(tracer, "in", encode_reply(Reply(0x9F, b"\x12\x34\x56\x78")), size)
    assert found.masked
    assert found.shown == encode_reply(Reply(0x9F, bytes(4)))
    fed(tracer, "out", Command.READ.frame(), size)
    (read,) = fed(tracer, "in", READ_REPLY, size)
    assert read.shown is None
    assert read.raw == READ_REPLY
    assert read.words == "90 success: 1284 bytes of a card"


@pytest.mark.parametrize("command", [Command.READ, Command.READ_ALL, Command.ADDRESS, Command.CARD_NUMBER])
def test_every_item_of_a_card_is_withheld(command: Command) -> None:
    tracer = SamTracer()
    tracer.feed("out", command.frame())
    (piece,) = tracer.feed("in", encode_reply(Reply(0x90, NUMBER.encode()[:16])))
    assert piece.shown is None
    assert NUMBER[:16] not in piece.words


def test_sixteen_bytes_are_the_sams_number_only_when_that_was_asked() -> None:
    reply = encode_reply(Reply(0x90, NUMBER.encode()[:16]))
    tracer = SamTracer()
    tracer.feed("out", Command.SAM_ID.frame())
    assert tracer.feed("in", reply)[0].shown == reply
    assert tracer.feed("in", reply)[0].shown is None, "a second answer nobody asked for may be a card's"


@given(st.lists(st.integers(1, 400), max_size=12), st.binary(max_size=40), st.integers(0, 1290))
def test_no_part_of_a_card_is_ever_shown(cuts: list[int], junk: bytes, spoiled: int) -> None:
    """However it is divided, whatever comes before it, wherever it is damaged."""
    tracer = SamTracer()
    tracer.feed("out", Command.READ.frame())
    data = bytearray(junk + READ_REPLY)
    data[len(junk) + spoiled] ^= 0xFF
    pieces, at = [], 0
    for cut in [*cuts, len(data)]:
        pieces += tracer.feed("in", bytes(data[at : at + cut]))
        at += cut
    pieces += tracer.flush("in", ended=True)
    assert NAME not in shown(pieces)
    assert all(p.shown is None or len(p.shown) <= 11 for p in pieces)
    assert sum(p.size for p in pieces) == len(data), "every byte is accounted for"


def test_noise_before_any_card_is_shown_when_it_is_short() -> None:
    tracer = SamTracer()
    tracer.feed("out", Command.STATUS.frame())
    assert tracer.feed("in", b"\x00\x80\xff")[0].shown == b"\x00\x80\xff"
    (long,) = tracer.feed("in", bytes(range(1, 60)))
    assert long.shown is None
    tracer.feed("out", Command.READ.frame())
    assert tracer.feed("in", b"\x31\x32\x33")[0].shown is None


def test_a_torn_answer_is_told_when_the_host_asks_again() -> None:
    tracer = SamTracer()
    tracer.feed("out", Command.READ.frame())
    assert tracer.feed("in", READ_REPLY[:500]) == []
    (torn,) = tracer.flush("in", ended=False)
    assert (torn.size, torn.shown, torn.words) == (500, None, "500 bytes of an unfinished frame")
    tracer.feed("out", Command.STATUS.frame())
    assert tracer.feed("in", encode_reply(Reply(0x90)))[0].words == "90 success"


@pytest.mark.parametrize("size", [0, 1, 5])
def test_a_receipt_shows_its_questions_and_its_end_not_its_text(size: int) -> None:
    tracer = ReceiptTracer()
    text = "张三 371002199001010017\n".encode("gb18030")
    job = INIT + b"\x1ba\x01" + text + native_qr(b"secret", 4) + text + FEED_AND_CUT + end_mark(b"0001")
    pieces = fed(tracer, "out", ASK_ALL, size) + fed(tracer, "out", job, size)
    assert text[:6] not in shown(pieces)
    assert b"secret" not in shown(pieces)
    assert NUMBER.encode() not in b"".join(p.words.encode() for p in pieces)
    assert shown(pieces) == ASK_ALL + INIT + FEED_AND_CUT + end_mark(b"0001")
    assert sum(p.size for p in pieces) == len(ASK_ALL + job)
    answers = fed(tracer, "in", b"\x16\x12\x12\x12" + mark_reply(b"0001"), size)
    assert shown(answers) == b"\x16\x12\x12\x12" + mark_reply(b"0001")
    assert answers[-1].words.endswith("printed up to mark 0001")


def test_a_stranger_on_the_printers_port_is_not_written_out() -> None:
    (piece,) = ReceiptTracer().feed("in", b"\xff" * 40)
    assert piece.shown is None
    assert ReceiptTracer().feed("in", b"\xff" * 3)[0].shown == b"\xff" * 3


STATUS = Apdu(0x040F, bytes.fromhex("2700 04000000001210 0B000017 870012 22F0F8".replace(" ", "")) + bytes.fromhex(PAN))


@pytest.mark.parametrize("transport", ["tcp", "serial"])
@pytest.mark.parametrize("size", [0, 1, 9])
def test_of_a_payment_card_only_the_last_four_digits(transport: str, size: int) -> None:
    tracer = PadTracer(transport)

    def wire(unit: Apdu) -> bytes:
        return frame(unit.encode()) if transport == "serial" else unit.encode()

    (status,) = fed(tracer, "in", wire(STATUS), size)
    assert status.masked
    assert status.shown is not None
    assert bytes.fromhex(PAN)[:7] not in status.shown
    assert "card ****7894" in status.words
    if transport == "tcp":
        info = StatusInformation.parse(decode_apdu(status.shown).data)
        assert (info.amount, info.receipt_no, info.card) == (1210, "0012", "****7894")
    (ack,) = fed(tracer, "out", wire(positive()), size)
    assert ack.shown == wire(positive())


def test_passwords_and_printed_text_are_gone() -> None:
    tracer = PadTracer("tcp")
    (registration,) = tracer.feed("out", Registration(0xBE, 156, password="987654").apdu().encode())
    assert registration.shown is not None
    assert bytes.fromhex("987654") not in registration.shown
    (amount,) = tracer.feed("out", Authorisation(1210, 156).apdu().encode())
    assert amount.shown == Authorisation(1210, 156).apdu().encode()
    assert not amount.masked
    lines = tracer.feed("in", PrintLine(0, "ZHANG SAN").apdu().encode())
    lines += tracer.feed("in", PrintTextBlock(("ZHANG", "SAN")).apdu().encode())
    assert b"ZHANG" not in shown(lines)
    assert b"*****" in shown(lines)


def test_another_protocol_on_the_pads_port_is_withheld() -> None:
    tracer = PadTracer("tcp")
    pieces = tracer.feed("in", b"SSH-2.0-OpenSSH_9.2 " + PAN.encode())
    pieces += tracer.feed("in", PAN.encode())
    assert shown(pieces) == b""
    assert sum(p.size for p in pieces) == 52
    assert tracer.flush("in", ended=True) == []


def test_ipp_keeps_the_printers_words_and_no_names() -> None:
    document = b"%PDF-1.7 " + "张三".encode()
    operation = (
        attribute("attributes-charset", Tag.CHARSET, "utf-8"),
        attribute("requesting-user-name", Tag.NAME, "weihai-kiosk"),
        attribute("job-name", Tag.NAME, "licence of 张三"),
    )
    body = encode(Message(Operation.PRINT_JOB, 7, (Group(Tag.OPERATION, operation),)), document)
    head, withheld = IppTracer().feed("out", body)
    assert head.words == "Print-Job (request 7)"
    assert head.masked
    assert head.shown is not None
    told = decode(head.shown)
    assert told.request_id == 7
    assert told.group(Tag.OPERATION).word("job-name") == "***"
    assert (withheld.shown, withheld.raw) == (None, document)
    model = attribute("printer-make-and-model", Tag.TEXT, "Weihai LP-400")
    reason = attribute("printer-state-reasons", Tag.KEYWORD, "media-low")
    answer = encode(Message(0, 7, (Group(Tag.PRINTER, (model, reason)),)))
    (piece,) = IppTracer().feed("in", answer)
    assert piece.shown == answer


def test_what_no_codec_knows_is_withheld() -> None:
    (piece,) = Withheld().feed("in", b"anything")
    assert piece.shown is None
    assert Withheld().feed("in", b"") == []
    assert SamTracer().feed("out", encode_request.__doc__.encode() if encode_request.__doc__ else b"x")[0].shown is None


@given(st.sampled_from([SamTracer, ReceiptTracer, IppTracer]), st.lists(st.binary(max_size=300), max_size=8))
def test_tracers_take_anything_and_lose_nothing(kind: type[Tracer], chunks: list[bytes]) -> None:
    tracer = kind()
    ways: tuple[Direction, ...] = ("out", "in")
    total = 0
    for chunk in chunks:
        for way in ways:
            total += sum(p.size for p in tracer.feed(way, chunk))
    total += sum(p.size for way in ways for p in tracer.flush(way, ended=True))
    assert total == 2 * sum(map(len, chunks))


@given(st.sampled_from(["tcp", "serial"]), st.lists(st.binary(max_size=300), max_size=8))
def test_the_pads_tracer_takes_anything_and_loses_nothing(transport: str, chunks: list[bytes]) -> None:
    tracer = PadTracer(transport)
    ways: tuple[Direction, ...] = ("out", "in")
    total = sum(p.size for chunk in chunks for way in ways for p in tracer.feed(way, chunk))
    total += sum(p.size for way in ways for p in tracer.flush(way, ended=True))
    assert total == 2 * sum(map(len, chunks))
