"""The terminal's end of a bank's library: a fresh process for every call, killed at its deadline with all it began."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import drivers
from drivers.errors import DriverFailed, NoAnswer, PortMissing, ProtocolError
from drivers.payment_library.options import Call
from drivers.payment_library.worker import ANSWERED, HEAD, MAX_SENTENCE, NO_LIBRARY, ROOM

# No site packages and no current folder: the process needs our worker and the standard library only.
WORKER: Final = (sys.executable, "-P", "-S", "-m", "drivers.payment_library.worker")
_PASSED_ON = ("PATH", "LANG", "LC_ALL", "TZ", "HOME", "LD_LIBRARY_PATH")
_OURS: Final = str(Path(drivers.__file__).resolve().parents[1])
_REAP_S = 2.0


class NotCalled(PortMissing):
    """The library is not there or cannot be loaded: certainly nothing was sent to the pad."""


class Crashed(DriverFailed):
    """The library took its process down in the middle of a call."""

    cause = "library-crashed"


@dataclass(frozen=True, slots=True)
class Returned:
    """What the function returned, and the bytes that it wrote."""

    value: int
    answer: bytes


async def there(call: Call) -> None:
    """Raise `NotCalled` unless the library's file exists."""
    if not await asyncio.to_thread(os.path.isfile, call.library):
        raise NotCalled(f"{call.library} is missing; install the bank's library")


async def call_library(call: Call, request: bytes, deadline_s: float, worker: Sequence[str] = WORKER) -> Returned:
    """One call in a process of its own.

    Raises `NotCalled` (nothing happened), and, when nobody can say what happened, `NoAnswer`, `Crashed`,
    `ProtocolError`. The process is gone on return, also when the caller is cancelled.
    """
    await there(call)
    environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    environment |= {"PYTHONPATH": _OURS, "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        process = await asyncio.create_subprocess_exec(
            *worker,
            call.json(),
            f"{deadline_s:g}",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env=environment,
            start_new_session=True,
        )
    except OSError as error:
        raise NotCalled(f"{call.library}: its process cannot be started ({error.strerror})") from error
    try:
        async with asyncio.timeout(deadline_s):
            head, body = await _talk(process, request)
    except TimeoutError:
        raise NoAnswer(f"{call.library} did not answer within {deadline_s:g} s; its process was ended") from None
    finally:
        await asyncio.shield(_end(process))
    return _returned(call, process.returncode, head, body)


async def _talk(process: asyncio.subprocess.Process, request: bytes) -> tuple[bytes, bytes]:
    assert process.stdin is not None
    assert process.stdout is not None
    with suppress(BrokenPipeError, ConnectionResetError):
        process.stdin.write(request)
        await process.stdin.drain()
        process.stdin.close()
    head = body = b""
    with suppress(asyncio.IncompleteReadError):
        head = await process.stdout.readexactly(HEAD.size)
        body = await process.stdout.readexactly(min(HEAD.unpack(head)[2], ROOM))
    return head, body


def _returned(call: Call, code: int | None, head: bytes, body: bytes) -> Returned:
    if len(head) == HEAD.size:
        kind, value, length = HEAD.unpack(head)
        if kind == NO_LIBRARY and length <= MAX_SENTENCE:
            raise NotCalled(f"{call.library} cannot be used: {body.decode('utf-8', 'replace')}")
        if kind == ANSWERED and length == len(body) <= ROOM:
            return Returned(value, body)
        raise ProtocolError(f"{call.library}: its process gave {len(body)} of {length} bytes")
    died = signal.Signals(-code).name if code is not None and -code in set(signal.Signals) else str(code)
    raise Crashed(f"{call.library} crashed in a call ({died}); ask the bank's technicians")


async def _end(process: asyncio.subprocess.Process) -> None:
    """Kill the process and whatever the library started, and take its exit status."""
    if process.returncode is None:
        # One that has answered is about to end by itself; its status says whether it crashed.
        with suppress(TimeoutError):
            async with asyncio.timeout(0.2):
                await process.wait()
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    with suppress(TimeoutError):
        async with asyncio.timeout(_REAP_S):
            await process.wait()
