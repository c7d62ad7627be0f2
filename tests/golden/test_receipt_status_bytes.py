"""Status bytes worked out from the manuals' bit tables (Epson TM-U220A p. 55 and 82-84, Citizen CT-S2000 app. 3)."""

import pytest

from drivers.receipt_printer.frames import (
    READY,
    AutoStatus,
    Block,
    Condition,
    Flow,
    ReplyParser,
    Sensor,
    StatusByte,
    Stray,
    asb_block,
    cleared_reply,
    mark_reply,
    read_asb,
    read_status,
    status_byte,
    text_reply,
)
from simulator.models.receipt_mechanism import Mechanism
from simulator.models.receipt_paper import Paper

C = Condition


def mechanism(near_end_sensor=True, metres=80.0, **state):
    made = Mechanism(Paper(576, metres), near_end_sensor)
    for name, value in state.items():
        setattr(made, name, value)
    return made


@pytest.mark.parametrize(
    ("state", "golden"),
    [
        ({}, "12 12 12 12"),
        ({"metres": 3.0}, "12 12 12 1e"),
        ({"metres": 0.0}, "1a 32 12 7e"),
        ({"metres": 0.0, "near_end_sensor": False}, "1a 32 12 72"),
        ({"cover_open": True}, "1a 16 12 12"),
        ({"cutter_error": True}, "1a 52 1a 12"),
        ({"broken": True}, "1a 52 32 12"),
        ({"jam_error": True}, "1a 52 16 12"),
        ({"head_hot": True}, "1a 52 52 12"),
        ({"feed_button": True}, "5a 1a 12 12"),
    ],
)
def test_dle_eot_answers(state, golden):
    conditions = mechanism(**state).conditions
    assert bytes(status_byte(n, conditions) for n in (1, 2, 3, 4)).hex(" ") == golden


def test_drawer_line_high_alone_is_16():
    assert status_byte(1, C.DRAWER_HIGH) == 0x16


@pytest.mark.parametrize(
    ("conditions", "golden"),
    [
        (READY, "10 00 00 00"),
        (C.OFFLINE | C.COVER_OPEN, "38 00 00 00"),
        (C.OFFLINE | C.ERROR | C.CUTTER, "18 08 00 00"),
        (C.OFFLINE | C.ERROR | C.UNRECOVERABLE, "18 20 00 00"),
        (C.NEAR_END, "10 00 03 00"),
        (C.OFFLINE | C.NEAR_END | C.PAPER_END | C.STOPPED_NO_PAPER, "18 00 0f 00"),
        (C.DRAWER_HIGH, "14 00 00 00"),
    ],
)
def test_automatic_status(conditions, golden):
    assert asb_block(conditions).hex(" ") == golden
    assert read_asb(bytes.fromhex(golden)) == conditions


ONLY_IN_SIX_BYTES = C.TICKET_IN_EXIT | C.SPOOLING | C.VOLTAGE | C.LINE_ERROR


@pytest.mark.parametrize("condition", [c for c in Condition if c not in ONLY_IN_SIX_BYTES])
def test_every_condition_reads_back_from_the_four_bytes(condition):
    read = READY
    for n in (1, 2, 3, 4):
        read |= read_status(n, status_byte(n, condition))
    assert read == condition


def test_blocks():
    assert mark_reply(b"A001").hex(" ") == "37 22 41 30 30 31 00"
    assert cleared_reply().hex(" ") == "37 25 00"
    assert text_reply("EPSON").hex(" ") == "5f 45 50 53 4f 4e 00"


STREAM = bytes.fromhex("12 38 00 00 00 1e 00 37 22 41 30 30 31 00 11 13 5f 45 00 37 25 00 03")
KINDS = [
    StatusByte(0x12),
    AutoStatus(b"\x38\0\0\0"),
    StatusByte(0x1E),
    Sensor(0),
    Block(0x37, b"\x22A001"),
    Flow(go=True),
    Flow(go=False),
    Block(0x5F, b"E"),
    Block(0x37, b"\x25"),
    Sensor(3),
]


@pytest.mark.parametrize("piece", [1, 2, 3, 7, 100])
def test_all_kinds_of_answer_are_told_apart_in_any_pieces(piece):
    parser = ReplyParser()
    replies = [r for at in range(0, len(STREAM), piece) for r in parser.feed(STREAM[at : at + piece])]
    assert replies == KINDS


def test_an_automatic_status_before_the_answer_is_not_read_as_paper():
    """python-escpos reads the first byte that comes as the paper answer: an ASB block becomes "no paper"."""
    replies = ReplyParser().feed(bytes.fromhex("10 00 00 00 12"))
    assert replies == [AutoStatus(b"\x10\0\0\0"), StatusByte(0x12)]


def test_a_block_cut_short_is_stray_and_costs_nothing_after_it():
    assert ReplyParser().feed(b"\x37\x22A\x12") == [Stray(b"\x37\x22A"), StatusByte(0x12)]
    assert ReplyParser().feed(b"\x38\x00\x12") == [Stray(b"\x38\x00"), StatusByte(0x12)]
    assert ReplyParser().feed(b"\xff") == [Stray(b"\xff")]


def test_an_endless_block_is_capped():
    replies = ReplyParser().feed(b"\x5f" + b"A" * 5000)
    assert isinstance(replies[0], Stray)
    assert len(replies[0].data) <= 96
