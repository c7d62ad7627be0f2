"""A recorded ESC/POS stream -> what would be on paper, without a printer: for `kiosk-sim render-receipt` and tests."""

from __future__ import annotations

from typing import Any

from PIL import Image

from config.receipt_printers import receipt_printer
from drivers.receipt_printer.frames import CommandParser, Malformed
from simulator.models.receipt_paper import DOTS_PER_MM, WHITE, Paper, png
from simulator.models.receipt_typesetter import Typesetter

MAX_STREAM = 16 << 20
GAP_ROWS = 24


def render_receipt(
    stream: bytes, chinese_mode: bool = True, profile: str = "chinese-80mm"
) -> tuple[bytes, str, dict[str, Any]]:
    """(PNG of all pieces, a line between them, their text, a report that can be JSON). `chinese_mode` at power-on.

    Raises `ValueError` for a stream of more than 16 MiB.
    """
    if len(stream) > MAX_STREAM:
        raise ValueError(f"stream of {len(stream)} bytes: more than {MAX_STREAM}")
    model = receipt_printer(profile)
    paper = Paper(model.dots, metres=10_000.0)
    setter = Typesetter(model, paper, chinese=chinese_mode)
    parser = CommandParser()
    malformed = 0
    for item in parser.feed(stream):
        malformed += isinstance(item, Malformed)
        setter.execute(item)
    if setter.line_open:
        setter.end_line()
    paper.finish()
    pieces = list(paper.receipts)
    height = sum(p.picture.height for p in pieces) + GAP_ROWS * max(len(pieces) - 1, 0)
    whole = Image.new("L", (model.dots, max(height, 1)), WHITE)
    y = 0
    for number, piece in enumerate(pieces):
        if number:
            whole.paste(Image.new("L", (model.dots, 1), 0), (0, y + GAP_ROWS // 2))
            y += GAP_ROWS
        whole.paste(piece.picture.convert("L"), (0, y))
        y += piece.picture.height
    report = {
        "profile": profile,
        "chinese_mode": chinese_mode,
        "bytes": len(stream),
        "pieces": [{"mm": round(p.picture.height / DOTS_PER_MM, 1), "cut": p.by_cutter} for p in pieces],
        "paper_m": round(paper.used_m, 4),
        "printed": list(setter.tally.printed),
        "commands": dict(sorted(setter.tally.commands.items())),
        "malformed": malformed,
        "unfinished": parser.unfinished,
        "notes": setter.tally.notes,
    }
    return png(whole), "\n".join(p.text for p in pieces), report
