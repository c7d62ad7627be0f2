"""The touch keypads. Each key replies `Reply("key", character)`; `clear` and `backspace` are values too."""

from __future__ import annotations

from screens.keypad_keys import EXTRA, KEYBOARDS
from screens.layout import Box, Column, Grid, Row, Sized
from screens.look import Look
from screens.screen import Keypad
from screens.widgets.buttons import button
from screens.widgets.keyboards import keyboard, text_keyboard
from screens.widgets.keys import key, word

NEXT_SHARE = 0.44
"""How wide the next action's key is, against the three columns of digits."""


def keypad(look: Look, block: Keypad) -> Box:
    """The keys, and the next action as the largest of them."""
    if block.kind in KEYBOARDS:
        return keyboard(look, KEYBOARDS[block.kind], block.next)
    if block.kind == "text":
        return text_keyboard(look, block.layer, block.layers, block.next)
    gap = look.between("small")
    extra = EXTRA[block.kind]
    last = [key(look, extra), key(look, "0")] if extra else [word(look, "clear"), key(look, "0")]
    digits = Grid([*(key(look, d) for d in "123456789"), *last, word(look, "backspace")], 3, gap)
    digits.grow = 1.0
    beside: list[Box] = []
    if extra:
        beside.append(Sized(word(look, "clear")))
    if block.next is not None:
        tall = button(look, block.next, tall=True, down=True)
        tall.grow = 1.0
        beside.append(tall)
    if not beside:
        return digits
    side = Column(beside, gap)
    side.grow = NEXT_SHARE
    return Row([digits, side], gap, middle=False)
