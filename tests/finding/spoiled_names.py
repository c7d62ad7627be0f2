"""Names of items as fingers and input methods spoil them, by a seed: pinyin, initials, same sounds, slips."""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Callable
from functools import cache

from kiosk.finding.pinyin import _readings, folded, sounds


def core(name: str) -> str:
    """The Chinese characters of a name before its brackets and slashes."""
    return re.sub(r"[^\u4e00-\u9fff]", "", re.split(r"[（/+]", name)[0])


def in_pinyin(name: str, _: random.Random) -> str:
    """Typed in full without spaces."""
    return "".join(sounds(core(name)))


def in_initials(name: str, _: random.Random) -> str:
    """Its initials."""
    return "".join(s[0] for s in sounds(core(name)))


def with_slip(name: str, rng: random.Random) -> str:
    """Pinyin with two neighbouring letters swapped or one doubled."""
    letters = in_pinyin(name, rng)
    at = rng.randrange(1, len(letters) - 1)
    if rng.random() < 0.5:
        return letters[:at] + letters[at + 1] + letters[at] + letters[at + 2 :]
    return letters[:at] + letters[at] + letters[at:]


def in_dialect(name: str, _: random.Random) -> str:
    """Pinyin of somebody who does not part zh and z, n and l, ing and in."""
    return "".join(map(folded, sounds(core(name))))


@cache
def _same() -> dict[str, list[str]]:
    usual, _, _ = _readings()
    found: defaultdict[str, list[str]] = defaultdict(list)
    for character, reading in usual.items():
        if character < "\u9fa6":
            found[reading].append(character)
    return found


def with_homophone(name: str, rng: random.Random) -> str:
    """One character is another one of the same sound: the input method's slip."""
    han = core(name)
    at = rng.randrange(len(han))
    others = [c for c in _same()[sounds(han)[at]] if c != han[at]]
    return han[:at] + rng.choice(others) + han[at + 1 :] if others else han


def with_gap(name: str, rng: random.Random) -> str:
    """A character is missing."""
    han = core(name)
    at = rng.randrange(len(han))
    return han[:at] + han[at + 1 :]


SPOILERS: tuple[Callable[[str, random.Random], str], ...] = (
    in_pinyin, in_initials, with_slip, in_dialect, with_homophone, with_gap,
)  # fmt: skip
