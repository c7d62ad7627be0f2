"""The decoder's process: loads a vendor's library, decodes one portrait, and ends. Started by `drivers.id_card.wlt`.

    python -m drivers.id_card.wlt_worker CALL [FOLDER] < blob > answer

A crash, a hang or a leak in the library is this process's alone. It writes no core dump; a library that takes memory
can write no file either, so no portrait reaches a disk; one that takes paths gets them in FOLDER, which lies in memory.
It ends itself when the terminal that would have ended it is gone.

The answer is a letter, a length (u16, big-endian) and what it counts: P the upright picture (38556 bytes), N a sentence
(no picture came of this blob), L a sentence (the library cannot be used at all).
"""

from __future__ import annotations

import ctypes
import math
import mmap
import os
import resource
import signal
import struct
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from drivers.id_card.frames import PHOTO_BYTES, PhotoError
from drivers.id_card.wlt_call import WltCall
from drivers.id_card.wlt_picture import BMP_BYTES, PICTURE_BYTES, STRIDE, upright

PICTURE, NO_PICTURE, NO_LIBRARY = b"P", b"N", b"L"
HEAD: Final = struct.Struct(">sH")
MAX_SENTENCE: Final = 400
ROOM: Final = 1 << 17
"""Bytes for a picture of at most 38862: what a library writes behind its end is seen, not suffered."""
_SLACK = 8
_FILE_BYTES = 1 << 16
_MEMORY_BYTES = 1 << 29


class _NoLibrary(Exception):
    """The library cannot be loaded or lacks what the profile names."""


class Decoder:
    """One library and the way to call it. Raises `_NoLibrary` when it cannot be used."""

    def __init__(self, call: WltCall, folder: Path | None) -> None:
        self.call = call
        self._folder = folder or Path("/nonexistent")
        try:
            self._library = ctypes.CDLL(call.library)
        except OSError as error:
            raise _NoLibrary(str(error)) from None
        self._room = mmap.mmap(-1, ROOM)
        self._canary = os.urandom(ROOM)
        self._room[:] = self._canary
        self._picture = (ctypes.c_char * ROOM).from_buffer(self._room)
        self._size = ctypes.c_int(ROOM)

    def decode(self, blob: bytes) -> bytes:
        """The upright picture. Raises `PhotoError` when none came, `_NoLibrary`."""
        held = ctypes.create_string_buffer(blob, PHOTO_BYTES)
        if self.call.needs_files:
            self._blob_file.write_bytes(blob)
        try:
            if self.call.before:
                self._run(self.call.before, held)
            result = self._run(self.call.decode, held)
            picture = self._taken()
            if self.call.after:
                self._run(self.call.after, held)
        finally:
            ctypes.memset(held, 0, PHOTO_BYTES)
            self._room[:] = bytes(ROOM)
            self._blob_file.unlink(missing_ok=True)
            self._picture_file.unlink(missing_ok=True)
        if self.call.success and result not in self.call.success:
            raise PhotoError(f"the decoder answered {result}; {'|'.join(map(str, self.call.success))} is success")
        if "picture-size" in self.call.decode and self._size.value != len(picture):
            raise PhotoError(f"the decoder says {self._size.value} bytes and wrote {len(picture)}")
        return upright(picture, self.call.order, self.call.rows)

    @property
    def _blob_file(self) -> Path:
        return self._folder / "portrait.wlt"

    @property
    def _picture_file(self) -> Path:
        return self._folder / "portrait.bmp"

    def _run(self, call: tuple[str, ...], held: Any) -> int:
        symbols = call[0].split("|")
        function = next((f for s in symbols if (f := getattr(self._library, s, None)) is not None), None)
        if function is None:
            raise _NoLibrary(f"{self.call.library} has no {' or '.join(symbols)}")
        function.restype = ctypes.c_int
        return int(function(*(self._passed(argument, held) for argument in call[1:])))

    def _passed(self, argument: str, held: Any) -> Any:
        if argument.startswith("text:"):
            return ctypes.c_char_p(os.fsencode(argument.removeprefix("text:")))
        known = {
            "blob": held,
            "blob-size": ctypes.c_int(PHOTO_BYTES),
            "picture": self._picture,
            "picture-size": ctypes.byref(self._size),
            "blob-file": ctypes.c_char_p(os.fsencode(self._blob_file)),
            "picture-file": ctypes.c_char_p(os.fsencode(self._picture_file)),
        }
        return known[argument] if argument in known else ctypes.c_int(int(argument))

    def _taken(self) -> bytes:
        """The bytes that the library wrote, and no more: what it did not touch still holds the canary."""
        if "picture" not in self.call.decode:
            try:
                with self._picture_file.open("rb") as file:
                    return file.read(BMP_BYTES + 1)
            except OSError:
                raise PhotoError("the decoder left no picture file") from None
        room, canary = bytes(self._room), self._canary
        written = ROOM
        while written and room[written - 1] == canary[written - 1]:
            written -= 1
        # The last bytes of a picture may equal the canary by chance; a whole row cannot.
        for whole in (PICTURE_BYTES, BMP_BYTES):
            if whole - _SLACK < written <= whole:
                rows = range(0, whole - STRIDE, STRIDE)
                if any(room[at : at + STRIDE] == canary[at : at + STRIDE] for at in rows):
                    raise PhotoError("the decoder left rows of the picture unwritten")
                return room[:whole]
        raise PhotoError(f"the decoder wrote {written} bytes; {PICTURE_BYTES} raw or {BMP_BYTES} as BMP are a portrait")


def confine(call: WltCall) -> None:
    """No core dump, bounded memory, no files (small ones for a library that takes paths), and an end of its own."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    files = _FILE_BYTES if call.needs_files else 0
    resource.setrlimit(resource.RLIMIT_FSIZE, (files, files))
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(math.ceil(call.deadline_s) + 1)


def answer(call: WltCall, folder: Path | None, blob: bytes) -> bytes:
    """The whole answer, as the module says."""
    try:
        return framed(PICTURE, Decoder(call, folder).decode(blob))
    except PhotoError as error:
        return framed(NO_PICTURE, str(error).encode()[:MAX_SENTENCE])
    except (_NoLibrary, OSError, MemoryError, ctypes.ArgumentError) as error:
        return framed(NO_LIBRARY, str(error).encode()[:MAX_SENTENCE])


def framed(kind: bytes, body: bytes) -> bytes:
    """One answer on the wire."""
    return HEAD.pack(kind, len(body)) + body


def main() -> None:
    """Answer once on the pipe that was stdout; whatever native code prints goes elsewhere."""
    call = WltCall.of_json(sys.argv[1])
    folder = Path(sys.argv[2]) if len(sys.argv) > 2 else None
    confine(call)
    outgoing = os.dup(1)
    os.dup2(2, 1)
    # Some libraries look for their licence in the folder they stand in, and only there.
    with suppress(OSError):
        os.chdir(Path(call.library).parent)
    blob = sys.stdin.buffer.read(PHOTO_BYTES + 1)
    if len(blob) != PHOTO_BYTES:
        os._exit(2)  # the terminal went away in the middle
    view = memoryview(answer(call, folder, blob))
    while view:
        view = view[os.write(outgoing, view) :]
    os._exit(0)  # what a library does at exit must not undo its work


if __name__ == "__main__":
    main()
