"""The SAM codec's properties: what is built is read back, whole, byte by byte and through noise."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.id_card.frames import (
    Damaged,
    Foreign2017,
    Foreign2023,
    FrameError,
    NumberError,
    Permit,
    PhotoError,
    ReadParts,
    Reply,
    ReplyParser,
    Request,
    RequestParser,
    Resident,
    TextBlock,
    TextError,
    build_address,
    build_text,
    check_character,
    check_citizen_number,
    encode_reply,
    encode_request,
    field_names,
    join_read,
    pack_standin,
    parse_address,
    parse_text,
    sam_number,
    sam_number_bytes,
    split_read,
    unpack_standin,
)

BYTE = st.integers(0, 255)
REQUESTS = st.builds(Request, BYTE, BYTE, st.binary(max_size=300))
REPLIES = st.builds(Reply, BYTE, st.binary(max_size=300), BYTE, BYTE)


def text(units: int) -> st.SearchStrategy[str]:
    """Text of at most `units` UTF-16 units that does not end in padding."""
    letters = st.characters(codec="utf-8", exclude_characters="\0")
    strings = st.text(letters, max_size=units).filter(lambda s: len(s.encode("utf-16-le")) <= units * 2)
    return strings.map(lambda s: s.rstrip(" \0\u3000"))


def code(units: int) -> st.SearchStrategy[str]:
    """Digits and capitals that fill the field or leave it empty."""
    return st.text("0123456789ABCDEFGHJKXYZ", max_size=units)


DATES = st.dates(date(1900, 1, 1), date(2199, 12, 31))
SPAN: dict[str, Any] = {"birth": DATES, "valid_from": DATES, "valid_to": st.none() | DATES}
CARDS: st.SearchStrategy[TextBlock] = st.one_of(
    st.builds(
        Resident,
        name=text(15),
        sex=code(1),
        ethnicity=code(2),
        address=text(35),
        number=code(18),
        issuer=text(15),
        **SPAN,
    ),
    st.builds(
        Foreign2017,
        name_en=text(60),
        sex=code(1),
        number=code(15),
        nationality=code(3),
        name=text(15),
        version=code(2),
        authority=code(4),
        **SPAN,
    ),
    st.builds(
        Foreign2023,
        name=text(15),
        sex=code(1),
        renewals=code(2),
        name_en=text(46),
        number=code(18),
        nationality=code(3),
        link=code(3),
        **SPAN,
    ),
    st.builds(
        Permit,
        name=text(15),
        sex=code(1),
        address=text(35),
        number=code(18),
        issuer=text(15),
        pass_number=code(9),
        issues=code(2),
        **SPAN,
    ),
)


@settings(deadline=None)
@given(st.lists(REPLIES, max_size=4))
def test_replies_come_back_whole_and_byte_by_byte(replies: list[Reply]) -> None:
    stream = b"".join(map(encode_reply, replies))
    assert ReplyParser().feed(stream) == replies
    parser = ReplyParser()
    assert [found for byte in stream for found in parser.feed(bytes((byte,)))] == replies
    assert parser.noise == 0
    assert not parser.waiting


@settings(deadline=None)
@given(st.lists(REQUESTS, max_size=4))
def test_requests_come_back_whole_and_byte_by_byte(requests: list[Request]) -> None:
    stream = b"".join(map(encode_request, requests))
    assert RequestParser().feed(stream) == requests
    parser = RequestParser()
    assert [found for byte in stream for found in parser.feed(bytes((byte,)))] == requests


@settings(deadline=None)
@given(st.binary(max_size=80).filter(lambda noise: b"\x96" not in noise), REPLIES)
def test_noise_before_a_frame_costs_nothing(noise: bytes, reply: Reply) -> None:
    parser = ReplyParser()
    assert parser.feed(noise + encode_reply(reply)) == [reply]
    assert parser.noise == len(noise) - noise.count(0xAA)


@settings(deadline=None)
@given(st.binary(max_size=200), REPLIES, st.data())
def test_any_bytes_in_any_pieces_never_hang_and_pieces_do_not_matter(
    junk: bytes, reply: Reply, data: st.DataObject
) -> None:
    stream = junk + encode_reply(reply) + junk
    whole, pieces = ReplyParser(), ReplyParser()
    expected = whole.feed(stream)
    at, found = 0, []
    while at < len(stream):
        step = data.draw(st.integers(1, 40))
        found += pieces.feed(stream[at : at + step])
        at += step
    assert found == expected
    for _ in range(len(stream)):
        if not pieces.waiting:
            break
        pieces.give_up()
    assert not pieces.waiting
    assert pieces.feed(encode_reply(Reply(0x90)))[-1] == Reply(0x90)


@settings(deadline=None)
@given(REPLIES, st.data())
def test_one_flipped_bit_is_never_another_answer(reply: Reply, data: st.DataObject) -> None:
    frame = bytearray(encode_reply(reply))
    at = data.draw(st.integers(2, len(frame) - 1))
    frame[at] ^= 1 << data.draw(st.integers(0, 7))
    parser = ReplyParser()
    found = parser.feed(bytes(frame)) + parser.give_up()
    assert reply not in found
    # A flipped length can only swallow or shorten; a frame of the same length with another content never passes.
    assert not any(isinstance(f, Reply) and len(f.data) == len(reply.data) for f in found)


def test_a_bad_check_sum_drops_one_byte_and_not_the_frame_behind_it() -> None:
    bad = bytearray(encode_reply(Reply(0x90, b"abcdef")))
    bad[-1] ^= 1
    found = ReplyParser().feed(bytes(bad) + encode_reply(Reply(0x41)))
    assert found == [Damaged("checksum"), Reply(0x41)]


def test_a_length_that_is_too_long_gives_back_what_it_swallowed() -> None:
    long = bytearray(encode_reply(Reply(0x90, b"abcdef")))
    long[5:7] = (100).to_bytes(2, "big")
    parser = ReplyParser()
    assert parser.feed(bytes(long) + encode_reply(Reply(0x41))) == []
    assert parser.waiting
    assert parser.give_up() == [Damaged("truncated"), Reply(0x41)]
    assert parser.give_up() == []


def test_memory_is_bounded_whatever_comes() -> None:
    parser = ReplyParser()
    parser.feed(bytes(100_000))
    assert len(parser._buffer) <= 2
    parser.feed(bytes.fromhex("AAAAAA96690BBC") + bytes(3000))
    assert len(parser._buffer) <= 3011


@settings(deadline=None)
@given(CARDS)
def test_text_blocks_come_back(card: TextBlock) -> None:
    block = build_text(card)
    assert len(block) == 256
    assert parse_text(block) == card


@settings(deadline=None)
@given(st.binary(min_size=248, max_size=248), st.sampled_from(" IYJ\0K") | st.characters(codec="utf-8"))
def test_any_256_bytes_are_a_card_or_a_named_error(start: bytes, letter: str) -> None:
    block = (start + letter.encode("utf-16-le") + bytes(6))[:256]
    try:
        card = parse_text(block)
    except TextError:
        return
    assert field_names(type(card))


def test_fields_that_do_not_fit_are_refused_by_name() -> None:
    good = {
        "name": "甲",
        "sex": "1",
        "ethnicity": "01",
        "birth": date(1990, 1, 1),
        "address": "乙",
        "number": "1",
        "issuer": "丙",
        "valid_from": date(2020, 1, 1),
        "valid_to": None,
    }
    for field, value in (("name", "长" * 16), ("address", "长" * 36), ("ethnicity", "123"), ("name", "ends in space ")):
        with pytest.raises(TextError, match=field):
            build_text(Resident(**{**good, field: value}))


@settings(deadline=None)
@given(st.binary(max_size=256), st.binary(max_size=1024), st.sampled_from([0, 512, 1024]))
def test_reads_split_as_they_were_joined(card_text: bytes, photo: bytes, fingerprints: int) -> None:
    parts = ReadParts(card_text, photo, bytes(fingerprints))
    assert split_read(join_read(parts, fingerprints=True), fingerprints=True) == parts
    if not fingerprints:
        assert split_read(join_read(parts)) == parts


@settings(deadline=None)
@given(st.binary(max_size=1400), st.booleans())
def test_any_read_data_splits_or_raises(data: bytes, fingerprints: bool) -> None:
    try:
        parts = split_read(data, fingerprints=fingerprints)
    except FrameError:
        return
    assert join_read(parts, fingerprints=fingerprints) == data


@settings(deadline=None)
@given(st.binary(min_size=16, max_size=16))
def test_sam_numbers_come_back(raw: bytes) -> None:
    printed = sam_number(raw)
    assert sam_number_bytes(printed) == raw


@settings(deadline=None)
@given(text(35))
def test_addresses_come_back(address: str) -> None:
    assert parse_address(build_address(address)) == address


@settings(deadline=None)
@given(st.text("0123456789", min_size=17, max_size=17), st.integers(0, 16), st.integers(1, 9))
def test_mod_11_2_catches_every_single_error_and_neighbours_swapped(first17: str, at: int, plus: int) -> None:
    wrong = first17[:at] + str((int(first17[at]) + plus) % 10) + first17[at + 1 :]
    assert check_character(wrong) != check_character(first17)
    swapped = first17[: at - 1] + first17[at - 1 : at + 1][::-1] + first17[at + 1 :]
    if at and swapped != first17:
        assert check_character(swapped) != check_character(first17)


@settings(deadline=None)
@given(st.text(max_size=20))
def test_any_text_is_a_number_or_a_named_error(number: str) -> None:
    try:
        check_citizen_number(number)
    except NumberError:
        return
    assert len(number) == 18


@settings(deadline=None)
@given(st.binary(max_size=1024))
def test_any_photo_blob_is_refused_with_a_name(blob: bytes) -> None:
    for candidate in (blob, blob.ljust(1024, b"\0"), (b"STANDIN1" + blob)[:1024].ljust(1024, b"\0")):
        with pytest.raises(PhotoError):
            unpack_standin(candidate)
    with pytest.raises(PhotoError):
        pack_standin(blob)


def test_a_picture_that_declares_another_size_is_not_decoded() -> None:
    def webp(width: int, height: int) -> bytes:
        return b"RIFF\x1e\0\0\0WEBPVP8 " + bytes(10) + width.to_bytes(2, "little") + height.to_bytes(2, "little")

    assert unpack_standin(pack_standin(webp(102, 126))) == webp(102, 126)
    with pytest.raises(PhotoError, match="16383 x 16383"):
        pack_standin(webp(0x3FFF, 0x3FFF))
    blob = bytearray(pack_standin(webp(102, 126)))
    blob[40] ^= 1
    with pytest.raises(PhotoError, match="check sum"):
        unpack_standin(bytes(blob))
