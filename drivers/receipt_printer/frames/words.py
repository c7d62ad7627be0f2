"""What crosses a receipt printer's wire, in words. Long runs of digits and names are masked: they are a citizen's."""

from __future__ import annotations

import re

from drivers.receipt_printer.frames.parser import Command, CommandParser, Item, Malformed, RealTimeScanner, Text
from drivers.receipt_printer.frames.replies import (
    AutoStatus,
    Block,
    Flow,
    FullStatus,
    Reply,
    ReplyParser,
    Sensor,
    StatusByte,
)
from drivers.receipt_printer.frames.status import READY, Condition, read_asb, read_full, read_status

MAX_WORDS = 600
WORDS = {
    "ESC @": "initialise",
    "ESC a": "align",
    "ESC E": "bold",
    "ESC !": "print mode",
    "ESC 3": "line spacing",
    "ESC J": "feed dots",
    "ESC d": "feed lines",
    "FS &": "Chinese mode on",
    "FS .": "Chinese mode off",
    "FS !": "Chinese size",
    "GS !": "size",
    "GS V": "cut",
    "GS a": "automatic status",
    "GS e": "presenter",
    "GS r": "ask sensor (queued)",
    "GS I": "ask identity (queued)",
    "GS ( H": "end mark",
    "GS ( k": "QR code",
    "GS v 0": "picture",
    "GS k": "bar code",
    "LF": "line feed",
}
ASKS = {1: "printer", 2: "offline cause", 3: "error cause", 4: "paper"}
_DIGITS = re.compile(r"\d{6,}")
_HAN_BESIDE_STAR = re.compile(r"[\u3400-\u9fff]+(?=\*)|(?<=\*)[\u3400-\u9fff]+")


def masked(text: str) -> str:
    """`text` with long numbers and starred names hidden."""
    hidden = _DIGITS.sub(lambda m: "*" * (len(m.group()) - 2) + m.group()[-2:], text)
    return _HAN_BESIDE_STAR.sub("*", hidden)


class ReceiptWords:
    """Keeps its place in both directions, so that a piece of a command is not read as text."""

    def __init__(self) -> None:
        self._commands = CommandParser()
        self._scanner = RealTimeScanner()
        self._replies = ReplyParser()
        self._asked: list[int] = []

    def to_printer(self, data: bytes) -> str:
        """Words for bytes that the host sent."""
        words = [self.real_time(command) for _, command in self._scanner.feed(data)]
        words += [item_words(item) for item in self._commands.feed(data)]
        return shortened(words) or f"{len(data)} bytes of an unfinished command"

    def to_host(self, data: bytes) -> str:
        """Words for bytes that the printer sent."""
        words = [self.reply(reply) for reply in self._replies.feed(data)]
        return shortened(words) or f"{len(data)} bytes of an unfinished answer"

    def real_time(self, command: Command) -> str:
        """Words for a real-time command; a status that was asked for is remembered, answers do not say which."""
        if command.name == "DLE EOT" and command.args == (20,):
            self._replies.full_status = True
            return "full status?"
        if command.name == "DLE EOT":
            self._asked = [*self._asked, command.args[0]][-8:]
            return f"status {command.args[0]} ({ASKS.get(command.args[0], '?')})?"
        return {"DLE ENQ": "recover", "DLE DC4": "clear buffers"}.get(command.name, command.name)

    def reply(self, reply: Reply) -> str:
        """Words for one answer."""
        match reply:
            case StatusByte(value):
                n = self._asked.pop(0) if self._asked else 0
                return f"status {n}: {condition_words(read_status(n, value))}"
            case AutoStatus(block):
                return f"changed: {condition_words(read_asb(block))}"
            case FullStatus(block):
                return f"full status: {condition_words(read_full(block))}"
            case Sensor(value):
                return f"sensor {value:02X}"
            case Block() if reply.end_mark is not None:
                return f"printed up to mark {reply.end_mark.decode('ascii', 'replace')}"
            case Block():
                return "buffers cleared" if reply.cleared else f"identity {reply.text}"
            case Flow(go):
                return "go on" if go else "stop sending"
        return f"stray {reply.data.hex(' ')}"


def item_words(item: Item, *, show_text: bool = True) -> str:
    """Words for one item; with `show_text` off, text is only counted."""
    if isinstance(item, Text):
        return f'"{masked(item.data.decode("gbk", "replace"))}"' if show_text else f"text of {len(item.data)} bytes"
    if isinstance(item, Malformed):
        return f"{item.name}: {item.reason}"
    return _command(item)


def _command(command: Command) -> str:
    if command.name == "GS ( k":
        return "QR code" if command.data[1:2] == b"\x51" else ""
    name = WORDS.get(command.name, command.name)
    if command.name == "GS v 0":
        return f"{name} {(command.args[1] + command.args[2] * 256) * 8} x {command.args[3] + command.args[4] * 256}"
    if command.name == "GS ( H":
        return f"{name} {command.data[2:].decode('ascii', 'replace')}"
    return " ".join((name, *map(str, command.args)))


def condition_words(conditions: Condition) -> str:
    """What is true of a printer: `well`, or its conditions."""
    return ", ".join((c.name or "").lower().replace("_", " ") for c in conditions) if conditions != READY else "well"


def shortened(words: list[str]) -> str:
    """The words as one line of at most `MAX_WORDS` characters."""
    whole = "; ".join(word for word in words if word)
    return whole if len(whole) <= MAX_WORDS else whole[: MAX_WORDS - 1] + "…"
