"""What the office ordered from afar and is in force here: closed with its words, a notice with its end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

CLOSED_REASON = "reason.closed-office"
"""Key of the words of a terminal that the office closed without any of its own."""


@dataclass(slots=True)
class OfficeOrders:
    """Read by the pages on which nobody is being served. Words by language, zh and en."""

    closed: bool = False
    words: Mapping[str, str] = field(default_factory=dict)
    notice: Mapping[str, str] = field(default_factory=dict)
    notice_until: float = 0.0
    """Seconds since 1970, by the platform's clock."""

    def closed_words(self, language: str) -> str:
        """Why it is closed in the office's words; "" when it said none, or when it is open."""
        return _in(self.words, language) if self.closed else ""

    def notice_words(self, language: str, now: float) -> str:
        """The notice that is to be shown at `now`, "" for none."""
        return _in(self.notice, language) if now < self.notice_until else ""


def _in(words: Mapping[str, str], language: str) -> str:
    return words.get("zh" if language == "zh" else "en", "") or words.get("zh", "")
