"""What is in force by order: closed by the office from afar or by a technician on the spot, with words; a notice.

Two keys: `closed` is the office's, `here` the technician's. Neither opens what the other has closed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

CLOSED_REASON = "reason.closed-office"
"""Key of the words of a terminal that the office closed without any of its own."""
Closer = Literal["", "office", "technician", "both"]


@dataclass(slots=True)
class OfficeOrders:
    """Read by the pages on which nobody is being served. Words by language; what is missing is said in Chinese."""

    closed: bool = False
    words: Mapping[str, str] = field(default_factory=dict)
    notice: Mapping[str, str] = field(default_factory=dict)
    notice_until: float = 0.0
    """Seconds since 1970, by the platform's clock."""
    here: bool = False
    here_words: Mapping[str, str] = field(default_factory=dict)

    @property
    def closed_by(self) -> Closer:
        """Who keeps it closed, "" nobody."""
        if self.closed and self.here:
            return "both"
        return "office" if self.closed else "technician" if self.here else ""

    @property
    def closed_reason(self) -> str:
        """Key of the words of a terminal that was closed, "" when it is open."""
        return CLOSED_REASON if self.closed_by else ""

    def closed_words(self, language: str) -> str:
        """Why it is closed in the words of who closed it; "" when nobody said any, or when it is open."""
        office = _in(self.words, language) if self.closed else ""
        return office or (_in(self.here_words, language) if self.here else "")

    def notice_words(self, language: str, now: float) -> str:
        """The notice that is to be shown at `now`, "" for none."""
        return _in(self.notice, language) if now < self.notice_until else ""


def _in(words: Mapping[str, str], language: str) -> str:
    return words.get(language) or words.get("en" if language != "zh" else "zh", "") or words.get("zh", "")
