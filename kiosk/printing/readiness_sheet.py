"""The readiness report on A4 (config/sheets/readiness.typ): the same sections as `kiosk diagnose`, to be signed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from config.settings import Settings
from config.texts import texts
from kiosk.diagnostics.facts import Facts
from kiosk.diagnostics.ranking import WELL, first_trouble
from kiosk.diagnostics.sections import NAMES, WORDS, Section, State
from kiosk.events import Language, events
from kiosk.printing.guide_sheet import typeset_sheet

MAX_PAGES: Final = 4
WORST_FIRST: Final[tuple[State, ...]] = ("fault", "attention", "unknown", "ok", "absent")


def readiness_sheet(
    facts: Facts, sections: Sequence[Section], settings: Settings, language: Language
) -> tuple[bytes, int]:
    """The report as PDF, and its pages. Raises `SheetError`. Blocking, about 100 ms."""
    say = texts(language).t
    first = first_trouble(sections)
    terminal = settings.terminal
    counts = Counter(each.state for each in sections)
    data = {
        "lang": language,
        "title": say("report.title"),
        "hall": terminal.hall_zh if language == "zh" else terminal.hall_en,
        "terminal": facts.terminal,
        "at": f"{facts.at:%Y-%m-%d %H:%M}",
        "worst": first.state if first else "ok",
        "first": first.sentence(language) if first else WELL[language],
        "remedy": first.remedy(language) if first else "",
        "counts": [
            {"state": state, "word": WORDS[state][language], "count": str(counts[state])}
            for state in WORST_FIRST
            if counts[state]
        ],
        "heads": [say(f"report.{key}") for key in ("part", "state", "matter", "record")],
        "rows": [_row(each, language) for each in _worst_first(sections)],
        "note": say("report.note"),
        "signs": [say(f"report.{key}") for key in ("technician", "supervisor", "date")],
        "foot": " · ".join(
            (facts.terminal, facts.version, facts.at.isoformat(timespec="seconds"), terminal.help_phone)
        ),
        "specimen": settings.simulated,
        "simulated": say("app.simulated"),
    }
    return typeset_sheet("readiness.typ", data, "the readiness report", MAX_PAGES)


def _worst_first(sections: Sequence[Section]) -> list[Section]:
    return sorted(sections, key=lambda each: (WORST_FIRST.index(each.state), each.rank))


def _row(section: Section, language: Language) -> dict[str, object]:
    say = texts(language).t
    lines = [
        {
            "said": trouble.sentence(language),
            "cure": trouble.remedy(language),
            "who": say(f"report.who.{events()[trouble.event].who}"),
        }
        for trouble in section.troubles
    ]
    note = {"said": section.sentence(language), "cure": "", "who": ""}
    return {
        "name": NAMES[section.id][language],
        "state": section.state,
        "word": WORDS[section.state][language],
        "lines": lines or [note],
        "record": _record(section, language),
    }


def _record(section: Section, language: Language) -> list[str]:
    say = texts(language).t
    told: tuple[tuple[str, datetime | None], ...] = (("pass", section.last_pass), ("fail", section.last_fail))
    return [say(f"report.{key}", at=f"{at:%m-%d %H:%M}") for key, at in told if at is not None]
