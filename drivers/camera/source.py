"""Where pictures come from: one OpenCV capture behind a blocking interface that names every way it fails.

Links: `http://`, `https://` and `rtsp://` through FFMPEG; `/dev/video0`, `/dev/v4l/by-id/...` or `v4l2:///dev/video0`
through V4L2. OpenCV is imported by `open`, in the grabber's thread, never by importing this module.
A stream of JPEGs is taken undecoded, so that a torn picture is seen (`jpeg_damage`); from V4L2 and from other
codecs only decoded pictures can be had, and damage inside them shows to nobody.
"""

from __future__ import annotations

import http.client
import os
import socket
import time
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit

from drivers.camera.frames import MAX_SIDE, Signal, jpeg_damage, shown
from drivers.errors import DeviceError, LinkLost, LinkRefused, NoAnswer, PortBusy, PortDenied, PortMissing, WrongDevice

if TYPE_CHECKING:
    from cv2 import VideoCapture
    from numpy import uint8
    from numpy.typing import NDArray

OPEN_S = 2.0
READ_S = 1.5
_PROBE_S = 1.0
_NETWORK = ("http", "https", "rtsp")


@dataclass(frozen=True, slots=True)
class CameraOptions:
    """`width`, `height` (pixels), `fps`: asked of a V4L2 camera. `rotate`: degrees clockwise to make pictures upright.

    `mirror`: the preview shows a person as in a mirror.
    """

    width: int = 640
    height: int = 480
    fps: int = 15
    rotate: int = 0
    mirror: bool = True

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> CameraOptions:
        """Check `options` of a profile. Raises `ValueError` that names the option."""
        known = {f.name for f in fields(cls)}
        if strange := sorted(set(options) - known):
            raise ValueError(f"camera option {', '.join(strange)}: unknown; known are {', '.join(sorted(known))}")
        made = cls(**options)
        for name, low, high in (("width", 160, MAX_SIDE), ("height", 120, MAX_SIDE), ("fps", 1, 60)):
            value = getattr(made, name)
            if type(value) is not int or not low <= value <= high:
                raise ValueError(f"camera option {name} = {value!r}: a whole number from {low} to {high}")
        if type(made.rotate) is not int or made.rotate not in (0, 90, 180, 270):
            raise ValueError(f"camera option rotate = {made.rotate!r}: 0, 90, 180 or 270 degrees clockwise")
        if type(made.mirror) is not bool:
            raise ValueError(f"camera option mirror = {made.mirror!r}: true or false")
        return made


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """One picture as it came: `pixels` (height x width x BGR) or, when torn, `damage`. Equal `mark`, equal picture.

    `pixels` is None for a picture whose mark was given as already seen: it was not decoded again.
    """

    mark: int
    pixels: NDArray[uint8] | None = None
    damage: str = ""
    size: int = 0
    """Bytes that came for it."""
    waited_s: float = 1.0
    """How long was waited for it; next to nothing for one that had lain in a buffer."""


class Source(Protocol):
    """What a grabber reads from. All calls block and come from one thread; none blocks for more than about 2 s."""

    def open(self) -> None:
        """Open. Raises a `DeviceError` leaf that says why not."""
        ...

    def read(self, seen: int | None) -> Reading:
        """The next picture. Raises `LinkLost` when the line went away and `NoAnswer` when nothing came in `READ_S`."""
        ...

    def glance(self, seen: int | None) -> Reading:
        """As `read`; the pixels may be fewer, enough to tell light from dark."""
        ...

    def skip(self) -> float:
        """Let the next picture pass undecoded; gives the seconds that it was waited for. Raises as `read`."""
        ...

    @property
    def keeps(self) -> bool:
        """Whether pictures may lie unread for a second and nothing breaks; known once open."""
        ...

    def close(self) -> None:
        """Let go; never raises."""
        ...

    def describe(self) -> str:
        """Back end, codec and size, once open."""
        ...


def checked_link(url: str) -> str:
    """`url`, or the device path of it. Raises `ValueError` for a link that is no camera's."""
    parts = urlsplit(url)
    if parts.scheme == "v4l2" and not parts.netloc:
        url = parts.path
    if url.startswith("/dev/") or (parts.scheme in _NETWORK and parts.hostname):
        return url
    raise ValueError(f"camera link {shown(url)!r}: use http://, https:// or rtsp://host..., or /dev/video0")


class VideoSource:
    """OpenCV's capture at `link` (see `checked_link`)."""

    def __init__(self, link: str, options: CameraOptions) -> None:
        self.link = checked_link(link)
        self.options = options
        self._capture: VideoCapture | None = None
        self._raw = False

    def open(self) -> None:
        """Open within about `OPEN_S`; then say why not."""
        # FFMPEG writes whole links, passwords too, to stderr; its complaints are ours to name.
        os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
        import cv2

        cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_ERROR)
        began = time.monotonic()
        if self.link.startswith("/dev/"):
            self._check_device()
            wanted = [
                *(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG")),
                *(cv2.CAP_PROP_FRAME_WIDTH, self.options.width),
                *(cv2.CAP_PROP_FRAME_HEIGHT, self.options.height),
                *(cv2.CAP_PROP_FPS, self.options.fps),
            ]
            self._capture = cv2.VideoCapture(self.link, cv2.CAP_V4L2, wanted)
        else:
            wanted = [
                *(cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, int(OPEN_S * 1000)),
                *(cv2.CAP_PROP_READ_TIMEOUT_MSEC, int(READ_S * 1000)),
                *(cv2.CAP_PROP_N_THREADS, 1),
            ]
            self._capture = cv2.VideoCapture(self.link, cv2.CAP_FFMPEG, wanted)
        if not self._capture.isOpened():
            self.close()
            raise self._why_closed(time.monotonic() - began)
        codec = int(self._capture.get(cv2.CAP_PROP_FOURCC)).to_bytes(4, "little")
        if not self.link.startswith("/dev/") and codec == b"MJPG":
            self._raw = bool(self._capture.set(cv2.CAP_PROP_FORMAT, -1))

    def read(self, seen: int | None) -> Reading:
        """Read, check and decode one picture."""
        return self._read(seen, small=False)

    def glance(self, seen: int | None) -> Reading:
        """Read and check one picture, decode an eighth of its width and height where that saves work."""
        return self._read(seen, small=True)

    def _read(self, seen: int | None, *, small: bool) -> Reading:
        import cv2
        import numpy as np

        assert self._capture is not None
        waited = self._grab()
        good, data = self._capture.retrieve()
        if not good:
            return Reading(0, damage="cannot be decoded", waited_s=waited)
        if not self._raw:
            pixels = np.asarray(data, dtype=np.uint8)
            mark = zlib.crc32(np.ascontiguousarray(pixels).data)
            return Reading(mark, self._upright(pixels), size=pixels.nbytes, waited_s=waited)
        packet = data.tobytes()
        data.fill(0)
        mark = zlib.crc32(packet)
        if mark == seen:
            return Reading(mark, size=len(packet), waited_s=waited)
        if damage := jpeg_damage(packet):
            return Reading(mark, damage=damage, size=len(packet), waited_s=waited)
        decoded = cv2.imdecode(
            np.frombuffer(packet, np.uint8), cv2.IMREAD_REDUCED_COLOR_8 if small else cv2.IMREAD_COLOR
        )
        if decoded is None:
            return Reading(mark, damage="cannot be decoded", size=len(packet), waited_s=waited)
        pixels = self._upright(np.asarray(decoded, dtype=np.uint8))
        return Reading(mark, pixels, size=len(packet), waited_s=waited)

    def skip(self) -> float:
        """Take the next picture off the line and look at nothing of it."""
        return self._grab()

    @property
    def keeps(self) -> bool:
        """JPEGs over HTTP wait in the sockets, a camera of this machine drops what nobody takes. Codecs whose pictures
        build on each other, and RTSP over UDP, lose what follows too."""
        return self._raw or self.link.startswith("/dev/")

    def _grab(self) -> float:
        """Wait for the next picture; how long it took in seconds."""
        assert self._capture is not None
        began = time.monotonic()
        good = self._capture.grab()
        waited = time.monotonic() - began
        if good:
            return waited
        if waited >= READ_S * 0.9:
            raise NoAnswer(
                f"{shown(self.link)}: no picture for {READ_S:.1f} s while the line is open; "
                "look at the camera's power and the far end",
                code=Signal.NO_SIGNAL,
            )
        raise LinkLost(f"{shown(self.link)}: the camera hung up; look at cable and power", code=Signal.LOST)

    def close(self) -> None:
        """Release the capture."""
        if self._capture is not None:
            self._capture.release()
            self._capture = None

    def describe(self) -> str:
        """Such as `FFMPEG MJPG 640x480`."""
        import cv2

        if self._capture is None:
            return ""
        get = self._capture.get
        codec = int(get(cv2.CAP_PROP_FOURCC)).to_bytes(4, "little").decode("ascii", "replace").strip("\0 ")
        size = f"{get(cv2.CAP_PROP_FRAME_WIDTH):.0f}x{get(cv2.CAP_PROP_FRAME_HEIGHT):.0f}"
        return f"{self._capture.getBackendName()} {codec} {size}"

    def _upright(self, pixels: NDArray[uint8]) -> NDArray[uint8]:
        if not self.options.rotate:
            return pixels
        import cv2
        import numpy as np

        turns = {90: cv2.ROTATE_90_CLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_COUNTERCLOCKWISE}
        turned = np.asarray(cv2.rotate(pixels, turns[self.options.rotate]), dtype=np.uint8)
        pixels.fill(0)
        return turned

    def _check_device(self) -> None:
        path = Path(self.link)
        if not path.exists():
            raise PortMissing(f"{self.link}: no such camera; is it plugged in?")
        if not os.access(path, os.R_OK | os.W_OK):
            raise PortDenied(f"{self.link}: not allowed; add the terminal's user to the group video")

    def _why_closed(self, took_s: float) -> DeviceError:
        """OpenCV says only that it did not open: ask the far end ourselves, once, under `_PROBE_S`."""
        where = shown(self.link)
        if self.link.startswith("/dev/"):
            return PortBusy(f"{where}: there and not to be opened; does another program hold it, or is it no camera?")
        silent = NoAnswer(f"{where}: the line opens, nothing comes; is the camera running?", code=Signal.NO_SIGNAL)
        if took_s >= OPEN_S * 0.9:
            return silent
        try:
            status = _http_status(self.link)
        except TimeoutError:
            return silent
        except socket.gaierror:
            return PortMissing(f"{where}: no such host; correct the link or the name service")
        except OSError:
            return LinkRefused(f"{where}: nobody listens there; start the camera or correct the link")
        except (http.client.HTTPException, ValueError):
            return WrongDevice(f"{where}: answers, but not in HTTP; correct the link")
        if status >= 400:
            return LinkRefused(f"{where}: answers {status}; correct path or password in the link", code=str(status))
        return WrongDevice(f"{where}: answers, but sends no pictures; correct the link")


def _http_status(link: str) -> int:
    """The status that a GET of `link` is answered with (200 for RTSP that takes a connection)."""
    parts = urlsplit(link)
    host = parts.hostname or ""
    if parts.scheme == "rtsp":
        socket.create_connection((host, parts.port or 554), _PROBE_S).close()
        return 200
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(host, parts.port, timeout=_PROBE_S)
    try:
        connection.request("GET", parts.path or "/")
        return connection.getresponse().status
    finally:
        connection.close()
