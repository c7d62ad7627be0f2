"""A keyboard wedge: what it types, as Linux input events, and back to the code's bytes.

An event is `struct input_event` of the running machine (<linux/input.h>): seconds, microseconds, type, code, value.
Readers type on an American keyboard; what has no key there they type as Alt and digits of the keypad, as Windows takes
it: up to 255 one byte, up to 65,535 two bytes of GBK, or with `unicode` a character's number.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from drivers.barcode.frames.ends import MAX_SCAN, Bad, Item, Scan

EVENT: Final = struct.Struct("@llHHi")
EV_SYN, EV_KEY = 0, 1
SYN_DROPPED = 3
UP, DOWN, REPEAT = 0, 1, 2
KEY_BACKSPACE, KEY_TAB, KEY_ENTER, KEY_CAPSLOCK, KEY_KPENTER = 14, 15, 28, 58, 96
SHIFTS: Final = frozenset({42, 54})
CONTROLS: Final = frozenset({29, 97, 125, 126})
ALTS: Final = frozenset({56, 100})
STUCK_REPEATS: Final = 25
"""Auto-repeats of one key after which it hangs: about a second of a held key."""
_ROWS: Final = (
    (2, "1234567890-=", "!@#$%^&*()_+"),
    (16, "qwertyuiop[]", "QWERTYUIOP{}"),
    (30, "asdfghjkl;'`", 'ASDFGHJKL:"~'),
    (43, "\\zxcvbnm,./", "|ZXCVBNM<>?"),
    (57, " ", " "),
)
PLAIN: Final[Mapping[int, str]] = MappingProxyType({s + i: c for s, low, _ in _ROWS for i, c in enumerate(low)})
SHIFTED: Final[Mapping[int, str]] = MappingProxyType({s + i: c for s, _, high in _ROWS for i, c in enumerate(high)})
KEYPAD: Final[Mapping[int, str]] = MappingProxyType(
    dict(zip((82, 79, 80, 81, 75, 76, 77, 71, 72, 73), "0123456789", strict=True))
    | {74: "-", 78: "+", 83: ".", 98: "/", 55: "*"}
)
_DIGIT_KEYS: Final = {character: code for code, character in KEYPAD.items() if character.isdigit()}
_KEYS: Final = {c: (code, False) for code, c in PLAIN.items()} | {
    c: (code, True) for code, c in SHIFTED.items() if c != " "
}


@dataclass(frozen=True, slots=True)
class KeyEvent:
    """One key: its code of <linux/input-event-codes.h>, and 0 up, 1 down, 2 repeated by the kernel."""

    code: int
    value: int


class KeyReader:
    """Input events to scans. `ends`: the key codes that end a code. Bytes may come in any pieces."""

    def __init__(self, ends: frozenset[int] = frozenset({KEY_ENTER, KEY_KPENTER}), *, unicode: bool = False) -> None:
        self._ends = ends
        self._unicode = unicode
        self._tail = b""
        self._text = bytearray()
        self._held: set[int] = set()
        self._capitals = False
        self._number = ""
        self._bad: Bad | None = None
        self._repeats = 0

    @property
    def waiting(self) -> bool:
        """Whether a code has begun."""
        return bool(self._text or self._number or self._bad)

    @property
    def stuck(self) -> bool:
        """A key is held down and repeats."""
        return self._repeats >= STUCK_REPEATS

    def feed(self, data: bytes) -> list[Item]:
        """The scans that `data` completes."""
        data = self._tail + data
        whole = len(data) - len(data) % EVENT.size
        self._tail = data[whole:]
        items: list[Item] = []
        for _, _, kind, code, value in EVENT.iter_unpack(data[:whole]):
            if kind == EV_SYN and code == SYN_DROPPED:
                self.give_up()
                self._bad = Bad("lost")
            elif kind == EV_KEY and (item := self._key(code, value)):
                items.append(item)
        return items

    def give_up(self) -> list[Item]:
        """The end did not come in time: forget what has begun, and say so. Keys that are held stay held."""
        items: list[Item] = [Bad("cut")] if self.waiting else []
        self._text.clear()
        self._number = ""
        self._bad = None
        return items

    def end_now(self) -> list[Item]:
        """A pause is the end (readers without a suffix)."""
        return [self._ended()] if self.waiting else []

    def _key(self, code: int, value: int) -> Item | None:
        if value == REPEAT:
            self._repeats = min(self._repeats + 1, STUCK_REPEATS)
            if self.stuck:
                self._bad = self._bad or Bad("strange")
            return None
        if value == UP:
            self._repeats = 0
            self._held.discard(code)
            if code in ALTS and self._number:
                self._typed_number()
            return None
        self._repeats = 0
        if code in SHIFTS | CONTROLS | ALTS:
            self._held.add(code)
        elif code == KEY_CAPSLOCK:
            self._capitals = not self._capitals
        elif code in self._ends:
            return self._ended() if self.waiting else None
        else:
            self._character(code)
        return None

    def _character(self, code: int) -> None:
        if self._held & ALTS and KEYPAD.get(code, "").isdigit():
            self._number = (self._number + KEYPAD[code])[-7:]
            return
        shift = bool(self._held & SHIFTS)
        found = (SHIFTED if shift else PLAIN).get(code) or KEYPAD.get(code, "")
        if self._capitals and found.isalpha():
            found = found.swapcase()
        if self._held & CONTROLS and found and (found.isalpha() or found in "[\\]"):
            found = chr(ord(found.upper()) & 0x1F)  # how readers type separators: GS is Ctrl ]
        if code == KEY_TAB:
            found = "\t"
        if not found or self._held & ALTS:
            self._bad = self._bad or Bad("strange")
            return
        self._add(found.encode())

    def _typed_number(self) -> None:
        number, self._number = int(self._number), ""
        if number > 0x10FFFF or 0xD800 <= number <= 0xDFFF:
            self._bad = self._bad or Bad("strange")
        elif self._unicode:
            self._add(chr(number).encode())
        elif number > 0xFFFF:
            self._bad = self._bad or Bad("strange")
        else:
            self._add(number.to_bytes(1 if number < 256 else 2, "big"))

    def _add(self, data: bytes) -> None:
        if len(self._text) + len(data) > MAX_SCAN:
            self._text.clear()
            self._bad = Bad("endless")
        elif self._bad is None:
            self._text += data

    def _ended(self) -> Item:
        item: Item = self._bad or Scan(bytes(self._text))
        self._text.clear()
        self._number = ""
        self._bad = None
        return item


def key_events(data: bytes, end: int | None = KEY_ENTER, *, unicode: bool = False) -> Iterator[KeyEvent]:
    """What a reader types for a code's bytes; `unicode`: they are UTF-8 and typed by characters' numbers."""
    pieces: list[str | int] = []
    if unicode:
        pieces = [c if c in _KEYS else ord(c) for c in data.decode()]
    else:
        pieces = [chr(b) if chr(b) in _KEYS else b for b in data]
    for piece in pieces:
        if isinstance(piece, str):
            code, shift = _KEYS[piece]
            yield from ((KeyEvent(42, DOWN),) if shift else ())
            yield KeyEvent(code, DOWN)
            yield KeyEvent(code, UP)
            yield from ((KeyEvent(42, UP),) if shift else ())
            continue
        yield KeyEvent(56, DOWN)
        for digit in str(piece):
            yield KeyEvent(_DIGIT_KEYS[digit], DOWN)
            yield KeyEvent(_DIGIT_KEYS[digit], UP)
        yield KeyEvent(56, UP)
    if end is not None:
        yield KeyEvent(end, DOWN)
        yield KeyEvent(end, UP)


def encode_keys(*events: KeyEvent, at: float = 0.0) -> bytes:
    """The kernel's bytes for `events`, each followed by its report; `at`: seconds of the event's clock."""
    seconds, micro = int(at), int(at % 1 * 1_000_000)
    return b"".join(
        EVENT.pack(seconds, micro, EV_KEY, event.code, event.value) + EVENT.pack(seconds, micro, EV_SYN, 0, 0)
        for event in events
    )
