"""The child process: loads a bank's library, makes one call, and ends. Started by `drivers.payment_library.child`.

    python -m drivers.payment_library.worker CALL DEADLINE < request > answer

A crash or a hang in the library is this process's alone. It writes no core dump, and ends itself when the terminal that
would have ended it is gone. The answer is a letter, a number (i32), a length (u16), and that many bytes:
A what the function returned and wrote; L a sentence: the library cannot be used, nothing was called.
"""

from __future__ import annotations

import ctypes
import json
import math
import os
import resource
import signal
import struct
import sys
from contextlib import suppress
from pathlib import Path
from typing import Final

ANSWERED, NO_LIBRARY = b"A", b"L"
HEAD: Final = struct.Struct(">ciH")
MAX_REQUEST: Final = 256
ROOM: Final = 4096
MAX_SENTENCE: Final = 400


def call(library: str, function: str, request: bytes) -> bytes:
    """The whole answer."""
    try:
        found = getattr(ctypes.CDLL(library), function)
    except (OSError, AttributeError) as error:
        return framed(NO_LIBRARY, 0, str(error).encode()[:MAX_SENTENCE])
    found.restype = ctypes.c_int
    sent = ctypes.create_string_buffer(request, max(len(request) + 1, MAX_REQUEST))
    room = ctypes.create_string_buffer(ROOM)
    returned = int(found(sent, room))
    return framed(ANSWERED, returned, room.raw.rstrip(b"\0"))


def framed(kind: bytes, returned: int, body: bytes) -> bytes:
    """One answer on the pipe."""
    return HEAD.pack(kind, returned, len(body)) + body


def main() -> None:
    """Answer once on the pipe that was stdout; whatever native code prints goes elsewhere."""
    told = json.loads(sys.argv[1])
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(math.ceil(float(sys.argv[2])) + 2)
    outgoing = os.dup(1)
    os.dup2(2, 1)
    # These libraries look for their .ini beside themselves, or where the program stands.
    with suppress(OSError):
        os.chdir(Path(told["library"]).parent)
    request = sys.stdin.buffer.read(MAX_REQUEST + 1)
    if not 0 < len(request) <= MAX_REQUEST:
        os._exit(2)  # the terminal went away in the middle: nothing is called
    view = memoryview(call(told["library"], told["function"], request))
    while view:
        view = view[os.write(outgoing, view) :]
    os._exit(0)  # what a library does at exit must not undo its work


if __name__ == "__main__":
    main()
