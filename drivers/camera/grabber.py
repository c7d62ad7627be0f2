"""One thread per camera that reads all the time and keeps only the newest picture, with the time it came.

OpenCV hands out pictures in order, however old; a reader that pauses would see the past. So nothing is ever queued:

| what comes                                   | signal      | told within            |
|----------------------------------------------|-------------|------------------------|
| whole pictures that differ                   | live        |                        |
| whole pictures, all the same, and not dark   | frozen      | `LIVE_S`               |
| pictures, none whole                         | corrupt     | `LIVE_S`               |
| nothing                                      | no-signal   | `LIVE_S`               |
| end of the stream                            | lost        | at once                |

Pictures that had lain in a buffer while nothing came are old: after opening and after a silence, pictures are passed
over until one had to be waited for (`PASS_S` at most, for machines that decode slower than the camera sends).

When nobody has asked for a picture for `REST_AFTER_S` the grabber rests: it decodes one picture in `REST_READ_S` to
know that the camera is well, and keeps none; the table's `LIVE_S` is then `REST_LIVE_S`. In between it sleeps, and then
takes what has come off the line at once; from a source that cannot be left alone it takes each picture as it comes. The
first question wakes it; the first picture that had to be waited for is decoded then.

No picture is written to disk. A picture is zeroed when the next one replaces it, when its `Frame` is let go, on
`wipe` and when the grabber stops. (Memory inside FFMPEG and the kernel is not ours to zero.)
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TYPE_CHECKING
from weakref import WeakSet

from drivers.camera.frames import DARK_LUMA, LIVE_S, Picture, Signal
from drivers.camera.measures import UNKNOWN, Exposure, exposure, sharpness
from drivers.camera.source import Reading, Source
from drivers.errors import DeviceError, DeviceFault, LinkLost, NoAnswer, ProtocolError

if TYPE_CHECKING:
    from numpy import uint8
    from numpy.typing import NDArray

log = logging.getLogger(__name__)

START_S = 2.5
"""Seconds after opening in which two pictures that differ must have come."""
REST_AFTER_S = 10.0
REST_READ_S = 1.4
REST_LIVE_S = 2.2
"""Of a resting camera: a picture that stands still differs once from the one looked at before, so that it is told
after at most `REST_READ_S` + `REST_LIVE_S`; with a poll each second that is within the 5 s of promise P7."""
PASS_S = 1.0
_WAITED_S = 0.004  # less is what a picture takes that was there already
_MEASURE_S = 1.0


@dataclass(frozen=True, slots=True, weakref_slot=True, eq=False)
class Frame:
    """A picture of its own (height x width x BGR), `at` in monotonic seconds. `pixels` live as long as the frame."""

    pixels: NDArray[uint8]
    at: float
    number: int

    def __del__(self) -> None:
        self.pixels.fill(0)

    def wipe(self) -> None:
        """Zero the pixels now."""
        self.pixels.fill(0)

    def picture(self) -> Picture:
        """A copy of its own; wipe it after use."""
        return Picture.of(self.pixels)

    def exposure(self) -> Exposure:
        """How it is lit."""
        return exposure(self.pixels)

    def sharpness(self) -> float:
        """How sharp its middle is (`drivers.camera.measures`)."""
        return sharpness(self.pixels)


@dataclass(frozen=True, slots=True)
class Vital:
    """How a camera is: `age_s` since the last whole new picture, pictures a second, counts since the start."""

    signal: Signal
    age_s: float
    fps: float
    dark: bool
    whole: int
    torn: int
    error: DeviceError | None = None
    received: int = 0
    """Bytes of pictures since the start, as they came (JPEG) or, from V4L2, decoded. Pictures let pass do not count."""
    exposure: Exposure = UNKNOWN
    sharpness: float = 0.0
    """Measured once a second (`drivers.camera.measures`)."""
    resting: bool = False


class Grabber:
    """Reads `source` in a thread of its own from `start` to `stop`. Everything else may be called from any thread."""

    def __init__(self, source: Source, name: str, clock: Callable[[], float] = time.monotonic) -> None:
        self.source = source
        self.name = name
        self.model = ""
        self._clock = clock
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._roused = threading.Event()
        self._ready: Future[None] = Future()
        self._thread = threading.Thread(target=self._run, name=f"camera-{name}", daemon=True)
        self._pixels: NDArray[uint8] | None = None
        self._out: WeakSet[Frame] = WeakSet()
        self._mark: int | None = None
        self._began = self._changed = self._came = clock()
        self._whole = self._torn = self._repeats = 0
        self._tore: float | None = None
        self._received = 0
        self._exposure = UNKNOWN
        self._sharpness = 0.0
        self._looked = self._read_at = self._arrived = self._measured = clock()
        self._passing: float | None = clock()
        self._first = True
        self._woke = clock() - LIVE_S
        self._times: deque[float] = deque(maxlen=64)
        self._error: DeviceError | None = None

    def start(self) -> Future[None]:
        """Begin. The future is done when the camera is live, or holds the `DeviceError` that says why it is not."""
        self._began = self._changed = self._came = self._looked = self._clock()
        self._thread.start()
        return self._ready

    def stop(self, within_s: float = 4.0) -> bool:
        """End the thread and wipe. Blocks at most `within_s`; False if the thread still hangs in a read."""
        self._stopping.set()
        self._roused.set()
        if self._thread.ident is not None:
            self._thread.join(within_s)
        self.wipe()
        alive = self._thread.is_alive()
        if alive:
            log.error("camera %s: the grabber did not end within %.1f s", self.name, within_s)
        return not alive

    def newest(self) -> Frame | None:
        """A copy of the newest picture, or None when there is none that is live, or none yet because it rested."""
        with self._lock:
            now = self._clock()
            if self._resting(now):
                self._woke = self._passing = now
            self._looked = now
            self._roused.set()
            if self._pixels is None or self._signal() is not Signal.LIVE:
                return None
            frame = Frame(self._pixels.copy(), self._changed, self._whole)
            self._out.add(frame)
            return frame

    def vital(self) -> Vital:
        """How the camera is now."""
        with self._lock:
            now = self._clock()
            recent = [at for at in self._times if self._times[-1] - at <= 2.0]
            fps = (len(recent) - 1) / lasted if recent and (lasted := recent[-1] - recent[0]) > 0 else 0.0
            dark = self._whole > 0 and self._exposure.luma < DARK_LUMA
            return Vital(
                self._signal(),
                now - self._changed,
                fps,
                dark,
                self._whole,
                self._torn,
                self._error,
                self._received,
                self._exposure,
                self._sharpness,
                self._resting(now),
            )

    def wipe(self) -> None:
        """Zero the kept picture and every frame handed out and still alive; new pictures keep coming."""
        with self._lock:
            if self._pixels is not None:
                self._pixels.fill(0)
                self._pixels = None
            for frame in list(self._out):
                frame.wipe()

    def _signal(self) -> Signal:
        if self._error is not None:
            return Signal.NO_SIGNAL if isinstance(self._error, NoAnswer) else Signal.LOST
        now = self._clock()
        # Who has just woken it finds the signs of a rest until the next picture has had its time.
        within = REST_LIVE_S if self._resting(now) or now - self._woke < LIVE_S else LIVE_S
        if now - self._changed <= within:
            return Signal.LIVE
        if now - self._came <= within and self._repeats:
            return Signal.FROZEN
        if self._tore is not None and now - self._tore <= within:
            return Signal.CORRUPT
        return Signal.NO_SIGNAL

    def _resting(self, now: float) -> bool:
        return self._ready.done() and now - self._looked > REST_AFTER_S

    def _next(self) -> None:
        """Take one picture off the line, and in unless the grabber rests."""
        self._roused.clear()
        now = self._clock()
        resting = self._resting(now)
        if resting and now - self._read_at < REST_READ_S:
            self._let_pass(REST_READ_S - (now - self._read_at) if self.source.keeps else 0.0)
            return
        self._read_at = now
        # A picture that is not kept any more must be decoded again, also when it did not change.
        if resting:
            self._take(self.source.glance(self._mark), glanced=True)
        else:
            self._take(self.source.read(self._mark if self._pixels is not None else None))

    def _let_pass(self, seconds: float) -> None:
        """Sleep for `seconds` or until roused, then take all pictures that came off the line, and one more."""
        since = self._clock()
        if seconds:
            self._roused.wait(seconds)
        end, passed = self._clock() + PASS_S, 1
        while self.source.skip() < _WAITED_S and seconds and self._clock() < end and not self._stopping.is_set():
            passed += 1
        with self._lock:
            self._arrived = self._clock()
            step = (self._arrived - since) / passed
            self._times.extend(self._arrived - step * left for left in range(passed - 1, -1, -1))

    def _run(self) -> None:
        try:
            self.source.open()
            self.model = self.source.describe()
            self._began = self._clock()
            while not self._stopping.is_set():
                self._next()
                if not self._ready.done():
                    self._judge_start()
        except DeviceError as error:
            self._end(error)
        except Exception as error:
            # OpenCV raises types of its own; whatever it was, the camera is gone.
            log.exception("camera %s: the capture library failed", self.name)
            self._end(DeviceFault(f"{self.name}: the capture library failed ({type(error).__name__}); see the log"))
        finally:
            self.source.close()
            self._end(LinkLost(f"{self.name}: closed", code=Signal.LOST))
            self.wipe()

    def _take(self, reading: Reading, *, glanced: bool = False) -> None:
        now = self._clock()
        with self._lock:
            self._received += reading.size
            passing = self._passes(reading, now)
            if reading.damage:
                self._torn += 1
                self._tore = now
                return
            self._came = now
            same = reading.mark == self._mark
            if same:
                self._repeats += 1
                # A covered camera may send the same black picture for ever: it is dark, not frozen.
                if self._exposure.luma >= DARK_LUMA:
                    return
            else:
                self._repeats = 0
                self._mark = reading.mark
            if not passing:
                self._changed = now
            self._times.append(now)
            self._whole += 1
            if reading.pixels is not None:
                self._keep(reading.pixels, now, drop=passing or glanced)

    def _keep(self, pixels: NDArray[uint8], now: float, *, drop: bool) -> None:
        """Measure a picture and hold it as the newest, or drop it: it is old, or nobody looks and it is small."""
        self._exposure = exposure(pixels)
        if not drop and (now - self._measured >= _MEASURE_S or not self._sharpness):
            self._measured, self._sharpness = now, sharpness(pixels)
        if self._pixels is not None:
            self._pixels.fill(0)
        self._pixels = pixels
        if drop:
            pixels.fill(0)
            self._pixels = None

    def _passes(self, reading: Reading, now: float) -> bool:
        """Whether this picture may be an old one out of a buffer."""
        silent, self._arrived = now - self._arrived > LIVE_S, now
        if silent or self._first:
            self._passing, self._first = now, False
            return True
        if self._passing is not None and (reading.waited_s >= _WAITED_S or now - self._passing > PASS_S):
            self._passing = None
        return self._passing is not None

    def _judge_start(self) -> None:
        """Live once two whole pictures differed (or one is dark); an opened line alone proves nothing."""
        dark = self._whole > 0 and self._exposure.luma < DARK_LUMA
        if dark or (self._whole >= 2 and self._passing is None):
            self._ready.set_result(None)
        elif self._clock() - self._began > START_S:
            if self._repeats:
                raise DeviceFault(
                    f"{self.name}: the picture stands still; restart the camera (unplug it, plug it in)",
                    code=Signal.FROZEN,
                )
            if self._torn:
                raise ProtocolError(
                    f"{self.name}: no picture arrives whole; look at the cable and the camera's load",
                    code=Signal.CORRUPT,
                )
            raise NoAnswer(f"{self.name}: too few pictures in {START_S:.1f} s", code=Signal.NO_SIGNAL)

    def _end(self, error: DeviceError) -> None:
        with self._lock:
            if self._error is None:
                self._error = error.with_traceback(None)  # its frames would hold pixels
        if not self._ready.done():
            self._ready.set_exception(error)
