"""Reading codes that another program (segno) drew, as a phone's camera picture would hold them."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest
import segno
import zxingcpp

from drivers.camera import codes
from drivers.camera.codes import Code, needs_second_look, read_codes, text_of, trustworthy

QR = frozenset({"qr"})
LICENCE = "营业执照"
LONG = "https://example.invalid/威海市环翠区政务服务中心/W-2026-000123"


def drawn(payload: str | bytes, module: int = 5, **options: Any) -> np.ndarray:
    """A QR code in the middle of a 640 x 480 picture."""
    options = {"mode": "byte", "micro": False, "error": "m"} | options
    code = segno.make(payload, **options)
    rows = np.array(
        [[25 if dark else 230 for dark in row] for row in code.matrix_iter(scale=module, border=4)], np.uint8
    )
    frame = np.full((480, 640, 3), 140, np.uint8)
    top, left = (480 - rows.shape[0]) // 2, (640 - rows.shape[1]) // 2
    frame[top : top + rows.shape[0], left : left + rows.shape[1]] = rows[:, :, None]
    return frame


def tilted(frame: np.ndarray, share: float) -> np.ndarray:
    """Seen from the side: the right edge shrunk by `share` at top and bottom."""
    height, width = frame.shape[:2]
    flat = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    away = np.array(
        [[0, 0], [width * (1 - share), height * share], [width * (1 - share), height * (1 - share)], [0, height]],
        np.float32,
    )
    warp = cv2.getPerspectiveTransform(flat, away)
    return cv2.warpPerspective(frame, warp, (width, height), borderMode=cv2.BORDER_REPLICATE)


@pytest.mark.oracle
@pytest.mark.parametrize(
    ("payload", "options", "text"),
    [
        ("W-2026-000123", {}, "W-2026-000123"),
        (LICENCE, {"encoding": "utf-8"}, LICENCE),
        (LONG, {"encoding": "utf-8"}, LONG),
        (LICENCE.encode("gb18030"), {}, LICENCE),
        ("威海市环翠区张㛃𠮷".encode("gb18030"), {}, "威海市环翠区张㛃𠮷"),
        (b"\xef\xbb\xbf" + LICENCE.encode(), {}, LICENCE),
        (LICENCE, {"encoding": "gb18030", "eci": True}, LICENCE),
        (LICENCE, {"mode": "hanzi"}, LICENCE),
        ("0" * 700, {"mode": "numeric"}, "0" * 700),
    ],
)
def test_text_comes_out_as_it_went_in(payload: str | bytes, options: dict[str, Any], text: str) -> None:
    module = 3 if len(payload) > 500 else 5
    (code,) = read_codes(drawn(payload, module, **options), QR)
    assert code.text == text
    assert (code.format, code.reader) == ("qr", "zxing")
    x, y, width, height = code.rect
    assert abs(x + width / 2 - 320) < 20, "the box is the code's, in the picture's pixels"
    assert abs(y + height / 2 - 240) < 20


@pytest.mark.oracle
@pytest.mark.parametrize(
    "spoil",
    [
        lambda f: tilted(f, 0.12),
        lambda f: tilted(cv2.rotate(f, cv2.ROTATE_90_CLOCKWISE), 0.08),
        lambda f: cv2.GaussianBlur(f, (0, 0), 2.0),
        lambda f: (f * 0.12).astype(np.uint8),
        lambda f: 255 - f,
        lambda f: cv2.imdecode(cv2.imencode(".jpg", f, [cv2.IMWRITE_JPEG_QUALITY, 15])[1], cv2.IMREAD_COLOR),
    ],
    ids=["tilt", "turned and tilted", "blur", "dim", "white on black", "coarse JPEG"],
)
def test_spoiled_pictures_are_read(spoil: Any) -> None:
    assert [c.text for c in read_codes(spoil(drawn(LONG, encoding="utf-8")), QR)] == [LONG]


def moire(frame: np.ndarray) -> np.ndarray:
    """The grid of a phone's screen against the grid of the sensor."""
    y, x = np.indices(frame.shape[:2])
    waves = 280 * np.sin(2 * np.pi * x / 2.3) * np.sin(2 * np.pi * y / 2.3)
    return (frame + waves[:, :, None]).clip(0, 255).astype(np.uint8)


@pytest.mark.oracle
@pytest.mark.parametrize("spoil", [moire, lambda f: cv2.GaussianBlur(f, (0, 0), 3.4)], ids=["moire", "blur"])
def test_the_ladder_reads_what_the_first_rung_misses(spoil: Any) -> None:
    spoiled = spoil(drawn(LONG, 6, encoding="utf-8"))
    assert read_codes(spoiled, QR, thorough=False) == []
    (code,) = read_codes(spoiled, QR)
    assert (code.text, code.reader) == (LONG, "zxing")
    x, y, width, height = code.rect
    assert abs(x + width / 2 - 320) < 20
    assert abs(y + height / 2 - 240) < 20


@pytest.mark.oracle
def test_only_what_the_page_expects_is_read() -> None:
    frame = drawn("secret")
    bars = zxingcpp.write_barcode_to_image(
        zxingcpp.create_barcode("6901234567892", zxingcpp.BarcodeFormat.EAN13), scale=2
    )
    rows = np.asarray(bars)
    frame[: rows.shape[0], : rows.shape[1]] = rows[:, :, None] if rows.ndim == 2 else rows
    assert read_codes(frame, {"code128", "pdf417"}) == []
    (code,) = read_codes(frame, {"ean13"})
    assert (code.text, code.format) == ("6901234567892", "ean13")
    assert needs_second_look(code)
    assert {c.format for c in read_codes(frame, {"qr", "ean13"})} == {"qr", "ean13"}


def test_nothing_is_read_where_nothing_is() -> None:
    noise = np.random.default_rng(3).integers(0, 255, (480, 640, 3), np.uint8)
    for picture in (noise, np.zeros((480, 640, 3), np.uint8), np.full((480, 640), 255, np.uint8)):
        assert read_codes(picture, frozenset(codes.FORMATS)) == []


def test_bad_calls_are_refused() -> None:
    frame = np.zeros((8, 8, 3), np.uint8)
    with pytest.raises(ValueError, match="known are"):
        read_codes(frame, frozenset())
    with pytest.raises(ValueError, match="qrr"):
        read_codes(frame, {"qrr"})  # type: ignore[arg-type]  # the point of the test
    with pytest.raises(ValueError, match="shape"):
        read_codes(np.zeros((0, 8, 3), np.uint8), QR)


def test_a_code_never_prints_its_text() -> None:
    assert "secret" not in repr(Code("secret", "qr", (0, 0, 1, 1), "zxing"))


def test_bytes_that_are_no_text_are_dropped() -> None:
    assert text_of(b"\xff\xff\xff") is None
    assert text_of(LICENCE.encode("gb18030")) == LICENCE


@pytest.mark.parametrize("text", ["W-2026-000123", "https://example.invalid/?a=1", "威海市环翠区政务服务中心"])
def test_a_second_reader_is_believed_where_no_other_reading_fits(text: str) -> None:
    assert trustworthy(text)


@pytest.mark.parametrize("text", ["関･荳壽鴬辣ｧ", "茠珛硒桽", "è¥ä¸", "", "a\x00b"])
def test_a_second_reader_that_garbles_is_not_believed(text: str) -> None:
    """The first two are what zbar 0.23.92 makes of `营业执照` in UTF-8 and in GB18030."""
    assert not trustworthy(text)


def test_zbar_reads_only_when_zxing_found_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    if codes._zbar_decode() is None:
        pytest.skip("the zbar library is not on this machine")
    frame = drawn("W-2026-000123")
    monkeypatch.setattr(codes, "_zxing", lambda *_: [])
    (code,) = read_codes(frame, QR)
    assert (code.text, code.reader) == ("W-2026-000123", "zbar")
    assert read_codes(frame, QR, thorough=False) == []
    assert read_codes(drawn(LICENCE, encoding="utf-8"), QR) == [], "garbled, so not believed"
    assert read_codes(frame, {"pdf417"}) == [], "zbar does not know it"


def test_without_the_zbar_library_zxing_reads_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(codes, "_zbar_decode", lambda: None)
    assert read_codes(np.zeros((48, 64, 3), np.uint8), QR) == []
    assert [c.text for c in read_codes(drawn("x"), QR)] == ["x"]
