"""Pages of one field: choosing from a list, an address, writing, a list of entries, a code."""

from __future__ import annotations

from screens.models import Address, ChooseFrom, CodeField, Entries, Place, Writing
from screens.pages.page import page, words
from screens.screen import (
    Action,
    Actions,
    Block,
    Candidates,
    Field,
    Gap,
    Ink,
    Item,
    Items,
    Keypad,
    Notice,
    Preview,
    Screen,
)

LETTER_COLUMNS = 8
HAND_WORDS = 5
"""Characters in a row above the squares; the others come with a touch."""


def choose_from(place: Place, model: ChooseFrom) -> Screen:
    """A long list. Replies: option (value = its key), candidate (value = place in all and `letters`), done, clear."""
    say = words(place).t
    blocks: list[Block] = []
    if model.error:
        blocks.append(Notice(model.error, icon="error", tone="attention"))
    if model.letters:
        told = say("entering.letter", letter=model.at) if model.at else say("entering.letters")
        blocks.append(Candidates(told, (say("entering.all"), *model.letters), columns=LETTER_COLUMNS))
    if not model.options:
        blocks.append(Notice(say("entering.no-options"), say("entering.no-options-detail"), "info", "attention"))
    blocks.append(
        Items(
            tuple(
                Item("option", label, "check_circle" if key in model.chosen else "", value=key)
                for key, label in model.options
            ),
            "ticks" if model.many else "list",
        )
    )
    if model.many:
        done = Action("done", say("entering.done"), "check", "primary", enabled=model.can_finish)
        blocks += [Gap(), Actions((Action("clear", say("key.clear"), style="quiet"), done))]
    told = say("entering.choose-many" if model.many else "entering.choose-one")
    return page(place, "choose_from", model.label, blocks, subtitle=told)


def address(place: Place, model: Address) -> Screen:
    """District, then town. Replies: option (value = its code), other."""
    say = words(place).t
    items = [Item("option", label, "place", value=key) for key, label in model.options]
    blocks: list[Block] = [Items(tuple(items)), Gap()]
    if model.other:
        blocks.append(Actions((Action("other", say("entering.elsewhere"), "edit"),)))
    title = say(f"entering.address.{model.level}")
    return page(place, "address", title, blocks, subtitle=model.before)


def writing(place: Place, model: Writing) -> Screen:
    """Words by touch. Replies: key (a character, clear, undo, ...), stroke, layer, candidate(s), done."""
    say = words(place).t
    count, most = model.counts
    hint = say("entering.counts", count=count, most=most) if most else ""
    blocks: list[Block] = []
    if model.before:
        blocks.append(Notice(model.before, icon="place", tone="plain"))
    blocks.append(Field("text", model.label, model.text, say("form.placeholder"), hint, model.error, focused=True))
    if model.lacking:
        blocks.append(Notice(say("entering.lacking", codes=" ".join(model.lacking)), icon="info", tone="plain"))
    done = Action("done", say("entering.done"), "check", "primary")
    blocks.append(Gap())
    blocks += _to_choose(place, model)
    if model.layer == "hand":
        blocks.append(Ink(say("entering.hand.field"), model.strokes, model.heard, boxes=2))
    blocks.append(Keypad("text", done, model.layer + ("-lines" if model.lines else ""), model.layers))
    own = model.layer in ("hand", "rare", "hangul")
    subtitle = say(f"entering.{model.layer}.subtitle" if own else "entering.writing")
    return page(place, "writing", model.label, blocks, subtitle=subtitle)


def _to_choose(place: Place, model: Writing) -> list[Block]:
    """The words that may be meant; else what to do here."""
    say = words(place).t
    if model.layer == "rare" and (model.pending or model.words):
        told = say("entering.rare.code", code=model.pending) if model.pending else say("entering.rare.card")
        return [Candidates(told, model.words)]
    if model.layer == "hand":
        state = "which" if model.words else "unread" if model.unread else "reading" if model.strokes else "how"
        told = say(f"entering.hand.{state}")
        return [Candidates(told, model.words, model.back, model.on, columns=HAND_WORDS, room_for=HAND_WORDS)]
    if model.pending or model.words:
        return [Candidates(say("entering.pending", letters=model.pending), model.words, model.back, model.on)]
    if model.no_hand:
        return [Notice(say("entering.hand.gone"), icon="info", tone="attention")]
    if model.layer in ("pinyin", "rare"):
        told = say("entering.pinyin" if model.layer == "pinyin" else "entering.rare.how")
        return [Notice(told, icon="translate", tone="plain")]
    return []


def entries(place: Place, model: Entries) -> Screen:
    """A list of free entries. Replies: add, remove (value = its place), done."""
    say = words(place).t
    blocks: list[Block] = []
    if model.error:
        blocks.append(Notice(model.error, icon="error", tone="attention"))
    if model.entries:
        lines = [
            Item("remove", entry, "close", say("entering.remove"), value=str(at))
            for at, entry in enumerate(model.entries)
        ]
        blocks.append(Items(tuple(lines), "removable"))
    else:
        blocks.append(Notice(say("entering.no-entries"), icon="info", tone="plain"))
    add = Action("add", say("entering.add"), "edit", enabled=len(model.entries) < model.most)
    done = Action("done", say("entering.done"), "check", "primary", enabled=len(model.entries) >= model.least)
    blocks += [Gap(), Actions((add, done))]
    return page(place, "entries", model.label, blocks, subtitle=say("entering.entries", most=model.most))


def code_field(place: Place, model: CodeField) -> Screen:
    """Waiting for a code of a form. Replies: only those of the bar."""
    say = words(place).t
    caption = model.trouble or say("entering.code")
    blocks: tuple[Block, ...] = (Preview(caption, "attention" if model.trouble else "info", "code"),)
    return page(place, "code_field", model.label, blocks, subtitle=say("entering.code-subtitle"), prompt=caption)
