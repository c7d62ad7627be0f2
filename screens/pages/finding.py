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
FACTS = {"fee": "payments", "time-limit": "schedule", "output": "description"}
"""What a guide tells at a glance, and the sign of each."""
GROUPED_FROM = 6
"""So many services and more are grouped by verb."""
MORE = {"zh": 4, "en": 2, "ko": 2}
"""So many names of further fields stand in one line."""
LIMITED_POPULAR = 2
"""So many services remain of those asked for most while something must be told above them."""


def home(place: Place, model: Home) -> Screen:
    """What can be done here.

    Replies: service (value = id), field (value = key), verb (value = kind), more, search, mode, language, leave, help.
    """
    text = words(place)
    say = text.t
    blocks: list[Block] = []
    large = appearance(place.mode) == "elder"
    if model.search:
        blocks.append(Items((Item("search", say("home.search"), "search", say("home.search-note")),), "search"))
    if model.verbs and not (large and model.limits):
        blocks.append(Tiles(tuple(_verb_tile(text, verb) for verb in model.verbs), len(model.verbs), "verbs"))
    if model.limits:
        blocks.append(_limits(place, model))
    if large:
        blocks += _few(place, model)
    elif model.fields:
        blocks.append(Tiles(tuple(_field_tile(text, f) for f in model.fields), min(COLUMNS, len(model.fields))))
    if model.more and not large:
        between = "、" if place.language == "zh" else ", "
        names = between.join(line.name for line in model.more[: MORE[place.language]])
        note = say("home.more-note", names=names, count=len(model.more))
        blocks.append(Items((Item("more", say("home.more"), "apps", note),)))
    if model.popular and not large:
        blocks.append(Heading(say("home.popular")))
        shown = model.popular[:LIMITED_POPULAR] if model.limits else model.popular
        blocks.append(Items(tuple(service_item(text, line) for line in shown)))
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


def _few(place: Place, model: Home) -> list[Block]:
    """For large type: few fields, each a line of its own, the others behind the last one, and somebody to ask."""
    say = words(place).t
    lines = [Item("field", f.name, f.icon, f.note, f.count > 0, value=f.key) for f in model.fields]
    if model.more:
        lines.append(Item("more", say("home.other"), "apps", say("home.other-note")))
    ask = Actions((Action("help", say("home.ask"), "support_agent", "primary"),))
    return [Items(tuple(lines), "ways"), Gap(), ask]


def _limits(place: Place, model: Home) -> Notice:
    """What cannot be done now, and where it can; in large type the guide says that, one touch on."""
    between = "；" if place.language == "zh" else "; "
    told = words(place).t("home.limits", limits=between.join(model.limits))
    where = "" if appearance(place.mode) == "elder" else model.elsewhere
    return Notice(told, where, "info", "attention")


def _field_tile(text: Texts, line: FieldLine) -> Tile:
    badge = text.t("home.count", count=line.count)
    return Tile("field", line.name, line.icon, line.note, badge, value=line.key, enabled=line.count > 0)


def _verb_tile(text: Texts, verb: VerbLine) -> Tile:
    return Tile("verb", text.t(f"kind.{verb.kind}"), KIND_ICONS.get(verb.kind, "description"), value=verb.kind)


def service_item(text: Texts, line: ServiceLine, *, brief: bool = False) -> Item:
    """One service in a list, with its verb, fee and time, and the reason why not; `brief`: nothing but the reason."""
    time = text.t("service.minutes", minutes=line.minutes)
    note = text.t("service.line", kind=text.t(f"kind.{line.kind}"), fee=line.fee, time=time)
    icon = KIND_ICONS.get(line.kind, "description")
    # What cannot be started can still be read: its guide says why, and where else.
    reason = line.limit if line.available else line.reason
    return Item("service", line.name, icon, "" if brief and reason else note, True, reason, line.id)


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
    large = appearance(place.mode) == "elder"  # three lines an item would make a field of 27 services 7 pages long
    blocks: list[Block] = []
    kinds = {line.kind for line in model.services}
    if len(model.services) < GROUPED_FROM or len(kinds) == 1:
        if model.services:
            blocks.append(Items(tuple(service_item(text, line, brief=large) for line in model.services)))
        else:
            blocks.append(Notice(text.t("field.empty"), icon="info"))
    else:
        ordered = sorted(model.services, key=lambda line: _order(line.kind))
        for kind, lines in groupby(ordered, key=lambda line: line.kind):
            some = tuple(service_item(text, line, brief=large) for line in lines)
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
    """A service as a leaflet: how much, how long, what for; what to bring, how it goes; then the small print.

    Replies: start (not enabled while the service cannot be done), print.
    """
    say = words(place).t
    service = model.service
    blocks: list[Block] = []
    withheld = "guide.not-here" if model.lasting else "guide.unavailable"
    if not service.available:
        detail = "\n".join(filter(None, (service.reason if service.startable else "", model.elsewhere)))
        title = say(withheld if service.startable else "guide.only")
        blocks.append(Notice(title, detail, tone="attention" if service.startable else "info"))
    elif service.limit:
        blocks.append(Notice(say("guide.limited"), service.limit, tone="attention"))
    blocks += [Tiles(_facts(place, model), len(FACTS), "facts"), Rows(_rows(place, model)), Gap()]
    actions: list[Action] = []
    if service.startable:
        needs = say(f"guide.start-{model.needs}") if model.needs else ""
        note = needs if service.available else say(withheld)
        actions.append(Action("start", say("guide.start"), "arrow_forward", "primary", note, service.available))
    if model.prints:
        actions.append(Action("print", say(f"guide.print-{model.prints}"), "print"))
    if actions:
        blocks.append(Actions(tuple(actions)))
    here = say("guide.available") if service.available and not service.limit else ""
    subtitle = " · ".join(filter(None, (say(f"kind.{service.kind}"), here)))
    return page(place, "guide", service.name, blocks, subtitle=subtitle, prompt=say("guide.prompt"), steps=False)


def _facts(place: Place, model: Guide) -> tuple[Tile, ...]:
    """The three things that everybody asks first."""
    say = words(place).t
    values = {"fee": model.fee, "time-limit": model.time_limit, "output": model.output}
    return tuple(Tile("", values[key] or say("guide.none"), icon, say(f"guide.{key}")) for key, icon in FACTS.items())


def _rows(place: Place, model: Guide) -> tuple[Row, ...]:
    """What to bring and what happens, each on a line of its own; then who, where from, on what ground."""
    say = words(place).t
    lines = (
        ("parts", _numbered(model.parts)),
        ("materials", _numbered(model.materials) or say("guide.none")),
        ("procedure", " → ".join(model.procedure) or say("guide.none")),
        ("minutes", _minutes(place, model.service)),
        ("conditions", "\n".join(model.conditions)),
        ("fee-basis", model.fee_basis),
        ("authority", model.authority),
        ("basis", model.basis),
    )
    return tuple(Row(say(f"guide.{key}"), value) for key, value in lines if value)


def _numbered(lines: tuple[str, ...]) -> str:
    """One a line; numbered where there are several."""
    if len(lines) < 2:
        return "".join(lines)
    return "\n".join(f"{at}. {line}" for at, line in enumerate(lines, 1))


def guide_printed(place: Place, model: GuidePrinted) -> Screen:
    """The guide is printed, lies ready, or could not be. Replies: continue."""
    say = words(place).t
    back = Action("continue", say("guide.go-on"), "arrow_forward", "primary")
    where = say(f"guide.where-{model.on}")
    blocks: list[Block]
    if model.state == "printing":
        blocks = [Picture("take-paper", where), Progress(say("guide.printing"))]
    elif model.state == "done":
        blocks = [Result(say("guide.printed"), where), Picture("take-paper"), Gap(), Actions((back,))]
    else:
        call = Notice(say("guide.not-printed-call", phone=place.help_phone), "", "call", "plain")
        trouble = Result(say("guide.not-printed"), say("guide.not-printed-note"), "attention")
        blocks = [trouble, call, Gap(), Actions((back,))]
    title = say({"printing": "guide.printing", "done": "guide.printed"}.get(model.state, "guide.not-printed"))
    bar = ("help",) if model.state == "printing" else ("home", "leave", "help")
    return page(place, "guide_printed", title, blocks, bar=bar, steps=False)


def _minutes(place: Place, service: ServiceLine) -> str:
    return words(place).t("service.minutes", minutes=service.minutes)
