"""A sentence to a ranked list of items, and a question back when the list does not say which one."""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass

from kiosk.finding.entries import MAX_ENTRIES, Entry
from kiosk.finding.features import of_phrase, of_query
from kiosk.finding.index import Index
from kiosk.finding.sayings import kinds_said, meanings, without_denied
from kiosk.finding.text import normal

MEANING = 0.9
"""What the meaning of a saying counts beside the words themselves."""
KIND = 1.15
"""What it counts that the sentence names the item's verb."""
CONTEXT = 0.4
"""What field and guide count beside a name."""
NOTHING_BELOW = 0.2
"""Scores are far above this as soon as a name, an alias or a saying is touched; `known` takes chatter down."""
TAIL = 0.15
"""What is below this share of the first one is not shown."""
SURE_FROM = 0.8
SURE_AHEAD = 1.25
CLOSE = 0.80
"""An item within this share of the first one may be meant as well."""
MAX_CHOICES = 4
MAX_LIMIT = 50
_KIND_WORDS = {
    "apply": ("办理", "Apply", "신청"),
    "pay": ("缴费", "Pay", "납부"),
    "verify": ("认证", "Verify", "인증"),
    "print": ("打印", "Print", "출력"),
    "query": ("查询", "Look up", "조회"),
}
_WHICH = ("您要办的是哪一项？", "Which one do you need?", "어느 것이 필요하세요?")
_WHAT = ("您想做什么？", "What would you like to do?", "무엇을 하시겠어요?")


@dataclass(frozen=True, slots=True)
class Hit:
    """An entry and how well it fits; above 0, comparable within one answer."""

    entry: Entry
    score: float


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer to a question: its words (zh, en, ko) and the ids of the entries that it leaves."""

    words: tuple[str, str, str]
    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked back, in zh, en, ko, with 2 to 4 choices."""

    words: tuple[str, str, str]
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class Ranked:
    """The answer: best first. `sure` and `question` exclude each other; `work` is how many postings were walked.

    It names items and starts none: a screen opens the one that is touched.
    """

    hits: tuple[Hit, ...]
    sure: bool
    question: Question | None
    work: int


class Finder:
    """Finds entries by sentences. Building takes some ms for a hundred entries and is done once a catalogue."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        if len(entries) > MAX_ENTRIES:
            raise ValueError(f"{len(entries)} entries, at most {MAX_ENTRIES}")
        self.entries = tuple(entries)
        phrases, owners = [], []
        for number, entry in enumerate(self.entries):
            names = [entry.zh, entry.en, entry.ko, *entry.aliases]
            for phrase in dict.fromkeys(normal(name) for name in names if name):
                phrases.append((of_phrase(phrase), 1.0))
                owners.append(number)
            phrases.append((of_phrase(normal(f"{entry.field} {entry.guide}")), CONTEXT))
            owners.append(number)
        self._index = Index(phrases, owners)

    @property
    def phrases(self) -> int:
        """Names, aliases and contexts that are indexed."""
        return self._index.phrases

    def find(self, text: str, limit: int = 10) -> Ranked:
        """The best `limit` entries (1 to 50) for `text`, of any length and language; nothing for nothing."""
        limit = max(1, min(limit, MAX_LIMIT))
        asked_text = without_denied(normal(text))
        words = of_query(asked_text, self._index.vocabulary)
        by_words, work = self._index.scores(words)
        by_meaning, more = self._index.scores(of_query(" ".join(meanings(asked_text)), self._index.vocabulary))
        known, said = self._index.known(words), kinds_said(asked_text)

        def score(number: int, trust: float = 1.0) -> float:
            by_both = trust * by_words.get(number, 0.0) + MEANING * by_meaning.get(number, 0.0)
            return by_both * (KIND if self.entries[number].kind in said else 1.0)

        best = heapq.nlargest(MAX_LIMIT, ((score(number), -number) for number in by_words.keys() | by_meaning.keys()))
        hits = [Hit(self.entries[-number], points) for points, number in best if score(-number, known) >= NOTHING_BELOW]
        hits = [hit for hit in hits if hit.score >= hits[0].score * TAIL]
        ahead = len(hits) == 1 or (len(hits) > 1 and hits[0].score >= hits[1].score * SURE_AHEAD)
        sure = ahead and score(-best[0][1], known) >= SURE_FROM
        return Ranked(tuple(hits[:limit]), sure, None if sure else _question(hits), work + more)


def _close(hits: Sequence[Hit], share: float) -> list[Hit]:
    return [hit for hit in hits if hit.score >= hits[0].score * share]


def _question(hits: Sequence[Hit]) -> Question | None:
    """Ask for the item when few are close, for the verb when many are; nothing when there is nothing to choose."""
    if len(hits) < 2:
        return None
    close = _close(hits, CLOSE)
    kinds = list(dict.fromkeys(hit.entry.kind for hit in close))
    if len(close) > MAX_CHOICES and 2 <= len(kinds) <= MAX_CHOICES:
        choices = tuple(
            Choice(_KIND_WORDS[kind], tuple(hit.entry.id for hit in close if hit.entry.kind == kind)) for kind in kinds
        )
        return Question(_WHAT, choices)
    few = (close if len(close) > 1 else hits[:2])[:MAX_CHOICES]
    return Question(_WHICH, tuple(Choice(_names(hit.entry), (hit.entry.id,)) for hit in few))


def _names(entry: Entry) -> tuple[str, str, str]:
    return entry.zh, entry.en or entry.zh, entry.ko or entry.en or entry.zh
