"""What a query found; help by people; collecting; copies; a place in the queue."""

from __future__ import annotations

from config.texts import Texts
from screens.models import (
    CollectPage,
    CopyOffer,
    HelpAsked,
    PhoneLink,
    Place,
    ResultEvent,
    ResultEvents,
    ResultLines,
    ResultPage,
    ResultSection,
    ResultServices,
    ResultTable,
    TicketPage,
)
from screens.pages.calling import whom_to_call
from screens.pages.finding import service_item
from screens.pages.page import page, words
from screens.screen import (
    Action,
    Actions,
    Block,
    Figure,
    Gap,
    Heading,
    Items,
    Notice,
    Qr,
    Result,
    Row,
    Rows,
    Screen,
    Table,
    Tone,
)


def result(place: Place, model: ResultPage, told: str = "") -> Screen:
    """What was found, or that nothing was and what to do. `told`: what became of the slip or of further records.

    Replies: print, more, again, continue, service (value = id).
    """
    text = words(place)
    say = text.t
    blocks: list[Block] = []
    if not model.sections:
        blocks.append(Result(say("result.none"), model.advice, "attention"))
    if told:
        tone: Tone = "done" if told == "result.printed" else "attention"
        blocks.append(Notice(say(told), icon="receipt_long", tone=tone))
    for section in model.sections:
        blocks += _section(text, section, private=model.private)
    key, icon = ("result.kept", "cloud_off") if model.kept else ("result.as-of", "schedule")
    source = Notice(
        say(key, source=model.source, time=model.as_of), icon=icon, tone="attention" if model.kept else "info"
    )
    blocks += [source, *(() if model.sections else whom_to_call(place)), Gap()]
    buttons = [Action("continue", say("result.done"), "check", "primary")]
    if not model.sections:
        buttons.insert(0, Action("again", say("result.none-again"), "search"))
    if model.printable:
        buttons.insert(0, Action("print", say("result.print"), "print"))
    if model.more:
        blocks.append(Actions((Action("more", say("result.more"), "chevron_right"),)))
    blocks.append(Actions(tuple(buttons)))
    prompt = say("result.prompt") if model.sections else say("result.prompt-none")
    return page(place, "result", say("result.title"), blocks, subtitle=model.service, prompt=prompt)


def _section(text: Texts, section: ResultSection, *, private: bool) -> list[Block]:
    match section:
        case ResultLines():
            rows = tuple(Row(line.label, line.value, private=line.private) for line in section.lines)
            return [Rows(rows, section.title)]
        case ResultTable():
            return [Table(section.columns, section.records, section.title, private)]
        case ResultEvents():
            return [Rows(tuple(Row(event.label, _state(text, event)) for event in section.events), section.title)]
        case ResultServices():
            return [Heading(section.title), Items(tuple(service_item(text, line) for line in section.services))]


def _state(text: Texts, event: ResultEvent) -> str:
    state = text.t(f"result.state-{event.state}", day=event.at).strip()
    return text.t("result.note", state=state, note=event.note) if event.note else state


def help_asked(place: Place, model: HelpAsked) -> Screen:
    """A person helps: they call, or are called. Replies: continue."""
    say = words(place).t
    title = say(f"help-asked.title-{model.way}", phone=model.phone)
    detail = say(f"help-asked.detail-{model.way}", minutes=model.minutes)
    rows = [Row(say("help-asked.terminal"), say("app.place", hall=place.hall, number=place.number))]
    if model.number:
        figure = Figure(model.number, say("help-asked.number"))
        rows.insert(0, Row(say("help-asked.phone"), model.phone))
    else:
        figure = Figure(model.phone, say("help-asked.phone"))
    if model.open:
        rows.append(Row(say("help-asked.open"), model.open))
    blocks: tuple[Block, ...] = (
        Result(title, detail, "attention" if model.way == "offline" else "done"),
        figure,
        Rows(tuple(rows)),
        Gap(),
        Actions((Action("continue", say("help-asked.done"), "check", "primary"),)),
    )
    return page(place, "help_asked", title, blocks, prompt=f"{title} {detail}")


COLLECT_TONES: dict[str, Tone] = {"not-ready": "attention", "ready": "done", "open": "done", "stuck": "fault"}


def collect(place: Place, model: CollectPage) -> Screen:
    """Something in the issuing cabinet. Replies: open-door (ready), continue (else; open goes on by itself)."""
    say = words(place).t
    title, detail = say(f"collect.title-{model.state}"), say(f"collect.{model.state}")
    rows = [Row(say("collect.document"), model.document)]
    if model.state == "not-ready":
        rows += [Row(say("collect.ready-on"), model.ready_on)] if model.ready_on else []
    else:
        rows.append(Row(say("collect.place"), model.place))
    blocks: list[Block] = [Result(title, detail, COLLECT_TONES[model.state])]
    if model.door and model.state != "not-ready":
        blocks.append(Figure(model.door, say("collect.door")))
    blocks.append(Rows(tuple(rows)))
    blocks += whom_to_call(place) if model.state in ("not-ready", "stuck") else ()
    blocks.append(Gap())
    if model.state == "ready":
        blocks.append(Actions((Action("open-door", say("collect.open-door"), "door_front", "primary"),)))
    elif model.state != "open":
        blocks.append(Actions((Action("continue", say("collect.done"), "check", "primary"),)))
    prompt = say("collect.prompt-open") if model.state == "open" else f"{title} {detail}"
    bar = ("help",) if model.state == "open" else ("back", "home", "leave", "help")
    return page(place, "collect", title, blocks, bar=bar, prompt=prompt)


def copy_offer(place: Place, model: CopyOffer, told: str = "") -> Screen:
    """What becomes of the scanned pages; `told`: what failed. Replies: print, send, continue (once one was done)."""
    say = words(place).t
    blocks: list[Block] = []
    if told:
        blocks.append(Notice(say(told), icon="warning", tone="attention"))
    if model.printed:
        blocks.append(Notice(say("copy.printed"), icon="check_circle", tone="done"))
    if model.sent:
        blocks.append(Notice(say("copy.sent"), icon="check_circle", tone="done"))
    if not model.can_send:
        blocks.append(Notice(say("copy.no-network"), icon="cloud_off", tone="attention"))
    blocks += [Notice(say("copy.promise"), icon="lock"), Gap()]
    buttons: list[Action] = []
    if not model.printed:
        note = say("copy.print-note")
        buttons.append(Action("print", say("copy.print", copies=model.copies), "print", "primary", note))
    if not model.sent and model.can_send:
        buttons.append(Action("send", say("copy.send"), "qr_code_2", note=say("copy.send-note")))
    blocks += [Actions((button,)) for button in buttons]
    if model.printed or model.sent:
        blocks.append(Actions((Action("continue", say("copy.done"), "check", "quiet" if buttons else "primary"),)))
    subtitle = say("copy.subtitle", service=model.service)
    return page(place, "copy_offer", say("copy.title", pages=model.pages), blocks, subtitle=subtitle)


def phone_link(place: Place, model: PhoneLink) -> Screen:
    """The scan's link as a code. Replies: continue."""
    say = words(place).t
    blocks: tuple[Block, ...] = (
        Qr(model.payload, say("copy.link-caption")),
        Notice(say("copy.promise"), icon="lock"),
        Gap(),
        Actions((Action("continue", say("copy.got"), "check", "primary"),)),
    )
    subtitle = say("copy.subtitle-link", until=model.until)
    return page(place, "phone_link", say("copy.title-link"), blocks, subtitle=subtitle)


def ticket(place: Place, model: TicketPage) -> Screen:
    """A place in the queue. Replies: continue."""
    say = words(place).t
    rows = [Row(say("ticket.counter"), model.counter)] if model.counter else []
    blocks: list[Block] = [
        Figure(model.number, say("ticket.ahead", waiting=model.waiting) if model.waiting is not None else "")
    ]
    if rows:
        blocks.append(Rows(tuple(rows)))
    if model.kept:
        blocks.append(Notice(say("ticket.kept"), icon="cloud_off", tone="attention"))
    blocks += [
        Notice(say("ticket.paper"), icon="info"),
        Gap(),
        Actions((Action("continue", say("ticket.done"), "check", "primary"),)),
    ]
    return page(place, "ticket", say("ticket.title"), blocks, prompt=f"{say('ticket.title')} {model.number}")
