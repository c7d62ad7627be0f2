"""Nobody is here; somebody may have gone; nobody can be served."""

from __future__ import annotations

from screens.models import Closed, Place, Standby, StillThere
from screens.pages import switches
from screens.pages.page import page, words
from screens.screen import Action, Actions, Block, Gap, Notice, Picture, Result, Screen, Tile, Tiles

MAX_SETTLED = 3


def standby(place: Place, model: Standby) -> Screen:
    """Nobody is here: what works, how to start. Replies: start (anywhere on the panel), mode (low reach)."""
    say = words(place).t
    if model.available:
        ready = Tile("", say("standby.ready", count=model.available), "check_circle", say("standby.ready-note"))
    else:
        ready = Tile("", say("standby.starting"), "hourglass_top", say("standby.starting-note"))
    if model.limits:
        between = "；" if place.language == "zh" else "; "
        limits = Tile("", say("standby.limits"), "info", between.join(model.limits), tone="attention")
    elif not model.available:
        limits = Tile("", say("standby.open"), "schedule", say("standby.open-note"))
    else:
        limits = Tile("", say("standby.limits-none"), "task_alt", say("standby.limits-none-note"))
    call = Tile("", say("standby.help"), "call", say("standby.help-note", phone=place.help_phone))
    blocks: list[Block] = [Gap(), Tiles((ready, limits, call), 3)]
    if model.settled:
        lines = "\n".join(model.settled[-MAX_SETTLED:])
        blocks.insert(1, Notice(say("standby.settled"), lines, "fact_check", "plain"))
    start = Action("start", say("standby.start"), "touch_app", "primary", say("standby.start-note"))
    blocks += [Actions((start,)), Actions((switches.reach(place),))]
    subtitle = f"{say('standby.verbs')}\n{say('standby.how')}"
    return page(
        place,
        "standby",
        say("standby.title"),
        blocks,
        subtitle=subtitle,
        bar=(),
        language=False,
        prompt=say("standby.prompt"),
        steps=False,
        backdrop=True,
    )


def still_there(place: Place, model: StillThere) -> Screen:
    """The citizen has been quiet. Replies: continue, leave (home, help in the bar)."""
    say = words(place).t
    blocks: tuple[Block, ...] = (
        Result(say("still-there.title"), say("still-there.subtitle", seconds=model.seconds), "attention"),
        Notice(say("still-there.note"), icon="schedule"),
        Gap(),
        Actions((Action("continue", say("still-there.continue"), "arrow_forward", "primary"),)),
        Actions((Action("leave", say("still-there.leave"), "logout", "quiet"),)),
    )
    return page(
        place,
        "still_there",
        say("still-there.title"),
        blocks,
        bar=("help",),
        language=False,
        prompt=say("still-there.prompt"),
        steps=False,
    )


def closed(place: Place, model: Closed) -> Screen:
    """Out of service: why, and where else. Nothing to touch."""
    say = words(place).t
    blocks: list[Block] = [Picture("closed"), Notice(model.reason, icon="build", tone="attention")]
    if model.elsewhere:
        blocks.append(Notice(say("closed.elsewhere"), model.elsewhere, "directions"))
    blocks.append(Notice(say("closed.help", phone=place.help_phone), icon="call", tone="plain"))
    return page(
        place,
        "closed",
        say("closed.title"),
        blocks,
        subtitle=say("closed.subtitle"),
        bar=(),
        language=False,
        prompt=say("closed.prompt"),
        steps=False,
    )
