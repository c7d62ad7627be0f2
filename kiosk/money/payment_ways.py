"""Which ways to pay there are, and why one cannot be used now: pad, our code for their phone, their code for us."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Literal, TypeAlias

from drivers.absent import is_absent
from drivers.device import Device, DeviceState
from kiosk.money.charging import Money
from kiosk.money.qr_payment import QrPayments

if TYPE_CHECKING:
    from kiosk.visits.case import Case

Way: TypeAlias = Literal["shown", "card", "scanned"]
WAYS: tuple[Way, ...] = ("shown", "card", "scanned")


class PaymentWays:
    """Answers from what was last observed. `wanted` is what the settings allow; `online` says whether the platform
    answers."""

    def __init__(
        self,
        wanted: Sequence[Way],
        money: Money,
        qr: QrPayments,
        pad: Device,
        camera: Device,
        online: Callable[[], bool],
    ) -> None:
        self._wanted: tuple[Way, ...] = tuple(way for way in WAYS if way in wanted)
        self._money = money
        self._qr = qr
        self._pad = pad
        self._camera = camera
        self.code_reader: Device | None = None
        """A reader of codes beside the camera: either is enough for a payment code."""
        self._online = online

    @property
    def offered(self) -> tuple[Way, ...]:
        """What the settings allow and this terminal has the devices for, in the order of the page; () is no way."""
        blind = is_absent(self._camera) and self.code_reader is None
        lost = {"card"} if is_absent(self._pad) else set()
        lost |= {"scanned"} if blind else set()
        return tuple(way for way in self._wanted if way not in lost)

    def reason(self, way: Way) -> str:
        """Why `way` cannot be used now, as a key of the texts; "" when it can."""
        if way == "card":
            if self._money.locked:
                return "reason.payment-locked"
            if self._pad.status.device is DeviceState.STARTING:
                return "reason.payment_pad.starting"
            return "" if self._pad.status.usable else "reason.payment_pad.other"
        if self._qr.locked:
            return "reason.phone_pay.locked"
        if not self._online():
            return "reason.phone_pay.network"
        readers = (self._camera, self.code_reader)
        if way == "scanned" and not any(reader is not None and reader.status.usable for reader in readers):
            return "reason.phone_pay.camera"
        return ""

    def none(self) -> str:
        """Why nothing can be paid now, as a key of the texts; "" when something can."""
        reasons = [self.reason(way) for way in self.offered]
        return "" if "" in reasons else next(iter(reasons), "reason.payment_pad.none")


def phone_service(case: Case) -> str:
    """Whose phone paid, in the citizen's language; "" when it was a card."""
    qr, charge = case.tools.qr, case.charge
    if qr is None or charge is None or not charge.provider:
        return ""
    return qr.rules.name(charge.provider, case.visit.language) or charge.provider
