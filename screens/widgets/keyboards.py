"""Keyboards: the letters that a kind of code has, and the one for words with its layers (`screens.keypad_keys`)."""

from __future__ import annotations

from screens.keypad_keys import HAND, LAYERS
from screens.layout import Box, Column, Row
from screens.look import Look
from screens.screen import Action, Reply
from screens.widgets.buttons import button
from screens.widgets.keys import key, named_key, word
from screens.widgets.surfaces import Touch


def keyboard(look: Look, rows: tuple[str, ...], following: Action | None) -> Box:
    """`rows` of keys, backspace at the end of the last, below them clear and the next action."""
    gap = max(look.theme.px(3), 8)
    below: list[Box] = [word(look, "clear")]
    below[0].grow = 1.0
    if following is not None:
        go = button(look, following)
        go.grow = 2.0
        below.append(go)
    lines = [_line(look, letters, gap, last=index == len(rows) - 1) for index, letters in enumerate(rows)]
    return Column([*lines, Row(below, look.between("small"), middle=False)], gap)


def text_keyboard(look: Look, layer: str, layers_there: tuple[str, ...], following: Action | None) -> Box:
    """The keyboard for words. `layer` may end in `-lines`: a key for a new line is there too."""
    name, _, lines = layer.partition("-")
    rows = LAYERS[name]
    gap = max(look.theme.px(3), 8)
    made: list[Row] = [_line(look, letters, gap, last=index == len(rows) - 1) for index, letters in enumerate(rows)]
    if name == "hand":
        back: list[Box] = [named_key(look, what, look.words.t(f"entering.hand.{what}")) for what in HAND]
        for one in back:
            one.grow = 2.2
        made = [Row([*back, *(box for line in made for box in line.children)], gap, middle=False)]
    layers: list[Box] = [_layer(look, other, chosen=other == name) for other in layers_there]
    last: list[Box] = [word(look, "clear"), named_key(look, "space", look.words.t("entering.space"))]
    if lines:
        last.append(named_key(look, "newline", look.words.t("entering.newline")))
    for one in (*layers, *last):
        one.grow = 1.0
    if following is not None:
        go = button(look, following)
        go.grow = 1.6
        last.append(go)
    return Column([*made, Row(layers, gap, middle=False), Row(last, gap, middle=False)], gap)


def _line(look: Look, letters: str, gap: int, *, last: bool) -> Row:
    keys: list[Box] = [key(look, letter) for letter in letters]
    for one in keys:
        one.grow = 1.0
    if last:
        erase = word(look, "backspace")
        erase.grow = 1.5
        keys.append(erase)
    return Row(keys, gap, middle=False)


def _layer(look: Look, name: str, *, chosen: bool) -> Touch:
    return named_key(look, name, look.words.t(f"entering.layer.{name}"), reply=Reply("layer", name), chosen=chosen)
