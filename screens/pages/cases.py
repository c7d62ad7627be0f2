"""Cases: the list, one case, the tags of a rating."""

from __future__ import annotations

from datetime import date

from screens.models import CaseLine, CasePage, CaseParts, Cases, Place, RatingTags
from screens.modes import appearance
from screens.pages.page import page, words, yuan
from screens.screen import (
    Action,
    Actions,
    Block,
    Gap,
    Heading,
    Item,
    Items,
    Notice,
    Row,
    Rows,
    Screen,
    Tile,
    Tiles,
    Tone,
)

LIGHT_ICONS = {
    "green": "task_alt",
    "grey": "hourglass_top",
    "yellow": "schedule",
    "red": "warning",
    "dark-red": "error",
}
LIGHT_TONES: dict[str, Tone] = {
    "green": "done", "grey": "info", "yellow": "attention", "red": "attention", "dark-red": "fault",
}  # fmt: skip
STATE_ICONS = {"REFUSED": "cancel", "WITHDRAWN": "do_not_disturb_on", "SUPPLEMENT": "content_paste"}
LEAD_ICONS = {"WH-GN-006": "content_paste", "WH-GN-014": "sentiment_satisfied", "WH-GN-012": "local_shipping"}
OVER = ("DONE", "REFUSED", "WITHDRAWN")


def grouped(number: str) -> str:
    """A case number in groups of four, as it is read aloud."""
    return " ".join(number[i : i + 4] for i in range(0, len(number), 4))


def cases(place: Place, model: Cases) -> Screen:
    """My cases. Replies: case (value = number), more, earlier, continue."""
    say = words(place).t
    if not model.lines:
        empty: tuple[Block, ...] = (
            Notice(say("cases.none"), say("cases.none-detail"), "info"),
            Gap(),
            Actions((Action("continue", say("cases.close"), "check", "primary"),)),
        )
        return page(place, "cases", say("cases.title"), empty, subtitle=say("cases.subtitle-none"))
    items = Items(tuple(_item(place, line) for line in model.lines))
    buttons = [Action("earlier", say("cases.earlier"), "arrow_back")] if model.earlier else []
    buttons += [Action("more", say("cases.more"), "arrow_forward")] if model.more else []
    buttons.append(Action("continue", say("cases.close"), "check", "primary"))
    return page(
        place,
        "cases",
        say("cases.title"),
        (items, Gap(), Actions(tuple(buttons))),
        subtitle=say("cases.subtitle", count=model.count),
    )


def _item(place: Place, line: CaseLine) -> Item:
    # How it stands is what is looked for; in large type the number comes with a touch, on the page of the case.
    large = appearance(place.mode) == "elder"
    note = _how(place, line) if large else f"{_how(place, line)} · {grouped(line.number)}"
    return Item("case", line.name, _icon(line), note, value=line.number)


def _icon(line: CaseLine) -> str:
    return STATE_ICONS.get(line.state) or LIGHT_ICONS["green" if line.state == "DONE" else line.light]


def _how(place: Place, line: CaseLine | CaseParts) -> str:
    """State and promised day, in a few words."""
    say = words(place).t
    state = say(f"case.state-{line.state}")
    if line.state in OVER or line.light == "grey":
        return state
    late = "" if line.light in ("green", "yellow") else say("case.late")
    return say("case.how", state=state, by=_day(place, line.promise)) + late


def _day(place: Place, day: date) -> str:
    text = words(place)
    return text.t("case.day", month=text.month(day.month), day=day.day)


def case_page(place: Place, model: CasePage) -> Screen:
    """One case. Replies: lead (value = service), continue, back."""
    say = words(place).t
    line = model.line
    over = line.state in OVER
    detail = say(f"case.why-{model.why}") if model.why and f"case.why-{model.why}" in words(place) else ""
    light = "green" if over else line.light
    tone: Tone = "attention" if line.state in ("REFUSED", "SUPPLEMENT") else LIGHT_TONES[light]
    title = say(f"case.state-{line.state}")
    told = title if over or line.state == "SUPPLEMENT" else say(f"case.light-{light}")
    blocks: list[Block] = [Notice(told, detail, _icon(line), tone), Rows(_rows(place, model))]
    if model.parts:
        blocks.append(Rows(tuple(_part_row(place, part) for part in model.parts), say("case.parts")))
    elif model.moments:
        rows = tuple(
            Row(m.at.strftime("%m-%d %H:%M"), say(f"case.event-{m.kind}", step=m.step)) for m in reversed(model.moments)
        )
        blocks.append(Rows(rows, say("case.events")))
    if not model.mine:
        blocks.append(Notice(say("case.stranger"), icon="lock"))
    blocks.append(Gap())
    leads = tuple(Action("lead", say(f"case.lead-{key}"), LEAD_ICONS[key], value=key) for key in model.leads)
    if leads:
        blocks.append(Actions(leads))
    blocks.append(Actions((Action("continue", say("cases.close"), "check", "primary"),)))
    return page(place, "case_page", line.name, blocks, subtitle=say("case.number", number=grouped(line.number)))


def _rows(place: Place, model: CasePage) -> tuple[Row, ...]:
    say = words(place).t
    rows = [Row(say("case.department"), model.department)]
    if model.step:
        rows.append(Row(say("case.step"), model.step))
    day = _day(place, model.line.promise)
    rows.append(Row(say("case.promise"), say("case.about", day=day) if model.estimated else day))
    if model.back_fen:
        rows.append(Row(say("case.back"), say("case.yuan", yuan=yuan(model.back_fen))))
    return tuple(rows)


def _part_row(place: Place, part: CaseParts) -> Row:
    say = words(place).t
    how = _how(place, part)
    if part.back_fen:
        how = say("case.and-back", how=how, yuan=yuan(part.back_fen))
    return Row(part.name, how)


def rating_tags(place: Place, model: RatingTags) -> Screen:
    """What the rating was given for; none is needed. Replies: tag (value = code), done, skip."""
    say = words(place).t
    tiles = tuple(_tag(code, label, chosen=code in model.chosen) for code, label in model.tags)
    kind = "bad" if model.stars <= 2 else "good"
    blocks: tuple[Block, ...] = (
        Heading(say(f"finish.rate-{model.stars}")),
        Tiles(tiles, 2),
        Notice(say(f"rate.{kind}-note"), icon="info"),
        Gap(),
        Actions(
            (
                Action("skip", say("rate.skip")),
                Action("done", say("rate.done"), "check", "primary", enabled=bool(model.chosen)),
            )
        ),
    )
    return page(place, "rating_tags", say(f"rate.{kind}"), blocks, subtitle=say("rate.subtitle"), bar=("leave", "help"))


def _tag(code: str, label: str, *, chosen: bool) -> Tile:
    return Tile("tag", label, "check_circle" if chosen else "touch_app", tone="done" if chosen else "plain", value=code)
