"""python-escpos judges the simulated printer, its defects are named and shown to be gone round; codes are scanned."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import zxingcpp
from PIL import Image as PilImage

from config.receipt_printers import receipt_printer
from drivers.receipt_printer.document import Cut, Image, Line, Pair, Qr, ReceiptDocument, Rule
from drivers.receipt_printer.encoder import ReceiptEncoder
from drivers.receipt_printer.escpos_library import dummy
from drivers.receipt_printer.frames import Command, CommandParser, Text
from simulator.models.receipt_glyphs import CHINESE, FONT_A, glyph
from simulator.models.receipt_render import render_receipt

RARE = "㛃䶮𬭩𫖯𬸚𠮷"
PROFILES = ("chinese-80mm", "epson-80mm", "chinese-58mm")
ROOT = Path(__file__).parents[2]


def encode(*parts, profile="chinese-80mm"):
    return ReceiptEncoder(receipt_printer(profile)).encode(ReceiptDocument(parts), b"0001")


def rendered(data, profile="chinese-80mm", chinese=None):
    model = receipt_printer(profile)
    return render_receipt(data, model.chinese_at_power_on if chinese is None else chinese, profile)


def lines_of(text):
    return [line.strip() for line in text.splitlines() if line.strip()]


def dots(png):
    import io

    return np.asarray(PilImage.open(io.BytesIO(png)).convert("L")) < 128


# --- the library is kept from what it does to its surroundings


def test_importing_leaves_no_temp_folder_no_root_handler_and_no_output(tmp_path):
    """python-escpos leaves a temp folder at each import, calls basicConfig() and prints."""
    code = (
        "import logging, sys\n"
        "from drivers.receipt_printer.escpos_library import dummy\n"
        "assert 'escpos' not in sys.modules\n"
        "dummy('TM-T20II').text('x')\n"
        "assert logging.getLogger().handlers == []\n"
    )
    for pickles in ({}, {"ESCPOS_CAPABILITIES_PICKLE_DIR": str(tmp_path)}):
        env = {**os.environ, "TMPDIR": str(tmp_path), **pickles}
        ran = subprocess.run(
            [sys.executable, "-c", code], cwd=ROOT, env=env, capture_output=True, text=True, check=False
        )
        assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")
        assert list(tmp_path.iterdir()) == []


def test_the_driver_can_be_imported_without_the_library_pillow_or_segno():
    code = (
        "import sys, drivers.receipt_printer.driver\n"
        "print([m for m in ('escpos', 'PIL', 'segno', 'yaml', 'numpy') if m in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"


@pytest.mark.parametrize("name", PROFILES)
def test_our_profiles_agree_with_the_library_s(name):
    ours = receipt_printer(name)
    theirs = dummy(ours.escpos_profile).profile
    assert theirs.get_columns("a") == ours.columns
    assert theirs.profile_data["media"]["width"]["pixels"] == ours.dots
    assert not ours.native_qr or theirs.supports("qrCode")


# --- its defects, each shown, and gone round


def test_defect_signs_without_han_become_question_marks():
    """`，。` alone goes through 8-bit code pages; a Chinese printer needs GBK in Chinese mode."""
    theirs = dummy("TM-T20II")
    theirs.text("，。《》")
    assert b"????" in theirs.output
    ours = encode(Line("，。《》"))
    assert b"\x1c&" in ours.data
    assert lines_of(rendered(ours.data)[1]) == ["，。《》"]


def test_defect_a_lone_yen_sign_eats_the_next_byte():
    theirs = dummy("TM-T20II")
    theirs.text("¥12.00\n")
    assert "12.00" not in rendered(theirs.output)[1]
    assert lines_of(rendered(encode(Line("¥12.00")).data)[1]) == ["￥12.00"]


def test_defect_four_byte_gb18030_prints_other_characters():
    theirs = dummy("TM-T20II")
    theirs.text(f"张{RARE[0]}\n")
    assert RARE[0].encode("gb18030") in theirs.output
    assert RARE[0] not in rendered(theirs.output)[1]
    ours = encode(Line(f"张{RARE[0]}"))
    assert lines_of(rendered(ours.data)[1]) == ["[image 48 x 24]"]


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("name", [*RARE, "·"])
def test_rare_names_are_on_paper_as_their_own_shape(name, profile):
    """Every rare character's dots lie where the character generator would have put them."""
    png, text, _ = rendered(encode(Line(f"张{name}"), profile=profile).data, profile)
    if name == "·":
        assert lines_of(text) == ["张·"]
    page = dots(png)
    at = 32 + 24
    rows = np.flatnonzero(page[:, at : at + 24].any(axis=1))
    top = np.flatnonzero(page[:, 32:at].any(axis=1))[0]
    wanted = np.asarray(glyph(name, CHINESE, 1, 1, False)) < 128
    drawn = page[top - 1 : top + 27, at : at + 24]
    best = max((drawn[dy : dy + 24] & wanted).sum() / max((drawn[dy : dy + 24] | wanted).sum(), 1) for dy in range(4))
    assert rows.size
    assert best > 0.8


def test_a_line_with_one_rare_character_keeps_its_columns():
    """The drawn line stands in the same cells as the printer's own lines above and below it."""
    data = encode(Pair("申请人", "张伟"), Pair("申请人", f"张{RARE[5]}")).data
    page = dots(rendered(data)[0])
    ink = np.flatnonzero(page.any(axis=1))
    first = page[ink[0] : ink[0] + 26]
    second = page[ink[0] + 32 : ink[0] + 58]
    label = (slice(None), slice(32, 32 + 36 * 2))
    assert (first[label] & second[label]).sum() > 0.7 * (first[label] | second[label]).sum()
    assert abs(int(np.flatnonzero(first.any(axis=0))[-1]) - int(np.flatnonzero(second.any(axis=0))[-1])) <= 3


def test_defect_images_are_dithered():
    """image() always uses Floyd-Steinberg; a grey of 200 becomes a pattern. Ours are thresholded bands."""
    theirs = dummy("TM-T20II")
    theirs.image(PilImage.new("L", (64, 64), 200), impl="bitImageRaster")
    pattern = next(i for i in CommandParser().feed(theirs.output) if isinstance(i, Command) and i.name == "GS v 0")
    assert 0 < sum(byte.bit_count() for byte in pattern.data) < 64 * 64
    drawn = encode(Line(RARE[0]))
    band = next(i for i in CommandParser().feed(drawn.data) if isinstance(i, Command) and i.name == "GS v 0")
    assert band.args[1] + band.args[2] * 256 == 3


def test_defect_tall_graphics_announce_a_wrong_length():
    """image(impl="graphics") of 576 x 960 announces its length modulo 65,536; our bands stay below 4,104 bytes."""
    theirs = dummy("TM-T20II")
    theirs.image(PilImage.new("1", (576, 960), 0), impl="graphics")
    announced = int.from_bytes(theirs.output[3:5], "little")
    assert announced < len(theirs.output) - 20
    picture = encode(Image(576, 960, b"\xaa" * (72 * 960)))
    items = CommandParser().feed(picture.data)
    bands = [i for i in items if isinstance(i, Command) and i.name == "GS v 0"]
    assert sum(b.args[3] + b.args[4] * 256 for b in bands) == 960
    assert all(len(b.data) <= 4096 and b.args[3] <= 255 for b in bands)
    assert not [i for i in items if isinstance(i, Text)]


def test_defect_block_text_wraps_by_character():
    theirs = dummy("TM-T20II")
    theirs.block_text("威" * 40)
    assert [len(line) for line in theirs.output.decode("gb18030").splitlines()] == [40]
    assert [len(line) for line in lines_of(rendered(encode(Line("威" * 40)).data)[1])] == [24, 16]


def test_defect_set_keeps_the_title_s_size():
    theirs = dummy("TM-T20II")
    theirs.set(custom_size=True, width=2, height=2)
    theirs.text("A\n")
    theirs.set(align="left")
    theirs.text("B\n")
    heights = np.flatnonzero(np.diff(np.flatnonzero(dots(rendered(theirs.output)[0]).any(axis=1))) > 4)
    assert heights.size
    ours = rendered(encode(Line("A", size=(2, 2)), Line("B")).data)[0]
    columns = [np.flatnonzero(band.any(axis=0)) for band in np.split(dots(ours), [112 + 50])]
    assert columns[0][-1] - columns[0][0] > 1.4 * (columns[1][-1] - columns[1][0])


def test_defect_native_qr_cannot_be_centred():
    with pytest.raises(NotImplementedError):
        dummy("TM-T20II").qr("x", native=True, center=True)
    columns = np.flatnonzero(dots(rendered(encode(Qr("https://x/1")).data)[0]).any(axis=0))
    left, right = columns[0], 640 - 1 - columns[-1]
    assert abs(int(left) - int(right)) <= 8


def test_defect_cut_and_no_end_mark():
    theirs = dummy("TM-T20II")
    theirs.cut("FULL", feed=False)
    assert theirs.output == b"\x1dV\x42\x00"
    assert encode(Line("x")).data.endswith(b"\x1dV\x42\x00\x1dr\x01")
    assert encode(Line("x"), profile="epson-80mm").data.endswith(b"\x1dV\x42\x00\x1d(H\x06\x00000001")


def test_defect_it_prints_to_stdout(capsys):
    encode(Image(16, 2, b"\xff" * 4), Qr("x"), Line(RARE))
    assert capsys.readouterr().out == ""


# --- other people's streams come out as they say


def test_a_plain_python_escpos_receipt_reads_as_its_text():
    printer = dummy("TM-T20II")
    printer.set(align="center", bold=True, double_width=True, double_height=True)
    printer.text("威海市政务服务中心\n")
    printer.set_with_default()
    printer.text("办理事项 社会保障卡\n")
    printer.text("Total 12.00 EUR\n")
    printer.set(align="right", underline=1)
    printer.text("right\n")
    printer.set_with_default()
    printer.qr("https://example.org/a?b=1", native=True, size=6)
    printer.qr("software", native=False)
    printer.barcode("6901234567892", "EAN13", 64, 2, "BELOW", "A")
    printer.barcode("{BWH-0003", "CODE128", function_type="B")
    printer.cut()
    png, text, report = rendered(printer.output)
    lines = lines_of(text)
    assert lines[:4] == ["威海市政务服务中心", "办理事项 社会保障卡", "Total 12.00 EUR", "right"]
    assert "[QR https://example.org/a?b=1]" in lines
    assert "[EAN13 6901234567892]" in lines
    assert report["malformed"] == 0
    assert [piece["cut"] for piece in report["pieces"]] == [True]
    found = {code.text for code in zxingcpp.read_barcodes(np.where(dots(png), 0, 255).astype(np.uint8))}
    assert {"https://example.org/a?b=1", "software", "6901234567892", "WH-0003"} <= found


@pytest.mark.parametrize(
    ("system", "data", "said"),
    [
        (65, b"03600029145", "036000291452"),
        (67, b"690123456789", "6901234567892"),
        (68, b"9638507", "96385074"),
        (69, b"WH-HC-0003", "WH-HC-0003"),
        (70, b"0123456789", "0123456789"),
        (73, b"{BNo. {{1}", "No. {1}"),
        (73, b"{A" + b"ABC{B-x", "ABC-x"),
        (73, b"{C" + bytes((37, 10, 2)), "371002"),
    ],
)
def test_bar_codes_are_read_by_a_scanner(system, data, said):
    stream = b"\x1dw\x02\x1dh\x60\n\n\x1ba\x01\x1dk" + bytes((system, len(data))) + data + b"\n\n"
    picture = np.where(dots(rendered(stream)[0]), 0, 255).astype(np.uint8)
    codes = [code.text for code in zxingcpp.read_barcodes(picture)]
    assert codes in ([said], [f"0{said}"])


@pytest.mark.parametrize(
    "bad", [b"\x1dk\x43\x03abc", b"\x1dk\x49\x03abc", b"\x1dk\x43\x0d6901234567890", b"\x1dk\x45\x01a"]
)
def test_a_bad_bar_code_prints_nothing_and_the_printer_goes_on(bad):
    _, text, report = rendered(bad + b"after\n")
    assert lines_of(text) == ["after"]
    assert report["notes"]


@pytest.mark.parametrize("profile", PROFILES)
def test_our_qr_codes_are_scanned_natively_drawn_and_as_bands(profile):
    payload = "https://example.org/p/WH371002-20251121-00123?威海"
    png = rendered(encode(Qr(payload), profile=profile).data, profile)[0]
    assert [c.text for c in zxingcpp.read_barcodes(np.where(dots(png), 0, 255).astype(np.uint8))] == [payload]


@pytest.mark.parametrize("impl", ["bitImageRaster", "graphics", "bitImageColumn"])
def test_the_three_ways_of_sending_a_picture_give_the_same_dots(impl):
    source = PilImage.new("1", (200, 96), 1)
    source.paste(0, (10, 5, 90, 80))
    printer = dummy("TM-T20II")
    printer.image(source, impl=impl, fragment_height=96)
    page = dots(rendered(printer.output)[0])
    ys, xs = np.nonzero(page)
    assert (xs.min() - 32, xs.max() - 32) == (10, 89)
    assert ys.max() - ys.min() == 74
    assert page.sum() == 80 * 75


@pytest.mark.parametrize("profile", PROFILES)
def test_what_the_encoder_says_of_paper_is_what_the_printer_uses(profile):
    made = encode(Line("威海", size=(2, 2)), Rule(), Pair("a", "b"), Line(RARE), Qr("x"), Cut(), profile=profile)
    _, _, report = rendered(made.data, profile)
    assert report["paper_m"] == pytest.approx(made.metres, abs=0.0005)
    assert report["notes"] == []


# --- modes of the interpreter


def test_chinese_mode_off_reads_single_bytes_by_code_page():
    assert lines_of(rendered(b"caf\x82\n", chinese=False)[1]) == ["café"]
    assert lines_of(rendered(b"\x1bt\x10caf\xe9\n", chinese=False)[1]) == ["café"]
    assert lines_of(rendered(b"\x1c&" + "威".encode("gbk") + b"\x1c.\x82\n", chinese=False)[1]) == ["威é"]
    assert lines_of(rendered(b"\x1bR\x0f$5\n")[1]) == ["¥5"]


def test_chinese_characters_wrap_by_cell_and_esc_bang_follows_the_profile():
    text = "威" * 30
    assert [len(x) for x in lines_of(rendered(text.encode("gbk") + b"\n")[1])] == [24, 6]
    double = b"\x1b!\x30" + text.encode("gbk") + b"\n"
    assert [len(x) for x in lines_of(rendered(double, "chinese-80mm")[1])] == [12, 12, 6]
    assert [len(x) for x in lines_of(rendered(double, "chinese-58mm")[1])] == [16, 14]
    assert [len(x) for x in lines_of(rendered(double, "epson-80mm", chinese=True)[1])] == [21, 9]


def test_reverse_underline_upside_down_and_sizes_leave_ink():
    plain = dots(rendered(b"AB\n")[0]).sum()
    assert dots(rendered(b"\x1dB\x01AB\n")[0]).sum() > plain * 1.5
    assert dots(rendered(b"\x1b-\x02AB\n")[0]).sum() == plain + 2 * 24
    assert dots(rendered(b"\x1b{\x01AB\n")[0]).sum() == plain
    assert dots(rendered(b"\x1d!\x77A\n")[0]).any(axis=1).sum() > 100
    assert dots(rendered(b"\x1bE\x01AB\n")[0]).sum() > plain
    assert glyph("W", FONT_A, 1, 1, False).size == (12, 24)


def test_a_cut_leaves_what_is_between_head_and_cutter_inside():
    _, text, report = rendered(b"one\n\x1dV\x00two\n\x1dV\x42\x00")
    assert len(report["pieces"]) == 1
    assert lines_of(text) == ["one", "two"]
