"""An inverted index over the phrases of all entries: cosine of weighted features, one list walk per feature asked."""

from __future__ import annotations

import math
from array import array
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from kiosk.finding.features import CLASSES, Found

SHARE = {"h": 0.62, "p": 0.38, "i": 0.5, "w": 0.62}
"""What a class counts beside the others of one question."""
LENGTH = 0.65
"""How far a phrase's length counts: 1 is the full cosine, less is kinder to long names."""
UNKNOWN = 0.5
"""How far words that no item says weigh on `known`."""
FAINT = 0.08
"""Below this share of the best phrase nothing is kept: it could not be shown."""
MAX_WORK = 8_000
"""Postings walked for one question: what bounds its time at any size. The rarest features are walked first."""


class Index:
    """Phrases by number, built once. `phrases` are features and the weight of each phrase."""

    def __init__(self, phrases: Sequence[tuple[Found, float]], owners: Sequence[int]) -> None:
        self._owners = array("I", owners)
        seen: defaultdict[str, set[int]] = defaultdict(set)
        for (features, _), owner in zip(phrases, owners, strict=True):
            for feature in features:
                seen[feature].add(owner)
        count = len(set(owners)) or 1
        self._rarity = {feature: math.log(1 + count / len(found)) for feature, found in seen.items()}
        self._unknown = UNKNOWN * math.log(1 + count)
        self._numbers: defaultdict[str, array[int]] = defaultdict(lambda: array("I"))
        self._weights: defaultdict[str, array[float]] = defaultdict(lambda: array("f"))
        for number, (features, importance) in enumerate(phrases):
            rare = {feature: weight * self._rarity[feature] for feature, weight in features.items()}
            norm = {kind: max(1.0, _norm(rare, kind)) ** LENGTH for kind in CLASSES}
            for feature, weight in rare.items():
                self._numbers[feature].append(number)
                self._weights[feature].append(importance * weight / norm[feature[0]])
        self.vocabulary = frozenset(feature[1:] for feature in seen if feature[0] == "w")
        self.phrases = len(phrases)

    def scores(self, asked: Mapping[str, float]) -> tuple[dict[int, float], int]:
        """The best phrase's score of every owner that shares a feature; and how many postings were walked."""
        rare = {feature: weight * self._rarity[feature] for feature, weight in asked.items() if feature in self._rarity}
        kinds = Counter(feature[0] for feature in rare)
        whole = sum(SHARE[kind] for kind in kinds)
        norm = {kind: _norm(rare, kind) * whole / SHARE[kind] for kind in kinds}
        found: defaultdict[int, float] = defaultdict(float)
        work = 0
        for feature in sorted(rare, key=lambda f: len(self._numbers[f])):
            numbers = self._numbers[feature]
            if work + len(numbers) > MAX_WORK:
                break
            work += len(numbers)
            weight = rare[feature] / norm[feature[0]]
            for number, stored in zip(numbers, self._weights[feature], strict=True):
                found[number] += weight * stored
        floor = max(found.values(), default=0.0) * FAINT
        best: dict[int, float] = {}
        for number, score in found.items():
            if score < floor:
                continue
            owner = self._owners[number]
            if score > best.get(owner, 0.0):
                best[owner] = score
        return best, work

    def known(self, asked: Mapping[str, float]) -> float:
        """0 to 1: how much of a question the items talk about at all. Chatter makes an answer less sure."""
        rare = {f: weight * self._rarity[f] for f, weight in asked.items() if f in self._rarity}
        foreign = {f: weight * self._unknown for f, weight in asked.items() if f not in self._rarity}
        kinds = {feature[0] for feature in asked}
        ours, whole = sum(_norm(rare, k) for k in kinds), sum(_both(rare, foreign, k) for k in kinds)
        return ours / whole if whole else 0.0


def _both(rare: Mapping[str, float], foreign: Mapping[str, float], kind: str) -> float:
    return math.hypot(_norm(rare, kind), _norm(foreign, kind))


def _norm(rare: Mapping[str, float], kind: str) -> float:
    return math.sqrt(sum(weight * weight for feature, weight in rare.items() if feature[0] == kind))
