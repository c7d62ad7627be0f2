"""What can be offered now: each service against its devices, the network and the money lock, with a reason if not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from config.catalogue import Catalogue, Service
from drivers.device import Device, DeviceState, Status, Supply
from kiosk.money import Money


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


class Capability:
    """Answers from the devices' last observed states; never asks a device itself."""

    def __init__(self, catalogue: Catalogue, devices: Mapping[str, Device], money: Money, network: Network) -> None:
        self._catalogue = catalogue
        self._devices = devices
        self._money = money
        self._network = network
        self.closed_reason = ""

    def of(self, service: Service) -> Availability:
        """Whether `service` can be started now."""
        if self.closed_reason:
            return Availability(False, self.closed_reason)
        for family in service.needs:
            reason = self.fault_of(family)
            if reason:
                return Availability(False, reason)
        if service.offline == "no" and not self._network.online:
            return Availability(False, "reason.network")
        if service.fee.fen and self._money.locked:
            return Availability(False, "reason.payment-locked")
        return Availability(True)

    def fault_of(self, family: str) -> str:
        """Why devices of this family cannot be used, as a text key; "" when they can."""
        device = self._devices.get(family)
        if device is None:
            return f"reason.{family}.none"
        status = device.status
        if status.usable:
            return ""
        if status.device is DeviceState.STARTING:
            return f"reason.{family}.starting"
        return f"reason.{family}.{_visible_cause(status)}"

    def available(self) -> int:
        """How many services can be started now."""
        return sum(self.of(s).available for s in self._catalogue.services.values())

    def limits(self) -> list[str]:
        """The distinct reasons why something is not offered, as text keys, in the catalogue's order."""
        return list(
            dict.fromkeys(a.reason for s in self._catalogue.services.values() if not (a := self.of(s)).available)
        )
