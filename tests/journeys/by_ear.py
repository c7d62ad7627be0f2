"""A citizen who sees nothing: a real stage without a window, a keypad, and the sentences that were spoken."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

from citizens_hall import Display, Hall

from config.settings import WindowSettings
from config.speaking import KeypadSettings, SpeechSettings
from screens.by_keys import HERE
from screens.screen import Reply, Screen
from screens.speech.narrator import Narrator
from screens.stage import Stage
from screens.touching import SETTLE_S

MOMENT_S = 0.3
MOST_KEYS = 160


class Ears:
    """In place of a player: keeps what was said."""

    def __init__(self) -> None:
        self.volume = 6
        self.heard: list[str] = []
        self.hushes = 0
        self.is_busy = False

    def say(self, language: str, said: tuple[str, ...]) -> None:
        """As `Player.say`."""
        del language
        self.heard += said

    def hush(self) -> None:
        """As `Player.hush`."""
        self.hushes += 1


class EarDisplay(Display):
    """A display that is a stage, whose narrator speaks into `ears`."""

    def __init__(self, hall: Hall, ears: Ears) -> None:
        super().__init__()
        keypad = KeypadSettings()
        self.narrator = Narrator(SpeechSettings(), ears)
        self.stage = Stage(
            WindowSettings(),
            clock=asyncio.get_running_loop().time,
            on_reply=lambda reply: hall.replies.put(reply),  # noqa: PLW0108 - the hall has its replies later
            headless=True,
            keypad=keypad,
            narrator=self.narrator,
        )

    def show(self, screen: Screen) -> None:
        """As `kiosk.visits.visit.Display`."""
        super().show(screen)
        self.stage.show(screen)
        self.stage.turn()

    def wipe(self) -> None:
        """As `kiosk.visits.visit.Display`."""
        super().wipe()
        self.stage.wipe()


class EarHall(Hall):
    """A hall with a terminal that can be heard."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.ears = Ears()

    async def __aenter__(self) -> EarHall:
        self.display = EarDisplay(self, self.ears)
        await super().__aenter__()
        return self


class Listener:
    """Presses keys and knows nothing but what was said since the key before."""

    def __init__(self, hall: EarHall) -> None:
        self._hall = hall
        self._from = 0
        self.keys = 0

    @property
    def heard(self) -> list[str]:
        """Everything since the last key that was pressed."""
        return self._hall.ears.heard[self._from :]

    async def press(self, key: str) -> list[str]:
        """One key of the keypad; what is said then."""
        assert isinstance(self._hall.display, EarDisplay)
        self.keys += 1
        self._from = len(self._hall.ears.heard)
        self._hall.display.stage.key(key)
        self._hall.display.stage.turn()
        await asyncio.sleep(MOMENT_S)
        return self.heard

    async def hears(self, *wanted: str, within_s: float = 60.0) -> str:
        """Wait until a sentence with one of `wanted` in it was said since the last key."""
        for _ in range(round(within_s / 0.1)):
            for sentence in self.heard:
                if any(words in sentence for words in wanted):
                    await asyncio.sleep(MOMENT_S)
                    return sentence
            await asyncio.sleep(0.1)
        raise AssertionError(f"nobody said {wanted}; since the last key was said: {self.heard}")

    async def find(self, *wanted: str, way: str = "right") -> None:
        """Go on until what is in focus has one of `wanted` in its name; when all was heard, to the next page."""
        known: set[tuple[str, ...]] = set()
        goes_on = False
        for _ in range(MOST_KEYS):
            said = tuple(await self.press(way))
            if any(words in sentence for words in wanted for sentence in said):
                return
            if said in known and {"下一页", "Next page"} & set(said) and goes_on:
                await self.press("ok")
                known, goes_on = set(), False
            goes_on = goes_on or said in known
            known.add(said)
        raise AssertionError(f"nobody said {wanted} in {MOST_KEYS} keys; last {said}")

    async def choose(self, *wanted: str) -> None:
        """Find it and press OK."""
        await self.find(*wanted)
        await self.press("ok")

    async def type(self, digits: str) -> None:
        """Type on the keypad."""
        for digit in digits:
            await self.press(digit)


class Desk:
    """A stage, what it replied and what was heard."""

    def __init__(self, settings: SpeechSettings | None = None, keypad: KeypadSettings | None = None) -> None:
        self.now = 1_000.0
        self.ears = Ears()
        self.replies: list[Reply] = []
        self.here: list[Reply] = []
        """That somebody is here, apart: it goes beside what the page waits for."""
        self.narrator = Narrator(settings or SpeechSettings(), self.ears, digits=(keypad or KeypadSettings()).digits)
        self.stage = Stage(
            WindowSettings(),
            clock=lambda: self.now,
            on_reply=self._replied,
            headless=True,
            keypad=keypad,
            narrator=self.narrator,
        )

    def _replied(self, reply: Reply) -> None:
        (self.here if reply == HERE else self.replies).append(reply)

    def show(self, screen: Screen, *, voice: bool = True) -> list[str]:
        self.ears.heard.clear()
        switch = "off" if voice else "on"
        modes = tuple(replace(a, value=switch) if a.key == "voice" else a for a in screen.modes)
        self.stage.show(replace(screen, voice="on" if voice else "off", modes=modes))
        self.stage.turn()
        self.now += 2 * SETTLE_S
        return self.ears.heard

    def key(self, key: int, character: str = "") -> list[str]:
        self.ears.heard.clear()
        self.stage._key(key, character)
        self.stage.turn()
        return self.ears.heard
