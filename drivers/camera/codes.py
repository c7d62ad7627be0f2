"""Reading QR codes and bar codes: zxing-cpp first, with a ladder of filtered tries; zbar only where that found nothing.

| rung                                      | for                             | ms at 640x480 |
|-------------------------------------------|---------------------------------|---------------|
| as it is                                  | nearly all                      | 1             |
| blur 1.5 px, one threshold for the whole  | moire of a phone's screen       | 2             |
| blur 2.5 px, contrast stretched           | faint print, dim screen         | 2             |
| twice the size, sharpened                 | small or blurred modules        | 5             |
| local contrast (CLAHE) on the blurred     | shadow, glare at the edge       | 3             |
| zbar                                      | a second opinion, ASCII mostly  | 8             |

The rungs after the first are climbed only with `thorough`; a live stream does that on every fourth picture.
What is still not read is looked for and mended with `patient` (`drivers.camera.code_repair`): stills, and every
sixteenth picture of a stream.
A code's bytes are strict UTF-8, else GB18030: phones in China send both without saying which. zbar gives text only,
guessed (it garbles short Chinese), so its text counts only where no other reading of the same bytes is plausible.
"""

from __future__ import annotations

import functools
import unicodedata
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from numpy import uint8
    from numpy.typing import NDArray

Format = Literal["qr", "micro-qr", "pdf417", "data-matrix", "aztec", "code128", "code39", "ean13", "itf"]
Reader = Literal["zxing", "zbar", "scanner"]
Symbology = Format | Literal["unknown"]
"""What a code is printed in; a reader of its own does not always say."""

# our name: (zxing's BarcodeFormat, zbar's ZBarSymbol or "", read twice before it counts)
FORMATS: dict[str, tuple[str, str, bool]] = {
    "qr": ("QRCode", "QRCODE", False),
    "micro-qr": ("MicroQRCode", "", False),
    "pdf417": ("PDF417", "", False),
    "data-matrix": ("DataMatrix", "", False),
    "aztec": ("Aztec", "", False),
    "code128": ("Code128", "CODE128", True),
    "code39": ("Code39", "CODE39", True),
    "ean13": ("EAN13", "EAN13", True),
    "itf": ("ITF", "I25", True),
}
_QR: tuple[Format, ...] = ("qr",)
MAX_CODES = 8
MAX_BYTES = 7089  # digits in a QR code of version 40-L, the most of any format here (ISO/IEC 18004, table 7)
MAX_PIXELS = 4096 * 4096


@dataclass(frozen=True, slots=True)
class Code:
    """One code: its text, its format, its box in the picture (x, y, width, height in pixels), who read it."""

    text: str
    format: Symbology
    rect: tuple[int, int, int, int]
    reader: Reader

    def __repr__(self) -> str:
        return f"Code({self.format}, {len(self.text)} characters, {self.rect}, {self.reader})"  # never the text


def read_codes(
    pixels: NDArray[uint8], expect: Collection[Format], *, thorough: bool = True, patient: bool = False
) -> list[Code]:
    """All codes of the formats `expect` in a picture (height x width x BGR, or grey). At most `MAX_CODES`; may be none.

    Raises `ValueError` for no or unknown formats and for a picture out of bounds. Blocks up to about 40 ms at 640 x
    480, with `patient` up to about 500 ms; a mended code has no box of its own: (0, 0, 0, 0).
    """
    if not expect or (strange := sorted(set(expect) - set(FORMATS))):
        raise ValueError(f"codes: formats {strange if expect else 'none'}; known are {', '.join(FORMATS)}")
    if pixels.ndim not in (2, 3) or not 0 < pixels.shape[0] * pixels.shape[1] <= MAX_PIXELS:
        raise ValueError(f"codes: a picture of shape {pixels.shape}; give height x width (x 3), up to {MAX_PIXELS}")
    for step, (picture, options, scale) in enumerate(_rungs(pixels)):
        found = _zxing(picture, expect, options, scale)
        if found:
            return found
        if step == 0 and not thorough:
            return []
    if found := _zbar(pixels, expect):
        return found
    return _mended(pixels) if patient and "qr" in expect else []


def needs_second_look(code: Code) -> bool:
    """True for linear codes: their check digit is weak or missing, so two pictures must agree."""
    return code.format in FORMATS and FORMATS[code.format][2]


def text_of(data: bytes) -> str | None:
    """The text of a code's bytes: strict UTF-8 (a byte order mark dropped), else GB18030, else None."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


def trustworthy(text: str) -> bool:
    """True when a text that zbar guessed can hardly be another one: ASCII, or plain Chinese with no rival reading.

    zbar takes unmarked bytes for Shift-JIS, Big5 or Latin-1 when they happen to fit; so the bytes that each guess
    would have started from are rebuilt and read as UTF-8 and GB18030. A plausible other text is one too many.
    """
    if not _plausible(text):
        return False
    if text.isascii():
        return True
    for guess in ("shift_jis", "cp932", "big5", "latin-1", "cp1252"):
        try:
            raw = text.encode(guess)
        except UnicodeEncodeError:
            continue
        for encoding in ("utf-8", "gb18030"):
            try:
                rival = raw.decode(encoding)
            except UnicodeDecodeError:
                continue
            if rival != text and _plausible(rival):
                return False
    return True


def _plausible(text: str) -> bool:
    """Printable ASCII, Chinese characters and full-width punctuation: what codes at a counter in China hold."""
    for character in text:
        if character in "\r\n\t" or " " <= character <= "~":
            continue
        if "\uff66" <= character <= "\uff9f":  # half-width katakana: the mark of a wrong Shift-JIS guess
            return False
        name = unicodedata.name(character, "")
        chinese = name.startswith(("CJK UNIFIED IDEOGRAPH", "FULLWIDTH", "IDEOGRAPHIC"))
        if not chinese and character not in "“”‘’…—·《》【】":
            return False
    return bool(text)


def _rungs(pixels: NDArray[uint8]) -> Iterator[tuple[Any, dict[str, Any], float]]:
    """(picture, zxing's options, enlargement), each made only when the one before gave nothing."""
    yield pixels, {}, 1.0
    import cv2
    import zxingcpp

    grey: Any = pixels if pixels.ndim == 2 else cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY)
    soft = cv2.GaussianBlur(grey, (0, 0), 1.5)
    yield soft, {"binarizer": zxingcpp.Binarizer.GlobalHistogram}, 1.0
    softer = cv2.GaussianBlur(grey, (0, 0), 2.5)
    yield cv2.normalize(softer, softer, 0, 255, cv2.NORM_MINMAX), {}, 1.0
    if grey.shape[0] * grey.shape[1] <= MAX_PIXELS // 4:
        large = cv2.resize(grey, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
        yield cv2.addWeighted(large, 3.0, cv2.GaussianBlur(large, (0, 0), 4), -2.0, 0), {}, 2.0
    yield cv2.createCLAHE(4.0, (8, 8)).apply(soft), {}, 1.0


def _zxing(picture: Any, expect: Collection[Format], options: dict[str, Any], scale: float) -> list[Code]:
    import zxingcpp

    wanted = {getattr(zxingcpp.BarcodeFormat, FORMATS[name][0]): name for name in FORMATS if name in expect}
    found: list[Code] = []
    for code in zxingcpp.read_barcodes(
        picture, formats=zxingcpp.BarcodeFormats(list(wanted)), text_mode=zxingcpp.TextMode.Plain, **options
    )[:MAX_CODES]:
        name = wanted.get(code.format) or wanted.get(code.symbology)
        data = bytes(code.bytes)
        text = text_of(data) if len(data) <= MAX_BYTES else None
        if name is None or not text:
            continue
        corners = code.position
        points = (corners.top_left, corners.top_right, corners.bottom_right, corners.bottom_left)
        box = _box([(p.x / scale, p.y / scale) for p in points])
        found.append(Code(text, name, box, "zxing"))  # type: ignore[arg-type]  # a key of FORMATS is a Format
    return found


def _mended(pixels: NDArray[uint8]) -> list[Code]:
    import cv2
    import numpy as np

    from drivers.camera.code_repair import mended

    grey = pixels if pixels.ndim == 2 else cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY)
    for picture in mended(np.asarray(grey, dtype=np.uint8)):
        if found := _zxing(picture, _QR, {}, 1.0):
            return [Code(code.text, code.format, (0, 0, 0, 0), code.reader) for code in found]
    return []


def _box(points: list[tuple[float, float]]) -> tuple[int, int, int, int]:
    left, top = (int(min(p[i] for p in points)) for i in (0, 1))
    return left, top, int(max(p[0] for p in points)) - left, int(max(p[1] for p in points)) - top


def _zbar(pixels: NDArray[uint8], expect: Collection[Format]) -> list[Code]:
    decode = _zbar_decode()
    if decode is None:
        return []
    import cv2
    from pyzbar.pyzbar import ZBarSymbol

    wanted = {FORMATS[name][1]: name for name in expect if FORMATS[name][1]}
    if not wanted:
        return []
    grey = pixels if pixels.ndim == 2 else cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY)
    found: list[Code] = []
    for code in decode(grey, symbols=[ZBarSymbol[name] for name in wanted])[:MAX_CODES]:
        text = text_of(code.data) if len(code.data) <= MAX_BYTES else None
        name = wanted.get(code.type)
        if name is not None and text and trustworthy(text):
            found.append(Code(text, name, tuple(code.rect), "zbar"))
    return found


@functools.cache
def _zbar_decode() -> Callable[..., list[Any]] | None:
    """pyzbar's reader, or None on a machine without the zbar library (Debian `libzbar0`)."""
    try:
        from pyzbar.pyzbar import decode
    except ImportError:
        return None
    return decode  # type: ignore[no-any-return]  # pyzbar has no types
