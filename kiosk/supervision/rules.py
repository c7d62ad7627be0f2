"""The terminal's own red and yellow rules (config/supervision.toml), pure: what is there, now, gives what is wrong.

`Seen` is one look at the journal, the devices, the clock and the network; `findings` says which rules it breaks.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from config.supervision import Rule, supervision
from drivers.device import DeviceState, Status, Supply
from kiosk.intents import Intent, Kind

DOOR_CAUSES = frozenset({"door-open", "cover-open"})


@dataclass(frozen=True, slots=True)
class Tries:
    """How often something was tried and failed within the last hour."""

    tried: int = 0
    failed: int = 0

    def over(self, rule: Rule) -> bool:
        """True when so many failed that the rule is broken."""
        return self.tried >= max(1, rule.least) and self.failed * 100 > rule.percent * self.tried


@dataclass(frozen=True, slots=True)
class Waiting:
    """A row of the outbox: what it is about, and since when it waits (aware)."""

    topic: str
    since: datetime


@dataclass(frozen=True, slots=True)
class DeviceSeen:
    """A device as it is now; `since` (aware) it has been so, None where nobody knows."""

    status: Status
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """One look at the terminal. Times are aware; seconds are seconds."""

    now: datetime
    intents: Collection[Intent] = ()
    waiting: Collection[Waiting] = ()
    devices: Mapping[str, DeviceSeen] = field(default_factory=dict)
    doors: Collection[str] = ()
    cards: Tries = Tries()
    faces: Tries = Tries()
    silent_s: float = 0.0
    skew_s: float = 0.0
    certificates: Mapping[str, datetime] = field(default_factory=dict)
    fee_differs: Collection[datetime] = ()
    chain: str = ""
    """What is wrong with the chain of the journal, "" nothing."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule is broken: where (`module`), by what (`what`: a reference, nothing personal), since when."""

    rule: Rule
    module: str
    what: str
    since: datetime

    @property
    def light(self) -> Literal["yellow", "red"]:
        """How urgent it is."""
        return self.rule.light


def findings(seen: Seen, rules: Mapping[str, Rule] | None = None) -> tuple[Finding, ...]:
    """Every rule that is broken, the red ones first."""
    of = rules or supervision().rules
    found = [
        *_acts(seen, of),
        *_devices(seen, of),
        *_rates(seen, of),
        *_lags(seen, of),
        *_ground(seen, of),
    ]
    return tuple(sorted(found, key=lambda f: (f.light != "red", f.rule.number, f.module)))


def _older(rule: Rule, since: datetime, now: datetime) -> bool:
    return now - since > timedelta(seconds=rule.over)


def _acts(seen: Seen, of: Mapping[str, Rule]) -> Iterable[Finding]:
    """Money, prints and submissions that have no end."""
    by_kind = {
        Kind.CHARGE: of["paid-no-result"],
        Kind.QR: of["paid-no-result"],
        Kind.PRINT: of["print-no-outcome"],
        Kind.SUBMIT: of["submit-no-number"],
    }
    for intent in seen.intents:
        rule = by_kind.get(intent.kind)
        since = datetime.fromisoformat(intent.at)
        if rule is not None and intent.open and _older(rule, since, seen.now):
            yield Finding(rule, str(intent.kind), intent.id, since)


def _devices(seen: Seen, of: Mapping[str, Rule]) -> Iterable[Finding]:
    for family, device in seen.devices.items():
        status, since = device.status, device.since or seen.now
        cause = status.fault.cause if status.fault else ""
        if cause in DOOR_CAUSES:
            yield Finding(of["door-open"], family, cause, since)
        elif status.paper in (Supply.OUT, Supply.JAMMED):
            yield Finding(of["paper-out"], family, str(status.paper), since)
        elif status.paper is Supply.LOW or status.toner is Supply.LOW:
            yield Finding(of["paper-low"], family, "low", since)
        down = status.device not in (DeviceState.ONLINE, DeviceState.BUSY, DeviceState.STARTING) and bool(cause)
        if down and _older(of["device-fault"], since, seen.now):
            yield Finding(of["device-fault"], family, cause, since)
    for door in seen.doors:
        yield Finding(of["door-open"], "cabinet", door, seen.now)


def _rates(seen: Seen, of: Mapping[str, Rule]) -> Iterable[Finding]:
    for key, module, tries in (("reader-failing", "id_card", seen.cards), ("face-failing", "face", seen.faces)):
        if tries.over(of[key]):
            yield Finding(of[key], module, f"{tries.failed}/{tries.tried}", seen.now)


def _lags(seen: Seen, of: Mapping[str, Rule]) -> Iterable[Finding]:
    """What waits for the platform: one finding a rule, the oldest row."""
    for key, topics in (("evaluation-lag", {"evaluation"}), ("journal-lag", None)):
        rows = [row for row in seen.waiting if (row.topic in topics if topics else row.topic != "evaluation")]
        oldest = min((row.since for row in rows), default=None)
        if oldest is not None and _older(of[key], oldest, seen.now):
            yield Finding(of[key], "outbox", f"{len(rows)} rows", oldest)


def _ground(seen: Seen, of: Mapping[str, Rule]) -> Iterable[Finding]:
    if seen.silent_s > of["silent"].over:
        rule = of["silent-long"] if seen.silent_s > of["silent-long"].over else of["silent"]
        yield Finding(rule, "network", f"{int(seen.silent_s)} s", seen.now - timedelta(seconds=int(seen.silent_s)))
    if abs(seen.skew_s) > of["clock-skew"].over:
        yield Finding(of["clock-skew"], "clock", f"{seen.skew_s:+.0f} s", seen.now)
    for name, ends in seen.certificates.items():
        if ends - seen.now < timedelta(seconds=of["certificate-ending"].over):
            yield Finding(of["certificate-ending"], "certificate", f"{name} until {ends:%Y-%m-%d}", seen.now)
    fresh = [at for at in seen.fee_differs if not _older(of["fee-differs"], at, seen.now)]
    if fresh:
        yield Finding(of["fee-differs"], "fees", f"{len(fresh)} times", min(fresh))
    if seen.chain:
        yield Finding(of["chain-broken"], "journal", seen.chain[:80], seen.now)
