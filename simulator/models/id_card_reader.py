"""The simulated ID-card reader: what a person can do to it, what can be seen of it, and what its wire says in words."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from drivers.id_card.frames import (
    Command,
    ReplyParser,
    RequestParser,
    describe,
)
from simulator.device import SimDevice, UnknownVerb
from simulator.models.chip_card import card_keys, chip_card, masked
from simulator.models.sam import ALWAYS, NUMBER, Sam, State, StatusFault, Times
from simulator.ports.serve import Port, PtyPort, Tap, make_port
from simulator.wire.endpoint import DeviceEnd
from simulator.wire.id_card_reader import LATE_S, LINE_FAULTS, LineFault, SamEnd

Join = Callable[[DeviceEnd, Tap], Port]

_AT: dict[str, tuple[Command, ...] | None] = {
    "any": None,
    "status": (Command.STATUS,),
    "find": (Command.FIND,),
    "select": (Command.SELECT,),
    "read": (Command.READ, Command.READ_ALL),
    "address": (Command.ADDRESS,),
}
_WHERE = {0x80: "find", 0x34: "find", 0x81: "select", 0x31: "select", 0x32: "select", 0x60: "any", 0x66: "any"}
_WORDS = {
    State.NO_CARD: "empty",
    State.PRESENT: "{name}'s card lies there",
    State.FOUND: "{name}'s card was found",
    State.SELECTED: "{name}'s card is being read",
    State.READ: "{name}'s card was read",
}


def _times(value: Any) -> int:
    times = ALWAYS if value == "always" else int(value)
    if times != ALWAYS and not 1 <= times <= 1000:
        raise ValueError("times is 1 to 1000, or 'always'")
    return times


def _at(value: str) -> tuple[Command, ...] | None:
    if value not in _AT:
        raise ValueError(f"at={value!r} is unknown; use one of {', '.join(_AT)}")
    return _AT[value]


def _switch(value: Any) -> bool:
    return value not in (False, 0, "0", "false", "off", "no", "")


class IdCardReader(SimDevice):
    """One reader. `join` makes its port at every plugging in; by default at `address`, at the SAM's own speed."""

    family = "id-card-reader"
    verbs = {  # noqa: RUF012 - a constant table of the class
        "present": "lay a card down: card=citizen-07, permit-hk, foreign-2017, foreign-2023, moved, forged, void, "
        "damaged, child, technician, supervisor, own-01",
        "lift": "take the card away; of two the one that came second",
        "second": "lay another card beside the one that lies there: card=citizen-08; neither can be selected",
        "pull_mid_read": "the card will be pulled away in the middle of the next read",
        "status": "answer with a status byte: code=41 (hexadecimal), times=1 or always, at=find, select, read, any",
        "bad_checksum": "answers with a wrong check sum: times=1 or always, at=any",
        "silent": "no answer: times=1 or always, at=any",
        "truncated": "answers cut in half: times=1 or always, at=any",
        "junk_prefix": "noise before an answer: times=1 or always, at=any",
        "false_start": "noise that looks like a frame before an answer: times=1 or always, at=any",
        "stray_byte": "a stray byte inside the preamble: times=1 or always, at=any",
        "wrong_length": "answers whose length is not theirs: times=1 or always, at=any",
        "twice": "answers that come twice: times=1 or always, at=any",
        "late": "answers that come late: seconds=1.3, times=1 or always, at=any",
        "odd_frame": "one vendor's malformed time-out frame instead of an answer: times=1 or always, at=any",
        "self_test_fault": "the SAM failed its self-test and refuses everything: on=true",
        "require_removal": "a card that was read is not found again until it is lifted: on=true",
        "clear_faults": "end every fault",
    }

    def __init__(self, address: str, *, paced: bool = True, join: Join | None = None, **physics: Any) -> None:
        super().__init__()
        self.address = address
        self.sam = Sam(**physics)
        self.sam.changed = self.changed
        self.end = SamEnd(self.sam, self._speed)
        self._paced = paced
        self._join = join or self._make_port
        self._port: Port | None = None

    def _make_port(self, end: DeviceEnd, tap: Tap) -> Port:
        return make_port(end, self.address, tap, baud=self.sam.baud if self._paced else 0)

    def _speed(self, baud: int) -> None:
        if isinstance(self._port, PtyPort) and self._paced:
            self._port.baud = baud

    @property
    def link(self) -> str:
        """The link URL for the profile. A reader that was set to another speed is still addressed at 115200."""
        if self.address.startswith("tcp://"):
            return self._port.address if self._port else self.address
        return f"serial://{self.address.removeprefix('pty:')}?baud=115200"

    async def plug(self) -> None:
        """Power and line come; the self-test starts."""
        if self._port is None:
            self.end.power_off()
            self.sam.power_on(asyncio.get_running_loop().time())
            port = self._join(self.end, self.tap)
            await port.plug()
            self._port = port
            if self.address.startswith("tcp://"):
                self.address = port.address
            self.changed()

    async def unplug(self) -> None:
        """Power and line go; a card stays where it lies, the SAM keeps its speed."""
        port, self._port = self._port, None
        if port is not None:
            await port.unplug()
            self.changed()

    def state(self) -> dict[str, Any]:
        """As `SimDevice.state`, with the card's key, whose it is, the masked name, the SAM's state and armed faults."""
        card = self.sam.card
        name = masked(card.name) if card else ""
        words = _WORDS[self.sam.state].format(name=name) + ", and another card beside it" * bool(self.sam.second)
        return {
            "plugged": self._port is not None,
            "card": card.key if card else None,
            "second": self.sam.second.key if self.sam.second else None,
            "citizen": card.citizen if card else None,
            "name": name,
            "state": self.sam.state.value,
            "baud": self.sam.baud,
            "require_removal": self.sam.require_removal,
            "faults": self._faults(),
            "words": words if self._port else f"unplugged; {words}",
        }

    def _faults(self) -> list[str]:
        armed = ["self_test_fault"] * self.sam.self_test_failed + ["pull_mid_read"] * self.sam.pull_armed
        armed += [f"status {fault.code:02X}" for fault in self.sam.status_faults]
        return armed + [fault.kind for fault in self.end.faults]

    def do(self, verb: str, **args: Any) -> Any:
        """As `SimDevice.do`. Raises `ValueError` for what cannot be done now or has wrong arguments."""
        try:
            self._do(verb, **args)
        except TypeError as error:
            raise ValueError(f"{verb}: {error}; {self.verbs.get(verb, '')}") from error
        if self._port:
            self._port.touch()
        self.changed()
        return self.state()

    def _do(self, verb: str, **args: Any) -> None:
        if verb in LINE_FAULTS:
            self._line_fault(verb, **args)
        elif verb in self.verbs:
            getattr(self, f"_do_{verb}")(**args)
        else:
            raise UnknownVerb(f"the ID-card reader cannot {verb!r}; it can {', '.join(self.verbs)}")

    def _do_present(self, card: str = "", citizen: str = "") -> None:
        key = card or citizen
        if not key:
            raise ValueError(f"present which card? {', '.join(card_keys())}")
        self.sam.present(chip_card(key))

    def _do_lift(self) -> None:
        self.sam.lift()

    def _do_second(self, card: str = "", citizen: str = "") -> None:
        self.sam.present_second(chip_card(card or citizen))

    def _do_pull_mid_read(self) -> None:
        self.sam.pull_armed = True

    def _do_status(self, code: int | str, times: int | str = 1, at: str = "") -> None:
        value = int(code, 16) if isinstance(code, str) else code
        if not 0 <= value <= 0xFF:
            raise ValueError("code is one byte, 00 to FF")
        where = _at(at or _WHERE.get(value, "read"))
        self.sam.status_faults.append(StatusFault(value, _times(times), where))

    def _do_self_test_fault(self, on: Any = True) -> None:
        self.sam.self_test_failed = _switch(on)

    def _do_require_removal(self, on: Any = True) -> None:
        self.sam.require_removal = _switch(on)

    def _do_clear_faults(self) -> None:
        self.sam.status_faults.clear()
        self.sam.self_test_failed = self.sam.pull_armed = False
        self.end.faults.clear()

    def _line_fault(self, kind: str, times: int | str = 1, at: str = "any", seconds: float | str = LATE_S) -> None:
        if not 0 < float(seconds) <= 60:
            raise ValueError("seconds is more than 0 and at most 60")
        self.end.faults.append(LineFault(kind, _times(times), _at(at), float(seconds)))

    def decode(self, direction: str, data: bytes) -> str:
        """Frames in words; names, numbers and pictures are only counted."""
        parser: RequestParser | ReplyParser = RequestParser() if direction == "in" else ReplyParser()
        said = [describe(frame) for frame in parser.feed(data)]
        if parser.waiting:
            said.append("a part of a frame")
        return "; ".join(said) or f"{len(data)} bytes that are no frame"


def make(address: str, **options: Any) -> IdCardReader:
    """A reader at `tcp://host:port` or `pty:PATH`.

    Options: require_removal, fingerprints (False: an old SAM without 30 10), number, seed, self_test_s, read_s
    (shortest and longest seconds of the RF part of a read), paced (False: a pty without a speed).
    Raises `ValueError` for any other.
    """
    known = {"require_removal", "fingerprints", "number", "seed", "self_test_s", "read_s", "paced"}
    if unknown := sorted(set(options) - known):
        raise ValueError(f"id-card-reader: unknown options {', '.join(unknown)}; there are {', '.join(sorted(known))}")
    defaults = Times()
    shortest, longest = options.pop("read_s", defaults.read)
    if not 0 <= shortest <= longest <= 60:
        raise ValueError("id-card-reader: read_s is two numbers of seconds, the shorter first, at most 60")
    times = Times(read=(shortest, longest), self_test=options.pop("self_test_s", defaults.self_test))
    options.setdefault("number", NUMBER)
    return IdCardReader(address, times=times, **options)
