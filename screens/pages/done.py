"""While it is being done, when it is done, and when it was not."""

from __future__ import annotations

from screens.models import Finish, Leave, NotDone, Place, Receipt, Settled, Take, Working
from screens.pages.calling import whom_to_call
from screens.pages.page import page, words, yuan
from screens.pages.unmasking import known_rows
from screens.screen import (
    Action,
    Actions,
    Block,
    Gap,
    Notice,
    Picture,
    Progress,
    Qr,
    Rating,
    Result,
    Row,
    Rows,
    Screen,
    Tile,
    Tiles,
    Tone,
)

TAKE_ICONS = {"card": "badge", "receipt": "receipt_long", "certificate": "description", "code": "qr_code_2"}
TAKE_TONES: dict[str, Tone] = {"waiting": "attention", "taken": "done", "failed": "plain", "unclear": "attention"}


def working(place: Place, model: Working) -> Screen:
    """Something takes a while. Replies: back, where it may be given up; else none: it cannot be left half done."""
    say = words(place).t
    title = say(f"working.{model.what}")
    blocks: list[Block] = [
        Picture("working", model.detail),
        *((Progress(title, model.fraction),) if model.fraction is not None else ()),
    ]
    if place.stoppable:
        blocks += [
            Notice(say("working.kept"), icon="shield"),
            Gap(),
            Actions((Action("back", say("working.stop"), "close"),)),
        ]
    else:
        blocks.append(Notice(say("working.promise"), icon="shield"))
    return page(
        place,
        "working",
        title,
        blocks,
        subtitle=say("working.soon" if place.stoppable else "working.subtitle"),
        bar=("home", "leave", "help") if place.stoppable else ("help",),
        prompt=say("working.prompt"),
    )


def receipt(place: Place, model: Receipt) -> Screen:
    """The receipt on paper, or as a code. Replies: continue, again (with the code)."""
    say = words(place).t
    coded = model.state in ("qr", "unclear", "paperless")
    title, note = say(f"receipt.{model.state}"), say(f"receipt.{model.state}-note")
    blocks: list[Block] = []
    if coded:
        blocks.append(Qr(model.payload, say("receipt.qr-caption")))
        blocks.append(Gap())
        actions = [Action("continue", say("receipt.continue"), "arrow_forward", "primary")]
        if model.again:
            actions.insert(0, Action("again", say("receipt.again"), "print", "secondary"))
        blocks.append(Actions(tuple(actions)))
    else:
        blocks.append(Picture("take-paper" if model.state == "take" else "working"))
    bar = ("home", "leave", "help") if coded else ("help",)
    return page(place, "receipt", title, blocks, subtitle=note, bar=bar)


def finish(place: Place, model: Finish) -> Screen:
    """It is done. Replies: rate (value 5 best to 1), why, again, leave."""
    say = words(place).t
    waiting = [say(f"leave.{t.what}") for t in model.takes if t.state == "waiting" and t.what != "code"]
    detail = say("finish.take", things=say("finish.and").join(waiting)) if waiting else say("finish.take-all")
    title = say("finish.title-later" if model.later else "finish.title")
    blocks: list[Block] = [Result(title, detail), Rows(known_rows(place, model.rows))]
    if model.parts:
        blocks.append(Rows(known_rows(place, model.parts), say("case.parts")))
    if model.refused:
        back = say("bundle.back", yuan=yuan(model.back_fen)) if model.back_fen else ""
        blocks.append(Notice(say("bundle.part-refused"), back, tone="attention"))
    if model.later:
        blocks.append(Notice(say("finish.later"), icon="sync", tone="attention"))
    if model.takes:
        blocks.append(Tiles(tuple(_take(place, take) for take in model.takes), len(model.takes)))
    if model.rates:
        blocks.append(_rating(place, model))
    why = [Action("why", say("rate.more"), "edit", "quiet")] if model.rated and not model.tagged else []
    again, leave = Action("again", say("finish.again")), Action("leave", say("finish.leave"), "logout", "primary")
    blocks += [Gap(), Actions((*why, again, leave))]
    return page(place, "finish", title, blocks, bar=("home", "leave", "help"), prompt=say("finish.prompt"))


def _rating(place: Place, model: Finish) -> Rating:
    say = words(place).t
    note = say("finish.rated") if model.rated else say("finish.rate-note")
    a, b, c, d, e = (say(f"finish.rate-{level}") for level in range(5, 0, -1))
    return Rating(say("finish.rate"), note, (a, b, c, d, e), model.rated)


def _take(place: Place, take: Take) -> Tile:
    say = words(place).t
    note = say(f"take.state.{take.what}-{take.state}")
    tone: Tone = "plain" if take.what == "code" else TAKE_TONES[take.state]
    return Tile("", say(f"take.{take.what}"), TAKE_ICONS[take.what], note, tone=tone)


def leave(place: Place, model: Leave) -> Screen:
    """Goodbye, and what still lies there. Replies: none that matter."""
    say = words(place).t
    names = [say(f"leave.{what}") for what in model.left]
    blocks: list[Block] = []
    if model.left:
        title, subtitle = say("leave.title-left", things=say("finish.and").join(names)), say("leave.subtitle-left")
        tiles = tuple(
            Tile("", say(f"take.{what}"), TAKE_ICONS[what], say(f"leave.where-{what}"), tone="attention")
            for what in model.left
        )
        blocks.append(Result(title, subtitle, "attention"))
        if model.left == ("card",):
            blocks.append(Picture("take-card"))
        else:
            blocks.append(Tiles(tiles, len(tiles)))
        blocks.append(Notice(say("leave.promise-left"), icon="lock"))
    else:
        title, subtitle = say("leave.title"), say("leave.subtitle")
        blocks.append(Result(title, subtitle, whole=True))
        blocks.append(Notice(say("leave.promise"), icon="lock", tone="done"))
    return page(place, "leave", title, blocks, bar=(), language=False, prompt=f"{title} {subtitle}", steps=False)


def not_done(place: Place, model: NotDone) -> Screen:
    """It was not done: why, what became of the money, what else. Replies: again, other-way, leave."""
    text = words(place)
    say = text.t
    unclear = model.money == "unknown" or model.cause in ("submit-unknown", "print-unclear")
    cause = model.cause
    if model.money != "none" and f"cause.bank-{cause}" in text:
        cause = f"bank-{cause}"
    title = say("not-done.title-unclear" if unclear else "not-done.title")
    blocks: list[Block] = [
        Result(title, say(f"cause.{cause}"), "attention" if unclear or model.can_retry else "fault"),
        Notice(say(f"money.{model.money}"), icon="payments", tone=MONEY_TONES[model.money]),
        Notice(say(f"cause-detail.{cause}"), icon="info", tone="plain"),
    ]
    if model.reference:
        blocks.append(Rows((Row(say("not-done.reference"), model.reference),)))
    if model.elsewhere:
        blocks.append(Notice(say("not-done.elsewhere"), model.elsewhere, "directions"))
    blocks += whom_to_call(place)
    buttons: list[Action] = []
    if model.other_way:
        buttons.append(Action("other-way", say("not-done.other-way"), "sync", "primary"))
    if model.can_retry:
        buttons.append(Action("again", say("not-done.again"), "refresh", "secondary" if model.other_way else "primary"))
    quiet = bool(buttons)
    blocks.append(Gap())
    if buttons:
        blocks.append(Actions(tuple(reversed(buttons))))
    blocks.append(Actions((Action("leave", say("not-done.leave"), "logout", "quiet" if quiet else "primary"),)))
    prompt = f"{say('not-done.prompt')}{say(f'cause.{cause}')}"
    return page(place, "not_done", title, blocks, prompt=prompt, steps=False)


MONEY_TONES: dict[str, Tone] = {
    "none": "info",
    "not-charged": "info",
    "refunded": "done",
    "owed": "attention",
    "unknown": "attention",
}


def settled(place: Place, model: Settled) -> Screen:
    """After a restart: what became of what the power cut ended. Replies: continue."""
    say = words(place).t
    blocks: tuple[Block, ...] = (
        Rows(known_rows(place, model.rows), say("settled.card")),
        Notice(say("settled.note", phone=place.help_phone), icon="call"),
        Gap(),
        Actions((Action("continue", say("settled.continue"), "check", "primary"),)),
    )
    return page(
        place,
        "settled",
        say("settled.title"),
        blocks,
        subtitle=say("settled.subtitle"),
        bar=(),
        language=False,
        prompt=say("settled.prompt"),
        steps=False,
    )
