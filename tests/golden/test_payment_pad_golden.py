"""Real captures of ZVT pads (Feig cVEND, Worldline Valina, PAYONE P400, traces of other ECR programs)."""

from __future__ import annotations

import pytest

from drivers.payment_pad.frames import (
    Abort,
    Apdu,
    ApduReader,
    Authorisation,
    Completion,
    Deframer,
    Diagnosis,
    EndOfDay,
    FrameError,
    Initialisation,
    IntermediateStatus,
    PartialReversal,
    PreAuthorisation,
    PrintLine,
    PrintTextBlock,
    ReadCard,
    Registration,
    Reset,
    StatusEnquiry,
    StatusInformation,
    Token,
    crc16,
    decode_answer,
    decode_apdu,
    decode_command,
    describe,
    find,
    frame,
    negative,
    positive,
    prompt_word,
    result_word,
    status_word,
)

SERIAL = {
    "registration": ("060006123456BA0978", "24C3"),
    "positive": ("800000", "F51F"),
    "postpone": ("849C00", "C341"),
    "authorisation": ("06010A040000000110 00490978", "F2FF"),
    "status": ("060F0BF0F0F7322E31342E313500", "B111"),
    "diagnosis": ("067000", "D9F9"),
    "reset": ("061800", "563A"),
    "initialisation": ("069303123456", "CAA4"),
    "enquiry with service byte": ("0501051234560304", "3094"),
    "enquiry": ("050103123456", "E043"),
    "print line": ("06D117002020202020202020204B617373656E7363686E697474", "2F07"),
    "print amount": ("06D11900476573616D7420202020202030202020202020 20302C3030", "B5AB"),
    "display": ("06E025F2F1F545494E474542454E20554E44204F4BF1F1F64641485245524E554D4D455220202020", "5ABA"),
    "P400": ("060107040000000001 90", "7657"),
    "stress V1": ("04FF010A", "F57D"),
    "stress V2": ("060F00", "C633"),
    "CRC looks like STX": ("06010A04000000011280490156", "1002"),
    "CRC low is 10": ("06010A04000000000127490156", "1009"),
    "CRC high is 10": ("06010A04000000000257490156", "9E10"),
    "doubled 10 and CRC high is 10": ("06010A04000000019810490156", "A910"),
    "Feig registration": ("060F0A19102952523535490978", "2692"),
}
ON_WIRE = [
    "1002060F0A191010295252353549097810032692",
    "100206010A0400000001128049015610031002",
    "100206010A0400000000012749015610031009",
    "100206010A0400000000025749015610039E10",
    "100206010A040000000198101049015610 03A910",
    "10020601070400000000019010037657",
]


def _hex(text: str) -> bytes:
    return bytes.fromhex(text.replace(" ", ""))


@pytest.mark.parametrize("name", list(SERIAL))
def test_serial_frames_have_the_real_check_sum_and_come_apart(name: str) -> None:
    apdu, crc = (_hex(part) for part in SERIAL[name])
    wire = frame(apdu)
    assert wire[-2:] == crc
    assert wire == b"\x10\x02" + apdu.replace(b"\x10", b"\x10\x10") + b"\x10\x03" + crc
    assert Deframer().feed(wire) == [apdu]


@pytest.mark.parametrize("wire", ON_WIRE)
def test_frames_as_they_stood_on_the_wire(wire: str) -> None:
    raw = _hex(wire)
    (body,) = Deframer().feed(raw)
    assert isinstance(body, bytes)
    assert frame(body) == raw


def test_a_check_sum_that_looks_like_the_next_frame_does_not_eat_it() -> None:
    """V3: CRC 10 02 in front of another frame, fed whole and byte by byte."""
    wire = _hex("100206010A0400000001128049015610031002") + _hex("1002800000 1003F51F") + b"\x06"
    expected = [_hex("06010A04000000011280490156"), _hex("800000"), Token.ACK]
    assert Deframer().feed(wire) == expected
    deframer = Deframer()
    assert [t for b in wire for t in deframer.feed(bytes((b,)))] == expected


def test_the_check_sum_is_kermit() -> None:
    assert crc16(b"123456789") == 0x2189


REENCODED = [
    ("060006123456BA0978", Registration(0xBA, 978, password="123456")),
    ("060006123456DE0978", Registration(0xDE, 978, password="123456")),
    ("060004123456BA", Registration(0xBA, password="123456")),
    ("0600101234563E09780300 06 06 26040A0206D3", Registration(0x3E, 978, 0, _hex("26040A0206D3"), "123456")),
    ("06000E123456BE0978 0606 26040A0206D3", Registration(0xBE, 978, None, _hex("26040A0206D3"), "123456")),
    (
        "060014000000 9E0978 060C 26040A0206D3 1F7303000000",
        Registration(0x9E, 978, None, _hex("26040A0206D31F7303000000"), "000000"),
    ),
    ("06010A040000000110 00490978", Authorisation(11000, 978)),
    ("06010704000000000190", Authorisation(190)),
    ("06010C040000000012344909780600", Authorisation(1234, 978, tags=b"")),
    ("06010A04000000011280490156", Authorisation(11280, 156)),
    ("067000", Diagnosis()),
    ("061800", Reset()),
    ("069303123456", Initialisation("123456")),
    ("065003123456", EndOfDay("123456")),
    ("050103123456", StatusEnquiry(None, "123456")),
    ("0501051234560304", StatusEnquiry(0x04, "123456")),
    ("05010512345603 07", StatusEnquiry(0x07, "123456")),
    ("06230387FFFF", PartialReversal("FFFF")),
    ("06C00F0F1910FC0206081F1501D01F600107", ReadCard(15, 0x10, 2, _hex("1F1501D01F600107"))),
]


@pytest.mark.parametrize(("raw", "command"), REENCODED)
def test_ecr_captures_decode_and_encode_to_the_same_bytes(raw: str, command: object) -> None:
    data = _hex(raw)
    decoded = decode_command(decode_apdu(data))
    assert decoded == command
    assert decoded is not None
    assert decoded.apdu().encode() == data


def test_ecr_captures_whose_field_order_is_another() -> None:
    pre = decode_command(decode_apdu(_hex("06221E1940490978040000000025000610E90E1F620241431F6306333834484832")))
    assert isinstance(pre, PreAuthorisation)
    assert (pre.amount, pre.currency, pre.payment_type) == (2500, 978, 0x40)
    partial = decode_command(
        decode_apdu(_hex("0623211940870491490978040000000012950610E90E1F620241431F63064D4632323436"))
    )
    assert isinstance(partial, PartialReversal)
    assert (partial.receipt_no, partial.amount) == ("0491", 1295)
    cancel = decode_command(decode_apdu(_hex("0625081940870231490978")))
    assert isinstance(cancel, PartialReversal)
    assert (cancel.receipt_no, cancel.amount) == ("0231", None)


def test_feig_captures() -> None:
    reg = decode_answer(decode_apdu(_hex("060F0A19102952523535490978")))
    assert reg == Completion(status=0x10, terminal_id="52523535", currency=978)
    assert reg.apdu().encode() == _hex("060F0A19102952523535490978")
    card = decode_answer(
        decode_apdu(
            _hex(
                "040F35270006314C0A000000000000081CA72F1F450505788070021F4C01011F4D02FE041F4F0204001F5001"
                "206009430 7A0000000041010"
            )
        )
    )
    assert isinstance(card, StatusInformation)
    assert card.approved
    assert not card.is_payment
    assert card.aid == "A0000000041010"
    pre = decode_answer(
        decode_apdu(
            _hex(
                "040F5A2700040000000025004909780C2255580D040522F0F8559883EEEEEE80748702313B37353030373100000B000975"
                "196029525235350E24058A068C018BF1F14D617374657243617264002A383034303131393236202020202020"
            )
        )
    )
    assert pre == StatusInformation(
        result=0,
        amount=2500,
        currency=978,
        receipt_no="0231",
        trace="000975",
        time="225558",
        date="0405",
        terminal_id="52523535",
        merchant="804011926",
        card="****8074",
        card_name="MasterCard",
        card_type=6,
        approval_code="750071",
    )
    assert decode_answer(decode_apdu(_hex("04FF0117"))) == IntermediateStatus(0x17)
    assert decode_answer(decode_apdu(_hex("061E04B887FFFF"))) == Abort(0xB8, ("FFFF",))
    assert Abort(0xB8, ("FFFF",)).apdu().encode() == _hex("061E04B887FFFF")


def test_feig_status_with_software_version() -> None:
    software = b"GER-APP-v2.0.9;CC25"
    data = b"\xf0\xf1\xf9" + software + _hex("00065B1F440452523535")
    said = decode_answer(Apdu(0x060F, data))
    assert isinstance(said, Completion)
    assert (said.status, said.software, said.bare) == (0, software.decode(), True)
    assert decode_answer(decode_apdu(_hex("060F0BF0F0F7322E31342E313500"))) == Completion(
        status=0, software="2.14.15", bare=True
    )


def test_feig_end_of_day_totals() -> None:
    totals = _hex("02330234") + _hex("01000000000958") + bytes(42)
    data = _hex("27000400000000 09580B0009820D04060C081706 60F0F5F3".replace(" ", "")) + totals
    said = decode_answer(Apdu(0x040F, data))
    assert isinstance(said, StatusInformation)
    assert (said.amount, said.trace, said.totals and said.totals[0]) == (958, "000982", 958)
    assert not said.is_payment


def test_long_text_block_has_its_length_low_byte_first() -> None:
    """Feig prints a receipt as one unit: 06 D3 FF 61 04 is 1121 bytes, not 24836."""
    lines = tuple(f"Zeile {i:03d}" for i in range(80))
    unit = PrintTextBlock(lines, 2).apdu()
    raw = unit.encode()
    assert raw[2] == 0xFF
    assert raw[3] | raw[4] << 8 == len(raw) - 5
    assert decode_answer(decode_apdu(raw)) == PrintTextBlock(lines, 2)
    reader = ApduReader()
    assert reader.feed(_hex("06D3FF6104") + bytes(1120)) == []
    assert reader.feed(b"\0") == [Apdu(0x06D3, bytes(1121))]


def test_valina_captures() -> None:
    reg = decode_answer(decode_apdu(_hex("060F0A19002929001006490978")))
    assert reg == Completion(status=0, terminal_id="29001006", currency=978)
    text = decode_answer(
        decode_apdu(
            _hex("04FF2E0A01062A242807264B6172746520766F7268616C74656E0A65696E737465636B656E2F64757263687A696568656E")
        )
    )
    assert text == IntermediateStatus(0x0A, 1, ("Karte vorhalten\neinstecken/durchziehen",))
    assert decode_answer(decode_apdu(_hex("04FF010E"))) == IntermediateStatus(0x0E)
    aborted = decode_answer(decode_apdu(_hex("040F07276C2929001006")))
    assert aborted == StatusInformation(0x6C, terminal_id="29001006")
    assert decode_answer(decode_apdu(_hex("061E016C"))) == Abort(0x6C)
    declined = decode_answer(
        decode_apdu(
            _hex(
                "040F31270529290010063CF0F1F54B6172746520616267656C65686E74"
                "8A0D06132411070F4B6172746520616267656C65686E74"
            )
        )
    )
    assert isinstance(declined, StatusInformation)
    assert (declined.result, declined.text) == (5, "Karte abgelehnt")
    assert decode_answer(decode_apdu(_hex("060F0227E0"))) == Completion(result=0xE0)
    assert decode_answer(decode_apdu(_hex("060F019C"))) == Completion(status=0x9C, bare=True)
    assert decode_answer(decode_apdu(_hex("060F01DC"))) == Completion(status=0xDC, bare=True)
    assert decode_answer(decode_apdu(_hex("061E0177"))) == Abort(0x77)


def test_valina_payment_whose_card_name_is_longer_than_it_says() -> None:
    """8B F1F4 announces 14 bytes, "Debit Mastercard" and its NUL are 17: read up to the NUL, as the format ends it."""
    said = decode_answer(
        Apdu(
            0x040F,
            _hex(
                "2700040000000000010B0000220C1649230D0308170001197022F0F8EEEEEEEEEEEE57262929001006"
                "2A3130303736343439392020202020203B32393136373500003CF0F1F4"
                + "54"
                * 14
                + "490978870022880000228A2E8BF1F44465626974204D61737465726361726400"
                "0606 410143 140100"
            ),
        )
    )
    assert isinstance(said, StatusInformation)
    assert (said.amount, said.receipt_no, said.trace, said.card) == (1, "0022", "000022", "****5726")
    assert (said.card_name, said.approval_code) == ("Debit Mastercard", "291675")
    assert said.is_payment


def test_valina_maestro_keeps_only_the_tail_of_nineteen_digits() -> None:
    said = decode_answer(
        Apdu(
            0x040F,
            _hex(
                "2700040000000018800B0001530C1923360D0416170001197022F1F0" + "EE" * 7 + "EE4281" + "2929001006"
                "870153880001538A2E8BF0F84D41455354524F00"
            ),
        )
    )
    assert isinstance(said, StatusInformation)
    assert (said.card, said.card_name, said.receipt_no) == ("****4281", "MAESTRO", "0153")


def test_a_whole_card_number_never_survives() -> None:
    said = decode_answer(
        Apdu(0x040F, _hex("2700 22F1F06299990000000020025F 23F0F4 6299D991 3CF0F1F6") + b"PAN 6299990000000025"[:16])
    )
    assert isinstance(said, StatusInformation)
    assert said.card == "****0025"
    assert "62999900000000" not in repr(said)
    line = decode_answer(Apdu(0x06D1, b"\x00CARD 6299 9900 0000 0025 OK"))
    assert line == PrintLine(0, "CARD ****0025 OK")


def test_status_without_its_length_byte() -> None:
    """A Valina forgets the length of the end-of-day status; the stream goes on behind it."""
    reader = ApduReader()
    (unit,) = reader.feed(_hex("040F2700040000000026000C1005320D033160 78"))
    assert unit.cut
    said = decode_answer(unit)
    assert isinstance(said, StatusInformation)
    assert (said.result, said.amount, said.time, said.date) == (0, 2600, "100532", "0331")
    assert reader.feed(_hex("000102")) == []
    assert reader.feed(_hex("060F00")) == [Apdu(0x060F)]


def test_transcripts_of_other_ecr_programs() -> None:
    unasked = decode_answer(decode_apdu(_hex("040F0A27002929001234490978")))
    assert isinstance(unasked, StatusInformation)
    assert not unasked.is_payment
    paid = decode_answer(
        decode_apdu(
            _hex(
                "040F5D2700040000000012340B0000050C2017510D11210E281217000129290012342A53494D554C41544F52313233343536"
                "3BA000000004101001490978870005880000058A068BF1F14D6173746572636172640022F0F8676389EEEEEE1230"
            )
        )
    )
    assert isinstance(paid, StatusInformation)
    assert (paid.amount, paid.receipt_no, paid.trace, paid.card) == (1234, "0005", "000005", "****1230")
    short = decode_answer(decode_apdu(_hex("040F1A2700040000000012340B0000040C2018000D1121490978870004")))
    assert isinstance(short, StatusInformation)
    assert short.key == ("", "0004", "000004")
    assert decode_answer(decode_apdu(_hex("060F021900"))) == Completion(status=0)


def test_printed_lines() -> None:
    line = decode_answer(decode_apdu(_hex(SERIAL["print line"][0])))
    assert line == PrintLine(0, "         Kassenschnitt")
    assert line.apdu().encode() == _hex(SERIAL["print line"][0])


@pytest.mark.parametrize("junk", ["150301000202 0A", "485454502F", "FF", "1603010200"])
def test_another_protocol_is_known_by_its_first_byte(junk: str) -> None:
    with pytest.raises(FrameError, match="not of ZVT"):
        ApduReader().feed(_hex(junk))


def test_answers_and_words() -> None:
    assert positive().encode() == _hex("800000")
    assert negative(0x9C).encode() == _hex("849C00")
    assert describe(negative(0x9C)) == "84 9C refused: busy"
    assert describe(decode_apdu(_hex("06010A04000000011280490156"))) == "06 01 authorisation: amount 112.80"
    assert prompt_word(0x4A) == "remove-card"
    assert (prompt_word(0x0A), prompt_word(0x02), prompt_word(0x99)) == ("present-card", "enter-pin", "wait")
    assert (result_word(0x55).cause, result_word(0x63).cause, result_word(0xFE).who) == (
        "wrong-pin",
        "declined",
        "technician",
    )
    assert status_word(0x51).cause == "initialisation-needed"


def test_a_tag_is_found_in_depth_and_unknown_tags_are_passed_over() -> None:
    assert find(_hex("1FFF8101AA 2F05 60034301A0 0700"), 0x43) == b"\xa0"
    assert find(_hex("1F8101AA 0700"), 0x43) is None
    assert find(_hex("1F8101AA 6009 4307A0000000041010"), 0x43) == _hex("A0000000041010")
