"""The report as a whole: every section in its place, and which trouble is the first line: a cause before its symptoms.

Order is data (`rank` in config/events.toml): settings, power, disk, heat, clock and certificates, ports that hold other
things than the profile says, then each device's own fault, the platform, what is only low. Where two rank alike, a
fault goes before a warning, then the order of the report decides.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from kiosk.diagnostics.care_sections import care_sections
from kiosk.diagnostics.device_sections import device_sections
from kiosk.diagnostics.facts import Facts
from kiosk.diagnostics.history import Past
from kiosk.diagnostics.house_sections import house_sections
from kiosk.diagnostics.sections import NAMES, ROLES, Section, Trouble
from kiosk.events import Language

WELL: Mapping[Language, str] = {
    "zh": "一切正常，可以服务",
    "en": "all is well: the terminal can serve",
    "ko": "모두 정상입니다. 서비스할 수 있습니다",
}
_PLACES: Mapping[str, str] = {section: role for role, section in ROLES.items()}


def report(facts: Facts, past: Mapping[str, Past]) -> tuple[Section, ...]:
    """Every section in the order of the report."""
    order = list(NAMES)
    made = [*device_sections(facts, past), *house_sections(facts), *care_sections(facts)]
    return tuple(_with_tests(each, past) for each in sorted(made, key=lambda each: order.index(each.id)))


def _with_tests(section: Section, past: Mapping[str, Past]) -> Section:
    """What technicians' tests of it said, of sections that are no device too."""
    told = past.get(_PLACES.get(section.id, section.id))
    if told is None or not (told.tests_passed or told.tests_failed):
        return section
    counters = {**section.counters, "tests_passed": told.tests_passed, "tests_failed": told.tests_failed}
    return replace(
        section,
        last_pass=section.last_pass or told.last_pass,
        last_fail=section.last_fail or told.last_fail,
        counters=counters,
    )


def first_trouble(sections: Sequence[Section]) -> Trouble | None:
    """The root cause; None when nothing is wrong."""
    found = [trouble for section in sections for trouble in section.troubles]
    return min(found, key=lambda trouble: (trouble.rank, trouble.state != "fault"), default=None)


def first_line(sections: Sequence[Section], language: Language) -> str:
    """The true cause and its remedy in one line."""
    trouble = first_trouble(sections)
    if trouble is None:
        return WELL[language]
    return f"{trouble.sentence(language)}: {trouble.remedy(language)}"


def exit_code(sections: Sequence[Section]) -> int:
    """0 well, 1 something wants attention, 2 a fault."""
    states = {section.state for section in sections}
    return 2 if "fault" in states else 1 if "attention" in states else 0
