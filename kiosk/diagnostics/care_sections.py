"""Sections of who looks after the terminal: the fleet's broker, and the technicians' door. Facts in, sections out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from config.supervision import supervision
from kiosk.diagnostics.facts import Facts
from kiosk.diagnostics.notes import heard_last
from kiosk.diagnostics.sections import Section, Trouble, section


def care_sections(facts: Facts) -> Iterator[Section]:
    """One for each."""
    yield _fleet(facts)
    yield _door(facts)


def _fleet(facts: Facts) -> Section:
    """Only the running terminal knows whether its broker answers."""
    told = facts.fleet
    if not told.broker:
        return Section("fleet", "absent")
    if not facts.running:
        return Section("fleet", "unknown", told.broker)
    troubles = []
    if told.why and not told.online:
        troubles.append(Trouble("fleet.unreachable", "attention", cause="broker-away", what=told.why))
    soon = timedelta(seconds=supervision().rules["certificate-ending"].over)
    if told.ends is not None and told.ends - facts.at < soon:
        event, state = ("certificate.ended", "fault") if told.ends <= facts.at else ("certificate.ending", "attention")
        what = f"{told.broker}, {told.ends:%Y-%m-%d}"
        troubles.append(Trouble(event, state, cause=event.replace(".", "-"), what=what))  # type: ignore[arg-type]  # two words of State
    if not troubles and not told.online:
        return Section("fleet", "unknown", told.broker)  # it connects for the first time
    counters: dict[str, float] = {"waiting": told.waiting}
    if told.ends is not None:
        counters["certificate_days_left"] = (told.ends - facts.at).days
    if told.heard is not None:
        counters["heard_s_ago"] = max(0, round((facts.at - told.heard).total_seconds()))
    note = heard_last(facts.at - told.heard if told.heard else timedelta(0), told.waiting)
    return section("fleet", troubles, note, since=told.since, last_pass=told.heard, counters=counters)


def _door(facts: Facts) -> Section:
    if not facts.running:
        return Section("door", "unknown")  # what stands there is checked with the machine's key, by the terminal
    told, troubles = facts.door, []
    if told.acts:
        what = ", ".join(told.acts)
        troubles.append(Trouble("health.act-stands", "fault", cause="act-stands", what=what))
    if told.lost_until:
        troubles.append(Trouble("technician.book-lost", "fault", cause="book-lost", what=told.lost_until))
    if told.refused:
        troubles.append(Trouble("technician.book-refused", "attention", cause="book-refused", what=told.refused))
    return section("door", troubles, "")
