"""Where and for whom a page is drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from screens.screen import Countdown, Language, Mode, Voice

StepName = Literal["identify", "fill", "review", "pay", "fulfil", "collect"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where and for whom a page is drawn. `steps` and `current` make the step indicator; empty means none."""

    language: Language
    hall: str
    number: int
    help_phone: str
    simulated: bool
    mode: Mode = "standard"
    steps: tuple[StepName, ...] = ()
    current: StepName | None = None
    countdown: Countdown | None = None
    agreed: bool = False
    """There is something that was agreed to: the page offers to look at it and take it back."""
    voice: Voice = "off"
    """Whether pages are spoken; the switch stands on every page that can change its language."""
    help: bool = False
    """The citizen asked for help: the page shows whom to call, and goes on."""
