"""What is in force by order: closed by the office from afar or by a technician on the spot, with words; a notice.

Two keys: `closed` is the office's, `here` the technician's. Neither opens what the other has closed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

CLOSED_REASON = "reason.closed-office"
"""Key of the words of a terminal that the office closed without any of its own."""
ACT_REASON = "reason.closed-act"
"""Key of the words of a terminal on which an act of a technician goes on after its session."""
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
    here_own: bool = False
    """`here_words` are somebody's own, who says until when in them if they know it."""
    act_stands: bool = False
    """Nobody's order: a technician's act goes on (`kiosk.technician.ending`)."""

    @property
    def closed_by(self) -> Closer:
        """Who keeps it closed, "" nobody."""
        if self.closed and self.here:
            return "both"
        return "office" if self.closed else "technician" if self.here else ""

    @property
    def closed_reason(self) -> str:
        """Key of the words of a terminal that was closed, "" when it is open."""
        return CLOSED_REASON if self.closed_by else ACT_REASON if self.act_stands else ""

    def closed_words(self, language: str) -> str:
        """Why it is closed in the words of who closed it; "" when nobody said any, or when it is open."""
        office = _in(self.words, language) if self.closed else ""
        return office or (_in(self.here_words, language) if self.here else "")

    @property
    def says_until(self) -> bool:
        """Whether the words of the moment are a technician's own."""
        return self.here and self.here_own and not (self.closed and self.words)

    def notice_words(self, language: str, now: float) -> str:
        """The notice that is to be shown at `now`, "" for none."""
        return _in(self.notice, language) if now < self.notice_until else ""


def _in(words: Mapping[str, str], language: str) -> str:
    return words.get(language) or words.get("en" if language != "zh" else "zh", "") or words.get("zh", "")
