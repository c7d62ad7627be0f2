"""The code on a certificate: one spelling, bounded, any other text named for what it is."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
import segno
from hypothesis import given
from hypothesis import strategies as st

from config.certificate_code import (
    MAX_HOLDER,
    MAX_PREFIX,
    MAX_TEXT,
    CertificateCode,
    CodeError,
    document_name,
    facts_digest,
    masked_holder,
    parse_code,
)

IDENTIFIER = "1.2.156.3005.2.11100000000013338W032.11371000MB2856435T.20260100001.001.W"
CODE = CertificateCode(
    "ED25519", "SIM-E1", IDENTIFIER, "INSURED-STATUS", "张*荣", date(2026, 11, 21), date(2027, 2, 21), bytes(range(32)),
    bytes(range(64)),
)  # fmt: skip
TEXT = CODE.text()


def test_a_code_is_this_text() -> None:
    assert TEXT == (
        "WHC2/ED25519/SIM-E1/1.2.156.3005.2.11100000000013338W032.11371000MB2856435T.20260100001.001.W/INSURED-STATUS/"
        "4W6KAKXIRWRQ/20261121/20270221/AAAQEAYEAUDAOCAJBIFQYDIOB4IBCEQTCQKRMFYYDENBWHA5DYPQ/"
        "AAAQEAYEAUDAOCAJBIFQYDIOB4IBCEQTCQKRMFYYDENBWHA5DYPSAIJCEMSCKJRHFAUSUKZMFUXC6MBRGIZTINJWG44DSOR3HQ6T4PY"
    )
    assert parse_code(TEXT) == CODE


@given(
    st.sampled_from(["ED25519", "SM2"]),
    st.text(st.characters(categories=("L", "N")), min_size=1, max_size=60),
    st.dates(date(2000, 1, 1), date(2099, 12, 31)),
    st.none() | st.dates(date(2000, 1, 1), date(2099, 12, 31)),
    st.binary(min_size=32, max_size=32),
    st.binary(min_size=64, max_size=64),
)
def test_what_was_written_is_read(
    algorithm: str, name: str, issued: date, until: date | None, digest: bytes, signature: bytes
) -> None:
    code = replace(
        CODE, algorithm=algorithm, holder=masked_holder(name), issued_on=issued, valid_until=until, digest=digest,
        signature=signature,
    )  # fmt: skip
    if code.holder.isprintable():
        assert parse_code(code.text()) == code
    assert len(code.text()) <= MAX_TEXT


def test_the_longest_code_keeps_within_its_bound() -> None:
    longest = replace(
        CODE, key="K" * 24, document="D" * 40, holder="阿*" + "提" * 11,
        identifier="1.2.156.3005.2.11100000000013338W032.11371000MB2856435T." + "2" * 32 + ".001.W",
    )  # fmt: skip
    assert len(longest.text()) < MAX_TEXT - 150
    assert len(longest.holder) <= MAX_HOLDER


def test_all_of_it_is_alphanumeric_to_a_qr_code() -> None:
    code = segno.make(TEXT, error="q", micro=False, boost_error=False)
    assert (code.mode, code.designator) == ("alphanumeric", "12-Q")


@pytest.mark.parametrize(
    "prefix", ["https://verify.example/", "HTTPS://VERIFY.EXAMPLE/V/1/", "https://a.b:8443/x/y/z/"]
)
def test_a_checking_page_may_stand_before_it(prefix: str) -> None:
    assert parse_code(prefix + TEXT) == CODE


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("", "foreign"),
        ("https://qr.alipay.com/bax01234", "foreign"),
        ("微信支付", "foreign"),
        ("WHA1.3710022611210047", "foreign"),
        ("https://evil.example/a/b/c/d/" + TEXT, "foreign"),
        ("http://verify.example/" + TEXT, "foreign"),
        ("whc2" + TEXT[4:], "foreign"),
        ("x" * (MAX_TEXT + MAX_PREFIX + 1), "foreign"),
        ("WHC2/" + "A" * 5000, "foreign"),
        ("WHC1.abc.def", "version"),
        ("WHC3" + TEXT[4:], "version"),
        (TEXT[:-1], "malformed"),
        (TEXT + "A", "malformed"),
        (TEXT + "\n", "malformed"),
        (TEXT.replace(".001.W/", ".001.X/"), "malformed"),
        (TEXT.replace("/20261121/", "/20261321/"), "malformed"),
        (TEXT.replace("/20261121/", "/２０２６1121/"), "malformed"),
        (TEXT.replace("/ED25519/", "/RSA/"), "malformed"),
        (TEXT.replace("4W6KAKXIRWRQ", "4W6KAKXIRWR"), "malformed"),
        (TEXT.replace("4W6KAKXIRWRQ", "77777777"), "malformed"),
        (TEXT[:-1] + "Z", "malformed"),  # the same octets in another spelling
    ],
)
def test_other_texts_are_named_for_what_they_are(text: str, kind: str) -> None:
    with pytest.raises(CodeError) as caught:
        parse_code(text)
    assert caught.value.kind == kind
    assert "张" not in str(caught.value)
    assert IDENTIFIER not in str(caught.value)


@given(st.integers(0, len(TEXT) - 1), st.characters(min_codepoint=33, max_codepoint=126))
def test_any_other_character_is_another_code_or_none(at: int, other: str) -> None:
    text = TEXT[:at] + other + TEXT[at + 1 :]
    try:
        read = parse_code(text)
    except CodeError:
        return
    assert (read == CODE) == (text == TEXT)


@given(st.text(max_size=900))
def test_no_text_makes_it_fail_otherwise(text: str) -> None:
    for candidate in (text, "WHC2/" + text, TEXT[:40] + text):
        try:
            parse_code(candidate)
        except CodeError:
            continue


@pytest.mark.parametrize(
    ("name", "masked"), [("王", "王*"), ("张三", "张*"), ("张秀荣", "张*荣"), ("阿依古丽·买买提", "阿*提")]
)
def test_names_are_masked_to_first_and_last(name: str, masked: str) -> None:
    assert masked_holder(name) == masked


def test_digests_differ_by_algorithm_and_by_every_fact() -> None:
    facts = {"title": "证明", "rows": [["a", "b"]], "valid_until": None}
    assert (
        len({facts_digest(facts, "SM2"), facts_digest(facts, "ED25519"), facts_digest({**facts, "rows": []}, "SM2")})
        == 3
    )
    assert document_name("insured-status", "copy") == "INSURED-STATUS-COPY"
