"""A printer's conditions and the ways it puts them into bits: DLE EOT n (1 byte each), ASB (4), DLE EOT 20 (6).

DLE EOT bytes are 0xx1xx10, ASB byte 1 is 0xx1xx00, bytes 2 to 4 are 0xx0xxxx (Citizen CT-S2000, appendix 3). The six
bytes of a kiosk printer are 10 0F and four bytes of free bits (Custom KPM300 command manual, p. 113).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Flag, auto


class Condition(Flag):
    """What is true of a printer now."""

    DRAWER_HIGH = auto()
    OFFLINE = auto()
    WAITING_RECOVERY = auto()
    FEED_BUTTON = auto()
    COVER_OPEN = auto()
    FEEDING = auto()
    STOPPED_NO_PAPER = auto()
    ERROR = auto()
    MECHANICAL = auto()
    CUTTER = auto()
    UNRECOVERABLE = auto()
    AUTO_RECOVERABLE = auto()
    NEAR_END = auto()
    PAPER_END = auto()
    TICKET_IN_EXIT = auto()
    SPOOLING = auto()
    VOLTAGE = auto()
    LINE_ERROR = auto()


READY = Condition(0)


@dataclass(frozen=True, slots=True)
class BitRow:
    """One condition: DLE EOT `n` and its mask; ASB byte (1 to 4) and its mask; 0 = not told that way."""

    condition: Condition
    n: int
    mask: int
    asb_byte: int
    asb_mask: int


C = Condition
BITS: tuple[BitRow, ...] = (
    BitRow(C.DRAWER_HIGH, 1, 0x04, 1, 0x04),
    BitRow(C.OFFLINE, 1, 0x08, 1, 0x08),
    BitRow(C.WAITING_RECOVERY, 1, 0x20, 2, 0x01),
    BitRow(C.FEED_BUTTON, 1, 0x40, 2, 0x02),
    BitRow(C.COVER_OPEN, 2, 0x04, 1, 0x20),
    BitRow(C.FEEDING, 2, 0x08, 1, 0x40),
    BitRow(C.STOPPED_NO_PAPER, 2, 0x20, 0, 0),
    BitRow(C.ERROR, 2, 0x40, 0, 0),
    BitRow(C.MECHANICAL, 3, 0x04, 2, 0x04),
    BitRow(C.CUTTER, 3, 0x08, 2, 0x08),
    BitRow(C.UNRECOVERABLE, 3, 0x20, 2, 0x20),
    BitRow(C.AUTO_RECOVERABLE, 3, 0x40, 2, 0x40),
    BitRow(C.NEAR_END, 4, 0x0C, 3, 0x03),
    BitRow(C.PAPER_END, 4, 0x60, 3, 0x0C),
)
FULL_STATUS = b"\x10\x0f"
"""How the answer to DLE EOT 20 begins."""


@dataclass(frozen=True, slots=True)
class FullRow:
    """One bit of the answer to DLE EOT 20: byte 3 paper, 4 user, 5 recoverable, 6 unrecoverable; what it means.

    `told` false: another bit says the same, and the simulated printer uses that one.
    """

    byte: int
    mask: int
    means: Condition
    told: bool = True


FULL_BITS: tuple[FullRow, ...] = (
    FullRow(3, 0x01, C.PAPER_END | C.STOPPED_NO_PAPER),
    FullRow(3, 0x04, C.NEAR_END),
    FullRow(3, 0x20, C.TICKET_IN_EXIT),
    FullRow(4, 0x01, C.COVER_OPEN, told=False),
    FullRow(4, 0x02, C.COVER_OPEN),
    FullRow(4, 0x04, C.SPOOLING),
    FullRow(5, 0x01, C.AUTO_RECOVERABLE),
    FullRow(5, 0x02, C.LINE_ERROR),
    FullRow(5, 0x08, C.VOLTAGE),
    FullRow(6, 0x01, C.CUTTER),
    FullRow(6, 0x02, C.COVER_OPEN, told=False),
    FullRow(6, 0x04, C.UNRECOVERABLE),
    FullRow(6, 0x08, C.UNRECOVERABLE, told=False),
)
"""The head raised and the cutter's cover count as an open cover; RAM and EEPROM errors as unrecoverable."""
ERRORS = C.MECHANICAL | C.CUTTER | C.UNRECOVERABLE | C.AUTO_RECOVERABLE
ASB_GROUPS: tuple[tuple[int, Condition], ...] = (
    (0x01, C.DRAWER_HIGH),
    (0x02, C.OFFLINE | C.COVER_OPEN | C.FEEDING | C.WAITING_RECOVERY),
    (0x04, ERRORS),
    (0x08, C.NEAR_END | C.PAPER_END),
    (0x40, C.FEED_BUTTON),
)
"""GS a n: the bit of n that enables each group (Epson TM-U220A manual, p. 82)."""
DLE_EOT_FIXED, DLE_EOT_MASK = 0x12, 0x93
ASB_FIXED, ASB_MASK = 0x10, 0x93


def status_byte(n: int, conditions: Condition) -> int:
    """The answer to DLE EOT n under `conditions`."""
    value = DLE_EOT_FIXED
    for row in BITS:
        if row.n == n and row.condition in conditions:
            value |= row.mask
    return value


def read_status(n: int, value: int) -> Condition:
    """The conditions that answer `value` to DLE EOT n tells. Citizen kiosk models split the two paper bit pairs."""
    found = READY
    for row in BITS:
        if row.n == n and value & row.mask:
            found |= row.condition
    return found


def asb_block(conditions: Condition) -> bytes:
    """The four bytes of an automatic status."""
    block = bytearray((ASB_FIXED, 0, 0, 0))
    for row in BITS:
        if row.asb_byte and row.condition in conditions:
            block[row.asb_byte - 1] |= row.asb_mask
    return bytes(block)


def read_asb(block: bytes) -> Condition:
    """The conditions of an automatic status; ERROR and STOPPED_NO_PAPER follow from the others. Byte 4 is reserved."""
    found = READY
    for row in BITS:
        if row.asb_byte and block[row.asb_byte - 1] & row.asb_mask:
            found |= row.condition
    if found & ERRORS:
        found |= C.ERROR
    if C.PAPER_END in found and C.OFFLINE in found:
        found |= C.STOPPED_NO_PAPER
    return found


def full_status(conditions: Condition) -> bytes:
    """The answer to DLE EOT 20 under `conditions`, six bytes."""
    block = bytearray(FULL_STATUS + bytes(4))
    for row in FULL_BITS:
        if row.told and row.means & conditions:
            block[row.byte - 1] |= row.mask
    return bytes(block)


def read_full(block: bytes) -> Condition:
    """The conditions that the six bytes tell; a bit that no manual names says nothing."""
    found = READY
    for row in FULL_BITS:
        if block[row.byte - 1] & row.mask:
            found |= row.means
    return found


def watched(groups: int) -> Condition:
    """The conditions whose change GS a `groups` reports."""
    found = READY
    for bit, conditions in ASB_GROUPS:
        if groups & bit:
            found |= conditions
    return found
