"""What may be typed into a form field, what is wrong with it, and how it is shown. Pure functions over the catalogue.

| type                | value              | shown (zh)             | touched by                                       |
|---------------------|--------------------|------------------------|--------------------------------------------------|
| phone, bankcard     | digits             | in groups              | digits                                           |
| idno                | 18 characters      | in groups              | digits and X                                     |
| date, month, year   | YYYYMMDD, ...      | 2026年11月21日         | digits                                           |
| range               | YYYYMM-YYYYMM      | 2026年1月 至 …         | digits                                           |
| money, decimal, int | 12.50              | 12.50 元               | digits and the point                             |
| uscc, vin, plate    | letters and digits | as typed               | the letters that the code has                    |
| enum, bool, region  | the option's key   | its label              | a touch; more than `FEW` on a page of their own  |
| list                | one entry a line   | the labels, "、"       | a page of its own                                |
| text, longtext, addr, scan | as it is    | as it is               | a page of its own (`forms.entry`)                |
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from config.catalogue import FormFieldSpec
from config.divisions import division_name
from config.service_form import Option, place_options
from config.service_values import value_fault
from config.service_words import Words
from kiosk.identity.masks import mask_number, mask_phone
from screens.screen import KeypadKind

FEW = 6
"""So many options stand on the form itself."""
_KEYPADS: Mapping[str, KeypadKind] = {
    "phone": "phone",
    "month": "date",
    "date": "date",
    "year": "date",
    "range": "date",
    "digits": "digits",
    "bankcard": "digits",
    "int": "digits",
    "money": "money",
    "decimal": "money",
    "idno": "idno",
    "uscc": "uscc",
    "vin": "vin",
    "plate": "plate",
}
"""Types that are typed on the form itself; every other one that is not chosen opens a page of its own."""
_MOST_DIGITS = {"bankcard": 19, "idno": 18, "uscc": 18, "vin": 17, "plate": 8, "range": 13, "int": 10, "money": 13}
_GROUPS = {"phone": (3, 4, 4), "idno": (6, 8, 4), "bankcard": (4, 4, 4, 4, 3), "uscc": (4, 4, 4, 4, 2)}
_PRIVATE = frozenset({"phone", "idno", "bankcard"})
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f]")
YES_NO = (
    Option(key="yes", label=Words(zh="是", en="Yes", ko="예")),
    Option(key="no", label=Words(zh="否", en="No", ko="아니요")),
)

Choices = Mapping[str, tuple[Option, ...]]
"""The choices that the platform gave, by the field's key."""


def shown_fields(
    form: Iterable[FormFieldSpec], values: Mapping[str, str], *, organisation: bool = True
) -> tuple[FormFieldSpec, ...]:
    """The fields whose condition holds for `values`, in the form's order; `organisation`: somebody acts for one."""
    return tuple(
        s
        for s in form
        if (s.shown_if is None or values.get(s.shown_if.field) == s.shown_if.equals)
        and (organisation or s.only_for != "organisation")
    )


def options_of(
    spec: FormFieldSpec, choices: Choices | None = None, values: Mapping[str, str] | None = None
) -> tuple[Option, ...]:
    """What can be chosen, of `values` where another field narrows it; empty when the field is typed."""
    start = (values or {}).get(spec.narrowed_by, "") if spec.narrowed_by else ""
    return tuple(o for o in _all_options(spec, choices) if o.key.startswith(start))


def _all_options(spec: FormFieldSpec, choices: Choices | None) -> tuple[Option, ...]:
    if spec.type == "bool":
        return YES_NO
    if spec.type == "region" and spec.anywhere:
        return place_options()
    return spec.options or (choices or {}).get(spec.key, ())


def validate_field(
    spec: FormFieldSpec, value: str, values: Mapping[str, str] | None = None, choices: Choices | None = None
) -> str | None:
    """What is wrong with `value`, as a key of the texts (`error.<key>`); None when it can be sent.

    Keys: required, phone, date, format, choose, range, check, too-long, invalid (lies before the field that it may not
    precede; this needs the other `values`).
    """
    if not value:
        return "required" if spec.required else None
    if _CONTROL.search(value) or ("\n" in value and spec.type not in ("list", "longtext")):
        return "format"
    options = options_of(spec, choices, values)
    if (options or spec.narrowed_by) and any(entry not in {o.key for o in options} for entry in value.split("\n")):
        return "choose"
    if fault := value_fault(spec, value):
        return "phone" if (spec.type, fault) == ("phone", "format") else fault
    other = (values or {}).get(spec.not_before, "") if spec.not_before else ""
    return "invalid" if other and value < other else None


def validate_form(form: Iterable[FormFieldSpec], values: Mapping[str, str]) -> dict[str, str]:
    """Everything that is wrong with the shown fields: field key to error key."""
    found = ((s.key, validate_field(s, values.get(s.key, ""), values)) for s in shown_fields(form, values))
    return {key: error for key, error in found if error}


def keypad_for(spec: FormFieldSpec, value: str = "") -> KeypadKind | None:
    """Which keypad types into a field that holds `value`; None when it is chosen, or has a page of its own."""
    if spec.options or spec.options_from:
        return None
    if spec.type == "plate" and not value:
        return "province"
    return _KEYPADS.get(spec.type)


def opens(spec: FormFieldSpec, choices: Choices | None = None) -> bool:
    """True when touching the field opens a page of its own."""
    if spec.type == "list" or spec.options_from:
        return True
    options = options_of(spec, choices)
    return len(options) > FEW if options else spec.type not in _KEYPADS


def most_characters(spec: FormFieldSpec) -> int:
    """How many characters the keypad may type."""
    return spec.length or _MOST_DIGITS.get(spec.type) or (max(spec.lengths) if spec.lengths else spec.max_length)


def press(spec: FormFieldSpec, value: str, key: str) -> str:
    """`value` after one key of the keypad: a character, `backspace` or `clear`; a full field takes no more."""
    if key == "clear":
        return ""
    if key == "backspace":
        return value[:-2] if value.endswith("-") else value[:-1]
    if len(key) != 1 or len(value) >= most_characters(spec):
        return value
    if spec.type == "range":
        return value + key + ("-" if len(value) == 5 else "") if key.isdigit() else value
    if spec.type in ("money", "decimal"):
        return _press_amount(value, key)
    if spec.type == "idno":
        return value + key.upper() if key.isdigit() or (key.upper() == "X" and len(value) == 17) else value
    if spec.type in ("uscc", "vin", "plate"):
        return value + key.upper() if key.isalnum() else value
    return value + key if key in "0123456789" else value


def _press_amount(value: str, key: str) -> str:
    if key == ".":
        return value if "." in value else (value or "0") + "."
    if key not in "0123456789" or ("." in value and len(value.partition(".")[2]) >= 2):
        return value
    return key if value == "0" else value + key


def display_value(
    spec: FormFieldSpec, value: str, language: str = "zh", *, choices: Choices | None = None, masked: bool = False
) -> str:
    """How a value is shown, also while it is being typed; `masked`: others may look over the shoulder."""
    if not value:
        return ""
    if masked and spec.type in _PRIVATE:
        return mask_phone(value) if spec.type == "phone" else mask_number(value)
    if spec.type == "region" and not spec.anywhere:
        return division_name(value, language)
    options = options_of(spec, choices)
    if options:
        names = {o.key: o.label.get(language) for o in options}
        between = "、" if language == "zh" else ", "
        return between.join(names.get(entry, entry) for entry in value.split("\n"))
    if spec.type in _GROUPS:
        return _grouped(value, _GROUPS[spec.type])
    if spec.type in ("month", "date", "year"):
        return _display_date(value, spec.length, language)
    if spec.type == "range":
        first, dash, last = value.partition("-")
        until = {"zh": " 至 ", "ko": " ~ "}.get(language, " to ") if dash else ""
        return _display_date(first, 6, language) + until + _display_date(last, 6, language)
    if spec.type == "money":
        return value + {"zh": " 元", "ko": "위안"}.get(language, " yuan")
    return value.replace("\n", "、" if language == "zh" else ", ") if spec.type == "list" else value


def _grouped(value: str, groups: tuple[int, ...]) -> str:
    parts, at = [], 0
    for size in groups:
        parts.append(value[at : at + size])
        at += size
    return " ".join(part for part in (*parts, value[at:]) if part)


def _display_date(value: str, length: int, language: str) -> str:
    parts = [part for part in (value[:4], value[4:6], value[6:8]) if part]
    if language == "en" or len(value) != length:
        return "-".join(parts)
    units, between = ("년월일", " ") if language == "ko" else ("年月日", "")
    return between.join(part + unit for part, unit in zip(parts, units, strict=False))
