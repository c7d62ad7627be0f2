"""What may be typed into a form field, what is wrong with it, and how it is shown. Pure functions over the catalogue.

| type         | value         | shown (zh)        |
|--------------|---------------|-------------------|
| phone        | 11 digits     | 138 0631 2345     |
| month        | YYYYMM        | 2026年11月        |
| date         | YYYYMMDD      | 2026年11月21日    |
| enum, region | the option's key | its label      |
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date

from config.catalogue import FormFieldSpec
from config.divisions import division_name
from screens.screen import KeypadKind

_PHONE = re.compile(r"1[3-9]\d{9}", re.ASCII)
_FIRST_YEAR, _LAST_YEAR = 1900, 2100
_KEYPADS: Mapping[str, KeypadKind] = {"phone": "phone", "month": "date", "date": "date", "digits": "digits"}
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def shown_fields(form: Iterable[FormFieldSpec], values: Mapping[str, str]) -> tuple[FormFieldSpec, ...]:
    """The fields whose condition holds for `values`, in the form's order."""
    return tuple(s for s in form if s.shown_if is None or values.get(s.shown_if.field) == s.shown_if.equals)


def validate_field(spec: FormFieldSpec, value: str, values: Mapping[str, str] | None = None) -> str | None:
    """What is wrong with `value`, as a key of the texts (`error.<key>`); None when it can be sent.

    Keys: required, phone, date, format, choose, too-long, invalid (lies before the field that it may not precede; this
    needs the other `values`).
    """
    if not value:
        return "required" if spec.required else None
    if len(value) > max(spec.length, spec.max_length):
        return "too-long"
    if _CONTROL.search(value):
        return "format"
    if spec.options and value not in {o.key for o in spec.options}:
        return "choose"
    if spec.type == "phone" and not _PHONE.fullmatch(value):
        return "phone"
    if spec.type in ("month", "date") and not _is_date(value, spec.length):
        return "date" if spec.type == "date" else "format"
    if spec.type == "digits" and not (value.isascii() and value.isdigit()):
        return "format"
    other = (values or {}).get(spec.not_before, "") if spec.not_before else ""
    return "invalid" if other and value < other else None


def validate_form(form: Iterable[FormFieldSpec], values: Mapping[str, str]) -> dict[str, str]:
    """Everything that is wrong with the shown fields: field key to error key."""
    found = ((s.key, validate_field(s, values.get(s.key, ""), values)) for s in shown_fields(form, values))
    return {key: error for key, error in found if error}


def _is_date(value: str, length: int) -> bool:
    if len(value) != length or not (value.isascii() and value.isdigit()):
        return False
    try:
        day = date(int(value[:4]), int(value[4:6]), int(value[6:8] or 1))
    except ValueError:
        return False
    return _FIRST_YEAR <= day.year <= _LAST_YEAR


def keypad_for(spec: FormFieldSpec) -> KeypadKind | None:
    """Which keypad types into a field; None when it is chosen, not typed."""
    return None if spec.options else _KEYPADS.get(spec.type)


def press(spec: FormFieldSpec, value: str, key: str) -> str:
    """`value` after one key of the keypad: a digit, `backspace` or `clear`; a full field takes no more."""
    if key == "clear":
        return ""
    if key == "backspace":
        return value[:-1]
    full = len(value) >= (spec.length or spec.max_length)
    return value if full or len(key) != 1 or key not in "0123456789" else value + key


def display_value(spec: FormFieldSpec, value: str, language: str = "zh") -> str:
    """How a value is shown, also while it is being typed."""
    if spec.type == "region" and value:
        return division_name(value, language)
    if spec.options:
        return next((o.label.get(language) for o in spec.options if o.key == value), value)
    if spec.type == "phone":
        return " ".join(part for part in (value[:3], value[3:7], value[7:]) if part)
    if spec.type in ("month", "date"):
        return _display_date(value, spec.length, language)
    return value


def _display_date(value: str, length: int, language: str) -> str:
    parts = [part for part in (value[:4], value[4:6], value[6:8]) if part]
    if language != "zh" or len(value) != length:
        return "-".join(parts)
    return "".join(part + unit for part, unit in zip(parts, "年月日", strict=False))
