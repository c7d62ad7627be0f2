"""What both ends of a camera share: the MJPEG stream over HTTP, whole and damaged JPEGs, pictures, words for a signal.

A camera on the network (and the simulated one) answers one GET with `multipart/x-mixed-replace` (RFC 2046, 5.1;
the type is Netscape's and has no RFC): every part is one JPEG, and the answer never ends.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

MJPEG_PATH = "/face.mjpg"
BOUNDARY = "picture"
WIDTH, HEIGHT, FPS = 640, 480, 12.0
LIVE_S = 1.5
"""Seconds after which a picture is no longer what stands before the camera."""
DARK_LUMA = 14.0
"""Mean brightness (0 to 255) under which a camera is covered or stands in the dark."""
MAX_REQUEST = 8192
MAX_JPEG = 8 * 1024 * 1024
MAX_SIDE = 4096
MAX_TRAILING = 65536

_SOI, _EOI = 0xD8, 0xD9
_STARTS_OF_FRAME = frozenset({0xC0, 0xC1, 0xC2})  # baseline, extended, progressive (T.81, table B.1)
_SOS = 0xDA
_BARE = frozenset({0x01, *range(0xD0, 0xD8)})  # TEM and RST0 to RST7 have no length (T.81, B.1.1.4)


class Signal(StrEnum):
    """What comes from a camera. The simulator names with it what a host must notice."""

    LIVE = "live"
    FROZEN = "frozen"
    """Pictures keep coming and are all the same."""
    NO_SIGNAL = "no-signal"
    """The line is there, nothing comes."""
    LOST = "lost"
    """The line went away."""
    CORRUPT = "corrupt"
    """Pictures come, none of them whole."""


class FrameError(ValueError):
    """Bytes that this module does not take; the message says what and where, never what a picture shows."""


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """An upright picture of `width` x `height` pixels, rows from the top, 3 bytes a pixel: blue, green, red."""

    width: int
    height: int
    bgr: bytes | bytearray

    def __post_init__(self) -> None:
        if not (1 <= self.width <= MAX_SIDE and 1 <= self.height <= MAX_SIDE):
            raise FrameError(f"picture: {self.width} x {self.height} pixels; 1 to {MAX_SIDE} a side")
        if len(self.bgr) != self.width * self.height * 3:
            raise FrameError(f"picture: {len(self.bgr)} bytes for {self.width} x {self.height} x 3")

    def __repr__(self) -> str:
        return f"Picture({self.width} x {self.height})"

    @classmethod
    def of(cls, pixels: Any) -> Picture:
        """A copy of an array of height x width x 3 bytes (numpy's, which this module does not import)."""
        shape: tuple[int, ...] = getattr(pixels, "shape", ())
        if len(shape) != 3 or shape[2] != 3 or getattr(pixels, "itemsize", 0) != 1:
            raise FrameError(f"picture: an array of shape {shape}; height x width x 3 of bytes is wanted")
        return cls(shape[1], shape[0], bytearray(pixels.tobytes()))

    def wipe(self) -> None:
        """Zero the pixels where they can be zeroed (a bytearray)."""
        if isinstance(self.bgr, bytearray):
            self.bgr[:] = bytes(len(self.bgr))


def shown(url: str) -> str:
    """`url` without user, password and query: fit for a message."""
    parts = urlsplit(url)
    if not parts.netloc:
        return parts.path
    host = parts.hostname or ""
    return f"{parts.scheme}://{host}{f':{parts.port}' if parts.port else ''}{parts.path}"


def stream_head() -> bytes:
    """The head of an answer that streams parts."""
    return (
        "HTTP/1.1 200 OK\r\nConnection: close\r\nCache-Control: no-store\r\n"
        f"Content-Type: multipart/x-mixed-replace; boundary={BOUNDARY}\r\n\r\n"
    ).encode()


def refusal(status: int, reason: str) -> bytes:
    """A whole answer without a body, for `status` 400 to 599."""
    return f"HTTP/1.1 {status} {reason}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n".encode()


def part(jpeg: bytes) -> bytes:
    """One picture of the stream; `jpeg` may be damaged, its length is told as it is."""
    return f"--{BOUNDARY}\r\nContent-Type: image/jpeg\r\nContent-Length: {len(jpeg)}\r\n\r\n".encode() + jpeg + b"\r\n"


def requested_path(head: bytes) -> str:
    """The path of a GET. `head` ends with the empty line. Raises `FrameError`."""
    if len(head) > MAX_REQUEST:
        raise FrameError(f"request: more than {MAX_REQUEST} bytes of head")
    words = head.split(b"\r\n", 1)[0].split(b" ")
    if len(words) != 3 or words[0] != b"GET" or not words[2].startswith(b"HTTP/1."):
        raise FrameError("request: not a GET of HTTP/1.x")
    try:
        return words[1].decode("ascii").split("?", 1)[0]
    except UnicodeDecodeError:
        raise FrameError("request: the path is not ASCII") from None


def jpeg_damage(data: bytes) -> str | None:
    """What is wrong with a JPEG, or None when it is whole: markers from SOI to EOI, scans unbroken, sides bounded.

    Decoders accept half a JPEG and paint the rest grey; this is what tells a torn picture from a whole one.
    """
    if len(data) > MAX_JPEG:
        return f"more than {MAX_JPEG} bytes"
    if data[:2] != b"\xff\xd8":
        return "no start of image"
    at = 2
    framed = scanned = False
    while True:
        marker, at = _marker(data, at)
        if marker is None:
            return "ends before the end of the image"
        if marker == _EOI:
            if not (framed and scanned):
                return "no picture in it"
            rest = data[at:]
            return "something follows the image" if len(rest) > MAX_TRAILING or b"\xff\xd8" in rest else None
        if marker == _SOI:
            return "another image begins inside it"
        if marker in _BARE:
            continue
        length = int.from_bytes(data[at : at + 2], "big")
        if length < 2 or at + length > len(data):
            return "a segment is cut short"
        if marker in _STARTS_OF_FRAME:
            framed = True
            height, width = (int.from_bytes(data[at + i : at + i + 2], "big") for i in (3, 5))
            if not (1 <= width <= MAX_SIDE and 1 <= height <= MAX_SIDE):
                return f"{width} x {height} pixels; 1 to {MAX_SIDE} a side"
        at += length
        if marker == _SOS:
            scanned = True
            at = _scan_end(data, at)


def _marker(data: bytes, at: int) -> tuple[int | None, int]:
    """The marker at `at` (fill bytes FF skipped) and the place behind it; None at the end or where none stands."""
    if data[at : at + 1] != b"\xff":
        return None, at
    while data[at : at + 1] == b"\xff":
        at += 1
    return (data[at], at + 1) if at < len(data) else (None, at)


def _scan_end(data: bytes, at: int) -> int:
    """Where the entropy-coded data that begins at `at` ends: the next marker that is neither stuffing nor RSTn."""
    while True:
        at = data.find(b"\xff", at)
        if at < 0 or at + 1 >= len(data):
            return len(data)
        after = data[at + 1]
        if after == 0 or 0xD0 <= after <= 0xD7:
            at += 2
        elif after == 0xFF:
            at += 1
        else:
            return at
