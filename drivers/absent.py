"""A device that the terminal does not have: it stands where journeys expect one; every verb says that it is not here.

It has no supervisor, no fault that anybody would be sent for, and is in no report. Who has to decide what can be done
without it asks `is_absent` (or `kiosk.offering.fitted` beforehand); who forgets to ask gets `NotFitted`, never a wait.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, NoReturn, TypeGuard, TypeVar

from drivers.device import Device, DeviceState, Fault, Status
from drivers.errors import NotFitted
from drivers.families import CardPaying, CardReading, LicencePrinting, ReceiptPrinting, Seeing

if TYPE_CHECKING:
    from drivers.camera.codes import Code, Format
    from drivers.camera.grabber import Frame
    from drivers.id_card.card import CardRead
    from drivers.id_card.portrait import Pixels
    from drivers.licence_printer.host import PrintedJob
    from drivers.outcome import Outcome
    from drivers.payment_pad.approval import Approval, DayEnd, PadStatus, ReceiptMark, Reversal
    from drivers.receipt_printer.document import ReceiptDocument
    from drivers.receipt_printer.driver import PrintedReceipt

D = TypeVar("D", bound=Device)


class Absent(Device):
    """What all of them have in common: nothing to open, nothing to ask."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        fault = Fault.of(self._error())
        self._status = Status(DeviceState.NO_DEVICE, fault)

    def _error(self) -> NotFitted:
        return NotFitted(f"devices.{self.name}: this terminal has none; name one in its profile to have it")

    def _missing(self) -> NoReturn:
        raise self._error()

    async def _open(self) -> None:
        self._missing()

    async def _poll(self) -> Status:
        self._missing()

    async def _close(self) -> None:
        """There is nothing to let go of."""


class NoReader(Absent, CardReading):
    """No reader of identity cards."""

    async def find(self) -> bool:
        """Nothing can lie on it."""
        return False

    async def read_card(self, deadline_s: float = 10.0, on_state: Callable[[str], None] | None = None) -> CardRead:
        """Raises `NotFitted`."""
        self._missing()

    async def wait_for_card(self, deadline_s: float) -> None:
        """Raises `NotFitted`."""
        self._missing()

    async def card_present(self) -> bool:
        """Nothing can lie on it."""
        return False

    async def wait_removed(self, deadline_s: float) -> bool:
        """It is empty."""
        return True

    def portrait(self, card: CardRead) -> Pixels | None:
        """None: nothing decodes it here."""
        return None


class NoReceiptPrinter(Absent, ReceiptPrinting):
    """No printer of receipts."""

    async def print_document(
        self, document: ReceiptDocument, deadline_s: float = 20.0, cancel_held: bool = True
    ) -> Outcome[PrintedReceipt]:
        """Raises `NotFitted`."""
        self._missing()

    async def clear(self) -> None:
        """It holds nothing."""


class NoLicencePrinter(Absent, LicencePrinting):
    """No printer of certificates."""

    async def check(self, pages: int = 1) -> None:
        """Raises `NotFitted`."""
        self._missing()

    async def print_pdf(self, pdf: bytes, job_name: str, **how: Any) -> Outcome[PrintedJob]:
        """Raises `NotFitted`."""
        self._missing()

    async def find_job(self, job_name: str, **how: Any) -> Outcome[PrintedJob] | None:
        """Raises `NotFitted`: whoever has the printer may know."""
        self._missing()

    async def cancel(self, job_id: int) -> None:
        """Raises `NotFitted`."""
        self._missing()


class NoPad(Absent, CardPaying):
    """No pad. What one took before it was taken away is unknown here, never refused."""

    async def authorise(
        self,
        fen: int,
        *,
        order: str,
        on_prompt: Callable[[str], None],
        before_ack: Callable[[Approval], Awaitable[int | None]],
        deadline_s: float = 180.0,
        cancel: asyncio.Event | None = None,
    ) -> Outcome[Approval]:
        """Raises `NotFitted`."""
        self._missing()

    @property
    def holds(self) -> bool:
        """It holds nothing."""
        return False

    async def book(self, receipt_no: str, held_fen: int, fen: int) -> Outcome[Reversal]:
        """Raises `NotFitted`."""
        self._missing()

    async def release(self, receipt_no: str) -> Outcome[Reversal]:
        """Raises `NotFitted`."""
        self._missing()

    async def open_holds(self) -> list[str]:
        """Raises `NotFitted`."""
        self._missing()

    async def refund(
        self,
        fen: int,
        *,
        order: str,
        on_prompt: Callable[[str], None],
        before_ack: Callable[[Approval], Awaitable[int | None]],
        deadline_s: float = 180.0,
        cancel: asyncio.Event | None = None,
    ) -> Outcome[Approval]:
        """Raises `NotFitted`."""
        self._missing()

    async def resolve(
        self, fen: int, before: ReceiptMark | None, order: str, deadline_s: float = 200.0
    ) -> Outcome[Approval]:
        """Raises `NotFitted`."""
        self._missing()

    async def last_transaction(self, deadline_s: float = 200.0) -> Approval | None:
        """Raises `NotFitted`."""
        self._missing()

    async def mark(self, deadline_s: float = 15.0) -> ReceiptMark:
        """Raises `NotFitted`."""
        self._missing()

    async def reverse(self, receipt_no: str, fen: int) -> Outcome[Reversal]:
        """Raises `NotFitted`."""
        self._missing()

    async def end_of_day(self) -> Outcome[DayEnd]:
        """Raises `NotFitted`."""
        self._missing()

    async def abort(self) -> bool:
        """Nothing is going on there."""
        return False

    async def pad_status(self) -> PadStatus:
        """Raises `NotFitted`."""
        self._missing()

    async def diagnose(self) -> str:
        """Raises `NotFitted`."""
        self._missing()


class NoCamera(Absent, Seeing):
    """No camera: no picture, ever."""

    def latest(self) -> Frame | None:
        """None."""
        return None

    def wipe(self) -> None:
        """It keeps nothing."""

    async def frames(self, n: int, within_s: float) -> list[Frame]:
        """Raises `NotFitted`."""
        self._missing()

    async def preview(self, size: tuple[int, int]) -> bytes | None:
        """None: a page whose code is read by another device has no picture."""
        return None

    async def read_code(
        self, expect: Collection[Format], deadline_s: float, cancel: asyncio.Event | None = None
    ) -> Code | None:
        """Raises `NotFitted`."""
        self._missing()


STAND_INS: Final[Mapping[type[Device], type[Device]]] = MappingProxyType(
    {
        CardReading: NoReader,
        ReceiptPrinting: NoReceiptPrinter,
        LicencePrinting: NoLicencePrinter,
        CardPaying: NoPad,
        Seeing: NoCamera,
    }
)
"""Of the five that journeys are written for; every other device is simply None where there is none."""


def absent(kind: type[D], name: str) -> D:
    """What stands in the place of a `kind` that the profile does not name. Raises `KeyError` for another kind."""
    device = STAND_INS[kind](name)
    assert isinstance(device, kind)
    return device


def is_absent(device: object) -> TypeGuard[Absent]:
    """Whether there is no such device here."""
    return isinstance(device, Absent)
