"""What a driver of each family must be able to do: the classes that drivers derive from and journeys are written for.

A class that leaves a verb out cannot be made, so a driver of another package fails when it is loaded, not at a visit.
"""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from collections.abc import Awaitable, Callable, Collection, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from drivers.device import Device

if TYPE_CHECKING:
    from config.cabinet_map import Slot
    from drivers.cabinet.frames import Lit
    from drivers.camera.codes import Code, Format
    from drivers.camera.grabber import Frame
    from drivers.id_card.card import CardRead
    from drivers.id_card.portrait import Pixels
    from drivers.licence_printer.host import PrintedJob, Progress
    from drivers.licence_printer.reports import JobRef
    from drivers.outcome import Outcome
    from drivers.payment_pad.approval import Approval, DayEnd, PadStatus, ReceiptMark, Reversal
    from drivers.receipt_printer.document import ReceiptDocument
    from drivers.receipt_printer.driver import PrintedReceipt


class CardReading(Device):
    """A reader of identity cards."""

    family = "id_card"

    @abstractmethod
    async def find(self) -> bool:
        """Whether a card answers now."""

    @abstractmethod
    async def read_card(self, deadline_s: float = 10.0, on_state: Callable[[str], None] | None = None) -> CardRead:
        """Read the card that lies there. Raises `NoMedia`, `MediaUnreadable`, `MediaRejected` or another leaf."""

    @abstractmethod
    async def wait_for_card(self, deadline_s: float) -> None:
        """Return as soon as a card answers. Raises `NoMedia` at the deadline."""

    @abstractmethod
    async def card_present(self) -> bool:
        """Whether a card lies there, also one that was read."""

    @abstractmethod
    async def wait_removed(self, deadline_s: float) -> bool:
        """True when the reader is empty within `deadline_s`."""

    @abstractmethod
    def portrait(self, card: CardRead) -> Pixels | None:
        """The card's portrait, or None when it cannot be decoded here."""


class ReceiptPrinting(Device):
    """A printer of receipts. The verbs of a presenter answer None where the printer cannot see its exit."""

    family = "receipt_printer"
    on_paper: Callable[[int], Awaitable[None]] | None = None
    """Awaited with the millimetres of paper that a print used; must not raise."""
    counted_low: bool = False
    """The millimetres say that the roll is nearly used up: shown as a warning, as a near-end sensor's is."""
    roll_m: int = 80
    """Metres of a new roll."""
    take_s: float = 30.0
    """Seconds that a citizen has to take what came out."""

    async def wait_taken(self, deadline_s: float) -> bool | None:
        """True: the exit is empty. False: the paper lies there after `deadline_s`. Raises `DeviceError`."""
        return None

    async def take_back(self) -> bool | None:
        """Clear the exit of paper that nobody took; true when it is empty then. Raises `DeviceError`."""
        return None

    @abstractmethod
    async def print_document(
        self, document: ReceiptDocument, deadline_s: float = 20.0, cancel_held: bool = True
    ) -> Outcome[PrintedReceipt]:
        """Print and cut. Refused: nothing was sent. Unknown: it may be printed in part."""

    @abstractmethod
    async def clear(self) -> None:
        """Throw away what the printer holds."""


class LicencePrinting(Device):
    """A printer of certificates, one issue of a document under one job name."""

    family = "licence_printer"

    @abstractmethod
    async def check(self, pages: int = 1) -> None:
        """Raise why `pages` pages cannot be printed now."""

    @abstractmethod
    async def print_pdf(
        self,
        pdf: bytes,
        job_name: str,
        *,
        pages: int,
        on_job: Callable[[JobRef], Awaitable[None]],
        deadline_s: float = 180,
        on_progress: Callable[[Progress], None] | None = None,
    ) -> Outcome[PrintedJob]:
        """Print `pdf`; `on_job` is awaited before the printer has the document."""

    @abstractmethod
    async def find_job(
        self,
        job_name: str,
        *,
        ref: JobRef | None = None,
        pages: int = 1,
        deadline_s: float = 180,
        on_progress: Callable[[Progress], None] | None = None,
    ) -> Outcome[PrintedJob] | None:
        """What became of a job; None: no trace of it."""

    @abstractmethod
    async def cancel(self, job_id: int) -> None:
        """Ask for a job to be cancelled."""


class CardPaying(Device):
    """A pad that takes money from cards."""

    family = "payment_pad"

    @abstractmethod
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
        """Take `fen`, or only hold it where `holds`. Unknown: `resolve` must be asked before anything else.

        `before_ack` records the approval; an amount that it returns is all that is issued (`partial_issue` pads only).
        """

    @property
    @abstractmethod
    def holds(self) -> bool:
        """True when `authorise` only holds the money: `book` takes it, `release` frees it; the profile says so."""

    @abstractmethod
    async def book(self, receipt_no: str, held_fen: int, fen: int) -> Outcome[Reversal]:
        """Take `fen` of the `held_fen` held under `receipt_no`, free the rest. After Unknown do it again.

        The reversal's `fen` is what was freed.
        """

    @abstractmethod
    async def release(self, receipt_no: str) -> Outcome[Reversal]:
        """Free all that is held under `receipt_no`. After Unknown do it again."""

    @abstractmethod
    async def open_holds(self) -> list[str]:
        """Receipt numbers of all that is held. Raises `DeviceError`; `Unsupported` by a pad without that list."""

    @abstractmethod
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
        """Give `fen` back onto a card."""

    @abstractmethod
    async def resolve(
        self, fen: int, before: ReceiptMark | None, order: str, deadline_s: float = 200.0
    ) -> Outcome[Approval]:
        """What became of a payment whose outcome is unknown."""

    @abstractmethod
    async def last_transaction(self, deadline_s: float = 200.0) -> Approval | None:
        """The last approved transaction."""

    @abstractmethod
    async def mark(self, deadline_s: float = 15.0) -> ReceiptMark:
        """The last transaction, approved or not."""

    @abstractmethod
    async def reverse(self, receipt_no: str, fen: int) -> Outcome[Reversal]:
        """Undo a payment; one that is only held is freed. After Unknown do it again."""

    @abstractmethod
    async def end_of_day(self) -> Outcome[DayEnd]:
        """Hand in the batch."""

    @abstractmethod
    async def abort(self) -> bool:
        """Ask the pad to stop what it does."""

    @abstractmethod
    async def pad_status(self) -> PadStatus:
        """How the pad is, in its own code."""

    @abstractmethod
    async def diagnose(self) -> str:
        """Let the pad ring its host: `ok` or why not."""

    async def self_test(self) -> str:
        """Let the pad test itself: `ok` or why not. Raises `Unsupported` by one that cannot be told to."""
        from drivers.errors import Unsupported

        raise Unsupported(f"{self.name}: this pad has no self-test that can be asked for")


class Seeing(Device):
    """A camera."""

    family = "camera"

    @abstractmethod
    def latest(self) -> Frame | None:
        """The newest picture, None when the camera is not live."""

    @abstractmethod
    def wipe(self) -> None:
        """Zero every picture in memory."""

    @abstractmethod
    async def frames(self, n: int, within_s: float) -> list[Frame]:
        """`n` live pictures, taken from now on."""

    @abstractmethod
    async def preview(self, size: tuple[int, int]) -> bytes | None:
        """The live picture as RGB rows of `size`."""

    @abstractmethod
    async def read_code(
        self, expect: Collection[Format], deadline_s: float, cancel: asyncio.Event | None = None
    ) -> Code | None:
        """Wait for a code to be held up."""


class CodeReading(Device):
    """A reader of codes alone: the same event as a camera's `read_code`, without a picture."""

    family = "barcode"

    @abstractmethod
    async def read_code(
        self, expect: Collection[Format], deadline_s: float, cancel: asyncio.Event | None = None
    ) -> Code | None:
        """Wait for a code to be read; None when `cancel` was set first. Raises `NoMedia` at the deadline."""

    @abstractmethod
    def wipe(self) -> None:
        """Forget what was read and not asked for."""


class Guiding(Device):
    """The board of a cabinet: guide lights at the slots."""

    family = "cabinet"

    @property
    @abstractmethod
    def slots(self) -> tuple[Slot, ...]:
        """The slots that have a guide light."""

    @abstractmethod
    async def show(self, wishes: Mapping[Slot, Lit]) -> None:
        """Show all of `wishes` at once; other slots stay as they are."""


FAMILIES: Final[Mapping[str, type[Device]]] = MappingProxyType(
    {
        kind.family: kind
        for kind in (CardReading, ReceiptPrinting, LicencePrinting, CardPaying, Seeing, CodeReading, Guiding)
    }
)
"""The families of the profile. A family that is not here takes any `Device`."""
