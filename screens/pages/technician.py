"""The technician's pages: the door, the readiness report, one section, the list of work, leaving; and for citizens
that the terminal is being looked after."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from screens.checks import Chart, ChartBar, Check, Checks
from screens.models.entering import Writing
from screens.models.pin import PinEntry
from screens.models.place import Place
from screens.models.technician import (
    CheckLine,
    Maintenance,
    Readiness,
    SectionDetail,
    TechCode,
    TechDoor,
    TechIdle,
    TechLeave,
    Work,
    WorkLine,
)
from screens.pages import switches
from screens.pages.entering import writing
from screens.pages.page import languages, page, words
from screens.pages.pin import pin_entry
from screens.screen import (
    Action,
    Actions,
    Block,
    Field,
    Figure,
    Gap,
    Header,
    Item,
    Items,
    Keypad,
    Notice,
    Picture,
    Row,
    Rows,
    Screen,
    Style,
    Tile,
    Tiles,
    Tone,
)

ORDER = ("fault", "attention", "unknown", "ok", "absent")
"""Worst first."""
TONES: dict[str, Tone] = {
    "fault": "fault",
    "attention": "attention",
    "ok": "done",
    "unknown": "plain",
    "absent": "plain",
}
ICONS = {
    "back": "arrow_back",
    "home": "assignment",
    "leave": "lock",
    "work": "build",
    "test-all": "task_alt",
    "report": "print",
}


def work_page(
    place: Place,
    name: str,
    title: str,
    blocks: Iterable[Block],
    *,
    subtitle: str = "",
    bar: Iterable[str] = ("back", "home", "leave"),
    prompt: str = "",
) -> Screen:
    """A page of the technician: another header, languages and low reach, nothing of a citizen's bar."""
    say = words(place).t
    modes = (*languages(place), switches.reach(place))
    made = page(
        place, name, title, blocks, subtitle=subtitle, bar=(), language=False, modes=modes, prompt=prompt, steps=False
    )
    header = Header(say("tech.header"), place.work or say("tech.header-note"), made.header.badge, work=True)
    nav = tuple(Action(key, say(f"tech.nav.{key}"), ICONS[key]) for key in bar)
    return replace(made, header=header, nav=nav)


def tech_door(place: Place, model: TechDoor) -> Screen:
    """Put the card on the reader, or take the other way. Replies: code, leave."""
    say = words(place).t
    blocks: list[Block] = []
    if model.locked_until:
        locked = say("tech.door.locked", until=model.locked_until)
        blocks.append(Notice(locked, say("tech.door.locked-note"), "lock", "attention"))
    elif model.refused:
        blocks.append(Notice(model.refused, say("tech.door.refused-note"), "error", "attention"))
    if model.without_card:
        blocks.append(Notice(say("tech.door.no-reader"), say("tech.door.no-reader-note"), "credit_card_off", "plain"))
    elif not model.locked_until:
        blocks.append(Picture("card-place", say("tech.door.card")))
    style: Style = "primary" if model.without_card or model.locked_until else "secondary"
    blocks += [Gap(), Actions((Action("code", say("tech.door.code"), "qr_code_2", style),))]
    return work_page(
        place, "tech_door", say("tech.door.title"), blocks, subtitle=say("tech.door.subtitle"), bar=("leave",)
    )


def tech_pin(place: Place, model: PinEntry) -> Screen:
    """The PIN of the card that was read: the citizens' pad under the technician's header. Replies as `pin_entry`."""
    made = pin_entry(place, model)
    bare = work_page(place, "tech_pin", made.title, made.blocks, subtitle=made.subtitle, bar=("back", "leave"))
    return replace(bare, prompt=made.prompt)


def tech_words(place: Place, model: Writing) -> Screen:
    """A sentence for citizens is written: their keyboards under the technician's header. Replies as `writing`."""
    made = writing(place, model)
    return work_page(place, "tech_words", made.title, made.blocks, subtitle=made.subtitle)


def tech_code(place: Place, model: TechCode) -> Screen:
    """A one-time code is typed. Replies: key, next, back, leave."""
    say = words(place).t
    go = Action("next", say("tech.code.next"), "arrow_forward", "primary", enabled=model.complete)
    blocks: list[Block] = []
    if model.scans:
        blocks.append(Notice(say("tech.code.scan"), icon="qr_code_scanner"))
    label = say("tech.code.label")
    blocks += [
        Field("code", label, model.value, say("tech.code.empty"), say("tech.code.hint"), model.error, focused=True),
        Gap(),
        Keypad("digits", go),
    ]
    return work_page(
        place, "tech_code", say("tech.code.title"), blocks, subtitle=say("tech.code.subtitle"), bar=("back", "leave")
    )


def tech_readiness(place: Place, model: Readiness) -> Screen:
    """Every section, worst first; above all the root cause. Replies: section (id), test (id), work, test-all, report,
    leave."""
    say = words(place).t
    lines = ordered(model)
    blocks: tuple[Block, ...] = (
        Tiles(
            (*(_count(place, model, state) for state in ORDER[:2]), _well(place, model), _served(place, model)),
            4,
            "facts",
        ),
        Checks(tuple(_check(place, line) for line in lines)),
    )
    title = model.first or say("tech.readiness.well")
    subtitle = model.first_remedy or (model.as_of and say("tech.readiness.as-of", at=model.as_of))
    bar = ("work", "test-all", "leave", "report")
    return work_page(place, "tech_readiness", title, blocks, subtitle=subtitle, bar=bar)


def ordered(model: Readiness) -> tuple[CheckLine, ...]:
    """The section of the root cause, then worst first; sections that stand alike keep their order."""
    return tuple(sorted(model.lines, key=lambda line: (line.id != model.first_id, ORDER.index(line.state))))


def _count(place: Place, model: Readiness, state: str) -> Tile:
    number = sum(line.state == state for line in model.lines)
    icon = {"fault": "error", "attention": "warning"}[state]
    tone = TONES[state] if number else "plain"
    return Tile("", str(number), icon, words(place).t(f"tech.readiness.{state}"), tone=tone)


def _well(place: Place, model: Readiness) -> Tile:
    number = sum(line.state == "ok" for line in model.lines)
    return Tile("", str(number), "check_circle", words(place).t("tech.readiness.ok"), tone="done")


def _served(place: Place, model: Readiness) -> Tile:
    say = words(place).t
    return Tile("", say("tech.readiness.services", count=model.services), "apps", say("tech.readiness.services-note"))


def _check(place: Place, line: CheckLine) -> Check:
    test = words(place).t("tech.test") if line.test else ""
    return Check(line.id, line.name, line.icon, line.state, line.word, line.sentence, line.remedy, test)


def tech_section(place: Place, model: SectionDetail) -> Screen:
    """One section whole. Replies: test (id), the keys of its acts, back, home, leave."""
    say, line = words(place).t, model.line
    blocks: list[Block] = []
    if line.state == "ok":
        blocks.append(Notice(line.word, line.sentence, "check_circle", "done"))
    else:
        blocks.append(
            Notice(line.sentence or line.word, _said(place, model), TONES_SIGN[line.state], TONES[line.state])
        )
    if line.remedy:
        blocks.append(Notice(line.remedy, say("tech.section.who", who=model.who) if model.who else "", "build"))
    if model.drawing is not None:
        blocks.append(Picture(model.drawing))
    blocks += [Notice(other, icon="warning", tone="attention") for other in model.others]
    if model.facts:
        blocks.append(Rows(tuple(Row(fact.label, fact.value) for fact in model.facts), say("tech.section.record")))
    if model.trend:
        bars = tuple(ChartBar(each.label, each.share, each.told, each.bad) for each in model.trend)
        blocks.append(Chart(model.trend_title or say("tech.section.trend"), bars))
    does: list[Action] = [act(each) for each in model.acts]
    if line.test:
        does.append(Action("test", say("tech.test"), "task_alt", "primary", value=line.id))
    if does:
        blocks += [Gap(), Actions(tuple(does))]
    return work_page(place, "tech_section", line.name, blocks)


TONES_SIGN = {"fault": "error", "attention": "warning", "ok": "check_circle", "unknown": "help", "absent": "info"}


def _said(place: Place, model: SectionDetail) -> str:
    return words(place).t("tech.section.said", said=model.said) if model.said else ""


def act(line: WorkLine) -> Action:
    """An act as a button."""
    return Action(line.key, line.label, line.icon, note=line.reason if not line.enabled else "", enabled=line.enabled)


def tech_work(place: Place, model: Work) -> Screen:
    """What there is to do beside the tests. Replies: the keys of its lines, back, home, leave."""
    say = words(place).t
    items = tuple(Item(line.key, line.label, line.icon, line.note, line.enabled, line.reason) for line in model.lines)
    blocks: list[Block] = []
    if model.closed:
        blocks.append(Notice(say("tech.work.closed"), model.closed, "do_not_disturb_on", "attention"))
    blocks.append(Items(items))
    return work_page(
        place,
        "tech_work",
        say("tech.work.title"),
        blocks,
        subtitle=say("tech.work.subtitle"),
        bar=("back", "home", "leave"),
    )


def tech_leave(place: Place, model: TechLeave) -> Screen:
    """Before the terminal goes back to citizens. Replies: leave (it does), back."""
    say = words(place).t
    blocks: list[Block] = []
    if model.closed:
        blocks.append(Notice(say("tech.leave.closed"), model.closed, "do_not_disturb_on", "attention"))
    blocks += [Notice(each, icon="warning", tone="attention") for each in model.holding]
    if not blocks:
        blocks.append(Notice(say("tech.leave.clear"), icon="check_circle", tone="done"))
    blocks += [
        Notice(say("tech.leave.rearm"), say("tech.leave.rearm-note"), "lock"),
        Gap(),
        Actions((Action("rearm", say("tech.nav.leave"), "lock", "primary"),)),
    ]
    subtitle = say("tech.leave.subtitle", count=model.services)
    return work_page(place, "tech_leave", say("tech.leave.title"), blocks, subtitle=subtitle, bar=("back", "home"))


def tech_idle(place: Place, model: TechIdle) -> Screen:
    """Nothing was touched for a while. Replies: continue, leave."""
    say = words(place).t
    blocks: tuple[Block, ...] = (
        Notice(say("tech.leave.rearm"), say("tech.leave.rearm-note"), "lock"),
        Gap(),
        Actions((Action("continue", say("tech.idle.stay"), "build", "primary"),)),
    )
    subtitle = say("tech.idle.subtitle", seconds=model.seconds)
    return work_page(place, "tech_idle", say("tech.idle.title"), blocks, subtitle=subtitle, bar=("leave",))


def maintenance(place: Place, model: Maintenance) -> Screen:
    """For citizens: somebody looks after the terminal. Nothing to touch."""
    say = words(place).t
    ending = "ending-" if model.ending else ""
    rows = [Row(say("closed.why"), say(f"tech.maintenance.{ending}why"))]
    if model.elsewhere:
        rows.append(Row(say("closed.elsewhere"), model.elsewhere))
    blocks: tuple[Block, ...] = (
        Picture("closed"),
        Rows(tuple(rows)),
        Figure(place.help_phone, say("closed.help", hall=place.hall, number=place.number)),
    )
    told = "ending" if model.ending else "soon" if model.soon else "subtitle"
    return page(
        place,
        "maintenance",
        say(f"tech.maintenance.{ending}title"),
        blocks,
        subtitle=say(f"tech.maintenance.{told}"),
        bar=(),
        language=False,
        steps=False,
    )
