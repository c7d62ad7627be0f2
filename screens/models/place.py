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
    headset: bool = False
    """A headset is in: the voice is in it alone, and the page offers to cover the panel."""
    curtain: bool = False
    """The panel is covered: who listens in private is not read over the shoulder."""
    help: bool = False
    """The citizen asked for help: the page shows whom to call, and goes on."""
    unmasked: bool = False
    """The citizen asked to see the own names and numbers whole; it ends by itself after some seconds."""
    stoppable: bool = False
    """What is under way behind the page may be given up: the page offers `back`."""
    work: str = ""
    """For a technician: terminal, version and role, under the header's title."""
    since: float | None = None
    """When what is under way began, on the stage's clock (seconds); None where nothing is."""
