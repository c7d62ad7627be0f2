"""What can be done here, and how: home, fields and verbs, the guide to one service."""

from __future__ import annotations

from itertools import groupby

from config.texts import Texts
from screens.models import FieldLine, FieldPage, Fields, Guide, GuidePrinted, Home, Place, ServiceLine, VerbLine
from screens.modes import appearance
from screens.pages import switches
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
    Picture,
    Progress,
    Result,
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
KIND_ORDER = ("print", "query", "pay", "apply", "verify")
"""In a long list the quick things stand first."""
COLUMNS = 3
GROUPED_FROM = 6
"""So many services and more are grouped by verb."""
MORE_NAMES = 4


def home(place: Place, model: Home) -> Screen:
    """What can be done here.

    Replies: service (value = id), field (value = key), verb (value = kind), more, search, mode, language, leave, help.
    """
    text = words(place)
    say = text.t
    blocks: list[Block] = []
    if model.limits:
        between = "；" if place.language == "zh" else "; "
        blocks.append(Notice(say("home.limits"), between.join(model.limits), "info", "attention"))
    if model.search:
        blocks.append(Items((Item("search", say("home.search"), "search", say("home.search-note")),)))
    if model.fields:
        blocks.append(Tiles(tuple(_field_tile(text, f) for f in model.fields), min(COLUMNS, len(model.fields))))
    if model.more:
        names = ("、" if place.language == "zh" else ", ").join(line.name for line in model.more[:MORE_NAMES])
        note = say("home.more-note", names=names, count=len(model.more))
        blocks.append(Items((Item("more", say("home.more"), "apps", note),)))
    if model.verbs:
        blocks.append(Tiles(tuple(_verb_tile(text, verb) for verb in model.verbs), len(model.verbs)))
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
        modes=switches.named(place),
        prompt=say("home.prompt"),
        steps=False,
    )


def _field_tile(text: Texts, line: FieldLine) -> Tile:
    badge = text.t("home.count", count=line.count)
    return Tile("field", line.name, line.icon, line.note, badge, value=line.key, enabled=line.count > 0)


def _verb_tile(text: Texts, verb: VerbLine) -> Tile:
    return Tile("verb", text.t(f"kind.{verb.kind}"), KIND_ICONS.get(verb.kind, "description"), value=verb.kind)


def service_item(text: Texts, line: ServiceLine) -> Item:
    """One service in a list, with its verb, fee and time, or the reason why not."""
    time = text.t("service.minutes", minutes=line.minutes)
    note = text.t("service.line", kind=text.t(f"kind.{line.kind}"), fee=line.fee, time=time)
    icon = KIND_ICONS.get(line.kind, "description")
    # What cannot be started can still be read: its guide says why, and where else.
    return Item("service", line.name, icon, note, True, line.limit if line.available else line.reason, line.id)


def fields(place: Place, model: Fields) -> Screen:
    """All fields, or those that have services of a verb. Replies: field (value = key)."""
    text = words(place)
    columns = 2 if appearance(place.mode) == "elder" else COLUMNS
    tiles = Tiles(tuple(_field_tile(text, f) for f in model.fields), columns)
    title = text.t(f"kind.{model.kind}") if model.kind else text.t("fields.title")
    count = sum(line.count for line in model.fields)
    return page(
        place,
        "fields",
        title,
        (tiles,),
        subtitle=text.t("fields.subtitle", count=count),
        prompt=text.t("fields.prompt"),
        steps=False,
    )


def field_page(place: Place, model: FieldPage) -> Screen:
    """All services of one field, many of them under their verbs. Replies: service (value = id)."""
    text = words(place)
    blocks: list[Block] = []
    kinds = {line.kind for line in model.services}
    if len(model.services) < GROUPED_FROM or len(kinds) == 1:
        if model.services:
            blocks.append(Items(tuple(service_item(text, line) for line in model.services)))
        else:
            blocks.append(Notice(text.t("field.empty"), icon="info"))
    else:
        ordered = sorted(model.services, key=lambda line: _order(line.kind))
        for kind, lines in groupby(ordered, key=lambda line: line.kind):
            some = tuple(service_item(text, line) for line in lines)
            blocks += [Heading(text.t(f"kind.{kind}"), text.t("home.count", count=len(some))), Items(some)]
    return page(
        place,
        "field_page",
        model.field.name,
        blocks,
        subtitle=text.t("field.subtitle", count=len(model.services)),
        prompt=text.t("field.prompt"),
        steps=False,
    )


def _order(kind: str) -> int:
    return KIND_ORDER.index(kind) if kind in KIND_ORDER else len(KIND_ORDER)


def guide(place: Place, model: Guide) -> Screen:
    """The elements of a service guide. Replies: start (not enabled while the service cannot be done), print."""
    say = words(place).t
    service = model.service
    between = "、" if place.language == "zh" else ", "
    fee = "  ".join(filter(None, (model.fee, model.fee_basis)))
    lines = (
        ("parts", "\n".join(f"{at}. {part}" for at, part in enumerate(model.parts, 1))),
        ("conditions", "\n".join(model.conditions)),
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
        detail = "\n".join(filter(None, (service.reason if service.startable else "", model.elsewhere)))
        title = say("guide.unavailable" if service.startable else "guide.only")
        blocks.append(Notice(title, detail, tone="attention" if service.startable else "info"))
    elif service.limit:
        blocks.append(Notice(say("guide.limited"), service.limit, tone="attention"))
    blocks += [Rows(rows), Gap()]
    if service.available and not service.limit:
        blocks.append(Paragraph(say("guide.available"), small=True))
    actions: list[Action] = []
    if service.startable:
        note = say("guide.unavailable") if not service.available else say("guide.start-note") if model.card else ""
        actions.append(Action("start", say("guide.start"), "arrow_forward", "primary", note, service.available))
    if model.prints:
        actions.append(Action("print", say(f"guide.print-{model.prints}"), "print"))
    if actions:
        blocks.append(Actions(tuple(actions)))
    kind = say("service.line", kind=say(f"kind.{service.kind}"), fee=service.fee, time=_minutes(place, service))
    return page(place, "guide", service.name, blocks, subtitle=kind, prompt=say("guide.prompt"), steps=False)


def guide_printed(place: Place, model: GuidePrinted) -> Screen:
    """The guide is printed, lies ready, or could not be. Replies: continue."""
    say = words(place).t
    back = Action("continue", say("guide.go-on"), "arrow_forward", "primary")
    where = say(f"guide.where-{model.on}")
    blocks: list[Block]
    if model.state == "printing":
        blocks = [Picture("take-paper", where), Progress(say("guide.printing"))]
    elif model.state == "done":
        blocks = [Result(say("guide.printed"), where), Gap(), Actions((back,))]
    else:
        blocks = [Result(say("guide.not-printed"), say("guide.not-printed-note"), "attention"), Gap(), Actions((back,))]
    title = say({"printing": "guide.printing", "done": "guide.printed"}.get(model.state, "guide.not-printed"))
    bar = ("help",) if model.state == "printing" else ("home", "leave", "help")
    return page(place, "guide_printed", title, blocks, bar=bar, steps=False)


def _minutes(place: Place, service: ServiceLine) -> str:
    return words(place).t("service.minutes", minutes=service.minutes)
