"""The pages of a test: under way, a question to the person who looks on, its end; many tests; the glass itself."""

from __future__ import annotations

from screens.checks import Cross, Measure, Measures, Plain, Wipe
from screens.models.place import Place
from screens.models.technician import (
    BurnIn,
    Fact,
    Gauge,
    Pixels,
    TestDone,
    TestQuestion,
    TestRunning,
    TestTally,
    TouchCross,
    TouchGrid,
)
from screens.pages.page import words
from screens.pages.technician import work_page
from screens.screen import (
    Action,
    Actions,
    Block,
    Gap,
    Notice,
    Picture,
    Preview,
    Progress,
    Qr,
    Result,
    Row,
    Rows,
    Screen,
    Table,
    Tone,
)

TONES: dict[str, Tone] = {"pass": "done", "fail": "fault", "unknown": "attention"}


def _rows(facts: tuple[Fact, ...], title: str = "") -> list[Block]:
    return [Rows(tuple(Row(fact.label, fact.value, private=fact.private) for fact in facts), title)] if facts else []


def _measure(place: Place, gauge: Gauge) -> Measure:
    told = words(place).t("tech.run.good" if gauge.good else "tech.run.poor")
    return Measure(gauge.label, gauge.value, gauge.share, gauge.low, gauge.high, told)


def tech_running(place: Place, model: TestRunning) -> Screen:
    """A test under way. Replies: stop, back (both end it) where it may be stopped."""
    say = words(place).t
    blocks: list[Block] = [Progress(model.doing, model.fraction)]
    if model.preview:
        blocks.append(Preview(shows="page"))
    if model.qr:
        blocks.append(Qr(model.qr))
    if model.gauges:
        blocks.append(Measures(tuple(_measure(place, gauge) for gauge in model.gauges)))
    blocks += _rows(model.figures)
    if model.stoppable:
        blocks += [Gap(), Actions((Action("stop", say("tech.run.stop"), "close"),))]
    subtitle = say("tech.run.subtitle" if model.stoppable else "tech.run.wait")
    return work_page(place, "tech_running", model.name, blocks, subtitle=subtitle, bar=())


def tech_question(place: Place, model: TestQuestion) -> Screen:
    """A person decides. Replies: yes, no, unsure, back (ends the test)."""
    say = words(place).t
    blocks: list[Block] = []
    if model.drawing is not None:
        blocks.append(Picture(model.drawing))
    if model.qr:
        blocks.append(Qr(model.qr))
    if not blocks:
        blocks.append(Notice(say("tech.ask.note"), icon="visibility"))
    blocks += [
        Gap(),
        Actions((Action("no", say("tech.ask.no"), "close"), Action("yes", say("tech.ask.yes"), "check", "primary"))),
        Actions((Action("unsure", say("tech.ask.unsure"), "help", "quiet"),)),
    ]
    subtitle = " · ".join(filter(None, (model.name, model.hint)))
    return work_page(place, "tech_question", model.question, blocks, subtitle=subtitle, bar=("back",))


def tech_done(place: Place, model: TestDone) -> Screen:
    """How a test ended. Replies: again, section (id), home, leave."""
    say = words(place).t
    blocks: list[Block] = [
        Result(say(f"tech.done.{model.outcome}", name=model.name), model.sentence, TONES[model.outcome])
    ]
    if model.remedy:
        blocks.append(Notice(model.remedy, icon="build"))
    blocks += _rows(model.figures, say("tech.done.figures"))
    does = [Action("again", say("tech.done.again"), "refresh")]
    if model.section:
        does.append(Action("section", say("tech.done.section"), "assignment", value=model.section))
    blocks += [Gap(), Actions(tuple(does))]
    title = say(f"tech.done.{model.outcome}", name=model.name)
    return work_page(place, "tech_done", title, blocks, bar=("back", "home", "leave"))


def tech_burn_in(place: Place, model: BurnIn) -> Screen:
    """Many tests, with live counts. Replies: stop while they run; afterwards again, home, leave."""
    say = words(place).t
    columns = (say("tech.burn.test"), say("tech.burn.state"), say("tech.burn.runs"), say("tech.burn.p95"))
    table = Table(columns, tuple(_tally(place, line) for line in model.lines))
    blocks: list[Block] = []
    if model.paper:
        blocks.append(Notice(model.paper, icon="receipt_long"))
    blocks.append(table)
    blocks += [Notice(sentence, remedy, "error", "fault") for sentence, remedy in model.troubles]
    does = (
        Action("again", say("tech.done.again"), "refresh")
        if model.over
        else Action("stop", say("tech.run.stop"), "close")
    )
    blocks += [Gap(), Actions((does,))]
    told = [say("tech.burn.elapsed", elapsed=model.elapsed)]
    if model.left:
        told.append(say("tech.burn.left", left=model.left))
    bar = ("back", "home", "leave") if model.over else ()
    return work_page(place, "tech_burn_in", model.title, blocks, subtitle=" · ".join(told), bar=bar)


def _tally(place: Place, line: TestTally) -> tuple[str, ...]:
    say = words(place).t
    runs = say("tech.burn.count", runs=line.runs, fails=line.fails) if line.runs else ""
    return line.name, line.note or say(f"tech.burn.{line.state}"), runs, line.p95


def tech_touch(place: Place, model: TouchGrid) -> Screen:
    """The whole panel to be wiped. Replies: stroke."""
    label = model.told or words(place).t("tech.touch.told", seconds=model.seconds)
    block = Wipe(model.columns, model.rows, model.wiped, model.heard, label)
    return work_page(place, "tech_touch", label, (block,), bar=())


def tech_cross(place: Place, model: TouchCross) -> Screen:
    """A cross to touch. Replies: stroke."""
    label = words(place).t("tech.touch.cross", at=model.at, of=model.of)
    return work_page(place, "tech_cross", label, (Cross(model.x, model.y, model.heard, label),), bar=())


def tech_pixels(place: Place, model: Pixels) -> Screen:
    """The whole panel in one colour. Replies: next."""
    label = words(place).t("tech.pixels.told", at=model.at, of=model.of)
    return work_page(place, "tech_pixels", label, (Plain(model.colour, label),), bar=())
