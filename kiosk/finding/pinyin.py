"""Characters to sounds and typed letters to syllables, forgiving what fingers and dialects do.

The tables are config/finding/pinyin.txt and polyphones.txt, made ahead: importing a library for this costs 65 MB.
"""

from __future__ import annotations

from functools import cache, lru_cache

from config import DATA

LONGEST_WORD = 4
LONGEST_SYLLABLE = 6
_INITIALS = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("n", "l"))
_FINALS = (("ing", "in"), ("eng", "en"), ("ang", "an"))
_SLIP = 1.0
_STRAY = 1.3
"""A letter that belongs to no syllable: what stands before and after it still counts."""
_SHORT = 0.05
"""A small price for every syllable, so that `xian` stays one and `fangchan` is not `fang ch an`."""


@cache
def _readings() -> tuple[dict[str, str], dict[str, tuple[str, ...]], frozenset[str]]:
    """Usual reading of a character; readings of words; all syllables."""
    usual: dict[str, str] = {}
    syllables: set[str] = set()
    for line in (DATA / "finding" / "pinyin.txt").read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            character, first, *others = line.split(" ")
            usual[character] = first
            syllables.update((first, *others))
    words: dict[str, tuple[str, ...]] = {}
    for line in (DATA / "finding" / "polyphones.txt").read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            word, *said = line.split(" ")
            words[word] = tuple(said)
    # Interjections such as "m" and "hng" would make syllables of any slip.
    return (
        usual,
        words,
        frozenset(s for s in syllables if s in {"a", "e", "o"} or (len(s) > 1 and set(s) & set("aeiouv"))),
    )


def sounds(han: str) -> list[str]:
    """The syllable of every character, "" for one without: 重名 is chong ming."""
    usual, words, _ = _readings()
    found: list[str] = []
    at = 0
    while at < len(han):
        for length in range(LONGEST_WORD, 1, -1):
            if said := words.get(han[at : at + length]):
                found += said
                at += length
                break
        else:
            found.append(usual.get(han[at], ""))
            at += 1
    return found


@lru_cache(maxsize=2048)
def folded(syllable: str) -> str:
    """A syllable without the differences that people do not hear: zh z, ch c, sh s, n l, ing in, eng en, ang an."""
    for long, short in _INITIALS:
        if syllable.startswith(long):
            syllable = short + syllable[len(long) :]
            break
    for long, short in _FINALS:
        if syllable.endswith(long):
            syllable = syllable[: -len(long)] + short
            break
    return syllable.replace("v", "u")


@cache
def _slips() -> dict[str, str]:
    """Spellings that are one slip (a letter too few, doubled or swapped with the next) away from a syllable."""
    _, _, known = _readings()
    found: dict[str, str] = {}
    for syllable in sorted(known, key=len, reverse=True):
        if len(syllable) < 3:
            continue
        for at in range(len(syllable)):
            swapped = syllable[:at] + syllable[at + 1 : at + 2] + syllable[at] + syllable[at + 2 :]
            doubled = syllable[: at + 1] + syllable[at:]
            short = syllable[:at] + syllable[at + 1 :]
            for slip in (swapped, doubled, short if len(short) > 2 else ""):
                if slip and slip not in known:
                    found.setdefault(slip, syllable)
    return found


def syllables(letters: str) -> tuple[list[str], float]:
    """Typed letters as syllables and how many slips that needs; a stray letter is "". ([], infinity) for none."""
    letters = letters[:60]
    _, _, known = _readings()
    slips = _slips()
    best: list[tuple[float, int, str]] = [(0.0, 0, "")] + [(float("inf"), 0, "")] * len(letters)
    for end in range(1, len(letters) + 1):
        for start in range(max(0, end - LONGEST_SYLLABLE - 1), end):
            before = best[start][0]
            part = letters[start:end]
            if part in known:
                cost, said = before + _SHORT, part
            elif part in slips:
                cost, said = before + _SHORT + _SLIP, slips[part]
            elif len(part) == 1:
                cost, said = before + _SHORT + _STRAY, ""
            else:
                continue
            if cost < best[end][0]:
                best[end] = (cost, start, said)
    if best[-1][0] == float("inf"):
        return [], float("inf")
    found: list[str] = []
    at = len(letters)
    while at:
        found.append(best[at][2])
        at = best[at][1]
    return found[::-1], best[-1][0] - _SHORT * len(found)
