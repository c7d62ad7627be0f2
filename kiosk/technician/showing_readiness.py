"""From what is known of the terminal to what its technician sees: the readiness report and one section of it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from config.settings import Settings
from config.texts import Texts, texts
from drivers.device import Device
from kiosk.devices import fitted
from kiosk.diagnostics.facts import DeviceFact, Facts
from kiosk.diagnostics.gather import cards_of, facts_now
from kiosk.diagnostics.history import History
from kiosk.diagnostics.ranking import first_trouble, report
from kiosk.diagnostics.sections import NAMES, ROLES, WORDS, Section
from kiosk.events import events
from kiosk.technician.device_tests.table import tests_for
from screens.models.technician import CheckLine, Fact, Readiness, SectionDetail, TrendPoint, WorkLine
from screens.screen import Language, PictureKind

if TYPE_CHECKING:
    from kiosk.technician.session import Session

ICONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "reader": "badge",
        "face-camera": "photo_camera",
        "document-camera": "videocam",
        "code-camera": "qr_code_scanner",
        "code-reader": "barcode_scanner",
        "receipt-printer": "receipt_long",
        "licence-printer": "print",
        "pad": "contactless",
        "cabinet": "door_front",
        "platform": "account_balance",
        "time": "schedule",
        "storage": "content_paste",
        "power": "bolt",
        "screen": "touch_app",
        "sound": "volume_up",
        "certificates": "verified",
        "updates": "sync",
        "fleet": "language",
        "door": "lock",
    }
)
_DRAWN: Final[tuple[tuple[PictureKind, tuple[str, ...]], ...]] = (
    ("paper-path", ("paper-jammed", "cover-open", "open", "output-full", "cutter", "waits")),
    ("paper-roll", ("paper-out", "paper-low")),
    ("toner", ("toner-low", "toner-out", "worn", "wearing")),
    ("plug", ("port-missing", "unplugged", "several", "no-answer")),
    ("lens", ("blurred", "dark", "bright", "no-detail")),
    ("card-place", ("failing", "unsteady")),
)
DRAWINGS: Final[Mapping[str, PictureKind]] = MappingProxyType({end: kind for kind, ends in _DRAWN for end in ends})
"""Last part of an event's id -> the drawing that helps."""
DAYS: Final = 7
CARDS_S: Final = 60.0
REFILLED: Final = frozenset({"receipt-printer", "licence-printer"})


class Looked:
    """One look at the terminal. `days` is (date, work, failures) of each device, the oldest first; `counted`: as of."""

    def __init__(
        self,
        facts: Facts,
        sections: Sequence[Section],
        days: Mapping[str, tuple[tuple[str, int, int], ...]],
        services: int,
        counted: datetime,
    ) -> None:
        self.facts = facts
        self.sections = tuple(sections)
        self.days = days
        self.services = services
        self.counted = counted

    def section(self, id_: str) -> Section | None:
        """One of them."""
        return next((each for each in self.sections if each.id == id_), None)


async def look(session: Session, before: Looked | None = None) -> Looked:
    """How the terminal is now. The journal is walked for cards, and the days are counted, once in `CARDS_S`."""
    tools, workshop = session.tools, session.workshop
    settings, now = tools.settings, tools.clock.now()
    kept = before if before and abs((now - before.counted).total_seconds()) < CARDS_S else None
    if workshop is not None:
        cards = (kept.facts.cards_tried, kept.facts.cards_failed) if kept else await cards_of(settings, now)
        facts = await facts_now(workshop, cards)
    else:
        devices = (tools.reader, tools.camera, tools.receipt_printer, tools.licence_printer, tools.pad)
        facts = Facts(
            now,
            settings.terminal.id,
            "",
            True,
            tuple(DeviceFact.of(each) for each in fitted(d for d in devices if isinstance(d, Device))),
        )
    history = History(settings.state_dir)
    past = await asyncio.to_thread(history.past, now)
    days = kept.days if kept else await asyncio.to_thread(history.days, now, DAYS)
    counted = kept.counted if kept else now
    return Looked(facts, report(facts, past), days, session.terminal.capability.available(), counted)


def readiness(looked: Looked, language: Language, settings: Settings) -> Readiness:
    """The whole report for the panel."""
    lines = tuple(line(each, language, settings) for each in sorted(looked.sections, key=lambda s: s.rank))
    first = first_trouble(looked.sections)
    if first is None:
        return Readiness(lines, services=looked.services, as_of=f"{looked.facts.at:%H:%M}")
    where = next((s for s in looked.sections if first in s.troubles), None)
    return Readiness(
        lines,
        begun(first.sentence(language)),
        begun(first.remedy(language)),
        where.id if where else "",
        first.state,
        looked.services,
        as_of=f"{looked.facts.at:%H:%M}",
    )


def begun(words: str) -> str:
    """As a sentence begins: the catalogue has its words as they stand within one."""
    return words[:1].upper() + words[1:]


def line(each: Section, language: Language, settings: Settings) -> CheckLine:
    """One section in one line; what its state says already is not said twice."""
    name, word = NAMES[each.id][language], WORDS[each.state][language]
    sentence = each.sentence(language)
    for colon in ("：", ": "):
        sentence = sentence.removeprefix(name + colon)
    return CheckLine(
        each.id,
        begun(name),
        ICONS[each.id],
        each.state,
        word,
        "" if sentence == word else begun(sentence),
        begun(each.remedy(language)),
        each.state != "absent" and bool(tests_for(each.id, settings)),
    )


def detail(looked: Looked, each: Section, session: Session, language: Language) -> SectionDetail:
    """One section whole."""
    say, first = texts(language), each.troubles[0] if each.troubles else None
    event = events()[first.event] if first else None
    role = next((role for role, id_ in ROLES.items() if id_ == each.id), "")
    days = looked.days.get(role, ())
    return SectionDetail(
        line(each, language, session.tools.settings),
        say.t(f"tech.who.{event.who}") if event else "",
        first.said if first else "",
        _drawing(first.event) if first else None,
        tuple(other.sentence(language) for other in each.troubles[1:4]),
        tuple(_facts(each, say)),
        _trend(days) if sum(work for _, work, _ in days) else (),
        say.t("tech.section.trend"),
        tuple(_acts(each, role, session, say)),
    )


def _drawing(event: str) -> PictureKind | None:
    last = event.rpartition(".")[2]
    if "licence-printer.paper" in event and not event.endswith("jammed"):
        return "forms"  # sheets in a tray, no roll
    kind = DRAWINGS.get(last)
    return "sheet-path" if kind == "paper-path" and "licence-printer" in event else kind


def _facts(each: Section, say: Texts) -> list[Fact]:
    times = (("since", each.since), ("last-pass", each.last_pass), ("last-fail", each.last_fail))
    found = [Fact(say.t(f"tech.section.{name}"), moment(at)) for name, at in times if at is not None]
    if "firmware" in each.told:
        found.append(Fact(say.t("tech.section.firmware"), each.told["firmware"] or say.t("tech.profile.not-told")))
    found += [Fact(say.t(f"tech.counter.{name}"), f"{value:g}") for name, value in each.counters.items()]
    if each.trend:
        found.append(Fact(say.t("tech.section.trend-word"), say.t(f"tech.trend.{each.trend}")))
    return found


def moment(at: datetime) -> str:
    """Month, day and time."""
    return f"{at:%m-%d %H:%M}"


def _trend(days: tuple[tuple[str, int, int], ...]) -> tuple[TrendPoint, ...]:
    most = max((fails for _, _, fails in days), default=0)
    return tuple(
        TrendPoint(day[5:], fails / most if most else 0.0, str(fails), bad=fails > 0 and fails == most)
        for day, _, fails in days
    )


def _acts(each: Section, role: str, session: Session, say: Texts) -> list[WorkLine]:
    acts: list[WorkLine] = []
    fitted_here = not role or role in session.tools.settings.devices
    if each.state == "absent" or session.workshop is None or not fitted_here:
        return acts
    if each.id in REFILLED and session.may("refill"):
        acts.append(WorkLine("refill", say.t("tech.work.short.refill"), "receipt_long"))
    if role and session.may("restart-device"):
        acts.append(WorkLine("restart-device", say.t("tech.work.short.restart-device"), "refresh"))
    if each.id == "storage" and session.may("intents"):
        acts.append(WorkLine("intents", say.t("tech.work.short.intents"), "help"))
    first = each.troubles[0].event if each.troubles else ""
    if role and first.startswith("device.any.") and session.may("port"):
        acts.append(WorkLine("port", say.t("tech.work.short.port"), "build"))
    return acts
