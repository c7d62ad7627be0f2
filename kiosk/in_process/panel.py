"""The panel of a terminal in somebody else's loop: laid out by the real stage and spoken by the real narrator, never
painted. Who stands before it hears sentences, presses keys of the keypad, and touches what is there.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from config.settings import WindowSettings
from config.speaking import KeypadSettings, SpeechSettings
from screens.marks import Rect
from screens.screen import Reply, Screen
from screens.speech.narrator import Narrator
from screens.stage import Stage

Heard = Callable[[tuple[str, ...]], None]


@dataclass(frozen=True, slots=True)
class Spot:
    """One thing that can be touched: its reply, where it begins (0 is the panel's upper edge, 1 its lower), its middle
    in pixels."""

    key: str
    value: str
    top: float
    x: int
    y: int
    enabled: bool


class _Ears:
    """In place of a player: hands on what was said."""

    def __init__(self, heard: Heard, volume: int) -> None:
        self.volume = volume
        self._heard = heard

    @property
    def is_busy(self) -> bool:
        """Sentences take no time here."""
        return False

    def say(self, language: str, said: tuple[str, ...]) -> None:
        """As `Player.say`."""
        del language
        self._heard(said)

    def hush(self) -> None:
        """As `Player.hush`; what was heard was heard."""


class _Unpainted(Stage):
    """A stage that lays out and listens; nobody looks at its pixels."""

    def _paint(self, dirty: list[Rect]) -> None:
        del dirty


class Panel:
    """One terminal's panel. Everything is called on the loop's thread and is done when it returns."""

    def __init__(self, heard: Heard, on_reply: Callable[[Reply], None]) -> None:
        speech = SpeechSettings()
        self.narrator = Narrator(speech, _Ears(heard, speech.volume))
        self._stage = _Unpainted(
            WindowSettings(),
            clock=asyncio.get_running_loop().time,
            on_reply=on_reply,
            headless=True,
            keypad=KeypadSettings(),
            narrator=self.narrator,
        )

    def show(self, screen: Screen) -> None:
        """Lay out and speak another page."""
        self._stage.show(screen)
        self._stage.turn()

    def wipe(self) -> None:
        """The visit is over."""
        self._stage.wipe()

    def key(self, pressed: str) -> None:
        """A key of the keypad: a command (`config.speaking.KeyCommand`) or a digit."""
        self._stage.key(pressed)
        self._stage.turn()

    def spots(self) -> tuple[Spot, ...]:
        """What can be touched on the turn of the page that is shown."""
        sheet = self._stage.sheet
        if sheet is None:
            return ()
        high = sheet.size[1]
        spots = [Spot(t.reply.key, t.reply.value, t.rect.y / high, *t.rect.centre, t.enabled) for t in sheet.targets]
        if sheet.ink is not None:
            rect = sheet.ink.rect
            spots.append(Spot("stroke", "", rect.y / high, *rect.centre, enabled=True))
        return tuple(spots)

    def touch(self, spot: Spot) -> None:
        """A finger there, through the stage's own hit-test."""
        self._stage.touch(spot.x, spot.y)
        self._stage.turn()

    def finger(self, x: int, y: int) -> None:
        """A finger at a pixel, where nothing says that there is anything."""
        self._stage.touch(x, y)
        self._stage.turn()

    def wipes(self, *points: tuple[int, int]) -> None:
        """A finger that goes from point to point without being lifted."""
        for at, (x, y) in enumerate(points):
            self._stage.touch(x, y, "move" if at else "down")
        self._stage.touch(*points[-1], "up")
        self._stage.turn()

    @property
    def size(self) -> tuple[int, int]:
        """Its pixels."""
        return self._stage.panel.size
