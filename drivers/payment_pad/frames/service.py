"""Commands of the ECR that move no money: registration, status, receipts, end of day (PA00P015, chapter 2)."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from typing import ClassVar

from drivers.payment_pad.frames.apdu import Apdu, FrameError
from drivers.payment_pad.frames.bmp import digits, fields, pack, unbcd
from drivers.payment_pad.frames.values import (
    Password,
    byte_of,
    container_of,
    currency_bytes,
    one_byte,
    password_bytes,
    take_password,
)


@dataclass(frozen=True, slots=True)
class Registration:
    """06 00. `currency` is the ISO number; `tags` (even empty) allows the pad to use TLV."""

    control: ClassVar[int] = 0x0600
    config: int
    currency: int | None = None
    service: int | None = None
    tags: bytes | None = None
    password: Password = field(default="000000", repr=False)

    def apdu(self) -> Apdu:
        """As bytes on the wire. The currency stands without a field number: that is the format."""
        data = password_bytes(self.password) + bytes((self.config,)) + (currency_bytes(self.currency) or b"")
        return Apdu(self.control, data + pack(((0x03, one_byte(self.service)), (0x06, container_of(self.tags)))))

    @classmethod
    def parse(cls, data: bytes) -> Registration:
        """Raises `FrameError`."""
        password, rest = take_password(data)
        if not rest:
            raise FrameError("registration without its config byte")
        config, rest, currency = rest[0], rest[1:], None
        # Two packed digits behind the config byte are the currency; 03 and 06 there begin a field (but 03 44 is HKD).
        if len(rest) >= 2 and (rest[0] not in (0x03, 0x06) or rest[:2] == b"\x03\x44"):
            currency, rest = unbcd(rest[:2]), rest[2:]
        found = fields(rest)
        return cls(config, currency, byte_of(found, 0x03), found.get(0x06), password)


@dataclass(frozen=True, slots=True)
class RepeatReceipt:
    """06 20. Service bit 0: send the status of the last transaction; bit 1: do not print."""

    control: ClassVar[int] = 0x0620
    service: int | None = 0x03
    password: Password = field(default="000000", repr=False)

    def apdu(self) -> Apdu:
        """As bytes on the wire."""
        return Apdu(self.control, password_bytes(self.password) + pack(((0x03, one_byte(self.service)),)))

    @classmethod
    def parse(cls, data: bytes) -> RepeatReceipt:
        """Raises `FrameError`."""
        password, rest = take_password(data)
        return cls(byte_of(fields(rest), 0x03), password)


@dataclass(frozen=True, slots=True)
class StatusEnquiry:
    """05 01: how the pad is. Never a transaction."""

    control: ClassVar[int] = 0x0501
    service: int | None = None
    password: Password | None = field(default=None, repr=False)

    def apdu(self) -> Apdu:
        """As bytes on the wire."""
        head = b"" if self.password is None else password_bytes(self.password)
        return Apdu(self.control, head + pack(((0x03, one_byte(self.service)),)))

    @classmethod
    def parse(cls, data: bytes) -> StatusEnquiry:
        """Raises `FrameError`. The password may be left out: then the fields begin with the first byte."""
        with suppress(FrameError):
            password, rest = take_password(data)
            return cls(byte_of(fields(rest), 0x03), password)
        return cls(byte_of(fields(data), 0x03))


@dataclass(frozen=True, slots=True)
class EndOfDay:
    """06 50: hand in the batch. It empties the turnover storage, and with it what 06 20 and 06 30 can still reach."""

    control: ClassVar[int] = 0x0650
    password: Password = field(default="000000", repr=False)

    def apdu(self) -> Apdu:
        """As bytes on the wire."""
        return Apdu(self.control, password_bytes(self.password))

    @classmethod
    def parse(cls, data: bytes) -> EndOfDay:
        """Raises `FrameError`."""
        return cls(take_password(data)[0])


@dataclass(frozen=True, slots=True)
class Initialisation(EndOfDay):
    """06 93: cure of status 51."""

    control: ClassVar[int] = 0x0693


@dataclass(frozen=True, slots=True)
class TurnoverTotals(EndOfDay):
    """06 10."""

    control: ClassVar[int] = 0x0610


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """06 70: the pad rings its host. Never a transaction."""

    control: ClassVar[int] = 0x0670

    def apdu(self) -> Apdu:
        """As bytes on the wire."""
        return Apdu(self.control)

    @classmethod
    def parse(cls, data: bytes) -> Diagnosis:
        """Whatever data there is does not matter to us."""
        return cls()


@dataclass(frozen=True, slots=True)
class SelfTest(Diagnosis):
    """06 79."""

    control: ClassVar[int] = 0x0679


@dataclass(frozen=True, slots=True)
class Reset(Diagnosis):
    """06 18; answered, never completed."""

    control: ClassVar[int] = 0x0618


@dataclass(frozen=True, slots=True)
class LogOff(Diagnosis):
    """06 02; answered, never completed. The config byte goes back to its default."""

    control: ClassVar[int] = 0x0602


@dataclass(frozen=True, slots=True)
class AbortCommand(Diagnosis):
    """06 B0: the one thing the ECR may say while the pad works. It may lose against an approval under way."""

    control: ClassVar[int] = 0x06B0


@dataclass(frozen=True, slots=True)
class SetClock:
    """06 91: cure of status 62. `date` is YYMMDD, `time` hhmmss, local."""

    control: ClassVar[int] = 0x0691
    date: str
    time: str

    def apdu(self) -> Apdu:
        """As bytes on the wire."""
        return Apdu(self.control, pack(((0xAA, bytes.fromhex(self.date)), (0x0C, bytes.fromhex(self.time)))))

    @classmethod
    def parse(cls, data: bytes) -> SetClock:
        """Raises `FrameError`."""
        found = fields(data)
        if 0xAA not in found or 0x0C not in found:
            raise FrameError("date (AA) or time (0C) is missing")
        return cls(digits(found[0xAA]), digits(found[0x0C]))


@dataclass(frozen=True, slots=True)
class ReadCard:
    """06 C0: wait for a card, no payment. Ends with a status information, without completion."""

    control: ClassVar[int] = 0x06C0
    timeout_s: int
    payment_type: int | None = None
    card_types: int | None = None
    tags: bytes | None = None

    def apdu(self) -> Apdu:
        """As bytes on the wire."""
        rest = pack(
            ((0x19, one_byte(self.payment_type)), (0xFC, one_byte(self.card_types)), (0x06, container_of(self.tags))),
        )
        return Apdu(self.control, bytes((self.timeout_s,)) + rest)

    @classmethod
    def parse(cls, data: bytes) -> ReadCard:
        """Raises `FrameError`."""
        if not data:
            raise FrameError("read card without its time-out")
        found = fields(data[1:])
        return cls(data[0], byte_of(found, 0x19), byte_of(found, 0xFC), found.get(0x06))
