"""Every real frame on record, over both transports and in every segmentation; conversations of other programs replayed.

Sources: traces and tests of public ECR drivers, a Feig cVEND plug, a Worldline Valina, a PAYONE P400.
"""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.outcome import Refused, Unknown
from drivers.payment_pad.approval import Approval
from drivers.payment_pad.events import END, Aborted, Completed, Event, Held, Prompted, Rejected, StatusCame
from drivers.payment_pad.frames import (
    Abort,
    Apdu,
    ApduReader,
    Authorisation,
    Completion,
    Deframer,
    EndOfDay,
    Registration,
    SerialLine,
    StatusEnquiry,
    StatusInformation,
    TcpLine,
    decode_answer,
    decode_apdu,
    describe,
    frame,
    is_positive,
    negative,
    positive,
    refusal,
)
from drivers.payment_pad.host import Approvals, Ecr
from drivers.payment_pad.verdict import Course, judge

FRAMES = """
060006123456BA0978
800000
849C00
06010A04000000011000490978
060F0BF0F0F7322E31342E313500
067000
061800
069303123456
0501051234560304
050103123456
06D117002020202020202020204B617373656E7363686E697474
06D11900476573616D742020202020203020202020202020302C3030
06E025F2F1F545494E474542454E20554E44204F4BF1F1F64641485245524E554D4D455220202020
06010704000000000190
04FF010A
060F00
06010A04000000011280490156
06010A04000000000127490156
06010A04000000000257490156
06010A04000000019810490156
060F0A19102952523535490978
060006123456DE0978
06C00F0F1910FC0206081F1501D01F600107
040F35270006314C0A000000000000081CA72F1F450505788070021F4C01011F4D02FE041F4F0204001F50012060094307A0000000041010
06221E1940490978040000000025000610E90E1F620241431F6306333834484832
04FF0117
040F5A2700040000000025004909780C2255580D040522F0F8559883EEEEEE80748702313B37353030373100000B00097519602952523535\
0E24058A068C018BF1F14D617374657243617264002A383034303131393236202020202020
0625081940870231490978
0623211940870491490978040000000012950610E90E1F620241431F63064D4632323436
06230387FFFF
061E04B887FFFF
065003123456
0600101234563E09780303060626040A0206D3
060F0A19002929001006490978
06000E123456BE0978060626040A0206D3
04FF2E0A01062A242807264B6172746520766F7268616C74656E0A65696E737465636B656E2F64757263687A696568656E
04FF010E
040F07276C2929001006
061E016C
061E0177
060F0227E0
05010512345603 07
060F019C
060F01DC
0600140000009E0978060C26040A0206D31F7303000000
060004123456BA
040F0A27002929001234490978
06010C040000000012344909780600
04FF0101
040F5D2700040000000012340B0000050C2017510D11210E281217000129290012342A53494D554C41544F523132333435363BA00000000410\
1001490978870005880000058A068BF1F14D6173746572636172640022F0F8676389EEEEEE1230
040F0727002929001234
060F021900
040F1A2700040000000012340B0000040C2018000D1121490978870004
848300
"""
RAW = [bytes.fromhex(line.replace(" ", "")) for line in FRAMES.replace("\\\n", "").split("\n") if line]
"""The frames, with a long line of the source joined; lengths are as the devices sent them."""
REAL_CRCS = {
    "060006123456BA0978": "24C3",
    "800000": "F51F",
    "849C00": "C341",
    "06010A04000000011000490978": "F2FF",
    "060F0BF0F0F7322E31342E313500": "B111",
    "067000": "D9F9",
    "061800": "563A",
    "069303123456": "CAA4",
    "0501051234560304": "3094",
    "050103123456": "E043",
    "06010704000000000190": "7657",
    "04FF010A": "F57D",
    "060F00": "C633",
    "06010A04000000011280490156": "1002",
    "06010A04000000000127490156": "1009",
    "06010A04000000000257490156": "9E10",
    "06010A04000000019810490156": "A910",
    "060F0A19102952523535490978": "2692",
}


def test_the_lengths_of_all_frames_are_right() -> None:
    for raw in RAW:
        assert decode_apdu(raw).encode() == raw, raw.hex()
        assert describe(decode_apdu(raw))


def test_byte_by_byte_over_both_transports() -> None:
    reader, deframer = ApduReader(), Deframer()
    units = [u for raw in RAW for byte in raw for u in reader.feed(bytes((byte,)))]
    assert [u.encode() for u in units] == RAW
    tokens = [t for raw in RAW for byte in frame(raw) for t in deframer.feed(bytes((byte,)))]
    assert tokens == RAW


@pytest.mark.parametrize("raw", list(REAL_CRCS))
def test_check_sums_of_real_frames(raw: str) -> None:
    assert frame(bytes.fromhex(raw))[-2:].hex().upper() == REAL_CRCS[raw]


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_any_segmentation_over_both_transports(data: st.DataObject) -> None:
    """Also the splits that broke other drivers: a 10 and its twin apart (PT#56), 1024 bytes and the rest (PT#8)."""
    for make, stream in ((TcpLine, b"".join(RAW)), (SerialLine, b"".join(frame(raw) for raw in RAW))):
        line = make()
        cuts = sorted(data.draw(st.sets(st.integers(0, len(stream)), max_size=40)))
        found = [
            unit.encode()
            for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True)
            for unit in line.receive(0.0, stream[start:end])
        ]
        assert found == RAW
        said = line.out()
        assert said == (b"\x06" * len(RAW) if make is SerialLine else b"")


def test_the_p400_cut_between_a_ten_and_its_twin() -> None:
    wire = bytes.fromhex("10020601070400000000019010037657")
    doubled = frame(bytes.fromhex("06010704000000001010"))
    assert doubled.count(b"\x10\x10") >= 1
    for stream, raw in ((wire, wire[2:-4]), (doubled, bytes.fromhex("06010704000000001010"))):
        for at in range(len(stream) + 1):
            deframer = Deframer()
            assert [*deframer.feed(stream[:at]), *deframer.feed(stream[at:])] == [raw]


class Terminal:
    """The other program's terminal: says what it said, and looks at how we answer."""

    def __init__(self) -> None:
        self.ecr = Ecr(TcpLine())
        self.events: list[Event] = []

    def start(self, command: object, raw: str, approvals: Approvals = Approvals.STRAY) -> None:
        """Our command is the byte string of the record."""
        self.events = []
        self.ecr.start(0.0, command, approvals)  # type: ignore[arg-type]  # commands of the table
        assert self.ecr.out() == bytes.fromhex(raw)

    def says(self, *raw: str) -> None:
        """Every word of the terminal but its answers is acknowledged with 80 00 00, approvals by the caller."""
        for text in raw:
            unit = decode_apdu(bytes.fromhex(text))
            new = self.ecr.receive(0.0, unit.encode())
            self.events += new
            if any(isinstance(event, Held) for event in new):
                assert self.ecr.out() == b""
                assert self.ecr.accept(0.0)
            expected = b"" if is_positive(unit) or refusal(unit) is not None else positive().encode()
            assert self.ecr.out() == expected, text


def test_t1_a_payment_with_an_unsolicited_status_in_the_registration() -> None:
    t = Terminal()
    t.start(Registration(0xBA, password="123456"), "060004123456BA")
    t.says("800000", "040F0A27002929001234490978", "060F00")
    assert isinstance(t.events[-1], Completed)
    assert not any(isinstance(event, Held) for event in t.events)
    t.start(Authorisation(1234, 978, tags=b""), "06010C040000000012344909780600", Approvals.HELD)
    paid = RAW[[r[:3].hex() for r in RAW].index("040f5d")].hex()
    t.says("800000", "04FF010A", "04FF0101", "04FF010E", paid, "060F00")
    assert [event.code for event in t.events if isinstance(event, Prompted)] == [0x0A, 0x01, 0x0E]
    (held,) = [event for event in t.events if isinstance(event, Held)]
    assert (held.info.amount, held.info.receipt_no) == (1234, "0005")
    t.start(StatusEnquiry(None, "123456"), "050103123456")
    t.says("800000", "040F0727002929001234", "060F00")
    assert isinstance(t.events[-1], Completed)
    t.start(EndOfDay("123456"), "065003123456", Approvals.REPORTED)
    line = "06D117002020202020202020204B617373656E7363686E697474"
    t.says("800000", "04FF010E", *[line] * 11, "040F0E2700040000000012342929001234", "060F00")
    assert isinstance(t.events[-1], Completed)
    assert [e.info.amount for e in t.events if isinstance(e, StatusCame)] == [1234]


def test_t2_a_terminal_without_status_enquiry_and_end_of_day() -> None:
    t = Terminal()
    t.start(Registration(0xBA, password="123456"), "060004123456BA")
    t.says("800000", "060F021900")
    t.start(Authorisation(1234, 978, tags=b""), "06010C040000000012344909780600", Approvals.HELD)
    t.says("800000", "040F1A2700040000000012340B0000040C2018000D1121490978870004", "060F00")
    assert isinstance(t.events[-1], Completed)
    for command, raw in ((StatusEnquiry(None, "123456"), "050103123456"), (EndOfDay("123456"), "065003123456")):
        t.start(command, raw)
        t.says("848300")
        assert t.events == [Rejected(0x83)]


@pytest.mark.promise("P8")
def test_t3_a_decline_that_ends_with_a_plain_completion_is_no_success() -> None:
    """A public driver reported this one as paid."""
    t = Terminal()
    t.start(Authorisation(1234, 978, tags=b""), "06010C040000000012344909780600", Approvals.HELD)
    t.says("800000", "040F07276C2929001234", "060F00")
    course = Course(1234, "o")
    for event in t.events:
        if isinstance(event, StatusCame):
            course.result = event.info.result
        elif isinstance(event, END):
            course.end = event
    outcome = judge(course)
    assert isinstance(outcome, Refused)
    assert (outcome.cause, outcome.code) == ("cancelled", "6C")


@pytest.mark.promise("P8")
@pytest.mark.parametrize(
    ("end", "acknowledged", "verdict"),
    [
        (Completed(Completion()), False, Unknown),
        (Completed(Completion(status=0, bare=True)), False, Unknown),
        (Aborted(Abort(0x6C)), False, Refused),
    ],
)
def test_a_completion_alone_proves_nothing(end: Event, acknowledged: bool, verdict: type) -> None:
    course = Course(1234, "o", acknowledged=acknowledged)
    course.end = end  # type: ignore[assignment]  # events of END
    assert isinstance(judge(course), verdict)


def test_an_approval_that_we_did_not_acknowledge_is_no_success() -> None:
    info = StatusInformation(0, 1234, receipt_no="0005", trace="000005")
    course = Course(1234, "o", approval=Approval.of(info))
    course.end = Completed(Completion())
    assert isinstance(judge(course), Unknown)


def test_frames_and_answers_of_the_goods_issue() -> None:
    assert negative(0x9D, bytes.fromhex("04000000001000")).encode().hex() == "849d0704000000001000"
    assert decode_answer(Apdu(0x060F, b"\x27\xe0")) == Completion(result=0xE0)
