"""Which entries of the journal are told to the fleet, as which event, with which members. Pure.

The chain is the store of store-and-forward: a fact and what is told of it are the same row, so nothing can be done and
not told, or told and not done. What is not in `RULES` is never told.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any, Final

from config.fleet_contract import MOST_DETAIL, MOST_TEXT, VERSION, EventClass, EventRow, Severity
from config.health_rules import health_rules
from config.settings import ROLES as CAMERA_ROLES
from kiosk.diagnostics.sections import ROLES
from kiosk.events import Event, device_event, events


@dataclass(frozen=True, slots=True)
class Rule:
    """Entries whose kind is `kind`, or begins with it where it ends with a dot."""

    kind: str
    told_as: EventClass
    event: str
    detail: tuple[str, ...] = ()


RULES: Final = (
    Rule("charge.", "money", "money.moved", ("intent", "fen", "cause")),
    Rule("qr.", "money", "money.moved", ("intent", "fen", "cause")),
    Rule("settlement.difference", "money", "money.difference", ("day", "kind", "fen")),
    Rule("submit.", "visit", "act.moved", ("intent", "cause")),
    Rule("print.minted", "visit", "act.moved", ("intent",)),
    Rule("print.authorised", "visit", "act.moved", ("intent",)),
    Rule("print.sent", "visit", "act.moved", ("intent",)),
    Rule("print.done", "visit", "act.moved", ("intent", "pages")),
    Rule("print.refused", "visit", "act.moved", ("intent", "cause")),
    Rule("print.unclear", "visit", "act.moved", ("intent", "cause")),
    Rule("visit.opened", "visit", "visit.opened"),
    Rule("visit.closed", "visit", "visit.closed", ("how", "left")),
    Rule("rated", "visit", "visit.rated", ("level", "service")),
    Rule("power.mains", "device", "power.back", ("charge",)),
    Rule("power.battery", "device", "cabinet.on-battery", ("charge",)),
    Rule("power.shed", "device", "power.on-battery", ("charge",)),
    Rule("power.closing", "device", "power.switching-off", ("charge",)),
    Rule("power.off", "device", "power.switching-off", ("charge",)),
    Rule("update.failed", "technician", "updates.failed", ("version", "method")),
    Rule("update.rolled-back", "technician", "updates.rolled-back", ("version", "method")),
    Rule("update.set-aside", "technician", "updates.set-aside", ("version", "method")),
    Rule("update.", "technician", "updates.trying", ("version", "method")),
    Rule("work.", "technician", "technician.act"),
    Rule("service.", "technician", "technician.act", ("reason",)),
    Rule("device-test", "telemetry", "technician.act", ("test", "step", "outcome")),
    Rule("technician", "technician", "technician.act", ("act", "phase", "outcome", "role")),
    Rule("technician.book-lost", "technician", "technician.book-lost", ("cause",)),
    Rule("technician.", "technician", "technician.act", ("what", "role")),
    Rule("remote.stranger", "technician", "remote.stranger", ("uid", "count")),
    Rule("command.ended", "technician", "fleet.order", ("command", "name", "state", "via")),
    Rule("command.forged", "technician", "fleet.forged", ("cause", "count")),
    Rule("journal.quarantined", "device", "storage.held"),
    Rule("journal.lost", "device", "storage.held"),
    Rule("boot", "telemetry", "terminal.started", ("entries",)),
    Rule("clock.jumped", "telemetry", "time.jumped", ("seconds",)),
    Rule("clock.off", "telemetry", "time.off", ("seconds",)),
    Rule("catalogue.switched", "telemetry", "updates.switched", ("version",)),
)
STATE_OF: Final = frozenset({"charge", "qr", "submit", "print"})
NOT_SETTLED: Final = frozenset({"unknown", "owed", "lapsed"})
"""States of a payment that somebody should look at."""
_FAMILIES: Final[Mapping[str, str]] = {str(role): family for role, family in CAMERA_ROLES.items()}
_REFERENCE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:+-]{0,59}")
_MANY_DIGITS: Final = re.compile(r"(?<![0-9a-f-])[0-9]{11,}|[0-9]{17}[0-9Xx]")
"""Numbers of people (phones, identity cards) have so many digits in a row; no reference of ours begins like that."""
_MINTED: Final = re.compile(r"[a-z]{2,6}-[0-9a-f]{16,20}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
"""Ids that were drawn at random; by chance they may hold many digits."""


def rule_of(kind: str) -> Rule | None:
    """The rule for a kind of entry; None: it is not told."""
    return next((r for r in RULES if kind == r.kind or (r.kind.endswith(".") and kind.startswith(r.kind))), None)


def told(entry: Mapping[str, Any], chain: str, session: str) -> EventRow | None:
    """The event of an entry (seq, at, kind, body as an object); None when it is not for the fleet."""
    kind, body = str(entry["kind"]), entry["body"]
    if kind == "device.fault":
        return _row(entry, chain, session, _device(body), "device", _detail(body, ("cause", "open")))
    if kind.startswith("supply."):
        cause = kind.partition(".")[2]
        return _row(entry, chain, session, _device({**body, "cause": cause}), "device", _detail({"cause": cause}))
    if kind in ("health.broken", "health.mended"):
        return _row(entry, chain, session, _health(kind, body), "device", _detail(body, ("rule", "value")))
    rule = rule_of(kind)
    if rule is None:
        return None
    detail = _detail(body, rule.detail)
    if rule.told_as == "technician":
        detail = {**_detail({"entry": kind}), **detail}
    event = events()[rule.event]
    family, _, state = kind.partition(".")
    if family in STATE_OF and rule.event.endswith(".moved"):
        detail = {"kind": family, "state": state, **detail}
        if family in ("charge", "qr") and state in NOT_SETTLED:
            event = events()["money.open"]
    return _row(entry, chain, session, (event, "", event.severity), rule.told_as, detail)


def dropped(first: int, last: int, count: int, chain: str, session: str, at: str) -> EventRow:
    """That `count` events of the entries `first` to `last` are not told any more."""
    event = events()["fleet.dropped"]
    entry = {"seq": last, "at": at, "body": {}}
    detail = {"count": count, "from": first, "to": last}
    return _row(entry, chain, session, (event, "", event.severity), "telemetry", detail)


def _device(body: Mapping[str, Any]) -> tuple[Event, str, Severity]:
    """The event of a device's fault, its section, its severity: info when it is over."""
    role = str(body.get("module", body.get("device", "")))
    event = device_event(_FAMILIES.get(role, role), str(body.get("cause", "")))
    return event, ROLES.get(role, ""), event.severity if body.get("open", True) else "info"


def _health(kind: str, body: Mapping[str, Any]) -> tuple[Event, str, Severity]:
    """The event of a rule of config/health.toml; info when it is over."""
    rule = next((each for each in health_rules().rule if each.id == body.get("rule")), None)
    event = events()[rule.event if rule else "terminal.started"]
    return event, "", event.severity if kind == "health.broken" else "info"


def _row(
    entry: Mapping[str, Any],
    chain: str,
    session: str,
    what: tuple[Event, str, Severity],
    told_as: EventClass,
    detail: dict[str, Any],
) -> EventRow:
    event, device, severity = what
    return {
        "v": VERSION,
        "session": session,
        "chain": chain,
        "n": int(entry["seq"]),
        "id": event.id,
        "class": told_as,
        "at": str(entry["at"]),
        "device": device,
        "severity": severity,
        "detail": detail,
    }


def _detail(body: Mapping[str, Any], names: tuple[str, ...] | None = None) -> dict[str, Any]:
    """The named members that are numbers, yes or no, or references in one word; anything else is left out."""
    found: dict[str, Any] = {}
    for name in names if names is not None else tuple(body):
        value = body.get(name)
        # What is no number (a measurement that failed) cannot be told, and must not keep the chain behind it away.
        if (isinstance(value, bool | int | float) and isfinite(value)) or (
            isinstance(value, str) and _is_reference(value)
        ):
            found[name] = value
    return dict(list(found.items())[:MOST_DETAIL])


def _is_reference(value: str) -> bool:
    if _MINTED.fullmatch(value):
        return True
    return len(value) <= MOST_TEXT and bool(_REFERENCE.fullmatch(value)) and not _MANY_DIGITS.search(value)
