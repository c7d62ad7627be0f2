"""When something is said: the stage tells what it shows and what the keys did, the narrator says it or keeps silent.

| who listens                | hears                                                                          |
|----------------------------|--------------------------------------------------------------------------------|
| nobody asked for the voice | "are you still there", "take your card" (a setting)                               |
| the voice is on            | each page, what changes on it, what is in focus; long numbers by their end only   |
| with a headset             | the same, and every number digit by digit                                        |

Whether the voice is on is the visit's to know (`Screen.voice`); volume and headset are the stage's, until the visit
ends.
"""

from __future__ import annotations

from typing import Protocol

from config.speaking import SpeechSettings
from config.spoken import sentences
from config.texts import texts
from screens.screen import Language, Node, Picture, Screen, Tiles
from screens.speech import wording

LEVELS = 10
REMINDERS = ("still_there", "leave", "receipt")
REMIND_S = 10.0
"""So often it is said again what lies there; the page that says it has its own end (P5)."""


class Voice(Protocol):
    """What the narrator needs of a player."""

    volume: int

    @property
    def is_busy(self) -> bool:
        """Whether something is being said or waits to be."""
        ...

    def say(self, language: str, said: tuple[str, ...]) -> None:
        """Say this instead of what sounds."""
        ...

    def hush(self) -> None:
        """Be silent and forget."""
        ...


class Narrator:
    """One terminal's voice. Every method is called on the stage's thread and returns at once."""

    def __init__(self, settings: SpeechSettings, voice: Voice, *, digits: bool = True) -> None:
        self.settings = settings
        self.private = False
        """A headset is in: the listener is alone."""
        self.loud: tuple[str, ...] = ()
        """What was said last over the loudspeaker; nothing of it is private, so that the bench may show it."""
        self._voice = voice
        self._digits = digits
        self._screen: Screen | None = None
        self._said: tuple[str, ...] = ()
        self._repeats = 0
        self._hint_at: float | None = None
        self._remind_at: float | None = None
        self._pulled = False
        """The headset was pulled out a moment ago: that is why the voice goes off."""

    @property
    def is_on(self) -> bool:
        """Whether somebody listens."""
        on = self._screen is not None and self._screen.voice == "on"
        return self.settings.enabled and (on or self.private)

    @property
    def is_telling(self) -> bool:
        """Whether somebody who listens is being told something now."""
        return self.is_on and self._voice.is_busy

    def shown(self, screen: Screen, *, can_press: bool, turns: int = 1) -> None:
        """Another page, or the same anew."""
        before, was_on = self._screen, self.is_on
        self._screen = screen
        if not self.settings.enabled:
            return
        if not self.is_on:
            self._without_voice(before, screen, was_on=was_on)
        elif before is None or before.page != screen.page or before.language != screen.language or not was_on:
            greeting = () if was_on else self._words("speech.on")
            said = wording.announcement(screen, private=self.private, can_press=can_press, digits=self._digits)
            page = (texts(screen.language).t("speech.turn", turn=1, turns=turns),) if turns > 1 else ()
            self.say((*greeting, *said, *page))
        elif fresh := wording.news(before, screen, private=self.private, digits=self._digits):
            self.say(fresh)

    def _without_voice(self, before: Screen | None, screen: Screen, *, was_on: bool) -> None:
        new = before is None or before.page != screen.page or before.prompt != screen.prompt
        if self.settings.reminders and new and _is_reminder(screen):
            self.say(wording.reminder(screen))
        elif was_on and before is not None and before.page == screen.page:
            self.say(self._words("speech.headset-out" if self._pulled else "speech.off"))
            self._pulled = False
        elif new or was_on:
            self._hush()

    def turned(self, turn: int, turns: int) -> None:
        """Another turn of the same page."""
        if self.is_on:
            self.say((self._language("speech.turn", turn=turn + 1, turns=turns),))

    def focused(self, node: Node, at: int, of: int) -> None:
        """Something is in focus."""
        if self.is_on and self._screen is not None:
            told = wording.told(self._screen, node, at, of, private=self.private, digits=self._digits)
            self.say(told)

    def refused(self) -> None:
        """OK on something that cannot be pressed."""
        if self.is_on:
            self.say(self._words("speech.disabled"))

    def does(self) -> None:
        """Nothing is in focus any more: say what OK does now."""
        if self.is_on and self._screen is not None:
            self.say(wording.what_ok_does(self._screen, private=self.private))

    def digits_mean(self, *, letters: bool) -> None:
        """The digits of the keypad lead to letters now, or are typed again."""
        if self.is_on:
            self.say(self._words("speech.letters-on" if letters else "speech.letters-off"))

    def hint(self) -> None:
        """Somebody pressed a key on standby, or it is time: say how to start."""
        if self.settings.enabled and self._screen is not None:
            self.say(wording.announcement(self._screen, private=self.private))

    def pass_time(self, now: float) -> None:
        """Called at every turn of the stage's loop: on standby the way to start is said now and then, and what was not
        taken yet is said again."""
        self._remind(now)
        waits = self.settings.hint_s > 0 and self._screen is not None and self._screen.backdrop
        if not waits:
            self._hint_at = None
        elif self._hint_at is None or now >= self._hint_at:
            if self._hint_at is not None:
                self.hint()
            self._hint_at = now + self.settings.hint_s

    def _remind(self, now: float) -> None:
        screen = self._screen
        on = self.settings.enabled and self.settings.reminders
        if not on or screen is None or not _lies_there(screen):
            self._remind_at = None
        elif self._remind_at is None or self._voice.is_busy:
            self._remind_at = now + REMIND_S
        elif now >= self._remind_at:
            self._remind_at = now + REMIND_S
            self.say(wording.reminder(screen))

    def repeat(self) -> None:
        """Once more; asked twice, the whole page."""
        if not self.is_on or self._screen is None:
            return
        self._repeats += 1
        if self._repeats > 1:
            self._repeats = 0
            self._speak(wording.spoken(self._screen, private=self.private))
        else:
            self._speak(self._said)

    def volume(self, step: int) -> None:
        """Louder or softer by `step` tenths, and say so."""
        before = self._voice.volume
        self._voice.volume = min(LEVELS, max(1, before + step))
        if not self.is_on:
            return
        if self._voice.volume == before:
            self._speak(self._words("speech.volume-most" if step > 0 else "speech.volume-least"))
        else:
            self._speak((self._language("speech.volume", level=self._voice.volume),))

    def headset(self, plugged: bool) -> None:
        """A headset was plugged in or pulled out; out of it nothing private may be heard any more."""
        if plugged == self.private:
            return
        self.private, self._pulled = plugged, not plugged
        self._hush()
        if plugged and self.settings.enabled and self._screen is not None:
            self.say((*self._words("speech.headset-in"), *wording.announcement(self._screen, private=True)))

    def wipe(self) -> None:
        """The visit is over: silence, nothing remembered, volume as at first. A headset that is in stays in."""
        self._screen = None
        self._voice.volume = self.settings.volume
        self._hush()

    def say(self, said: tuple[str, ...]) -> None:
        """Say this instead of what sounds; it is what `repeat` repeats."""
        if said:
            self._said, self._repeats = said, 0
            self._speak(said)

    def _speak(self, said: tuple[str, ...]) -> None:
        language: Language = self._screen.language if self._screen else "zh"
        self.loud = () if self.private else said
        self._voice.say(language, said)

    def _hush(self) -> None:
        self._said, self._repeats, self.loud = (), 0, ()
        self._voice.hush()

    def _language(self, key: str, **values: object) -> str:
        return texts(self._screen.language if self._screen else "zh").t(key, **values)

    def _words(self, key: str) -> tuple[str, ...]:
        return sentences(self._language(key))


def _is_reminder(screen: Screen) -> bool:
    """Whether a page must be heard by whoever walks away: nobody answers, or something lies there."""
    return screen.page == "still_there" or _lies_there(screen)


def _lies_there(screen: Screen) -> bool:
    """Whether the page asks to take a card or a paper."""
    if screen.page not in REMINDERS:
        return False
    return any(
        isinstance(block, Tiles) or (isinstance(block, Picture) and block.kind in ("take-card", "take-paper"))
        for block in screen.blocks
    )
