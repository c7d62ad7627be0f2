"""A code reader's options in the profile.

| option    | values                                        | default | for                                        |
|-----------|-----------------------------------------------|---------|--------------------------------------------|
| end       | line, cr, lf, crlf, tab, etx, pause           | line    | its end; a wedge has line, tab, pause      |
| prefix    | text; `\\x02` for a byte                       | none    | serial: what stands before every code      |
| suffix    | text; `\\x03` for a byte                       | none    | serial: after it, before the end           |
| encoding  | auto, utf-8, gb18030                          | auto    | auto: strict UTF-8, else GB18030           |
| aim       | true, false                                   | false   | the reader sends AIM identifiers (`]Q1`)   |
| alt       | bytes, unicode                                | bytes   | wedge: what the numbers typed with Alt are |
| pause_s   | 0.05 to 5 seconds                             | 0.5     | silence that ends it, or gives a part up   |
| repeat_s  | 0 to 10 seconds                               | 1.5     | the same code within this is the same scan |
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Final

from drivers.barcode.frames import ENDS, End
from drivers.camera.codes import text_of

MAX_MARK: Final = 32
_BYTE = re.compile(rb"\\x([0-9A-Fa-f]{2})")
_CHOICES: Final[Mapping[str, tuple[str, ...]]] = {
    "end": tuple(ENDS),
    "encoding": ("auto", "utf-8", "gb18030"),
    "alt": ("bytes", "unicode"),
}
_SECONDS: Final = {"pause_s": (0.05, 5.0), "repeat_s": (0.0, 10.0)}


@dataclass(frozen=True, slots=True)
class Options:
    """The profile's options, checked."""

    end: End = "line"
    prefix: bytes = b""
    suffix: bytes = b""
    encoding: str = "auto"
    aim: bool = False
    alt: str = "bytes"
    pause_s: float = 0.5
    repeat_s: float = 1.5

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> Options:
        """From the profile's table. Raises `ValueError` that names the option and what it may be."""
        known = {field.name for field in fields(cls)}
        given = dict(options)
        for key, value in given.items():
            if key not in known:
                raise ValueError(f"barcode option {key!r} is unknown; there are {', '.join(sorted(known))}")
            if key in _CHOICES and value not in _CHOICES[key]:
                raise ValueError(f"barcode option {key} is one of {', '.join(_CHOICES[key])}, not {value!r}")
            if key == "aim" and not isinstance(value, bool):
                raise ValueError(f"barcode option aim is true or false, not {value!r}")
            if key in _SECONDS:
                low, high = _SECONDS[key]
                if isinstance(value, bool) or not isinstance(value, (int, float)) or not low <= value <= high:
                    raise ValueError(f"barcode option {key} is {low:g} to {high:g} seconds, not {value!r}")
            if key in ("prefix", "suffix"):
                given[key] = _mark(key, value)
        return cls(**given)

    def decode(self, data: bytes) -> str | None:
        """The text of a code's bytes; None when they are none in the encoding that the profile names."""
        if self.encoding == "auto":
            return text_of(data)
        try:
            return data.decode("utf-8-sig" if self.encoding == "utf-8" else self.encoding)
        except UnicodeDecodeError:
            return None


def _mark(key: str, value: Any) -> bytes:
    if not isinstance(value, str):
        raise ValueError(f"barcode option {key} is a text, such as '\\\\x02', not {value!r}")  # noqa: TRY004 - a value in a file, not a caller's type
    mark = _BYTE.sub(lambda m: bytes((int(m[1], 16),)), value.encode())
    if len(mark) > MAX_MARK:
        raise ValueError(f"barcode option {key}: at most {MAX_MARK} bytes")
    return mark
