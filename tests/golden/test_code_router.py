"""What held-up codes are, with check digits from their standards; foreign ones are named and never opened."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.code_kinds import EXPECTED_FORMATS, Kind, code_rows, load_codes
from config.load import SettingsError
from config.texts import LANGUAGES, texts
from drivers.camera.codes import FORMATS
from kiosk.printing.licence_identifier import make_identifier
from kiosk.visits.code_router import answer, formats_for, route_text

LICENCE = str(make_identifier("11100000000013338W001", "11371000MB2856435T", "37100226112200017"))

CASES = [
    ("134567890123456789", "qr", "payment", True, "wechat"),
    ("281234567890123456", "qr", "payment", True, "alipay"),
    ("6212345678901234567", "qr", "payment", True, "unionpay"),
    ("5112345678901234", "code128", "payment", True, "bestpay"),
    ("WHA1.3710022611210047", "qr", "acceptance", True, ""),
    ("BOOK:20261122:0007:环翠区", "qr", "booking", True, ""),
    ("WHI1.abcdefgh12345678", "qr", "app", True, ""),
    (LICENCE, "qr", "licence", True, ""),
    (LICENCE[:-1] + ("0" if LICENCE[-1] != "0" else "1"), "qr", "licence", False, ""),
    ("WHC2/ED25519/cut", "qr", "certificate", False, ""),
    ("https://check.example/c/WHC2/ED25519/cut", "qr", "certificate", False, ""),
    ("WHC1.abc.def", "qr", "certificate", True, ""),
    ("RR473124829CN", "code128", "courier", True, ""),  # UPU S10: 47312482, check digit 9
    ("RR473124828CN", "code128", "courier", False, ""),
    ("SF1234567890123", "code128", "courier", True, ""),
    ("11010519491231002X", "code39", "citizen", True, ""),  # the example of GB 11643
    ("91350100M000100Y43", "qr", "credit-code", True, ""),  # the example of GB 32100
    ("6901234567892", "ean13", "goods", True, ""),
    ("https://qr.alipay.com/bax05351", "qr", "collect", True, ""),
    ("wxp://f2f0abc", "qr", "collect", True, ""),
    ("https://u.wechat.com/abc", "qr", "friend", True, ""),
    ("WIFI:T:WPA;S:hall;P:secret;;", "qr", "wifi", True, ""),
    ("BEGIN:VCARD\nFN:王\nEND:VCARD", "qr", "contact", True, ""),
    ("tel:12345", "qr", "call", True, ""),
    ("mailto:a@example.cn", "qr", "mail", True, ""),
    ("geo:37.5,122.1", "qr", "place", True, ""),
    ("HTTPS://EXAMPLE.CN", "qr", "web", True, ""),
    ("javascript:alert(1)", "qr", "other", True, ""),
    ("排队号 A017", "qr", "other", True, ""),
    ("", "qr", "other", True, ""),
]


@pytest.mark.parametrize(("text", "symbology", "kind", "sound", "provider"), CASES, ids=[c[0][:24] for c in CASES])
def test_what_it_is(text: str, symbology: str, kind: str, sound: bool, provider: str) -> None:
    found = route_text(text, symbology)
    assert (found.kind, found.sound, found.provider) == (kind, sound, provider)
    assert text == "" or text not in repr(found), "a text is never shown by accident"


def test_of_two_readings_the_one_that_is_waited_for() -> None:
    """A number of Beijing of 1949 fits WeChat's payment codes."""
    both = "110105194912310029"
    assert route_text(both, "qr", "citizen").kind == "citizen" or route_text(both, "qr").kind == "payment"
    from config.code_kinds import citizen_right

    right = next(
        f"11010519491231{n:03d}{c}"
        for n in range(999)
        for c in "0123456789"
        if citizen_right(f"11010519491231{n:03d}{c}")
    )
    assert route_text(right, "qr", "payment").provider == "wechat"
    assert route_text(right, "qr", "citizen").kind == "citizen"


@given(st.text(max_size=200), st.sampled_from([*FORMATS, "unknown"]))
def test_any_text_has_an_answer(text: str, symbology: str) -> None:
    found = route_text(text, symbology, "certificate")
    for language in LANGUAGES:
        said = answer(found, "certificate", language)
        assert bool(said) == (found.kind != "certificate" or not found.sound)
        assert len(text) < 12 or text not in said, "what a code says is never repeated"


def test_a_text_of_any_length_is_bounded() -> None:
    assert route_text("1" * 100_000).kind == "other"
    assert route_text("WIFI:" + "a" * 7000).kind in ("wifi", "other")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_has_words(language: str) -> None:
    keys = texts(language).keys
    assert [k for k in get_args(Kind) if f"code.kind.{k}" not in keys] == []
    assert [k for k in EXPECTED_FORMATS if f"code.wanted.{k}" not in keys] == []


def test_pages_look_for_formats_that_there_are() -> None:
    assert all(formats_for(kind) <= set(FORMATS) for kind in EXPECTED_FORMATS)
    assert all(set(row.formats) <= {*FORMATS, "unknown"} for row in code_rows())
    assert {row.kind for row in code_rows() if not row.foreign} == set(EXPECTED_FORMATS)


def test_said_to_a_citizen() -> None:
    wifi = route_text("WIFI:S:x;P:y;;", "qr").without_text()
    assert answer(wifi, "payment", "zh") == "这是无线网络的码，本机不打开它；这里要的是付款码"
    assert "wireless network" in answer(wifi, "payment", "en")
    cut = route_text("WHC2/ED25519/cut", "qr", "certificate")
    assert "altered" in answer(cut, "certificate", "en")


def test_a_faulty_table_is_named(tmp_path: Path) -> None:
    path = tmp_path / "codes.toml"
    path.write_text('[[code]]\nkind = "web"\nform = "("\n\n[[code]]\nkind = "ufo"\nform = "x"\n')
    with pytest.raises(SettingsError, match=r"(?s)fault.*code\.0\.form.*code\.1\.kind"):
        load_codes(path)
