"""The terminal's end of the face process: start it, ask it under a deadline, kill it when it does not answer.

One comparison at a time. A process that dies, hangs or talks nonsense is killed, the caller hears a `DeviceError`
that says so, and the next comparison starts a new one. Nothing of OpenCV is loaded on this side.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import drivers
from drivers.camera.face_rules import Band, Guidance
from drivers.camera.face_wire import PREFIX, WireError, compare_head, head_bytes, lengths, parse_head, parse_verdict
from drivers.camera.frames import Picture
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

Look: TypeAlias = "Picture | Frame | NDArray[uint8]"
"""A picture in any of the forms in which the terminal has one; an array is height x width x BGR."""


@dataclass(frozen=True, slots=True)
class FaceVerdict:
    """What leaves the comparison. `score`: cosine (-1 to 1). `guidance`: `ok` when the score counts, else what to
    say next (a key of the texts: look, one-person, closer, light); the band is then `retake`.

    `faces_found`: most people seen in one picture. `turn`: how far the head turned over the pictures, in eye
    distances; a hint that a person stood there, no proof against an attack.
    """

    score: float
    band: Band
    faces_found: int
    model: str
    guidance: Guidance
    turn: float


def child_environment() -> dict[str, str]:
    """The environment of the face process."""
    passed = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    root = str(Path(drivers.__file__).resolve().parents[1])
    return passed | {"PYTHONPATH": root, "OPENCV_LOG_LEVEL": "ERROR", "PYTHONUNBUFFERED": "1"}


class FaceEngine:
    """Compares faces in a process of its own. `worker` is the command line of that process."""

    def __init__(
        self, *, deadline_s: float = COMPARE_S, start_s: float = START_S, worker: Sequence[str] = WORKER
    ) -> None:
        self.deadline_s = deadline_s
        self.start_s = start_s
        self.model = ""
        self.starts = 0
        self._worker = tuple(worker)
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

    async def compare(self, portrait: Look, frames: Sequence[Look]) -> FaceVerdict:
        """Compare `portrait` with one try of 1 to 8 `frames`. The pictures stay the caller's to wipe.

        Raises `MediaUnreadable` for a portrait without one clear face, `NoAnswer` past the deadline, `LinkLost` when
        the process died, `DeviceFault` when it cannot start, and `ValueError` for too many or too large pictures.
        """
        looks = [portrait, *frames]
        pictures = [look if isinstance(look, Picture) else Picture.of(getattr(look, "pixels", look)) for look in looks]
        try:
            return await self._compare(pictures)
        finally:
            for look, picture in zip(looks, pictures, strict=True):
                if look is not picture:
                    picture.wipe()

    async def _compare(self, pictures: Sequence[Picture]) -> FaceVerdict:
        head = head_bytes(compare_head(pictures), sum(len(p.bgr) for p in pictures))
        async with self._lock:
            await self._start()
            try:
                async with asyncio.timeout(self.deadline_s):
                    answer = await self._ask(head, pictures)
                if "error" not in answer:
                    judgement = parse_verdict(answer)
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
        if "error" in answer:
            raise MediaUnreadable("the portrait shows no single clear face; offer the other way to identify")
        return FaceVerdict(
            judgement.score, judgement.band, judgement.faces, self.model, judgement.guidance, judgement.turn
        )

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
        log.info("face process is there: %s", self.model)

    async def _ask(self, head: bytes, pictures: Sequence[Picture]) -> dict[str, object]:
        process = self._process
        assert process is not None
        assert process.stdin is not None
        process.stdin.write(head)
        for picture in pictures:
            process.stdin.write(picture.bgr)
            await process.stdin.drain()
        return await self._answer(process)

    async def _answer(self, process: asyncio.subprocess.Process) -> dict[str, object]:
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
