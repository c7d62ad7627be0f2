"""Text of a pad: its character set, and card numbers cut wherever they turn up in it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Final

from drivers.payment_pad.frames import tlv
from drivers.payment_pad.frames.apdu import FrameError
from drivers.payment_pad.frames.masking import mask_text

CP437: Final = "cp437"
"""What a text is in that does not say (tag 14 absent or FF; confirmed by FEIG)."""
MAX_FEED: Final = 20
"""Empty lines taken from one line feed."""
_CHARSETS: Final = {0xFE: "utf-8"}


def text_of(data: bytes, charset: str = CP437) -> str:
    """Printable text of `data`; control characters out, card numbers masked."""
    text = data.decode(charset, "replace")
    return mask_text("".join(c for c in text if c == "\n" or c.isprintable()))


def text_bytes(text: str) -> bytes:
    """`text` as a pad says it."""
    return text.encode(CP437, "replace")


def charset_of(tags: bytes, otherwise: str) -> str:
    """The character set that tag 14 names, else `otherwise`."""
    named = tlv.find(tags, tlv.CHARSET)
    return _CHARSETS.get(named[0], otherwise) if named else otherwise


def texts_in(tags: bytes, charset: str, most: int) -> Iterator[str]:
    """The first `most` text lines in `tags`."""
    charset = charset_of(tags, charset)
    return (text_of(value, charset) for value in islice(tlv.find_all(tags, tlv.TEXT_LINE), most))


def without_container(data: bytes) -> bytes:
    """A printed line without the TLV container that some pads put behind it (PTR: card complete)."""
    at = data.rfind(b"\x06")
    while at >= 0:
        try:
            size, start = tlv.split_length(data, at + 1)
            if start + size == len(data):
                list(tlv.walk_tlv(data[start:]))
                return data[:at]
        except FrameError:
            pass  # a byte 06 inside the text, or inside the container: look further in front
        at = data.rfind(b"\x06", 0, at)
    return data
