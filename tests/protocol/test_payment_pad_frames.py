"""ZVT codecs: round trips, any segmentation, line faults on serial, and caps."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.payment_pad.frames import (
    MAX_DATA,
    Abort,
    Apdu,
    ApduReader,
    Authorisation,
    Completion,
    Deframer,
    EndOfDay,
    FrameError,
    IntermediateStatus,
    LineFailed,
    PartialReversal,
    PrintLine,
    PrintTextBlock,
    ReadCard,
    Refund,
    Registration,
    RepeatReceipt,
    Reversal,
    SerialLine,
    SetClock,
    StatusEnquiry,
    StatusInformation,
    TcpLine,
    bcd,
    decode_answer,
    decode_apdu,
    decode_command,
    describe,
    frame,
    llvar,
    mask_text,
    pack,
    positive,
    tag,
    unbcd,
    unllvar,
    walk_tlv,
)

numbers = st.text("0123456789", min_size=6, max_size=6)
receipts = st.text("0123456789", min_size=4, max_size=4)
amounts = st.integers(0, 10**12 - 1)
currencies = st.sampled_from((156, 978, 840))
tags = st.one_of(st.none(), st.just(b""), st.just(bytes.fromhex("26040A0206D3")))
texts = st.text("ABCDEFGHIJKLMNOP äöü€.,"[:18], max_size=20).map(str.strip)

commands = st.one_of(
    st.builds(Registration, st.integers(0, 255), st.none() | currencies, st.none(), tags, numbers),
    st.builds(
        Authorisation,
        amounts,
        currencies,
        st.none() | st.integers(0, 255),
        st.none() | st.integers(0, 255),
        st.none() | st.integers(0, 255),
        tags,
    ),
    st.builds(Refund, amounts, currencies, numbers),
    st.builds(Reversal, receipts, st.none() | amounts, numbers),
    st.builds(PartialReversal, receipts | st.just("FFFF"), st.none() | amounts, st.none() | currencies),
    st.builds(RepeatReceipt, st.none() | st.integers(0, 255), numbers),
    st.builds(StatusEnquiry, st.none() | st.integers(0, 255), numbers),
    st.builds(EndOfDay, numbers),
    st.builds(SetClock, numbers, numbers),
    st.builds(ReadCard, st.integers(0, 255), st.none() | st.integers(0, 255), st.none() | st.integers(0, 255), tags),
)
statuses = st.builds(
    StatusInformation,
    st.integers(0, 255),
    st.none() | amounts,
    st.none() | currencies,
    st.just("") | receipts,
    st.just("") | numbers,
    st.just("") | numbers,
    st.just("") | receipts,
    st.just("") | st.text("0123456789", min_size=8, max_size=8),
    texts.map(lambda t: t[:15].strip()).filter(str.isascii),
    st.just("") | receipts.map(lambda r: "****" + r),
    texts,
    st.none() | st.integers(0, 255),
    st.just("") | numbers,
    st.just("") | st.just("A000000333010101"),
    texts,
    st.just("") | numbers,
    st.none() | st.just("") | st.just("0012"),
)
answers = st.one_of(
    statuses,
    st.builds(
        IntermediateStatus, st.integers(0, 255), st.none() | st.integers(1, 99), st.lists(texts, max_size=4).map(tuple)
    ),
    st.builds(Completion, st.integers(0, 255), st.just("") | texts, bare=st.just(True)),
    st.builds(Abort, st.integers(0, 255), st.lists(receipts, max_size=3).map(tuple)),
    st.builds(PrintLine, st.integers(0, 254), texts),
    st.builds(PrintTextBlock, st.lists(texts, max_size=30).map(tuple), st.none() | st.integers(1, 3)),
)
units = st.one_of(commands, answers).map(lambda m: m.apdu())


@given(commands)
def test_commands_survive_the_wire(command: object) -> None:
    assert decode_command(decode_apdu(command.apdu().encode())) == command  # type: ignore[attr-defined]  # every command


@given(answers)
def test_answers_survive_the_wire(answer: object) -> None:
    assert decode_answer(decode_apdu(answer.apdu().encode())) == answer  # type: ignore[attr-defined]  # every answer


@given(st.lists(units, max_size=5), st.data())
def test_any_segmentation_gives_the_same_units(said: list[Apdu], data: st.DataObject) -> None:
    stream = b"".join(unit.encode() for unit in said)
    cuts = sorted(data.draw(st.sets(st.integers(0, len(stream)), max_size=10)))
    reader = ApduReader()
    found = [u for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True) for u in reader.feed(stream[a:b])]
    assert found == said
    assert not reader.partial


@given(st.lists(st.binary(max_size=80).map(lambda d: Apdu(0x0601, d)), max_size=4), st.data())
def test_serial_frames_come_apart_wherever_the_reads_cut_them(said: list[Apdu], data: st.DataObject) -> None:
    """A read may end between a 10 and its twin (PAYONE P400), or inside the check sum."""
    stream = b"".join(frame(unit.encode()) for unit in said)
    cuts = sorted(data.draw(st.sets(st.integers(0, len(stream)), max_size=12)))
    deframer = Deframer()
    found = [t for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True) for t in deframer.feed(stream[a:b])]
    assert found == [unit.encode() for unit in said]
    assert not deframer.inside


@given(st.binary(max_size=300))
def test_no_bytes_break_the_readers(junk: bytes) -> None:
    with suppress(FrameError):
        for unit in ApduReader().feed(junk):
            assert describe(unit)
            with suppress(FrameError):
                decode_answer(unit)
            with suppress(FrameError):
                decode_command(unit)
    Deframer().feed(junk)


@given(st.integers(0, 10**12 - 1))
def test_amounts_are_packed_decimal(fen: int) -> None:
    assert unbcd(bcd(fen, 6)) == fen


@given(st.binary(max_size=99), st.binary(max_size=9))
def test_variable_fields(value: bytes, rest: bytes) -> None:
    assert unllvar(llvar(value) + rest, 0, 2) == (value, len(value) + 2)


@given(st.lists(st.tuples(st.sampled_from((0x07, 0x1F07, 0x25, 0x1F1F)), st.binary(max_size=300)), max_size=4))
def test_tlv_round_trip(items: list[tuple[int, bytes]]) -> None:
    found = [(t.number, t.value) for t in walk_tlv(b"".join(tag(n, v) for n, v in items))]
    assert found == items


def test_caps_and_damage_are_named() -> None:
    with pytest.raises(FrameError, match="announces"):
        ApduReader().feed(b"\x06\xd3\xff\xff\xff")
    with pytest.raises(FrameError, match="at most"):
        Apdu(0x06D3, bytes(MAX_DATA + 1)).encode()
    with pytest.raises(FrameError, match="exactly one"):
        decode_apdu(b"\x80\x00\x00\x80")
    with pytest.raises(FrameError, match="digits"):
        bcd(10**12, 6)
    with pytest.raises(FrameError, match="missing"):
        decode_command(Apdu(0x0601, b"\x49\x01\x56"))
    with pytest.raises(FrameError, match="nibble"):
        decode_answer(Apdu(0x040F, b"\x27\x00\x04\xff\xff\xff\xff\xff\xff"))
    with pytest.raises(FrameError, match="beyond"):
        decode_answer(Apdu(0x040F, b"\x04\x00"))
    with pytest.raises(FrameError, match="takes 6 bytes"):
        pack(((0x04, b"\x01"),))
    with pytest.raises(FrameError, match="password"):
        Registration(0xBE, password="12345").apdu()
    with pytest.raises(FrameError, match="four decimal"):
        Reversal("12A4").apdu()


def test_card_numbers_in_text_are_masked_and_other_numbers_are_not() -> None:
    assert mask_text("PAN 6299990000000025!") == "PAN ****0025!"
    assert mask_text("6299-9900-0000-0025") == "****0025"
    assert mask_text("order 1234567890123456") == "order 1234567890123456"
    assert mask_text("AID A0000000041010, 2026-11-21 12:00") == "AID A0000000041010, 2026-11-21 12:00"


def test_serial_line_repeats_twice_then_gives_up() -> None:
    line = SerialLine()
    line.send(0, Apdu(0x0670))
    sent = line.out()
    for at in (5.0, 10.0):
        assert line.wake_at == at
        line.wake(at)
        assert line.out() == sent
    with pytest.raises(LineFailed, match="not acknowledged 3 times"):
        line.wake(15.0)


def test_serial_line_repeats_at_nak_and_goes_on_at_ack() -> None:
    line = SerialLine()
    line.send(0, Apdu(0x0670))
    line.send(0, positive())
    sent = line.out()
    assert line.receive(0.1, b"\x15") == []
    assert line.out() == sent
    assert not line.settled
    assert line.receive(0.2, b"\x06") == []
    assert line.out() == frame(positive().encode())
    line.receive(0.3, b"\x06")
    assert line.settled
    assert line.wake_at is None


def test_serial_line_naks_damage_and_a_frame_that_stops() -> None:
    line = SerialLine()
    good = frame(positive().encode())
    line.receive(0, good[:-1] + bytes((good[-1] ^ 1,)))
    assert line.out() == b"\x15"
    line.receive(1.0, good[:4])
    assert line.wake_at == pytest.approx(1.2)
    line.wake(1.2)
    assert line.out() == b"\x15"
    assert line.receive(1.3, good) == [positive()]
    assert line.out() == b"\x06"


def test_an_answer_stands_for_the_lost_ack_of_its_command() -> None:
    """The ACK byte was lost; repeating 06 01 would start a second payment."""
    line = SerialLine()
    line.send(0, Authorisation(100, 156).apdu())
    line.out()
    assert line.receive(0.1, frame(positive().encode())) == [positive()]
    assert line.out() == b"\x06"
    assert line.wake_at is None


def test_a_frame_that_holds_more_than_one_unit_is_refused() -> None:
    line = SerialLine()
    assert line.receive(0, frame(positive().encode() * 2)) == []
    assert line.out() == b"\x15"


@settings(max_examples=10)
@given(
    st.lists(
        st.sampled_from([b"HTTP/1.1 400 Bad Request\r\n" * 50, b"\x00" * 1500, b"SSH-2.0" * 300]),
        min_size=5,
        max_size=6,
    ).map(b"".join)
)
def test_noise_without_end_is_another_protocol(noise: bytes) -> None:
    with pytest.raises(LineFailed, match="another protocol"):
        SerialLine().receive(0, noise)


def test_tcp_line_names_another_protocol() -> None:
    with pytest.raises(LineFailed, match="another protocol"):
        TcpLine().receive(0, b"\x15\x03\x69")
