"""The host end of a code reader: bytes in, scans out. It is never asked anything, so there is nothing to send.

A code that began and did not end within `pause_s` is given up, or with `end = "pause"` that is its end. The same code
again within `repeat_s` of its last sight is the same scan: readers in continuous mode repeat what lies before them.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Literal, Protocol, TypeAlias

from drivers.barcode.frames import Bad, Item, KeyReader, LineReader, split_aim
from drivers.barcode.frames.keys import KEY_ENTER, KEY_KPENTER, KEY_TAB
from drivers.barcode.options import Options


class Codec(Protocol):
    """Either of the two codecs."""

    @property
    def waiting(self) -> bool:
        """Whether a code has begun."""
        ...

    @property
    def stuck(self) -> bool:
        """Whether the reader hangs."""
        ...

    def feed(self, data: bytes) -> list[Item]:
        """The scans that `data` completes."""
        ...

    def give_up(self) -> list[Item]:
        """Forget what has begun."""
        ...

    def end_now(self) -> list[Item]:
        """What has come is whole."""
        ...


@dataclass(frozen=True, slots=True)
class Scanned:
    """A code was read. `format` is "unknown" when the reader does not say."""

    text: str = field(repr=False)
    format: str


@dataclass(frozen=True, slots=True)
class Garbled:
    """Something came that is no code; `why` as in `drivers.barcode.frames.Bad`, or `encoding`."""

    why: str


Event: TypeAlias = Scanned | Garbled


class ScanHost:
    """Pure. Times are the caller's monotonic clock, seconds."""

    def __init__(self, codec: Codec, options: Options) -> None:
        self._codec = codec
        self._options = options
        self._last_byte: float | None = None
        self._seen = b""
        self._seen_at = float("-inf")
        self.repeated = 0

    @property
    def stuck(self) -> bool:
        """The reader hangs: a key that is held, or bytes without end."""
        return self._codec.stuck

    @property
    def wake_at(self) -> float | None:
        """When to call `wake`."""
        return None if self._last_byte is None else self._last_byte + self._options.pause_s

    def receive(self, now: float, data: bytes) -> list[Event]:
        """Bytes came."""
        items: list[Item] = []
        if (at := self.wake_at) is not None and now >= at:
            items += self._paused()
        items += self._codec.feed(data)
        self._last_byte = now if self._codec.waiting else None
        return self._events(now, items)

    def wake(self, now: float) -> list[Event]:
        """`wake_at` has come."""
        at = self.wake_at
        if at is None or now < at:
            return []
        return self._events(now, self._paused())

    def _paused(self) -> list[Item]:
        self._last_byte = None
        return self._codec.end_now() if self._options.end == "pause" else self._codec.give_up()

    def _events(self, now: float, items: list[Item]) -> list[Event]:
        events: list[Event] = []
        for item in items:
            if isinstance(item, Bad):
                events.append(Garbled(item.why))
                continue
            text = self._options.decode(item.data)
            if text is None or not text.strip():
                events.append(Garbled("encoding"))
                continue
            mark = hashlib.blake2s(item.data).digest()
            again, self._seen = mark == self._seen and now < self._seen_at + self._options.repeat_s, mark
            self._seen_at = now
            if again:
                self.repeated += 1
                continue
            symbology, text = split_aim(text) if self._options.aim else ("unknown", text)
            events.append(Scanned(text, symbology))
        return events


def codec_for(kind: Literal["serial", "wedge"], options: Options) -> Codec:
    """The codec of one kind of reader. Raises `ValueError` for options that this kind does not have."""
    if kind == "serial":
        if options.alt != "bytes":
            raise ValueError("barcode option alt is a keyboard wedge's; a serial reader sends bytes")
        return LineReader(options.end, options.prefix, options.suffix)
    ends = {
        "line": frozenset({KEY_ENTER, KEY_KPENTER}),
        "tab": frozenset({KEY_TAB}),
        "pause": frozenset[int](),
    }
    if options.end not in ends or options.prefix or options.suffix:
        raise ValueError("a keyboard wedge has end = line (the Enter key), tab or pause, and no prefix or suffix")
    return KeyReader(ends[options.end], unicode=options.alt == "unicode")
