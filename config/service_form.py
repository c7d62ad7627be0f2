"""The schema of a service's form: the types of its inputs, their bounds, choices and conditions.

Every value is a string:

| type                    | value                                                                            |
|-------------------------|----------------------------------------------------------------------------------|
| phone                   | 11 digits                                                                        |
| date, month, year       | YYYYMMDD, YYYYMM, YYYY                                                           |
| range                   | two months, YYYYMM-YYYYMM                                                        |
| region                  | the 6 digits of a district of the city (any division's with `anywhere`)           |
| enum                    | its option's key                                                                 |
| list                    | chosen options' keys, or free entries, one a line                                |
| bool                    | yes, no                                                                          |
| int, decimal            | digits, with at most two decimals for decimal; bounds `least` and `most`         |
| money                   | yuan with at most two decimals; integer fen from there on                        |
| digits                  | as many digits as `lengths` allows                                               |
| idno, uscc              | 18 characters with a right check character (GB 11643, GB 32100)                  |
| plate, vin, bankcard    | number plate; 17 characters (GB 16735); 12 to 19 digits with a right Luhn digit  |
| pin6                    | 6 digits, typed on the payment pad and never seen by this program                |
| scan                    | the text of a code that is held to the camera                                    |
| text, longtext, addr    | up to `max_length` characters                                                    |
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Annotated, Final, Literal

from pydantic import Field

from config import DATA
from config.divisions import districts
from config.service_words import Key, Part, Words

FieldType = Literal[
    "phone", "enum", "month", "region", "addr", "date", "digits", "text", "longtext", "idno", "uscc", "year", "range",
    "money", "decimal", "int", "bool", "list", "plate", "vin", "bankcard", "pin6", "scan",
]  # fmt: skip
OptionKey = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_+-]{0,39}$")]
_TYPED: Final[Mapping[str, int]] = MappingProxyType({"phone": 11, "month": 6, "date": 8, "year": 4, "pin6": 6})
_BOUNDED: Final = ("int", "decimal", "money", "list", "year")
_LONG: Final = ("longtext", "list")
USUAL_LENGTH: Final = 200


class Option(Part):
    """One choice of an enum or a list."""

    key: OptionKey
    label: Words


class ShownIf(Part):
    """A field is asked only when another one has this value."""

    field: Key
    equals: Annotated[str, Field(max_length=40)]


class FormFieldSpec(Part):
    """One input of a form; what its value looks like is told at the top of this module."""

    key: Key
    type: FieldType
    label: Words
    required: bool = False
    options: Annotated[tuple[Option, ...], Field(max_length=40)] = ()
    options_from: Literal["", "platform"] = ""
    """`platform`: the choices change too often for a file (schools, banks); the platform's catalogue gives them."""
    shown_if: ShownIf | None = None
    only_for: Literal["", "organisation"] = ""
    """Asked only of somebody who acts for an organisation."""
    prefill: Literal["", "card", "share", "licence", "read"] = ""
    narrowed_by: Key | None = None
    """Only choices whose key begins with what this other field holds: the slots of the chosen day."""
    not_before: Key | None = None
    """Another month or date field of the form that this one must not lie before."""
    max_length: Annotated[int, Field(ge=1, le=2000)] = 60
    lengths: Annotated[tuple[Annotated[int, Field(ge=1, le=40)], ...], Field(max_length=4)] = ()
    """The numbers of digits that are right; any up to `max_length` when left out."""
    least: Annotated[int, Field(ge=0, le=1_000_000_000)] | None = None
    most: Annotated[int, Field(ge=1, le=1_000_000_000)] | None = None
    """Bounds of a number (money in yuan), or of how many entries a list has."""
    anywhere: bool = False
    """A region outside the city too."""

    @property
    def length(self) -> int:
        """How many characters have to be typed; 0 when it is not a fixed number."""
        if self.type == "digits" and len(self.lengths) == 1:
            return self.lengths[0]
        return _TYPED.get(self.type, 0)


@cache
def place_options() -> tuple[Option, ...]:
    """The districts of the city, then the provinces: the choices of a region field that may lie outside the city."""
    tables = tomllib.loads((DATA / "provinces.toml").read_text(encoding="utf-8"))["province"]
    return (*district_options(), *(Option(key=row["code"], label=Words(**row["name"])) for row in tables))


def district_options() -> tuple[Option, ...]:
    """The districts of the city as choices of a region field."""
    return tuple(Option(key=d.code, label=Words(zh=d.name, en=d.name_en)) for d in districts())


def form_faults(form: tuple[FormFieldSpec, ...]) -> list[str]:
    """What contradicts itself in a form whose fields are each well formed: `form.key: what is wrong`."""
    faults: list[str] = []
    by_key = {spec.key: spec for spec in form}
    if len(by_key) != len(form):
        faults.append("form: a key is used twice")
    for spec in form:
        at = f"form.{spec.key}"
        faults += [f"{at}{fault}" for fault in _field_faults(spec)]
        if spec.shown_if:
            other = by_key.get(spec.shown_if.field)
            if other is None:
                faults.append(f"{at}.shown_if.field: no field {spec.shown_if.field!r} in this form")
            elif (values := values_of(other)) and spec.shown_if.equals not in values:
                faults.append(f"{at}.shown_if.equals: {spec.shown_if.equals!r} is no option of {other.key}")
            elif other is spec:
                faults.append(f"{at}.shown_if.field: a field cannot wait for itself")
        if spec.narrowed_by and (spec.narrowed_by not in by_key or not (spec.options or spec.options_from)):
            faults.append(f"{at}.narrowed_by: no field {spec.narrowed_by!r} in this form, or nothing to choose from")
        if spec.not_before and (spec.not_before not in by_key or by_key[spec.not_before].type != spec.type):
            faults.append(f"{at}.not_before: no {spec.type} field {spec.not_before!r} in this form")
    return faults


def values_of(spec: FormFieldSpec) -> tuple[str, ...]:
    """All values that a field can have, where they are few and known."""
    return ("yes", "no") if spec.type == "bool" else tuple(o.key for o in spec.options)


def _field_faults(spec: FormFieldSpec) -> list[str]:
    faults = []
    chosen = bool(spec.options) or bool(spec.options_from)
    if (spec.type == "enum") != chosen and not (spec.type == "list" and chosen):
        faults.append(": options go together with type enum")
    if spec.options and spec.options_from:
        faults.append(".options_from: the options are either here or the platform's")
    if len({o.key for o in spec.options}) != len(spec.options):
        faults.append(".options: a key is used twice")
    if spec.lengths and (spec.type != "digits" or max(spec.lengths) > spec.max_length):
        faults.append(".lengths: goes together with type digits, up to max_length")
    if (spec.least is not None or spec.most is not None) and spec.type not in _BOUNDED:
        faults.append(f".least, .most: go together with the types {', '.join(_BOUNDED)}")
    if spec.least is not None and spec.most is not None and spec.least > spec.most:
        faults.append(f".least: {spec.least} is above most, {spec.most}")
    if spec.max_length > USUAL_LENGTH and spec.type not in _LONG:
        faults.append(f".max_length: more than {USUAL_LENGTH} go together with the types {', '.join(_LONG)}")
    if spec.not_before and spec.type not in ("date", "month", "year"):
        faults.append(".not_before: goes together with type date, month or year")
    if spec.anywhere and spec.type != "region":
        faults.append(".anywhere: goes together with type region")
    return faults
