"""Whether a terminal that was set up can go into service: each check a sentence, and what to do when it is not well."""

from __future__ import annotations

import ctypes
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from config.load import SettingsError
from config.settings import Settings
from kiosk.diagnostics.ground import free_mb
from kiosk.setup.places import Places

WANTED: Final = ("id_card", "receipt_printer", "licence_printer", "payment_pad", "camera")
LEAST_FREE_MB: Final = 2000
STA_UNSYNC: Final = 0x40
"""linux/timex.h: the kernel's clock is not held to a source; chrony and timesyncd clear it."""


@dataclass(frozen=True, slots=True)
class Check:
    """One look. `well` False: citizens miss something, or the terminal does not start; None: worth knowing."""

    name: str
    well: bool | None
    sentence: str
    remedy: str = ""

    def line(self) -> str:
        """For a terminal window."""
        mark = {True: "ok  ", False: "NO  ", None: "note"}[self.well]
        return f"{mark} {self.name}: {self.sentence}" + (f"; {self.remedy}" if self.remedy else "")


def clock_synchronised() -> bool | None:
    """What the kernel says (adjtimex(2)): whoever keeps the time; None where it cannot be asked."""
    try:
        libc = ctypes.CDLL(None, use_errno=True)
        timex = (ctypes.c_long * 64)()  # struct timex is 208 octets on amd64; modes 0 only reads
        if libc.adjtimex(ctypes.byref(timex)) < 0:
            return None
    except (OSError, AttributeError):
        return None
    # struct timex: modes (int, padded), offset, freq, maxerror, esterror, status (int)
    return not int(timex[5]) & STA_UNSYNC


def checks(places: Places, synchronised: bool | None = None) -> Iterator[Check]:
    """Everything that can be looked at while the terminal does not run."""
    try:
        settings = places.settings(places.machine, for_root=True)
    except SettingsError as error:
        yield Check("settings", False, " ".join(str(error).split()), "run `kiosk setup`")
        return
    yield Check("settings", True, f"terminal {settings.terminal.id}, {settings.terminal.hall_en}")
    yield from _devices(settings)
    yield _state(settings.state_dir)
    yield from _certificates(settings)
    yield _clock(clock_synchronised() if synchronised is None else synchronised)
    yield _enrolled(settings)
    yield _technicians(settings)


def _devices(settings: Settings) -> Iterator[Check]:
    missing = [family for family in WANTED if family not in settings.devices]
    forgotten = [family for family in missing if family not in settings.terminal.without]
    if forgotten:
        remedy = f"`kiosk setup`; where there is none, terminal.without = {json.dumps(forgotten)}"
        yield Check("devices", False, f"{_names(forgotten)}: not set up, what needs it is not offered", remedy)
    if left_out := [family for family in missing if family in settings.terminal.without]:
        yield Check("devices", True, f"works without {_names(left_out)}; what needs that is not offered")
    if "payment_pad" in missing and settings.payments.ways == ("card",):
        remedy = 'payments.ways = ["shown"] lets phones pay'
        yield Check("payments", None, "no pad, and cards alone may pay: nothing with a fee is offered", remedy)
    for role, device in settings.devices.items():
        path = device.link.partition("://")[2].partition("?")[0] if "://" in device.link else device.link
        if device.link.startswith(("serial:", "evdev:", "/dev/")) and not Path(path).exists():
            yield Check(role, False, f"{path} is not there", "check plug and cable; `kiosk devices scan`")


def _names(roles: Sequence[str]) -> str:
    return ", ".join(role.replace("_", " ") for role in roles)


def _state(folder: Path) -> Check:
    if not folder.is_dir():
        return Check("state", False, f"{folder} is missing", "systemd-tmpfiles --create weihai-kiosk.conf")
    if folder.stat().st_mode & 0o077:
        return Check("state", False, f"others may look into {folder}", f"chmod 700 {folder}")
    free = free_mb(folder)
    if free < LEAST_FREE_MB:
        return Check("state", False, f"{folder} has {free} MiB left", f"it needs {LEAST_FREE_MB}")
    if folder.stat().st_dev == Path("/").stat().st_dev:
        return Check("state", None, f"{folder} is on the system's partition", "one of its own is advised")
    return Check("state", True, f"{folder}, {free} MiB free")


def _certificates(settings: Settings) -> Iterator[Check]:
    from kiosk.diagnostics.ground import certificates_of

    for each in certificates_of(settings):
        if each.ends is None:
            yield Check(f"certificate {each.name}", False, each.said, "put it into /etc/weihai-kiosk/secrets")
        else:
            yield Check(f"certificate {each.name}", True, f"until {each.ends:%Y-%m-%d}")
    key = settings.platform.client_key
    if key is not None and key.exists() and key.stat().st_mode & 0o077:
        yield Check("key", False, f"others may read {key}", f"chmod 600 {key}")


def _clock(synchronised: bool | None) -> Check:
    if synchronised is None:
        return Check("clock", None, "the kernel does not say whether it is synchronised", "timedatectl")
    if not synchronised:
        return Check("clock", False, "it is not held to a time server", "apt install chrony; chronyc tracking")
    return Check("clock", True, "held to a time server")


def _enrolled(settings: Settings) -> Check:
    from kiosk.device_key import DeviceKeyFile
    from kiosk.keys import MachineKey

    machine = settings.state_dir / "machine.key"
    try:
        if not machine.exists() or not (settings.state_dir / "device.key").exists():
            return Check("enrolment", None, "the platform does not know this terminal yet", _AT_START)
        key = DeviceKeyFile(settings.state_dir, MachineKey.load(machine), settings.platform.signature).load()
    except (OSError, ValueError) as error:
        return Check("enrolment", False, f"the device key cannot be read ({type(error).__name__})", "run as root")
    if key.enrolled_as != settings.terminal.id:
        return Check("enrolment", None, "the platform does not know this terminal yet", _AT_START)
    return Check("enrolment", True, f"known at the platform as {key.enrolled_as}")


_AT_START: Final = "it enrols by itself at its first start, with its activation code"


def _technicians(settings: Settings) -> Check:
    roster = settings.technician.roster or settings.state_dir / "technicians.toml"
    if not os.path.exists(roster):  # noqa: PTH110 - False, not an error, where nobody may look
        return Check("technicians", None, "nobody is on the roster", "`kiosk technician --help`; until then only codes")
    return Check("technicians", True, str(roster))
