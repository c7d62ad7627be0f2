"""What one visit has chosen: kept in memory, shared by its fields, wiped with it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kiosk.entry.lookup import Match

MAX_WORDS = 200
"""What is remembered; the oldest goes first."""
MAX_LENGTH = 16
"""Characters of a word that is worth remembering."""


class Learned:
    """Words by reading, the last chosen one last. A word composed of several choices is remembered as one."""

    def __init__(self) -> None:
        self._words: dict[tuple[str, str], int] = {}

    def __repr__(self) -> str:
        return f"Learned({len(self._words)} words)"

    def __len__(self) -> int:
        return len(self._words)

    def chosen(self, matches: Sequence[Match]) -> None:
        """Remember what was chosen for one run of letters: every choice, and all of them together."""
        for some in ([match] for match in matches):
            self._keep(some)
        if len(matches) > 1:
            self._keep(matches)

    def _keep(self, matches: Sequence[Match]) -> None:
        reading = " ".join(match.reading for match in matches)
        text = "".join(match.text for match in matches)
        if not reading or len(text) > MAX_LENGTH or len(reading.split(" ")) != len(text):
            return
        times = self._words.pop((reading, text), 0)
        self._words[reading, text] = times + 1
        while len(self._words) > MAX_WORDS:
            del self._words[next(iter(self._words))]

    def times(self, reading: str, text: str) -> int:
        """How often `text` was chosen for `reading` (syllables parted by spaces)."""
        return self._words.get((reading, text), 0)

    def words(self) -> list[tuple[str, str]]:
        """(reading, text) of everything remembered, the last chosen first."""
        return list(reversed(self._words))

    def mark(self) -> dict[tuple[str, str], int]:
        """What is remembered now, for `back_to`."""
        return dict(self._words)

    def back_to(self, mark: dict[tuple[str, str], int]) -> None:
        """Forget what was chosen since `mark`."""
        self._words = mark

    def wipe(self) -> None:
        """Forget everything."""
        self._words.clear()
