"""What every device family has in common: a status in XFS4IoT's words, a lock, and open/poll/close.

A driver is opened, polled and reopened by `drivers.supervisor`; journeys call its own verbs
(`read_card`, `authorise`, ...). Both go through `self.lock`, so a poll never cuts into a transaction.
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import StrEnum

from drivers.errors import DeviceError, Fixer


class DeviceState(StrEnum):
    """XFS4IoT `Common.Status`, property `device`."""

    ONLINE = "online"
    OFFLINE = "offline"
    POWER_OFF = "poweredOff"
    NO_DEVICE = "noDevice"
    HARDWARE_ERROR = "hardwareError"
    USER_ERROR = "userError"
    BUSY = "deviceBusy"
    FRAUD_ATTEMPT = "fraudAttempt"
    POTENTIAL_FRAUD = "potentialFraud"
    STARTING = "starting"


class Supply(StrEnum):
    """XFS4IoT `Printer` paper and toner supply."""

    FULL = "full"
    LOW = "low"
    OUT = "out"
    JAMMED = "jammed"
    NOT_SUPPORTED = "notSupported"
    UNKNOWN = "unknown"


class Media(StrEnum):
    """XFS4IoT `CardReader.Status` / `Printer.Status`, property `media`."""

    PRESENT = "present"
    NOT_PRESENT = "notPresent"
    JAMMED = "jammed"
    ENTERING = "entering"
    NOT_SUPPORTED = "notSupported"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a device cannot do its work: a stable keyword, a sentence, who can mend it, whether again can help."""

    cause: str
    sentence: str
    who: Fixer = "technician"
    again: bool = False
    code: str = ""

    @classmethod
    def of(cls, error: DeviceError) -> Fault:
        """The fault that `error` is."""
        return cls(error.cause, str(error), error.who, error.again, error.code)


@dataclass(frozen=True, slots=True)
class Status:
    """A device's state as last observed. `warnings` are faults to come (paper near end), never a reason to withhold."""

    device: DeviceState = DeviceState.STARTING
    fault: Fault | None = None
    media: Media = Media.NOT_SUPPORTED
    paper: Supply = Supply.NOT_SUPPORTED
    toner: Supply = Supply.NOT_SUPPORTED
    warnings: tuple[Fault, ...] = ()
    model: str = ""
    serial: str = ""

    @property
    def usable(self) -> bool:
        """True when the device can serve a citizen now."""
        return self.device in (DeviceState.ONLINE, DeviceState.BUSY) and self.fault is None


@dataclass(slots=True)
class Counters:
    """Since the terminal started: work done, failed, tried again; bytes over the wire."""

    operations: int = 0
    failures: int = 0
    retries: int = 0
    bytes_in: int = 0
    bytes_out: int = 0
    seconds: float = 0.0
    extra: dict[str, int] = field(default_factory=dict)


class Device(ABC):
    """One device of one family. Concrete drivers implement `_open`, `_poll`, `_close` and their own verbs."""

    family: str = ""

    def __init__(self, name: str) -> None:
        self.name = name
        self.lock = asyncio.Lock()
        self.counters = Counters()
        self._status = Status()
        self._watchers: list[Callable[[Device, Status], None]] = []

    @property
    def status(self) -> Status:
        """The state as last observed."""
        return self._status

    def watch(self, watcher: Callable[[Device, Status], None]) -> None:
        """Call `watcher(device, status)` at every change of status."""
        self._watchers.append(watcher)

    def set_status(self, status: Status) -> None:
        """Record an observed state; watchers hear of it only when it differs."""
        if status != self._status:
            self._status = status
            for watcher in self._watchers:
                watcher(self, status)

    def set_fault(self, device: DeviceState, fault: Fault) -> None:
        """Record that the device cannot work and why, keeping what is known of model and supplies."""
        self.set_status(replace(self._status, device=device, fault=fault))

    async def open(self) -> None:
        """Open the link and identify the device. Raises `DeviceError`; on return `status` is current."""
        async with self.lock:
            await self._open()

    async def poll(self) -> Status:
        """Ask the device how it is. Raises `DeviceError` when it does not answer. Skips when the device is at work."""
        if self.lock.locked():
            return self._status
        async with self.lock:
            status = await self._poll()
            self.set_status(status)
            return status

    async def close(self) -> None:
        """Let go of the link; never raises."""
        await self._close()

    @abstractmethod
    async def _open(self) -> None: ...

    @abstractmethod
    async def _poll(self) -> Status: ...

    @abstractmethod
    async def _close(self) -> None: ...
