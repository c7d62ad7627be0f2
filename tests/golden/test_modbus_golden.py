"""Modbus frames as the specifications and their predecessor print them, byte for byte.

RTU: the examples of the Modicon reference PI-MBUS-300 (unit 17), which are those of the MODBUS Application Protocol
V1.1b3, section 6, with address and CRC; the CRC example of MODBUS over Serial Line V1.02, appendix B (02 07 -> 41 12).
TCP: the example of MODBUS Messaging on TCP/IP V1.0b, section 4.4.
"""

from __future__ import annotations

import pytest

from drivers.cabinet.frames import (
    Bad,
    Frame,
    Framing,
    Message,
    Parser,
    Read,
    Refusal,
    Values,
    Write,
    Written,
    answers,
    encode,
    length_of_answer,
)


def bits(octets: str) -> tuple[int, ...]:
    """The bits of `octets`, lowest first."""
    return tuple(byte >> n & 1 for byte in bytes.fromhex(octets) for n in range(8))


REQUESTS: list[tuple[Framing, str, int, int, Message]] = [
    ("rtu", "11 01 0013 0025 0E84", 17, 0, Read("coil", 0x13, 37)),
    ("rtu", "11 02 00C4 0016 BAA9", 17, 0, Read("discrete", 0xC4, 22)),
    ("rtu", "11 03 006B 0003 7687", 17, 0, Read("holding", 0x6B, 3)),
    ("rtu", "11 04 0008 0001 B298", 17, 0, Read("input", 8, 1)),
    ("rtu", "11 05 00AC FF00 4E8B", 17, 0, Write("coil", 0xAC, (1,), single=True)),
    ("rtu", "11 06 0001 0003 9A9B", 17, 0, Write("holding", 1, (3,), single=True)),
    ("rtu", "11 0F 0013 000A 02 CD01 BF0B", 17, 0, Write("coil", 0x13, bits("CD01")[:10])),
    ("rtu", "11 10 0001 0002 04 000A 0102 C6F0", 17, 0, Write("holding", 1, (10, 258))),
    ("tcp", "1501 0000 0006 FF 03 0004 0001", 255, 0x1501, Read("holding", 4, 1)),
]
ANSWERS: list[tuple[Framing, str, int, int, Message]] = [
    ("rtu", "11 01 05 CD6BB20E1B 45E6", 17, 0, Values("coil", bits("CD6BB20E1B"))),
    ("rtu", "11 02 03 ACDB35 2018", 17, 0, Values("discrete", bits("ACDB35"))),
    ("rtu", "11 03 06 AE41 5652 4340 49AD", 17, 0, Values("holding", (0xAE41, 0x5652, 0x4340))),
    ("rtu", "11 04 02 000A F8F4", 17, 0, Values("input", (10,))),
    ("rtu", "11 05 00AC FF00 4E8B", 17, 0, Written("coil", 0xAC, 1, 1)),
    ("rtu", "11 06 0001 0003 9A9B", 17, 0, Written("holding", 1, 1, 3)),
    ("rtu", "11 0F 0013 000A 2699", 17, 0, Written("coil", 0x13, 10)),
    ("rtu", "11 10 0001 0002 1298", 17, 0, Written("holding", 1, 2)),
    ("rtu", "0A 81 02 B053", 10, 0, Refusal(1, 2)),
    ("tcp", "1501 0000 0005 FF 03 02 0005", 255, 0x1501, Values("holding", (5,))),
]
BOTH = [(True, *row) for row in REQUESTS] + [(False, *row) for row in ANSWERS]


@pytest.mark.parametrize(("requests", "framing", "octets", "unit", "transaction", "message"), BOTH)
def test_frames_are_those_of_the_specification(
    requests: bool, framing: Framing, octets: str, unit: int, transaction: int, message: Message
) -> None:
    data = bytes.fromhex(octets)
    frame = Frame(unit, transaction, message)
    assert encode(framing, frame) == data
    assert Parser(framing, requests=requests).feed(data) == [frame]


@pytest.mark.parametrize(("requests", "framing", "octets", "unit", "transaction", "message"), BOTH)
def test_a_frame_comes_byte_by_byte(
    requests: bool, framing: Framing, octets: str, unit: int, transaction: int, message: Message
) -> None:
    data = bytes.fromhex(octets)
    parser = Parser(framing, requests=requests)
    for byte in data[:-1]:
        assert parser.feed(bytes((byte,))) == []
    assert parser.feed(data[-1:]) == [Frame(unit, transaction, message)]
    assert parser.waiting == parser.damaged == 0


@pytest.mark.parametrize(("framing", "octets"), [(row[0], row[1]) for row in ANSWERS if row[0] == "rtu"])
def test_any_flipped_bit_is_noticed_by_the_crc(framing: Framing, octets: str) -> None:
    data = bytes.fromhex(octets)
    for position in range(len(data) * 8):
        hurt = bytearray(data)
        hurt[position // 8] ^= 1 << position % 8
        assert Parser(framing, requests=False).feed(bytes(hurt)) == []


def test_the_crc_example_of_the_serial_line_guide() -> None:
    """02 07 has the CRC 41 12: a sound frame of a function that a board need not know."""
    parser = Parser("rtu", requests=True)
    assert parser.feed(bytes.fromhex("02 07 41 12")) == []
    assert parser.give_up() == [Frame(2, 0, Bad(7, 1))]
    assert parser.feed(bytes.fromhex("02 07 41 13")) == []
    assert parser.give_up() == []
    assert parser.damaged == 1


def test_each_printed_answer_fits_its_printed_request_and_no_other() -> None:
    for i, (framing, _, _, _, request) in enumerate(REQUESTS):
        assert isinstance(request, (Read, Write))
        for j, (other, octets, _, _, answer) in enumerate(ANSWERS):
            assert isinstance(answer, (Values, Written, Refusal))
            place = j if j < 8 else j - 1  # ANSWERS has the exception in between
            if isinstance(answer, Refusal):
                assert answers(request, answer) is (i == 0)
            elif framing == other:
                assert answers(request, answer) is (i == place), (request, answer)
                if i == place:
                    assert length_of_answer(framing, request) == len(bytes.fromhex(octets))
