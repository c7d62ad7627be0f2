"""What can be done here, and how: home, a field, the guide to one service."""

from __future__ import annotations

from config.texts import Texts
from screens.models import FieldLine, FieldPage, Guide, Home, Place, ServiceLine
from screens.pages.page import page, words
from screens.screen import (
    Action,
    Actions,
    Block,
    Gap,
    Heading,
    Item,
    Items,
    Notice,
    Paragraph,
    Row,
    Rows,
    Screen,
    Tile,
    Tiles,
)

KIND_ICONS = {
    "apply": "assignment",
    "pay": "payments",
    "verify": "face",
    "print": "print",
    "query": "search",
}
COLUMNS = 3


def home(place: Place, model: Home) -> Screen:
    """What can be done here. Replies: service (value = id), field (value = key), mode, language, leave, help."""
    text = words(place)
    say = text.t
    blocks: list[Block] = []
    if model.limits:
        between = "；" if place.language == "zh" else "; "
        blocks.append(Notice(say("home.limits"), between.join(model.limits), "info", "attention"))
    if model.fields:
        blocks.append(Tiles(tuple(_field_tile(text, f) for f in model.fields), min(COLUMNS, len(model.fields))))
    if model.popular:
        blocks.append(Heading(say("home.popular")))
        blocks.append(Items(tuple(service_item(text, line) for line in model.popular)))
    return page(
        place,
        "home",
        say("home.title"),
        blocks,
        subtitle=say("home.subtitle", count=model.available),
        bar=("leave", "help"),
        modes=_modes(place),
        prompt=say("home.prompt"),
        steps=False,
    )


def _modes(place: Place) -> tuple[Action, ...]:
    """Larger type and stronger contrast, each a switch back to the standard when it is on."""
    say = words(place).t
    elder, contrast = place.mode == "elder", place.mode == "contrast"
    return (
        Action(
            "mode",
            say("nav.standard" if elder else "nav.elder"),
            "text_increase",
            value="standard" if elder else "elder",
        ),
        Action(
            "mode",
            say("nav.normal" if contrast else "nav.contrast"),
            "contrast",
            value="standard" if contrast else "contrast",
        ),
    )


def _field_tile(text: Texts, line: FieldLine) -> Tile:
    badge = text.t("home.count", count=line.count)
    return Tile("field", line.name, line.icon, line.note, badge, value=line.key, enabled=line.count > 0)


def service_item(text: Texts, line: ServiceLine) -> Item:
    """One service in a list, with its verb, fee and time, or the reason why not."""
    time = text.t("service.minutes", minutes=line.minutes)
    note = text.t("service.line", kind=text.t(f"kind.{line.kind}"), fee=line.fee, time=time)
    icon = KIND_ICONS.get(line.kind, "description")
    return Item("service", line.name, icon, note, line.available, "" if line.available else line.reason, line.id)


def field_page(place: Place, model: FieldPage) -> Screen:
    """All services of one field. Replies: service (value = id)."""
    text = words(place)
    blocks: tuple[Block, ...] = (Items(tuple(service_item(text, line) for line in model.services)),)
    if not model.services:
        blocks = (Notice(text.t("field.empty"), icon="info"),)
    return page(
        place,
        "field_page",
        model.field.name,
        blocks,
        subtitle=text.t("field.subtitle", count=len(model.services)),
        prompt=text.t("field.prompt"),
        steps=False,
    )


def guide(place: Place, model: Guide) -> Screen:
    """The elements of a service guide. Replies: start (not enabled while the service cannot be done)."""
    say = words(place).t
    service = model.service
    between = "、" if place.language == "zh" else ", "
    fee = "  ".join(filter(None, (model.fee, model.fee_basis)))
    lines = (
        ("materials", between.join(model.materials) or say("guide.none")),
        ("procedure", " → ".join(model.procedure) or say("guide.none")),
        ("fee", fee),
        ("time-limit", model.time_limit),
        ("output", model.output),
        ("authority", model.authority),
        ("basis", model.basis),
    )
    rows = tuple(Row(say(f"guide.{key}"), value) for key, value in lines if value)
    blocks: list[Block] = []
    if not service.available:
        detail = "\n".join(filter(None, (service.reason, model.elsewhere)))
        blocks.append(Notice(say("guide.unavailable"), detail, tone="attention"))
    blocks += [Rows(rows), Gap()]
    if service.available:
        blocks.append(Paragraph(say("guide.available"), small=True))
    note = say("guide.start-note") if service.available else say("guide.unavailable")
    start = Action("start", say("guide.start"), "arrow_forward", "primary", note, service.available)
    blocks.append(Actions((start,)))
    kind = say("service.line", kind=say(f"kind.{service.kind}"), fee=service.fee, time=_minutes(place, service))
    return page(place, "guide", service.name, blocks, subtitle=kind, prompt=say("guide.prompt"), steps=False)


def _minutes(place: Place, service: ServiceLine) -> str:
    return words(place).t("service.minutes", minutes=service.minutes)
