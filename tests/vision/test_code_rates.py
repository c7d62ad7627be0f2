"""How many spoiled codes are read, beside zxing-cpp alone, on a share of the rendered set; never a wrong text.

The whole set, with all readers and sizes, is `make bench`.
"""

from __future__ import annotations

from collections import Counter

import numpy as np
import zxingcpp
from rendered_codes import SIZES, cells, draw

from drivers.camera.code_repair import mended, places
from drivers.camera.codes import read_codes


def zxing_alone(pixels: np.ndarray) -> list[str]:
    wanted = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode])
    return [code.text for code in zxingcpp.read_barcodes(pixels, formats=wanted, text_mode=zxingcpp.TextMode.Plain)]


def test_spoiled_codes_are_read_as_often_as_promised_and_never_wrongly() -> None:
    read: Counter[str] = Counter()
    wrong: list[str] = []
    total = 0
    for cell in cells():
        for number in range(3):
            pixels, text = draw(cell, SIZES[0], number)
            total += 1
            for reader, texts in (
                ("ours", [code.text for code in read_codes(pixels, {"qr"}, patient=True)]),
                ("zxing", zxing_alone(pixels)),
            ):
                read[reader] += text in texts
                wrong += [f"{reader} {cell} {number}" for found in texts if found != text]
    assert wrong == []
    assert read["ours"] / total >= 0.89, read
    assert read["ours"] >= read["zxing"] + total // 20, read


def test_bent_paper_is_unrolled() -> None:
    bent = [cell for cell in cells() if cell.damage == "bent"][-1]
    pictures = [draw(bent, SIZES[0], number) for number in range(4)]
    patient = sum(text in [c.text for c in read_codes(p, {"qr"}, patient=True)] for p, text in pictures)
    quick = sum(text in [c.text for c in read_codes(p, {"qr"})] for p, text in pictures)
    assert patient == 4
    assert quick < 4, "else the mending proves nothing here"


def test_nothing_is_mended_where_nothing_stands() -> None:
    rng = np.random.default_rng(1)
    for picture in (
        np.full((480, 640), 128, np.uint8),
        rng.integers(0, 255, (480, 640), dtype=np.uint8),
        np.zeros((4, 4), np.uint8),
    ):
        assert read_codes(picture, {"qr"}, patient=True) == []


def test_a_place_at_the_edge_of_the_picture_is_no_trouble() -> None:
    plain = next(cells())
    pixels, _ = draw(plain, SIZES[0], 0)
    for cut in (pixels[:, 250:], pixels[200:], pixels[:260, :330]):
        for piece in mended(np.ascontiguousarray(cut)):
            assert piece.dtype == np.uint8
            assert min(piece.shape) >= 16
        assert all(corners.shape == (4, 2) for corners in places(np.ascontiguousarray(cut)))
