"""The pad as a thing: cards held to it, its turnover storage, its locks, what the bank says. Physics only, no wire."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from drivers.payment_pad.frames import StatusInformation, last_four
from simulator.models.bank_ledger import Entry, Kind, Ledger
from simulator.models.pad_faults import Faults
from simulator.people import CITIZENS

RIGHT_PIN = "1234"
AID = "A000000333010101"
READY, INIT_NEEDED, CLOCK_WRONG, BUSY, LOCKED = 0x00, 0x51, 0x62, 0x9C, 0xF0


@dataclass(frozen=True, slots=True)
class Act:
    """What a person did at the pad."""

    kind: Literal["tap", "insert", "cancel", "abort", "lost"]
    card: str = ""
    pin: str = ""


@dataclass(slots=True)
class Times:
    """Seconds that things take."""

    answer_s: float = 0.02
    card_s: float = 60.0
    """How long the pad waits for a card."""
    pin_s: float = 1.5
    host_s: float = 0.6
    """One question to the bank."""
    boot_s: float = 3.0
    issue_s: float = 30.0
    """How long the pad waits for our word on an approval, unless BMP 01 says otherwise."""
    repeat_s: float = 2.0
    ack_s: float = 5.0
    after_loss_s: float = 4.0
    """How long the pad stays at work after the link broke."""


@dataclass(slots=True)
class Stored:
    """One transaction of the turnover storage."""

    info: StatusInformation
    entry: Entry
    kind: Literal["payment", "refund", "reversal"]
    reversed: bool = False
    hold: bool = False
    """Only held yet: it is in no batch."""


class Terminal:
    """One pad. `clock` gives the time that it prints."""

    def __init__(self, times: Times | None = None, clock: Callable[[], datetime] | None = None) -> None:
        self.times = times or Times()
        self.faults = Faults()
        self.ledger = Ledger()
        self.acts: deque[Act] = deque(maxlen=8)
        self.auto: tuple[str, float] | None = None
        self.store: list[Stored] = []
        self.last: Stored | None = None
        self.pending: Stored | None = None
        self.holds: dict[str, Stored] = {}
        """Open pre-authorisations by receipt number."""
        self.freed: set[str] = set()
        """Receipt numbers of what was held and is free again, until the end of day."""
        self.locked = False
        self.registered = False
        self.currency = 156
        self.terminal_id = "52523535"
        self.software = "SPECIMEN-PAD-1.0"
        self.phase = "idle"
        self.asked_fen = 0
        self.display = "READY"
        self.receipt = 0
        self.trace = 0
        self.boot_until = float("-inf")
        self.updating_until = float("-inf")
        self.deaf_until = float("-inf")
        self._clock = clock or (lambda: datetime.now().astimezone())

    def status_code(self, now: float) -> int:
        """The status byte of 05 01, work under way aside."""
        if now < self.updating_until:
            return 0xE0
        return self.faults.status_code or (BUSY if self.faults.busy else LOCKED if self.locked else READY)

    def card(self, key: str) -> str:
        """The bank card number of citizen `key`. Raises `ValueError`."""
        if key not in CITIZENS:
            raise ValueError(f"no card {key!r}; there are {', '.join(CITIZENS)}")
        return CITIZENS[key].pan

    def approve(self, kind: Kind, fen: int, key: str, *, receipt_id: bool, hold: bool = False) -> Stored:
        """The bank takes `fen` from the card of citizen `key`, or holds it.

        Nothing is stored before the ECR acknowledged.
        """
        self.receipt, self.trace = self.receipt % 9999 + 1, self.trace % 999999 + 1
        now = self._clock()
        amount = max(1, fen + self.faults.other_amount - self.faults.less_fen)
        info = StatusInformation(
            result=0,
            amount=amount,
            currency=self.currency,
            receipt_no=f"{self.receipt:04d}",
            trace=f"{self.trace:06d}",
            time=now.strftime("%H%M%S"),
            date=now.strftime("%m%d"),
            terminal_id=self.terminal_id,
            merchant="WEIHAI SPECIMEN",
            card=last_four(self.card(key)),
            card_name="UnionPay SPECIMEN",
            approval_code=f"{self.trace * 7919 % 10**6:06d}",
            aid=AID,
            receipt_id=f"{self.receipt:06d}" if receipt_id else None,
        )
        entry = Entry(kind, "held" if hold else "authorised", amount, info.card, info.receipt_no, info.trace)
        self.ledger.add(entry)
        self.pending = Stored(info, entry, kind, hold=hold)
        return self.pending

    def issue_part(self, stored: Stored, fen: int) -> None:
        """Only `fen` of an approval is issued (84 9D): the bank takes no more."""
        stored.entry.fen = fen
        stored.info = replace(stored.info, amount=fen)

    def book(self, stored: Stored) -> None:
        """Store the transaction: from here on 06 20 reports it and 06 30 can undo it."""
        if stored.hold:
            self.holds[stored.info.receipt_no] = stored
        else:
            stored.entry.state = "booked"
            self.store.append(stored)
        self.last, self.pending = stored, None

    def undo(self, stored: Stored) -> None:
        """Auto-reversal of what was never stored (2.2.8)."""
        stored.entry.state = "reversed"
        self.pending = None

    def forget(self, stored: Stored) -> None:
        """Undo the last payment in silence and give its receipt number again (tag 1F1F, chapter 9)."""
        stored.entry.state, stored.reversed = "reversed", True
        self.store = [s for s in self.store if s is not stored]
        self.holds.pop(stored.info.receipt_no, None)
        self.last = self.store[-1] if self.store else None
        self.receipt -= 1

    def decline(self, kind: Kind, fen: int, key: str, code: int) -> None:
        """Note that the bank said no."""
        card = last_four(self.card(key)) if key else ""
        self.ledger.add(Entry(kind, "declined", fen, card, "", "", f"{code:02X}"))

    def reversible(self, receipt_no: str, fen: int | None) -> Stored | int:
        """The payment that 06 30 means, or the result code why not."""
        for stored in reversed(self.store):
            if stored.info.receipt_no == receipt_no and stored.kind == "payment":
                if stored.reversed:
                    return 0xB4
                if self.faults.last_only and stored is not self.last:
                    return 0xB5
                return stored if fen in (None, stored.entry.fen) else 0xB5
        return 0xB4 if receipt_no in self.freed else 0xB5

    def held(self, receipt_no: str) -> Stored | int:
        """The open pre-authorisation `receipt_no`, or the result code why there is none."""
        return self.holds.get(receipt_no) or (0xB4 if receipt_no in self.freed else 0xB7)

    def settled(self, stored: Stored, fen: int) -> StatusInformation:
        """The status that reports `fen` of a hold as booked, 0 as freed; under its own receipt number (FEIG)."""
        self.trace = self.trace % 999999 + 1
        now = self._clock()
        return replace(
            stored.info,
            amount=fen,
            trace=f"{self.trace:06d}",
            time=now.strftime("%H%M%S"),
            date=now.strftime("%m%d"),
            receipt_id=None,
        )

    def settle(self, stored: Stored, info: StatusInformation) -> None:
        """Book as much of a hold as `info` says and free the rest."""
        fen, receipt_no = info.amount or 0, stored.info.receipt_no
        del self.holds[receipt_no]
        stored.info, stored.hold = info, False
        self.last = stored
        if fen:
            stored.entry.fen, stored.entry.state = fen, "booked"
            self.store.append(stored)
        else:
            stored.entry.state, stored.reversed = "reversed", True
            self.freed.add(receipt_no)

    def reversal_of(self, stored: Stored) -> StatusInformation:
        """The status that reports the reversal of `stored`, with its own receipt and trace."""
        self.receipt, self.trace = self.receipt % 9999 + 1, self.trace % 999999 + 1
        i = stored.info
        return StatusInformation(
            result=0,
            amount=i.amount,
            currency=i.currency,
            receipt_no=f"{self.receipt:04d}",
            trace=f"{self.trace:06d}",
            time=self._clock().strftime("%H%M%S"),
            date=self._clock().strftime("%m%d"),
            terminal_id=self.terminal_id,
            card=i.card,
            card_name=i.card_name,
        )

    def reverse(self, stored: Stored, info: StatusInformation) -> None:
        """The bank gives the money of `stored` back."""
        stored.reversed = True
        stored.entry.state = "reversed"
        self.last = Stored(info, stored.entry, "reversal", reversed=True)
        self.store.append(self.last)

    def totals_fen(self) -> int:
        """What the batch holds."""
        return sum(s.entry.moved_fen for s in self.store if s.kind != "reversal")

    def close_day(self) -> None:
        """Hand in the batch: the storage is empty then, 06 20 and 06 30 reach nothing any more."""
        self.store.clear()
        self.freed.clear()
        self.last = None
        self.locked = False

    def boot(self, now: float) -> None:
        """Power came back: whatever was under way is reversed, or kept where the pad uses 1F1F."""
        self.registered = False
        self.phase, self.display, self.asked_fen = "booting", "STARTING", 0
        self.boot_until = now + self.times.boot_s
        self.acts.clear()
        if self.pending is not None:
            settle = self.book if self.faults.keep_on_loss else self.undo
            settle(self.pending)
