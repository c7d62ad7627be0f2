"""Bills: choose which, none there, and an amount that changed before it was charged."""

from __future__ import annotations

from screens.models import BillChoice, BillNone, FeeChanged, FeeLine, Place
from screens.pages.calling import whom_to_call
from screens.pages.page import page, words, yuan
from screens.screen import Action, Actions, Block, Gap, Item, Items, Money, Notice, Result, Row, Rows, Screen


def fee_rows(place: Place, lines: tuple[FeeLine, ...]) -> Rows:
    """The lines of a fee as a card; reductions carry their minus."""
    say = words(place).t

    def row(line: FeeLine) -> Row:
        if line.fen is None:
            return Row(line.label, line.value)
        return Row(line.label, say("fee.yuan", yuan=("−" if line.fen < 0 else "") + yuan(abs(line.fen))), amount=True)

    parts = any(line.fen is not None for line in lines)
    return Rows(tuple(row(line) for line in lines), say("fees.lines") if parts else "")


def bills(place: Place, model: BillChoice) -> Screen:
    """Which of several bills. Replies: bill (value its id, on or off), next, back."""
    say = words(place).t
    items = tuple(
        Item(
            "bill",
            bill.title,
            "check_circle" if bill.chosen else "",
            " · ".join(filter(None, (say("fees.chosen" if bill.chosen else "fees.not-chosen"), bill.note))),
            value=bill.id,
            amount=say("fee.yuan", yuan=yuan(bill.fen)),
        )
        for bill in model.bills
    )
    count = sum(bill.chosen for bill in model.bills)
    following = Action("next", say("fees.next"), "arrow_forward", "primary", enabled=count > 0)
    blocks: tuple[Block, ...] = (
        Items(items, "ticks"),
        Money(say("fees.total", count=count), say("fees.total-note"), model.fen),
        Gap(),
        Actions((following,)),
    )
    return page(
        place,
        "bills",
        say("fees.bills-title", count=len(model.bills)),
        blocks,
        subtitle=say("fees.bills-subtitle", service=model.service),
        prompt=say("fees.bills-prompt", count=len(model.bills)),
    )


def bill_none(place: Place, model: BillNone) -> Screen:
    """Nothing to pay here. Replies: edit (back to the form)."""
    say = words(place).t
    if model.why == "paid":
        sign = Result(say("fees.none.paid"), say("fees.none.paid-detail", title=model.title, yuan=yuan(model.fen)))
    else:
        sign = Result(say(f"fees.none.{model.why}"), say(f"fees.none.{model.why}-detail"), "attention")
    blocks: tuple[Block, ...] = (
        sign,
        Notice(say("fees.none.not-charged"), icon="shield"),
        *(whom_to_call(place) if model.why != "paid" else ()),
        Gap(),
        Actions((Action("edit", say("fees.none.edit"), "edit", "primary"),)),
    )
    return page(place, "bill_none", say("fees.none.title"), blocks, prompt=sign.text)


def fee_changed(place: Place, model: FeeChanged) -> Screen:
    """Another amount than was confirmed. Replies: confirm, back."""
    say = words(place).t
    blocks: tuple[Block, ...] = (
        Money(model.title, say("fees.before", yuan=yuan(model.before_fen)), model.fen),
        *((fee_rows(place, model.lines),) if model.lines else ()),
        Notice(say("fees.changed-promise"), say("fees.changed-detail"), "shield"),
        Gap(),
        Actions(
            (
                Action("back", say("fees.changed-no")),
                Action("confirm", say("fees.changed-yes"), "check", "primary"),
            )
        ),
    )
    return page(
        place,
        "fee_changed",
        say("fees.changed-title"),
        blocks,
        subtitle=say("fees.changed-subtitle"),
        bar=("home", "leave", "help"),
        prompt=say("fees.changed-prompt", yuan=yuan(model.fen)),
    )
