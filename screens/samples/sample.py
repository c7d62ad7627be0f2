"""What a sample is: the step that the indicator marks, and how its page is built; words are given in both languages."""

from __future__ import annotations

from collections.abc import Callable

from screens import models as m
from screens.screen import Countdown, Language, Mode, Screen

STEPS: tuple[m.StepName, ...] = ("identify", "fill", "review", "pay", "fulfil", "collect")
SHOWN_AT = 1_000.0
"""The stage's clock when a sample is drawn."""

Words = Callable[[str, str], str]
Build = Callable[[m.Place, Words], Screen]
Sample = tuple[m.StepName | None, Build]


def place(language: Language, mode: Mode, current: m.StepName | None = None, left: float = 86.0) -> m.Place:
    """A terminal in Huancui, counting down."""
    hall = "环翠区政务服务中心" if language == "zh" else "Huancui District Service Centre"
    countdown = Countdown(SHOWN_AT + left, 120.0)
    return m.Place(language, hall, 3, "0631-12345", True, mode, STEPS if current else (), current, countdown)
