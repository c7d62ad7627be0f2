"""The voice of one terminal, put together; nothing is opened or started before something is said."""

from __future__ import annotations

from config.settings import Settings
from screens.speech.espeak import Engine, Espeak, Silent
from screens.speech.narrator import Narrator
from screens.speech.output import SoundCard
from screens.speech.player import Player


def make_voice(settings: Settings) -> tuple[Player | None, Narrator | None]:
    """The player, which is to be closed at the end, and the narrator; None where the settings want no voice."""
    speech = settings.speech
    if not speech.enabled:
        return None, None
    engine: Engine = Espeak(speech.program, speech.words_per_minute) if speech.program else Silent()
    player = Player(SoundCard(), engine, speech.volume)
    return player, Narrator(speech, player, digits=settings.keypad.digits)
