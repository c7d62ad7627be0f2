"""The pages of an act: what is asked before it is done, what became of it, and lists to read or to open."""

from __future__ import annotations

from screens.models.place import Place
from screens.models.technician import Fact, WorkDone, WorkField, WorkForm, WorkList
from screens.pages.page import words
from screens.pages.technician import act, work_page
from screens.pages.technician_tests import TONES
from screens.screen import (
    Action,
    Actions,
    Block,
    Choice,
    Field,
    Gap,
    Item,
    Items,
    Keypad,
    Notice,
    Option,
    Picture,
    Result,
    Row,
    Rows,
    Screen,
    Style,
)


def _rows(facts: tuple[Fact, ...]) -> list[Block]:
    return [Rows(tuple(Row(fact.label, fact.value) for fact in facts))] if facts else []


def tech_form(place: Place, model: WorkForm) -> Screen:
    """An act before it is done. Replies: choose:<field>, focus (field), key, do, back, home, leave."""
    blocks: list[Block] = []
    if model.warning:
        blocks.append(Notice(model.warning, icon="warning", tone="attention"))
    if model.drawing is not None:
        blocks.append(Picture(model.drawing))
    blocks += _rows(model.known)
    if model.notice:
        blocks.append(Notice(model.notice, model.notice_detail))
    blocks += [_field(place, field, focused=field.key == model.focus) for field in model.fields]
    typed = next((f for f in model.fields if f.key == model.focus and not f.options), None)
    if model.do:
        style: Style = "danger" if model.danger and typed is None else "primary"
        do = Action("do", model.do, "check", style, enabled=model.complete)
        blocks += [Gap(), Keypad(typed.keypad, do) if typed is not None else Actions((do,))]
    return work_page(place, "tech_form", model.title, blocks, subtitle=model.subtitle)


def _field(place: Place, field: WorkField, *, focused: bool) -> Block:
    if field.options:
        options = tuple(Option(o.key, o.label, o.note) for o in field.options)
        return Choice(field.key, field.label, options, field.value, field.error, focused=focused)
    empty = words(place).t("tech.form.empty")
    return Field(field.key, field.label, field.value, empty, field.hint, field.error, focused=focused)


def tech_list(place: Place, model: WorkList) -> Screen:
    """Entries to read or to open. Replies: record (key), the keys of its acts, back, home, leave."""
    blocks: list[Block] = []
    if model.notice:
        blocks.append(Notice(model.notice, icon="info"))
    opening = tuple(Item("record", r.title, r.icon, r.note, value=r.key) for r in model.records if r.opens)
    reading = tuple(Row(r.title, r.note) for r in model.records if not r.opens)
    if opening:
        blocks.append(Items(opening))
    if reading:
        blocks.append(Rows(reading))
    if not model.records:
        blocks.append(Notice(model.none or words(place).t("tech.list.none"), icon="check_circle", tone="done"))
    if model.acts:
        blocks += [Gap(), Actions(tuple(act(each) for each in model.acts))]
    return work_page(place, "tech_list", model.title, blocks, subtitle=model.subtitle)


def tech_outcome(place: Place, model: WorkDone) -> Screen:
    """What became of an act. Replies: back, home, leave."""
    blocks: list[Block] = [Result(model.title, model.sentence, TONES[model.outcome])]
    if model.remedy:
        blocks.append(Notice(model.remedy, icon="build"))
    blocks += _rows(model.known)
    return work_page(place, "tech_outcome", model.title, blocks)
