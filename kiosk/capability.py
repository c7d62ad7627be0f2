"""What can be offered now: each service against its devices, the network and the money lock, with a reason if not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from config.catalogue import Catalogue, Service
from drivers.device import Device, DeviceState, Status, Supply
from kiosk.money import Money
from kiosk.payment_ways import PaymentWays

INTENT_STEPS = frozenset({"pay", "submit", "print"})
"""Steps that must be on disk before they begin."""
CAMERA_STEPS = frozenset({"verify", "photo", "scan"})
"""Steps that make a service need a camera (`config.service`)."""


@dataclass(slots=True)
class Network:
    """Whether the platform answers; `misses` counts checks without an answer."""

    online: bool = True
    misses: int = 0


@dataclass(frozen=True, slots=True)
class Availability:
    """Offered or not; `reason` is a key of the texts ("reason.licence_printer.paper-out")."""

    available: bool
    reason: str = ""


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


class Capability:
    """Answers from the devices' last observed states; never asks a device itself."""

    def __init__(self, catalogue: Catalogue, devices: Mapping[str, Device], money: Money, network: Network) -> None:
        self._catalogue = catalogue
        self._devices = devices
        self._money = money
        self._network = network
        self.closed_reason = ""
        self.storage: Callable[[], str] = lambda: ""
        """Why the journal cannot be written; while it says something, nothing that needs an intent begins."""
        self.forms_left: Callable[[str], int] = lambda stock: 0
        """How many serial-numbered forms of a kind are free (`kiosk.forms_stock`)."""
        self.ways: PaymentWays | None = None
        """Where fees can be paid in several ways, one that works is enough."""
        self.eyes: Mapping[str, Device] = {}
        """Steps that look through a camera of their own instead of the first."""

    def of(self, service: Service) -> Availability:
        """Whether `service` can be started now."""
        if self.closed_reason:
            return Availability(False, self.closed_reason)
        if self.storage() and not INTENT_STEPS.isdisjoint(service.steps):
            return Availability(False, "reason.storage")
        for family in service.needs:
            if family == "payment_pad" and self.ways is not None:
                continue
            if family == "camera" and (seeing := CAMERA_STEPS.intersection(service.steps)) and seeing <= set(self.eyes):
                continue
            reason = self.fault_of(family)
            if reason:
                return Availability(False, reason)
        for step, eye in self.eyes.items():
            if step in service.steps and (reason := _fault("camera", eye)):
                return Availability(False, reason)
        if service.offline == "no" and not self._network.online:
            return Availability(False, "reason.network")
        if service.form_stock and not self.forms_left(service.form_stock):
            return Availability(False, "reason.form-stock")
        if service.fee.fen and (reason := self._payment_reason()):
            return Availability(False, reason)
        return Availability(True)

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
        return sum(self.of(s).available for s in self._catalogue.services.values())

    def limits(self) -> list[str]:
        """The distinct reasons why something is not offered, as text keys, in the catalogue's order."""
        return list(
            dict.fromkeys(a.reason for s in self._catalogue.services.values() if not (a := self.of(s)).available)
        )
