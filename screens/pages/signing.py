"""Signing what was reviewed: the pad for the finger, and the equal ways of those who cannot write."""

from __future__ import annotations

from screens.models import Place, Sign, SignOther
from screens.pages.page import page, words
from screens.screen import Action, Actions, Block, Gap, Ink, Item, Items, Notice, Screen


def sign(place: Place, model: Sign) -> Screen:
    """The pad. Replies: stroke, undo, again, done, other."""
    say = words(place).t
    blocks: list[Block] = [Notice(model.service, say("signing.what"), "description", "plain")]
    if model.error:
        blocks.append(Notice(model.error, icon="error", tone="attention"))
    blocks += [
        Gap(),
        Ink(say("signing.pad"), model.strokes, model.heard, "signature"),
        Actions(
            (
                Action("undo", say("signing.undo"), style="quiet", enabled=bool(model.strokes)),
                Action("again", say("signing.again"), style="quiet", enabled=bool(model.strokes)),
            )
        ),
        Actions(
            (
                Action("other", say("signing.other"), "support_agent"),
                Action("done", say("signing.done"), "check", "primary"),
            )
        ),
    ]
    return page(place, "sign", say("signing.title"), blocks, subtitle=say("signing.subtitle"))


def sign_other(place: Place, model: SignOther) -> Screen:
    """Ways without writing. Replies: card, officer, counter, hand."""
    say = words(place).t
    blocks: list[Block] = [Notice(model.service, say("signing.what"), "description", "plain")]
    if model.trouble:
        blocks.append(Notice(model.trouble, icon="error", tone="attention"))
    ways = (
        Item(
            "card",
            say("signing.way.card"),
            "badge",
            say("signing.way.card-note"),
            model.card,
            "" if model.card else say("signing.no-card"),
        ),
        Item(
            "officer",
            say("signing.way.officer"),
            "support_agent",
            say("signing.way.officer-note"),
            model.officer,
            "" if model.officer else say("signing.no-officer"),
        ),
        Item("counter", say("signing.way.counter"), "store", model.elsewhere),
    )
    blocks += [Items(ways), Gap(), Actions((Action("hand", say("signing.way.hand"), "edit"),))]
    return page(place, "sign_other", say("signing.other-title"), blocks, subtitle=say("signing.other-subtitle"))
