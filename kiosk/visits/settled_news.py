"""What recovery settled after a power cut, told to whoever still stands there: a page for two minutes, then a line."""

from __future__ import annotations

from typing import Final

from config.texts import texts
from kiosk.recovery import Settlement
from screens.models import Known, Settled
from screens.screen import Language

SHOWN_S: Final = 120.0
KEPT_S: Final = 1800.0
MOST: Final = 10


class SettledNews:
    """The newest settlements. `is_news`: some were not shown on a page of their own yet."""

    def __init__(self) -> None:
        self._kept: list[tuple[float, Settlement]] = []
        self._news: list[Settlement] = []

    def add(self, settlement: Settlement, now: float) -> None:
        """One more, at `now` (the loop's seconds)."""
        self._kept.append((now, settlement))
        self._news.append(settlement)
        del self._kept[:-MOST]

    @property
    def is_news(self) -> bool:
        """Whether a page waits to be shown."""
        return bool(self._news)

    def take(self) -> Settled:
        """The page of what is new, the newest first; it is no news afterwards."""
        news, self._news = self._news, []
        newest = sorted(news, key=lambda s: s.at, reverse=True)
        return Settled(tuple(Known(s.at.strftime("%H:%M"), _sentence(s, "zh")) for s in newest))

    def lines(self, language: Language, now: float) -> tuple[str, ...]:
        """A sentence each, for half an hour."""
        return tuple(_sentence(s, language) for at, s in self._kept if now - at < KEPT_S)


def _sentence(settlement: Settlement, language: Language) -> str:
    return texts(language).t(
        f"settled.{settlement.fate}",
        yuan=f"{settlement.fen / 100:.2f}",
        reference=settlement.reference,
        number=settlement.number,
    )
