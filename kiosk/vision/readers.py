"""Code readers to compare: ours as the terminal reads a still, and three others as they come."""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection
from typing import Any, Final

from drivers.camera.codes import FORMATS, Format, needs_second_look, read_codes

CodeReader = Callable[[Any, Collection[Format]], list[str]]
"""A picture (height x width x BGR) and the formats to look for -> texts."""


class NotInstalled(RuntimeError):
    """The reader's library is not on this machine; the message says which."""


def ours(pixels: Any, formats: Collection[Format]) -> list[str]:
    """The whole ladder with mending. A linear code counts when it is read again from a smaller copy, as the terminal
    wants it from two pictures."""
    import cv2

    found = read_codes(pixels, formats, patient=True)
    if not any(map(needs_second_look, found)):
        return [code.text for code in found]
    copy: Any = cv2.resize(pixels, None, fx=0.85, fy=0.85, interpolation=cv2.INTER_AREA)
    again = {code.text for code in read_codes(copy, formats)}
    return [code.text for code in found if not needs_second_look(code) or code.text in again]


def zxing(pixels: Any, formats: Collection[Format]) -> list[str]:
    """zxing-cpp with its defaults."""
    import zxingcpp

    wanted = [getattr(zxingcpp.BarcodeFormat, FORMATS[name][0]) for name in formats]
    found = zxingcpp.read_barcodes(pixels, formats=zxingcpp.BarcodeFormats(wanted), text_mode=zxingcpp.TextMode.Plain)
    return [code.text for code in found]


def pyzbar(pixels: Any, formats: Collection[Format]) -> list[str]:
    """pyzbar with its defaults. Raises `NotInstalled` without the zbar library."""
    try:
        from pyzbar.pyzbar import ZBarSymbol, decode
    except ImportError as error:
        raise NotInstalled("pyzbar: the zbar library is missing (Debian libzbar0)") from error
    wanted = [ZBarSymbol[FORMATS[name][1]] for name in formats if FORMATS[name][1]]
    return [code.data.decode("utf-8", "replace") for code in decode(pixels, symbols=wanted)] if wanted else []


def opencv(pixels: Any, formats: Collection[Format]) -> list[str]:
    """OpenCV's QR detector; it reads nothing else."""
    import cv2

    if "qr" not in formats:
        return []
    try:
        _, texts, _, _ = _opencv_detector().detectAndDecodeMulti(pixels)
    except (cv2.error, UnicodeDecodeError):  # it raises for what is not UTF-8
        return []
    return [text for text in texts if text]


@functools.cache
def _opencv_detector() -> Any:
    import cv2

    return cv2.QRCodeDetector()


READERS: Final[dict[str, CodeReader]] = {"ours": ours, "zxing": zxing, "pyzbar": pyzbar, "opencv": opencv}
