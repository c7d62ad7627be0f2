"""What can be typed into a form, what is wrong with it, how it is shown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config import DATA
from config.catalogue import load_catalogue
from config.load import read_toml
from config.texts import LANGUAGES
from kiosk.forms.rules import display_value, keypad_for, press, shown_fields, validate_field, validate_form
from kiosk.platform.satisfaction import Satisfaction

SERVICES = load_catalogue().services
CARD = {spec.key: spec for spec in SERVICES["WH-PS-001"].form}
INSURED = {spec.key: spec for spec in SERVICES["WH-SI-001"].form}


@pytest.mark.parametrize(
    ("spec", "value", "error"),
    [
        (CARD["phone"], "", "required"),
        (CARD["phone"], "13806312345", None),
        (CARD["phone"], "1380631234", "phone"),
        (CARD["phone"], "12806312345", "phone"),
        (CARD["phone"], "138063123456", "phone"),
        (CARD["phone"], "1" * 61, "too-long"),
        (CARD["phone"], "１３８０６３１２３４５", "phone"),
        (CARD["receive_mode"], "pickup", None),
        (CARD["receive_mode"], "pigeon", "choose"),
        (CARD["region_reg"], "371002", None),
        (CARD["region_reg"], "110105", "choose"),
        (CARD["addr"], "", None),
        (CARD["addr"], "海滨北路\n3号", "format"),
        (INSURED["from_month"], "", None),
        (INSURED["from_month"], "202611", None),
        (INSURED["from_month"], "202613", "format"),
        (INSURED["from_month"], "2026", "format"),
        (INSURED["from_month"], "189912", "format"),
    ],
)
def test_what_is_wrong(spec, value, error):
    assert validate_field(spec, value) == error


def test_every_error_has_its_words_in_every_language():
    for language in LANGUAGES:
        words = read_toml(DATA / "texts" / language / "filling.toml")["error"]
        assert words.keys() >= {"required", "phone", "date", "format", "choose", "too-long", "invalid"}


def test_months_have_an_order():
    to = INSURED["to_month"]
    assert validate_field(to, "202501", {"from_month": "202502"}) == "invalid"
    assert validate_field(to, "202502", {"from_month": "202502"}) is None
    assert validate_field(to, "202501") is None
    values = {"kinds": "all", "from_month": "202502", "to_month": "202501"}
    assert validate_form(SERVICES["WH-SI-001"].form, values) == {"to_month": "invalid"}
    assert validate_form(SERVICES["WH-SI-001"].form, {}) == {"kinds": "required"}


def test_a_field_is_asked_only_when_its_condition_holds():
    form = SERVICES["WH-PS-001"].form
    assert CARD["addr"] not in shown_fields(form, {"receive_mode": "pickup"})
    assert CARD["addr"] in shown_fields(form, {"receive_mode": "courier"})


def test_how_values_are_shown():
    phone, month = CARD["phone"], INSURED["from_month"]
    assert [display_value(phone, v) for v in ("", "138", "1380631", "13806312345")] == [
        "",
        "138",
        "138 0631",
        "138 0631 2345",
    ]
    assert display_value(month, "202611") == "2026年11月"
    assert display_value(month, "202611", "en") == "2026-11"
    assert display_value(month, "20261") == "2026-1"
    assert display_value(month, "202611", "ko") == "2026년 11월"
    assert display_value(month, "20261", "ko") == "2026-1"
    assert display_value(month.model_copy(update={"type": "date"}), "20261121", "ko") == "2026년 11월 21일"
    assert display_value(CARD["region_reg"], "371002") == "威海市环翠区"
    assert display_value(CARD["receive_mode"], "courier", "en") == "Free courier to your home"


def test_keypads_and_keys():
    assert keypad_for(CARD["phone"]) == "phone"
    assert keypad_for(INSURED["from_month"]) == "date"
    assert keypad_for(CARD["receive_mode"]) is None
    assert keypad_for(CARD["region_reg"]) is None
    phone = CARD["phone"]
    value = ""
    for key in "138063123456789":
        value = press(phone, value, key)
    assert value == "13806312345"
    assert press(phone, value, "backspace") == "1380631234"
    assert press(phone, "", "backspace") == ""
    assert press(phone, value, "clear") == ""
    assert press(phone, "1", "next") == "1"
    assert press(phone, "1", "") == "1"


@given(keys=st.lists(st.sampled_from([*"0123456789", "clear", "backspace", "a", "١"]), max_size=40))
def test_typing_never_leaves_digits_or_the_length(keys):
    value = ""
    for key in keys:
        value = press(CARD["phone"], value, key)
        assert len(value) <= 11
        assert not value or (value.isascii() and value.isdigit())
        assert validate_field(CARD["phone"], value) in (None, "required", "phone")


def test_satisfaction_runs_both_ways():
    assert [Satisfaction.of_stars(n).value for n in (5, 4, 3, 2, 1)] == [
        "非常满意",
        "满意",
        "基本满意",
        "不满意",
        "非常不满意",
    ]
    assert [s.national for s in Satisfaction] == [5, 4, 3, 2, 1]
    assert [s.gbt39046 for s in Satisfaction] == [1, 2, 3, 4, 5]
    for stars in (0, 6, -1):
        with pytest.raises(ValueError, match="1 to 5"):
            Satisfaction.of_stars(stars)
