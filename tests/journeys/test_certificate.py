"""The certificate on paper: same octets, every character, the code readable, no document without a right to exist."""

from __future__ import annotations

import hashlib
import struct
import subprocess
import sys
import zlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import cv2
import numpy as np
import pypdfium2
import pytest
import zxingcpp
from fontTools.ttLib import TTFont
from hypothesis import given, settings
from hypothesis import strategies as st

from config import DATA
from kiosk.printing.certificate import CertificateError, MissingGlyph, SealMissing, render, template_names
from kiosk.printing.certificate_data import CertificateData, Seal
from kiosk.printing.font_coverage import FontError, coverage

QR = (
    "WHC2/ED25519/SIM-E1/1.2.156.3005.2.11100000000013338W032.11371000MB2856435T.20260100001.001.W/INSURED-STATUS/"
    "4W6KAKXIRWRQ/20261121/20270221/AAAQEAYEAUDAOCAJBIFQYDIOB4IBCEQTCQKRMFYYDENBWHA5DYPQ/"
    "AAAQEAYEAUDAOCAJBIFQYDIOB4IBCEQTCQKRMFYYDENBWHA5DYPSAIJCEMSCKJRHFAUSUKZMFUXC6MBRGIZTINJWG44DSOR3HQ6T4PY"
)
ROWS = (
    ("企业职工基本养老保险", "参保缴费", "2012-07", "173"),
    ("失业保险", "参保缴费", "2012-07", "173"),
    ("工伤保险", "暂停缴费（中断）", "2012-07", "0"),
)
DOCUMENT = CertificateData(
    template="insured-status",
    identifier="1.2.156.3005.2.11100000000013338W032.11371000MB2856435T.20260100001.001.W",
    title="社会保险个人参保证明",
    holder_name="张秀荣",
    holder_number_masked="371002********5015",
    statement="在我市参加社会保险，截至二〇二六年十一月，参保情况如下：",
    columns=("险种", "参保状态", "起始年月", "累计月数"),
    rows=ROWS,
    issuer="威海市社会保险服务中心",
    issued_on=date(2026, 11, 21),
    purpose="求职",
    valid_until=date(2027, 2, 21),
    qr=QR,
    serial="20260100001",
)
TERMINAL = "WH-HC-0003"


def rows(count: int) -> tuple[tuple[str, ...], ...]:
    return (ROWS * (count // 3 + 1))[:count]


def texts(pdf: bytes) -> list[str]:
    """Each page's text without any space: letter-spaced titles come out spaced."""
    with pypdfium2.PdfDocument(pdf) as document:
        return ["".join(page.get_textpage().get_text_range().split()) for page in document]


def pictures(pdf: bytes, dpi: int) -> Iterator[np.ndarray]:
    with pypdfium2.PdfDocument(pdf) as document:
        for page in document:
            drawn = page.render(scale=dpi / 72, grayscale=True).to_numpy()
            yield np.ascontiguousarray(drawn.reshape(drawn.shape[:2]))


def test_what_is_on_the_paper() -> None:
    certificate = render(DOCUMENT, specimen=True, terminal_id=TERMINAL)
    assert certificate.pages == 1
    assert certificate.digest == hashlib.sha256(certificate.pdf).hexdigest()
    (text,) = texts(certificate.pdf)
    for part in (
        *("社会保险个人参保证明", "张秀荣", "371002********5015", "企业职工基本养老保险", "暂停缴费（中断）"),
        *("威海市社会保险服务中心", "2026年11月21日", "2027年2月21日", "求职", TERMINAL, "20260100001"),
        *(DOCUMENT.identifier, "第1页，共1页"),
    ):
        assert part in text, part
    with pypdfium2.PdfDocument(certificate.pdf) as document:
        assert document[0].get_size() == pytest.approx((595.28, 841.89), abs=0.1)


@pytest.mark.parametrize("count", [0, 1, 12, 14, 40])
def test_a_specimen_says_so_on_every_page(count: int) -> None:
    certificate = render(replace(DOCUMENT, rows=rows(count)), specimen=True, terminal_id=TERMINAL)
    for text in texts(certificate.pdf):
        assert "样张" in text
        assert "SPECIMEN" in text
        assert "不具法律效力" in text
    assert "模拟" in texts(certificate.pdf)[-1]


@pytest.mark.promise("P3")
def test_no_document_without_its_seal() -> None:
    with pytest.raises(SealMissing):
        render(DOCUMENT, specimen=False, terminal_id=TERMINAL)


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def seal_picture(side: int = 200, colour: int = 6, depth: int = 8, rows: int | None = None) -> bytes:
    """A red disc on nothing, as PNG."""
    lines = b""
    for y in range(side if rows is None else rows):
        inside = [(x - side / 2) ** 2 + (y - side / 2) ** 2 < (side / 2.2) ** 2 for x in range(side)]
        lines += b"\0" + b"".join(bytes((200, 36, 43, 235 if i else 0)) for i in inside)
    head = struct.pack(">IIBBBBB", side, side, depth, colour, 0, 0, 0)
    body = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(lines)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


PICTURE = seal_picture()
SEALED = replace(DOCUMENT, seal=Seal("WH-SI-2026", PICTURE))


@pytest.mark.promise("P3")
def test_a_sealed_document_carries_its_seal_and_says_nothing_of_a_specimen() -> None:
    certificate = render(SEALED, specimen=False, terminal_id=TERMINAL)
    (text,) = texts(certificate.pdf)
    assert "样张" not in text
    assert "SPECIMEN" not in text
    assert "模拟" not in text
    assert "电子印章与纸质印章同效" in text
    with pypdfium2.PdfDocument(certificate.pdf) as document:
        red = document[0].render(scale=1).to_numpy()[:, :, :3].astype(int)
    stamped = (red[:, :, 2] > 150) & (red[:, :, 1] < 90)  # BGR
    assert stamped.sum() > 8000
    assert b"<pdfaid:part>2</pdfaid:part>" in certificate.pdf
    assert render(SEALED, specimen=False, terminal_id=TERMINAL) == certificate


@pytest.mark.promise("P3")
def test_a_specimen_never_carries_the_real_seal() -> None:
    certificate = render(SEALED, specimen=True, terminal_id=TERMINAL)
    assert "模拟" in texts(certificate.pdf)[0]
    assert certificate == render(DOCUMENT, specimen=True, terminal_id=TERMINAL)


@pytest.mark.parametrize(
    ("picture", "says"),
    [
        (b"", "PNG"),
        (b"GIF89a" + PICTURE, "PNG"),
        (PICTURE[:-1], "PNG"),
        (PICTURE + b"\0", "PNG"),
        (PICTURE[:60] + bytes([PICTURE[60] ^ 1]) + PICTURE[61:], "PNG"),
        (seal_picture(rows=150), "not whole"),
        (seal_picture(rows=201), "not whole"),
        (seal_picture(colour=2), "alpha"),
        (seal_picture(depth=16), "alpha"),
        (seal_picture(colour=3), "alpha"),
        (
            b"\x89PNG\r\n\x1a\n"
            + chunk(b"IHDR", struct.pack(">IIBBBBB", 9999, 9, 8, 6, 0, 0, 0))
            + chunk(b"IEND", b""),
            "1600",
        ),
        (
            b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 9, 9, 8, 6, 0, 0, 0)) + chunk(b"IEND", b""),
            "not whole",
        ),
        (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", b"short") + chunk(b"IEND", b""), "PNG"),
        (b"x" * (256 * 1024 + 1), "at most"),
    ],
    ids=range(14),
)
def test_a_seal_that_cannot_be_shown_whole_is_refused(picture: bytes, says: str) -> None:
    with pytest.raises(CertificateError, match=says):
        render(replace(DOCUMENT, seal=Seal("WH", picture)), specimen=False, terminal_id=TERMINAL)


@pytest.mark.parametrize("specimen", [True, False])
def test_a_copy_says_of_what_for_what_and_until_when_again_and_again(specimen: bool) -> None:
    copy = replace(SEALED, kind="copy", source="威海市社会保险服务中心", purpose="求职")
    certificate = render(copy, specimen=specimen, terminal_id=TERMINAL)
    (text,) = texts(certificate.pdf)
    assert text.count("来源：威海市社会保险服务中心仅用于：求职有效期至2027年2月21日") >= 10
    assert "（复印件）" in text
    assert ("样张" in text) == specimen
    for picture in pictures(certificate.pdf, 300):
        assert [c.text for c in zxingcpp.read_barcodes(picture)] == [QR]


def test_a_certificate_has_no_copy_s_mark_and_a_copy_says_its_source() -> None:
    assert "复印件" not in texts(render(DOCUMENT, specimen=True, terminal_id=TERMINAL).pdf)[0]
    for wrong in ({"kind": "copy"}, {"source": "某局"}, {"kind": "copy", "source": "局" * 61}):
        with pytest.raises(CertificateError, match="source"):
            render(replace(DOCUMENT, **wrong), specimen=True, terminal_id=TERMINAL)  # type: ignore[arg-type]  # a table


@pytest.mark.parametrize(("count", "per_copy"), [(3, 1), (30, 2)])
def test_copies_are_alike_but_for_their_number_and_their_forms(count: int, per_copy: int) -> None:
    forms = tuple(f"WH{n:07d}" for n in range(1, 3 * per_copy + 1))
    made = render(replace(DOCUMENT, rows=rows(count)), specimen=True, terminal_id=TERMINAL, copies=3, forms=forms)
    assert made.pages == 3 * per_copy
    for number, text in enumerate(texts(made.pdf)):
        assert f"第{number % per_copy + 1}页，共{per_copy}页第{number // per_copy + 1}份，共3份" in text
        assert f"用纸编号：{forms[number]}" in text
        assert ("（续）" in text) == (number % per_copy > 0)
    with pytest.raises(CertificateError, match="copies"):
        render(DOCUMENT, specimen=True, terminal_id=TERMINAL, copies=6)


def test_a_certificate_without_end_says_so() -> None:
    assert (
        "有效期至长期" in texts(render(replace(DOCUMENT, valid_until=None), specimen=True, terminal_id=TERMINAL).pdf)[0]
    )


@pytest.mark.parametrize(("count", "pages"), [(0, 1), (3, 1), (12, 1), (14, 2), (30, 2), (40, 3)])
def test_pages_and_the_signature_never_alone(count: int, pages: int) -> None:
    certificate = render(replace(DOCUMENT, rows=rows(count)), specimen=True, terminal_id=TERMINAL)
    assert certificate.pages == pages
    found = texts(certificate.pdf)
    assert sum(text.count("险") for text in found) > count
    assert "累计月数" in found[-1]
    assert "威海市社会保险服务中心" in found[-1]
    for number, text in enumerate(found, 1):
        assert f"第{number}页，共{pages}页" in text
        assert (number == 1) or ("（续）" in text and DOCUMENT.identifier in text)


@pytest.mark.parametrize("count", [3, 40])
@pytest.mark.parametrize("payload", ["WHC2/short", QR, "https://verify.example/v/" + QR, "WHC2/" + "x" * 600])
def test_the_code_reads_at_300_dpi_on_every_page(count: int, payload: str) -> None:
    certificate = render(replace(DOCUMENT, rows=rows(count), qr=payload), specimen=True, terminal_id=TERMINAL)
    for picture in pictures(certificate.pdf, 300):
        codes = zxingcpp.read_barcodes(picture, formats=zxingcpp.BarcodeFormat.QRCode)
        assert [code.text for code in codes] == [payload]


def test_the_code_reads_from_a_poor_grey_copy() -> None:
    certificate = render(DOCUMENT, specimen=True, terminal_id=TERMINAL)
    (picture,) = pictures(certificate.pdf, 200)
    noise = np.random.default_rng(1).normal(0, 18, picture.shape)
    poor = np.clip(cv2.GaussianBlur(picture, (3, 3), 0) * 0.8 + 30 + noise, 0, 255).astype(np.uint8)
    assert [code.text for code in zxingcpp.read_barcodes(poor)] == [QR]


def test_same_data_same_octets_in_another_process_too() -> None:
    first = render(DOCUMENT, specimen=True, terminal_id=TERMINAL)
    render(replace(DOCUMENT, holder_name="别人"), specimen=True, terminal_id=TERMINAL)
    assert render(DOCUMENT, specimen=True, terminal_id=TERMINAL) == first
    script = (
        "import importlib.util as u, sys; s = u.spec_from_file_location('t', sys.argv[1]); m = u.module_from_spec(s); "
        "s.loader.exec_module(m); print(m.render(m.DOCUMENT, specimen=True, terminal_id=m.TERMINAL).digest)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, __file__],
        capture_output=True,
        text=True,
        check=True,
        cwd=DATA.parent,
        timeout=60,
    )
    assert done.stdout.strip() == first.digest
    assert render(replace(DOCUMENT, issued_on=date(2026, 11, 20)), specimen=True, terminal_id=TERMINAL) != first


def test_pdf_a_2b_with_our_fonts_only() -> None:
    pdf = render(DOCUMENT, specimen=True, terminal_id=TERMINAL).pdf
    assert b"<pdfaid:part>2</pdfaid:part>" in pdf
    assert b"<pdfaid:conformance>B</pdfaid:conformance>" in pdf
    names = {part.split(b"/")[0].split()[0] for part in pdf.split(b"/BaseFont /")[1:]}
    names = {name.split(b"+")[-1] for name in names} or {b"NotoSerif"}
    assert all(name.startswith(b"NotoSerif") for name in names), names


@pytest.mark.parametrize("name", ["阿依古丽·买买提", "𠮷永福", "张㛃", "䶮𬭩𫖯", "Zoé O’Connor", "㛃" * 60])
def test_long_and_rare_names(name: str) -> None:
    certificate = render(replace(DOCUMENT, holder_name=name), specimen=True, terminal_id=TERMINAL)
    assert name.replace(" ", "") in texts(certificate.pdf)[0]
    assert certificate.pages == 1


def test_nothing_leaves_its_margins() -> None:
    wide = replace(
        DOCUMENT,
        holder_name="阿依古丽·买买提" * 7,
        title="威海市城乡居民基本养老保险与职工基本养老保险个人参保缴费情况证明",
        columns=("险种名称", "A" * 40, "起始年月", "累计月数", "缴费单位", "备注"),
        rows=(("长" * 120, "x" * 120, "2012-07", "173", "威海某某有限责任公司" * 5, "1234567890" * 12),) * 4,
        issuer="威海市城乡居民社会养老保险事业服务中心",
        purpose="用" * 60,
        serial="S" * 64,
    )
    certificate = render(wide, specimen=True, terminal_id=TERMINAL)
    margin = 20 / 25.4 * 72
    with pypdfium2.PdfDocument(certificate.pdf) as document:
        for page in document:
            text = page.get_textpage()
            for at in range(text.count_chars()):
                left, bottom, right, top = text.get_charbox(at)
                if 2.5 < top - bottom < 40 and right > left:  # neither the tiny line nor the large 样张
                    assert left > margin, text.get_text_range(at, 1)
                    assert right < 595.28 - margin, text.get_text_range(at, 1)
                    assert bottom > 36


@pytest.mark.parametrize(
    ("field", "text", "point"),
    [("holder_name", "张\ue000", "U+E000"), ("statement", "在\u202e我市：", "U+202E"), ("purpose", "😀", "U+1F600")],
)
def test_a_character_without_a_glyph_is_named_by_its_number_only(field: str, text: str, point: str) -> None:
    with pytest.raises(MissingGlyph) as caught:
        render(replace(DOCUMENT, **{field: text}), specimen=True, terminal_id=TERMINAL)
    assert str(caught.value).startswith(f"{field}: ")
    assert point in str(caught.value)
    assert text not in str(caught.value)
    assert caught.value.code_points == (int(point[2:], 16),)


def test_data_is_never_code() -> None:
    hostile = '#panic("x") $ x $ = *b* \\u{41} "); @label <l> // `raw` #read("/etc/passwd")'
    document = replace(DOCUMENT, statement=hostile, rows=((hostile[:100], "#1", "[x]", "{y}"),), purpose='"}')
    (text,) = texts(render(document, specimen=True, terminal_id=TERMINAL).pdf)
    assert hostile.replace(" ", "") in text.replace(" ", "").replace("“", '"').replace("”", '"')


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"template": "../secret"}, "no such certificate template"),
        ({"template": "parts/paper"}, "no such certificate template"),
        ({"template": "unknown"}, "insured-status"),
        ({"identifier": DOCUMENT.identifier[:-1] + "A"}, "identifier"),
        ({"title": ""}, "title"),
        ({"holder_name": "名" * 61}, "holder_name"),
        ({"rows": (("a", "b"),)}, "as many cells"),
        ({"rows": rows(201)}, "at most"),
        ({"rows": (("长" * 121, "", "", ""),)}, "a cell"),
        ({"qr": ""}, "qr"),
        ({"qr": "x" * 901}, "qr"),
        ({"valid_until": date(2020, 1, 1)}, "valid_until"),
    ],
)
def test_unfit_documents_are_refused_by_field(change: dict[str, object], says: str) -> None:
    with pytest.raises(CertificateError, match=says) as caught:
        render(replace(DOCUMENT, **change), specimen=True, terminal_id=TERMINAL)  # type: ignore[arg-type]  # parametrised
    assert "张秀荣" not in str(caught.value)


def test_data_does_not_show_itself() -> None:
    assert "张秀荣" not in repr(DOCUMENT)
    assert "5015" not in f"{DOCUMENT}"


def test_every_template_renders() -> None:
    assert "insured-status" in template_names()
    assert len(template_names()) == 34
    for name in template_names():
        plain = replace(DOCUMENT, template=name, columns=(), rows=(), statement="张秀荣同志无欠缴记录，特此证明。")
        (text,) = texts(render(plain, specimen=True, terminal_id=TERMINAL).pdf)
        assert "兹证明" not in text
        assert "无欠缴记录" in text


@pytest.mark.parametrize("font", ["NotoSerifSC-Regular.otf", "NotoSerifSC-Bold.otf", "MaterialSymbolsRounded.ttf"])
def test_coverage_agrees_with_fonttools(font: str) -> None:
    path = DATA / "fonts" / font
    with TTFont(path, lazy=True) as opened:
        theirs = set(opened.getBestCmap())
    known = coverage(path)
    assert {point for point in range(0x110000) if chr(point) in known} == theirs


def test_coverage_of_a_narrow_character_map(tmp_path: Path) -> None:
    narrow = tmp_path / "narrow.ttf"
    with TTFont(DATA / "fonts" / "MaterialSymbolsRounded.ttf") as opened:
        opened["cmap"].tables = [table for table in opened["cmap"].tables if table.format == 4]
        assert opened["cmap"].tables
        theirs = set(opened.getBestCmap())
        opened.save(narrow)
    known = coverage(narrow)
    assert {point for point in range(0xFFFF) if chr(point) in known} == theirs


@given(st.binary(max_size=200))
@settings(max_examples=50, deadline=None)
def test_a_broken_font_is_an_error(tmp_path_factory: pytest.TempPathFactory, noise: bytes) -> None:
    path = tmp_path_factory.mktemp("font") / "broken.otf"
    path.write_bytes(b"OTTO\x00\x01" + noise)
    with pytest.raises(FontError):
        coverage(path)
