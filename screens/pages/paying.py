"""Paying by phone: choose how to pay, our code for their phone, their code for our camera, waiting for their phone."""

from __future__ import annotations

from screens.models import Due, PayCode, PayMethod, PayPhone, PayScan, PayWay, Place
from screens.pages.page import page, words, yuan
from screens.screen import Action, Actions, Block, Gap, Item, Items, Money, Notice, Picture, Preview, Qr, Screen, Tone

WAY_ICONS = {"shown": "qr_code_2", "card": "contactless", "scanned": "barcode_scanner"}


def _money(place: Place, due: Due) -> Money:
    """The amount, what for, on which basis, to whom."""
    say = words(place).t
    basis = "\n".join(filter(None, (due.basis, say("pay.payee", payee=due.payee) if due.payee else "")))
    return Money(due.title, basis, due.fen)


def pay_method(place: Place, model: PayMethod) -> Screen:
    """How to pay. Replies: way (value shown, card, scanned), back, home, leave."""
    say = words(place).t

    def line(way: PayWay) -> Item:
        label, note = say(f"pay.way.{way.key}"), say(f"pay.way.{way.key}-note")
        return Item("way", label, WAY_ICONS[way.key], note, not way.reason, way.reason, way.key)

    detail = "" if place.mode == "elder" else say("pay.promise-detail")
    blocks: tuple[Block, ...] = (
        _money(place, model.due),
        Items(tuple(line(way) for way in model.ways), "ways"),
        Notice(say("pay.promise"), detail, "shield"),
        Gap(),
        Actions((Action("cancel", say("pay.cancel"), style="quiet"),)),
    )
    return page(
        place,
        "pay_method",
        say("pay.method-title"),
        blocks,
        subtitle=say("pay.method-subtitle"),
        bar=("back", "help"),
        prompt=say("pay.method-prompt", yuan=yuan(model.due.fen)),
    )


def pay_code(place: Place, model: PayCode) -> Screen:
    """Our code. Replies: cancel, other (another way to pay). No Home or Leave: a phone may be paying already."""
    say = words(place).t
    blocks: list[Block] = [
        _money(place, model.due),
        Qr(model.payload, say("pay.code-caption", services=model.services)),
        Notice(say("pay.promise"), say("pay.code-promise"), "shield"),
        Gap(),
    ]
    if model.can_cancel:
        other = Action("other", say("pay.another"), "payments")
        blocks.append(Actions((Action("cancel", say("pay.cancel"), style="quiet"), other)))
    else:
        blocks.append(Notice(say("pay.ending"), icon="hourglass_top", tone="attention"))
    return page(
        place,
        "pay_code",
        say("pay.code-title"),
        blocks,
        subtitle=say("pay.code-subtitle"),
        bar=("help",),
        prompt=say("pay.code-prompt", yuan=yuan(model.due.fen)),
    )


def pay_scan(place: Place, model: PayScan) -> Screen:
    """Their code at the camera. Replies: cancel, other. Nothing is paid before a code was read."""
    say = words(place).t
    tone: Tone = "attention" if model.trouble else "info"
    caption = model.told or (say(f"pay.scan-{model.trouble}") if model.trouble else say("pay.scan-caption"))
    other = Action("other", say("pay.another"), "payments")
    large = place.mode == "elder"
    # In large type the camera's picture, the amount and the buttons have to stay on one page: nobody turns it here.
    amount = Money(model.due.title, "", model.due.fen) if large else _money(place, model.due)
    promise = () if large else (Notice(say("pay.scan-promise"), say("pay.scan-promise-detail"), "shield"),)
    blocks: tuple[Block, ...] = (
        amount,
        Preview(caption, tone, "code"),
        *promise,
        Gap(),
        Actions((Action("cancel", say("pay.cancel"), style="quiet"), other)),
    )
    return page(
        place,
        "pay_scan",
        say("pay.scan-title"),
        blocks,
        subtitle="" if large else say("pay.scan-subtitle"),
        bar=("help",),
        prompt=caption,
    )


def pay_phone(place: Place, model: PayPhone) -> Screen:
    """Their phone has it. Replies: help; what is under way on a phone cannot be cancelled here."""
    say = words(place).t
    title = say(f"pay.phone-{model.state}")
    blocks: tuple[Block, ...] = (
        _money(place, model.due),
        Picture("working", model.service),
        Notice(say("pay.promise"), say(f"pay.phone-{model.state}-detail"), "shield"),
    )
    return page(
        place,
        "pay_phone",
        title,
        blocks,
        subtitle=say(f"pay.phone-{model.state}-subtitle"),
        bar=("help",),
        prompt=title,
    )
