"""Sections of devices, and of the power that a cabinet's board tells of: facts in, sections out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from config.supervision import supervision
from kiosk.diagnostics.facts import DeviceFact, Facts
from kiosk.diagnostics.firmware import UPS, Change
from kiosk.diagnostics.history import Past, trend
from kiosk.diagnostics.sections import ROLES, Section, Trouble, section
from kiosk.events import device_event
from kiosk.supervision.rules import Tries

POWER: Final = frozenset({"cabinet.on-battery", "cabinet.battery-low"})
BY_CABLE: Final = frozenset({"id_card", "receipt_printer", "payment_pad", "barcode", "cabinet"})
"""Families whose plugs fit into each other's ports."""
MISTAKEN: Final = frozenset({"no-answer", "wrong-device", "protocol-error"})
"""How a device looks that is asked in another one's language."""
GONE: Final = frozenset({"link-lost", "link-refused", "link-error", "port-missing", "no-link"})
"""How a device looks that has no power, or whose line is cut."""


def device_sections(facts: Facts, past: Mapping[str, Past]) -> Iterator[Section]:
    """One for every place that a profile can fill."""
    known = {device.role: device for device in facts.devices}
    common = dict(_common(facts))
    for role, id_ in ROLES.items():
        device = known.get(role)
        if device is None:
            left = [Trouble(e.event, "attention", cause="removed", what=e.what) for e in facts.left if e.role == role]
            if left:
                yield section(id_, left, "")
            elif role != "code_camera":  # most terminals have none, and nobody misses it
                yield Section(id_, "absent")
            continue
        yield _one(facts, device, id_, past.get(role, Past()), common.get(id_))
    yield _power(facts, known.get("cabinet"), past.get(UPS, Past()))


def _common(facts: Facts) -> Iterator[tuple[str, Trouble]]:
    """Section -> what several devices have in common: swapped plugs, a power strip or hub, the switch of the hall."""
    known = [device for device in facts.devices if device.role in ROLES]
    cut = [d for d in known if d.cause in GONE]
    powerless = sum(not d.networked for d in cut) > 1
    away = [d for d in known if d.networked and d.cause in GONE | {"no-answer"}]
    kinds = (
        ("device.any.strip", 2, cut if powerless else []),
        ("network.hall", 1, away if facts.platform.trouble == "unreachable" and not powerless else []),
        ("device.any.several", 2, [d for d in known if d.family in BY_CABLE and d.cause in MISTAKEN]),
    )
    for event, least, found in kinds:
        lost = tuple(ROLES[device.role] for device in found)
        if len(lost) >= least:
            yield from ((id_, Trouble(event, "fault", cause=event.rpartition(".")[2], devices=lost)) for id_ in lost)


def _one(facts: Facts, device: DeviceFact, id_: str, past: Past, common: Trouble | None) -> Section:
    counters = dict(_counters(facts, device, past))
    times: dict[str, Any] = {"since": past.since, "last_pass": past.last_pass, "last_fail": past.last_fail}
    times["told"] = {"model": device.model, "serial": device.serial, "firmware": device.firmware}
    troubles = [t for t in troubles_of(device, id_) if t.event not in POWER]
    troubles += firmware_troubles(id_, device.firmware, device.unfit, past.firmware)
    if common is not None:
        troubles.append(common)
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


def firmware_troubles(id_: str, firmware: str, unfit: str, change: Change | None) -> Iterator[Trouble]:
    """A firmware that the profile does not want, and one that nobody has looked at yet."""
    if unfit:
        yield Trouble("device.any.firmware-unfit", "attention", id_, f"firmware-{unfit}", firmware)
    if change is not None and change.now == firmware:
        yield Trouble("device.any.firmware-changed", "attention", id_, "firmware-changed", change.words)


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


def _power(facts: Facts, board: DeviceFact | None, past: Past) -> Section:
    """Of the UPS where one is set up, of what the cabinet's board tells, or of both."""
    power = facts.power
    if board is None and not power.has_ups:
        return Section("power", "absent")
    troubles = [t for t in troubles_of(board, "cabinet") if t.event in POWER] if board is not None else []
    charge = f"{power.charge:.0f} %" if power.charge is not None else "-"
    if power.on_battery and not troubles:
        troubles.append(Trouble("cabinet.on-battery", "fault", cause="on-battery"))
    if event := _PHASES.get(power.phase):
        troubles.append(Trouble(event, "fault", cause=power.phase, what=charge))
    if power.trouble:
        troubles.append(Trouble("power.ups-unheard", "attention", cause="ups-unheard", what=power.trouble))
    if power.worn:
        troubles.append(Trouble("power.battery-worn", "attention", cause="battery-worn", what=power.model))
    troubles += firmware_troubles("power", power.firmware, "", past.firmware)
    if not troubles and not power.source and (board is None or not board.usable):
        return Section("power", "unknown")
    counters = {} if power.charge is None else {"charge_percent": round(power.charge)}
    if power.runtime_s is not None:
        counters["runtime_min"] = round(power.runtime_s / 60)
    note = ", ".join(filter(None, (power.model, charge if power.charge is not None else "")))
    told = {"model": power.model, "serial": power.serial, "firmware": power.firmware}
    return section("power", troubles, note, since=power.since, counters=counters, told=told)


_PHASES: Final = {"shed": "power.on-battery", "closing": "power.switching-off", "off": "power.switching-off"}
