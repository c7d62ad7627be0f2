"""The child's end: reads questions from stdin, answers on stdout, one after the other, and zeroes what it was given."""

from __future__ import annotations

import os
import resource
import sys
from collections.abc import Callable
from typing import Any, BinaryIO

from drivers.camera.worker_wire import PREFIX, head_bytes, lengths, parse_head

Answer = tuple[dict[str, Any], bytes]
Ask = Callable[[dict[str, Any], bytearray], Answer]
Loaded = tuple[dict[str, Any], Ask]
"""What the hello says (`model` at least), and what answers questions."""


class NotLoaded(Exception):
    """The process cannot work; `code` is the cause's keyword, the message says what to do."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


def serve(incoming: BinaryIO, outgoing: BinaryIO, load: Callable[[], Loaded]) -> None:
    """Load, say hello, answer until the other side closes. A broken message ends the process: there is no way back."""

    def send(head: dict[str, Any], body: bytes = b"") -> None:
        outgoing.write(head_bytes(head, len(body)) + body)
        outgoing.flush()

    try:
        hello, ask = load()
    except NotLoaded as error:
        send({"error": error.code, "sentence": str(error)[:500]})
        return
    except (ImportError, OSError, RuntimeError) as error:
        send({"error": "load", "sentence": f"{error}; install the locked requirements"[:500]})
        return
    send(hello)
    while prefix := incoming.read(PREFIX.size):
        head_length, body_length = lengths(prefix)
        head = parse_head(incoming.read(head_length))
        body = bytearray(body_length)
        if not _filled(incoming, body):
            return
        try:
            send(*ask(head, body))
        finally:
            body[:] = bytes(len(body))


def _filled(incoming: BinaryIO, body: bytearray) -> bool:
    view, got = memoryview(body), 0
    while got < len(body):
        count = incoming.readinto(view[got:])  # type: ignore[attr-defined]  # BufferedReader has it, BinaryIO lacks it
        if not count:
            return False
        got += count
    return True


def run(load: Callable[[], Loaded], memory_mib: int) -> None:
    """Serve on the pipes that were stdin and stdout; no core dump, at most `memory_mib` of address space.

    Whatever native code prints goes to stderr.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (memory_mib << 20, memory_mib << 20))
    outgoing = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    serve(sys.stdin.buffer, outgoing, load)
