"""What the pad (PT) says to the kiosk, as frozen data; both directions (PA00P015, chapter 2).

A card number never survives decoding: of field 22 only the last four digits are kept, track data (23, 24, 2D) and
all that identifies a card otherwise are skipped.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import ClassVar, Final, TypeAlias

from drivers.payment_pad.frames import tlv
from drivers.payment_pad.frames.apdu import Apdu, FrameError
from drivers.payment_pad.frames.bmp import (
    LENGTHS,
    bcd,
    digits,
    fields,
    fields_until_damage,
    llvar,
    pack,
    unbcd,
    unllvar,
)
from drivers.payment_pad.frames.masking import last_four
from drivers.payment_pad.frames.texts import CP437, MAX_FEED, text_bytes, text_of, texts_in, without_container

MAX_LINES: Final = 400
"""Printed lines taken from one text block."""


def _digits(found: dict[int, bytes], number: int) -> str:
    return digits(found[number]) if number in found else ""


def _hex(text: str) -> bytes | None:
    return bytes.fromhex(text) if text else None


@dataclass(frozen=True, slots=True)
class StatusInformation:
    """04 0F: what became of a transaction. `result` 00 is approved, and final only once we acknowledged it.

    `time` hhmmss, `date` MMDD, `trace` six digits, `receipt_no` four, as the pad says them, empty when absent.
    `receipt_id` is tag 1F1F. `totals` are the amounts per card scheme of an end of day.
    """

    control: ClassVar[int] = 0x040F
    result: int | None
    amount: int | None = None
    currency: int | None = None
    receipt_no: str = ""
    trace: str = ""
    time: str = ""
    date: str = ""
    terminal_id: str = ""
    merchant: str = ""
    card: str = ""
    card_name: str = ""
    card_type: int | None = None
    approval_code: str = ""
    aid: str = ""
    text: str = ""
    turnover_no: str = ""
    receipt_id: str | None = None
    totals: tuple[int, ...] | None = None

    @property
    def approved(self) -> bool:
        """True for result 00."""
        return self.result == 0

    @property
    def is_payment(self) -> bool:
        """True when it speaks of money taken: approved, with an amount and a receipt number."""
        return self.approved and bool(self.amount) and bool(self.receipt_no)

    @property
    def key(self) -> tuple[str, str, str]:
        """What tells one transaction from another: terminal, receipt number, trace."""
        return (self.terminal_id, self.receipt_no, self.trace)

    def apdu(self) -> Apdu:
        """As bytes on the wire."""
        tags = b""
        if self.aid:
            tags += tlv.tag(tlv.APPLICATION, tlv.tag(tlv.APPLICATION_ID, bytes.fromhex(self.aid)))
        if self.receipt_id is not None:
            tags += tlv.tag(tlv.RECEIPT_ID, bytes.fromhex(self.receipt_id))
        parts: tuple[tuple[int, bytes | None], ...] = (
            (0x27, None if self.result is None else bytes((self.result,))),
            (0x04, None if self.amount is None else bcd(self.amount, 6)),
            (0x49, None if self.currency is None else bcd(self.currency, 2)),
            (0x0B, _hex(self.trace)),
            (0x0C, _hex(self.time)),
            (0x0D, _hex(self.date)),
            (0x29, _hex(self.terminal_id)),
            (0x2A, self.merchant.encode("ascii", "replace").ljust(15)[:15] if self.merchant else None),
            (0x22, _card_bytes(self.card)),
            (0x3B, self.approval_code.encode("ascii", "replace").ljust(8, b"\0")[:8] if self.approval_code else None),
            (0x3C, text_bytes(self.text) if self.text else None),
            (0x60, None if self.totals is None else _pack_totals(self.totals)),
            (0x87, _hex(self.receipt_no)),
            (0x88, _hex(self.turnover_no)),
            (0x8A, None if self.card_type is None else bytes((self.card_type,))),
            (0x8B, text_bytes(self.card_name) + b"\0" if self.card_name else None),
            (0x06, tlv.container(tags) if tags else None),
        )
        return Apdu(self.control, pack(parts))

    @classmethod
    def parse(cls, data: bytes, charset: str = CP437, *, cut: bool = False) -> StatusInformation:
        """Raises `FrameError`, `UnknownField`; with `cut`, damage ends the reading instead."""
        found = fields_until_damage(data) if cut else fields(data)
        tags = found.get(0x06, b"")
        aid = tlv.find(tags, tlv.APPLICATION_ID)
        receipt_id = tlv.find(tags, tlv.RECEIPT_ID)
        return cls(
            result=found[0x27][0] if 0x27 in found else None,
            amount=unbcd(found[0x04]) if 0x04 in found else None,
            currency=unbcd(found[0x49]) if 0x49 in found else None,
            receipt_no=_digits(found, 0x87),
            trace=_digits(found, 0x0B),
            time=_digits(found, 0x0C),
            date=_digits(found, 0x0D),
            terminal_id=_digits(found, 0x29),
            merchant=text_of(found.get(0x2A, b""), charset).strip(),
            card=last_four(found.get(0x22, b"").hex()),
            card_name=text_of(found.get(0x8B, b"").rstrip(b"\0"), charset).strip(),
            card_type=found[0x8A][0] if 0x8A in found else None,
            approval_code=text_of(found.get(0x3B, b"").rstrip(b"\0")).strip(),
            aid=(aid or b"").hex().upper(),
            text=text_of(found.get(0x3C, b""), charset),
            turnover_no=_digits(found, 0x88),
            receipt_id=None if receipt_id is None else receipt_id.hex(),
            totals=_take_totals(found[0x60]) if 0x60 in found else None,
        )


def _card_bytes(card: str) -> bytes | None:
    """`****1234` as field 22: unknown digits are nibbles E."""
    if not card:
        return None
    tail = card.removeprefix("****")
    return bytes.fromhex("E" * (16 - len(tail)) + tail)


def _pack_totals(totals: tuple[int, ...]) -> bytes:
    """Field 60: first and last receipt number, then pairs of count and amount; here only the amounts matter."""
    return bytes(4) + b"".join(bytes((1 if t else 0,)) + bcd(t, 6) for t in totals)


def _take_totals(data: bytes) -> tuple[int, ...]:
    return tuple(unbcd(data[i + 1 : i + 7]) for i in range(4, len(data) - 6, 7))


@dataclass(frozen=True, slots=True)
class IntermediateStatus:
    """04 FF: what the pad is doing. `minutes` sets T4 anew; `lines` are texts for the merchant, not to be shown."""

    control: ClassVar[int] = 0x04FF
    code: int
    minutes: int | None = None
    lines: tuple[str, ...] = field(default=(), repr=False)

    def apdu(self) -> Apdu:
        """As bytes on the wire."""
        data = bytes((self.code,))
        if self.minutes is not None or self.lines:
            data += bcd(self.minutes or 0, 1)
        if self.lines:
            inner = b"".join(tlv.tag(tlv.TEXT_LINE, text_bytes(line)) for line in self.lines)
            data += pack(((0x06, tlv.container(tlv.tag(tlv.DISPLAY_TEXTS, inner))),))
        return Apdu(self.control, data)

    @classmethod
    def parse(cls, data: bytes, charset: str = CP437) -> IntermediateStatus:
        """Raises `FrameError`. Real pads send a second byte that is no packed decimal; it then says nothing."""
        if not data:
            raise FrameError("intermediate status without its code")
        minutes = unbcd(data[1:2]) if data[1:2].hex().isdecimal() else None
        tags = b""
        if len(data) > 2:
            tags = fields_until_damage(data[2:]).get(0x06, b"")
        return cls(data[0], minutes or None, tuple(texts_in(tags, charset, 8)))


@dataclass(frozen=True, slots=True)
class Completion:
    """06 0F: the pad has done with a command. It proves nothing about money.

    `status` is the status byte (field 19 after registration, bare after 05 01); `software` comes with 05 01.
    """

    control: ClassVar[int] = 0x060F
    status: int | None = None
    software: str = ""
    terminal_id: str = ""
    currency: int | None = None
    result: int | None = None
    bare: bool = False

    def apdu(self) -> Apdu:
        """As bytes on the wire: `bare` for the answer to 05 01, fields for all others."""
        if self.bare:
            head = llvar(text_bytes(self.software), 3) if self.software else b""
            return Apdu(self.control, head + bytes((self.status or 0,)))
        return Apdu(
            self.control,
            pack(
                (
                    (0x27, None if self.result is None else bytes((self.result,))),
                    (0x19, None if self.status is None else bytes((self.status,))),
                    (0x29, _hex(self.terminal_id)),
                    (0x49, None if self.currency is None else bcd(self.currency, 2)),
                )
            ),
        )

    @classmethod
    def parse(cls, data: bytes, charset: str = CP437) -> Completion:
        """Never raises: a completion has to be answered whatever it holds, so what is unreadable is left out."""
        if len(data) == 1 or (len(data) > 1 and data[1] == 0x06 and data[0] not in LENGTHS):
            return cls(status=data[0], bare=True)
        if data[:1] and data[0] >> 4 == 0xF:
            try:
                software, at = unllvar(data, 0, 3)
            except FrameError:
                return cls()
            status = data[at] if at < len(data) else None
            return cls(status=status, software=text_of(software, charset), bare=True)
        found = fields_until_damage(data)
        currency = found.get(0x49, b"\xff")
        return cls(
            status=found[0x19][0] if 0x19 in found else None,
            terminal_id=found.get(0x29, b"").hex(),
            currency=unbcd(currency) if currency.hex().isdecimal() else None,
            result=found[0x27][0] if 0x27 in found else None,
        )


@dataclass(frozen=True, slots=True)
class Abort:
    """06 1E: the command ended without success. `receipts` lists open pre-authorisations (`FFFF`: none)."""

    control: ClassVar[int] = 0x061E
    result: int
    receipts: tuple[str, ...] = ()

    def apdu(self) -> Apdu:
        """As bytes on the wire. The list follows behind the code B8, as field 87 each."""
        receipts = b"".join(b"\x87" + bytes.fromhex(r) for r in self.receipts)
        return Apdu(self.control, bytes((self.result,)) + receipts)

    @classmethod
    def parse(cls, data: bytes, charset: str = CP437) -> Abort:
        """Never raises, as for a completion. An abort without a code is a system error, FF."""
        if not data:
            return cls(0xFF)
        receipts, rest = [], data[1:]
        while len(rest) >= 3 and rest[0] == 0x87:
            receipts.append(rest[1:3].hex().upper())
            rest = rest[3:]
        return cls(data[0], tuple(receipts))


@dataclass(frozen=True, slots=True)
class PrintLine:
    """06 D1: one line of a receipt. `attribute` bit 7 marks the last line; FF feeds empty lines."""

    control: ClassVar[int] = 0x06D1
    attribute: int
    text: str = field(default="", repr=False)

    def apdu(self) -> Apdu:
        """As bytes on the wire."""
        text = bytes((len(self.text),)) if self.attribute == 0xFF else text_bytes(self.text)
        return Apdu(self.control, bytes((self.attribute,)) + text)

    @classmethod
    def parse(cls, data: bytes, charset: str = CP437) -> PrintLine:
        """Never raises: a line without attribute is an empty line."""
        if not data:
            return cls(0)
        if data[0] == 0xFF:
            return cls(0xFF, "\n" * min(data[1] if len(data) > 1 else 1, MAX_FEED))
        return cls(data[0], text_of(without_container(data[1:]), charset))

    @property
    def lines(self) -> tuple[str, ...]:
        """The line, or as many empty ones as are fed."""
        return ("",) * len(self.text) if self.attribute == 0xFF else (self.text,)


@dataclass(frozen=True, slots=True)
class PrintTextBlock:
    """06 D3: a receipt in one unit. `receipt_type` 1 merchant, 2 customer, 3 administration."""

    control: ClassVar[int] = 0x06D3
    lines: tuple[str, ...] = field(default=(), repr=False)
    receipt_type: int | None = None

    def apdu(self) -> Apdu:
        """As bytes on the wire."""
        inner = b"".join(tlv.tag(tlv.TEXT_LINE, text_bytes(line)) for line in self.lines)
        tags = tlv.tag(tlv.PRINT_TEXTS, inner + tlv.tag(tlv.LINE_ATTRIBUTE, b"\xff"))
        if self.receipt_type is not None:
            tags = tlv.tag(tlv.RECEIPT_TYPE, bytes((self.receipt_type,))) + tags
        return Apdu(self.control, pack(((0x06, tlv.container(tags)),)))

    @classmethod
    def parse(cls, data: bytes, charset: str = CP437) -> PrintTextBlock:
        """Never raises; unreadable parts are left out."""
        tags = fields_until_damage(data).get(0x06, b"")
        kind = tlv.find(tags, tlv.RECEIPT_TYPE)
        return cls(tuple(texts_in(tags, charset, MAX_LINES)), kind[0] if kind else None)


Answer: TypeAlias = StatusInformation | IntermediateStatus | Completion | Abort | PrintLine | PrintTextBlock
_PARSERS: dict[int, Callable[[bytes, str], Answer]] = {
    kind.control: kind.parse for kind in (IntermediateStatus, Completion, Abort, PrintLine, PrintTextBlock)
}


def decode_answer(unit: Apdu, charset: str = CP437) -> Answer | None:
    """What the pad says with `unit`, None for a command we do not know. Raises `FrameError`, `UnknownField`.

    `charset` is that of texts which do not name theirs.
    """
    if unit.control == StatusInformation.control:
        return StatusInformation.parse(unit.data, charset, cut=unit.cut)
    parser = _PARSERS.get(unit.control)
    return parser(unit.data, charset) if parser else None
