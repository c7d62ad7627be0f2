"""The simulated printer as an interpreter: what each command makes of the paper, as text, dots and report."""

import io
import json

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from config.receipt_printers import receipt_printer
from drivers.receipt_printer.encoder import ReceiptEncoder
from kiosk.printing.receipts import compose
from simulator.cli import app
from simulator.models.receipt_render import render_receipt

HAN = "威海".encode("gbk")


def paper(stream, profile="chinese-80mm", chinese=True):
    png, text, report = render_receipt(stream, chinese, profile)
    page = np.asarray(Image.open(io.BytesIO(png)).convert("L")) < 128
    return page[:, 32:-32], text, report


def span(stream, **how):
    """First and last dot across that is black."""
    columns = np.flatnonzero(paper(stream, **how)[0].any(axis=0))
    return int(columns[0]), int(columns[-1])


def printed(stream, **how):
    return paper(stream, **how)[2]["printed"]


GOLDEN = [
    ("tabs every eight columns", b"A\tB\tC\n", "A       B       C"),
    ("tabs where ESC D says", b"\x1bD\x04\x0a\x00A\tB\tC\n", "A   B     C"),
    ("no tabs after an empty ESC D", b"\x1bD\x00A\tB\n", "AB"),
    ("an absolute place", b"A\x1b$\x78\x00B\n", "A         B"),
    ("a relative place forward", b"A\x1b\\\x18\x00B\n", "A  B"),
    ("a place outside the paper is ignored", b"A\x1b$\xff\xffB\n", "AB"),
    ("a left margin", b"\x1dL\x30\x00A\n", "    A"),
    ("a narrow area wraps", b"\x1dW\x30\x00ABCDEF\n", "ABCD\nEF"),
    ("a margin in the middle of a line is ignored", b"A\x1dL\x30\x00B\n", "AB"),
    ("right", b"\x1ba\x02AB\n", " " * 46 + "AB"),
    ("centre in printable digits", b"\x1ba1AB\n", " " * 23 + "AB"),
    ("Chinese and Latin cells", HAN + b"A" + HAN + b"\n", "威海A威海"),
    ("Chinese wraps by cell", b"A" + HAN * 12 + b"\n", "A" + "威海" * 11 + "威\n海"),
    ("CR is nothing", b"A\rB\n", "AB"),
    ("LF feeds", b"A\n\nB\n", "A\n\nB"),
    ("ESC d feeds lines", b"A\x1bd\x02B\n", "A\nB"),
    ("FS . and FS &", b"\x1c.\x82\x1c&" + HAN + b"\n", "é威海"),
    ("FS C is accepted", b"\x1cC\x01" + HAN + b"\n", "威海"),
    ("ESC R 15 makes a yuan sign", b"\x1bR\x0f$1\n", "¥1"),
    ("the Latin yen sign eats a byte in Chinese mode", b"\x9d12\n", "□2"),
    ("a lead byte at the end of a line is a box", b"A\x81\n", "A□"),
    ("a drawer's pulse prints nothing", b"A\x1bp\x00\x19\xfaB\n", "AB"),
    ("a buzzer prints nothing", b"A\x1bB\x02\x02B\n", "AB"),
    (
        "GS ( A, GS ( D, FS ( A print nothing",
        b"A\x1d(A\x02\x00\x00\x02\x1d(D\x03\x00\x14\x01\x00\x1c(A\x02\x000\x01B\n",
        "AB",
    ),
    ("real-time commands in a text act and print nothing", b"A\x10\x04\x04B\x10\x14\x01\x00\x01C\n", "ABC"),
    ("an unknown command is named and passed over", b"A\x1b\x01B\n", "AB"),
    ("page mode is swallowed", b"\x1bL\x1bW" + bytes(8) + b"A\n\x1bS", "A"),
    ("ESC @ forgets the line", b"lost\x1b@kept\n", "kept"),
    ("CAN changes nothing in standard mode", b"A\x18B\n", "AB"),
    ("without a line feed at the end", b"A", "A"),
]


@pytest.mark.parametrize(("stream", "text"), [row[1:] for row in GOLDEN], ids=[row[0] for row in GOLDEN])
def test_the_text_on_paper(stream, text):
    assert paper(stream)[1].rstrip("\n") == text


@pytest.mark.parametrize(
    ("stream", "size"),
    [
        (b"\x1d!\x00", [1, 1]),
        (b"\x1d!\x11", [2, 2]),
        (b"\x1d!\x77", [8, 8]),
        (b"\x1d!\x88", [1, 1]),
        (b"\x1b!\x10", [1, 2]),
        (b"\x1b!\x20", [2, 1]),
        (b"\x1b!\x30", [2, 2]),
    ],
)
def test_sizes_of_latin(stream, size):
    (line,) = printed(stream + b"A\n")
    assert line == {"kind": "line", "text": "A", "size": size, "bold": False, "align": "left"}
    first, last = span(stream + b"HH\n")
    assert last - first == pytest.approx(24 * size[0], abs=5 * size[0])


@pytest.mark.parametrize(
    ("stream", "profile", "size"),
    [
        (b"\x1d!\x11", "chinese-80mm", [2, 2]),
        (b"\x1d!\x11", "epson-80mm", [1, 1]),
        (b"\x1b!\x30", "chinese-80mm", [2, 2]),
        (b"\x1b!\x30", "chinese-58mm", [1, 1]),
        (b"\x1c!\x04", "epson-80mm", [2, 1]),
        (b"\x1c!\x08", "epson-80mm", [1, 2]),
        (b"\x1cW\x01", "epson-80mm", [2, 2]),
    ],
)
def test_sizes_of_chinese_follow_the_model(stream, profile, size):
    (line,) = printed(stream + HAN + b"\n", profile=profile)
    assert line["size"] == size


def test_underlines_of_both_scripts_are_separate():
    def bottom(stream):
        page = paper(stream)[0]
        return page[np.flatnonzero(page.any(axis=1))[-1]].sum()

    assert bottom(b"\x1b-\x01HH\n") == 24
    assert bottom(b"\x1b-\x01" + HAN + b"\n") < 40
    assert bottom(b"\x1c-\x01" + HAN + b"\n") == 48
    assert bottom(b"\x1c!\x80" + HAN + b"\n") == 48


def test_font_b_is_smaller_and_spaces_are_kept():
    assert span(b"\x1bM\x01HHHH\n")[1] < span(b"HHHH\n")[1]
    assert span(b"\x1b \x0aHH\n")[1] == span(b"HH\n")[1] + 10
    assert span(b"\x1cS\x06\x06" + HAN + b"\n")[0] == span(HAN + b"\n")[0] + 6
    assert span(b"\x1cS\x06\x06" + HAN + b"\n")[1] == span(HAN + b"\n")[1] + 18


def test_upside_down_stands_at_the_other_edge():
    first, last = span(b"\x1b{\x01AB\n")
    assert (first > 540, last < 576) == (True, True)


def test_mixed_heights_share_the_baseline():
    page = paper(b"H\x1d!\x11H\n")[0]
    small, large = page[:, :12], page[:, 12:]
    bottom = [int(np.flatnonzero(part.any(axis=1))[-1]) for part in (small, large)]
    assert abs(bottom[0] - bottom[1]) <= 6


def test_reverse_is_white_on_black():
    assert paper(b"\x1dB\x01 \n")[0].sum() == 12 * 24


@pytest.mark.parametrize(("m", "width", "height"), [(0, 8, 4), (1, 16, 4), (2, 8, 8), (3, 16, 8), (51, 16, 8)])
def test_raster_modes(m, width, height):
    page, text, report = paper(b"\x1dv0" + bytes((m, 1, 0, 4, 0)) + b"\xff" * 4)
    assert page.sum() == width * height
    assert report["printed"] == [{"kind": "image", "width": width, "height": height}]
    assert text.strip() == f"[image {width} x {height}]"


@pytest.mark.parametrize(
    ("m", "data", "size"),
    [(0, b"\xff" * 6, (12, 24)), (1, b"\xff" * 6, (6, 24)), (32, b"\xff" * 18, (12, 24)), (33, b"\xff" * 18, (6, 24))],
)
def test_column_modes(m, data, size):
    page = paper(b"\x1b*" + bytes((m, 6, 0)) + data + b"\n")[0]
    rows, columns = np.flatnonzero(page.any(axis=1)), np.flatnonzero(page.any(axis=0))
    assert (columns[-1] - columns[0] + 1, rows[-1] - rows[0] + 1) == size


def test_stored_graphics_print_once_and_are_gone_with_esc_at():
    store = b"\x1d(L\x0b\x00\x30\x70\x30\x01\x02\x31\x08\x00\x01\x00\xff"
    show = b"\x1d(L\x02\x00\x30\x32"
    assert paper(store + show + show)[2]["printed"] == [{"kind": "image", "width": 8, "height": 2}]
    assert printed(store + b"\x1b@" + show) == []
    large = b"\x1d8L\x0b\x00\x00\x00\x30\x70\x30\x02\x01\x31\x08\x00\x01\x00\xff"
    assert printed(large + show) == [{"kind": "image", "width": 16, "height": 1}]
    greedy = b"\x1d(L\x0b\x00\x30\x70\x30\xff\xff\x31\x08\x00\x01\x00\xff"
    assert printed(greedy + show) == [{"kind": "image", "width": 8, "height": 1}]


def test_qr_functions_in_any_order():
    store = b"\x1d(k\x05\x00\x31\x50\x30hi"
    size, level, show = b"\x1d(k\x03\x00\x31\x43\x05", b"\x1d(k\x03\x00\x31\x45\x33", b"\x1d(k\x03\x00\x31\x51\x30"
    expected = {"kind": "qr", "data": "hi", "module": 5, "level": "H", "align": "centre"}
    for head in (store + size + level, level + size + store):
        assert printed(b"\x1ba\x01" + head + show) == [expected]
    assert printed(show) == []


def test_bar_codes_with_their_text_above_below_and_both():
    def lines(hri):
        return paper(b"\x1dH" + hri + b"\x1dk\x04WH-1\x00")[1].split()

    assert lines(b"\x00") == ["[CODE39", "WH-1]"]
    assert lines(b"\x01") == ["WH-1", "[CODE39", "WH-1]"]
    assert lines(b"\x02") == ["[CODE39", "WH-1]", "WH-1"]
    assert lines(b"3") == ["WH-1", "[CODE39", "WH-1]", "WH-1"]


@pytest.mark.parametrize(
    ("stream", "profile", "partial", "fed"),
    [
        (b"\x1dV\x00", "epson-80mm", False, False),
        (b"\x1dV1", "epson-80mm", True, False),
        (b"\x1dVA\x00", "epson-80mm", False, True),
        (b"\x1dVB\x10", "epson-80mm", True, True),
        (b"\x1dVA\x00", "chinese-80mm", True, True),
        (b"\x1bi", "epson-80mm", True, False),
        (b"\x1bm", "epson-80mm", True, False),
    ],
)
def test_cuts(stream, profile, partial, fed):
    cut = printed(b"A\n" + stream, profile=profile)[-1]
    assert cut == {"kind": "cut", "partial": partial, "fed": fed}


def test_presenter_and_drawer_are_reported():
    told = printed(b"\x1de\x03\x0c\x1de\x02\x1de\x05\x1de\x20\x0c\x1e\x1bp\x01\x19\xfa", profile="presenter-80mm")
    assert [row.get("does") for row in told[:4]] == ["present", "retract", "eject", "present for a time"]
    assert told[4] == {"kind": "drawer", "pin": 5}


@pytest.mark.parametrize(("profile", "feed"), [("chinese-80mm", 30), ("chinese-58mm", 34)])
def test_the_default_line_feed_is_the_model_s(profile, feed):
    rows = np.flatnonzero(paper(b"_\n_\n", profile=profile)[0].any(axis=1))
    assert rows[-1] - rows[0] == pytest.approx(feed, abs=3)


def test_a_line_is_never_shorter_than_its_characters():
    """A spacing below the line's height moves the paper by the height (SII DPU-S445, p. 71)."""
    rows = np.flatnonzero(paper(b"\x1b3\x08_\n_\n")[0].any(axis=1))
    assert rows[-1] - rows[0] >= 24


def test_white_metres_cost_nothing_and_no_command_feeds_more_than_a_metre():
    report = paper(b"\x1b3\xff" + b"\x1bd\xff" * 20 + b"A\n")[2]
    assert report["paper_m"] < 20 * 1.017 + 0.1
    assert len(report["printed"]) == 1


def test_render_receipt_writes_picture_text_and_report(tmp_path):
    values = {"ticket_no": "A023", "service": "社保", "terminal": "WH-1", "hall": "大厅"}
    values |= {"time": "2025-11-21T14:03:07+08:00", "waiting": "5"}
    made = ReceiptEncoder(receipt_printer("presenter-80mm")).encode(
        compose("queue-ticket", values, simulated=True, language="zh"), b"0001"
    )
    stream = tmp_path / "stream.bin"
    stream.write_bytes(made.data)
    files = [tmp_path / name for name in ("out.png", "out.txt", "out.json")]
    options = [
        part for name, file in zip(("--png", "--text", "--json"), files, strict=True) for part in (name, str(file))
    ]
    ran = CliRunner().invoke(
        app, ["render-receipt", str(stream), *options, "--profile", "presenter-80mm", "--chinese-mode", "off"]
    )
    assert (ran.exit_code, ran.output) == (0, "")
    assert files[0].read_bytes().startswith(b"\x89PNG")
    assert "A023" in files[1].read_text(encoding="utf-8")
    report = json.loads(files[2].read_text(encoding="utf-8"))
    kinds = [row["kind"] for row in report["printed"]]
    assert kinds[-2:] == ["cut", "presenter"]
    number = next(row for row in report["printed"] if row.get("text") == "A023")
    assert number == {"kind": "line", "text": "A023", "size": [4, 4], "bold": True, "align": "centre"}


def test_render_receipt_says_what_is_wrong(tmp_path):
    missing = CliRunner().invoke(app, ["render-receipt", str(tmp_path / "none.bin")])
    assert (missing.exit_code, "none.bin" in missing.output) == (2, True)
    (tmp_path / "x.bin").write_bytes(b"A")
    unknown = CliRunner().invoke(app, ["render-receipt", str(tmp_path / "x.bin"), "--profile", "nothing"])
    assert (unknown.exit_code, "nothing" in unknown.output) == (2, True)
