"""Says one thing at a time: what comes interrupts what sounds. A thread of its own, asleep while nothing is said.

Nothing is kept: a sentence that was spoken, interrupted or forgotten is nowhere any more.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path

from screens.speech.espeak import Engine
from screens.speech.output import Output
from screens.speech.recordings import recording

log = logging.getLogger(__name__)

PAUSE_S = 0.16
"""Between two sentences."""
OPEN_S = 20.0
"""After so much silence the sound card is given back."""
CLOSE_S = 6.0
LEVELS = 10
MOST_FAILURES = 3
"""So many utterances in a row that end by a program error end the voice for good."""
MOST = 400
"""Sentences of one utterance; a page has fewer."""

Find = Callable[[str, str], Path | None]


class Player:
    """`say` and `hush` may be called from any thread and return at once. `volume` is 1 to 10."""

    def __init__(self, output: Output, engine: Engine, volume: int = 6, find: Find = recording) -> None:
        self.first_sample_s = 0.0
        """How long the newest utterance took from `say` to its first sample."""
        self._output = output
        self._engine = engine
        self._find = find
        self._volume = volume
        self._changed = threading.Condition()
        self._next: tuple[str, tuple[str | bytes, ...], float] | None = None
        self._turn = 0
        """Counts what was said; what sounds ends when this has moved on."""
        self._closing = False
        self._louder = False
        self._thread: threading.Thread | None = None
        self._busy = False

    @property
    def volume(self) -> int:
        """1 to 10."""
        return self._volume

    @volume.setter
    def volume(self, level: int) -> None:
        with self._changed:
            self._volume = min(LEVELS, max(1, level))
            self._louder = True
            self._changed.notify_all()

    @property
    def is_busy(self) -> bool:
        """Whether something is being said or waits to be."""
        with self._changed:
            return self._busy or self._next is not None

    def sound(self, wav: bytes) -> None:
        """Let a WAV sound now, instead of what sounds."""
        self._take("", (wav,))

    def say(self, language: str, said: tuple[str, ...]) -> None:
        """Say these sentences now, instead of what sounds."""
        self._take(language, said[:MOST])

    def _take(self, language: str, said: tuple[str | bytes, ...]) -> None:
        with self._changed:
            if self._closing:
                return
            self._turn += 1
            self._next = (language, said, time.monotonic())
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="speech", daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def wait(self, seconds: float) -> bool:
        """Wait until nothing is said any more, at most so long; whether it is so."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._busy and self._next is None, seconds)

    def hush(self) -> None:
        """Be silent, and forget what was to be said."""
        with self._changed:
            self._turn += 1
            self._next = None
            self._changed.notify_all()

    def close(self) -> None:
        """Be silent for good; waits at most `CLOSE_S` for the thread."""
        with self._changed:
            self._closing = True
            self._turn += 1
            self._next = None
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join(CLOSE_S)

    # The thread

    def _run(self) -> None:
        failed = 0
        try:
            while failed < MOST_FAILURES:
                try:
                    if not self._one():
                        return
                    failed = 0
                except Exception:
                    # What follows may well be spoken; the stack says where it broke, never what was to be said.
                    failed += 1
                    log.exception("speech: an utterance was broken off by a program error")
            log.error("speech: %d utterances in a row broke; the terminal goes on in silence", failed)
        finally:
            with self._changed:
                self._closing, self._busy, self._next = True, False, None
                self._changed.notify_all()
            self._output.close()

    def _one(self) -> bool:
        """Wait for an utterance and say it; false at the end."""
        with self._changed:
            self._busy = False
            self._changed.notify_all()
            if self._next is None and not self._closing:
                self._changed.wait_for(self._is_woken, OPEN_S)
                if not self._is_woken():
                    self._output.close()
                    self._changed.wait_for(self._is_woken)
            if self._closing:
                return False
            assert self._next is not None
            (language, said, asked), self._next = self._next, None
            turn, self._busy = self._turn, True
        for number, sentence in enumerate(said):
            if isinstance(sentence, bytes):
                sound: Path | bytes | None = sentence
            else:
                sound = self._find(language, sentence) or self._engine.speak(language, sentence)
            if not sound or self._is_over(turn):
                continue
            seconds = self._output.play(sound, self._volume / LEVELS)
            if seconds and not number:
                self.first_sample_s = time.monotonic() - asked
            if seconds:
                self._sound(seconds + PAUSE_S, turn)
        return True

    def _sound(self, seconds: float, turn: int) -> None:
        """Let it sound to its end, or until something else is to be said."""
        ends = time.monotonic() + seconds
        with self._changed:
            while turn == self._turn and (left := ends - time.monotonic()) > 0:
                self._changed.wait(left)
                if self._louder:
                    self._louder = False
                    self._output.louder(self._volume / LEVELS)
            interrupted = turn != self._turn
        if interrupted:
            self._output.stop()

    def _is_woken(self) -> bool:
        return self._next is not None or self._closing

    def _is_over(self, turn: int) -> bool:
        with self._changed:
            return turn != self._turn
