"""One key of a keypad or keyboard. It replies `Reply("key", character)`; `clear` and `backspace` are values too."""

from __future__ import annotations

from screens.layout import Box, Middle
from screens.look import Look
from screens.screen import Reply
from screens.widgets.surfaces import Surface, Touch
from screens.widgets.words import Fitted, Icon


def key(look: Look, character: str) -> Touch:
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


def word(look: Look, what: str) -> Touch:
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


def named_key(look: Look, value: str, name: str, *, reply: Reply | None = None, chosen: bool = False) -> Touch:
    """A key with a word on it; it replies `reply`, or `Reply("key", value)`."""

    def draw(pressed: bool) -> Box:
        words = Fitted(look, name, "button", colour="sea" if chosen else "ink", bold=chosen, side="centre", lines=1)
        return _cap(look, words, pressed=pressed)

    least = round(look.space("key") * _squeeze(look))
    return Touch(draw, reply or Reply("key", value), name, role="key", kind="key", focused=chosen, least=least)
