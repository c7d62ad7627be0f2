"""Receipts written by other people's programs: what our simulated printer puts on paper is what they say it is.

| generator                          | where from | what it says of its paper                                   |
|------------------------------------|------------|-------------------------------------------------------------|
| @point-of-sale/receipt-printer-encoder | npm    | its own lines, for each of its 32 ESC/POS printer models    |
| receiptline                        | npm        | its own plain text, beside five command sets                |
| receiptline inside receiptio       | npm        | the same, an older release                                  |
| node-thermal-printer               | npm        | the calls                                                   |
| python-escpos                      | PyPI       | the calls                                                   |

Codes are read back from our picture by ZXing.
"""

from __future__ import annotations

import io
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
import zxingcpp
from PIL import Image

from drivers.receipt_printer.escpos_library import dummy
from simulator.models.receipt_boxes import ARMS, box_picture
from simulator.models.receipt_pages import code_page
from simulator.models.receipt_render import render_receipt

NPM = Path(__file__).parent / "npm"
INSTALLED = NPM / "node_modules" / ".package-lock.json"
pytestmark = [
    pytest.mark.oracle,
    pytest.mark.skipif(
        shutil.which("node") is None or not INSTALLED.is_file(),
        reason="node or its packages are missing: run `make setup` (or `npm ci --ignore-scripts` in tests/oracle/npm)",
    ),
]

QR, EAN, CODE128 = "https://example.org/a?b=1", "6901234567892", "WH-HC-0003"
MARGIN = 32
MODELS = """
bixolon-srp350 bixolon-srp350iii citizen-ct-s310ii epson-tm-m30ii epson-tm-m30iii epson-tm-p20ii
epson-tm-t20ii epson-tm-t20iii epson-tm-t20iv epson-tm-t70 epson-tm-t70ii epson-tm-t88ii epson-tm-t88iii
epson-tm-t88iv epson-tm-t88v epson-tm-t88vi epson-tm-t88vii fujitsu-fp1000 hp-a779 meow metapace-t1 mpt-ii
pos-5890 pos-8360 sunmi-p2se sunmi-p3h sunmi-p3kh sunmi-p3mix sunmi xprinter-xp-n160ii xprinter-xp-t80q
youku-58t
""".split()  # noqa: SIM905 - a list of 32 names, one a line, says no more
RECEIPTLINES = [f"receiptline-{name}" for name in ("escpos", "epson", "citizen", "fit", "generic")]
RECEIPTLINES += ["receiptio-escpos", "receiptio-epson"]
UPSIDE = ("escpos", "epson", "generic")
ROUND = str.maketrans("╭╮╰╯┌┐└┘├┤┬┴┼─│", "+++++++++++++-|")


class Paper(NamedTuple):
    """What came out: dots without the margins (True = black), the text lines, the report."""

    dots: np.ndarray[Any, np.dtype[np.bool_]]
    lines: list[str]
    report: dict[str, Any]

    @property
    def words(self) -> list[str]:
        """The text lines without codes, pictures and what stands below bar codes."""
        kept = [line for line in self.lines if line.strip() not in ("", "▒", EAN) and not line.lstrip().startswith("[")]
        return [line.rstrip() for line in kept]

    @property
    def codes(self) -> dict[str, str]:
        """Text by format, as ZXing reads them; the paper's white margins are put back."""
        page = np.pad(np.where(self.dots, 0, 255).astype(np.uint8), MARGIN, constant_values=255)
        return {code.format.name: code.text for code in zxingcpp.read_barcodes(page)}

    def rows(self, line: int) -> tuple[int, int]:
        """First and last inked row of the text line number `line` (bands of ink from the top)."""
        inked = np.flatnonzero(self.dots.any(axis=1))
        bands = np.split(inked, np.flatnonzero(np.diff(inked) > 1) + 1)
        return int(bands[line][0]), int(bands[line][-1])

    def columns(self, line: int) -> tuple[int, int]:
        """First and last inked dot across of a band of ink."""
        top, bottom = self.rows(line)
        inked = np.flatnonzero(self.dots[top : bottom + 1].any(axis=0))
        return int(inked[0]), int(inked[-1])

    def has_square(self, side: int) -> bool:
        """True when a black square of exactly `side` dots stands somewhere."""
        return _whole(self.dots, side) and not _whole(self.dots, side + 1)


def _whole(dots: np.ndarray[Any, np.dtype[np.bool_]], side: int) -> bool:
    total = np.pad(dots.astype(np.int64).cumsum(axis=0).cumsum(axis=1), ((1, 0), (1, 0)))
    sums = total[side:, side:] - total[:-side, side:] - total[side:, :-side] + total[:-side, :-side]
    return bool((sums == side * side).any())


def printed(stream: bytes, profile: str = "chinese-80mm") -> Paper:
    """Nothing of a foreign stream may be malformed or left unfinished, and every receipt is cut."""
    png, text, report = render_receipt(stream, True, profile)
    page = np.asarray(Image.open(io.BytesIO(png)).convert("L")) < 128
    assert (report["malformed"], report["unfinished"]) == (0, False)
    assert [piece["cut"] for piece in report["pieces"]] == [True]
    return Paper(page[:, MARGIN:-MARGIN], text.splitlines(), report)


@pytest.fixture(scope="module")
def streams(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with NAME.bin and NAME.json of every generator, made now."""
    folder = tmp_path_factory.mktemp("streams")
    ran = subprocess.run(
        ["node", str(NPM / "streams.cjs"), str(folder)], capture_output=True, text=True, timeout=60, check=False
    )
    assert ran.returncode == 0, ran.stderr
    return folder


def test_no_generated_stream_is_left_unjudged(streams: Path) -> None:
    wanted = {f"encoder-{model}" for model in MODELS} | set(RECEIPTLINES) | {"thermal"}
    wanted |= {f"upside-{command}" for command in UPSIDE}
    assert {path.stem for path in streams.glob("*.bin")} == wanted


# --- receipt-printer-encoder


@pytest.mark.parametrize("model", MODELS)
def test_receipt_printer_encoder(streams: Path, model: str) -> None:
    """It sets columns with spaces, so every line must agree to the column; it leaves Chinese mode itself (FS .)."""
    says = json.loads((streams / f"encoder-{model}.json").read_text())
    profile = "chinese-58mm" if says["columns"] <= 32 else "chinese-80mm"
    paper = printed((streams / f"encoder-{model}.bin").read_bytes(), profile)
    theirs = [bytes.fromhex(line).decode("cp437").rstrip() for line in says["cp437"]]
    assert paper.words == [line for line in theirs if line]
    assert "Café" in "".join(paper.words)
    codes = {"EAN13": EAN, "Code128": CODE128} | ({"QRCode": QR} if says["qr"] else {})
    assert paper.codes == codes
    assert paper.has_square(48)
    big, small = paper.rows(0), paper.rows(1)
    assert big[1] - big[0] > 1.6 * (small[1] - small[0])
    right = max(paper.columns(line)[1] for line in range(8))
    assert right >= says["columns"] * 12 - 12


def test_its_boxes_are_closed_lines(streams: Path) -> None:
    """The double rule and the box are drawn from cell to cell: two unbroken rows, and a frame of 19 cells."""
    paper = printed((streams / "encoder-epson-tm-t20iii.bin").read_bytes())
    full = np.flatnonzero(paper.dots.all(axis=1))
    assert full.size == 4
    assert np.array_equal(np.diff(full), [1, 3, 1])
    below = paper.dots[int(full[-1]) + 1 :]
    frame = np.flatnonzero(below[:, 6 : 19 * 12 + 6].all(axis=1))
    assert frame.size == 4
    between = below[frame[0] : frame[-1] + 1]
    assert between[:, 5:7].all()
    assert between[:, 19 * 12 + 5 : 19 * 12 + 7].all()


# --- receiptline, and receiptline inside receiptio


@pytest.mark.parametrize("name", RECEIPTLINES)
def test_receiptline(streams: Path, name: str) -> None:
    """Words and their columns are those of its own plain text; half columns (centring in dots) are within one."""
    says = json.loads((streams / f"{name}.json").read_text())["text"]
    paper = printed((streams / f"{name}.bin").read_bytes())
    theirs = [line for line in says.splitlines() if line.strip()]
    ours = [line.translate(ROUND) for line in paper.words]
    assert len(ours) == len(theirs)
    for number, (line, their) in enumerate(zip(ours, theirs, strict=True)):
        assert line.replace(" ", "") == their.replace(" ", "")
        if number not in (0, len(ours) - 2):
            for (word, at), (_, wanted) in zip(_placed(line), _placed(their), strict=True):
                assert abs(at - wanted) <= 1, (line, their, word)
    assert paper.codes == {"QRCode": QR, "EAN13": EAN, "Code128": CODE128}
    assert paper.has_square(48)


def test_receiptline_s_sizes_and_alignment(streams: Path) -> None:
    """The title is twice as high and wide and centred; `^` doubles the width alone, `^^` the height alone."""
    paper = printed((streams / "receiptline-epson.bin").read_bytes())
    top, bottom = paper.rows(0)
    assert 40 <= bottom - top <= 48
    left, right = paper.columns(0)
    assert 6 * 48 < right - left <= 7 * 48
    assert abs(left + right - 576) <= 8
    total = next(n for n in range(4, 16) if paper.columns(n)[0] < 12 and 26 < np.diff(paper.rows(n))[0] <= 48)
    top, bottom = paper.rows(total)
    wide = np.flatnonzero(paper.dots[top : bottom + 1, :120].any(axis=1))
    assert 14 <= wide[-1] - wide[0] <= 24
    across = np.flatnonzero(paper.dots[top : bottom + 1, :120].any(axis=0))
    assert 76 <= across[-1] - across[0] <= 96


@pytest.mark.parametrize("command", UPSIDE)
def test_receiptline_upside_down(streams: Path, command: str) -> None:
    """The same paper turned: as much ink in the columns, the lines in reverse, codes readable.

    receiptline turns images itself and leaves text and bar codes to the printer (ESC {), and so does Epson's reference.
    """
    plain = printed((streams / f"receiptline-{command}.bin").read_bytes())
    turned = printed((streams / f"upside-{command}.bin").read_bytes())
    assert turned.dots.sum() == plain.dots.sum()
    beside_qr = np.r_[0:220, 356:576]  # its code, an odd number of dots across, is centred a dot or three elsewhere
    assert np.array_equal(turned.dots.sum(axis=0)[::-1][beside_qr], plain.dots.sum(axis=0)[beside_qr])
    lines = [line.translate(ROUND).strip() for line in plain.words]
    assert [line.translate(ROUND).strip() for line in turned.words][::-1] == lines
    assert turned._replace(dots=turned.dots[::-1, ::-1]).codes == {"QRCode": QR, "EAN13": EAN, "Code128": CODE128}


def _placed(line: str) -> list[tuple[str, int]]:
    """Words with their columns; a character beyond Latin and boxes takes two."""
    found: list[tuple[str, int]] = []
    for match in re.finditer(r"[^ |]+", line):
        before = line[: match.start()]
        found.append((match.group(), len(before) + sum(ord(c) > 0x2E80 for c in before)))
    return found


# --- node-thermal-printer, python-escpos


def test_node_thermal_printer(streams: Path) -> None:
    """Chinese by ESC R 15 and EUC-CN alone: right on a printer that powers on in Chinese mode."""
    paper = printed((streams / "thermal.bin").read_bytes())
    assert paper.words == [
        " " * 14 + "威海市政务",
        " " * 20 + "centred",
        "bold plain",
        "under",
        "invert",
        "left" + " " * 39 + "right",
        "One             Two             Three",
        "Item" + " " * 39 + "12.00",
        "=" * 48,
        " " * 40 + "办理进度",
    ]
    assert paper.codes == {"QRCode": QR, "EAN13": EAN, "Code128": CODE128}
    assert paper.has_square(48)
    assert 40 <= paper.rows(0)[1] - paper.rows(0)[0] <= 48


def test_python_escpos() -> None:
    """Its own wrapping, native and drawn QR codes, and a picture in all three ways it has."""
    printer = dummy("TM-T20II")
    printer.set(align="center", custom_size=True, width=2, height=2)
    printer.text("威海市政务\n")
    printer.set_with_default(align="center")
    printer.text("centred\n")
    printer.set_with_default(align="left")
    printer.textln(f"{'Item':<24}{'Count':^12}{'12.00':>12}")
    printer.block_text("seven words that it wraps by itself, to twenty columns", columns=20)
    printer.ln()
    printer.text("张三 社会保障卡\n")
    printer.set_with_default(align="right")
    printer.text("right\n")
    printer.set_with_default(align="center")
    printer.qr(QR, native=True, size=5)
    printer.barcode(EAN, "EAN13", 64, 2, "BELOW", "A", align_ct=False)
    printer.barcode("{B" + CODE128, "CODE128", 64, 2, "OFF", function_type="B", align_ct=False)
    square = Image.new("1", (64, 64), 1)
    square.paste(0, (8, 8, 56, 56))
    printer.set_with_default(align="left")
    for impl in ("bitImageRaster", "graphics", "bitImageColumn"):
        printer.image(square, impl=impl)
    printer.cut()
    paper = printed(printer.output)
    assert paper.words[0] == " " * 14 + "威海市政务"
    assert paper.words[1] == " " * 20 + "centred"
    assert paper.words[2].split() == ["Item", "Count", "12.00"]
    assert paper.words[2].endswith("12.00")
    assert paper.words[3:6] == ["seven words that it", "wraps by itself, to", "twenty columns"]
    assert paper.words[6:] == ["张三 社会保障卡", " " * 43 + "right"]
    assert paper.codes == {"QRCode": QR, "EAN13": EAN, "Code128": CODE128}
    assert paper.has_square(48)


# --- what the generators showed to be missing


def test_pages_have_the_characters_that_epson_s_have() -> None:
    """Epson's PC857 has a euro sign that Python's has not; page 1 has lines, kana and signs and no letters of PC437."""
    assert code_page(13)[0xD5] == "€"
    assert (code_page(1)[0x95], code_page(1)[0xB1], code_page(1)[0xFA]) == ("─", "ｱ", "区")
    assert code_page(77) == code_page(0)
    assert {len(code_page(number)) for number in range(256)} == {256}


@pytest.mark.parametrize("character", sorted(ARMS))
def test_arms_of_lines_reach_the_edges_they_point_to(character: str) -> None:
    picture = box_picture(character, 12, 24)
    assert picture is not None
    dots = np.asarray(picture) < 128
    edges = (dots[:, 0], dots[:, -1], dots[0], dots[-1])
    assert [int(edge.sum()) // 2 for edge in edges] == [int(arm) for arm in ARMS[character]]


def test_the_command_line_renders_a_foreign_stream(streams: Path, tmp_path: Path) -> None:
    command = [
        str(Path(sys.executable).with_name("kiosk-sim")),
        "render-receipt",
        str(streams / "receiptline-epson.bin"),
    ]
    command += ["--png", str(tmp_path / "p.png"), "--text", str(tmp_path / "p.txt")]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert ran.returncode == 0, ran.stderr
    assert "威海市政务服务" in (tmp_path / "p.txt").read_text(encoding="utf-8")
    with Image.open(tmp_path / "p.png") as picture:
        assert picture.width == 640
