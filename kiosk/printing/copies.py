"""Scanned sheets as a PDF for plain copies: A4 pages, cards at their true size, both sides on one page.

Nothing touches the disk: the sheets are handed to typst as text inside its inputs. A copy is no certificate: it carries
no seal; with a purpose it carries that across the page, and a simulated terminal says so on every page.
"""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

from config import DATA

if TYPE_CHECKING:
    import typst

SHEET = DATA / "certificates" / "parts" / "sheets.typ"
MAX_SHEETS = 40
MAX_BYTES = 64 << 20
MAX_MARK = 40
MAX_PDF = 16 << 20
A4_MM = (210.0, 297.0)
_lock = threading.Lock()  # typst's compiler keeps state between two calls


class CopyError(ValueError):
    """The sheets cannot be set; names the rule, never what is on a sheet."""


@dataclass(frozen=True, slots=True)
class CopySheet:
    """One scanned side: a JPEG and its size in mm, as it lies."""

    jpeg: bytes = field(repr=False)
    size_mm: tuple[float, float]

    @property
    def small(self) -> bool:
        """Whether two of it fit on one A4 page at their true size, one under the other."""
        return self.size_mm[0] <= A4_MM[0] - 20 and self.size_mm[1] <= A4_MM[1] / 2 - 20


def copy_pdf(sheets: Sequence[CopySheet], *, mark: str = "", simulated: bool = False) -> tuple[bytes, int]:
    """The PDF and its number of pages. `mark` is set across every page. Blocking: about 50 ms a page.

    Raises `CopyError`.
    """
    if not 1 <= len(sheets) <= MAX_SHEETS or sum(len(s.jpeg) for s in sheets) > MAX_BYTES:
        raise CopyError(f"1 to {MAX_SHEETS} sheets of together at most {MAX_BYTES >> 20} MiB can be copied")
    if len(mark) > MAX_MARK:
        raise CopyError(f"the purpose has at most {MAX_MARK} characters")
    import typst

    pages = _laid_out(sheets)
    data = {"pages": pages, "mark": mark, "simulated": simulated}
    inputs = {"data": json.dumps(data, ensure_ascii=False)}
    inputs |= {f"sheet-{number}": _as_text(sheet) for number, sheet in enumerate(sheets)}
    try:
        with _lock:
            pdf = _compiler().compile(str(SHEET), format="pdf", sys_inputs=inputs)
    except typst.TypstError as error:
        raise CopyError("the sheets cannot be set on pages") from error
    if not isinstance(pdf, bytes) or len(pdf) > MAX_PDF:
        raise CopyError(f"the copy is larger than {MAX_PDF >> 20} MiB")
    return pdf, len(pages)


def _laid_out(sheets: Sequence[CopySheet]) -> list[list[list[float]]]:
    """For each page its sheets: number, left, top, width, height in mm. Two small sides share a page."""
    pages: list[list[list[float]]] = []
    room = False
    for number, sheet in enumerate(sheets):
        wide, high = sheet.size_mm
        left = (A4_MM[0] - wide) / 2
        if not sheet.small:
            shrink = min(1.0, A4_MM[0] / wide, A4_MM[1] / high)
            wide, high = wide * shrink, high * shrink
            pages.append([[number, (A4_MM[0] - wide) / 2, (A4_MM[1] - high) / 2, wide, high]])
            room = False
        elif room:
            pages[-1].append([number, left, A4_MM[1] / 2 + 15, wide, high])
            room = False
        else:
            pages.append([[number, left, A4_MM[1] / 2 - 15 - high, wide, high]])
            room = True
    return pages


def _as_text(sheet: CopySheet) -> str:
    """The JPEG inside an SVG of its size: text, which typst's inputs can carry; the octets of the picture stay."""
    wide, high = sheet.size_mm
    data = base64.b64encode(sheet.jpeg).decode()
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
        f' width="{wide}mm" height="{high}mm" viewBox="0 0 {wide} {high}"><image width="{wide}" height="{high}"'
        f' preserveAspectRatio="none" xlink:href="data:image/jpeg;base64,{data}"/></svg>'
    )


@cache
def _compiler() -> typst.Compiler:
    import typst

    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[DATA / "fonts"])
    return typst.Compiler(root=SHEET.parent, font_paths=fonts)
