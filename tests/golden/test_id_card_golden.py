"""The SAM protocol against golden bytes: requests and replies as vendors publish them, and synthetic cards.

`id_card_vectors.json` is not made by our codec: its check sums and SHA-256 were computed by an independent script.
"""

from __future__ import annotations

import hashlib
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from drivers.id_card.frames import (
    ETHNICITIES,
    SW3,
    CardKind,
    Command,
    Damaged,
    Foreign2017,
    Foreign2023,
    FrameError,
    Permit,
    ReadParts,
    Reply,
    ReplyParser,
    Request,
    RequestParser,
    Resident,
    TextBlock,
    TextError,
    Verdict,
    build_address,
    build_text,
    check_citizen_number,
    encode_reply,
    encode_request,
    ethnicity_name,
    finger_name,
    is_wlt,
    join_read,
    kind_of,
    parse_address,
    parse_card_body,
    parse_text,
    sam_number,
    sam_number_bytes,
    sex_name,
    split_fingerprints,
    split_read,
    sw3_words,
)

VECTORS: dict[str, Any] = json.loads((Path(__file__).parent / "id_card_vectors.json").read_text())
PHOTO = bytes.fromhex(VECTORS["photo_head"]).ljust(1024, b"\0")

CARDS: dict[str, tuple[CardKind, TextBlock]] = {
    "resident": (
        CardKind.RESIDENT,
        Resident(
            name="测试甲",
            sex="1",
            ethnicity="01",
            birth=date(1990, 1, 1),
            address="山东省威海市环翠区样例路1号",
            number="371002199001011237",
            issuer="威海市公安局环翠分局",
            valid_from=date(2020, 1, 1),
            valid_to=date(2040, 1, 1),
        ),
    ),
    "long": (
        CardKind.RESIDENT,
        Resident(
            name="测试乙",
            sex="2",
            ethnicity="97",
            birth=date(1950, 6, 15),
            address="山东省威海市文登区样例街2号",
            number="371002195006150027",
            issuer="威海市公安局文登分局",
            valid_from=date(2015, 6, 1),
            valid_to=None,
        ),
    ),
    "I": (
        CardKind.FOREIGN_2017,
        Foreign2017(
            name_en="ZHENGJIAN, YANGBEN",
            sex="2",
            number="CAN110081080310",
            nationality="CAN",
            name="证件样本",
            valid_from=date(2015, 10, 25),
            valid_to=date(2025, 10, 24),
            birth=date(1981, 8, 3),
            version="01",
            authority="1500",
        ),
    ),
    "Y": (
        CardKind.FOREIGN_2023,
        Foreign2023(
            name="证件样本",
            sex="2",
            renewals="00",
            birth=date(1980, 1, 1),
            name_en="ZHENGJIAN, YANGBEN",
            number="931586198001010028",
            valid_from=date(2023, 8, 8),
            valid_to=date(2033, 8, 7),
            nationality="PAK",
            link="000",
        ),
    ),
    "J": (
        CardKind.PERMIT,
        Permit(
            name="測試丙",
            sex="1",
            birth=date(1992, 3, 1),
            address="山东省威海市环翠区样例路3号",
            number="810000199203010017",
            issuer="威海市公安局",
            valid_from=date(2019, 9, 1),
            valid_to=date(2024, 9, 1),
            pass_number="H00000001",
            issues="01",
        ),
    ),
}


def the_reply(frame: bytes) -> Reply:
    """The one reply in `frame`."""
    found = ReplyParser().feed(frame)
    assert len(found) == 1
    assert isinstance(found[0], Reply)
    return found[0]


@pytest.mark.parametrize(("name", "frame"), VECTORS["requests"].items())
def test_every_request_is_the_published_one(name: str, frame: str) -> None:
    assert Command[name].frame().hex().upper() == frame
    spec = Command[name].value
    assert RequestParser().feed(bytes.fromhex(frame)) == [Request(spec.code, spec.parameter)]


def test_every_command_has_a_vector() -> None:
    assert set(VECTORS["requests"]) == {command.name for command in Command}


def test_a_request_with_data() -> None:
    assert encode_request(Request(0x61, 0xFF, b"V")).hex().upper() == "AAAAAA9669000461FF56CC"


@pytest.mark.parametrize(("code", "check"), VECTORS["error_checksums"].items())
def test_every_status_reply(code: str, check: str) -> None:
    frame = bytes.fromhex(f"AAAAAA966900040000{code}{check}")
    assert encode_reply(Reply(int(code, 16))) == frame
    assert the_reply(frame) == Reply(int(code, 16))


def test_replies_with_data() -> None:
    replies = {name: bytes.fromhex(frame) for name, frame in VECTORS["replies"].items()}
    assert the_reply(replies["found"]) == Reply(0x9F, bytes(4))
    assert the_reply(replies["selected"]) == Reply(0x90, bytes(8))
    assert sam_number(the_reply(replies["sam_id"]).data) == "05.03-20200101-0001234567-1234567890"
    assert parse_address(the_reply(replies["address"]).data) == "山东省威海市环翠区样例大道9号"
    body = parse_card_body(the_reply(replies["body"]).data)
    assert (body.iin.hex(), body.sn.hex()) == ("00000000", "0102030405060708")
    assert body.dn.hex() == "1112131415161718191a1b1c1d1e1f20"
    assert encode_reply(Reply(0x90, build_address("山东省威海市环翠区样例大道9号"))) == replies["address"]
    printed = sam_number_bytes("05.03-20200101-0001234567-1234567890")
    assert encode_reply(Reply(0x90, printed)) == replies["sam_id"]


@pytest.mark.parametrize("key", CARDS)
def test_cards_both_ways(key: str) -> None:
    kind, card = CARDS[key]
    vector = VECTORS["blocks"][key]
    block = bytes.fromhex(vector["text"])
    assert parse_text(block) == card
    assert build_text(card) == block
    assert kind_of(card) is kind
    frame = encode_reply(Reply(0x90, join_read(ReadParts(block, PHOTO))))
    assert len(frame) == vector["bytes"]
    assert f"{frame[-1]:02X}" == vector["checksum"]
    assert hashlib.sha256(frame).hexdigest() == vector["sha256"]
    parts = split_read(the_reply(frame).data)
    assert (parts.text, parts.photo, parts.fingerprints) == (block, PHOTO, b"")
    assert is_wlt(parts.photo)


@pytest.mark.parametrize("vector", VECTORS["fingerprints"], ids=lambda v: str(v["fingerprint_bytes"]))
def test_reads_with_fingerprints(vector: dict[str, Any]) -> None:
    templates = [bytes.fromhex("4301120100" + finger).ljust(512, b"\0") for finger in ("0B", "10")]
    raw = b"".join(templates)[: vector["fingerprint_bytes"]]
    text = bytes.fromhex(VECTORS["blocks"]["resident"]["text"])
    frame = encode_reply(Reply(0x90, join_read(ReadParts(text, PHOTO, raw), fingerprints=True)))
    assert len(frame) == vector["bytes"]
    assert frame.hex().upper().startswith(vector["head"])
    assert f"{frame[-1]:02X}" == vector["checksum"]
    assert hashlib.sha256(frame).hexdigest() == vector["sha256"]
    parts = split_read(the_reply(frame).data, fingerprints=True)
    assert split_fingerprints(parts.fingerprints) == tuple(templates[: len(raw) // 512])


def test_finger_positions() -> None:
    assert finger_name(bytes.fromhex("43011201000B")) == "right thumb"
    assert finger_name(bytes.fromhex("430112010014")) == "left little"
    assert finger_name(bytes.fromhex("430112010061")) == "not determined"
    assert finger_name(b"") == "not determined"


def test_a_stray_byte_in_the_preamble_as_captured() -> None:
    good = bytes.fromhex(VECTORS["replies"]["success"])
    assert ReplyParser().feed(good[:1] + b"\0" + good[1:]) == [Reply(0x90)]


def test_the_vendor_frame_whose_length_lies() -> None:
    odd = bytes.fromhex("AAAAAA96690005050505")
    good = bytes.fromhex(VECTORS["replies"]["success"])
    parser = ReplyParser()
    assert parser.feed(odd) == []
    assert parser.waiting
    assert parser.give_up() == [Damaged("truncated")]
    assert not parser.waiting
    assert parser.feed(good) == [Reply(0x90)]
    # Followed at once by a frame it takes two AA of that frame's preamble, and even its check sum comes right.
    parser = ReplyParser()
    assert parser.feed(odd + good) == [Reply(0x05, b"\xaa", 5, 5), Reply(0x90)]


def test_an_unknown_type_of_card_is_refused_not_guessed() -> None:
    block = bytearray.fromhex(VECTORS["blocks"]["resident"]["text"])
    block[248:250] = "K".encode("utf-16-le")
    with pytest.raises(TextError, match=r"type U\+004B"):
        parse_text(bytes(block))
    block[248:250] = b"\0\0"
    assert parse_text(bytes(block)) == CARDS["resident"][1]


@pytest.mark.parametrize(
    ("offset", "text", "field"),
    [(36, "19900230", "birth"), (188, "2020010 ", "valid_from"), (204, "长久      ", "valid_to")],
)
def test_dates_that_do_not_exist_name_the_field_and_hide_the_content(offset: int, text: str, field: str) -> None:
    block = bytearray.fromhex(VECTORS["blocks"]["resident"]["text"])
    block[offset : offset + 16] = text.ljust(8).encode("utf-16-le")
    with pytest.raises(TextError, match=field) as caught:
        parse_text(bytes(block))
    assert text.strip() not in str(caught.value)


def test_text_that_is_not_text_or_does_not_fit() -> None:
    block = bytearray.fromhex(VECTORS["blocks"]["resident"]["text"])
    block[0:2] = b"\x00\xd8"
    with pytest.raises(TextError, match="name is not UTF-16"):
        parse_text(bytes(block))
    with pytest.raises(TextError, match="256"):
        parse_text(bytes(block[:-1]))
    with pytest.raises(TextError, match="needs 72 bytes; the card has 70"):
        build_address("长" * 36)


def test_lower_case_x_reads_as_upper_case() -> None:
    block = bytearray.fromhex(VECTORS["blocks"]["resident"]["text"])
    block[122:158] = "11010519491231002x".encode("utf-16-le")
    card = parse_text(bytes(block))
    assert isinstance(card, Resident)
    assert check_citizen_number(card.number) == date(1949, 12, 31)


def test_a_card_never_shows_its_holder() -> None:
    for _, card in CARDS.values():
        assert card.name not in repr(card)
        assert card.number not in repr(card)
    assert "371002" not in repr(Reply(0x90, bytes.fromhex(VECTORS["blocks"]["resident"]["text"])))


def test_code_tables() -> None:
    assert (sex_name("1"), sex_name("2"), sex_name("0"), sex_name("9")) == ("男", "女", "未知", "未说明")
    assert sex_name("7") == "未知(7)"
    assert len(ETHNICITIES) == 58
    assert ethnicity_name("29") == "柯尔克孜"
    assert ethnicity_name("43") == "乌孜别克"
    assert ethnicity_name("58") == "其他(58)"
    assert ethnicity_name("") == ""


def test_status_table() -> None:
    ga467 = {0x90, 0x9F, 0x91, 0x10, 0x11, 0x21, 0x23, 0x24, 0x31, 0x32, 0x33, 0x40, 0x41, 0x47, 0x60, 0x66, 0x80, 0x81}
    assert ga467 <= set(SW3)
    assert SW3[0x33].verdict is Verdict.REFUSE
    assert SW3[0x34].verdict is SW3[0x80].verdict is Verdict.NO_CARD
    assert "forged" in sw3_words(0x32)
    assert "no document" in sw3_words(0xEE)


def test_caps() -> None:
    assert len(encode_reply(Reply(0x90, bytes(3000)))) == 7 + 3004
    for made in (Reply(0x90, bytes(3001)), Request(0x30, 1, bytes(3001))):
        with pytest.raises(FrameError, match="3000"):
            encode_reply(made) if isinstance(made, Reply) else encode_request(made)
    parser = ReplyParser()
    assert parser.feed(bytes.fromhex("AAAAAA96690BBD")) == [Damaged("length")]
    assert not parser.waiting
    for data, fingerprints in ((b"\1", False), (bytes.fromhex("00010000"), False), (bytes(5), True)):
        with pytest.raises(FrameError):
            split_read(data, fingerprints=fingerprints)
    with pytest.raises(FrameError, match="257"):
        split_read(bytes.fromhex("01010000") + bytes(257))
    with pytest.raises(FrameError, match="100"):
        split_fingerprints(bytes(100))
    with pytest.raises(FrameError):
        parse_card_body(bytes(15))
    assert len(parse_card_body(bytes(24)).sn) == 8
    with pytest.raises(FrameError):
        sam_number(bytes(15))
    with pytest.raises(FrameError):
        sam_number_bytes("05-03")
