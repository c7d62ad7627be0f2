"""Plain sheets on A4 (config/sheets): the guide to a service. Information only: no seal, no number, nobody's name."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from config import DATA
from config.texts import texts
from screens.models import Guide
from screens.screen import Language

if TYPE_CHECKING:
    import typst

SHEETS: Final = DATA / "sheets"
FONTS: Final = DATA / "fonts"
MAX_PAGES: Final = 4
_lock = threading.Lock()


class SheetError(ValueError):
    """The sheet cannot be typeset."""


def rows_of(guide: Guide, language: Language) -> list[tuple[str, str]]:
    """Label and words of every element, in the order of the page; several lines where there are several things."""
    say = texts(language).t
    none = say("guide.none")
    lines = {
        "parts": "\n".join(f"{at}. {part}" for at, part in enumerate(guide.parts, 1)),
        "conditions": "\n".join(guide.conditions) or none,
        "materials": "\n".join(guide.materials) or none,
        "procedure": "\n".join(f"{at}. {step}" for at, step in enumerate(guide.procedure, 1)),
        "fee": "  ".join(filter(None, (guide.fee, guide.fee_basis))),
        "time-limit": guide.time_limit,
        "output": guide.output,
        "authority": guide.authority,
        "basis": guide.basis,
    }
    return [(say(f"guide.{key}"), words) for key, words in lines.items() if words]


def typeset(guide: Guide, language: Language, foot: str, *, simulated: bool) -> tuple[bytes, int]:
    """The sheet as PDF, and its pages. Raises `SheetError`. Blocking, about 50 ms; safe from several threads."""
    say = texts(language).t
    data = {
        "lang": language,
        "heading": say("guide.sheet"),
        "title": guide.service.name,
        "subtitle": say(f"kind.{guide.service.kind}"),
        "rows": rows_of(guide, language),
        "note": say("guide.sheet-note"),
        "foot": foot,
        "specimen": simulated,
        "simulated": say("app.simulated"),
    }
    return typeset_sheet("guide.typ", data, f"the guide to {guide.service.id}", MAX_PAGES)


def typeset_sheet(template: str, data: Mapping[str, object], named: str, most_pages: int) -> tuple[bytes, int]:
    """`data` set by a template of config/sheets: the PDF and its pages. `named` is what an error calls it.

    Raises `SheetError`. Blocking, about 50 ms; safe from several threads.
    """
    import pypdfium2
    import typst

    inputs = {"data": json.dumps(data, ensure_ascii=False)}
    try:
        with _lock:
            pdf = _compiler().compile(str(SHEETS / template), format="pdf", sys_inputs=inputs)
    except typst.TypstError as error:
        raise SheetError(f"{named} cannot be typeset") from error
    if not isinstance(pdf, bytes):
        raise SheetError(f"{named} made no document")
    with pypdfium2.PdfDocument(pdf) as opened:
        pages = len(opened)
    if pages > most_pages:
        raise SheetError(f"{named} has {pages} pages, at most {most_pages}")
    return pdf, pages


@cache
def _compiler() -> typst.Compiler:
    import typst

    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[Path(FONTS)])
    return typst.Compiler(root=SHEETS, font_paths=fonts)
