"""A SAM's frames in words, for the wire view, recordings and logs: names, numbers and pictures are only counted."""

from __future__ import annotations

from drivers.id_card.frames.codes import command_of, sw3_words
from drivers.id_card.frames.content import sam_number
from drivers.id_card.frames.wire import Damaged, Reply, Request


def describe(frame: Request | Reply | Damaged) -> str:
    """One line that says what `frame` is. Never raises."""
    if isinstance(frame, Damaged):
        return f"damaged frame ({frame.why})"
    if isinstance(frame, Request):
        command = command_of(frame)
        return command.value.words if command else f"unknown command {frame.command:02X} {frame.parameter:02X}"
    words = f"{frame.sw3:02X} {sw3_words(frame.sw3)}"
    size = len(frame.data)
    if not size:
        return words
    if size == 16:
        return f"{words}: {sam_number(frame.data)}"
    if size > 1000:
        return f"{words}: {size} bytes, text and photo (masked)"
    if not any(frame.data):
        return f"{words}: {frame.data[:8].hex(' ')}"
    return f"{words}: {size} bytes (masked)"
