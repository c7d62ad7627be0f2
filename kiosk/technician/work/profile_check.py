"""What the profile expects against what is there: every difference named, nothing at the devices changed."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Literal

from config.expected import Expected
from config.ports import PortsError, read_ports
from config.settings import Settings
from drivers.device import Device, DeviceState, Status
from drivers.discovery import Candidate, serial_candidates
from drivers.recorder import without_password
from drivers.registry import full_name, known
from kiosk.diagnostics.facts import Facts
from kiosk.diagnostics.firmware import UPS, Change
from kiosk.diagnostics.gather import facts_now
from kiosk.diagnostics.history import History

if TYPE_CHECKING:
    from kiosk.workshop import Workshop

log = logging.getLogger(__name__)

What = Literal[
    "device", "model", "serial", "driver", "port", "unstable-port", "changed-port", "ports-file",
    "firmware-refused", "firmware-too-old", "firmware-changed",
]  # fmt: skip
NOT_TOLD: Final = "not told"
_THERE: Final = frozenset({DeviceState.ONLINE, DeviceState.BUSY, DeviceState.USER_ERROR})
PLUG_NAMES: Final = ("/dev/ttyUSB", "/dev/ttyACM", "/dev/video")
"""Names that change with the order of plugging; by-id and by-path do not."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference. `role` is the place in the profile; "" for what belongs to none."""

    role: str
    what: What
    expected: str
    found: str


@dataclass(frozen=True, slots=True)
class Known:
    """What a device says of itself, "" where it does not, and its driver with the driver's package."""

    role: str
    model: str
    driver: str
    serial: str = ""
    firmware: str = ""


@dataclass(frozen=True, slots=True)
class Checked:
    """Every device with what it says of itself, and the differences, by place in the profile."""

    devices: tuple[Known, ...]
    differences: tuple[Difference, ...]


async def check_profile(workshop: Workshop, who: str, ports: Sequence[Candidate] | None = None) -> Checked:
    """Compare, and record how many differences there were. `ports`: by default those of this machine.

    A firmware that changed since the check before is told once: this is the look at it.
    """
    settings = workshop.tools.settings
    here = {str(each.device.name): each.device for each in workshop.supervisors}
    changes = await asyncio.to_thread(_changes, settings, await facts_now(workshop, (0, 0)))
    found = compared(settings, here, serial_candidates() if ports is None else ports, changes)
    body = {"devices": len(found.devices), "differences": len(found.differences), "who": who}
    await workshop.tools.journal.note("", "work.profile-check", body)
    return found


def _changes(settings: Settings, facts: Facts) -> Mapping[str, Change]:
    try:
        return History(settings.state_dir).firmware_changes(facts)
    except (OSError, sqlite3.Error, ValueError) as error:
        log.warning("profile check: nothing is known of the firmware before: %s", error)
        return {}


def compared(
    settings: Settings,
    devices: dict[str, Device],
    ports: Sequence[Candidate],
    changes: Mapping[str, Change] = MappingProxyType({}),
) -> Checked:
    """As `check_profile`, without a record."""
    packages = {each.name: each.package for each in known()}
    differences: list[Difference] = []
    rows: list[Known] = []
    for role, wanted in settings.devices.items():
        device = devices.get(role)
        family = device.family if device is not None else role
        driver = full_name(family, wanted.driver)
        status = device.status if device is not None else None
        named = f"{driver} ({packages.get(driver, '?')})"
        rows.append(
            Known(role, "", named)
            if status is None
            else Known(role, status.model, named, status.serial, status.firmware)
        )
        differences += _of_device(role, wanted.link, status)
        if driver not in packages:
            differences.append(Difference(role, "driver", driver, "not installed"))
        if status is not None and wanted.expects is not None:
            differences += _of_expectation(role, wanted.expects, status)
        differences += _of_port(role, wanted.link, ports)
    differences += [
        Difference(
            role.upper() if role == UPS else role,
            "firmware-changed",
            each.before,
            f"{each.now} ({each.since:%Y-%m-%d})",
        )
        for role, each in sorted(changes.items())
    ]
    differences += _changed(settings)
    ours = version("weihai-kiosk")
    return Checked((Known("", ours, "weihai-kiosk"), *rows), tuple(differences))


def _of_device(role: str, link: str, status: Status | None) -> list[Difference]:
    if status is not None and status.device in _THERE:
        return []
    state = str(status.device) if status is not None else "not made"
    cause = f" ({status.fault.cause})" if status is not None and status.fault else ""
    return [Difference(role, "device", without_password(link), f"{state}{cause}")]


def _of_expectation(role: str, expects: Expected, status: Status) -> list[Difference]:
    if status.device not in _THERE:
        return []
    pairs: tuple[tuple[What, str, str], ...] = (
        ("model", expects.model, status.model),
        ("serial", expects.serial, status.serial),
    )
    found = [
        Difference(role, what, expected, said or NOT_TOLD)
        for what, expected, said in pairs
        if expected and expected.casefold() not in said.casefold()
    ]
    match expects.unfit(status.firmware):
        case "refused":
            bad = ", ".join(expects.firmware_refused)
            found.append(Difference(role, "firmware-refused", f"not {bad}", status.firmware))
        case "too-old":
            found.append(Difference(role, "firmware-too-old", f">= {expects.firmware_min}", status.firmware))
        case _ if expects.firmware_min and not status.firmware:
            found.append(Difference(role, "firmware-too-old", f">= {expects.firmware_min}", NOT_TOLD))
    return found


def _of_port(role: str, link: str, ports: Sequence[Candidate]) -> list[Difference]:
    path = link.split("://", 1)[-1].split("?", 1)[0]
    if not path.startswith("/dev/"):
        return []
    stable = {each.now: each.path for each in ports}
    found: list[Difference] = []
    if path.startswith("/dev/tty") and path not in stable and path not in stable.values():
        found.append(Difference(role, "port", path, "no such port"))
    if path.startswith(PLUG_NAMES):
        found.append(Difference(role, "unstable-port", stable.get(path, "/dev/serial/by-id/..."), path))
    return found


def _changed(settings: Settings) -> list[Difference]:
    try:
        ports = read_ports(settings.state_dir)
    except PortsError as error:
        return [Difference("", "ports-file", "readable", str(error)[:160])]
    return [
        Difference(role, "changed-port", without_password(port.instead_of), without_password(port.link))
        for role, port in sorted(ports.items())
    ]
