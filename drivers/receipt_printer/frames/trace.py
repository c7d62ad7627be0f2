"""A receipt printer's wire for a recording: questions, cuts and answers are shown, what is printed is not.

Formatting counts as content: how a receipt is laid out says what it is about, and the runs stay whole that way.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from drivers.crossing import MAX_STRAY, Direction, Piece, stray
from drivers.receipt_printer.frames.commands import DLE
from drivers.receipt_printer.frames.parser import Command, CommandParser, Item, RealTimeScanner, Text
from drivers.receipt_printer.frames.replies import Reply, ReplyParser, Stray
from drivers.receipt_printer.frames.words import ReceiptWords, item_words, shortened

QUIET: Final = frozenset({"ESC @", "GS V", "GS a", "GS r", "GS I", "GS ( H", "GS e"})
"""Commands that show nothing of a citizen: reset, cut, status, sensors, identity, end mark, presenter."""
MAX_HELD: Final = 4096
ASKS_FULL: Final = (20,)
_PICTURES: Final = frozenset({"GS ( k", "GS v 0", "GS k", "ESC *"})


class ReceiptTracer:
    """As `drivers.crossing.Tracer`."""

    def __init__(self) -> None:
        self._commands = CommandParser()
        self._replies = ReplyParser()
        self._words = ReceiptWords()
        self._to_printer = bytearray()
        self._to_host = bytearray()
        self._replied: list[Reply] = []

    def feed(self, direction: Direction, data: bytes) -> list[Piece]:
        """Runs of quiet commands, runs of content; or answers."""
        return self._sent(data) if direction == "out" else self._answered(data)

    def flush(self, direction: Direction, *, ended: bool) -> list[Piece]:
        """A command stays begun while the printer answers, for it waits for the rest; an answer does not."""
        if direction == "out":
            if not ended:
                return []
            held = bytes(self._to_printer)
            self._to_printer.clear()
            self._commands.reset()
            return [Piece(held, None, f"{len(held)} bytes of an unfinished command")] if held else []
        held = bytes(self._to_host)
        self._to_host.clear()
        self._replied = []
        self._replies.reset()
        return [stray(held, "an unfinished answer")] if held else []

    def _sent(self, data: bytes) -> list[Piece]:
        self._to_printer += data
        runs: list[_Run] = []
        for item, used in self._commands.pieces(data):
            raw = bytes(self._to_printer[:used])
            del self._to_printer[:used]
            quiet = _is_quiet(item, raw)
            if not runs or runs[-1].quiet != quiet:
                runs.append(_Run(quiet))
            runs[-1].raw += raw
            if item is not None:
                runs[-1].items.append(item)
            else:
                for _, command in RealTimeScanner().feed(raw):
                    self._replies.full_status = self._replies.full_status or command.args == ASKS_FULL
                    runs[-1].said.append(self._words.real_time(command))
        return [run.piece() for run in runs if run.raw]

    def _answered(self, data: bytes) -> list[Piece]:
        self._to_host += data
        self._replied += self._replies.feed(data)
        if self._replies.unfinished and len(self._to_host) < MAX_HELD:
            return []
        raw, replies = bytes(self._to_host), self._replied
        self._to_host.clear()
        self._replied = []
        noise = sum(len(reply.data) for reply in replies if isinstance(reply, Stray))
        if noise > MAX_STRAY:
            return [Piece(raw, None, f"{noise} bytes that no printer says")]
        return [Piece(raw, raw, shortened([self._words.reply(reply) for reply in replies]))]


@dataclass(slots=True)
class _Run:
    """Consecutive items of one kind."""

    quiet: bool
    raw: bytearray = field(default_factory=bytearray)
    items: list[Item] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    def piece(self) -> Piece:
        raw = bytes(self.raw)
        if self.quiet:
            return Piece(raw, raw, shortened(self.said + [item_words(item) for item in self.items]))
        text = sum(len(item.data) for item in self.items if isinstance(item, Text))
        others = [item_words(i) for i in self.items if isinstance(i, Command) and i.name in _PICTURES]
        return Piece(raw, None, shortened([f"{len(raw)} bytes of a receipt, {text} of them text", *others]))


def _is_quiet(item: Item | None, raw: bytes) -> bool:
    if item is None:
        return raw[:1] == bytes((DLE,)) or not raw.strip(b"\0")
    return isinstance(item, Command) and item.name in QUIET
