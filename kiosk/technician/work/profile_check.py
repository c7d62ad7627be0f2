"""What the profile expects against what is there: every difference named, nothing changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING, Final, Literal

from config.ports import PortsError, read_ports
from config.settings import Settings
from drivers.device import Device, DeviceState, Status
from drivers.discovery import Candidate, serial_candidates
from drivers.recorder import without_password
from drivers.registry import full_name, known

if TYPE_CHECKING:
    from kiosk.workshop import Workshop

What = Literal["device", "model", "serial", "driver", "port", "unstable-port", "changed-port", "ports-file"]
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
class Checked:
    """Every device with what it says of itself, and the differences, by place in the profile."""

    devices: tuple[tuple[str, str, str], ...]
    """(role, model, driver with its package)."""
    differences: tuple[Difference, ...]


async def check_profile(workshop: Workshop, who: str, ports: Sequence[Candidate] | None = None) -> Checked:
    """Compare, and record how many differences there were. `ports`: by default those of this machine."""
    settings = workshop.tools.settings
    here = {str(each.device.name): each.device for each in workshop.supervisors}
    found = compared(settings, here, serial_candidates() if ports is None else ports)
    body = {"devices": len(found.devices), "differences": len(found.differences), "who": who}
    await workshop.tools.journal.note("", "work.profile-check", body)
    return found


def compared(settings: Settings, devices: dict[str, Device], ports: Sequence[Candidate]) -> Checked:
    """As `check_profile`, without a record."""
    packages = {each.name: each.package for each in known()}
    differences: list[Difference] = []
    rows: list[tuple[str, str, str]] = []
    for role, wanted in settings.devices.items():
        device = devices.get(role)
        family = device.family if device is not None else role
        driver = full_name(family, wanted.driver)
        status = device.status if device is not None else None
        rows.append((role, status.model if status else "", f"{driver} ({packages.get(driver, '?')})"))
        differences += _of_device(role, wanted.link, status)
        if driver not in packages:
            differences.append(Difference(role, "driver", driver, "not installed"))
        if status is not None and wanted.expects is not None:
            differences += _of_expectation(role, wanted.expects.model, wanted.expects.serial, status)
        differences += _of_port(role, wanted.link, ports)
    differences += _changed(settings)
    ours = version("weihai-kiosk")
    return Checked((("", ours, "weihai-kiosk"), *rows), tuple(differences))


def _of_device(role: str, link: str, status: Status | None) -> list[Difference]:
    if status is not None and status.device in _THERE:
        return []
    state = str(status.device) if status is not None else "not made"
    cause = f" ({status.fault.cause})" if status is not None and status.fault else ""
    return [Difference(role, "device", without_password(link), f"{state}{cause}")]


def _of_expectation(role: str, model: str, serial: str, status: Status) -> list[Difference]:
    pairs: tuple[tuple[What, str, str], ...] = (("model", model, status.model), ("serial", serial, status.serial))
    return [
        Difference(role, what, expected, said or "says nothing")
        for what, expected, said in pairs
        if expected and expected.casefold() not in said.casefold() and status.device in _THERE
    ]


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
