"""The simulated code reader: a serial one at `pty:PATH` or `tcp://...`, or a keyboard at `fifo:PATH`.

| verb      | what happens                                           | what a host must make of it        |
|-----------|--------------------------------------------------------|------------------------------------|
| scan      | a code is read                                         | that code, once                    |
| duplicate | every scan comes several times (continuous mode)       | that code, once                    |
| garble    | scans come with wrong bytes or keys                    | no code; a warning after three     |
| cut       | scans come without their end                           | no code, and the next one is whole |
| slow      | bytes or keys come far apart                           | that code, later                   |
| stuck     | a key hangs, or bytes come without end                 | a fault that says so               |
"""

from __future__ import annotations

import asyncio
from typing import Any, Literal
from urllib.parse import urlsplit

from drivers.barcode.frames import (
    AIM_IDS,
    DOWN,
    KEY_ENTER,
    MAX_SCAN,
    REPEAT,
    STUCK_REPEATS,
    UP,
    KeyEvent,
    encode_keys,
    encode_line,
    key_events,
)
from simulator.device import SimDevice, UnknownVerb
from simulator.ports.fifo import FifoPort
from simulator.ports.serve import Port, make_port
from simulator.wire.code_reader import CodeReaderEnd

Kind = Literal["serial", "wedge"]
USUAL_BAUD = 9600
TYPING_S = 0.001
ENDLESS_S = 0.02
HELD_KEY = 30
STRANGE_KEY = 1
MAX_TIMES = 1000


class CodeReaderSim(SimDevice):
    """One reader. `aim`: it says the format before each code, as `]Q1`."""

    family = "code-reader"
    verbs = {  # noqa: RUF012 - a constant table, as in SimDevice
        "scan": "read a code: payload, format=qr; encoding=utf-8 or gb18030",
        "duplicate": "every scan comes so many times: times=3 (1: once again)",
        "garble": "so many scans come spoiled: times=1",
        "cut": "so many scans come without their end: times=1",
        "slow": "bytes or keys come so far apart: ms=50 (0: at the usual pace)",
        "stuck": "a key hangs, or bytes come without end, until restore",
        "restore": "the reader is well again",
    }

    def __init__(self, address: str, *, aim: bool = False, baud: int = USUAL_BAUD) -> None:
        super().__init__()
        self.kind: Kind = "wedge" if address.startswith("fifo:") else "serial"
        self.address = address
        self.aim = aim
        self.baud = baud
        self.end = CodeReaderEnd()
        self._port: Port | None = None
        self.read = 0
        self._garble = self._cut = 0
        self._copies = 1
        self._gap_s = TYPING_S if self.kind == "wedge" else 0.0
        self._stuck = False

    @property
    def link(self) -> str:
        """The link URL for the profile."""
        if self.kind == "wedge":
            return f"evdev://{self.address.removeprefix('fifo:')}"
        if self.address.startswith("tcp://"):
            return f"tcp://{urlsplit(self.address).netloc}"
        return f"serial://{self.address.removeprefix('pty:')}?baud={self.baud}"

    async def plug(self) -> None:
        """Power and line come."""
        if self._port is None:
            port: Port
            if self.kind == "wedge":
                port = FifoPort(self.end, self.address, self.tap)
            else:
                port = make_port(self.end, self.address, self.tap, baud=self.baud)
            await port.plug()
            self._port = port
            if self.address.startswith("tcp://"):
                self.address = port.address
            self.changed()

    async def unplug(self) -> None:
        """Power and line go; a held key comes up."""
        port, self._port = self._port, None
        if port is not None:
            self.end.hush()
            self._stuck = False
            await port.unplug()
            self.changed()

    def state(self) -> dict[str, Any]:
        """As `SimDevice.state`; what was read is not kept."""
        troubles = {
            "stuck": self._stuck,
            f"{self._garble} spoiled": bool(self._garble),
            f"{self._cut} without end": bool(self._cut),
            f"each {self._copies} times": self._copies > 1,
            f"{self._gap_s * 1000:g} ms apart": self._gap_s > TYPING_S,
        }
        words = "ready" if self._port else "unplugged"
        return {
            "plugged": self._port is not None,
            "words": "; ".join([f"{self.kind}, {words}, {self.read} read", *(w for w, on in troubles.items() if on)]),
            "kind": self.kind,
            "read": self.read,
            "stuck": self._stuck,
        }

    def do(self, verb: str, **args: Any) -> Any:
        """As `SimDevice.do`."""
        if verb not in self.verbs:
            raise UnknownVerb(f"the code reader cannot {verb!r}; it can {', '.join(self.verbs)}")
        try:
            getattr(self, f"_do_{verb}")(**args)
        except TypeError as error:
            raise ValueError(f"{verb}: {error}; {self.verbs[verb]}") from error
        if self._port:
            self._port.touch()
        self.changed()
        return self.state()

    def _do_scan(self, payload: Any, format: Any = "qr", encoding: Any = "utf-8") -> None:  # noqa: A002 - the verb's word
        if self._port is None:
            raise ValueError("scan: the reader is unplugged")
        letters = {name: letter for letter, name in AIM_IDS.items()}
        if format not in letters or encoding not in ("utf-8", "gb18030"):
            raise ValueError(f"scan: format is one of {', '.join(letters)}, encoding utf-8 or gb18030")
        data = (f"]{letters[format]}1" if self.aim else "").encode() + str(payload).encode(encoding)
        if not str(payload) or len(data) > MAX_SCAN:
            raise ValueError(f"scan: payload is 1 to {MAX_SCAN} bytes")
        if self._garble:
            self._garble -= 1
            data = b"\xff\xfe\xff" + data
        ended = not self._cut
        self._cut = max(0, self._cut - 1)
        for _ in range(self._copies):
            self.end.say(asyncio.get_running_loop().time(), self._pieces(data, ended=ended), self._gap_s)
        self.read += 1

    def _pieces(self, data: bytes, *, ended: bool) -> list[bytes]:
        if self.kind == "wedge":
            spoiled = data.startswith(b"\xff\xfe\xff")
            first = [KeyEvent(STRANGE_KEY, DOWN), KeyEvent(STRANGE_KEY, UP)] if spoiled else []
            body = data.removeprefix(b"\xff\xfe\xff")
            return [encode_keys(event) for event in (*first, *key_events(body, KEY_ENTER if ended else None))]
        whole = encode_line(data, "crlf" if ended else "pause")
        return [bytes((byte,)) for byte in whole] if self._gap_s else [whole]

    def _do_duplicate(self, times: Any = 3) -> None:
        self._copies = _between(times, 1, 100, "times")

    def _do_garble(self, times: Any = 1) -> None:
        self._garble = _between(times, 1, MAX_TIMES, "times")

    def _do_cut(self, times: Any = 1) -> None:
        self._cut = _between(times, 1, MAX_TIMES, "times")

    def _do_slow(self, ms: Any = 50) -> None:
        usual = TYPING_S if self.kind == "wedge" else 0.0
        self._gap_s = max(usual, _between(ms, 0, 5000, "ms") / 1000)

    def _do_stuck(self) -> None:
        if self._port is None:
            raise ValueError("stuck: the reader is unplugged")
        self._stuck = True
        now = asyncio.get_running_loop().time()
        if self.kind == "wedge":
            events = [KeyEvent(HELD_KEY, DOWN), *[KeyEvent(HELD_KEY, REPEAT)] * STUCK_REPEATS]
            self.end.say(now, [encode_keys(event) for event in events], TYPING_S)
        else:
            self.end.say_for_ever(now, b"0" * max(1, int(self.baud / 10 * ENDLESS_S)), ENDLESS_S)

    def _do_restore(self) -> None:
        self.end.hush()
        if self._stuck and self.kind == "wedge":
            now = asyncio.get_running_loop().time()
            self.end.say(
                now, [encode_keys(KeyEvent(HELD_KEY, UP), KeyEvent(KEY_ENTER, DOWN), KeyEvent(KEY_ENTER, UP))], 0
            )
        self._stuck = False
        self._garble = self._cut = 0
        self._copies = 1
        self._gap_s = TYPING_S if self.kind == "wedge" else 0.0

    def decode(self, direction: str, data: bytes) -> str:
        """How much; never what: a payer's code may be in it."""
        return f"{len(data)} bytes of {'key events' if self.kind == 'wedge' else 'text'}"


def _between(given: Any, low: int, high: int, what: str) -> int:
    number = int(given)
    if not low <= number <= high:
        raise ValueError(f"{what} is {low} to {high}")
    return number


def make(address: str, **options: Any) -> CodeReaderSim:
    """A reader at `pty:PATH`, `tcp://host:port` (serial) or `fifo:PATH` (keyboard). Options: aim, baud."""
    if unknown := sorted(set(options) - {"aim", "baud"}):
        raise ValueError(f"code reader: unknown options {', '.join(unknown)}; there are aim, baud")
    return CodeReaderSim(address, **options)
