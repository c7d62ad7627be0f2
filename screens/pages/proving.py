"""Proving who one is without a card in hand, and with the phone: codes, numbers, officers."""

from __future__ import annotations

from screens.models import HandOver, OfficerWait, OtherWays, PhoneCode, PhoneQr, Place, SignedIn, TypedNumber
from screens.pages.page import page, words
from screens.screen import (
    Action,
    Actions,
    Block,
    Field,
    Figure,
    Gap,
    Item,
    Items,
    Keypad,
    Notice,
    Picture,
    Preview,
    Qr,
    Result,
    Row,
    Rows,
    Screen,
)

WAY_ICONS = {
    "card": "contact_page",
    "code": "qr_code_scanner",
    "number": "edit",
    "face": "face",
    "match": "fact_check",
    "officer": "support_agent",
}


def other_ways(place: Place, model: OtherWays) -> Screen:
    """Ways that are as good as each other. Replies: way (its key)."""
    say = words(place).t
    items = tuple(
        Item("way", say(f"other-ways.{way}"), WAY_ICONS[way], say(f"other-ways.{way}-note"), value=way)
        for way in model.ways
    )
    blocks: tuple[Block, ...] = (Items(items, "ways"), Notice(say("other-ways.equal"), icon="info"))
    return page(place, "other_ways", say("other-ways.title"), blocks, subtitle=say("other-ways.subtitle"))


def phone_code(place: Place, model: PhoneCode) -> Screen:
    """The app's code before the camera. Replies: show (our code instead), other-way."""
    say = words(place).t
    guidance = say("phone-code.closer") if model.closer else say("phone-code.look")
    blocks: list[Block] = [Preview(guidance, "attention" if model.closer else "info", shows="code")]
    if model.told:
        blocks.append(Notice(model.told, tone="attention", icon="warning"))
    else:
        blocks.append(Notice(say("phone-code.promise"), say("phone-code.promise-detail"), "lock"))
    blocks += [
        Gap(),
        Actions(
            (
                Action("other-way", say("phone-code.other-way")),
                Action("show", say("phone-code.show"), "qr_code_2"),
            )
        ),
    ]
    return page(
        place,
        "phone_code",
        say("phone-code.title"),
        blocks,
        subtitle=say("phone-code.subtitle"),
        prompt=model.told or say("phone-code.prompt"),
    )


def phone_qr(place: Place, model: PhoneQr) -> Screen:
    """Our code for the app; once it was scanned, the number to pick there. Replies: hold, other-way."""
    say = words(place).t
    if model.number:
        blocks: tuple[Block, ...] = (
            Figure(model.number, say("number-match.caption")),
            Notice(say("phone-qr.pick"), say("number-match.promise"), "fact_check"),
        )
        return page(place, "phone_qr", say("phone-qr.pick-title"), blocks, subtitle=say("phone-qr.pick-subtitle"))
    other = (Action("other-way", say("phone-code.other-way")),) if model.others else ()
    hold = (Action("hold", say("phone-qr.hold"), "qr_code_scanner"),) if model.sees else ()
    blocks = (
        Qr(model.code, say("phone-qr.caption")),
        Notice(say("phone-qr.promise"), say("phone-code.promise-detail"), "lock"),
        Gap(),
        *((Actions((*other, *hold)),) if other or hold else ()),
    )
    return page(place, "phone_qr", say("phone-qr.title"), blocks, subtitle=say("phone-qr.subtitle"))


def signed_in(place: Place, model: SignedIn) -> Screen:
    """Signed in with the app: choose something here, or go on on the phone. Replies: here, to-phone."""
    say = words(place).t
    blocks: tuple[Block, ...] = (
        Result(say("signed-in.result"), say("signed-in.detail")),
        Rows((Row(say("signed-in.name"), model.name, private=True),)),
        Notice(say("signed-in.promise"), icon="lock"),
        Gap(),
        Actions(
            (
                Action("to-phone", say("signed-in.to-phone"), "qr_code_2"),
                Action("here", say("signed-in.here"), "apps", "primary"),
            )
        ),
    )
    return page(place, "signed_in", say("signed-in.title"), blocks, prompt=say("signed-in.prompt"))


def hand_over(place: Place, model: HandOver) -> Screen:
    """The code by which the phone goes on. Replies: leave, once it has."""
    say = words(place).t
    if model.done:
        blocks: tuple[Block, ...] = (
            Result(say("hand-over.result"), say("hand-over.result-detail")),
            Notice(say("hand-over.done-title"), say("hand-over.promise-detail"), "lock"),
            Gap(),
            Actions((Action("leave", say("hand-over.leave"), "logout", "primary"),)),
        )
        return page(place, "hand_over", say("hand-over.done-title"), blocks, bar=("leave", "help"))
    blocks = (
        Qr(model.code, say("hand-over.caption")),
        Notice(say("hand-over.promise"), say("hand-over.promise-detail"), "lock"),
    )
    return page(place, "hand_over", say("hand-over.title"), blocks, subtitle=say("hand-over.subtitle"))


def type_number(place: Place, model: TypedNumber) -> Screen:
    """The number of a card that is not at hand. Replies: key, next."""
    say = words(place).t
    hint = say("type-number.missing", count=model.missing) if 0 < model.missing < 18 else ""
    error = say("type-number.wrong") if model.wrong else ""
    blocks: tuple[Block, ...] = (
        Field("number", say("type-number.label"), model.value, hint=hint, error=error, focused=True),
        Notice(say("type-number.then"), icon="fact_check"),
        Gap(),
        Keypad("idno", Action("next", say("type-number.next"), "check", "primary", enabled=model.complete)),
    )
    return page(place, "type_number", say("type-number.title"), blocks, subtitle=say("type-number.subtitle"))


def officer_wait(place: Place, model: OfficerWait) -> Screen:
    """An officer was asked to look. Replies: other-way."""
    del model
    say = words(place).t
    blocks: tuple[Block, ...] = (
        Picture("working"),
        Notice(say("officer.waiting"), say("officer.waiting-detail"), "support_agent"),
        Notice(say("officer.promise"), say("officer.promise-detail"), "lock"),
        Gap(),
        Actions((Action("other-way", say("number-match.back")),)),
    )
    return page(place, "officer_wait", say("officer.title"), blocks, subtitle=say("officer.subtitle"))
