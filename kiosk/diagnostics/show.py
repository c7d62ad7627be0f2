"""The readiness report for people (a table) and for programs (JSON)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from kiosk.diagnostics.facts import Facts
from kiosk.diagnostics.ranking import exit_code, first_line, first_trouble
from kiosk.diagnostics.sections import NAMES, WORDS, Section, Trouble
from kiosk.events import Language, events

if TYPE_CHECKING:
    from rich.table import Table

SCHEMA: Final = 1
"""Counted up when a member of the JSON changes its meaning or goes."""
COLOURS: Final = {"ok": "green", "attention": "yellow", "fault": "red", "unknown": "dim", "absent": "dim"}
HEADS: Final[dict[Language, tuple[str, ...]]] = {
    "zh": ("部件", "状态", "情况和原因", "谁来处理", "怎么处理", "记录"),
    "en": ("part", "state", "what is the matter", "who", "what to do", "on record"),
    "ko": ("부분", "상태", "상황과 원인", "담당", "조치", "기록"),
}


def as_json(facts: Facts, sections: Sequence[Section], language: Language) -> dict[str, Any]:
    """The whole report; times in RFC 3339."""
    return {
        "schema": SCHEMA,
        "at": facts.at.isoformat(timespec="seconds"),
        "terminal": facts.terminal,
        "version": facts.version,
        "running": facts.running,
        "first": first_line(sections, language),
        "event": found.event if (found := first_trouble(sections)) else "",
        "exit_code": exit_code(sections),
        "sections": [_section(each, language) for each in sections],
    }


def _section(each: Section, language: Language) -> dict[str, Any]:
    first = each.troubles[0] if each.troubles else None
    return {
        "id": each.id,
        "name": NAMES[each.id][language],
        "state": each.state,
        "sentence": each.sentence(language),
        "cause": first.cause if first else "",
        "remedy": each.remedy(language),
        "who": events()[first.event].who if first else "",
        "drawing": events()[first.event].drawing if first else "",
        "since": _time(each.since),
        "last_pass": _time(each.last_pass),
        "last_fail": _time(each.last_fail),
        "counters": dict(each.counters),
        "trend": each.trend,
        "told": dict(each.told),
        "troubles": [_trouble(trouble, language) for trouble in each.troubles],
    }


def _trouble(trouble: Trouble, language: Language) -> dict[str, str]:
    return {
        "event": trouble.event,
        "severity": events()[trouble.event].severity,
        "sentence": trouble.sentence(language),
        "remedy": trouble.remedy(language),
        "said": trouble.said,
    }


def _time(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="seconds") if moment else None


def table(sections: Sequence[Section], language: Language) -> Table:
    """One row a section; every trouble of it a line."""
    from rich.table import Table
    from rich.text import Text

    made = Table(*HEADS[language], show_lines=False, pad_edge=False)
    for each in sections:
        who = "\n".join(events()[t.event].who for t in each.troubles)
        said = "\n".join(_sentence(t, language) for t in each.troubles) or each.sentence(language)
        cure = "\n".join(t.remedy(language) for t in each.troubles)
        state = Text(WORDS[each.state][language], COLOURS[each.state])
        row = (NAMES[each.id][language], state, said, who, cure, _record(each))
        # Text: a device's own words may hold brackets, which rich would take for its markup.
        made.add_row(*(Text(cell) if isinstance(cell, str) else cell for cell in row))
    return made


def _sentence(trouble: Trouble, language: Language) -> str:
    return f"{trouble.sentence(language)} [{trouble.cause}]" if trouble.cause else trouble.sentence(language)


def _record(each: Section) -> str:
    counted = [f"{name.replace('_', ' ')} {value:g}" for name, value in each.counters.items() if value]
    firmware = [f"firmware {told}"] if (told := each.told.get("firmware")) else []
    times = [f"{word} {at:%m-%d %H:%M}" for word, at in (("pass", each.last_pass), ("fail", each.last_fail)) if at]
    return ", ".join([*firmware, *times, *counted, *([each.trend] if each.trend else [])])
