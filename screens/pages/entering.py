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
    Item,
    Items,
    Keypad,
    Notice,
    Preview,
    Screen,
)

LETTER_COLUMNS = 8


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
            )
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
    """Words by touch. Replies: key (a character, clear, backspace, space, newline), layer, candidate(s), done."""
    say = words(place).t
    count, most = model.counts
    hint = say("entering.counts", count=count, most=most) if most else ""
    blocks: list[Block] = []
    if model.before:
        blocks.append(Notice(model.before, icon="place", tone="plain"))
    blocks.append(Field("text", model.label, model.text, say("form.placeholder"), hint, model.error, focused=True))
    done = Action("done", say("entering.done"), "check", "primary")
    blocks.append(Gap())
    if model.pending or model.words:
        told = say("entering.pending", letters=model.pending)
        blocks.append(Candidates(told, model.words, model.back, model.on))
    elif model.layer == "pinyin":
        blocks.append(Notice(say("entering.pinyin"), icon="translate", tone="plain"))
    blocks.append(Keypad("text", done, model.layer + ("-lines" if model.lines else "")))
    return page(place, "writing", model.label, blocks, subtitle=say("entering.writing"))


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
        blocks.append(Items(tuple(lines)))
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
