"""The terminal's end of the face process: start it, ask it under a deadline, kill it when it does not answer.

One comparison at a time. A process that dies, hangs or talks nonsense is killed, the caller hears a `DeviceError`
that says so, and the next comparison starts a new one. Nothing of OpenCV is loaded on this side.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

import drivers
from drivers.camera.face_rules import RETAKE, Band, Guidance
from drivers.camera.face_wire import (
    PREFIX,
    Asked,
    WireError,
    head_bytes,
    lengths,
    parse_glimpses,
    parse_head,
    parse_measures,
    parse_verdict,
    request_head,
)
from drivers.camera.frames import Picture
from drivers.camera.id_photo import PhotoMeasures
from drivers.camera.liveness import Glimpse
from drivers.errors import DeviceError, DeviceFault, LinkLost, MediaUnreadable, NoAnswer, ProtocolError

if TYPE_CHECKING:
    from numpy import uint8
    from numpy.typing import NDArray

    from drivers.camera.grabber import Frame

log = logging.getLogger(__name__)

WORKER = (sys.executable, "-m", "drivers.camera.face_worker")
START_S = 15.0
COMPARE_S = 4.0
_CLOSE_S = 1.0
_KILL_S = 2.0
_COMPLAINT = 2000
# OpenCV's wheel and SDL's set library paths in this process: a child gets none of that, and no secrets either.
_PASSED_ON = ("PATH", "LANG", "LC_ALL", "TZ", "SYSTEMROOT")

T = TypeVar("T")

Look: TypeAlias = "Picture | Frame | NDArray[uint8]"
"""A picture in any of the forms in which the terminal has one; an array is height x width x BGR."""


@dataclass(frozen=True, slots=True)
class FaceVerdict:
    """What leaves the comparison. `score`: cosine (-1 to 1). `guidance`: `ok` when the score counts, else what to
    say next (look, one-person, closer, further, light, mask, sunglasses: keys of the texts), and the band is `retake`.

    `faces_found`: most people seen in one picture. `turn`: how far the head turned over the pictures, in eye
    distances; a hint that a person stood there, no proof against an attack. `best`: the picture that scored, -1: none.
    """

    score: float
    band: Band
    faces_found: int
    model: str
    guidance: Guidance
    turn: float
    best: int = -1


def child_environment() -> dict[str, str]:
    """The environment of the face process."""
    passed = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    root = str(Path(drivers.__file__).resolve().parents[1])
    return passed | {"PYTHONPATH": root, "OPENCV_LOG_LEVEL": "ERROR", "PYTHONUNBUFFERED": "1"}


class FaceEngine:
    """Looks at faces in a process of its own. `matcher`: which one (`drivers.camera.matching`); `worker`: its command.

    `eyes`: once started, whether it sees eyes shut and measures photos (the finer nets are installed). `retake_at`:
    the matcher's score under which two pictures show different people.
    """

    def __init__(
        self,
        *,
        deadline_s: float = COMPARE_S,
        start_s: float = START_S,
        matcher: str = "",
        worker: Sequence[str] = WORKER,
    ) -> None:
        self.deadline_s = deadline_s
        self.start_s = start_s
        self.model = ""
        self.starts = 0
        self.eyes = False
        self.retake_at = RETAKE
        self._worker = (*worker, matcher) if matcher else tuple(worker)
        self._process: asyncio.subprocess.Process | None = None
        self._complaints: asyncio.Task[None] | None = None
        self._complaint = b""
        self._lock = asyncio.Lock()

    @property
    def pid(self) -> int | None:
        """The face process, while there is one."""
        return self._process.pid if self._process and self._process.returncode is None else None

    async def start(self) -> None:
        """Start the process if it does not run; returns when its nets are loaded. Raises `DeviceError`."""
        async with self._lock:
            await self._start()

    async def compare(self, portrait: Look, frames: Sequence[Look], *, covered_too: bool = False) -> FaceVerdict:
        """Compare `portrait` with one try of 1 to 8 `frames`. The pictures stay the caller's to wipe.

        `covered_too`: what seems to be a mask or dark glasses does not keep the score from counting.
        Raises `MediaUnreadable` for a portrait without one clear face, `NoAnswer` past the deadline, `LinkLost` when
        the process died, `DeviceFault` when it cannot start, and `ValueError` for too many or too large pictures.
        """
        verdict = await self._see("compare", [portrait, *frames], parse_verdict, covered_too=covered_too)
        return FaceVerdict(
            verdict.score, verdict.band, verdict.faces, self.model, verdict.guidance, verdict.turn, verdict.best
        )

    async def watch(self, person: Look, frames: Sequence[Look]) -> list[Glimpse]:
        """What 1 to 8 `frames` show of `person`, a picture that was compared; for `liveness.Watch`. Raises as above."""
        return await self._see("watch", [person, *frames], parse_glimpses)

    async def measure(self, frames: Sequence[Look]) -> list[PhotoMeasures]:
        """The measures of 1 to 9 `frames` for an ID photo. Raises as above; `DeviceFault` without the finer nets."""
        return await self._see("measure", list(frames), parse_measures)

    async def _see(
        self, asked: Asked, looks: Sequence[Look], parse: Callable[[dict[str, Any]], T], *, covered_too: bool = False
    ) -> T:
        pictures = [look if isinstance(look, Picture) else Picture.of(getattr(look, "pixels", look)) for look in looks]
        try:
            return await self._request(asked, pictures, parse, covered_too)
        finally:
            for look, picture in zip(looks, pictures, strict=True):
                if look is not picture:
                    picture.wipe()

    async def _request(
        self, asked: Asked, pictures: Sequence[Picture], parse: Callable[[dict[str, Any]], T], covered_too: bool
    ) -> T:
        head = head_bytes(request_head(asked, pictures, covered_too=covered_too), sum(len(p.bgr) for p in pictures))
        async with self._lock:
            await self._start()
            try:
                async with asyncio.timeout(self.deadline_s):
                    answer = await self._ask(head, pictures)
                if "error" not in answer:
                    return parse(answer)
            except TimeoutError:
                await self._kill()
                raise NoAnswer(
                    f"face process: no answer within {self.deadline_s:.1f} s; it was ended and starts anew"
                ) from None
            except (ConnectionError, asyncio.IncompleteReadError):
                raise await self._died() from None
            except WireError as error:
                await self._kill()
                raise ProtocolError(f"face process: {error}; it was ended and starts anew") from None
            except BaseException:
                await self._kill()  # half a message is in the pipe: nothing after it could be understood
                raise
        if answer["error"] == "weights":
            raise DeviceFault(f"face process: {answer.get('sentence', '')}", code="weights")
        raise MediaUnreadable("the portrait shows no single clear face; offer the other way to identify")

    async def close(self) -> None:
        """End the process; never raises, may be called twice."""
        process = self._process
        if process is not None and process.returncode is None and process.stdin is not None:
            process.stdin.close()
            with suppress(TimeoutError):
                async with asyncio.timeout(_CLOSE_S):
                    await process.wait()
        await self._kill()

    async def _start(self) -> None:
        if self.pid is not None:
            return
        await self._kill()
        self.starts += 1
        try:
            self._process = await asyncio.create_subprocess_exec(
                *self._worker,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                env=child_environment(),
            )
        except OSError as error:
            raise DeviceFault(f"face process: cannot be started ({error.strerror}); check the installation") from None
        self._complaint = b""
        self._complaints = asyncio.create_task(self._listen(self._process))
        try:
            async with asyncio.timeout(self.start_s):
                hello = await self._answer(self._process)
        except TimeoutError:
            await self._kill()
            raise NoAnswer(f"face process: did not start within {self.start_s:.0f} s") from None
        except (ConnectionError, asyncio.IncompleteReadError):
            raise await self._died() from None
        except WireError as error:
            await self._kill()
            raise ProtocolError(f"face process: {error}") from None
        except BaseException:
            await self._kill()
            raise
        if "error" in hello:
            await self._kill()
            raise DeviceFault(f"face process: {hello.get('sentence', '')}", code=str(hello["error"]))
        self.model = str(hello.get("model", ""))[:200]
        self.eyes = hello.get("eyes") is True
        retake_at = hello.get("retake_at", RETAKE)
        self.retake_at = float(retake_at) if isinstance(retake_at, int | float) else RETAKE
        log.info("face process is there: %s", self.model)

    async def _ask(self, head: bytes, pictures: Sequence[Picture]) -> dict[str, Any]:
        process = self._process
        assert process is not None
        assert process.stdin is not None
        process.stdin.write(head)
        for picture in pictures:
            process.stdin.write(picture.bgr)
            await process.stdin.drain()
        return await self._answer(process)

    async def _answer(self, process: asyncio.subprocess.Process) -> dict[str, Any]:
        assert process.stdout is not None
        head_length, body_length = lengths(await process.stdout.readexactly(PREFIX.size))
        if body_length:
            raise WireError("an answer with a body")
        return parse_head(await process.stdout.readexactly(head_length))

    async def _listen(self, process: asyncio.subprocess.Process) -> None:
        """Keep the end of what the process prints, for the log when it dies; it prints no pixels."""
        assert process.stderr is not None
        while words := await process.stderr.read(4096):
            self._complaint = (self._complaint + words)[-_COMPLAINT:]

    async def _died(self) -> DeviceError:
        process = self._process
        await self._kill()
        code = process.returncode if process else None
        lines = self._complaint.decode("utf-8", "replace").strip().splitlines()
        log.error("face process died (%s): %s", code, lines[-1] if lines else "without a word")
        return LinkLost(f"face process: it died ({code}); it starts anew at the next comparison", code=str(code))

    async def _kill(self) -> None:
        """End the process now and let go of its pipes."""
        process, self._process = self._process, None
        if process is not None:
            if process.returncode is None:
                with suppress(ProcessLookupError):
                    process.kill()
            try:
                async with asyncio.timeout(_KILL_S):
                    await process.wait()
            except TimeoutError:
                log.warning("face process %d: still there %.0f s after being killed", process.pid, _KILL_S)
            if process.stdin is not None:
                process.stdin.close()
        task, self._complaints = self._complaints, None
        if task is not None:
            with suppress(TimeoutError, asyncio.CancelledError):
                async with asyncio.timeout(_KILL_S):
                    await task
