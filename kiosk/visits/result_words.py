"""A query's answer as the page and the slip say it, in one language; nothing here asks or decides."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from config.texts import texts
from kiosk.platform.queries import Events, Lines, QueryResult, Records, Section, Services
from screens.models import (
    ResultEvent,
    ResultEvents,
    ResultLine,
    ResultLines,
    ResultPage,
    ResultSection,
    ResultServices,
    ResultTable,
    ServiceLine,
)

SLIP_RECORDS = 12
SLIP_ROWS = 60
SLIP_WIDTH = 60

ServiceLines = Callable[[Iterable[str], str], tuple[ServiceLine, ...]]


def moment(at: datetime) -> str:
    """A time on a page."""
    return f"{at:%Y-%m-%d %H:%M}"


def result_page(
    name: str, found: QueryResult, language: str, lines: ServiceLines, *, kept: bool, can_print: bool, at: datetime
) -> ResultPage:
    """The page's model. `lines` names items of the catalogue; `at` is the answer's time in the hall's zone."""
    return ResultPage(
        name,
        tuple(_section(s, language, lines) for s in found.sections),
        found.source.get(language),
        moment(at),
        found.advice.get(language),
        more=bool(found.cursor),
        printable=found.printable and can_print,
        kept=kept,
        private=found.sensitivity != "public",
    )


def _section(section: Section, language: str, lines: ServiceLines) -> ResultSection:
    title = section.title.get(language)
    match section:
        case Lines():
            return ResultLines(
                title,
                tuple(ResultLine(x.label.get(language), x.value.get(language), x.private) for x in section.lines),
            )
        case Records():
            columns = tuple(c.get(language) for c in section.columns)
            return ResultTable(title, columns, tuple(tuple(c.get(language) for c in r) for r in section.records))
        case Events():
            return ResultEvents(
                title,
                tuple(ResultEvent(e.label.get(language), e.state, e.at, e.note.get(language)) for e in section.events),
            )
        case Services():
            return ResultServices(title, lines(section.ids, language))


def slip_rows(found: QueryResult, language: str) -> str:
    """The rows of the template `query-result`: label, tab, value; a long table says how much more there is."""
    say = texts(language).t
    rows: list[tuple[str, str]] = []
    for section in found.sections:
        if isinstance(section, Lines):
            rows += [(line.label.get(language), line.value.get(language)) for line in section.lines]
        elif isinstance(section, Records):
            for record in section.records[:SLIP_RECORDS]:
                cells = [cell.get(language) for cell in record]
                rows.append((" ".join(cells[:-1]), cells[-1]))
            left = len(section.records) - SLIP_RECORDS
            if left > 0 or found.cursor:
                rows.append((say("result.more-rows", count=max(left, 1)), ""))
        elif isinstance(section, Events):
            rows += [(e.label.get(language), say(f"result.state-{e.state}", day=e.at).strip()) for e in section.events]
    return "\n".join(f"{_plain(label)}\t{_plain(value)}" for label, value in rows[:SLIP_ROWS])[:3000]


def _plain(text: str) -> str:
    return " ".join(text.split())[:SLIP_WIDTH]
