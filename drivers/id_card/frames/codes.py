"""The SAM's commands and its status byte SW3, as tables (GA 467-2004, tables 15 and 16, and what vendors added)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, StrEnum
from types import MappingProxyType
from typing import Final

from drivers.id_card.frames.wire import Request, encode_request


@dataclass(frozen=True, slots=True)
class CommandSpec:
    """Command and parameter byte; the SW3 and the data lengths of success; seconds to wait; whether it needs a card."""

    words: str
    code: int
    parameter: int
    success: int
    smallest: int
    largest: int
    timeout_s: float
    card: bool


class Command(Enum):
    """What a host can ask. Time-outs are those of shipping hosts at 115200 baud; the standard defines none."""

    RESET = CommandSpec("reset the SAM", 0x10, 0xFF, 0x90, 0, 0, 1.0, card=False)
    STATUS = CommandSpec("SAM status", 0x11, 0xFF, 0x90, 0, 0, 1.0, card=False)
    SAM_ID = CommandSpec("SAM management number", 0x12, 0xFF, 0x90, 16, 16, 1.0, card=False)
    FIND = CommandSpec("find a card", 0x20, 0x01, 0x9F, 4, 4, 1.0, card=True)
    SELECT = CommandSpec("select the card", 0x20, 0x02, 0x90, 8, 8, 1.0, card=True)
    READ = CommandSpec("read text and photo", 0x30, 0x01, 0x90, 4 + 256, 4 + 256 + 1024, 3.0, card=True)
    READ_ALL = CommandSpec(
        "read text, photo and fingerprints", 0x30, 0x10, 0x90, 6 + 256, 6 + 256 + 1024 + 1024, 4.0, card=True
    )
    ADDRESS = CommandSpec("read the additional address", 0x30, 0x03, 0x90, 70, 70, 2.0, card=True)
    CARD_NUMBER = CommandSpec("read the card body number", 0x30, 0x05, 0x90, 16, 28, 2.0, card=True)
    SPEED_115200 = CommandSpec("set 115200 baud", 0x60, 0x00, 0x90, 0, 0, 1.0, card=False)
    SPEED_57600 = CommandSpec("set 57600 baud", 0x60, 0x01, 0x90, 0, 0, 1.0, card=False)
    SPEED_38400 = CommandSpec("set 38400 baud", 0x60, 0x02, 0x90, 0, 0, 1.0, card=False)
    SPEED_19200 = CommandSpec("set 19200 baud", 0x60, 0x03, 0x90, 0, 0, 1.0, card=False)
    SPEED_9600 = CommandSpec("set 9600 baud", 0x60, 0x04, 0x90, 0, 0, 1.0, card=False)

    def frame(self) -> bytes:
        """The complete request."""
        return encode_request(Request(self.value.code, self.value.parameter))


SPEEDS: Final[Mapping[int, int]] = MappingProxyType({0: 115200, 1: 57600, 2: 38400, 3: 19200, 4: 9600})
"""Parameter of command 60 -> baud. The SAM keeps the choice over power-off; 115200 is how it leaves the factory."""

_BY_BYTES: Final = {(c.value.code, c.value.parameter): c for c in Command}


def command_of(request: Request) -> Command | None:
    """The command that `request` is, or None: a SAM answers 21 to what it does not know."""
    return _BY_BYTES.get((request.command, request.parameter))


class Verdict(StrEnum):
    """What a host does about a status byte."""

    OK = "ok"
    EMPTY = "empty"
    RESEND = "resend"
    RETRY = "retry"
    REPLACE = "re-present the card"
    DOUBTED = "card not authentic"
    REFUSE = "refuse the card"
    WRONG_CARD = "wrong type of card"
    NO_CARD = "no card"
    FIND_AGAIN = "find again"
    NO_FINGERPRINTS = "fingerprints fail"
    UNSUPPORTED = "unsupported"
    FAULT = "device fault"


@dataclass(frozen=True, slots=True)
class Sw3:
    """One status byte: its meaning, what to do about it, and whether only a command that needs a card can get it."""

    words: str
    verdict: Verdict
    card: bool


SW3: Final[Mapping[int, Sw3]] = MappingProxyType(
    {
        0x90: Sw3("success", Verdict.OK, card=False),
        0x9F: Sw3("card found", Verdict.OK, card=True),
        0x91: Sw3("this item is empty on the card", Verdict.EMPTY, card=True),
        0x05: Sw3("time-out, one vendor's malformed frame", Verdict.RETRY, card=False),
        0x10: Sw3("checksum error in what the SAM received", Verdict.RESEND, card=False),
        0x11: Sw3("length error in what the SAM received", Verdict.RESEND, card=False),
        0x21: Sw3("bad command, parameter or combination", Verdict.UNSUPPORTED, card=False),
        0x23: Sw3("not privileged", Verdict.FAULT, card=False),
        0x24: Sw3("unrecognised error", Verdict.RETRY, card=False),
        0x31: Sw3("the card does not accept the SAM", Verdict.REPLACE, card=True),
        0x32: Sw3("the SAM does not accept the card: possibly forged", Verdict.DOUBTED, card=True),
        0x33: Sw3("the card's content fails its signature", Verdict.REFUSE, card=True),
        0x34: Sw3("no card found yet", Verdict.NO_CARD, card=True),
        0x37: Sw3("fingerprint verification error", Verdict.NO_FINGERPRINTS, card=True),
        0x3F: Sw3("information length error", Verdict.RETRY, card=True),
        0x40: Sw3("unrecognised type of card", Verdict.WRONG_CARD, card=True),
        0x41: Sw3("reading the card failed", Verdict.REPLACE, card=True),
        0x47: Sw3("the card gave no random number", Verdict.REPLACE, card=True),
        0x4E: Sw3("unknown command", Verdict.UNSUPPORTED, card=False),
        0x50: Sw3("write failed", Verdict.UNSUPPORTED, card=False),
        0x60: Sw3("the SAM failed its self-test and takes no commands", Verdict.FAULT, card=False),
        0x61: Sw3("login failed", Verdict.UNSUPPORTED, card=False),
        0x66: Sw3("the SAM is not authorised", Verdict.FAULT, card=False),
        0x67: Sw3("remote SAM state", Verdict.FAULT, card=False),
        0x69: Sw3("remote SAM state", Verdict.FAULT, card=False),
        0x71: Sw3("remote SAM state", Verdict.FAULT, card=False),
        0x72: Sw3("remote SAM state", Verdict.FAULT, card=False),
        0x73: Sw3("remote SAM state", Verdict.FAULT, card=False),
        0x80: Sw3("no card found", Verdict.NO_CARD, card=True),
        0x81: Sw3("selecting the card failed", Verdict.FIND_AGAIN, card=True),
    }
)
"""Every known SW3. GA 467-2004 has 90 9F 91 10 11 21 23 24 31 32 33 40 41 47 60 66 80 81; the rest is vendors'."""


def sw3_words(code: int) -> str:
    """The meaning of `code`, for people."""
    known = SW3.get(code)
    return known.words if known else f"status {code:02X}, which no document knows"
