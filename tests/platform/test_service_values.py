"""What fits a field of each type, and what is said of the rest."""

from __future__ import annotations

from typing import get_args

import pytest

from config.service import FormFieldSpec, Option, Words
from config.service_form import FieldType
from config.service_values import fen_of, luhn_right, value_fault

LABEL = Words(zh="项", en="Field")


def spec(kind, **more):
    return FormFieldSpec(key="field", type=kind, label=LABEL, **more)


CHOICES = (Option(key="a", label=LABEL), Option(key="b", label=LABEL))
CASES = [
    (spec("phone"), "13806312345", ""),
    (spec("phone"), "12806312345", "format"),
    (spec("idno"), "11010519491231002X", ""),
    (spec("idno"), "110105194912310021", "check"),
    (spec("uscc"), "11371000MB2856435T", ""),
    (spec("uscc"), "11371000MB2856435U", "check"),
    (spec("date"), "20240229", ""),
    (spec("date"), "20230229", "date"),
    (spec("month"), "202613", "format"),
    (spec("month"), "202612", ""),
    (spec("year"), "2026", ""),
    (spec("year"), "1899", "format"),
    (spec("range"), "202601-202603", ""),
    (spec("range"), "202603-202601", "range"),
    (spec("range"), "202603", "format"),
    (spec("money", least=0, most=100), "100.00", ""),
    (spec("money", least=0, most=100), "100.01", "range"),
    (spec("money"), "1.234", "format"),
    (spec("money"), "١٢", "format"),
    (spec("money"), "-1", "format"),
    (spec("int", least=1, most=8), "8", ""),
    (spec("int", least=1, most=8), "0", "range"),
    (spec("int", least=1, most=8), "08", "format"),
    (spec("decimal"), "89.75", ""),
    (spec("bool"), "yes", ""),
    (spec("bool"), "true", "choose"),
    (spec("enum", options=CHOICES), "a", ""),
    (spec("enum", options=CHOICES), "c", "choose"),
    (spec("list", options=CHOICES), "a\nb", ""),
    (spec("list", options=CHOICES), "a\na", "format"),
    (spec("list", options=CHOICES), "a\nc", "choose"),
    (spec("list", most=2), "x\ny\nz", "range"),
    (spec("list"), "x\n\ny", "format"),
    (spec("digits", lengths=(10, 13)), "1234567890", ""),
    (spec("digits", lengths=(10, 13)), "12345678901", "format"),
    (spec("plate"), "鲁K12345", ""),
    (spec("plate"), "鲁KD12345", ""),
    (spec("plate"), "鲁K1234", "format"),
    (spec("plate"), "ABC1234", "format"),
    (spec("vin"), "LSVAA4182E2184847", ""),
    (spec("vin"), "LSVAA4182E218484O", "format"),
    (spec("bankcard"), "6205500000000000004", ""),
    (spec("bankcard"), "6205500000000000005", "check"),
    (spec("pin6"), "123456", ""),
    (spec("pin6"), "12345", "format"),
    (spec("region"), "371002", ""),
    (spec("region"), "110105", "choose"),
    (spec("region", anywhere=True), "110105", ""),
    (spec("text", max_length=3), "abcd", "too-long"),
    (spec("longtext", max_length=500), "长" * 500, ""),
    (spec("scan"), "WHC1.x", ""),
]


@pytest.mark.parametrize(("field", "value", "fault"), CASES)
def test_a_value_fits_or_is_told_why_not(field, value, fault):
    assert value_fault(field, value) == fault


def test_every_type_has_a_case():
    assert set(get_args(FieldType)) - {field.type for field, _, _ in CASES} == {"addr"}


def test_money_is_fen():
    assert [fen_of(v) for v in ("0", "12", "12.5", "12.05")] == [0, 1200, 1250, 1205]


@pytest.mark.oracle
def test_the_check_digit_of_cards():
    """Test numbers that acquirers publish, of 16 and of 19 digits."""
    assert luhn_right("6205500000000000004")
    assert luhn_right("4111111111111111")
    assert luhn_right("6200000000000005")
    assert not luhn_right("4111111111111112")
