"""What both ends of a code reader's wire share: `keys` a keyboard wedge's key events, `lines` a serial reader's text,
`aim` the prefix that says in which symbology a code was printed. Pure: no I/O, no clock.
"""

from __future__ import annotations

from drivers.barcode.frames.aim import AIM_IDS, split_aim
from drivers.barcode.frames.ends import MAX_SCAN, Bad, Item, Scan
from drivers.barcode.frames.keys import (
    DOWN,
    EVENT,
    KEY_ENTER,
    REPEAT,
    STUCK_REPEATS,
    UP,
    KeyEvent,
    KeyReader,
    encode_keys,
    key_events,
)
from drivers.barcode.frames.lines import ENDS, End, LineReader, encode_line

__all__ = [
    "AIM_IDS",
    "DOWN",
    "ENDS",
    "EVENT",
    "KEY_ENTER",
    "MAX_SCAN",
    "REPEAT",
    "STUCK_REPEATS",
    "UP",
    "Bad",
    "End",
    "Item",
    "KeyEvent",
    "KeyReader",
    "LineReader",
    "Scan",
    "encode_keys",
    "encode_line",
    "key_events",
    "split_aim",
]
