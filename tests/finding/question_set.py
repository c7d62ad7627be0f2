"""The questions of questions.txt in two halves by a fixed hash, hits at 1 and 3, and two plain peers.

The tuned half was looked at while weights and sayings were set; the untuned one was only counted.
One author wrote sentences and word lists, so both are optimistic; fresh_questions.txt says what a blind count gave.
"""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Asked:
    """A sentence and the ids that answer it."""

    text: str
    right: tuple[str, ...]

    @property
    def tuned(self) -> bool:
        """Its half: by the hash of the sentence alone."""
        return hashlib.sha256(self.text.encode()).digest()[0] % 2 == 0


def questions(name: str = "questions.txt") -> list[Asked]:
    """All questions of a file."""
    found = []
    for line in (FOLDER / name).read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            ids, text = line.split(" : ", 1)
            found.append(Asked(text, tuple(f"WH-{part}" for part in ids.split(","))))
    return found


def hits(asked: Sequence[Asked], find: Callable[[str], list[str]]) -> tuple[float, float]:
    """Percent with a right item first, and among the first three."""
    first = third = 0
    for one in asked:
        found = find(one.text)
        first += bool(set(found[:1]) & set(one.right))
        third += bool(set(found[:3]) & set(one.right))
    return 100 * first / len(asked), 100 * third / len(asked)


class PlainBm25:
    """BM25 (k1 1.2, b 0.75) over words: pairs of Chinese characters, words of letters. The peer, written plainly."""

    def __init__(self, ids: Sequence[str], texts: Sequence[str]) -> None:
        self._ids = ids
        self._documents = [Counter(self.words(text)) for text in texts]
        self._mean = sum(d.total() for d in self._documents) / len(texts)
        self._seen = Counter(word for document in self._documents for word in document)

    @staticmethod
    def words(text: str) -> list[str]:
        """Words of a text."""
        from kiosk.finding.text import normal, runs

        found = []
        for script, part in runs(normal(text)):
            if script == "han":
                found += [part[at : at + 2] for at in range(max(1, len(part) - 1))]
            else:
                found += part.split()
        return found

    def find(self, text: str) -> list[str]:
        """The best ten ids."""
        words, count = self.words(text), len(self._documents)
        scored = []
        for item, document in zip(self._ids, self._documents, strict=True):
            length = 0.25 + 0.75 * document.total() / self._mean
            score = sum(
                math.log(1 + (count - self._seen[w] + 0.5) / (self._seen[w] + 0.5))
                * document[w] * 2.2 / (document[w] + 1.2 * length)
                for w in words if w in document
            )  # fmt: skip
            scored.append((score, item))
        scored.sort(key=lambda pair: (-pair[0], pair[1]))
        return [item for score, item in scored[:10] if score > 0]
