"""Finding a service by a sentence: typed letters, results as they come, a question back when it is not clear."""

from __future__ import annotations

from screens.models import Place, Search
from screens.pages.finding import service_item
from screens.pages.page import page, words
from screens.screen import Action, Actions, Block, Field, Heading, Item, Items, Keypad, Notice, Screen

SHOWN = 3
"""Results that stand above the keys; the others come with another letter or on the page of all of them."""


def search(place: Place, model: Search) -> Screen:
    """What to look for, and what it may mean. Replies: key, layer, service (value = id), ask (value = ids), all."""
    text = words(place)
    say = text.t
    blocks: list[Block] = [
        Field(
            "text", say("search.label"), model.text, say("search.placeholder"), focused=True, hint=_hint(place, model)
        )
    ]
    blocks += _meant(place, model)
    more = len(model.found) > SHOWN
    every = Action("all", say("search.all"), "arrow_forward", "primary", enabled=more)
    blocks.append(Keypad("text", every, model.layer, model.layers))
    return page(
        place,
        "search",
        say("search.title"),
        blocks,
        subtitle=say("search.subtitle"),
        prompt=say("search.prompt"),
        steps=False,
    )


def found(place: Place, model: Search) -> Screen:
    """Everything that a sentence may mean. Replies: service (value = id), ask (value = ids), again."""
    text = words(place)
    say = text.t
    blocks: list[Block] = []
    if model.question:
        blocks += [Heading(model.question), _choices(model)]
    if model.found:
        blocks.append(Heading(say("search.sure" if model.sure else "search.maybe")))
        blocks.append(Items(tuple(service_item(text, line) for line in model.found)))
    else:
        blocks.append(Notice(say("search.nothing"), say("search.nothing-note", phone=place.help_phone), "search"))
    blocks.append(Actions((Action("again", say("search.again"), "edit"),)))
    return page(place, "found", say("search.results", text=model.text), blocks, prompt=say("search.maybe"), steps=False)


def _meant(place: Place, model: Search) -> list[Block]:
    text = words(place)
    say = text.t
    if not model.ready:
        return [Notice(say("search.starting"), icon="hourglass_top")]
    if not model.text:
        return [Notice(say("search.examples"), say("search.examples-list"), "search")]
    if not model.found:
        return [Notice(say("search.nothing"), say("search.nothing-note", phone=place.help_phone), "search")]
    if model.question:
        return [Heading(model.question), _choices(model)]
    some = Items(tuple(service_item(text, line) for line in model.found[:SHOWN]))
    return [Heading(say("search.sure" if model.sure else "search.maybe")), some]


def _choices(model: Search) -> Items:
    return Items(tuple(Item("ask", choice.words, "help", value=choice.value) for choice in model.choices))


def _hint(place: Place, model: Search) -> str:
    return "" if model.text else words(place).t("search.hint")
