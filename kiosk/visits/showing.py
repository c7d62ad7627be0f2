"""What a visit shows its pages on, what it hears, and how it ends or leads on to another journey."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from screens.screen import Reply, Screen

MAX_REPLIES = 64


class Display(Protocol):
    """Where pages appear: the stage, or a test."""

    def show(self, screen: Screen) -> None:
        """Show this page now; the newest wins."""
        ...

    def preview(self, rgb: bytes | None, width: int, height: int) -> None:
        """The live camera picture for a page with a preview; None takes it away."""
        ...

    def wipe(self) -> object:
        """Forget every text and picture of the visit."""
        ...


class Nowhere:
    """A `Display` of nobody: what is shown on it is seen nowhere."""

    def show(self, screen: Screen) -> None:
        """Nothing."""

    def preview(self, rgb: bytes | None, width: int, height: int) -> None:
        """Nothing."""

    def wipe(self) -> None:
        """There is nothing to forget."""


class Ended(Exception):
    """The visit or the journey ends here. `how` is home, leave or timeout."""

    def __init__(self, how: str) -> None:
        super().__init__(how)
        self.how = how


@dataclass(frozen=True, slots=True)
class Lead:
    """One journey leads on to another of the same visit: which, and what it fills in (references, nothing personal)."""

    service: str
    values: Mapping[str, str]


class Replies:
    """What the citizen did, from the stage's thread to the loop; bounded, the oldest are dropped."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue[Reply] = asyncio.Queue(MAX_REPLIES)

    def put(self, reply: Reply) -> None:
        """Add one; call it on the loop's thread."""
        if self._queue.full():
            self._queue.get_nowait()
        self._queue.put_nowait(reply)

    async def get(self) -> Reply:
        """The next one."""
        return await self._queue.get()

    def clear(self) -> None:
        """Forget touches meant for an earlier page; that a headset came or went is not forgotten."""
        kept = [reply for _ in range(self._queue.qsize()) if (reply := self._queue.get_nowait()).key == "headset"]
        for reply in kept:
            self._queue.put_nowait(reply)
