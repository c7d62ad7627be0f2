"""QR codes and bar codes as the printer draws them.

Bar code tables: ISO/IEC 15417 (CODE128), ISO/IEC 15420 (EAN/UPC), ISO/IEC 16388 (CODE39), ISO/IEC 16390 (ITF).
Bad data gives `ValueError`: the printer prints no bar code and goes on.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import segno
from PIL import Image

_EAN_L = ["0001101", "0011001", "0010011", "0111101", "0100011", "0110001", "0101111", "0111011", "0110111", "0001011"]
_EAN_PARITY = ["LLLLLL", "LLGLGG", "LLGGLG", "LLGGGL", "LGLLGG", "LGGLLG", "LGGGLL", "LGLGLG", "LGLGGL", "LGGLGL"]
_CODE39_SIGNS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-. $/+%*"
_CODE39_WIDTHS = (
    "000110100100100001001100001101100000000110001100110000001110000000100101100100100001100100100001001001001001"
    "101001000000011001100011000001011000000001101100001100001001100000011100100000011001000011101000010000010011"
    "100010010001010010000000111100000110001000110000010110110000001011000001111000000010010001110010000011010000"
    "010000101110000100011000100010101000010100010010001010000101010010010100"
)
"""Nine elements a sign, bar first; 1 = wide."""
_CODE39 = {sign: _CODE39_WIDTHS[at * 9 : at * 9 + 9] for at, sign in enumerate(_CODE39_SIGNS)}
_CODE128_WIDTHS = (
    "212222222122222221121223121322131222122213122312132212221213221312231212112232122132122231113222123122123221"
    "223211221132221231213212223112312131311222321122321221312212322112322211212123212321232121111323131123131321"
    "112313132113132311211313231113231311112133112331132131113123113321133121313121211331231131213113213311213131"
    "311123311321331121312113312311332111314111221411431111111224111422121124121421141122141221112214112412122114"
    "122411142112142211241211221114413111241112134111111242121142121241114212124112124211411212421112421211212141"
    "214121412121111143111341131141114113114311411113411311113141114131311141411131211412211214211232"
)
"""Six element widths a value, 0 to 105, bar first."""
_CODE128 = [_CODE128_WIDTHS[at : at + 6] for at in range(0, len(_CODE128_WIDTHS), 6)] + ["2331112"]
_ITF = ["00110", "10001", "01001", "11000", "00101", "10100", "01100", "00011", "10010", "01010"]
_CODE_SETS = {"A": 103, "B": 104, "C": 105}
_SWITCH = {"A": 101, "B": 100, "C": 99}
SYSTEMS = {65: "UPC-A", 67: "EAN13", 68: "EAN8", 69: "CODE39", 70: "ITF", 73: "CODE128"}
"""The systems of GS k that this printer draws, by m."""


@lru_cache(maxsize=16)
def qr_image(data: bytes, module: int, level: str) -> Image.Image:
    """A model 2 QR code of `data` without quiet zone, `module` dots per module. Raises `ValueError`."""
    try:
        code = segno.make(data, error=level.lower(), micro=False, boost_error=False, mode="byte")
    except segno.DataOverflowError as error:
        raise ValueError(str(error)) from None
    matrix = np.array([list(row) for row in code.matrix], dtype=np.uint8)
    dots = np.kron(matrix, np.ones((module, module), dtype=np.uint8))
    return Image.fromarray(np.where(dots == 1, 0, 255).astype(np.uint8))


def barcode_modules(system: int, data: bytes, ratio: int = 3) -> tuple[str, str]:
    """Modules as a string of 1 (bar) and 0 (space), and the text below it. Raises `ValueError` for bad data."""
    text = data.decode("ascii", "strict") if data.isascii() else ""
    if not text:
        raise ValueError("bar code data is ASCII")
    kind = SYSTEMS.get(system)
    if kind == "CODE128":
        return _code128(text)
    if kind == "CODE39":
        return _code39(text, ratio)
    if kind == "ITF":
        return _itf(text, ratio)
    if kind == "EAN8":
        digits = _checked(text, 7)
        bits = "101" + "".join(_EAN_L[int(d)] for d in digits[:4]) + "01010"
        return bits + "".join(_inverted(_EAN_L[int(d)]) for d in digits[4:]) + "101", digits
    if kind in ("EAN13", "UPC-A"):
        digits = _checked(text, 12 if kind == "EAN13" else 11)
        return _ean13(digits if kind == "EAN13" else "0" + digits), digits
    raise ValueError(f"bar code system {system} is not drawn")


def barcode_image(modules: str, module: int, height: int) -> Image.Image:
    """Bars `height` dots high, `module` dots per module."""
    row = np.array([0 if m == "1" else 255 for m in modules], dtype=np.uint8).repeat(module)
    return Image.fromarray(np.tile(row, (height, 1)))


def _checked(text: str, length: int) -> str:
    """`text` with its check digit (added when missing)."""
    if not text.isdigit() or len(text) not in (length, length + 1):
        raise ValueError(f"{length} or {length + 1} digits are wanted")
    weighted = sum(int(d) * (3 if i % 2 == 0 else 1) for i, d in enumerate(reversed(text[:length])))
    check = str(-weighted % 10)
    if len(text) == length + 1 and text[-1] != check:
        raise ValueError("the check digit is wrong")
    return text[:length] + check


def _inverted(bits: str) -> str:
    return bits.translate(str.maketrans("01", "10"))


def _ean13(digits: str) -> str:
    left = "".join(
        _EAN_L[int(d)] if parity == "L" else _inverted(_EAN_L[int(d)])[::-1]
        for d, parity in zip(digits[1:7], _EAN_PARITY[int(digits[0])], strict=True)
    )
    return "101" + left + "01010" + "".join(_inverted(_EAN_L[int(d)]) for d in digits[7:]) + "101"


def _code39(text: str, ratio: int) -> tuple[str, str]:
    plain = text.strip("*")
    if not plain or any(c not in _CODE39 or c == "*" for c in plain):
        raise ValueError("CODE39 has digits, capitals and -. $/+% only")
    drawn = []
    for c in f"*{plain}*":
        widths = (ratio if bit == "1" else 1 for bit in _CODE39[c])
        drawn.append("".join(("1" if i % 2 == 0 else "0") * w for i, w in enumerate(widths)))
    return "0".join(drawn), plain


def _itf(text: str, ratio: int) -> tuple[str, str]:
    if not text.isdigit() or len(text) % 2:
        raise ValueError("ITF has an even number of digits")
    bits = "1010"
    for a, b in zip(text[::2], text[1::2], strict=True):
        for bar, space in zip(_ITF[int(a)], _ITF[int(b)], strict=True):
            bits += "1" * (ratio if bar == "1" else 1) + "0" * (ratio if space == "1" else 1)
    return bits + "1" * ratio + "01", text


def _code128(text: str) -> tuple[str, str]:
    """Data as GS k 73 has it: {A {B {C select the code set, "{{" is a brace (Epson)."""
    if len(text) < 3 or text[0] != "{" or text[1] not in _CODE_SETS:
        raise ValueError("CODE128 data begins with {A, {B or {C")
    current = text[1]
    values = [_CODE_SETS[current]]
    shown = ""
    at = 2
    while at < len(text):
        if text[at] == "{" and text[at + 1 : at + 2] in _SWITCH:
            current = text[at + 1]
            values.append(_SWITCH[current])
            at += 2
            continue
        if current == "C":
            value, shown, at = _pair(text, at, shown)
            values.append(value)
            continue
        at += 2 if text[at : at + 2] == "{{" else 1
        character = ord(text[at - 1])
        if current == "A" and character >= 0x60:
            raise ValueError("code set A has no small letters")
        values.append(character - 32 if character >= 32 else character + 64)
        shown += chr(character) if character >= 32 else " "
    check = (values[0] + sum(i * v for i, v in enumerate(values[1:], 1))) % 103
    widths = "".join(_CODE128[v] for v in (*values, check, 106))
    return "".join(("1" if i % 2 == 0 else "0") * int(w) for i, w in enumerate(widths)), shown


def _pair(text: str, at: int, shown: str) -> tuple[int, str, int]:
    """Code set C: the byte's value (Epson), or two digits written out."""
    if text[at].isdigit() and text[at + 1 : at + 2].isdigit():
        return int(text[at : at + 2]), shown + text[at : at + 2], at + 2
    if ord(text[at]) > 99:
        raise ValueError("code set C has values 0 to 99")
    return ord(text[at]), f"{shown}{ord(text[at]):02d}", at + 1
