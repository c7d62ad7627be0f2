"""The fields of a bank's library, byte for byte from the published layout; GBK text must not move what follows it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.errors import ProtocolError
from drivers.payment_library.frames import ANSWER, ANSWER_BYTES, REQUEST, Answer, Request, WrongEcho

SALE = b"POS00001OPER01  00000000002000" + b" " * 8 + b" " * 12 + b" " * 6 + b"417"
VOID = b"POS00001OPER01  01000000002000" + b" " * 8 + b" " * 12 + b"000123" + b"009"
REFUND = b"POS00001OPER01  02000000002000" + b"20261120" + b"000000000501" + b" " * 6 + b"009"

# rc, bank, card 6+4, voucher, amount, text (40 bytes of GBK), merchant, terminal, batch, MMDD, hhmmss, reference, ...
APPROVED = (
    b"00" + b"0102" + b"622202******1234    " + b"000123" + b"000000002000"
    + "交易成功".encode("gbk").ljust(40) + b"898371000000001" + b"37100001" + b"000001" + b"1121" + b"120000"
    + b"000000000501" + b"A12345" + b"1121" + b"417"
)  # fmt: skip


def test_the_offsets_are_those_of_the_layout() -> None:
    assert list(REQUEST.values()) == [
        (0, 8), (8, 16), (16, 18), (18, 30), (30, 38), (38, 50), (50, 56), (56, 59),
    ]  # fmt: skip
    assert [start for start, _ in ANSWER.values()] == [
        0, 2, 6, 26, 32, 44, 84, 99, 107, 113, 117, 123, 135, 141, 145,
    ]  # fmt: skip
    assert list(ANSWER.values())[-1] == (145, 148)
    assert len(APPROVED) == ANSWER_BYTES


@pytest.mark.parametrize(
    ("request_", "golden"),
    [
        (Request("POS00001", "OPER01", "00", "417", fen=2000), SALE),
        (Request("POS00001", "OPER01", "01", "009", fen=2000, voucher="000123"), VOID),
        (Request("POS00001", "OPER01", "02", "009", fen=2000, date="20261120", reference="000000000501"), REFUND),
    ],
)
def test_requests_are_these_bytes(request_: Request, golden: bytes) -> None:
    assert request_.encode() == golden
    assert Request.decode(golden) == request_
    assert request_.encode(industry=True) == golden + b" " * 100


def test_an_answer_is_sliced_by_bytes() -> None:
    answer = Answer.decode(APPROVED, "417")
    assert answer.text == "交易成功"
    assert (answer.voucher, answer.fen, answer.reference) == ("000123", 2000, "000000000501")
    assert (answer.terminal, answer.merchant, answer.approval) == ("37100001", "898371000000001", "A12345")
    assert answer.card == "************1234"
    assert "6222" not in repr(answer)
    # Sliced as characters, the four ideographs would shift every later field by four.
    assert APPROVED.decode("gbk")[84:99] != answer.merchant


@pytest.mark.parametrize(("text", "size"), [("余额不足，请换一张卡再试一次谢谢您呀", 40), ("A" + "超" * 30, 40)])
def test_a_text_is_cut_at_a_whole_character(text: str, size: int) -> None:
    raw = Answer("51", "000", text=text).encode()
    assert len(raw) == ANSWER_BYTES
    got = Answer.decode(raw, "000").text
    assert text.startswith(got)
    assert len(got.encode("gbk")) in (size - 1, size, len(text.encode("gbk")))


def test_an_answer_to_another_request_is_refused() -> None:
    with pytest.raises(WrongEcho):
        Answer.decode(APPROVED, "418")


@pytest.mark.parametrize(
    "harm", [APPROVED[:-1], b"", APPROVED.replace(b"000000002000", b"00000000x000"), APPROVED[:123] + b"\xff" * 25]
)
def test_what_is_no_answer_is_refused_without_quoting_it(harm: bytes) -> None:
    with pytest.raises(ProtocolError) as caught:
        Answer.decode(harm, "417")
    assert "622202" not in str(caught.value)


@pytest.mark.parametrize("field", ["pos", "operator", "date", "reference", "voucher"])
def test_a_field_that_is_too_long_or_no_ascii_is_refused(field: str) -> None:
    words = {"pos": "P", "operator": "O", "type": "00", "echo": "123"}
    for bad in ("x" * 13, "终端"):
        with pytest.raises(ValueError):
            Request(**{**words, field: bad}).encode()


digits = st.text("0123456789", max_size=6)


@given(digits, digits, st.integers(0, 10**12 - 1), st.text("ABC余额不足", max_size=20))
def test_an_answer_comes_back_as_it_went(voucher: str, approval: str, fen: int, text: str) -> None:
    answer = Answer("00", "123", text=text, voucher=voucher, approval=approval, fen=fen)
    assert Answer.decode(answer.encode(), "123") == answer


@given(st.binary(max_size=400))
def test_no_bytes_do_more_than_be_refused(data: bytes) -> None:
    try:
        assert Answer.decode(data, "123").echo == "123"
    except ProtocolError:
        return
