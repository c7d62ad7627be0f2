"""What is known of the terminal at one moment: plain data without anything personal, as JSON between two processes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from pydantic import TypeAdapter, ValidationError

from drivers.device import Device, Fault
from kiosk.devices import role_of

MOST_BYTES: Final = 262_144
PlatformTrouble = Literal[
    "", "unreachable", "certificate", "our-certificate", "not-enrolled", "clock", "refused", "ill", "not-asked"
]


@dataclass(frozen=True, slots=True)
class DeviceFact:
    """One device. `cause` and `said` are its fault, "" none; `warnings` are (cause, its own words)."""

    role: str
    family: str
    usable: bool
    state: str
    cause: str = ""
    said: str = ""
    warnings: tuple[tuple[str, str], ...] = ()
    model: str = ""
    paper: str = ""
    toner: str = ""
    operations: int = 0
    failures: int = 0
    networked: bool = False
    """Reached over the network: it is lost with the switch of the hall."""
    serial: str = ""
    firmware: str = ""
    """As the device tells it; "" it has no way to."""
    unfit: str = ""
    """Why the profile does not want that firmware in it: "refused", "too-old", "" it may be."""

    @classmethod
    def of(cls, device: Device, error: Fault | None = None) -> DeviceFact:
        """The device as it is now; `error` is why it could not be opened."""
        status, count = device.status, device.counters
        fault = error or status.fault
        return cls(
            role_of(device),
            device.family,
            error is None and status.usable,
            str(status.device),
            fault.cause[:60] if fault else "",
            fault.sentence[:300] if fault else "",
            tuple((w.cause[:60], w.sentence[:300]) for w in status.warnings[:10]),
            status.model[:80],
            str(status.paper),
            str(status.toner),
            count.operations,
            count.failures,
            serial=status.serial[:60],
            firmware=status.firmware[:60],
        )


@dataclass(frozen=True, slots=True)
class PlatformFact:
    """How the platform answered last. `took_ms` of its last answer; `areas_down` are asked no more for now."""

    trouble: PlatformTrouble = "not-asked"
    said: str = ""
    took_ms: int = 0
    areas_down: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StorageFact:
    """The journal's disk. `trouble`: why nothing can be written; `hold`: why money is held; "" when all is well."""

    trouble: str = ""
    hold: str = ""
    free_mb: int = 0
    waiting: int = 0
    oldest_s: int = 0


@dataclass(frozen=True, slots=True)
class CertificateFact:
    """A certificate that this terminal lives by; `ends` None: it cannot be read, and `said` says why.

    Not `looked`: it is there only while the terminal's unit runs, and who asks may not see where it comes from.
    """

    name: str
    ends: datetime | None
    said: str = ""
    looked: bool = True


@dataclass(frozen=True, slots=True)
class HouseFact:
    """Panel, touch and sound; None: not looked for (a desk, a headless terminal)."""

    panel: str = ""
    touch: bool | None = None
    sound: bool | None = None


@dataclass(frozen=True, slots=True)
class PowerFact:
    """Mains and battery (`kiosk.health.power`). `source`: ups, cabinet, "" nothing tells of it; `has_ups`: one is set
    up; `trouble`: why it cannot be asked."""

    source: str = ""
    phase: str = "mains"
    on_battery: bool = False
    charge: float | None = None
    runtime_s: float | None = None
    worn: bool = False
    model: str = ""
    trouble: str = ""
    since: datetime | None = None
    has_ups: bool = False
    serial: str = ""
    firmware: str = ""


@dataclass(frozen=True, slots=True)
class PartFact:
    """A part of the terminal itself: its state, since when, how often it was begun anew since the start."""

    part: str
    state: Literal["ok", "attention", "fault"] = "ok"
    since: datetime | None = None
    restarts: int = 0


@dataclass(frozen=True, slots=True)
class HealthFact:
    """What the terminal's own watch says. `broken`: rules of config/health.toml; `screen_silent_s`: since its beat."""

    parts: tuple[PartFact, ...] = ()
    broken: tuple[str, ...] = ()
    screen_silent_s: float | None = None
    asleep: bool = False


@dataclass(frozen=True, slots=True)
class UpdateFact:
    """The program's updates (`kiosk.updates`). `phase` as there, "" when none are set up; `said`: what went wrong."""

    phase: str = ""
    version: str = ""
    method: str = ""
    said: str = ""
    since: datetime | None = None
    bad: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LeftFact:
    """What a device that the profile does not have any more has left behind, by place in the profile and event."""

    role: str
    event: str
    what: str


@dataclass(frozen=True, slots=True)
class FleetFact:
    """The fleet's broker: its host, "" none is set up; `why` it cannot be reached; when it was there last, and `since`
    when it is or is not; events that wait for it; when its certificate ends (None: no TLS, or not seen yet)."""

    broker: str = ""
    online: bool = False
    why: str = ""
    heard: datetime | None = None
    since: datetime | None = None
    waiting: int = 0
    ends: datetime | None = None


@dataclass(frozen=True, slots=True)
class DoorFact:
    """The technicians' door: acts that go on after their session, until when it is shut because its book was lost
    (HH:MM, "" it is not), why the book cannot be written."""

    acts: tuple[str, ...] = ()
    lost_until: str = ""
    refused: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """One look. `running`: told by the terminal itself; else the devices were opened to look. Times are aware."""

    at: datetime
    terminal: str
    version: str
    running: bool
    devices: tuple[DeviceFact, ...]
    platform: PlatformFact = PlatformFact()
    skew_s: float | None = None
    storage: StorageFact = StorageFact()
    certificates: tuple[CertificateFact, ...] = ()
    house: HouseFact = HouseFact()
    catalogue: str = ""
    catalogue_at: datetime | None = None
    metres_left: float | None = None
    cards_tried: int = 0
    cards_failed: int = 0
    power: PowerFact = PowerFact()
    health: HealthFact = HealthFact()
    update: UpdateFact = UpdateFact()
    left: tuple[LeftFact, ...] = ()
    fleet: FleetFact = FleetFact()
    door: DoorFact = DoorFact()


_ADAPTER: Final = TypeAdapter(Facts)


def to_json(facts: Facts) -> bytes:
    """One line of JSON."""
    return _ADAPTER.dump_json(facts)


def from_json(data: bytes) -> Facts | None:
    """What `to_json` wrote; None for anything else, and for more than `MOST_BYTES`."""
    if len(data) > MOST_BYTES:
        return None
    try:
        return _ADAPTER.validate_json(data)
    except ValidationError:
        return None
