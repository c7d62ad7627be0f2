"""The peers of the paper figures: the same receipt by python-escpos alone, the same certificate by reportlab."""

from __future__ import annotations

import io
from typing import Any

from config import DATA

FONT = DATA / "fonts" / "NotoSerifSC-Regular.otf"
MM = 72 / 25.4


def escpos_alone(document: Any, profile: Any) -> bytes:
    """`document` by python-escpos with nothing of ours: its set(), text(), native qr() and cut()."""
    from drivers.receipt_printer.document import Line, Pair, Qr, Rule
    from drivers.receipt_printer.escpos_library import dummy

    printer = dummy(profile.escpos_profile)
    for part in document.parts:
        match part:
            case Line(text, align, bold, size):
                printer.set(
                    align="center" if align == "centre" else align,
                    bold=bold,
                    custom_size=True,
                    width=size[0],
                    height=size[1],
                )
                printer.text(text + "\n")
            case Pair(left, right, bold):
                printer.set(align="left", bold=bold, normal_textsize=True)
                printer.text(f"{left} {right}\n")
            case Rule():
                printer.set(align="left", normal_textsize=True)
                printer.text("-" * profile.columns + "\n")
            case Qr(payload, module):
                printer.set(align="center")
                printer.qr(payload, native=True, size=module)
    printer.cut()
    made: bytes = printer.output
    return made


def reportlab_certificate(document: Any, font: bytes) -> bytes:
    """The words, the table and the QR code of `document` on one A4 page; `font`: `truetype` of its words."""
    from reportlab.graphics.barcode import qr
    from reportlab.graphics.shapes import Drawing
    from reportlab.lib.pagesizes import A4
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont
    from reportlab.pdfgen.canvas import Canvas
    from reportlab.platypus import Table

    pdfmetrics.registerFont(TTFont("serif", io.BytesIO(font)))
    made = io.BytesIO()
    page = Canvas(made, A4, invariant=1)
    page.setTitle(document.title)
    page.setFont("serif", 24)
    page.drawCentredString(105 * MM, 250 * MM, document.title)
    page.setFont("serif", 12)
    rows = [document.holder_name, document.holder_number_masked, document.statement, document.purpose, document.issuer]
    for number, text in enumerate([*rows, str(document.issued_on), str(document.valid_until), document.serial]):
        page.drawString(25 * MM, (225 - 9 * number) * MM, text)
    cells = [list(document.columns), *[list(row) for row in document.rows]]
    table = Table(cells, style=[("FONT", (0, 0), (-1, -1), "serif")])
    table.wrapOn(page, 160 * MM, 80 * MM)
    table.drawOn(page, 25 * MM, 110 * MM)
    drawing = Drawing(40 * MM, 40 * MM)
    drawing.add(qr.QrCodeWidget(document.qr, barWidth=40 * MM, barHeight=40 * MM))
    drawing.drawOn(page, 25 * MM, 40 * MM)
    page.showPage()
    page.save()
    return made.getvalue()


def words_of(document: Any) -> str:
    """Every character that the page shows."""
    return "".join(str(getattr(document, field)) for field in document.__dataclass_fields__) + "0123456789-()[]',"


def truetype(words: str) -> bytes:
    """Our serif font cut down to `words`, with TrueType outlines: reportlab takes no others."""
    from fontTools.pens.cu2quPen import Cu2QuPen
    from fontTools.pens.ttGlyphPen import TTGlyphPen
    from fontTools.subset import Options, Subsetter
    from fontTools.ttLib import TTFont, newTable

    font = TTFont(FONT)
    cutter = Subsetter(Options(layout_features=[], name_IDs=["*"], notdef_outline=True))
    cutter.populate(text=words)
    cutter.subset(font)
    outlines, drawn = font.getGlyphSet(), {}
    for name in font.getGlyphOrder():
        pen = TTGlyphPen(outlines)
        outlines[name].draw(Cu2QuPen(pen, 1.0, reverse_direction=True))
        drawn[name] = pen.glyph()
    font["loca"], font["glyf"] = newTable("loca"), newTable("glyf")
    font["glyf"].glyphOrder, font["glyf"].glyphs = font.getGlyphOrder(), drawn
    maxp = font["maxp"]
    maxp.tableVersion = 0x00010000
    for field in ("maxZones", "maxTwilightPoints", "maxStorage", "maxFunctionDefs", "maxInstructionDefs"):
        setattr(maxp, field, 0)
    for field in ("maxStackElements", "maxSizeOfInstructions", "maxComponentElements", "maxComponentDepth"):
        setattr(maxp, field, 0)
    for field in ("maxPoints", "maxContours", "maxCompositePoints", "maxCompositeContours"):
        setattr(maxp, field, 0)
    maxp.maxZones = 1
    del font["CFF "]
    for table in ("VORG", "GPOS", "GSUB"):
        if table in font:
            del font[table]
    font.sfntVersion = "\000\001\000\000"
    made = io.BytesIO()
    font.save(made)
    return made.getvalue()
