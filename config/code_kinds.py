"""The table of codes (codes.toml): what a held-up text can be, by its form, its format and its check character."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field, ValidationError

from config import DATA
from config.load import SettingsError, read_toml
from config.settings import Section

Check = Literal["payment", "licence", "certificate", "credit-code", "citizen", "s10", "ean"]
Kind = Literal[
    "certificate", "acceptance", "app", "booking", "licence", "payment", "courier", "citizen", "credit-code",
    "collect", "friend", "wifi", "contact", "calendar", "call", "mail", "place", "web", "goods", "other",
]  # fmt: skip
MAX_TEXT: Final = 7089
"""Characters of the longest code there is (QR 40-L, digits)."""


def _a_pattern(text: str) -> str:
    try:
        re.compile(text, re.ASCII)
    except re.error as error:
        raise ValueError(f"no regular expression: {error}") from None
    return text


class CodeRow(Section):
    """One row: a text of `form`, in one of `formats`, is a `kind` if its check is right."""

    kind: Kind
    form: Annotated[str, Field(min_length=1, max_length=300), AfterValidator(_a_pattern)]
    foreign: bool = False
    formats: Annotated[tuple[str, ...], Field(max_length=12)] = ()
    check: Check | None = None
    whose: bool = False

    def has_form(self, text: str, symbology: str) -> bool:
        """Whether `text`, read from a code of format `symbology`, has this row's form."""
        if self.formats and symbology not in self.formats:
            return False
        return re.fullmatch(self.form, text, re.ASCII) is not None


class CodeRows(Section):
    """The whole table, in the order in which it is tried."""

    code: Annotated[tuple[CodeRow, ...], Field(min_length=1, max_length=100)]


def load_codes(path: Path = DATA / "codes.toml") -> tuple[CodeRow, ...]:
    """The rows in `path`. Raises `SettingsError` with all faults."""
    try:
        return CodeRows.model_validate(read_toml(path)).code
    except ValidationError as error:
        lines = [f"  {'.'.join(map(str, e['loc'])) or 'codes'}: {e['msg']}" for e in error.errors()]
        raise SettingsError(f"{path}: {len(lines)} fault(s)\n" + "\n".join(lines)) from error


@cache
def code_rows() -> tuple[CodeRow, ...]:
    """The rows of this installation."""
    return load_codes()


def citizen_right(text: str) -> bool:
    """A citizen's number's check character (GB 11643, MOD 11-2) over its first 17 digits."""
    total = sum(int(digit) * (2 ** (17 - i) % 11) for i, digit in enumerate(text[:17]))
    month, day = int(text[10:12]), int(text[12:14])
    return "10X98765432"[total % 11] == text[17] and 1 <= month <= 12 and 1 <= day <= 31


def s10_right(text: str) -> bool:
    """A postal item's check digit (UPU S10, 4.3): two letters, eight digits, the check digit, the country."""
    rest = 11 - sum(int(d) * w for d, w in zip(text[2:10], (8, 6, 4, 2, 3, 5, 9, 7), strict=True)) % 11
    return {10: 0, 11: 5}.get(rest, rest) == int(text[10])


def ean_right(text: str) -> bool:
    """A GS1 check digit: weights 1 and 3 from the left over 13 digits make a multiple of ten."""
    return sum(int(digit) * (1, 3)[i % 2] for i, digit in enumerate(text)) % 10 == 0


EXPECTED_FORMATS: Final[Mapping[Kind, tuple[str, ...]]] = MappingProxyType(
    {
        "certificate": ("qr",),
        "acceptance": ("qr",),
        "app": ("qr",),
        "booking": ("qr", "code128"),
        "licence": ("qr", "code128"),
        "payment": ("qr", "code128"),
        "courier": ("code128", "qr"),
    }
)
"""Formats in which a kind of code is printed or shown: what a page that waits for it looks for."""
