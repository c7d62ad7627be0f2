"""A printer's conditions and the two ways it puts them into bits: DLE EOT n (1 byte each) and ASB (4 bytes).

DLE EOT bytes are 0xx1xx10, ASB byte 1 is 0xx1xx00, bytes 2 to 4 are 0xx0xxxx (Citizen CT-S2000, appendix 3).
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


def watched(groups: int) -> Condition:
    """The conditions whose change GS a `groups` reports."""
    found = READY
    for bit, conditions in ASB_GROUPS:
        if groups & bit:
            found |= conditions
    return found
