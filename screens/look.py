"""What every widget is given: tokens, fonts, words, and how tight the page is set."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from config.panel import Panel
from config.texts import Texts
from screens.modes import appearance, is_low
from screens.screen import Tone
from screens.theme import Colour, Theme
from screens.type import Typeface

LEADING = 1.36
"""Line height of running text in em (1.3 is the least that the elder rules allow)."""
TITLE_LEADING = 1.3


@dataclass(frozen=True, slots=True)
class Look:
    """Tokens of the page at hand. `tight` shrinks white space, never type or targets."""

    theme: Theme
    typeface: Typeface
    words: Texts
    colours: Mapping[str, Colour]
    panel: Panel
    wide: int
    """Width in pixels of the column that the blocks stand in."""
    tight: float = 1.0
    night: bool = False
    """On the standby backdrop: outlines and white words instead of cards."""

    def size(self, name: str) -> int:
        """A type size in pixels."""
        return self.theme.size[name]

    def space(self, name: str) -> int:
        """A length in pixels that does not give way (targets, borders, margins)."""
        return self.theme.space[name]

    def gap(self, name: str) -> int:
        """White space in pixels; gives way on a full page, never under 3 mm between things to touch."""
        return max(self.theme.px(2), round(self.theme.space[name] * self.tight))

    def between(self, name: str) -> int:
        """White space between things to touch: as `gap`, never under 3 mm."""
        return max(self.theme.px(3), self.gap(name))

    def colour(self, name: str) -> Colour:
        """A colour of this page."""
        return self.colours[name]

    @property
    def elder(self) -> bool:
        """Whether large type and one thing a line are wanted."""
        return appearance(self.theme.mode) == "elder"

    @property
    def low(self) -> bool:
        """Whether everything to touch stands in the lower part of the panel."""
        return is_low(self.theme.mode)

    @property
    def landscape(self) -> bool:
        """Whether the panel is wider than high: two columns, and the bar at the right."""
        return self.panel.landscape

    def tighter(self, tight: float) -> Look:
        """The same with less white space."""
        return replace(self, tight=tight)

    def in_column(self, wide: int) -> Look:
        """The same for a column of `wide` pixels."""
        return replace(self, wide=wide)


TONES: Mapping[Tone, tuple[str, str, str]] = {
    "plain": ("ink2", "card", "line"),
    "info": ("sea", "sea_light", "sea_line"),
    "done": ("ok", "ok_light", "ok_line"),
    "attention": ("attention", "attention_light", "attention_line"),
    "fault": ("fault", "fault_light", "fault_line"),
}
"""Tone to the colours of its sign, its ground and its outline."""

TONE_ICONS: Mapping[Tone, str] = {
    "plain": "info",
    "info": "info",
    "done": "check_circle",
    "attention": "warning",
    "fault": "error",
}
