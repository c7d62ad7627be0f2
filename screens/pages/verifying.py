"""Checking a certificate: hold its code to the camera, then what can be said of it."""

from __future__ import annotations

from screens.models import CodeVerdict, Place, ShowCode
from screens.pages.page import page, words
from screens.pages.unmasking import known_rows
from screens.screen import Action, Actions, Block, Gap, Notice, Preview, Result, Rows, Screen, Tone

TONES: dict[str, Tone] = {
    "valid": "done",
    "expired": "attention",
    "unknown": "attention",
    "void": "fault",
    "altered": "fault",
}


def show_code(place: Place, model: ShowCode) -> Screen:
    """Waiting for a code. Replies: only those of the bar."""
    say = words(place).t
    caption = model.told or say(f"verify.{model.guidance}")
    blocks: tuple[Block, ...] = (
        Preview(caption, "attention" if model.told or model.guidance == "closer" else "info", "code"),
        Notice(say("verify.promise"), say("verify.promise-detail"), "lock"),
    )
    return page(place, "show_code", say("verify.title"), blocks, subtitle=say("verify.subtitle"), prompt=caption)


def code_verdict(place: Place, model: CodeVerdict) -> Screen:
    """What can be said of a code. Replies: again, leave."""
    say = words(place).t
    title = say(f"verdict.title.{model.state}")
    detail = say(f"verdict.{model.state}.{model.reason or 'other'}")
    blocks: list[Block] = [Result(title, detail, TONES[model.state])]
    if model.rows:
        blocks.append(Rows(known_rows(place, model.rows)))
    if model.rows:
        blocks.append(_age(place, model))
    else:
        blocks.append(Notice(say(f"verdict.next.{model.state}"), icon="fact_check"))
        blocks.append(Notice(say("verdict.ask", phone=place.help_phone), icon="directions", tone="plain"))
    blocks += [
        Gap(),
        Actions(
            (
                Action("again", say("verdict.again"), "qr_code_scanner"),
                Action("leave", say("finish.leave"), "logout", "primary"),
            )
        ),
    ]
    return page(place, "code_verdict", title, blocks, prompt=f"{title} {detail}", steps=False)


def _age(place: Place, model: CodeVerdict) -> Notice:
    """How old the list of void certificates is, or that there is none."""
    say = words(place).t
    if not model.as_of:
        return Notice(say("verdict.no-list"), icon="cloud_off", tone="attention")
    if model.old:
        return Notice(say("verdict.old-list", time=model.as_of), icon="schedule", tone="attention")
    return Notice(say("verdict.list", time=model.as_of), icon="schedule")
