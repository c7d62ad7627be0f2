"""A certificate as PDF/A-2b: checked character by character, typeset by typst from config/certificates, the same
octets for the same data.

Data reaches typst as JSON and is only ever set as text; nothing that the platform says is read as typst code.
"""

from __future__ import annotations

import base64
import hashlib
import json
import struct
import threading
import zlib
from dataclasses import dataclass
from datetime import date
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from config import DATA
from config.certificate_layouts import Layout, layouts
from kiosk.printing.certificate_data import CertificateData, Seal
from kiosk.printing.font_coverage import coverage
from kiosk.printing.licence_identifier import IdentifierError, parse_identifier

if TYPE_CHECKING:
    import typst

TEMPLATES = DATA / "certificates"
SHEET = TEMPLATES / "certificate.typ"
FONTS = DATA / "fonts"
REGULAR = FONTS / "NotoSerifSC-Regular.otf"
BOLD = FONTS / "NotoSerifSC-Bold.otf"
NOBODY = "—"
"""The holder of a document that is nobody's (a blank form)."""
MAX_COLUMNS = 8
MAX_ROWS = 200
MAX_CELL = 120
MAX_QR = 900
MAX_Q_VERSION = 15
MAX_PAGES = 12
MAX_COPIES = 5
MAX_SOURCE = 60
MAX_SEAL = 256 * 1024
MAX_SEAL_PIXELS = 1600
_PNG = b"\x89PNG\r\n\x1a\n"
_CHANNELS = {4: 2, 6: 4}
"""Colour types of PNG with an alpha channel (ISO/IEC 15948, 11.2.2), and how many channels they have."""
_LIMITS = {
    "title": 40,
    "holder_name": 60,
    "holder_number_masked": 40,
    "statement": 600,
    "issuer": 30,
    "purpose": 60,
    "serial": 64,
}
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


def render(
    document: CertificateData, *, specimen: bool, terminal_id: str, copies: int = 1, forms: tuple[str, ...] = ()
) -> Certificate:
    """Typeset `document` in `copies` copies. Raises `MissingGlyph`, `SealMissing`, `CertificateError`.

    `forms`, one number for each page, are printed in the foot. A document that is no specimen carries its issuer's
    seal; a specimen never does. Blocking: about 50 ms, 250 ms the first time. Safe to call from several threads.
    """
    layout = _layout(document.template)
    if layout.seal and not specimen and document.seal is None:
        raise SealMissing("this document is no specimen and the platform gave no seal for it: it is not printed")
    _check(document, terminal_id, forms)
    if not 1 <= copies <= MAX_COPIES:
        raise CertificateError(f"copies: 1 to {MAX_COPIES}")
    import pypdfium2
    import typst

    data = _data(document, terminal_id) | {"specimen": specimen, "copies": copies, "forms": forms}
    data |= {"sheet": layout.sheet, "sealed": layout.seal, "specimen": specimen and layout.sheet != "form"}
    data["seal"] = "" if specimen or document.seal is None else _seal(document.seal)
    inputs = {"data": json.dumps(data, ensure_ascii=False)}
    try:
        with _lock:
            pdf = _compiler().compile(str(SHEET), format="pdf", sys_inputs=inputs, pdf_standards="a-2b")
    except typst.TypstError as error:
        # Its message may quote the document; only its kind is told.
        raise CertificateError(f"template {document.template!r}: the document cannot be typeset") from error
    if not isinstance(pdf, bytes):
        raise CertificateError(f"template {document.template!r} made no document")
    with pypdfium2.PdfDocument(pdf) as opened:
        pages = len(opened)
    if pages > MAX_PAGES * copies:
        raise CertificateError(f"the document has {pages} pages; {MAX_PAGES * copies} can be printed")
    return Certificate(pdf, pages, hashlib.sha256(pdf).hexdigest())


def warm_up() -> None:
    """Load the fonts and the compiler, so that the first citizen does not wait for them."""
    coverage(REGULAR)
    coverage(BOLD)
    _compiler()


def template_names() -> list[str]:
    """The documents that can be typeset, by the `certificate` of their item."""
    return sorted(layouts())


@cache
def _compiler() -> typst.Compiler:
    import typst

    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[FONTS])
    if {REGULAR.name, BOLD.name} - {Path(font.path).name for font in fonts.fonts() if font.path}:
        # typst would leave the text out and say nothing
        raise CertificateError(f"fonts: {REGULAR.name} or {BOLD.name} cannot be loaded: install the terminal again")
    return typst.Compiler(root=TEMPLATES, font_paths=fonts)


def _layout(name: str) -> Layout:
    layout = layouts().get(name)
    if layout is None:
        raise CertificateError(f"no such certificate template; there are {', '.join(template_names())}")
    return layout


def _check(document: CertificateData, terminal_id: str, forms: tuple[str, ...]) -> None:
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
    if document.valid_until is not None and document.valid_until < document.issued_on:
        raise CertificateError("valid_until: lies before issued_on")
    try:
        parse_identifier(document.identifier)
    except IdentifierError as error:
        raise CertificateError(f"identifier: {error}") from error
    texts = {field: getattr(document, field) for field in _LIMITS}
    texts |= {"columns": "".join(document.columns), "rows": "".join(c for row in document.rows for c in row)}
    texts |= {"terminal": terminal_id, "forms": "".join(forms), "source": document.source}
    if (document.kind == "copy") != bool(document.source) or len(document.source) > MAX_SOURCE:
        raise CertificateError(f"source: a copy, and only a copy, says in at most {MAX_SOURCE} characters of what")
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
        "valid_until": _day(document.valid_until) if document.valid_until else "长期",
        "kind": document.kind,
        "source": document.source,
        "serial": document.serial,
        "terminal": terminal_id,
        "qr": _qr(document.qr),
    }


def _seal(seal: Seal) -> str:
    """The seal as SVG around its PNG. Raises `CertificateError` unless every octet of the picture is as it should be.

    Typst would leave a broken picture out and say nothing, so it is read here: form, checksums, size, alpha.
    """
    data = seal.png
    if len(data) > MAX_SEAL:
        raise CertificateError(f"seal: {len(data)} octets; at most {MAX_SEAL}")
    chunks = _png_chunks(data)
    width, height, depth, colour, _, _, interlaced = struct.unpack(">IIBBBBB", chunks[0][1])
    if not (1 <= width <= MAX_SEAL_PIXELS and 1 <= height <= MAX_SEAL_PIXELS):
        raise CertificateError(f"seal: {width} x {height} pixels; at most {MAX_SEAL_PIXELS} a side")
    if colour not in _CHANNELS or depth != 8 or interlaced:
        raise CertificateError("seal: expected 8 bits a channel with an alpha channel, not interlaced")
    expected = height * (1 + width * _CHANNELS[colour])
    try:
        packed = b"".join(body for kind, body in chunks if kind == b"IDAT")
        pixels = zlib.decompressobj().decompress(packed, expected + 1)
    except zlib.error:
        pixels = b""
    if len(pixels) != expected:
        raise CertificateError("seal: the picture is not whole")
    href = f"data:image/png;base64,{base64.b64encode(data).decode()}"
    size = f'width="{width}" height="{height}"'
    ns = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
    return f'<svg {ns} {size} viewBox="0 0 {width} {height}"><image {size} xlink:href="{href}"/></svg>'


def _png_chunks(data: bytes) -> list[tuple[bytes, bytes]]:
    """The chunks of a PNG (ISO/IEC 15948, 5.3), checksums checked, IHDR first and IEND last."""
    chunks: list[tuple[bytes, bytes]] = []
    at = len(_PNG)
    while data.startswith(_PNG) and at + 12 <= len(data):
        (length,) = struct.unpack_from(">I", data, at)
        kind, body = data[at + 4 : at + 8], data[at + 8 : at + 8 + length]
        checksum = data[at + 8 + length : at + 12 + length]
        if len(checksum) != 4 or zlib.crc32(kind + body) != int.from_bytes(checksum, "big"):
            break
        chunks.append((kind, body))
        at += 12 + length
    kinds = [kind for kind, _ in chunks]
    if kinds[:1] != [b"IHDR"] or kinds[-1] != b"IEND" or at != len(data) or len(chunks[0][1]) != 13:
        raise CertificateError("seal: not a whole PNG")
    return chunks


def _sentence(document: CertificateData) -> str:
    if document.holder_name == NOBODY or document.holder_name in document.statement:
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
    """The code as SVG, no border (the template leaves one): error correction Q as long as its dots stay large, else M.

    Printed 31 mm wide, version 15 has dots of 0.4 mm: 4.8 dots of a 300 dpi printer.
    """
    import segno

    code = segno.make(payload, error="q", micro=False, boost_error=False)
    if int(code.version) > MAX_Q_VERSION:
        code = segno.make(payload, error="m", micro=False, boost_error=False)
    out = BytesIO()
    code.save(out, kind="svg", border=0, xmldecl=False, svgns=True, dark="#000000", omitsize=True)
    return out.getvalue().decode()
