"""The touch keypads. Each key replies `Reply("key", character)`; `clear` and `backspace` are values too."""

from __future__ import annotations

from screens.layout import Box, Column, Grid, Middle, Row, Sized
from screens.look import Look
from screens.screen import Action, Keypad, Reply
from screens.widgets.buttons import button
from screens.widgets.surfaces import Surface, Touch
from screens.widgets.words import Fitted, Icon

EXTRA = {"idno": "X", "money": ".", "date": "", "digits": "", "phone": ""}
"""The one key that a kind has beside the digits; "" leaves its place to `clear`."""
LATIN = ("1234567890", "QWERTYUIOP", "ASDFGHJKL", "ZXCVBNM")
NEXT_SHARE = 0.44
"""How wide the next action's key is, against the three columns of digits."""


def keypad(look: Look, block: Keypad) -> Box:
    """The keys, and the next action as the largest of them."""
    if block.kind == "latin":
        return _latin(look, block.next)
    gap = look.between("small")
    extra = EXTRA[block.kind]
    last = [_key(look, extra), _key(look, "0")] if extra else [_word(look, "clear"), _key(look, "0")]
    digits = Grid([*(_key(look, d) for d in "123456789"), *last, _word(look, "backspace")], 3, gap)
    digits.grow = 1.0
    beside: list[Box] = []
    if extra:
        beside.append(Sized(_word(look, "clear")))
    if block.next is not None:
        tall = button(look, block.next, tall=True, down=True)
        tall.grow = 1.0
        beside.append(tall)
    if not beside:
        return digits
    side = Column(beside, gap)
    side.grow = NEXT_SHARE
    return Row([digits, side], gap, middle=False)


def _latin(look: Look, following: Action | None) -> Box:
    gap = max(look.theme.px(3), 8)
    rows: list[Box] = []
    for index, letters in enumerate(LATIN):
        keys: list[Box] = [_key(look, letter) for letter in letters]
        if index == len(LATIN) - 1:
            keys.append(_word(look, "backspace"))
        for one in keys:
            one.grow = 1.0
        rows.append(Row(keys, gap, middle=False))
    below: list[Box] = [_word(look, "clear")]
    below[0].grow = 1.0
    if following is not None:
        go = button(look, following)
        go.grow = 2.0
        below.append(go)
    rows.append(Row(below, look.between("small"), middle=False))
    return Column(rows, gap)


def _key(look: Look, character: str) -> Touch:
    def draw(pressed: bool) -> Box:
        return _cap(look, Fitted(look, character, "key", side="centre", lines=1), pressed=pressed)

    return Touch(
        draw,
        Reply("key", character),
        character,
        role="key",
        kind="key",
        least=round(look.space("key") * _squeeze(look)),
    )


def _word(look: Look, what: str) -> Touch:
    name = look.words.t(f"key.{what}")

    def draw(pressed: bool) -> Box:
        if what == "backspace":
            return _cap(look, Icon(look, "backspace", round(look.size("key") * 0.85), "ink"), pressed=pressed)
        return _cap(look, Fitted(look, name, "button", side="centre", lines=1), pressed=pressed)

    return Touch(
        draw, Reply("key", what), name, role="key", kind="key", least=round(look.space("key") * _squeeze(look))
    )


def _squeeze(look: Look) -> float:
    """Keys may give way a little on a full page; 15 mm is the least, this stays above 20."""
    return min(1.1, max(0.8, look.tight))


def _cap(look: Look, inside: Box, *, pressed: bool) -> Box:
    return Surface(
        look, Middle(inside, across=False), fill="press" if pressed else "card", across=4, down=look.theme.px(1)
    )
