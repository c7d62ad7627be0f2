"""Sections of what is no device: platform, time, storage, screen, sound, certificates, updates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final

from config.supervision import supervision
from kiosk.diagnostics.facts import Facts
from kiosk.diagnostics.notes import answered, apart, days_left, not_looked, room, size
from kiosk.diagnostics.sections import Section, Trouble, section
from kiosk.supervision.clock_watch import OFF_S

LOW_MB: Final = 500
"""Below it a technician is told; `kiosk.journal.store.MIN_FREE_BYTES` stops money much later."""
SLOW_MS: Final = 2000
CATALOGUE_OLD: Final = timedelta(days=3)
PLATFORM_EVENTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "unreachable": "platform.unreachable",
        "refused": "platform.unreachable",
        "ill": "platform.ill",
        "certificate": "platform.certificate",
        "our-certificate": "platform.our-certificate",
        "not-enrolled": "platform.not-enrolled",
    }
)


def house_sections(facts: Facts) -> Iterator[Section]:
    """One for each, in no particular order."""
    yield _platform(facts)
    yield _time(facts)
    yield _storage(facts)
    yield _certificates(facts)
    yield _updates(facts)
    yield _screen(facts)
    yield _sound(facts)


def _platform(facts: Facts) -> Section:
    told = facts.platform
    if told.trouble == "not-asked":
        return Section("platform", "unknown")
    troubles = []
    if event := PLATFORM_EVENTS.get(told.trouble):
        troubles.append(Trouble(event, "fault", cause=told.trouble, what=told.said))
    elif told.took_ms > SLOW_MS:
        troubles.append(Trouble("platform.slow", "attention", cause="slow", what=f"{told.took_ms} ms"))
    if told.areas_down and told.trouble == "":
        what = ", ".join(told.areas_down[:6])
        troubles.append(Trouble("platform.area-down", "attention", cause="area-down", what=what))
    return section("platform", troubles, answered(told.took_ms), counters={"answer_ms": told.took_ms})


def _time(facts: Facts) -> Section:
    skew = facts.skew_s
    if skew is None:
        return Section("time", "unknown")
    limit = supervision().rules["clock-skew"].over
    if abs(skew) <= limit and facts.platform.trouble != "clock":
        return Section("time", "ok", apart(skew), counters={"off_s": round(skew, 1)})
    state = "fault" if abs(skew) >= OFF_S or facts.platform.trouble == "clock" else "attention"
    off = Trouble("time.off", state, cause="clock-skew", what=f"{skew:+.0f} s")  # type: ignore[arg-type]  # two words of State
    return section("time", [off], "", counters={"off_s": round(skew, 1)})


def _storage(facts: Facts) -> Section:
    disk = facts.storage
    troubles = []
    if disk.trouble:
        troubles.append(Trouble("storage.refuses", "fault", cause="disk-refuses", what=disk.trouble))
    elif disk.free_mb < LOW_MB:
        troubles.append(Trouble("storage.nearly-full", "attention", cause="disk-low", what=size(disk.free_mb)))
    if disk.hold:
        troubles.append(Trouble("storage.held", "fault", cause="journal-held", what=disk.hold))
    if disk.oldest_s > supervision().rules["journal-lag"].over:
        what = f"{disk.waiting}, {disk.oldest_s // 60} min"
        troubles.append(Trouble("storage.waiting", "attention", cause="journal-lag", what=what))
    counters = {"free_mib": disk.free_mb, "waiting": disk.waiting}
    return section("storage", troubles, room(disk.free_mb), counters=counters)


def _certificates(facts: Facts) -> Section:
    if not facts.certificates:
        return Section("certificates", "absent")
    soon = timedelta(seconds=supervision().rules["certificate-ending"].over)
    troubles, ends = [], []
    unseen = ", ".join(each.name for each in facts.certificates if not each.looked)
    for each in facts.certificates:
        if not each.looked:
            continue
        if each.ends is None:
            what = f"{each.name}: {each.said}"
            troubles.append(Trouble("certificate.ended", "fault", cause="certificate-unreadable", what=what))
            continue
        ends.append(each.ends)
        what = f"{each.name}, {each.ends:%Y-%m-%d}"
        if each.ends <= facts.at:
            troubles.append(Trouble("certificate.ended", "fault", cause="certificate-ended", what=what))
        elif each.ends - facts.at < soon:
            troubles.append(Trouble("certificate.ending", "attention", cause="certificate-ending", what=what))
    if unseen and not troubles:
        return Section("certificates", "unknown", not_looked(unseen))
    days = min(((end - facts.at).days for end in ends), default=0)
    return section("certificates", troubles, days_left(days), counters={"days_left": days})


def _updates(facts: Facts) -> Section:
    told = facts.update
    if not facts.catalogue and not told.phase:
        return Section("updates", "unknown", facts.version)
    troubles = []
    if told.phase in ("rolling-back", "rolled-back"):
        what = f"{told.version}: {told.said}"
        troubles.append(Trouble("updates.rolled-back", "fault", cause="rolled-back", what=what))
    elif told.phase == "set-aside":
        what = f"{told.version}: {told.said}"
        troubles.append(Trouble("updates.set-aside", "attention", cause="set-aside", what=what))
    elif told.phase == "failed":
        what = f"{told.version}: {told.said}"
        troubles.append(Trouble("updates.failed", "attention", cause="update-failed", what=what))
    if facts.catalogue_at is not None and facts.at - facts.catalogue_at > CATALOGUE_OLD:
        what = f"{facts.catalogue}, {facts.catalogue_at:%Y-%m-%d}"
        troubles.append(Trouble("updates.old", "attention", cause="catalogue-old", what=what))
    notes = [facts.version, facts.catalogue]
    if told.phase not in ("", "idle", "good"):
        notes.append(f"{told.version} {told.phase}")
    return section("updates", troubles, ", ".join(filter(None, notes)), since=told.since)


def _screen(facts: Facts) -> Section:
    house, silent = facts.house, facts.health.screen_silent_s
    troubles = [Trouble("screen.no-touch", "fault", cause="no-touch")] if house.touch is False else []
    if silent is not None and "screen-stands" in facts.health.broken:
        troubles.append(Trouble("health.screen-stands", "fault", cause="screen-stands", what=f"{silent:.0f} s"))
    if house.touch is None and not troubles:
        return Section("screen", "ok" if facts.running else "unknown", house.panel)
    return section("screen", troubles, house.panel, since=_since(facts, "screen"))


def _since(facts: Facts, part: str) -> datetime | None:
    return next((each.since for each in facts.health.parts if each.part == part), None)


def _sound(facts: Facts) -> Section:
    if facts.house.sound is None:
        return Section("sound", "unknown")
    return section("sound", [] if facts.house.sound else [Trouble("sound.no-card", "attention", cause="no-card")], "")
