"""For whom something is done, and what was agreed to for it."""

from __future__ import annotations

from screens.models import Agreed, ForWhom, Organisation, Organisations, Place
from screens.pages.page import page, words
from screens.screen import Action, Actions, Block, Gap, Item, Items, Notice, Screen


def for_whom(place: Place, model: ForWhom) -> Screen:
    """For myself or for an organisation. Replies: myself, organisation."""
    say = words(place).t
    blocks: tuple[Block, ...] = (
        Items(
            (
                Item("myself", say("for-whom.myself"), "person", say("for-whom.myself-note")),
                Item(
                    "organisation", say("for-whom.organisation"), "business_center", say("for-whom.organisation-note")
                ),
            ),
            "ways",
        ),
        Notice(say("for-whom.right"), icon="info"),
    )
    subtitle = say("for-whom.subtitle", service=model.service)
    return page(place, "for_whom", say("for-whom.title"), blocks, subtitle=subtitle)


def organisations(place: Place, model: Organisations) -> Screen:
    """Which organisation, of those that the platform names. Replies: organisation (its id)."""
    say = words(place).t

    def line(each: Organisation) -> Item:
        until = say("organisations.until", day=each.until) if each.until else say("organisations.no-end")
        reason = "" if each.state == "open" else say(f"organisations.{each.state}", day=each.until)
        return Item(
            "organisation",
            each.name,
            "business_center",
            say("organisations.line", role=each.role, uscc=each.uscc, until=until),
            each.state == "open",
            reason,
            each.id,
        )

    blocks: tuple[Block, ...] = (
        Items(tuple(line(each) for each in model.items), "ways"),
        Notice(say("organisations.missing"), say("organisations.missing-detail"), "info"),
    )
    subtitle = say("for-whom.subtitle", service=model.service)
    return page(place, "organisations", say("organisations.title"), blocks, subtitle=subtitle)


def agreed(place: Place, model: Agreed) -> Screen:
    """What was agreed to, each with its way back. Replies: withdraw (its key), continue."""
    say = words(place).t
    items = tuple(
        Item(
            "withdraw",
            say("agreed.line", what=line.what),
            "cancel",
            say("agreed.vital") if line.vital else line.why,
            value=line.key,
        )
        for line in model.lines
    )
    blocks: list[Block] = [Items(items)] if items else [Notice(say("agreed.none"), icon="info")]
    blocks += [
        Notice(say("agreed.promise"), icon="lock"),
        Gap(),
        Actions((Action("continue", say("agreed.continue"), "check", "primary"),)),
    ]
    return page(place, "agreed", say("agreed.title"), blocks, subtitle=say("agreed.subtitle"))
