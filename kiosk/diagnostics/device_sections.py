"""Sections of devices, and of the power that a cabinet's board tells of: facts in, sections out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from config.supervision import supervision
from kiosk.diagnostics.facts import DeviceFact, Facts
from kiosk.diagnostics.history import Past, trend
from kiosk.diagnostics.sections import ROLES, Section, Trouble, section
from kiosk.events import device_event
from kiosk.supervision import Tries

POWER: Final = frozenset({"cabinet.on-battery", "cabinet.battery-low"})
BY_CABLE: Final = frozenset({"id_card", "receipt_printer", "payment_pad", "barcode", "cabinet"})
"""Families whose plugs fit into each other's ports."""
MISTAKEN: Final = frozenset({"no-answer", "wrong-device", "protocol-error"})
"""How a device looks that is asked in another one's language."""


def device_sections(facts: Facts, past: Mapping[str, Past]) -> Iterator[Section]:
    """One for every place that a profile can fill."""
    known = {device.role: device for device in facts.devices}
    lost = [ROLES[d.role] for d in facts.devices if d.family in BY_CABLE and d.cause in MISTAKEN and d.role in ROLES]
    several = Trouble("device.any.several", "fault", cause="several", what=", ".join(lost)) if len(lost) > 1 else None
    for role, id_ in ROLES.items():
        device = known.get(role)
        if device is None:
            if role != "code_camera":  # most terminals have none, and nobody misses it
                yield Section(id_, "absent")
            continue
        yield _one(facts, device, id_, past.get(role, Past()), several if id_ in lost else None)
    yield _power(known.get("cabinet"))


def _one(facts: Facts, device: DeviceFact, id_: str, past: Past, several: Trouble | None) -> Section:
    counters = dict(_counters(facts, device, past))
    times: dict[str, Any] = {"since": past.since, "last_pass": past.last_pass, "last_fail": past.last_fail}
    troubles = [t for t in troubles_of(device, id_) if t.event not in POWER]
    if several is not None:
        troubles.append(several)
    if id_ == "reader" and (failing := _failing(facts)):
        troubles.append(failing)
    if not troubles and not device.usable:
        return Section(id_, "unknown", device.state, counters=counters, **times)
    if id_ == "receipt-printer" and facts.metres_left is not None:
        left = f" (~{facts.metres_left:.0f} m)"
        troubles = [_with(t, left) if t.event.endswith("paper-low") else t for t in troubles]
    return section(id_, troubles, device.model, counters=counters, trend=trend(past), **times)


def troubles_of(device: DeviceFact, id_: str) -> list[Trouble]:
    """The fault of a device, then its warnings."""
    found = []
    if device.cause:
        event = device_event(device.family, device.cause)
        found.append(Trouble(event.id, "fault", id_, device.cause, _what(event.id, device.cause), device.said))
    for cause, said in device.warnings:
        event = device_event(device.family, cause)
        # A warning keeps nobody from being served; only what threatens the whole terminal counts as a fault.
        state = "fault" if event.severity == "alarm" else "attention"
        found.append(Trouble(event.id, state, id_, cause, _what(event.id, cause), said))  # type: ignore[arg-type]  # two words of State
    return found


def _what(event: str, cause: str) -> str:
    return "" if event.endswith("paper-low") else cause


def _with(trouble: Trouble, what: str) -> Trouble:
    return Trouble(trouble.event, trouble.state, trouble.device, trouble.cause, what, trouble.said)


def _failing(facts: Facts) -> Trouble | None:
    if not Tries(facts.cards_tried, facts.cards_failed).over(supervision().rules["reader-failing"]):
        return None
    what = f"{facts.cards_failed}/{facts.cards_tried}"
    return Trouble("device.id-card.failing", "attention", "reader", "reader-failing", what)


def _counters(facts: Facts, device: DeviceFact, past: Past) -> Iterator[tuple[str, float]]:
    yield "operations_7_days", past.operations
    yield "failures_7_days", past.failures
    if past.operations:
        yield "failed_per_hundred", round(100 * past.failures / past.operations, 1)
    if device.role == "id_card":
        yield "cards_last_hour", facts.cards_tried
        if facts.cards_tried:
            yield "cards_failed_per_hundred", round(100 * facts.cards_failed / facts.cards_tried, 1)
    if device.role == "receipt_printer" and facts.metres_left is not None:
        yield "metres_left", round(facts.metres_left, 1)
    if device.role == "licence_printer":
        yield "jobs_on_the_toner", past.on_supply


def _power(board: DeviceFact | None) -> Section:
    if board is None:
        return Section("power", "absent")
    if not board.usable:
        return Section("power", "unknown")
    return section("power", [t for t in troubles_of(board, "cabinet") if t.event in POWER], "")
