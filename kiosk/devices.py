"""The devices of the profile, made by the drivers that it names, supervised and recorded as it says."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TypeVar

from config.load import SettingsError
from config.settings import ROLES, Role, Settings
from drivers.absent import absent, is_absent
from drivers.device import Device
from drivers.recorder import Recorder
from drivers.registry import full_name, make
from drivers.supervisor import Supervisor

log = logging.getLogger(__name__)
D = TypeVar("D", bound=Device)
MIB = 1 << 20


def make_or_absent(settings: Settings, role: Role, kind: type[D]) -> D:
    """As `make_device`; where the profile names none, what stands there instead (`drivers.absent`)."""
    return make_device(settings, role, kind) if role in settings.devices else absent(kind, role)


def fitted(devices: Iterable[Device]) -> list[Device]:
    """Those that are there."""
    return [device for device in devices if not is_absent(device)]


def make_device(settings: Settings, role: Role, kind: type[D]) -> D:
    """The device of `role`, a `kind`, named as its role.

    Raises `SettingsError` that says which line of the profile is wrong, or that it names none.
    """
    wanted = settings.devices.get(role)
    if wanted is None:
        raise SettingsError(f"devices.{role}: this terminal has none; name its driver and link in the profile")
    try:
        return make(ROLES.get(role, role), wanted.driver, kind, wanted.link, wanted.options, name=role)
    except ValueError as error:
        raise SettingsError(f"devices.{role}: {error}") from error


def role_of(device: Device) -> str:
    """The place in the profile that `device` was made for: its own, or its family's."""
    return device.name if device.name in ROLES else device.family


def supervised(settings: Settings, devices: Sequence[Device]) -> list[Supervisor]:
    """A supervisor for each device, in the rhythm of its driver or of the profile."""
    made = []
    for device in devices:
        wanted = next((s.rhythm for role, s in settings.devices.items() if role == role_of(device)), None)
        rhythm = replace(device.rhythm, **wanted.model_dump(exclude_none=True)) if wanted else None
        made.append(Supervisor(device, rhythm))
    return made


def recorded(settings: Settings, devices: Sequence[Device]) -> Recorder | None:
    """A recorder that listens to every device, when the profile asks for one. A disk that refuses is only logged."""
    if settings.trace_dir is None:
        return None
    try:
        recorder = Recorder(settings.trace_dir, settings.trace_mb * MIB)
    except OSError:
        log.exception("no recording in %s", settings.trace_dir)
        return None
    by_role = {str(role): wanted for role, wanted in settings.devices.items()}
    for device in devices:
        wanted = by_role.get(role_of(device))
        if wanted is not None:
            driver = full_name(device.family, wanted.driver)
            recorder.attach(device, driver, wanted.link, wanted.options)
    return recorder
