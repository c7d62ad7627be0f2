"""A Korean keyboard (두벌식): letters become syllables as they are typed, and are taken back letter by letter. Pure.

joined("하", "ㄴ") == "한"       joined("한", "ㅏ") == "하나"      erased("한") == "하"      keys_of("값") == "ㄱㅏㅂㅅ"

A syllable is composed as Unicode does (3.12, conjoining jamo); the doubled consonants are keys of their own, compound
vowels and compound finals are made of two keys, as on every keyboard of that kind (KS X 5002).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

INITIALS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
VOWELS = "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ"
FINALS = ("", *"ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ")
TWO: Mapping[str, str] = {
    "ㅘ": "ㅗㅏ", "ㅙ": "ㅗㅐ", "ㅚ": "ㅗㅣ", "ㅝ": "ㅜㅓ", "ㅞ": "ㅜㅔ", "ㅟ": "ㅜㅣ", "ㅢ": "ㅡㅣ",
    "ㄳ": "ㄱㅅ", "ㄵ": "ㄴㅈ", "ㄶ": "ㄴㅎ", "ㄺ": "ㄹㄱ", "ㄻ": "ㄹㅁ", "ㄼ": "ㄹㅂ", "ㄽ": "ㄹㅅ", "ㄾ": "ㄹㅌ",
    "ㄿ": "ㄹㅍ", "ㅀ": "ㄹㅎ", "ㅄ": "ㅂㅅ",
}  # fmt: skip
"""What is typed with two keys."""
_ONE = {keys: made for made, keys in TWO.items()}
KEYS = frozenset("ㅂㅈㄷㄱㅅㅛㅕㅑㅐㅔㅁㄴㅇㄹㅎㅗㅓㅏㅣㅋㅌㅊㅍㅠㅜㅡㅃㅉㄸㄲㅆㅒㅖ")
_FIRST, _LAST = 0xAC00, 0xD7A3


def is_hangul(character: str) -> bool:
    """Whether the keyboard can go on with it: a syllable, or a letter of its own."""
    return _FIRST <= ord(character) <= _LAST or character in KEYS or character in TWO


def keys_of(character: str) -> str:
    """The keys that type one syllable or letter; "" for anything else."""
    if not is_hangul(character):
        return ""
    if ord(character) < _FIRST:
        return TWO.get(character, character)
    at = ord(character) - _FIRST
    parts = (INITIALS[at // 588], VOWELS[at % 588 // 28], FINALS[at % 28])
    return "".join(TWO.get(part, part) for part in parts)


def composed(keys: Iterable[str]) -> str:
    """What a row of keys makes."""
    done, syllable = "", _Syllable()
    for key in keys:
        done += syllable.take(key)
    return done + syllable.text


def joined(text: str, key: str) -> str:
    """`text` after one more key: the last syllable goes on, or a new one begins. A key that is none changes nothing."""
    if key not in KEYS:
        return text
    before = keys_of(text[-1]) if text else ""
    return (text[:-1] if before else text) + composed(before + key)


def erased(text: str) -> str:
    """`text` without the last key: a letter of the last syllable, or the whole last character of another script."""
    before = keys_of(text[-1]) if text else ""
    return text[:-1] + composed(before[:-1])


class _Syllable:
    """One syllable that is being typed: initial, vowel, final; each may still be missing."""

    def __init__(self) -> None:
        self.initial = self.vowel = self.final = ""

    @property
    def text(self) -> str:
        if not (self.initial and self.vowel):
            return self.initial or self.vowel
        at = (INITIALS.index(self.initial) * 21 + VOWELS.index(self.vowel)) * 28 + FINALS.index(self.final)
        return chr(_FIRST + at)

    def take(self, key: str) -> str:
        """Take one key; what is complete by it and stands before."""
        return self._vowel(key) if key in VOWELS else self._consonant(key)

    def _vowel(self, key: str) -> str:
        if self.final:
            kept, carried = self._parted()
            self.final = kept
            return self._anew(initial=carried, vowel=key)
        if not self.vowel:
            self.vowel = key
            return ""
        if made := _ONE.get(self.vowel + key):
            self.vowel = made
            return ""
        return self._anew(vowel=key)

    def _consonant(self, key: str) -> str:
        if not self.initial and not self.vowel:
            self.initial = key
            return ""
        if self.initial and self.vowel and not self.final and key in FINALS:
            self.final = key
            return ""
        if self.final and (made := _ONE.get(self.final + key)):
            self.final = made
            return ""
        return self._anew(initial=key)

    def _parted(self) -> tuple[str, str]:
        """A final before a vowel: what stays, and what begins the next syllable (닭 + ㅣ is 달기)."""
        keys = TWO.get(self.final, self.final)
        return keys[:-1], keys[-1]

    def _anew(self, initial: str = "", vowel: str = "") -> str:
        before = self.text
        self.initial, self.vowel, self.final = initial, vowel, ""
        return before
