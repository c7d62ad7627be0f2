"""A camera as a device: what it sees now, a few pictures for the face engine, a code held up, a preview.

Verbs do not take the device's lock: a camera can be looked through by several at once, and its poll must notice a
lost picture while a code is being read. OpenCV and numpy are loaded by the first `open`, in the grabber's thread.

What comes, and what it is called in status, error and `code`:

| signal    | XFS4IoT device | error         | code      | who        |
|-----------|----------------|---------------|-----------|------------|
| live      | online         |               |           |            |
| frozen    | hardwareError  | DeviceFault   | frozen    | technician |
| corrupt   | hardwareError  | ProtocolError | corrupt   | vendor     |
| no-signal | offline        | NoAnswer      | no-signal | technician |
| lost      | offline        | LinkLost      | lost      | technician |

A covered camera, one that a lamp shines into and a slow one are online with the warning `dark`, `bright` or `slow`.
When nobody looks through it a camera rests (`drivers.camera.grabber`).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Collection, Mapping
from typing import Any

from drivers.camera.codes import Code, Format, needs_second_look, read_codes
from drivers.camera.frames import Signal, shown
from drivers.camera.grabber import Frame, Grabber, Vital
from drivers.camera.source import CameraOptions, Source, VideoSource, checked_link
from drivers.camera.v4l2 import camera_words
from drivers.device import DeviceState, Fault, Status
from drivers.errors import DeviceError, DeviceFault, LinkLost, NoAnswer, NoMedia, ProtocolError, Unsupported
from drivers.families import Seeing
from drivers.usb_told import UsbTold, usb_told

_GLANCE_S = 0.03  # how often a waiting verb looks for a new picture
_STOP_S = 4.0
_SLOW_FPS = 4.0
_TOO_BRIGHT = 0.5
_THOROUGH_EVERY = 4
_PATIENT_EVERY = 16
_SPACING_S = 0.15  # pictures of one try this far apart differ by more than noise
MAX_FRAMES = 8
MAX_PREVIEW = 2160

_TROUBLE: dict[Signal, tuple[DeviceState, type[DeviceError], str]] = {
    Signal.FROZEN: (DeviceState.HARDWARE_ERROR, DeviceFault, "the picture stands still; restart the camera"),
    Signal.CORRUPT: (DeviceState.HARDWARE_ERROR, ProtocolError, "no picture arrives whole; look at the cable"),
    Signal.NO_SIGNAL: (DeviceState.OFFLINE, NoAnswer, "no picture comes; look at the camera's power"),
    Signal.LOST: (DeviceState.OFFLINE, LinkLost, "the camera hung up; look at cable and power"),
}


class Camera(Seeing):
    """One camera at `link_url` (see `drivers.camera.source`). Raises `ValueError` for a bad link or option."""

    def __init__(self, name: str, link_url: str, options: Mapping[str, Any] | None = None) -> None:
        super().__init__(name)
        self.link_url = checked_link(link_url)
        self.options = CameraOptions.of(options or {})
        self._grabber: Grabber | None = None
        self._earlier_bytes = 0
        self._heard = Signal.LIVE
        self._usb = UsbTold()

    @classmethod
    async def probe(cls, link_url: str) -> str:
        """What a camera under /dev calls itself; nothing is switched on. Links of the network are not asked."""
        path = checked_link(link_url)
        if not path.startswith("/dev/"):
            raise Unsupported(f"{shown(link_url)}: a camera on the network is only known by opening it")
        return await asyncio.get_running_loop().run_in_executor(None, camera_words, path)

    def latest(self) -> Frame | None:
        """The newest picture, at most 1.5 s old, as a copy of the caller's own; None when the camera is not live."""
        return self._grabber.newest() if self._grabber else None

    def vital(self) -> Vital | None:
        """How the pictures are: light, sharpness, how many a second; None while the camera is closed."""
        return self._grabber.vital() if self._grabber else None

    def wipe(self) -> None:
        """Zero every picture that is still in memory, handed out or not; called when a citizen leaves."""
        if self._grabber:
            self._grabber.wipe()

    async def frames(self, n: int, within_s: float) -> list[Frame]:
        """`n` (1 to 8) live pictures, taken from now on, 0.15 s apart. Raises `NoAnswer` when they do not come."""
        if not 1 <= n <= MAX_FRAMES:
            raise ValueError(f"{self.name}: {n} pictures; 1 to {MAX_FRAMES}")
        taken: list[Frame] = []
        since = time.monotonic()
        try:
            with self.timed():
                async with asyncio.timeout(within_s):
                    while len(taken) < n:
                        frame = self.latest()
                        if frame is not None and frame.at >= since:
                            taken.append(frame)
                            since = frame.at + _SPACING_S
                        else:
                            await asyncio.sleep(_GLANCE_S)
        except TimeoutError:
            got = len(taken)
            for frame in taken:
                frame.wipe()
            self.counters.failures += 1
            raise NoAnswer(f"{self.name}: {got} of {n} pictures within {within_s:.1f} s; is the camera well?") from None
        self.counters.operations += 1
        return taken

    async def preview(self, size: tuple[int, int]) -> bytes | None:
        """The live picture for the screen: RGB rows of exactly `size` (width, height); None: not live.

        The middle is cut out in the shape of `size`; mirrored unless the option `mirror` is false.
        """
        width, height = size
        if not (16 <= width <= MAX_PREVIEW and 16 <= height <= MAX_PREVIEW):
            raise ValueError(f"{self.name}: a preview of {width} x {height}; 16 to {MAX_PREVIEW} a side")
        frame = self.latest()
        if frame is None:
            return None
        return await asyncio.get_running_loop().run_in_executor(
            None, _scaled, frame, width, height, self.options.mirror
        )

    async def read_code(
        self, expect: Collection[Format], deadline_s: float, cancel: asyncio.Event | None = None
    ) -> Code | None:
        """Wait for a code of one of the formats `expect` to be held up; None when `cancel` was set first.

        Every picture is read, every fourth thoroughly; linear codes count when two pictures agree. Raises `NoMedia`
        after `deadline_s`, and the camera's own error as soon as it is not live.
        """
        try:
            with self.timed():
                async with asyncio.timeout(deadline_s):
                    code = await self._watch_for(frozenset(expect), cancel)
        except TimeoutError:
            self.counters.failures += 1
            raise NoMedia(f"{self.name}: no readable code was held up within {deadline_s:.0f} s") from None
        except DeviceError:
            self.counters.failures += 1
            raise
        if code is not None:
            self.counters.operations += 1
        return code

    async def _watch_for(self, expect: frozenset[Format], cancel: asyncio.Event | None) -> Code | None:
        loop = asyncio.get_running_loop()
        last = tries = 0
        before: set[str] = set()
        while not (cancel and cancel.is_set()):
            frame = self.latest()
            if frame is None:
                self._check_live()
            if frame is None or frame.number == last:
                await asyncio.sleep(_GLANCE_S)
                continue
            last, tries = frame.number, tries + 1
            self.counters.retries += tries > 1
            thorough, patient = tries % _THOROUGH_EVERY == 0, tries % _PATIENT_EVERY == 0
            codes = await loop.run_in_executor(None, _read, frame, expect, thorough, patient)
            for code in codes:
                if not needs_second_look(code) or code.text in before:
                    return code
            before = {code.text for code in codes} or before
        return None

    async def _open(self) -> None:
        await self._close()
        grabber = self._grabber = Grabber(self._source(), self.name)
        loop, settled = asyncio.get_running_loop(), asyncio.Event()
        ready = grabber.start()
        ready.add_done_callback(lambda _: loop.call_soon_threadsafe(settled.set))
        await settled.wait()
        if error := ready.exception():
            self.noted(f"not opened: {getattr(error, 'cause', type(error).__name__)}")
            await self._close()
            raise error
        self.noted(f"opened: {grabber.model}")
        self._usb = usb_told(self.link_url)
        self.set_status(self._judge(grabber.vital()))

    def _source(self) -> Source:
        return VideoSource(self.link_url, self.options)

    async def _poll(self) -> Status:
        self._check_live()
        assert self._grabber is not None
        return self._judge(self._grabber.vital())

    async def _close(self) -> None:
        grabber, self._grabber = self._grabber, None
        if grabber is not None:
            self.noted("closed")
            self._earlier_bytes += grabber.vital().received
            await asyncio.get_running_loop().run_in_executor(None, grabber.stop, _STOP_S)

    def _check_live(self) -> None:
        """Raise what is wrong, if something is; the status then says it too, before the supervisor acts."""
        if self._grabber is None:
            raise LinkLost(f"{self.name}: the camera is not open", code=Signal.LOST)
        vital = self._grabber.vital()
        self.counters.bytes_in = self._earlier_bytes + vital.received
        if vital.signal is not self._heard:
            self._heard = vital.signal
            self.noted(f"pictures: {vital.signal}")
        if vital.signal is Signal.LIVE:
            return
        state, kind, words = _TROUBLE[vital.signal]
        sentence = f"{self.name}: {words}"
        if vital.error:  # anew each time: an error raised twice grows its traceback
            kind, sentence = type(vital.error), str(vital.error)
        error = kind(sentence, code=vital.error.code if vital.error else vital.signal)
        self.set_fault(state, Fault.of(error))
        raise error

    def _judge(self, vital: Vital) -> Status:
        """The status of a live camera."""
        assert self._grabber is not None
        self.counters.extra.update(whole=vital.whole, torn=vital.torn)
        warnings: list[Fault] = []
        if vital.dark:
            warnings.append(Fault("dark", f"{self.name}: the picture is black; is the camera covered?"))
        if vital.exposure.burnt > _TOO_BRIGHT:
            warnings.append(Fault("bright", f"{self.name}: most of the picture is white; does a lamp shine into it?"))
        if vital.whole > 2 * _SLOW_FPS and vital.fps < _SLOW_FPS:
            # In words, not figures: a figure would make every poll a change of status.
            warnings.append(Fault("slow", f"{self.name}: fewer than {_SLOW_FPS:.0f} pictures a second"))
        told = self._usb
        return Status(
            DeviceState.ONLINE,
            warnings=tuple(warnings),
            model=self._grabber.model,
            serial=told.serial,
            firmware=told.release,
        )


def _read(frame: Frame, expect: frozenset[Format], thorough: bool, patient: bool) -> list[Code]:
    codes = read_codes(frame.pixels, expect, thorough=thorough, patient=patient)
    frame.wipe()
    return codes


def _scaled(frame: Frame, width: int, height: int, mirror: bool) -> bytes:
    """RGB rows of `width` x `height`: the middle of the frame in that shape, scaled; the frame is wiped."""
    import cv2
    import numpy as np

    rows, columns = frame.pixels.shape[:2]
    cut_w, cut_h = min(columns, rows * width // height), min(rows, columns * height // width)
    left, top = (columns - cut_w) // 2, (rows - cut_h) // 2
    middle = frame.pixels[top : top + max(cut_h, 1), left : left + max(cut_w, 1)]
    method = cv2.INTER_AREA if width < cut_w else cv2.INTER_LINEAR
    scaled = np.asarray(cv2.resize(middle, (width, height), interpolation=method), dtype=np.uint8)
    turned = np.ascontiguousarray(scaled[:, ::-1, ::-1] if mirror else scaled[:, :, ::-1])
    made = turned.tobytes()
    for array in (frame.pixels, scaled, turned):
        array.fill(0)
    return made
