"""Papers on the desk: laid down, looked at, compared with the card."""

from __future__ import annotations

from screens.models import Place, ScanKept, ScanPage, ScanRead
from screens.pages.page import page, words
from screens.pages.unmasking import known_rows
from screens.screen import Action, Actions, Block, Gap, Notice, Preview, Result, Rows, Screen, Tone

_TONES: dict[str, Tone] = {"same": "done", "near": "attention", "other": "fault", "unread": "attention"}


def scan_page(place: Place, model: ScanPage) -> Screen:
    """A page on the desk. Replies: capture; the bar's."""
    say = words(place).t
    caption = say(f"scan.{model.guidance}")
    if model.side:
        title = say("scan.title-side", document=model.document, side=model.side)
    else:
        title = say("scan.title-page", document=model.document, page=model.page)
    subtitle = say("scan.subtitle-of", page=model.page, of=model.of) if model.of > 1 else say("scan.subtitle")
    blocks: tuple[Block, ...] = (
        Preview(caption, model.tone, "page"),
        Notice(say("scan.promise"), say("scan.promise-detail"), "lock"),
        Gap(),
        Actions((Action("capture", say("scan.capture"), "photo_camera", "primary"),)),
    )
    return page(place, "scan_page", title, blocks, subtitle=subtitle, prompt=caption)


def scan_kept(place: Place, model: ScanKept) -> Screen:
    """The pages so far, to look at. Replies: retake, more, done; the bar's."""
    say = words(place).t
    buttons = [Action("retake", say("scan.retake"), "refresh")]
    if model.more:
        label = say("scan.more") if model.can_finish else say("scan.next-side")
        buttons.append(Action("more", label, "arrow_forward", "secondary" if model.can_finish else "primary"))
    if model.can_finish:
        buttons.append(Action("done", say("scan.done"), "check", "primary"))
    blocks: tuple[Block, ...] = (
        Preview(say("scan.look"), "info", "page"),
        Gap(),
        Actions(tuple(buttons)),
    )
    title = say("scan.kept-title", document=model.document)
    subtitle = say("scan.kept-of", count=model.count, of=model.of) if model.of else say("scan.kept", count=model.count)
    return page(place, "scan_kept", title, blocks, subtitle=subtitle, prompt=say("scan.look"))


def scan_read(place: Place, model: ScanRead) -> Screen:
    """What was read against the card. Replies: confirm, again; the bar's."""
    say = words(place).t
    title, detail = say(f"scan.verdict.{model.verdict}"), say(f"scan.verdict-detail.{model.verdict}")
    blocks: list[Block] = [Result(title, detail, _TONES[model.verdict])]
    if model.rows:
        blocks.append(Rows(known_rows(place, model.rows), model.document))
    confirm = say("scan.confirm") if model.verdict == "same" else say("scan.confirm-clerk")
    buttons = (
        Action("again", say("scan.again"), "refresh", "primary" if model.verdict == "other" else "secondary"),
        Action("confirm", confirm, "check", "secondary" if model.verdict == "other" else "primary"),
    )
    blocks += [Gap(), Actions(buttons)]
    return page(place, "scan_read", title, blocks, prompt=f"{title} {detail}")
