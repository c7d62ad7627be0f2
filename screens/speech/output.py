"""The sound card through SDL's mixer. Without a card there is silence, never an error.

The mixer's own thread wakes 23 times a second while the card is open, so the card is closed when nobody listens.
"""

from __future__ import annotations

import io
import logging
import os
from pathlib import Path
from typing import Protocol

os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")

import pygame

log = logging.getLogger(__name__)

RATE = 24_000
BUFFER = 1024
"""Samples: 43 ms."""


class Output(Protocol):
    """Where sound comes out. Everything is called on the player's thread."""

    def play(self, sound: Path | bytes, volume: float) -> float:
        """Begin to play a file or a WAV; returns its seconds, 0 when nothing can be heard."""
        ...

    def louder(self, volume: float) -> None:
        """Change the volume (0 to 1) of what sounds now."""
        ...

    def stop(self) -> None:
        """Silence, now."""
        ...

    def close(self) -> None:
        """Give the sound card back; `play` opens it again."""
        ...


class SoundCard:
    """SDL's mixer, one channel."""

    def __init__(self) -> None:
        self._channel: pygame.mixer.Channel | None = None
        self._missing = False

    def play(self, sound: Path | bytes, volume: float) -> float:
        """As `Output.play`."""
        channel = self._open()
        if channel is None:
            return 0.0
        try:
            heard = pygame.mixer.Sound(str(sound) if isinstance(sound, Path) else io.BytesIO(sound))
        except pygame.error:
            log.warning("speech: %s cannot be played", sound.name if isinstance(sound, Path) else "a spoken sentence")
            return 0.0
        channel.set_volume(volume)
        channel.play(heard)
        return heard.get_length()

    def louder(self, volume: float) -> None:
        """As `Output.louder`."""
        if self._channel is not None:
            self._channel.set_volume(volume)

    def stop(self) -> None:
        """As `Output.stop`."""
        if self._channel is not None:
            self._channel.stop()

    def close(self) -> None:
        """As `Output.close`. The next `play` tries again also where there was no card."""
        self._missing = False
        if self._channel is not None:
            self._channel = None
            pygame.mixer.quit()

    def _open(self) -> pygame.mixer.Channel | None:
        if self._channel is not None and pygame.mixer.get_init() is None:
            self._channel = None  # a test of the sound had the card in between, and gave it back
        if self._channel is None and not self._missing:
            try:
                pygame.mixer.init(RATE, -16, 2, BUFFER)  # speech sounds on both sides; a test tells them apart
            except (pygame.error, NotImplementedError) as error:  # the latter: a pygame that was built without a mixer
                self._missing = True
                log.info("speech: no sound card (%s); the terminal is silent", error)
            else:
                self._channel = pygame.mixer.Channel(0)
        return self._channel
