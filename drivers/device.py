"""What every device family has in common: a status in XFS4IoT's words, a lock, and open/poll/close.

A driver is opened, polled and reopened by `drivers.supervisor`; journeys call its own verbs
(`read_card`, `authorise`, ...). Both go through `self.lock`, so a poll never cuts into a transaction.
"""

from __future__ import annotations

import asyncio
import logging
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, ClassVar, Protocol

from drivers.crossing import Direction, Tracer, Withheld
from drivers.errors import DeviceError, Fixer
from drivers.rhythm import Rhythm

log = logging.getLogger(__name__)


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
    firmware: str = ""
    """As the device itself tells it; "" it has no way to."""

    @property
    def usable(self) -> bool:
        """True when the device can serve a citizen now."""
        return self.device in (DeviceState.ONLINE, DeviceState.BUSY) and self.fault is None

    def gone(self, device: DeviceState, fault: Fault) -> Status:
        """This status when nobody answers any more: what was known of media and supplies is not known any more."""
        return replace(
            self,
            device=device,
            fault=fault,
            media=self.media if self.media is Media.NOT_SUPPORTED else Media.UNKNOWN,
            paper=self.paper if self.paper is Supply.NOT_SUPPORTED else Supply.UNKNOWN,
            toner=self.toner if self.toner is Supply.NOT_SUPPORTED else Supply.UNKNOWN,
            warnings=(),
        )


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


Watcher = Callable[["Device", Status], None]


class Tap(Protocol):
    """Who listens to a device's wire (`drivers.recorder`). Never raises."""

    def crossed(self, direction: Direction, data: bytes) -> None:
        """`data` crossed."""
        ...

    def noted(self, words: str) -> None:
        """Something else happened to the wire: opened, lost, another speed."""
        ...


class Device(ABC):
    """One device of one family. Concrete drivers implement `_open`, `_poll`, `_close` and their own verbs.

    They are made as `Class(name, link_url, options)`, which may raise `ValueError` for a bad link or option.
    """

    family: str = ""
    rhythm: ClassVar[Rhythm] = Rhythm()
    """How often the supervisor asks, unless the profile says otherwise."""
    on_timed: ClassVar[Callable[[Device, float], object] | None] = None
    """Called after each piece of work with the seconds that it took, where somebody traces."""
    moves: ClassVar[bool] = False
    """Whether it can be given another link while the terminal runs (`_move`)."""
    traced_options: ClassVar[tuple[str, ...]] = ()
    """Options that `tracer` needs, besides the link; a recording keeps them."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.lock = asyncio.Lock()
        self.counters = Counters()
        self.tap: Tap | None = None
        self._status = Status()
        self._watchers: list[Watcher] = []

    @classmethod
    def tracer(cls, link_url: str, options: Mapping[str, Any]) -> Tracer:
        """Cuts what crosses the wire into pieces, says them in words and masks them; by default all is withheld."""
        return Withheld()

    @classmethod
    async def probe(cls, link_url: str) -> str:
        """Ask, with questions that change nothing, what is at `link_url`; who answers, in words.

        Raises `WrongDevice` when something else answers, `NoAnswer` when nobody does, a `LinkError` leaf when there is
        no way to ask, `Unsupported` when this driver has no harmless question.
        """
        from drivers.errors import Unsupported

        raise Unsupported(f"{link_url}: a {cls.family} driver without a harmless question: open it to know")

    def crossed(self, direction: Direction, data: bytes) -> None:
        """Count what crossed the wire and tell the recorder."""
        if direction == "in":
            self.counters.bytes_in += len(data)
        else:
            self.counters.bytes_out += len(data)
        if self.tap is not None:
            self.tap.crossed(direction, data)

    def noted(self, words: str) -> None:
        """Tell the recorder what happened to the wire. `words` hold no personal data."""
        if self.tap is not None:
            self.tap.noted(words)

    @contextmanager
    def timed(self) -> Iterator[None]:
        """Add the time that the block takes to `counters.seconds`."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        try:
            yield
        finally:
            seconds = loop.time() - began
            self.counters.seconds += seconds
            if Device.on_timed is not None:
                Device.on_timed(self, seconds)

    @property
    def status(self) -> Status:
        """The state as last observed."""
        return self._status

    def watch(self, watcher: Watcher) -> Callable[[], None]:
        """Call `watcher(device, status)` at every change of status, until what is returned is called."""
        self._watchers.append(watcher)

        def end() -> None:
            if watcher in self._watchers:
                self._watchers.remove(watcher)

        return end

    def set_status(self, status: Status) -> None:
        """Record an observed state; watchers hear of it only when it differs. A watcher that fails stops nobody."""
        if status == self._status:
            return
        self._status = status
        for watcher in list(self._watchers):
            try:
                watcher(self, status)
            except Exception:  # the device is not to blame for who looks at it
                log.exception("device %s: a watcher of its status failed", self.name)

    def set_fault(self, device: DeviceState, fault: Fault) -> None:
        """Record that the device cannot work and why, keeping what is known of model and supplies."""
        self.set_status(replace(self._status, device=device, fault=fault))

    async def open(self) -> None:
        """Open the link and identify the device. Raises `DeviceError`; on return `status` is current."""
        async with self.lock:
            await self._open()

    async def glance(self) -> Status:
        """How the device is, asked in the gentlest way it has, for people who only look. Leaves the link open.

        Raises `DeviceError`.
        """
        await self.open()
        return self._status

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

    async def move(self, link_url: str) -> None:
        """Let go of the link and be at `link_url` from the next opening on.

        Raises `Unsupported` by a driver that is told its link only once, `ValueError` for a link that is none; then it
        opens again where it was.
        """
        from drivers.errors import Unsupported

        if not self.moves:
            raise Unsupported(f"{self.name}: this driver takes another link only when the terminal starts")
        async with self.lock:
            await self._close()
            self._move(link_url)

    def _move(self, link_url: str) -> None:
        """Take `link_url` for the next opening, or raise `ValueError`; the link is closed."""
        raise NotImplementedError  # of drivers with `moves`

    @abstractmethod
    async def _open(self) -> None: ...

    @abstractmethod
    async def _poll(self) -> Status: ...

    @abstractmethod
    async def _close(self) -> None: ...
