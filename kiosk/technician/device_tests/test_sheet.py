"""The test page on A4 (config/sheets/test-page.typ): edges, ruler, greys, type; marked 测试, without number or seal."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Final

from config import DATA

SHEETS: Final = DATA / "sheets"
MARK: Final = "测试 TEST"


class SheetUnmade(RuntimeError):
    """The page cannot be typeset; the message says why."""


def test_sheet(terminal: str, at: datetime) -> bytes:
    """The page as PDF. Raises `SheetUnmade`. Blocking, about 100 ms."""
    import typst

    data = {
        "mark": MARK,
        "title": "打印测试页 Test page",
        "terminal": terminal,
        "at": at.isoformat(sep=" ", timespec="seconds"),
        "void": "本页仅供检修，没有任何效力。 For maintenance only; this page proves nothing.",
        "ruler": "毫米尺：打印后长 180 mm。 The scale is 180 mm long on paper.",
        "greys": "灰阶：相邻两格应能分清。 Neighbouring greys can be told apart.",
        "lines": "线条：最细的也应连续。 The thinnest lines are unbroken.",
        "look": "请看：外框四边与纸边平行、距离相等，没有条纹、污点和皱褶。 "
        "The frame is parallel to the paper's edges, all four at one distance; no stripes, spots or creases.",
    }
    inputs = {"data": json.dumps(data, ensure_ascii=False)}
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[Path(DATA / "fonts")])
    try:
        pdf = typst.Compiler(root=SHEETS, font_paths=fonts).compile(
            str(SHEETS / "test-page.typ"), format="pdf", sys_inputs=inputs
        )
    except typst.TypstError as error:
        raise SheetUnmade(f"test-page.typ: {error}") from error
    if not isinstance(pdf, bytes):
        raise SheetUnmade("test-page.typ: made no document")
    return pdf
