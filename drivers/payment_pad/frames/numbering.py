"""Numbered messages (tag 1F73, PA00P015 chapter 5): a message that comes twice is answered twice and done once.

The kiosk registers with number 000000; a pad that knows the tag carries it too, and from then on every message has a
number of its sender and every 80/84 that of the message it answers. 999999 is followed by 000001. Each side counts
its own messages: our reading, the chapter does not say it.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Final

from drivers.payment_pad.frames import tlv
from drivers.payment_pad.frames.answers import Completion, IntermediateStatus
from drivers.payment_pad.frames.apdu import Apdu, FrameError
from drivers.payment_pad.frames.bmp import bcd, fields_until_damage, llvar_end, walk_at
from drivers.payment_pad.frames.codes import BUSY
from drivers.payment_pad.frames.lines import Line
from drivers.payment_pad.frames.service import Registration, StatusEnquiry

LAST: Final = 999_999
FIRST_ID: Final = tlv.tag(tlv.MESSAGE_ID, bytes(3))
"""What a registration carries to ask for numbers."""
_SUFFIX: Final = b"\x06\x06" + tlv.tag(tlv.MESSAGE_ID, bytes(3))[:3]
_PASSWORD: Final = frozenset((0x0610, 0x0612, 0x0620, 0x0630, 0x0631, 0x0650, 0x0693))
"""Commands whose fields begin behind a password of three bytes."""


def following(number: int) -> int:
    """The number after `number`."""
    return 1 if number >= LAST else number + 1


def _head(unit: Apdu) -> int:
    """Where the fields of `unit` begin."""
    data = unit.data
    if unit.control in _PASSWORD:
        return 3
    match unit.control:
        case Registration.control:
            return 6 if len(data) >= 6 and (data[4] not in (0x03, 0x06) or data[4:6] == b"\x03\x44") else 4
        case 0x0501:
            return _behind_password(data)
        case 0x06C0 | 0x061E:
            return 1
        case IntermediateStatus.control:
            return 2
        case Completion.control if data[:1] and data[0] >> 4 == 0xF:
            return llvar_end(data, 3) + 1
        case Completion.control if len(data) == 1 or (len(data) > 1 and data[1] == 0x06):
            return 1
    return 0


def _behind_password(data: bytes) -> int:
    """Where the fields of a status enquiry begin: its password may be left out."""
    with suppress(FrameError):
        return 0 if StatusEnquiry.parse(data).password is None else 3
    return 0


def numbered(unit: Apdu, number: int) -> Apdu:
    """`unit` with `number`, in the container that it has or in one of its own."""
    one = tlv.tag(tlv.MESSAGE_ID, bcd(number, 3))
    data = unit.data
    if unit.control == 0x06D1:
        return Apdu(unit.control, data + b"\x06" + tlv.container(one))
    if unit.control == IntermediateStatus.control and len(data) == 1:
        data += b"\x00"
    head = _head(unit)
    found = walk_at(data, head, 0x06)
    if found is None:
        return Apdu(unit.control, data + b"\x06" + tlv.container(one))
    start, end, value = found
    return Apdu(unit.control, data[:start] + b"\x06" + tlv.container(value + one) + data[end:])


def number_of(unit: Apdu) -> int | None:
    """The number of `unit`, None for none."""
    data = unit.data
    if data[-8:-3] == _SUFFIX:
        value: bytes | None = data[-3:]
    else:
        tags: bytes | None = None
        with suppress(FrameError):
            tags = fields_until_damage(data[_head(unit) :]).get(0x06)
        value = None if tags is None else tlv.find(tags, tlv.MESSAGE_ID)
    return int(value.hex()) if value is not None and len(value) == 3 and value.hex().isdecimal() else None


def is_answer(unit: Apdu) -> bool:
    """80 xx and 84 xx: answers carry the number of what they answer."""
    return unit.control >> 8 in (0x80, 0x84)


class NumberedLine:
    """A `Line` that numbers what leaves and passes on each message once. It does nothing before both sides agreed.

    `host` asks for numbers (its registration carries tag 1F73); the other end joins in when it is asked, unless
    `willing` says no.
    """

    def __init__(self, line: Line, *, host: bool = True, willing: Callable[[], bool] = lambda: True) -> None:
        self.line = line
        self.active = False
        self.repeated = 0
        """Messages that came again and were not passed on."""
        self._host = host
        self._willing = willing
        self._asked = False
        self._mine = 0
        self._theirs: int | None = None
        self._answer: Apdu | None = None

    @property
    def wake_at(self) -> float | None:
        """As the line's."""
        return self.line.wake_at

    @property
    def settled(self) -> bool:
        """As the line's."""
        return self.line.settled

    @property
    def repeats(self) -> int:
        """Frames that the line said again."""
        count: int = getattr(self.line, "repeats", 0)
        return count

    def wake(self, now: float) -> None:
        """As the line's."""
        self.line.wake(now)

    def out(self) -> bytes:
        """As the line's."""
        return self.line.out()

    def send(self, now: float, unit: Apdu) -> None:
        """Number `unit` and queue it."""
        if self._host and unit.control == Registration.control:
            self._asked = number_of(unit) is not None
            self.active, self._mine, self._theirs, self._answer = False, 0, None, None
        elif self.active and is_answer(unit):
            if self._theirs is not None:
                unit = numbered(unit, self._theirs)
            self._answer = unit
        elif self.active:
            self._mine = following(self._mine)
            unit = numbered(unit, self._mine)
        self.line.send(now, unit)

    def receive(self, now: float, data: bytes) -> list[Apdu]:
        """The units that are complete with `data`, each once. Raises `LineFailed`."""
        return [unit for unit in self.line.receive(now, data) if self._fresh(now, unit)]

    def _fresh(self, now: float, unit: Apdu) -> bool:
        number = number_of(unit)
        if not self._host and unit.control == Registration.control:
            self.active = number is not None and self._willing()
            self._mine, self._theirs, self._answer = 0, number, None
            return True
        if self._host and self._asked and number is not None:
            self.active, self._asked = True, False
        if not self.active or number is None:
            return True
        if is_answer(unit):
            # An answer to an older message: we have said something else since.
            return number == self._mine
        if number == self._theirs and number:
            return self._again(now)
        self._theirs, self._answer = number, None
        return True

    def _again(self, now: float) -> bool:
        """A repeated message: the same answer again, and not done twice. What was postponed is asked anew."""
        answer = self._answer
        if answer is not None and answer.control & 0xFF == BUSY and answer.control >> 8 == 0x84:
            return True
        self.repeated += 1
        if answer is not None:
            self.line.send(now, answer)
        return False
