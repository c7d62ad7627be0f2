"""The form, the review, the payment."""

from __future__ import annotations

from config.texts import Texts
from screens.models import Form, FormField, Pay, Place, Review
from screens.pages.fees import fee_rows
from screens.pages.page import page, words, yuan
from screens.pages.unmasking import known_rows, unmask
from screens.screen import (
    Action,
    Actions,
    Block,
    Choice,
    Field,
    Gap,
    Keypad,
    Money,
    Notice,
    Option,
    Picture,
    Rows,
    Screen,
)


def form(place: Place, model: Form) -> Screen:
    """The one form. Replies: focus (value = field), choose:<field> (value = option), key (value), next."""
    text = words(place)
    say = text.t
    blocks: list[Block] = []
    if model.known:
        blocks.append(Rows(known_rows(place, model.known)))
    blocks += [_entry(text, model, field) for field in model.fields]
    if model.complete:
        following = Action("next", say("form.next"), "arrow_forward", "primary")
    else:
        following = Action("next", say("form.onward"), "arrow_forward", note=say("form.left", count=model.left))
    blocks.append(Gap())
    blocks.append(Keypad(model.keypad, following) if model.keypad else Actions((following,)))
    key = "form.subtitle" if model.known else "form.subtitle-none-known"
    return page(
        place,
        "form",
        model.service,
        blocks,
        subtitle=say(key, count=len(model.fields), known=len(model.known)),
        prompt=say("form.prompt"),
    )


def _entry(text: Texts, model: Form, field: FormField) -> Block:
    if field.options is not None:
        options = tuple(Option(key, label) for key, label in field.options.items())
        return Choice(field.key, field.label, options, field.value, field.error, focused=field.key == model.focus)
    return Field(
        field.key,
        field.label,
        field.value,
        text.t("form.open" if field.opens else "form.placeholder"),
        field.hint,
        field.error,
        focused=field.key == model.focus,
        optional=field.optional,
        opens=field.opens,
    )


def review(place: Place, model: Review) -> Screen:
    """What will be sent, the fee and its basis. Replies: confirm, edit."""
    say = words(place).t
    blocks: list[Block] = [Rows(known_rows(place, model.rows), say("review.sent"))]
    blocks += [Rows(known_rows(place, group.rows), group.name) for group in model.groups if group.rows]
    blocks += unmask(place, [*model.rows, *(row for group in model.groups for row in group.rows)])
    if model.fee_fen:
        blocks.append(Money(model.fee_title or say("review.fee"), model.fee_basis, model.fee_fen))
        blocks += [fee_rows(place, model.fee_lines)] if model.fee_lines else []
        after, confirm = say("review.pay-next", yuan=yuan(model.fee_fen)), "confirm-pay"
        icon = "contactless"
    elif model.prints:
        after, confirm, icon = say("review.prints"), "confirm-print", "print"
    else:
        after, confirm, icon = say("review.submits"), "confirm", "task_alt"
    promise = say("review.promise") if model.fee_fen else say("review.free")
    if model.costs and not model.fee_fen:
        promise = say("fees.zero-detail")
        reduced = any(line.fen is not None and line.fen < 0 for line in model.fee_lines)
        blocks.append(Notice(say("fees.zero" if reduced else "fees.none-due"), icon="task_alt", tone="done"))
        blocks += [fee_rows(place, model.fee_lines)] if reduced else []
    blocks += [
        Notice(after, promise, icon),
        Gap(),
        Actions(
            (
                Action("edit", say("review.edit"), "edit"),
                Action("confirm", say(f"review.{confirm}"), "check", "primary"),
            )
        ),
    ]
    return page(
        place,
        "review",
        say("review.title"),
        blocks,
        subtitle=say("review.subtitle", service=model.service),
        prompt=say("review.prompt"),
    )


def pay(place: Place, model: Pay) -> Screen:
    """Paying at the pad. Replies: cancel while it can be; help. No Back, Home or Leave: the pad is at work."""
    say = words(place).t
    basis = "\n".join(filter(None, (model.basis, say("pay.payee", payee=model.payee) if model.payee else "")))
    blocks: list[Block] = [Money(model.title, basis, model.fen)]
    blocks.append(Picture("pay-at-pad", say(f"pay.say.{model.prompt}")))
    if model.last:
        blocks.append(Notice(say("pay.last"), model.last, tone="attention"))
    blocks += [Notice(say("pay.promise"), say("pay.promise-detail"), "shield"), Gap()]
    if model.can_cancel:
        blocks.append(Actions((Action("cancel", say("pay.cancel"), style="quiet"),)))
    else:
        blocks.append(Notice(say("pay.cancelling"), icon="hourglass_top", tone="attention"))
    return page(place, "pay", say("pay.title"), blocks, bar=("help",), prompt=say(f"pay.say.{model.prompt}"))
