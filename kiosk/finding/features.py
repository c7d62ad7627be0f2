"""The small parts by which sentences and items are compared: characters, sounds, initials, words.

A feature is a string whose first letter is its class: h characters, p sounds, i initials, w words of other scripts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Set

from kiosk.finding.pinyin import folded, sounds, syllables
from kiosk.finding.text import runs

CLASSES = "hpiw"
GRAM_WEIGHT = {"h": (0.3, 1.0, 0.8), "p": (0.1, 1.0, 0.8), "i": (0.0, 0.5, 1.0, 1.0)}
"""Of one, two, three ... in a row."""
_INITIALS_ONLY = re.compile(r"[bpmfdtnlgkhjqxrzcsyw]{2,12}")
_STOP = frozenset(
    {"a", "an", "the", "i", "my", "me", "to", "of", "in", "on", "is", "are", "how", "much", "do", "for", "want", "need"}
    | {"get", "it", "at", "where", "can", "you"}
)
_SLIPS_A_LETTER = 0.25
MIN_EDIT = 5
SLIP_WEIGHT = 0.7
Found = dict[str, float]


def of_phrase(text: str) -> Found:
    """The features of an item's name or alias, already made normal."""
    found: Found = {}
    for script, part in runs(text):
        if script == "han":
            said = sounds(part)
            _grams(found, "h", list(part))
            _grams(found, "p", [folded(s) for s in said])
            _grams(found, "i", [s[:1] for s in said])
        elif script != "digits":
            for word in words(script, part):
                found[f"w{word}"] = 1.0
        else:
            found[f"w{part}"] = 1.0
    return found


def of_query(text: str, vocabulary: Set[str]) -> Found:
    """The features of what a citizen typed; `vocabulary` are the words (class w) that the items have."""
    found: Found = {}
    for script, part in runs(text):
        if script == "han":
            _grams(found, "h", list(part))
            _grams(found, "p", [folded(s) for s in sounds(part)])
        elif script == "latin":
            _latin(found, part, vocabulary)
        else:
            for word in words(script, part):
                found[f"w{word}"] = 1.0
    return found


def _latin(found: Found, part: str, vocabulary: Set[str]) -> None:
    """Letters are English, pinyin in full (with slips), or the initials of a word."""
    typed = part.replace("’", "'").split()
    asked = list(words("latin", part))
    near = {word: 1.0 for word in asked if word in vocabulary}
    covered = sum(map(len, near))
    for word in asked:
        if word not in near and (others := list(_one_slip_away(word, vocabulary))):
            covered += len(word)
            near |= dict.fromkeys(others, SLIP_WEIGHT)
    if covered * 2 >= sum(map(len, asked)):
        found.update((f"w{word}", weight) for word, weight in near.items())
        if covered:
            return
    spelt: list[str] = []
    for word in [*typed, ""]:
        bare = word.replace("'", "")
        if bare and not _INITIALS_ONLY.fullmatch(bare):
            spelt.append(bare)
            continue
        _spelt(found, "".join(spelt))
        spelt.clear()
        _grams(found, "i", list(bare))


def _spelt(found: Found, letters: str) -> None:
    """Letters with vowels are syllables; a short word that is none may be initials (`ajdk`)."""
    said, slips = syllables(letters)
    if said and slips <= len(letters) * _SLIPS_A_LETTER:
        _grams(found, "p", [folded(s) for s in said])
    elif letters and len(letters) <= 8:
        _grams(found, "i", list(letters))


def words(script: str, part: str) -> Iterator[str]:
    """English words without plural s and stop words; pairs of Hangul syllables; digits as they are."""
    if script == "hangul":
        yield from (part[at : at + 2] for at in range(max(1, len(part) - 1)))
    elif script == "digits":
        yield part
    else:
        for word in part.split():
            bare = word.split("'")[0].split("’")[0]
            if bare and bare not in _STOP:
                yield bare[:-1] if len(bare) > 3 and bare.endswith("s") and not bare.endswith("ss") else bare


def _one_slip_away(word: str, vocabulary: Iterable[str]) -> Iterator[str]:
    """Words of at least `MIN_EDIT` letters that differ by one letter or one swap."""
    if len(word) < MIN_EDIT:
        return
    for other in vocabulary:
        if abs(len(other) - len(word)) <= 1 and other[0] == word[0] and _near(word, other):
            yield other


def _near(one: str, other: str) -> bool:
    start = 0
    while start < min(len(one), len(other)) and one[start] == other[start]:
        start += 1
    a, b = one[start:], other[start:]
    return a[1:] == b[1:] or a[1:] == b or a == b[1:] or (a[:2] == b[1::-1] and a[2:] == b[2:])


def _grams(found: Found, kind: str, parts: list[str]) -> None:
    for length, weight in enumerate(GRAM_WEIGHT[kind], 1):
        if weight:
            for at in range(len(parts) - length + 1):
                gram = parts[at : at + length]
                if all(gram):
                    key = kind + (" " if kind == "p" else "").join(gram)
                    found[key] = max(found.get(key, 0.0), weight)
