"""Ears and a keypad: a simulated citizen who sees nothing, and knows sentences by the terminal's own texts."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterable, Sequence
from functools import cache

from config.spoken import sentences
from config.texts import texts

MOMENT_S = 0.35
"""After a key: longer than a page takes to settle."""
MOST_KEYS = 600
"""Keys that are pressed for one thing at most; the longest list has 120 things in 12 turns of the page."""
SAME = 12
"""So many things in a row that were heard before: once round. Keys may share a name, as two commas do."""
_PLACE = re.compile(r"\{[^}]*\}")
Said = tuple[str, ...]


class NotFound(RuntimeError):
    """Nobody said what was looked for: the page does not have it, or does not say it."""


@cache
def _patterns(language: str, key: str) -> tuple[re.Pattern[str], ...]:
    """The sentences of a text, what is filled in left open."""
    # The places stand in for words while sentences are cut, as the words do on the page.
    cut = sentences(_PLACE.sub("\ue000", texts(language).raw(key)))
    return tuple(re.compile(".+".join(re.escape(part) for part in one.split("\ue000"))) for one in cut)


def means(language: str, key: str, said: Iterable[str]) -> bool:
    """Whether the first sentence of the text `key` is among the sentences that were `said`."""
    patterns = _patterns(language, key)
    return bool(patterns) and any(patterns[0].fullmatch(sentence) for sentence in said)


def begins(said: Said, name: str) -> bool:
    """Whether an utterance is about the thing called `name`."""
    wanted = sentences(name)
    return bool(wanted) and said[: len(wanted)] == wanted


class Ear:
    """What is heard at one terminal, in order; `press` is the keypad's. One citizen after another has it."""

    def __init__(self) -> None:
        self.press_key: Callable[[str], None] = lambda key: None
        self.language = "zh"
        self.fresh: list[Said] = []
        """Utterances since they were taken."""
        self.everything: list[str] = []
        """All sentences of this citizen's visit."""
        self.keys = 0

    def heard(self, said: Said) -> None:
        """The terminal says something."""
        self.fresh.append(said)
        self.everything += said

    def forget(self) -> None:
        """Another citizen."""
        self.fresh, self.everything, self.keys, self.language = [], [], 0, "zh"

    def take(self) -> list[Said]:
        """What was said since this was asked last."""
        taken, self.fresh = self.fresh, []
        return taken

    def means(self, key: str, said: Iterable[str]) -> bool:
        """As the function, in the language of the moment."""
        return means(self.language, key, said)

    def words(self, key: str) -> str:
        """What the terminal calls something."""
        return texts(self.language).raw(key)

    async def press(self, *keys: str) -> Said:
        """Press keys, one after another; the sentences that followed the last."""
        at = len(self.fresh)
        for key in keys:
            at = len(self.fresh)
            self.keys += 1
            self.press_key(key)
            await asyncio.sleep(MOMENT_S)
        return tuple(sentence for said in self.fresh[at:] for sentence in said)

    async def find(self, *names: str, way: str = "right") -> str:
        """Go on until one of the things called `names` is in focus, over every turn of the page. Raises `NotFound`."""
        known: set[Said] = set()
        forward, again = False, 0
        for _ in range(MOST_KEYS):
            said = await self.press(way)
            if found := next((name for name in names if begins(said, name)), ""):
                return found
            if begins(said, self.words("nav.turn-next")):
                if forward and not self.means("speech.disabled", said):
                    await self.press("ok")
                    known, forward = set(), False
                    continue
                if said in known:
                    break
            forward = forward or said in known
            again = again + 1 if said in known else 0
            if again > SAME and not self._turns(known):
                break
            known.add(said)
        raise NotFound(f"nobody said {' or '.join(names)}; what can be pressed: {self._list(known)}")

    async def choose(self, *names: str) -> str:
        """Find it and press OK; which it was."""
        found = await self.find(*names)
        await self.press("ok")
        return found

    def _turns(self, known: set[Said]) -> bool:
        return any(begins(said, self.words("nav.turn-next")) for said in known)

    @staticmethod
    def _list(known: Iterable[Said]) -> str:
        return "; ".join(sorted(" ".join(said) for said in known))[:600]


def after(said: Sequence[str], language: str, key: str) -> tuple[str, ...]:
    """The sentences that follow the last time the text `key` was said; nothing when it was not."""
    patterns = _patterns(language, key)
    found = [at for at, sentence in enumerate(said) if patterns[0].fullmatch(sentence)]
    return tuple(said[found[-1] + 1 :]) if found else ()
