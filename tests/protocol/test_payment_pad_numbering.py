"""Numbered messages (tag 1F73), parts issued, and the tables of codes: every code of the standard has a word."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import drivers
from drivers.payment_pad.frames import (
    BUSY,
    FIRST_ID,
    Abort,
    Apdu,
    Authorisation,
    Completion,
    EndOfDay,
    FrameError,
    IntermediateStatus,
    NumberedLine,
    PartialReversal,
    PrintLine,
    PrintTextBlock,
    ReadCard,
    Registration,
    RepeatReceipt,
    StatusEnquiry,
    StatusInformation,
    TcpLine,
    decode_answer,
    decode_apdu,
    decode_command,
    following,
    issued_part,
    negative,
    number_of,
    numbered,
    partial_issue,
    positive,
    prompt_reason,
    prompt_word,
    result_word,
    status_word,
)

MESSAGES = [
    Registration(0x9E, 978, tags=bytes.fromhex("26040A0206D3"), password="000000"),
    Registration(0x9E),
    Authorisation(1210, 156, timeout_s=30, max_statuses=10),
    Authorisation(1210, 156, tags=bytes.fromhex("1F1F00")),
    PartialReversal("FFFF"),
    PartialReversal("0491", 1295, 978),
    RepeatReceipt(),
    StatusEnquiry(),
    StatusEnquiry(0x04, "123456"),
    EndOfDay(),
    ReadCard(15),
    StatusInformation(0, 1210, 156, "0007", "000042", terminal_id="52523535", aid="A000000333010101"),
    IntermediateStatus(0x0A),
    IntermediateStatus(0x0A, 5, ("Karte",)),
    Completion(),
    Completion(status=0x10, terminal_id="52523535", currency=156),
    Completion(status=0x9C, bare=True),
    Completion(status=0, software="2.14.15", bare=True),
    Completion(result=0xE0),
    Abort(0x6C),
    Abort(0xB8, ("0491", "0492")),
    PrintLine(0x80, "TOTAL 12.10"),
    PrintTextBlock(("ONE", "TWO"), 2),
]


@given(st.sampled_from(MESSAGES), st.integers(0, 999_999))
def test_a_number_changes_nothing_else(message: object, number: int) -> None:
    plain = message.apdu()  # type: ignore[attr-defined]  # every message has it
    unit = numbered(plain, number)
    assert decode_apdu(unit.encode()) == unit
    assert number_of(unit) == number
    if message not in MESSAGES[:2]:
        assert number_of(plain) is None
    if isinstance(decode_answer(plain), type(message)):
        assert decode_answer(unit) == decode_answer(plain)
    else:
        told = decode_command(unit)
        assert type(told) is type(message)
        if not isinstance(message, Registration | Authorisation | ReadCard):
            assert told == message


@given(st.sampled_from([positive(), negative(BUSY), negative(0x6C), partial_issue(1000)]), st.integers(0, 999_999))
def test_answers_are_numbered_too(answer: Apdu, number: int) -> None:
    unit = numbered(answer, number)
    assert unit.control == answer.control
    assert number_of(unit) == number


def test_the_example_of_the_standard() -> None:
    raw = bytes.fromhex("0600140000009E0978060C26040A0206D31F7303000000")
    assert number_of(decode_apdu(raw)) == 0
    made = Registration(0x9E, 978, tags=bytes.fromhex("26040A0206D3") + FIRST_ID)
    assert made.apdu().encode() == raw


def test_numbers_wrap_to_one() -> None:
    assert following(0) == 1
    assert following(999_998) == 999_999
    assert following(999_999) == 1


class Ends:
    """A host's and a pad's numbered line, joined by hand."""

    def __init__(self, *, willing: bool = True) -> None:
        self.host = NumberedLine(TcpLine())
        self.pad = NumberedLine(TcpLine(), host=False, willing=lambda: willing)

    def to_pad(self, unit: Apdu) -> list[Apdu]:
        self.host.send(0.0, unit)
        return self.pad.receive(0.0, self.host.out())

    def to_host(self, unit: Apdu) -> list[Apdu]:
        self.pad.send(0.0, unit)
        return self.host.receive(0.0, self.pad.out())

    def register(self, *, ask: bool = True) -> None:
        self.to_pad(Registration(0xBE, 156, tags=FIRST_ID if ask else b"").apdu())
        self.to_host(positive())
        self.to_host(Completion(status=0x10, terminal_id="52523535").apdu())
        self.to_pad(positive())


@pytest.mark.parametrize(("ask", "willing"), [(True, True), (True, False), (False, True)])
def test_both_sides_must_want_numbers(ask: bool, willing: bool) -> None:
    ends = Ends(willing=willing)
    ends.register(ask=ask)
    assert ends.host.active is ends.pad.active is (ask and willing)
    (unit,) = ends.to_pad(EndOfDay().apdu())
    assert number_of(unit) == (1 if ask and willing else None)


@pytest.mark.promise("P2")
def test_a_command_that_comes_twice_is_done_once_and_answered_twice() -> None:
    ends = Ends()
    ends.register()
    ends.host.send(0.0, EndOfDay().apdu())
    wire = ends.host.out()
    assert len(ends.pad.receive(0.0, wire)) == 1
    ends.pad.send(0.0, positive())
    first = ends.pad.out()
    assert ends.pad.receive(0.0, wire) == []
    assert ends.pad.out() == first
    assert ends.pad.repeated == 1


def test_an_approval_that_waits_is_not_asked_twice_and_a_postponed_one_is() -> None:
    ends = Ends()
    ends.register()
    ends.pad.send(0.0, StatusInformation(0, 1210).apdu())
    wire = ends.pad.out()
    assert len(ends.host.receive(0.0, wire)) == 1
    assert ends.host.receive(0.0, wire) == []
    assert ends.host.out() == b""
    ends.host.send(0.0, negative(BUSY))
    ends.host.out()
    assert len(ends.host.receive(0.0, wire)) == 1
    ends.host.send(0.0, positive())
    answer = ends.host.out()
    assert ends.host.receive(0.0, wire) == []
    assert ends.host.out() == answer


def test_an_answer_to_an_older_message_is_not_taken_for_a_newer_one() -> None:
    ends = Ends()
    ends.register()
    ends.to_pad(EndOfDay().apdu())
    stale = numbered(positive(), 1).encode()
    assert len(ends.host.receive(0.0, stale)) == 1
    ends.to_pad(RepeatReceipt().apdu())
    assert ends.host.receive(0.0, stale) == []
    assert len(ends.host.receive(0.0, numbered(positive(), 2).encode())) == 1


def test_the_numbers_of_a_long_life_wrap() -> None:
    ends = Ends()
    ends.register()
    ends.host._mine = 999_998
    numbers = [number_of(ends.to_pad(RepeatReceipt().apdu())[0]) for _ in range(3)]
    assert numbers == [999_999, 1, 2]


@given(
    st.binary(max_size=40), st.sampled_from([0x0600, 0x0501, 0x040F, 0x04FF, 0x060F, 0x061E, 0x06D1, 0x8000, 0x849D])
)
def test_any_bytes_have_a_number_or_none(data: bytes, control: int) -> None:
    number = number_of(Apdu(control, data))
    assert number is None or 0 <= number <= 999_999


def test_parts_issued() -> None:
    assert partial_issue(1000).encode().hex() == "849d0704000000001000"
    assert issued_part(partial_issue(1000)) == 1000
    assert issued_part(negative(BUSY)) is None
    with pytest.raises(FrameError):
        issued_part(negative(0x9D))


RESULTS = (
    "00 64 65 66 67 68 6A 6B 6C 6E 6F 71 72 73 77 78 79 7A 7B 7C 7D 83 85 89 9A 9B 9C 9D A0 A1 A3 B1 B2 B4 B5 B7 B8 BF "
    "C0 C1 C2 C3 C4 C5 C6 C8 CC D2 DC DD DE E0 E1 E2 E3 E4 F0 F1 F5 F6 FA FB FC FD FE FF"
)
STATUSES = "00 51 62 9C B1 BF C0 C1 C2 C4 CC DC DF E0 E1 E2 E3 E4 F0 F6"
PROMPTS = {
    "confirm-amount": "00",
    "enter-pin": "01 02",
    "not-accepted": "03 07",
    "online": "04 F2",
    "reversing": "05",
    "wait": "06 0E 0F 17 1A C9 CA D2 D3 FF",
    "card-unknown": "08 10",
    "card-expired": "09",
    "present-card": "0A",
    "remove-card": "0B",
    "card-unreadable": "0C 19",
    "again": "0D",
    "not-possible": "12 13 CB E2",
    "insufficient": "14",
    "wrong-pin": "15",
    "over-limit": "16",
    "pin-blocked": "18",
    "approved": "1B 1C",
    "declined": "1D",
    "choose-on-pad": "26 27 28 29 2A 2B C7 C8 E0 E1",
    "choose-application": "2C",
    "offline": "F1 F3",
}


def test_every_result_code_has_a_cause_of_its_own() -> None:
    for text in RESULTS.split():
        word = result_word(int(text, 16))
        assert word.cause != "pad-error", text
        assert word.sentence
    for code in range(256):
        assert result_word(code).cause
    assert all(result_word(code).cause != "approved" for code in range(1, 256))
    assert {result_word(code).cause for code in (0x5A, 0x63, 0x01)} == {"declined"}


def test_every_status_byte_has_a_word_and_says_who_can_help() -> None:
    for text in STATUSES.split():
        word = status_word(int(text, 16))
        assert word.cause != "pad-error", text
        assert word.who in ("citizen", "technician", "vendor")


@pytest.mark.parametrize("word", list(PROMPTS))
def test_every_intermediate_code_is_a_citizens_word(word: str) -> None:
    for text in PROMPTS[word].split():
        code = int(text, 16)
        assert prompt_word(code) == word, text
        if 0x01 <= code <= 0x1D:
            assert prompt_word(code + 0x40) == "remove-card"
            assert prompt_reason(code + 0x40) == word
    config = Path(drivers.__file__).parent.parent / "config" / "texts"
    for language in ("zh", "en"):
        said = tomllib.loads((config / language / "paying.toml").read_text(encoding="utf-8"))["pay"]["say"]
        assert word in said or "other" in said


def test_fed_lines_and_tails_of_printed_lines() -> None:
    assert decode_answer(Apdu(0x06D1, b"\xff\x03")) == PrintLine(0xFF, "\n\n\n")
    assert PrintLine(0xFF, "\n\n\n").lines == ("", "", "")
    assert PrintLine(0xFF, "\n\n").apdu() == Apdu(0x06D1, b"\xff\x02")
    assert len(decode_answer(Apdu(0x06D1, b"\xff\xff")).lines) == 20  # type: ignore[union-attr]  # a printed line
    for text, line in ((b"A\x06B", "AB"), (b"AB\x06\x03\x14\x01\xfe", "AB"), (b"AB\x06\x00", "AB"), (b"", "")):
        assert decode_answer(Apdu(0x06D1, b"\x00" + text)) == PrintLine(0, line)


@pytest.mark.parametrize(
    ("charset", "announced", "raw", "text"),
    [
        ("cp437", "", b"\x8e", "Ä"),
        ("latin-1", "", b"\xc4", "Ä"),
        ("cp437", "1401FE", "Ä".encode(), "Ä"),
        ("latin-1", "1401FE", "Ä".encode(), "Ä"),
        ("latin-1", "1401FF", b"\xc4", "Ä"),
        ("utf-8", "", b"\xc4", "\ufffd"),
    ],
)
def test_character_sets_of_pads(charset: str, announced: str, raw: bytes, text: str) -> None:
    inner = bytes.fromhex(announced) + b"\x25" + bytes((len(raw) + 2,)) + b"\x07" + bytes((len(raw),)) + raw
    block = decode_answer(Apdu(0x06D3, b"\x06" + bytes((len(inner),)) + inner), charset)
    assert isinstance(block, PrintTextBlock)
    assert block.lines == (text,)
    if not announced:
        assert decode_answer(Apdu(0x06D1, b"\x00" + raw), charset) == PrintLine(0, text)
