"""How each printed document is laid out (`certificates/layouts.toml`): sheet, title, words, columns, whose it is.

| sheet     | looks like                                                        |
|-----------|-------------------------------------------------------------------|
| statement | a sentence, and a table under it where there are columns          |
| table     | the same, its table in the middle of the page                     |
| ledger    | a table of many lines in small type, over as many pages as needed |
| extract   | two columns, label and value, as from a register                  |
| licence   | a framed licence: large title, label and value, no table lines    |
| form      | an empty form to fill in by hand: no seal, no code worth checking |

Words in `{}` are filled by the platform. The terminal reads only `sheet`, `seal` and `copies`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Annotated, Final, Literal

from pydantic import Field, TypeAdapter

from config import DATA
from config.load import read_toml
from config.service_words import Key, Part

Sheet = Literal["statement", "table", "ledger", "extract", "licence", "form"]
Holder = Literal["person", "organisation", "either", "none"]
FILE: Final = DATA / "certificates" / "layouts.toml"


class Layout(Part):
    """One document. `type` are the last three digits of its kind in the licence identifier (GB/T 36904)."""

    sheet: Sheet
    type: Annotated[str, Field(pattern=r"^[0-9]{3}$")]
    title: Annotated[str, Field(max_length=40)] = ""
    """The item's own name when empty."""
    statement: Annotated[str, Field(max_length=300)]
    columns: Annotated[tuple[Annotated[str, Field(max_length=20)], ...], Field(max_length=8)] = ()
    rows: Key | None = None
    """How the platform makes the lines of a table or ledger (`simulator.platform.print_rows`)."""
    fields: Annotated[tuple[tuple[str, str], ...], Field(max_length=16)] = ()
    """Label and value of an extract or a licence."""
    holder: Holder = "person"
    seal: bool = True
    elicence: Key | None = None
    """It shows this kind of the licence library: a copy of that version, never a second original."""
    valid_days: Annotated[int, Field(ge=0, le=3650)] = 92
    """0 is without end."""
    purpose: Key | None = None
    """The field of the form that says what it is for."""
    copies: Key | None = None
    """The field of the form that says how many."""


class _File(Part):
    layout: dict[Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,39}$")], Layout]


@cache
def layouts() -> Mapping[str, Layout]:
    """Every layout by the `certificate` of its item. Raises `pydantic.ValidationError` naming what is wrong."""
    return MappingProxyType(TypeAdapter(_File).validate_python(read_toml(FILE)).layout)
