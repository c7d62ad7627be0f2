"""Single-byte code pages of a receipt printer by the n of ESC t (Epson's numbers), as characters.

Where Python's table has a hole that Epson's printers fill, the character is named here: the euro sign in PC857, and
the whole of page 1, whose lines and corners other people's programs draw tables with.
"""

from __future__ import annotations

from functools import cache

ENCODINGS = {
    0: "cp437",
    2: "cp850",
    3: "cp860",
    4: "cp863",
    5: "cp865",
    13: "cp857",
    14: "cp737",
    15: "iso8859-7",
    16: "cp1252",
    17: "cp866",
    18: "cp852",
    19: "cp858",
    21: "tis-620",
    32: "cp720",
    33: "cp775",
    34: "cp855",
    35: "cp861",
    36: "cp862",
    37: "cp864",
    38: "cp869",
    39: "iso8859-2",
    40: "iso8859-15",
    44: "cp1125",
    45: "cp1250",
    46: "cp1251",
    47: "cp1253",
    48: "cp1254",
    49: "cp1255",
    50: "cp1256",
    51: "cp1257",
    52: "cp1258",
    53: "kz1048",
}
KATAKANA = 1
_LINES = "▁▂▃▄▅▆▇█▏▎▍▌▋▊▉┼┴┬┤├▔─│▕┌┐└┘╭╮╰╯"
"""0x80 to 0x9F of page 1."""
_SIGNS = "═╞╪╡◢◣◥◤♠♥♦♣●○╱╲╳円年月日時分秒〒市区町村人▒"
"""0xE0 to 0xFE of page 1."""
_EURO = {(13, 0xD5): "€"}
HOLE = "\ufffd"


@cache
def code_page(number: int) -> str:
    """256 characters, `HOLE` where the page has none; an unknown page prints as page 0, as on most printers."""
    if number == KATAKANA:
        kana = "".join(bytes((byte,)).decode("cp932") for byte in range(0xA1, 0xE0))
        return "".join(map(chr, range(0x80))) + _LINES + " " + kana + _SIGNS + HOLE
    name = ENCODINGS.get(number, ENCODINGS[0])
    characters = (bytes((byte,)).decode(name, "replace") for byte in range(256))
    return "".join(_EURO.get((number, byte), character) for byte, character in enumerate(characters))
