"""Names with 㛃䶮𬭩𫖯𬸚𠮷 and a dot, sent through both drivers: what lies in the trays shows them and no others."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pypdfium2
from numpy.typing import NDArray
from paper_hall import PaperHall, play
from PIL import Image, ImageDraw, ImageFont

from config import DATA
from drivers.outcome import Done
from drivers.receipt_printer.document import Cut, Feed, Line, ReceiptDocument
from kiosk.printing.certificate import render
from kiosk.printing.certificate_data import CertificateData

RARE = "㛃䶮𬭩𫖯𬸚𠮷"
NAMES = ("㛃䶮𬭩", "𫖯𬸚𠮷", "阿依古丽·买买提", "欧阳㛃·𠮷")
CERTIFICATE = CertificateData(
    template="insured-status",
    identifier="1.2.156.3005.2.11100000000013338W032.11371000MB2856435T.20260100001.001.W",
    title="社会保险个人参保证明",
    holder_name="",
    holder_number_masked="371002********5015",
    statement="在我市参加社会保险，参保情况如下：",
    columns=("险种", "参保状态"),
    rows=(("失业保险", "参保缴费"),),
    issuer="威海市社会保险服务中心",
    issued_on=date(2026, 11, 21),
    purpose="求职",
    valid_until=date(2027, 2, 21),
    qr="WHC1.test",
    serial="20260100001",
)


def test_certificates(tmp_path: Path) -> None:
    async def story(hall: PaperHall) -> None:
        async def nothing(_: object) -> None:
            pass

        for number, name in enumerate(NAMES, 1):
            made = render(replace(CERTIFICATE, holder_name=name), specimen=True, terminal_id="WH-HC-0003")
            outcome = await hall.licences.print_pdf(made.pdf, f"name-{number}", pages=made.pages, on_job=nothing)
            assert isinstance(outcome, Done)
            kind, paper = hall.licences_there.artefact(f"job-{number}.pdf")
            assert kind == "application/pdf"
            with pypdfium2.PdfDocument(paper) as document:
                text = "".join(document[0].get_textpage().get_text_range().split())
            assert name in text
            assert "\ufffd" not in text
            assert hall.licences_there.artefact(f"job-{number}.png")[1].startswith(b"\x89PNG")
        assert len(hall.licences_there.engine.tray_out) == len(NAMES)

    play(tmp_path, story)


def test_receipts(tmp_path: Path) -> None:
    async def story(hall: PaperHall) -> None:
        for number, name in enumerate(NAMES, 1):
            document = ReceiptDocument((Line(name, size=(2, 2)), Feed(24), Cut()))
            assert isinstance(await hall.tools.receipt_printer.print_document(document), Done)
            receipts = hall.receipts_there.paper.receipts
            ink = np.asarray(receipts[-1].picture.convert("L")) < 128
            read = "".join(nearest(cell) for cell in cells(ink, name))
            assert read == name, f"name {number} came out as {read}"

    play(tmp_path, story)


FONT = DATA / "fonts" / "NotoSansSC-Regular.otf"
LIKELY = sorted({*RARE, *"".join(NAMES), *"张三李四王五丽古卖目田口由甲"})


def cells(ink: NDArray[np.bool_], name: str) -> list[NDArray[np.bool_]]:
    """The picture of each character: full-width cells of 48 dots from the left edge, over the inked rows."""
    rows = np.flatnonzero(ink.any(axis=1))
    line = ink[rows[0] : rows[-1] + 1]
    return [line[:, at * 48 : at * 48 + 48] for at in range(len(name))]


def nearest(cell: NDArray[np.bool_]) -> str:
    """The likely character whose drawing, by PIL from the font, is most like `cell`."""
    return max(LIKELY, key=lambda character: _likeness(cell, _drawn(character)))


def _drawn(character: str) -> NDArray[np.bool_]:
    picture = Image.new("L", (96, 96), 255)
    ImageDraw.Draw(picture).text((24, 70), character, fill=0, font=ImageFont.truetype(str(FONT), 48), anchor="ls")
    return np.asarray(picture) < 128


def _likeness(one: NDArray[np.bool_], other: NDArray[np.bool_]) -> float:
    """Overlap of both drawings' ink, each cut to its ink and brought to one size; a dot and a glyph are unlike."""
    a, b = _cut(one), _cut(other)
    if a is None or b is None:
        return 0.0
    if max(a.size, b.size) > 4 * min(a.size, b.size):
        return 0.0
    shape = (48, 48)
    x, y = (np.asarray(Image.fromarray(p).resize(shape)) > 0 for p in (a, b))
    return float((x & y).sum() / max(1, (x | y).sum()))


def _cut(ink: NDArray[np.bool_]) -> NDArray[np.bool_] | None:
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    if not len(rows):
        return None
    return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
