"""The terminal's end of a child process that does heavy work with pictures: asked under a deadline, killed beyond it.

One question at a time. The process starts at the first question, ends after `idle_s` without one, and ends at once
on `close`: what it loaded is in memory only while somebody needs it. A process that dies, hangs or talks nonsense is
killed, the caller hears a `DeviceError` that says so, and the next question starts a new one.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType
from typing import Any

import drivers
from drivers.camera.worker_wire import PREFIX, WireError, head_bytes, lengths, parse_head
from drivers.errors import DeviceError, DeviceFault, LinkLost, NoAnswer, ProtocolError

log = logging.getLogger(__name__)

START_S = 15.0
IDLE_S = 45.0
_CLOSE_S = 1.0
_KILL_S = 2.0
_COMPLAINT = 2000
# OpenCV's wheel and SDL's set library paths in this process: a child gets none of that, and no secrets either.
_PASSED_ON = ("PATH", "LANG", "LC_ALL", "TZ", "SYSTEMROOT")


def child_environment() -> dict[str, str]:
    """The environment of a child process."""
    passed = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    root = str(Path(drivers.__file__).resolve().parents[1])
    return passed | {"PYTHONPATH": root, "OPENCV_LOG_LEVEL": "ERROR", "PYTHONUNBUFFERED": "1"}


class Worker:
    """A child process `command`; `name` is what logs and errors call it. `idle_s` None: it stays until `close`.

    `hello` is what it said when it was loaded.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        *,
        deadline_s: float,
        start_s: float = START_S,
        idle_s: float | None = IDLE_S,
    ) -> None:
        self.name = name
        self.deadline_s = deadline_s
        self.start_s = start_s
        self.idle_s = idle_s
        self.model = ""
        self.hello: Mapping[str, Any] = MappingProxyType({})
        self.starts = 0
        self._command = tuple(command)
        self._process: asyncio.subprocess.Process | None = None
        self._complaint = b""
        self._listener: asyncio.Task[None] | None = None
        self._idle: asyncio.Task[None] | None = None
        self._unloading: asyncio.Task[None] | None = None
        self._lock = asyncio.Lock()

    @property
    def pid(self) -> int | None:
        """The process that runs, if one does."""
        process = self._process
        return process.pid if process is not None and process.returncode is None else None

    async def start(self) -> None:
        """Start the process if it does not run; returns when it is loaded. Raises `DeviceError`."""
        async with self._lock:
            await self._start()
            self._rest()

    async def ask(
        self, head: dict[str, Any], body: Sequence[bytes | bytearray | memoryview] = ()
    ) -> tuple[dict[str, Any], bytes]:
        """The answer to one question (head, body). The process's own refusals come back in the head.

        Raises `NoAnswer` past the deadline, `LinkLost` when the process died, `DeviceFault` when it cannot start,
        `ProtocolError` when it talked nonsense, and `WireError` (a `ValueError`) for a question beyond the caps.
        """
        prefix = head_bytes(head, sum(len(part) for part in body))
        async with self._lock:
            self._stir()
            await self._start()
            try:
                async with asyncio.timeout(self.deadline_s):
                    return await self._exchange(prefix, body)
            except TimeoutError:
                await self._kill()
                sentence = f"{self.name}: no answer within {self.deadline_s:.1f} s; it was ended and starts anew"
                raise NoAnswer(sentence) from None
            except (ConnectionError, asyncio.IncompleteReadError):
                raise await self._died() from None
            except WireError as error:
                await self._kill()
                raise ProtocolError(f"{self.name}: {error}; it was ended and starts anew") from None
            except BaseException:
                await self._kill()  # half a message is in the pipe: nothing after it could be understood
                raise
            finally:
                self._rest()

    async def close(self) -> None:
        """End the process and free what it holds; never raises, may be called twice, the next question starts anew."""
        self._stir()
        await self._end()
        if self._unloading is not None:
            await asyncio.wait({self._unloading}, timeout=_CLOSE_S + 2 * _KILL_S)

    async def _end(self) -> None:
        """Let the process go: by itself at first, then by force."""
        process = self._process
        if process is not None and process.returncode is None and process.stdin is not None:
            process.stdin.close()
            with suppress(TimeoutError):
                async with asyncio.timeout(_CLOSE_S):
                    await process.wait()
        await self._kill()

    async def _exchange(
        self, prefix: bytes, body: Sequence[bytes | bytearray | memoryview]
    ) -> tuple[dict[str, Any], bytes]:
        process = self._process
        assert process is not None
        assert process.stdin is not None
        process.stdin.write(prefix)
        for part in body:
            process.stdin.write(part)
            await process.stdin.drain()
        return await self._answer(process)

    async def _answer(self, process: asyncio.subprocess.Process) -> tuple[dict[str, Any], bytes]:
        assert process.stdout is not None
        head_length, body_length = lengths(await process.stdout.readexactly(PREFIX.size))
        head = parse_head(await process.stdout.readexactly(head_length))
        return head, await process.stdout.readexactly(body_length)

    async def _start(self) -> None:
        if self.pid is not None:
            return
        await self._kill()
        self.starts += 1
        try:
            self._process = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                env=child_environment(),
            )
        except OSError as error:
            raise DeviceFault(f"{self.name}: cannot be started ({error.strerror}); check the installation") from None
        self._complaint = b""
        self._listener = asyncio.create_task(self._listen(self._process))
        try:
            async with asyncio.timeout(self.start_s):
                hello, _ = await self._answer(self._process)
        except TimeoutError:
            await self._kill()
            raise NoAnswer(f"{self.name}: did not start within {self.start_s:.0f} s") from None
        except (ConnectionError, asyncio.IncompleteReadError):
            raise await self._died() from None
        except WireError as error:
            await self._kill()
            raise ProtocolError(f"{self.name}: {error}") from None
        except BaseException:
            await self._kill()
            raise
        if "error" in hello:
            await self._kill()
            raise DeviceFault(f"{self.name}: {str(hello.get('sentence', ''))[:500]}", code=str(hello["error"])[:40])
        self.hello = MappingProxyType(hello)
        self.model = str(hello.get("model", ""))[:200]
        log.info("%s is there: %s", self.name, self.model)

    def _rest(self) -> None:
        """From now on idle: the process ends when nobody asks for `idle_s`."""
        self._stir()
        if self.pid is not None and self.idle_s is not None:
            self._idle = asyncio.create_task(self._unload(self.idle_s))

    def _stir(self) -> None:
        task, self._idle = self._idle, None
        if task is not None:
            task.cancel()

    async def _unload(self, idle_s: float) -> None:
        await asyncio.sleep(idle_s)
        self._idle, self._unloading = None, asyncio.current_task()  # from here on nobody cancels it
        try:
            async with self._lock:
                if self._idle is None:  # else somebody asked while it waited, and the process rests anew
                    await self._end()
        finally:
            self._unloading = None

    async def _listen(self, process: asyncio.subprocess.Process) -> None:
        """Keep the end of what the process prints, for the log when it dies; it prints no pixels and no texts."""
        assert process.stderr is not None
        while words := await process.stderr.read(4096):
            self._complaint = (self._complaint + words)[-_COMPLAINT:]

    async def _died(self) -> DeviceError:
        process = self._process
        await self._kill()
        code = process.returncode if process else None
        lines = self._complaint.decode("utf-8", "replace").strip().splitlines()
        log.error("%s died (%s): %s", self.name, code, lines[-1] if lines else "without a word")
        return LinkLost(f"{self.name}: it died ({code}); it starts anew at the next question", code=str(code))

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
                log.warning("%s (%d): still there %.0f s after being killed", self.name, process.pid, _KILL_S)
            if process.stdin is not None:
                process.stdin.close()
        task, self._listener = self._listener, None
        if task is not None:
            with suppress(TimeoutError, asyncio.CancelledError):
                async with asyncio.timeout(_KILL_S):
                    await task
