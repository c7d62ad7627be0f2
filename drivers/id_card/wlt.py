"""The terminal's end of a vendor's WLT decoder: a fresh process for every portrait, under one deadline.

A new process costs about 60 ms beside a read of a second, and buys what no long-lived one can: nothing of one citizen
is in memory when the next one comes, and a library that leaks, hangs or crashes is as good as new afterwards.
"""

from __future__ import annotations

import logging
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

import drivers
from drivers.id_card.frames import PHOTO_BYTES, PHOTO_HEIGHT, PHOTO_WIDTH, is_standin, is_wlt
from drivers.id_card.wlt_call import WltCall, wlt_call
from drivers.id_card.wlt_picture import PICTURE_BYTES
from drivers.id_card.wlt_worker import HEAD, MAX_SENTENCE, NO_LIBRARY, NO_PICTURE, PICTURE

log = logging.getLogger(__name__)

# No site packages and no current folder: the process needs our codec and the standard library only.
WORKER: Final = (sys.executable, "-P", "-S", "-m", "drivers.id_card.wlt_worker")
MEMORY: Final = Path("/dev/shm")  # noqa: S108 - the point is that it is no disk; the folder in it is 0700
FOLDER: Final = "kiosk-portrait"
_REAP_S = 1.0
_SIZES: Final = {
    PICTURE: range(PICTURE_BYTES, PICTURE_BYTES + 1),
    NO_PICTURE: range(MAX_SENTENCE + 1),
    NO_LIBRARY: range(MAX_SENTENCE + 1),
}
# The terminal's environment holds library paths of its own and may hold secrets: the vendor's code gets neither.
_PASSED_ON = ("PATH", "LANG", "LC_ALL", "TZ")


class _Failed(Exception):
    """No picture, and why."""


class WltDecoder:
    """Decodes WLT blobs by `call`. May be called from any thread; one portrait at a time, each within the deadline.

    `trouble` says why the last portrait did not come, empty when it did.
    """

    def __init__(self, call: WltCall, *, worker: Sequence[str] = WORKER, memory: Path = MEMORY) -> None:
        self.call = call
        self.installed = True
        self.trouble = (
            "" if Path(call.library).is_file() else f"{call.library} is missing; install the vendor's decoder"
        )
        self._worker = tuple(worker)
        self._memory = memory
        self._turn = threading.Lock()
        self._guard = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None

    @classmethod
    def of(cls, option: str) -> WltDecoder:
        """From the profile's `ctypes:...`. Raises `ValueError`."""
        return cls(wlt_call(option))

    def __call__(self, blob: bytes) -> Any | None:
        """The portrait as uint8 (126, 102, 3) BGR, or None, at the latest after the deadline; never raises.

        Only a blob that says "WL, 102 x 126" reaches the library.
        """
        if not is_wlt(blob) or len(blob) > PHOTO_BYTES:
            what = "the simulator's stand-in" if is_standin(blob) else f"{len(blob)} bytes that are"
            log.warning("no portrait: %s, no WLT of 102 x 126", what)
            return None
        until = time.monotonic() + self.call.deadline_s
        if not self._turn.acquire(timeout=self.call.deadline_s):
            log.warning("no portrait: the decoder was busy for %.1f s", self.call.deadline_s)
            return None
        try:
            pixels = self._decoded(blob.ljust(PHOTO_BYTES, b"\0"), until)
        except _Failed as failed:
            self.trouble = str(failed)
            log.error("no portrait: %s", failed)  # noqa: TRY400 - the cause is the sentence; a traceback adds nothing
            return None
        finally:
            self._turn.release()
        self.trouble = ""
        import numpy

        return numpy.frombuffer(pixels, numpy.uint8).reshape(PHOTO_HEIGHT, PHOTO_WIDTH, 3)

    def close(self) -> None:
        """End a process that is at work; its caller gets None. Never raises; the next portrait starts a new one."""
        with self._guard:
            if self._process is not None:
                _kill(self._process)

    def _decoded(self, blob: bytes, until: float) -> bytearray:
        with self._folder() as folder:
            code, kind, body = self._run(blob, folder, until)
        if code:
            died = signal.Signals(-code).name if -code in set(signal.Signals) else str(code)
            raise _Failed(f"the decoder {self.call.library} crashed ({died}); ask its vendor")
        if kind == PICTURE and len(body) == PICTURE_BYTES:
            return body
        said = body.decode("utf-8", "replace") if kind in (NO_PICTURE, NO_LIBRARY) else "it said nothing"
        what = "gave none" if kind == NO_PICTURE else "cannot be used"
        raise _Failed(f"the decoder {self.call.library} {what}: {said}")

    def _run(self, blob: bytes, folder: Path | None, until: float) -> tuple[int, bytes, bytearray]:
        """(exit code, kind of answer, its body). Raises `_Failed` at the deadline."""
        command = [*self._worker, self.call.json(), *([str(folder)] if folder else [])]
        environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
        environment["PYTHONPATH"] = str(Path(drivers.__file__).resolve().parents[1])
        environment["PYTHONDONTWRITEBYTECODE"] = "1"
        try:
            process = subprocess.Popen(  # noqa: S603 - our own module under our own interpreter
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=environment,
                start_new_session=True,
            )
        except OSError as error:
            raise _Failed(f"the decoder's process cannot be started ({error.strerror})") from None
        with self._guard:
            self._process = process
        try:
            kind, body = _talk(process, blob, until)
            _ended(process, until)
        except TimeoutError:
            late = f"took more than {self.call.deadline_s:g} s; it was ended"
            raise _Failed(f"the decoder {self.call.library} {late}") from None
        finally:
            with self._guard:
                self._process = None
                _kill(process)
            _reap(process)
        return process.returncode if process.returncode is not None else -signal.SIGKILL, kind, body

    @contextmanager
    def _folder(self) -> Iterator[Path | None]:
        """A folder in memory for libraries that take paths, gone afterwards. Raises `_Failed`."""
        if not self.call.needs_files:
            yield None
            return
        if not self._memory.is_mount():
            raise _Failed(f"{self._memory} is no memory file system; a portrait must not touch a disk")
        _sweep(self._memory)
        folder = Path(tempfile.mkdtemp(prefix=f"{FOLDER}-{os.getpid()}-", dir=self._memory))
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _talk(process: subprocess.Popen[bytes], blob: bytes, until: float) -> tuple[bytes, bytearray]:
    """The answer's kind and body; nothing when the process ended without. Raises `TimeoutError`, `_Failed`."""
    assert process.stdin is not None
    assert process.stdout is not None
    with suppress(BrokenPipeError):
        process.stdin.write(blob)  # 1024 bytes always fit the pipe
        process.stdin.close()
    head = _read(process.stdout.fileno(), HEAD.size, until)
    if len(head) < HEAD.size:
        return b"", bytearray()
    kind, size = HEAD.unpack(head)
    if size not in _SIZES.get(kind, ()):
        raise _Failed("the decoder's process talks nonsense; something else was started in its place")
    return kind, _read(process.stdout.fileno(), size, until)


def _read(fd: int, size: int, until: float) -> bytearray:
    """`size` bytes, fewer at the end of the pipe. Raises `TimeoutError`."""
    poll = select.poll()
    poll.register(fd, select.POLLIN)
    got = bytearray()
    while len(got) < size:
        left = until - time.monotonic()
        if left <= 0 or not poll.poll(left * 1000):
            raise TimeoutError
        data = os.read(fd, size - len(got))
        if not data:
            break
        got += data
    return got


def _ended(process: subprocess.Popen[bytes], until: float) -> None:
    """Wait until the process has ended, without reaping it. Raises `TimeoutError`."""
    while os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT | os.WNOHANG) is None:
        if time.monotonic() >= until:
            raise TimeoutError
        time.sleep(0.002)


def _kill(process: subprocess.Popen[bytes]) -> None:
    """End the process and all that it started. To be called before it is reaped: until then its number is its own."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


def _reap(process: subprocess.Popen[bytes]) -> None:
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with suppress(OSError):
                pipe.close()
    try:
        process.wait(_REAP_S)
    except subprocess.TimeoutExpired:
        log.warning("decoder process %d: still there %.0f s after being killed", process.pid, _REAP_S)


def _sweep(memory: Path) -> None:
    """Remove what a terminal that was killed in the middle of a portrait left behind."""
    for old in memory.glob(f"{FOLDER}-*"):
        pid = old.name.removeprefix(f"{FOLDER}-").split("-", 1)[0]
        if pid.isdecimal() and not Path(f"/proc/{pid}").exists():
            shutil.rmtree(old, ignore_errors=True)
