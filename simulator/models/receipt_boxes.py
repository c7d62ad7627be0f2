"""Line and block characters as a printer's character generator draws them: from edge to edge of the cell, so that
boxes of characters close. Fonts for screens leave gaps, and their hairlines vanish on a head of 203 dpi."""

from __future__ import annotations

from PIL import Image, ImageDraw

WHITE = 255
STROKE = 2
"""Dots of a single line; a double one is two of them with as much white between."""
ARMS = {
    "─": "1100",
    "│": "0011",
    "┌": "0101",
    "┐": "1001",
    "└": "0110",
    "┘": "1010",
    "├": "0111",
    "┤": "1011",
    "┬": "1101",
    "┴": "1110",
    "┼": "1111",
    "╭": "0101",
    "╮": "1001",
    "╰": "0110",
    "╯": "1010",
    "═": "2200",
    "║": "0022",
    "╒": "0201",
    "╓": "0102",
    "╔": "0202",
    "╕": "2001",
    "╖": "1002",
    "╗": "2002",
    "╘": "0210",
    "╙": "0120",
    "╚": "0220",
    "╛": "2010",
    "╜": "1020",
    "╝": "2020",
    "╞": "0211",
    "╟": "0122",
    "╠": "0222",
    "╡": "2011",
    "╢": "1022",
    "╣": "2022",
    "╤": "2201",
    "╥": "1102",
    "╦": "2202",
    "╧": "2210",
    "╨": "1120",
    "╩": "2220",
    "╪": "2211",
    "╫": "1122",
    "╬": "2222",
}
"""The arms of a character: left, right, up, down; 0 none, 1 single, 2 double."""
BLOCKS = {
    "▀": (0, 0, 8, 4),
    "▄": (0, 4, 8, 8),
    "█": (0, 0, 8, 8),
    "▌": (0, 0, 4, 8),
    "▐": (4, 0, 8, 8),
    "▔": (0, 0, 8, 1),
    "▕": (7, 0, 8, 8),
    **{character: (0, 8 - eighths, 8, 8) for eighths, character in enumerate("▁▂▃▄▅▆▇", 1)},
    **{character: (0, 0, eighths, 8) for eighths, character in enumerate("▏▎▍▌▋▊▉", 1)},
}
"""Left, top, right, bottom of what is black, in eighths of the cell."""


def box_picture(character: str, width: int, height: int) -> Image.Image | None:
    """`character` filling `width` x `height` dots, or None when it is no line or block."""
    if character in BLOCKS:
        left, top, right, bottom = BLOCKS[character]
        made = Image.new("L", (width, height), WHITE)
        made.paste(0, (left * width // 8, top * height // 8, -(-right * width // 8), -(-bottom * height // 8)))
        return made
    if character not in ARMS:
        return None
    left, right, up, down = (int(digit) for digit in ARMS[character])
    made = Image.new("L", (width, height), WHITE)
    draw = ImageDraw.Draw(made)
    half = (3 if 2 in (left, right, up, down) else 1) * STROKE // 2
    middle_x, middle_y = width // 2, height // 2
    # An arm reaches past the middle by half of what it meets, so corners have no notch.
    for arm, start, end in ((left, 0, middle_x + half), (right, middle_x - half, width)):
        for offset in _offsets(arm):
            draw.rectangle((start, middle_y + offset, end - 1, middle_y + offset + STROKE - 1), fill=0)
    for arm, start, end in ((up, 0, middle_y + half), (down, middle_y - half, height)):
        for offset in _offsets(arm):
            draw.rectangle((middle_x + offset, start, middle_x + offset + STROKE - 1, end - 1), fill=0)
    return made


def _offsets(arm: int) -> tuple[int, ...]:
    return {0: (), 1: (-STROKE // 2,), 2: (-3 * STROKE // 2, STROKE // 2)}[arm]
