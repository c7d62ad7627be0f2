"""Nobody is here; somebody may have gone; nobody can be served."""

from __future__ import annotations

from dataclasses import replace

from screens.models import Closed, Place, Standby, StillThere
from screens.pages import switches
from screens.pages.page import languages, page, words
from screens.screen import Action, Actions, Block, Figure, Gap, Notice, Picture, Result, Row, Rows, Screen, Tile, Tiles

MAX_SETTLED = 3


def standby(place: Place, model: Standby) -> Screen:
    """Nobody is here: what works, how to start. Replies: start (anywhere on the panel), language, mode (low reach)."""
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
        none = say("standby.limits-none" if model.whole else "standby.limits-here")
        limits = Tile("", none, "task_alt", say("standby.limits-none-note"))
    call = Tile("", say("standby.help"), "call", say("standby.help-note", phone=place.help_phone))
    told = [ready, limits, call]
    if place.voice:
        told.append(Tile("", say("standby.voice"), "headphones", say("standby.voice-note")))
    blocks: list[Block] = [Gap(), Tiles(tuple(told), 2 if len(told) % 2 == 0 else 3)]
    if model.settled:
        lines = "\n".join(model.settled[-MAX_SETTLED:])
        blocks.insert(0, Notice(say("standby.settled"), lines, "fact_check", "plain"))
    start = Action("start", say("standby.start"), "touch_app", "primary", say("standby.start-note"))
    blocks += [Actions((start,)), Actions((*languages(place), replace(switches.reach(place), note="")))]
    # What became of somebody's money is worth more than the list of verbs, and the panel has an end.
    how = say("standby.how" if model.card else "standby.how-phone")
    subtitle = how if model.settled else f"{say('standby.verbs')}\n{how}"
    return page(
        place,
        "standby",
        say("standby.title"),
        blocks,
        subtitle=subtitle,
        bar=(),
        language=False,
        prompt=say("standby.prompt" if model.card else "standby.how-phone"),
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
    """Out of service: why, until when, where else, whom to ask. Nothing to touch."""
    say = words(place).t
    rows = [Row(say("closed.why"), model.reason)]
    if model.until:
        rows.append(Row(say("closed.until"), say("closed.until-mended")))
    if model.elsewhere:
        rows.append(Row(say("closed.elsewhere"), model.elsewhere))
    blocks: tuple[Block, ...] = (
        Picture("closed"),
        Rows(tuple(rows)),
        Figure(place.help_phone, say("closed.help", hall=place.hall, number=place.number)),
    )
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
