"""A certificate as PDF/A-2b: checked character by character, typeset by typst from config/certificates, the same
octets for the same data.

Data reaches typst as JSON and is only ever set as text; nothing that the platform says is read as typst code.
"""

from __future__ import annotations

import hashlib
import json
import re
import threading
from dataclasses import dataclass
from datetime import date
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from config import DATA
from kiosk.certificate_data import CertificateData
from kiosk.font_coverage import coverage
from kiosk.licence_identifier import IdentifierError, parse_identifier

if TYPE_CHECKING:
    import typst

TEMPLATES = DATA / "certificates"
FONTS = DATA / "fonts"
REGULAR = FONTS / "NotoSerifSC-Regular.otf"
BOLD = FONTS / "NotoSerifSC-Bold.otf"
MAX_COLUMNS = 8
MAX_ROWS = 200
MAX_CELL = 120
MAX_QR = 900
MAX_PAGES = 12
_LIMITS = {
    "title": 40,
    "holder_name": 60,
    "holder_number_masked": 40,
    "statement": 600,
    "issuer": 30,
    "purpose": 60,
    "serial": 64,
}
_TEMPLATE_NAME = re.compile(r"[a-z][a-z0-9-]{0,40}")
_lock = threading.Lock()  # typst's compiler keeps state between two calls


class CertificateError(ValueError):
    """The document cannot be typeset; names the field and the rule, never what the field says."""


class MissingGlyph(CertificateError):
    """A character that the certificate's font cannot show. `code_points` are its numbers."""

    def __init__(self, field: str, characters: tuple[str, ...]) -> None:
        self.code_points = tuple(ord(c) for c in characters)
        named = ", ".join(f"U+{point:04X}" for point in self.code_points)
        super().__init__(f"{field}: the certificate's font has no glyph for {named}: print it at the window")


class SealMissing(CertificateError):
    """A document that is no specimen needs the seal of its issuer, which only the platform can give."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """A typeset document: the PDF, its pages, and the SHA-256 of the PDF in hexadecimal."""

    pdf: bytes
    pages: int
    digest: str


def render(document: CertificateData, *, specimen: bool, terminal_id: str) -> Certificate:
    """Typeset `document`. Raises `MissingGlyph`, `SealMissing`, `CertificateError`.

    Blocking: about 50 ms, 250 ms the first time. Safe to call from several threads.
    """
    if not specimen:
        raise SealMissing("this document is no specimen and the platform gave no seal for it: it is not printed")
    template = _template(document.template)
    _check(document, terminal_id)
    import pypdfium2

    inputs = {"data": json.dumps(_data(document, terminal_id), ensure_ascii=False)}
    with _lock:
        pdf = _compiler().compile(str(template), format="pdf", sys_inputs=inputs, pdf_standards="a-2b")
    if not isinstance(pdf, bytes):
        raise CertificateError(f"template {document.template!r} made no document")
    with pypdfium2.PdfDocument(pdf) as opened:
        pages = len(opened)
    if pages > MAX_PAGES:
        raise CertificateError(f"the document has {pages} pages; {MAX_PAGES} can be printed")
    return Certificate(pdf, pages, hashlib.sha256(pdf).hexdigest())


def warm_up() -> None:
    """Load the fonts and the compiler, so that the first citizen does not wait for them."""
    coverage(REGULAR)
    coverage(BOLD)
    _compiler()


def template_names() -> list[str]:
    """The templates there are."""
    return sorted(path.stem for path in TEMPLATES.glob("*.typ") if path.parent == TEMPLATES)


@cache
def _compiler() -> typst.Compiler:
    import typst

    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[FONTS])
    if {REGULAR.name, BOLD.name} - {Path(font.path).name for font in fonts.fonts() if font.path}:
        # typst would leave the text out and say nothing
        raise CertificateError(f"fonts: {REGULAR.name} or {BOLD.name} cannot be loaded: install the terminal again")
    return typst.Compiler(root=TEMPLATES, font_paths=fonts)


def _template(name: str) -> str:
    path = TEMPLATES / f"{name}.typ"
    if not _TEMPLATE_NAME.fullmatch(name) or not path.is_file():
        raise CertificateError(f"no such certificate template; there are {', '.join(template_names())}")
    return str(path)


def _check(document: CertificateData, terminal_id: str) -> None:
    """Lengths, form, and a glyph for every character."""
    for field, limit in _LIMITS.items():
        if not 0 < len(getattr(document, field)) <= limit:
            raise CertificateError(f"{field}: 1 to {limit} characters are needed")
    if len(document.columns) > MAX_COLUMNS or len(document.rows) > MAX_ROWS:
        raise CertificateError(f"columns, rows: at most {MAX_COLUMNS} columns and {MAX_ROWS} rows can be set")
    if any(len(row) != len(document.columns) for row in document.rows):
        raise CertificateError("rows: every row needs as many cells as there are columns")
    if any(len(cell) > MAX_CELL for row in (document.columns, *document.rows) for cell in row):
        raise CertificateError(f"rows: a cell has at most {MAX_CELL} characters")
    if not 0 < len(document.qr.encode()) <= MAX_QR:
        raise CertificateError(f"qr: 1 to {MAX_QR} octets can be coded")
    if document.valid_until < document.issued_on:
        raise CertificateError("valid_until: lies before issued_on")
    try:
        parse_identifier(document.identifier)
    except IdentifierError as error:
        raise CertificateError(f"identifier: {error}") from error
    texts = {field: getattr(document, field) for field in _LIMITS}
    texts |= {"columns": "".join(document.columns), "rows": "".join(c for row in document.rows for c in row)}
    texts["terminal"] = terminal_id
    known = coverage(REGULAR)
    for field, text in texts.items():
        missing = known.missing(text)
        if missing:
            raise MissingGlyph(field, missing)


def _data(document: CertificateData, terminal_id: str) -> dict[str, object]:
    """What the template reads."""
    return {
        "title": document.title,
        "title_weight": "regular" if coverage(BOLD).missing(document.title) else "bold",
        "identifier": document.identifier,
        "sentence": _sentence(document),
        "columns": document.columns,
        "rows": document.rows,
        "widths": _widths(document),
        "issuer": document.issuer,
        "issued": _day(document.issued_on),
        "date": [document.issued_on.year, document.issued_on.month, document.issued_on.day],
        "purpose": document.purpose,
        "valid_until": _day(document.valid_until),
        "serial": document.serial,
        "terminal": terminal_id,
        "qr": _qr(document.qr),
    }


def _sentence(document: CertificateData) -> str:
    if document.holder_name in document.statement:
        return document.statement
    holder = f"兹证明 {document.holder_name}（公民身份号码 {document.holder_number_masked}）"
    return holder + document.statement


def _widths(document: CertificateData) -> list[int]:
    """Each column's share of the line: its longest cell in half-width characters, 10 to 22, and its padding."""
    columns = zip(document.columns, *document.rows, strict=True)
    longest = [max(sum(1 if ord(c) < 0x250 else 2 for c in cell) for cell in column) for column in columns]
    return [4 + min(22, max(10, length)) for length in longest]


def _day(day: date) -> str:
    return f"{day.year} 年 {day.month} 月 {day.day} 日"


def _qr(payload: str) -> str:
    """The code as SVG, error correction M, no border (the template leaves one)."""
    import segno

    out = BytesIO()
    segno.make(payload, error="m", micro=False, boost_error=False).save(
        out, kind="svg", border=0, xmldecl=False, svgns=True, dark="#000000", omitsize=True
    )
    return out.getvalue().decode()
