"""The engine for what has no recording: espeak-ng, a program of its own (GPL-3), asked sentence by sentence.

The sentence goes in by its standard input: it stands in no command line and in no file.
"""

from __future__ import annotations

import logging
import re
import subprocess
from collections.abc import Mapping
from typing import Protocol

log = logging.getLogger(__name__)

VOICES: Mapping[str, str] = {"zh": "cmn", "en": "en-us", "ko": "ko"}
DEADLINE_S = 4.0
LONGEST = 400
"""Characters; at the slowest pace a minute and a half of sound."""
_CHINESE = re.compile("[\u4e00-\u9fff]")
_KOREAN = re.compile("[\uac00-\ud7a3]")
_LATIN = re.compile(r"[A-Za-z' -]+")


class Engine(Protocol):
    """Whatever turns one sentence into sound."""

    def speak(self, language: str, sentence: str) -> bytes:
        """The sentence as a WAV file; empty when it cannot be spoken."""
        ...


class Silent:
    """No engine: what was not recorded is not heard."""

    def speak(self, language: str, sentence: str) -> bytes:
        """Nothing."""
        del language, sentence
        return b""


class Espeak:
    """`program` by name or path. Where it is missing or fails, sentences without a recording are silent."""

    def __init__(self, program: str = "espeak-ng", words_per_minute: int = 150) -> None:
        self._program = program
        self._pace = str(words_per_minute)
        self._told = False

    def speak(self, language: str, sentence: str) -> bytes:
        """As `Engine.speak`; takes at most `DEADLINE_S`."""
        command = [self._program, "-v", VOICES[_voice(language, sentence)], "-s", self._pace, "--stdin", "--stdout"]
        try:
            done = subprocess.run(  # noqa: S603 - a list, and the sentence is no part of it
                command, input=sentence[:LONGEST].encode(), capture_output=True, timeout=DEADLINE_S, check=False
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            self._tell(type(error).__name__)
            return b""
        if done.returncode or not done.stdout.startswith(b"RIFF"):
            self._tell(f"exit code {done.returncode}")
            return b""
        return done.stdout

    def _tell(self, why: str) -> None:
        """Say it once, not at every sentence; what was to be spoken is no part of it."""
        if not self._told:
            self._told = True
            log.warning("speech: %s does not speak (%s); what has no recording stays silent", self._program, why)


def _voice(language: str, sentence: str) -> str:
    """The language a sentence is read in: Chinese among English is read as Chinese, and the other way round; what has
    Hangul is Korean whatever else is in it."""
    if _KOREAN.search(sentence):
        return "ko"
    if _CHINESE.search(sentence):
        return "zh"
    return "en" if _LATIN.fullmatch(sentence) else language if language in VOICES else "en"
