"""What a held-up code is, and what to tell the citizen who held up another one. Nothing in a code is ever opened.

The table is config/codes.toml. A text is never logged, journalled or put into an error's message: a payer's code is
money, a Wi-Fi code holds a password.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Final

from config.certificate_code import CodeError, parse_code
from config.code_kinds import (
    EXPECTED_FORMATS,
    MAX_TEXT,
    Check,
    CodeRow,
    Kind,
    citizen_right,
    code_rows,
    ean_right,
    s10_right,
)
from config.codes import uscc_valid
from config.payments import payments
from config.texts import texts
from drivers.camera.codes import Code, Format
from kiosk.printing.licence_identifier import IdentifierError, parse_identifier


@dataclass(frozen=True, slots=True)
class Routed:
    """What a code is. `sound`: its check, where it has one, is right; only then may it be used. `provider`: whose
    payment code it is, "" for other kinds."""

    kind: Kind
    text: str = field(repr=False)
    sound: bool = True
    foreign: bool = False
    provider: str = ""

    def without_text(self) -> Routed:
        """The same without what the code says: all that telling the citizen needs."""
        return replace(self, text="")


def route(code: Code, *expected: Kind) -> Routed:
    """What `code` is; of two possible readings the one that the page expects, else the first of the table."""
    return route_text(code.text, code.format, *expected)


def route_text(text: str, symbology: str = "unknown", *expected: Kind) -> Routed:
    """As `route`, of a text from a code of format `symbology`."""
    if len(text) > MAX_TEXT:
        return Routed("other", "", sound=False, foreign=True)
    text = text.strip(" \t\r\n\x00\ufeff")
    rows = code_rows()
    fitting = [row for row in rows if row.has_form(text, symbology)]
    for row in (*(r for r in fitting if r.kind in expected), *(r for r in fitting if r.kind not in expected)):
        right = _CHECKS[row.check](text) if row.check else True
        if right or not row.whose:
            return Routed(row.kind, text, right, row.foreign, _provider(row, text))
    return Routed("other", text, foreign=True)


def formats_for(*expected: Kind) -> frozenset[Format]:
    """The formats that a page which waits for `expected` looks for."""
    return frozenset(f for kind in expected for f in EXPECTED_FORMATS[kind])  # type: ignore[misc]  # the table has our formats' names


def answer(found: Routed, expected: Kind, language: str) -> str:
    """What to say when `found` is not the sound `expected` that the page waits for; "" when it is."""
    say = texts(language).t
    if found.kind == expected:
        return "" if found.sound else say("code.damaged", wanted=say(f"code.wanted.{expected}"))
    got, wanted = say(f"code.kind.{found.kind}"), say(f"code.wanted.{expected}")
    return say("code.foreign" if found.foreign else "code.instead", got=got, wanted=wanted)


def _provider(row: CodeRow, text: str) -> str:
    found = payments().whose(text) if row.kind == "payment" else None
    return found.key if found else ""


def _licence(text: str) -> bool:
    try:
        parse_identifier(text)
    except IdentifierError:
        return False
    return True


def _certificate(text: str) -> bool:
    """Whether its parts have their form; another version is sound too: `certificate_check` says what it is."""
    try:
        parse_code(text)
    except CodeError as error:
        return error.kind == "version"
    return True


_CHECKS: Final[Mapping[Check, Callable[[str], bool]]] = MappingProxyType(
    {
        "payment": lambda text: payments().whose(text) is not None,
        "licence": _licence,
        "certificate": _certificate,
        "credit-code": uscc_valid,
        "citizen": citizen_right,
        "s10": s10_right,
        "ean": ean_right,
    }
)
