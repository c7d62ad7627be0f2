"""The panel of a technician who is not there: pages come as descriptions and are told as text, answers as replies.

Nothing is drawn, spoken or photographed; the terminal's own panel meanwhile tells citizens that it is looked after.
"""

from __future__ import annotations

import asyncio
from typing import Any, Final

from kiosk.remote.lines import Refused
from kiosk.visits.visit import Replies
from screens.replies import Answer, answers
from screens.screen import Reply, Screen
from screens.text import as_text

CHANGE_S: Final = 3.0
"""So long the page that follows a press is waited for."""
SETTLES_S: Final = 0.3
MOST_SETTLES: Final = 5
MOST_TYPED: Final = 20
SENTENCES: Final = "tech_words"
"""The page on which a sentence for citizens is written."""
MOST_SENTENCE: Final = 72


class FarPanel:
    """A `Display` that is read. All on the loop's thread."""

    def __init__(self) -> None:
        self.replies = Replies()
        self.screen: Screen | None = None
        self._changed = asyncio.Event()

    # As kiosk.visits.visit.Display

    def show(self, screen: Screen) -> None:
        """The newest page."""
        self.screen = screen
        self._changed.set()

    def preview(self, rgb: bytes | None, width: int, height: int) -> None:
        """No camera picture leaves the terminal."""

    def wipe(self) -> object:
        """The page is gone."""
        self.screen = None
        self._changed.set()
        return None

    # For who is not there

    async def press(self, key: str, value: str) -> None:
        """Answer the page at hand, and wait for what follows. Raises `Refused` with what can be answered."""
        screen = self._at_hand()
        there = [each for each in answers(screen) if each.key == key and value in ("", each.value)]
        found = next((each for each in there if each.value == value), there[0] if len(there) == 1 else None)
        if found is None:
            which = " (several: say which value)" if there else ""
            raise Refused(
                "refused", f"nothing on the page {screen.page} answers {key} {value}".rstrip() + which, _can(screen)
            )
        if not found.enabled:
            raise Refused("refused", f"{found.label}: not now, the page {screen.page} says why")
        self._changed.clear()
        self.replies.put(Reply(found.key, found.value))
        await self.settled()

    async def type(self, text: str) -> None:
        """Press the keys of `text` on the page's keypad; a sentence is put whole where sentences are written.

        Raises `Refused`, before anything is pressed.
        """
        if self._at_hand().page == SENTENCES:
            if not 1 <= len(text) <= MOST_SENTENCE:
                raise Refused("not-understood", f"text: 1 to {MOST_SENTENCE} characters")
            self._changed.clear()
            self.replies.put(Reply("words", text))
            await self.settled()
            return
        if not 1 <= len(text) <= MOST_TYPED:
            raise Refused("not-understood", f"text: 1 to {MOST_TYPED} characters")
        screen = self._at_hand()
        keys = {each.value for each in answers(screen) if each.key == "key"}
        if not set(text) <= keys:
            raise Refused("refused", f"the page {screen.page} has no keys for that", _can(screen))
        for character in text:
            await self.press("key", character)

    async def settled(self) -> None:
        """Until the page has changed and stands still, within bounds."""
        wait = CHANGE_S
        for _ in range(MOST_SETTLES):
            try:
                async with asyncio.timeout(wait):
                    await self._changed.wait()
            except TimeoutError:
                return
            self._changed.clear()
            wait = SETTLES_S

    def _at_hand(self) -> Screen:
        if self.screen is None:
            raise Refused("busy", "no page is there yet", "ask again in a moment")
        return self.screen


def told(screen: Screen, *, can: bool) -> dict[str, Any]:
    """A page for somebody far away; `can`: with what can be answered."""
    answered = [_answer(each) for each in answers(screen)] if can else []
    return {
        "page": screen.page,
        "title": screen.title,
        "language": screen.language,
        "text": as_text(screen),
        "answers": answered,
    }


def _answer(each: Answer) -> dict[str, Any]:
    return {"key": each.key, "value": each.value, "label": each.label, "enabled": each.enabled}


def _can(screen: Screen) -> str:
    named = dict.fromkeys(each.key for each in answers(screen) if each.enabled)
    return f"there are {', '.join(named)}" if named else "nothing can be answered there; wait"
