"""How the terminal is, as the platform hears it (`Heartbeat` of config/platform/devices.yaml). Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, get_args

from config.settings import Family
from drivers.device import Device, DeviceState, Status
from kiosk.journal import Row
from kiosk.supervision.device_faults import cause_name, module_name

MOST_MODULES = 32
MAX_COUNT = 10**12


def module_state(status: Status) -> int:
    """0 not known or starting, 1 well, 2 well with a warning, 3 a citizen can mend it, 4 out of work."""
    if status.device is DeviceState.STARTING:
        return 0
    if status.usable:
        return 2 if status.warnings else 1
    return 3 if status.fault is not None and status.fault.who == "citizen" else 4


def modules(devices: Iterable[Device]) -> list[dict[str, Any]]:
    """Every device, and -1 for each family that this terminal does not have."""
    found: list[dict[str, Any]] = []
    families = set()
    for device in devices:
        status = device.status
        families.add(device.family)
        fault = status.fault or (status.warnings[0] if status.warnings else None)
        found.append(
            {
                "module": module_name(device.name),
                "state": module_state(status),
                "cause": cause_name(fault.cause) if fault else "",
            }
        )
    named = {entry["module"] for entry in found}
    absent = [f for f in get_args(Family) if f not in families and f not in named]
    return [*found, *({"module": f, "state": -1, "cause": ""} for f in absent)][:MOST_MODULES]


def counters(devices: Iterable[Device]) -> dict[str, int]:
    """What the devices have done since the terminal started."""
    found: dict[str, int] = {}
    for device in devices:
        name, count = module_name(device.name), device.counters
        found |= {
            f"{name}.operations": min(count.operations, MAX_COUNT),
            f"{name}.failures": min(count.failures, MAX_COUNT),
        }
    return dict(list(found.items())[:90])


def journal_part(rows: Sequence[Row], trouble: str, now: datetime) -> dict[str, Any]:
    """What waits on disk, how old the oldest is (seconds), why the journal cannot be written."""
    oldest = 0
    if rows:
        oldest = max(0, int((now - datetime.fromisoformat(rows[0].at)).total_seconds()))
    return {
        "waiting": len(rows),
        "oldest_s": min(oldest, 100_000_000),
        "trouble": cause_name(trouble)[:60] if trouble else "",
    }


def clock_part(now: datetime, platform_now: datetime) -> dict[str, Any]:
    """Our time, and the platform's minus ours in milliseconds."""
    limit = 10**13
    off = int((platform_now - now).total_seconds() * 1000)
    return {"at": now.isoformat(timespec="seconds"), "off_ms": max(-limit, min(limit, off))}


def heartbeat(
    state: str,
    devices: Sequence[Device],
    stock: Mapping[str, int],
    available: int,
    journal: Mapping[str, Any],
    clock: Mapping[str, Any],
) -> dict[str, Any]:
    """The whole body. `available`: how many services can be started now."""
    return {
        "state": state,
        "modules": modules(devices),
        "counters": {**counters(devices), "services.available": available},
        "stock": {f"forms.{name}": min(max(count, 0), MAX_COUNT) for name, count in list(stock.items())[:50]},
        "journal": dict(journal),
        "clock": dict(clock),
    }
