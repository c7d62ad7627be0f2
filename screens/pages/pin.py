"""Typing a PIN of ours."""

from __future__ import annotations

from screens.models import PinEntry, Place
from screens.pages.page import page, words
from screens.screen import Action, Block, Gap, Notice, PinPad, Screen


def pin_entry(place: Place, model: PinEntry) -> Screen:
    """The pad. Replies: pin (value = place on the pad from 0, clear, backspace), next, back."""
    say = words(place).t
    following = Action("next", say("pin.next"), "arrow_forward", "primary", enabled=model.typed == model.length)
    blocks: tuple[Block, ...] = (
        Notice(say("pin.shield"), say("pin.shuffled") if model.order != "1234567890" else "", "shield"),
        Gap(),
        PinPad(model.label, model.typed, model.length, model.order, following, model.error),
    )
    subtitle = say("pin.tries", count=model.tries) if model.tries else say("pin.subtitle", length=model.length)
    return page(place, "pin_entry", say("pin.title"), blocks, subtitle=subtitle, steps=False)
