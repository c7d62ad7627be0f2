"""What can be offered now: each item against this machine, the hour, the network and the money lock.

| state    | what the citizen finds                                                              |
|----------|-------------------------------------------------------------------------------------|
| offered  | it can be started                                                                   |
| limited  | it can be started; `limit` says what is different now (queued, as of, not printed)  |
| withheld | its guide can be read; `reason` says why it cannot be started, another place may    |
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Literal, get_args

from config.bundle_whole import whole_of
from config.calendar import WorkCalendar, shipped
from config.catalogue import Catalogue, Service
from config.divisions import CITY
from config.settings import Family, Hours, Settings
from drivers.device import Device, DeviceState, Status, Supply
from kiosk.diagnostics.facts import PlatformFact
from kiosk.money.charging import Money
from kiosk.money.fee_words import certainly_costs
from kiosk.money.payment_ways import PaymentWays
from kiosk.offering.fitted import Fitted
from kiosk.platform.areas import CAN_WAIT, areas_of

INTENT_STEPS: Final = frozenset({"pay", "submit", "print"})
"""Steps that must be on disk before they begin."""
CAMERA_STEPS: Final = frozenset({"verify", "photo", "scan"})
"""Steps that make a service need a camera (`config.service`)."""
CACHE_AGE: Final = timedelta(days=7)
"""What was heard longer ago is not shown while the network is away."""
OF_THE_MACHINE: Final = (
    "reason.equipment.", "reason.region", "reason.depth", "reason.hours",
    *(f"reason.{family}.none" for family in get_args(Family)),
)  # fmt: skip
"""Reasons that are no trouble: nothing is broken, and standby does not complain of them."""
_LIMITED_BY: Final[Mapping[str, str]] = {"receipt_printer": "limit.receipt", "licence_printer": "limit.paper"}


@dataclass(slots=True)
class Network:
    """Whether the platform answers; `misses` counts checks without an answer, `areas_down` says what fails alone."""

    online: bool = True
    misses: int = 0
    areas_down: Callable[[], frozenset[str]] = frozenset
    heard: PlatformFact = PlatformFact()  # noqa: RUF009 - frozen
    """How the last check went, for technicians."""

    @property
    def state(self) -> Literal["ONLINE", "DEGRADED", "OFFLINE"]:
        """In one word: all of it, a part of it, nothing."""
        if not self.online:
            return "OFFLINE"
        return "DEGRADED" if self.areas_down() else "ONLINE"


@dataclass(frozen=True, slots=True)
class Availability:
    """Whether an item can be started. `reason` (why not) and `limit` (what is different) are keys of texts; `values`
    is what stands in their places."""

    available: bool
    reason: str = ""
    limit: str = ""
    values: Mapping[str, str] = field(default_factory=dict)

    @property
    def state(self) -> Literal["offered", "limited", "withheld"]:
        """In one word."""
        return "withheld" if not self.available else "limited" if self.limit else "offered"


def _visible_cause(status: Status) -> str:
    """What a citizen can be told of a fault; everything else is just "fault"."""
    if status.paper is Supply.OUT:
        return "paper-out"
    if status.paper is Supply.JAMMED:
        return "jam"
    if status.toner is Supply.OUT:
        return "toner-out"
    return "cover-open" if status.fault and status.fault.cause == "cover-open" else "fault"


def _fault(family: str, device: Device | None) -> str:
    """Why `device` cannot be used, as a text key of its family; "" when it can."""
    if device is None:
        return f"reason.{family}.none"
    if device.status.usable:
        return ""
    if device.status.device is DeviceState.STARTING:
        return f"reason.{family}.starting"
    return f"reason.{family}.{_visible_cause(device.status)}"


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Where the terminal stands: its division, what it has beside devices, when the offices behind it work."""

    division: str = CITY
    equipment: frozenset[str] = frozenset()
    office: Hours = field(default_factory=Hours)

    @classmethod
    def of(cls, settings: Settings) -> Surroundings:
        """As the settings say."""
        terminal = settings.terminal
        return cls(terminal.division, frozenset(terminal.equipment), settings.site.office)


@dataclass(frozen=True, slots=True)
class Overview:
    """What all items of `catalogue` came to while the terminal was in `states`."""

    catalogue: Catalogue
    states: tuple[object, ...]
    available: int
    limits: tuple[str, ...]
    stocks: tuple[str, ...] = ()


class Capability:
    """Answers from the devices' last observed states; never asks a device itself."""

    def __init__(self, catalogue: Catalogue, devices: Mapping[str, Device], money: Money, network: Network) -> None:
        self.current: Callable[[], Catalogue] = lambda: catalogue
        """What is in the catalogue now."""
        self._devices = devices
        self._money = money
        self._network = network
        self.closed_reason = ""
        self.storage: Callable[[], str] = lambda: ""
        """Why the journal cannot be written; while it says something, nothing that needs an intent begins."""
        self.forms_left: Callable[[str], int] = lambda stock: 0
        """How many serial-numbered forms of a kind are free (`kiosk.printing.forms_stock`)."""
        self.ways: PaymentWays | None = None
        """Where fees can be paid in several ways, one that works is enough."""
        self.eyes: Mapping[str, Device] = {}
        """Steps that look through a camera of their own instead of the first."""
        self.fitted: Fitted | None = None
        """Which devices there are at all; None: as many as were given (tests)."""
        self.around: Surroundings | None = None
        """None: everywhere, with everything (tests)."""
        self.now: Callable[[], datetime] | None = None
        """The time by which hours are judged; None: items with hours are offered."""
        self.calendar: Callable[[], WorkCalendar] = shipped
        self.areas_down: Callable[[], frozenset[str]] = frozenset
        """Areas of the platform that fail while others answer (`kiosk.platform.areas`)."""
        self.heard_at: Callable[[], datetime | None] = lambda: None
        """When the platform last confirmed what is shown; None: it never did."""
        self.kept: Callable[[Service], bool] = lambda service: True
        """Whether everything is here that an item of class `cache` needs without a network."""
        self.withheld: Callable[[], Mapping[str, str]] = dict
        """What the terminal's own health does not allow now: a step, "intents" or "all" -> why, as a text key."""
        self._seen: Overview | None = None
        self._wholes: tuple[Catalogue | None, dict[str, Service]] = (None, {})

    def of(self, service: Service) -> Availability:
        """Whether `service` can be started now."""
        if closed := self.closed_now:
            return Availability(False, closed)
        service = self._whole(service)
        for judge in (self._of_this_machine, self._by_profile, self._by_the_hour, self._by_devices, self._by_network):
            if found := judge(service):
                return found
        return Availability(True, limit=self._limit(service))

    def _whole(self, service: Service) -> Service:
        """A bundle with the steps and devices of its parts: what its citizen will be asked for."""
        if not service.bundle:
            return service
        catalogue = self.current()
        if self._wholes[0] is not catalogue:
            self._wholes = (catalogue, {})
        known = self._wholes[1]
        if service.id not in known:
            known[service.id] = whole_of(service, catalogue.services)
        return known[service.id]

    @property
    def closed_now(self) -> str:
        """Why nothing at all is offered, as a text key: closed by people, or by the terminal's own health; "" open."""
        return self.closed_reason or self.withheld().get("all", "")

    def _of_this_machine(self, service: Service) -> Availability | None:
        """What will be the same tomorrow: how far the item goes, where, with what."""
        if service.depth == 1:
            return Availability(False, "reason.depth")
        around = self.around
        if around is None:
            return None
        if CITY not in service.regions and around.division not in service.regions:
            return Availability(False, "reason.region")
        missing = next((name for name in service.equipment if name not in around.equipment), None)
        return Availability(False, f"reason.equipment.{missing}") if missing else None

    def _by_profile(self, service: Service) -> Availability | None:
        """What a device is missing for that this terminal never had."""
        lacking = self.fitted.lacks(service) if self.fitted is not None else ""
        return Availability(False, f"reason.{lacking}.none") if lacking else None

    def _by_the_hour(self, service: Service) -> Availability | None:
        if service.hours == "always" or self.now is None:
            return None
        office = self.around.office if self.around else Hours()
        now = self.now()
        if self.calendar().is_working_day(now.date()) and office.opens <= f"{now:%H:%M}" < office.closes:
            return None
        values = {"opens": office.opens.removeprefix("0"), "closes": office.closes.removeprefix("0")}
        return Availability(False, "reason.hours", values=values)

    def _by_devices(self, service: Service) -> Availability | None:
        if self.storage() and not INTENT_STEPS.isdisjoint(service.steps):
            return Availability(False, "reason.storage")
        if reason := self._by_health(service):
            return Availability(False, reason)
        if self.fitted is not None and self.fitted.only_reads_codes(service) and (reason := self.fault_of("barcode")):
            return Availability(False, reason)
        for family in self.fitted.judged_by(service) if self.fitted is not None else service.needs:
            if family == "payment_pad" and self.ways is not None:
                continue
            if family == "camera" and (seeing := CAMERA_STEPS.intersection(service.steps)) and seeing <= set(self.eyes):
                continue
            if reason := self.fault_of(family):
                return Availability(False, reason)
        for step, eye in self.eyes.items():
            if step == "scan" and "camera" not in service.needs:
                continue  # its papers are optional: without a picture it goes on
            if step in service.steps and (reason := _fault("camera", eye)):
                return Availability(False, reason)
        return None

    def _by_health(self, service: Service) -> str:
        """Why the terminal itself is not well enough for an item, as a text key; "" when it is."""
        for step, reason in self.withheld().items():
            if step in service.steps or (step == "intents" and not INTENT_STEPS.isdisjoint(service.steps)):
                return reason
        return ""

    def _by_network(self, service: Service) -> Availability | None:
        if not self._network.online:
            if self.fitted is not None and self.fitted.by_phone(service):
                return Availability(False, "reason.network")
            if service.offline == "no" or (service.offline == "queue" and not _can_queue(service)):
                return Availability(False, "reason.network")
            if service.offline == "cache" and not self.kept(service):
                return Availability(False, "reason.network")
            if service.offline == "cache" and self._too_old():
                return Availability(False, "reason.too-old")
        elif service.offline not in CAN_WAIT and (down := self.areas_down() & areas_of(service.steps)):
            return Availability(False, f"reason.area.{min(down)}")
        if service.form_stock and not self.forms_left(service.form_stock):
            return Availability(False, "reason.form-stock")
        if certainly_costs(service.fee) and (reason := self._payment_reason()):
            return Availability(False, reason)
        return None

    def _too_old(self) -> bool:
        heard = self.heard_at()
        return self.now is not None and heard is not None and self.now() - heard > CACHE_AGE

    def _limit(self, service: Service) -> str:
        """What is different now for an item that can be started, as a text key; "" nothing."""
        if not self._network.online and service.offline in ("queue", "cache"):
            return f"limit.{service.offline}"
        for family, limit in _LIMITED_BY.items():
            if family in service.uses and family in self._devices and self.fault_of(family):
                return limit
        return self.fitted.instead(service) if self.fitted is not None else ""

    def _payment_reason(self) -> str:
        """Why no fee can be taken now, as a text key; "" when one can."""
        if self.ways is not None:
            return self.ways.none()
        return "reason.payment-locked" if self._money.locked else ""

    def fault_of(self, family: str) -> str:
        """Why devices of this family cannot be used, as a text key; "" when they can."""
        return _fault(family, self._devices.get(family))

    def available(self) -> int:
        """How many services can be started now."""
        return self._overview().available

    def limits(self) -> list[str]:
        """The distinct troubles for which something is not offered, as text keys, in the catalogue's order."""
        return list(self._overview().limits)

    def _overview(self) -> Overview:
        """All items judged, anew only when something changed that they are judged by: standby asks every second."""
        catalogue = self.current()
        states = self._states(catalogue)
        seen = self._seen
        if seen is None or seen.catalogue is not catalogue or seen.states != states:
            found = [self.of(service) for service in catalogue.services.values()]
            troubles = (each.reason for each in found if each.reason and not each.reason.startswith(OF_THE_MACHINE))
            count = sum(each.available for each in found)
            limits = tuple(dict.fromkeys(troubles))
            seen = self._seen = Overview(catalogue, states, count, limits, _stocks(catalogue))
        return seen

    def _states(self, catalogue: Catalogue) -> tuple[object, ...]:
        """Everything that `of` looks at beside the item itself; the hour to the minute."""
        seen = self._seen
        stocks = seen.stocks if seen is not None and seen.catalogue is catalogue else _stocks(catalogue)
        now = self.now() if self.now is not None else None
        return (
            self.closed_now,
            tuple(self.withheld().items()),
            self.storage(),
            *(self.fault_of(family) for family in self._devices),
            *(_fault("camera", eye) for eye in self.eyes.values()),
            tuple(self.eyes),
            self._network.online,
            self._network.online or tuple(self.kept(s) for s in catalogue.services.values() if s.offline == "cache"),
            self.areas_down(),
            self._too_old(),
            self.ways is None,
            self._payment_reason(),
            *(bool(self.forms_left(stock)) for stock in stocks),
            now and (now.date(), now.hour, now.minute),
            self.calendar(),
            self.around,
            self.fitted,
        )


def _can_queue(service: Service) -> bool:
    """Whether an item of the class `queue` gets to its end: no money is taken, and no list asked for, without the
    platform."""
    return service.fee.type == "free" and not any(spec.options_from == "platform" for spec in service.form)


def _stocks(catalogue: Catalogue) -> tuple[str, ...]:
    return tuple(sorted({service.form_stock for service in catalogue.services.values() if service.form_stock}))
