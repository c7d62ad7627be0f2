"""Commands of the ECR that move money or give it back (PA00P015, chapter 2)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from drivers.payment_pad.frames.apdu import Apdu
from drivers.payment_pad.frames.bmp import bcd, fields, pack, unbcd
from drivers.payment_pad.frames.codes import PARTIAL_ISSUE
from drivers.payment_pad.frames.values import (
    Password,
    amount_of,
    byte_of,
    container_of,
    currency_bytes,
    currency_of,
    one_byte,
    password_bytes,
    receipt_bytes,
    receipt_text,
    take_password,
)


@dataclass(frozen=True, slots=True)
class Authorisation:
    """06 01. `amount` in the smallest unit; `timeout_s` and `max_statuses` bound the goods-issue handshake."""

    control: ClassVar[int] = 0x0601
    amount: int
    currency: int | None = None
    payment_type: int | None = None
    timeout_s: int | None = None
    max_statuses: int | None = None
    tags: bytes | None = None

    def apdu(self) -> Apdu:
        """As bytes on the wire."""
        return Apdu(
            self.control,
            pack(
                (
                    (0x04, bcd(self.amount, 6)),
                    (0x49, currency_bytes(self.currency)),
                    (0x19, one_byte(self.payment_type)),
                    (0x01, one_byte(self.timeout_s)),
                    (0x02, one_byte(self.max_statuses)),
                    (0x06, container_of(self.tags)),
                )
            ),
        )

    @classmethod
    def parse(cls, data: bytes) -> Authorisation:
        """Raises `FrameError`, `UnknownField`."""
        found = fields(data)
        return cls(
            amount_of(found),
            currency_of(found),
            byte_of(found, 0x19),
            byte_of(found, 0x01),
            byte_of(found, 0x02),
            found.get(0x06),
        )


def partial_issue(fen: int) -> Apdu:
    """84 9D: only `fen` of an approval is issued; an answer, with the amount as field 04 (2.2.6)."""
    return Apdu(0x8400 | PARTIAL_ISSUE, pack(((0x04, bcd(fen, 6)),)))


def issued_part(unit: Apdu) -> int | None:
    """The amount of an 84 9D answer, None for any other unit. Raises `FrameError` when it is not there."""
    return amount_of(fields(unit.data)) if unit.control == 0x8400 | PARTIAL_ISSUE else None


@dataclass(frozen=True, slots=True)
class PreAuthorisation(Authorisation):
    """06 22: as a payment, to be booked or given back later."""

    control: ClassVar[int] = 0x0622


@dataclass(frozen=True, slots=True)
class Refund:
    """06 31: money back onto a card that is presented again."""

    control: ClassVar[int] = 0x0631
    amount: int
    currency: int | None = None
    password: Password = field(default="000000", repr=False)

    def apdu(self) -> Apdu:
        """As bytes on the wire."""
        rest = pack(((0x04, bcd(self.amount, 6)), (0x49, currency_bytes(self.currency))))
        return Apdu(self.control, password_bytes(self.password) + rest)

    @classmethod
    def parse(cls, data: bytes) -> Refund:
        """Raises `FrameError`."""
        password, rest = take_password(data)
        found = fields(rest)
        return cls(amount_of(found), currency_of(found), password)


@dataclass(frozen=True, slots=True)
class Reversal:
    """06 30: a payment of this batch undone, by its receipt number."""

    control: ClassVar[int] = 0x0630
    receipt_no: str
    amount: int | None = None
    password: Password = field(default="000000", repr=False)

    def apdu(self) -> Apdu:
        """As bytes on the wire."""
        amount = None if self.amount is None else bcd(self.amount, 6)
        return Apdu(
            self.control, password_bytes(self.password) + pack(((0x87, receipt_bytes(self.receipt_no)), (0x04, amount)))
        )

    @classmethod
    def parse(cls, data: bytes) -> Reversal:
        """Raises `FrameError`."""
        password, rest = take_password(data)
        found = fields(rest)
        amount = unbcd(found[0x04]) if 0x04 in found else None
        return cls(receipt_text(found.get(0x87)), amount, password)


@dataclass(frozen=True, slots=True)
class PartialReversal:
    """06 23: the unused part of a pre-authorisation given back; receipt `FFFF` asks for the open ones."""

    control: ClassVar[int] = 0x0623
    receipt_no: str
    amount: int | None = None
    currency: int | None = None
    payment_type: int | None = None

    def apdu(self) -> Apdu:
        """As bytes on the wire."""
        return Apdu(
            self.control,
            pack(
                (
                    (0x87, receipt_bytes(self.receipt_no)),
                    (0x04, None if self.amount is None else bcd(self.amount, 6)),
                    (0x49, currency_bytes(self.currency)),
                    (0x19, one_byte(self.payment_type)),
                )
            ),
        )

    @classmethod
    def parse(cls, data: bytes) -> PartialReversal:
        """Raises `FrameError`, `UnknownField`."""
        found = fields(data)
        amount = unbcd(found[0x04]) if 0x04 in found else None
        return cls(receipt_text(found.get(0x87)), amount, currency_of(found), byte_of(found, 0x19))


@dataclass(frozen=True, slots=True)
class PreAuthReversal(PartialReversal):
    """06 25: a pre-authorisation freed whole."""

    control: ClassVar[int] = 0x0625


@dataclass(frozen=True, slots=True)
class BookTotal(PartialReversal):
    """06 24: the used part of a pre-authorisation booked."""

    control: ClassVar[int] = 0x0624
