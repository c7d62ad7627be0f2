"""The Korean keyboard, against Unicode's own composition (unicodedata)."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.entry import Composer
from kiosk.entry.hangul import FINALS, INITIALS, KEYS, TWO, VOWELS, composed, erased, is_hangul, joined, keys_of
from screens.keypad_keys import LAYERS

SYLLABLES = [chr(point) for point in range(0xAC00, 0xD7A4)]
TEXTS = st.lists(st.sampled_from(SYLLABLES), max_size=8).map("".join)
"""Conjoining jamo of the oracle, by the letters of a keyboard."""
_L = {chr(0x1100 + at): letter for at, letter in enumerate(INITIALS)}
_V = {chr(0x1161 + at): letter for at, letter in enumerate(VOWELS)}
_T = {chr(0x11A7 + at): letter for at, letter in enumerate(FINALS) if letter}


def test_every_syllable_is_taken_apart_as_unicode_does_and_put_together_again() -> None:
    for syllable in SYLLABLES:
        parts = [(_L | _V | _T)[part] for part in unicodedata.normalize("NFD", syllable)]
        keys = keys_of(syllable)
        assert keys == "".join(TWO.get(part, part) for part in parts), syllable
        assert composed(keys) == syllable
        assert set(keys) <= KEYS


@settings(max_examples=200, deadline=None)
@given(TEXTS)
def test_typing_a_text_key_by_key_gives_the_text(text: str) -> None:
    typed = ""
    for key in "".join(map(keys_of, text)):
        typed = joined(typed, key)
        assert unicodedata.normalize("NFC", unicodedata.normalize("NFD", typed)) == typed
    assert typed == text


@settings(max_examples=200, deadline=None)
@given(TEXTS, st.text(alphabet="ㄱㅏ王a ", max_size=3))
def test_each_backspace_takes_one_key_and_ends_at_nothing(text: str, before: str) -> None:
    whole = before + text
    keys = sum(len(keys_of(c)) or 1 for c in whole)
    for left in range(keys - 1, -1, -1):
        whole = erased(whole)
        assert sum(len(keys_of(c)) or 1 for c in whole) == left
    assert whole == ""
    assert erased("") == ""


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(sorted(KEYS)), max_size=12))
def test_no_key_is_lost_whatever_the_order(keys: list[str]) -> None:
    made = composed(keys)
    assert "".join(map(keys_of, made)) == "".join(keys)
    assert all(is_hangul(character) for character in made)


@pytest.mark.parametrize(
    ("before", "key", "after"),
    [
        ("닭", "ㅣ", "달기"),
        ("안", "ㄴ", "안ㄴ"),
        ("갑", "ㅅ", "값"),
        ("값", "ㅣ", "갑시"),
        ("꼬", "ㅏ", "꽈"),
        ("가", "ㄸ", "가ㄸ"),
        ("王", "ㄱ", "王ㄱ"),
        ("김 ", "ㅎ", "김 ㅎ"),
        ("김", "a", "김"),
    ],
)
def test_a_key_after_a_syllable(before: str, key: str, after: str) -> None:
    assert joined(before, key) == after


def test_the_keyboard_has_exactly_the_keys() -> None:
    assert set("".join(LAYERS["hangul"])) == KEYS
    assert len("".join(LAYERS["hangul"])) == len(KEYS) == 33


def test_a_field_counts_syllables_and_keeps_its_limit() -> None:
    field = Composer("name", limit=2)
    for key in "ㄱㅣㅁㅎㅏ":
        assert field.jamo(key)
    assert field.text == "김하"
    assert field.jamo("ㄴ")
    assert not field.jamo("ㄹ"), "ㄹ would begin a third syllable"
    assert field.text == "김한"
    for _ in range(6):
        assert field.erase_jamo()
    assert field.text == ""
    assert not field.erase_jamo()
    field.key("x")
    assert not field.jamo("ㄱ"), "pinyin is pending"


def test_a_sentence_in_korean_finds_its_service() -> None:
    """Typed key by key as on the page of the search, over the Korean names of the catalogue."""
    from config.catalogue import load_catalogue
    from kiosk.finding import Finder, catalogue_entries
    from kiosk.offering.choosing import MAX_SENTENCE, _typed

    catalogue = load_catalogue()
    finder = Finder(catalogue_entries(catalogue))
    for item in ("WH-PS-001", "WH-SI-006", "WH-EE-001", "WH-HF-004"):
        wanted = catalogue.services[item].name.ko
        text = ""
        for character in wanted:
            for key in keys_of(character) or [{" ": "space"}.get(character, character)]:
                text = _typed(text, key, "hangul")
        assert text == wanted.lstrip()
        found = [hit.entry.id for hit in finder.find(text, 5).hits]
        assert item in found[:3], (wanted, text, found)
    assert _typed("가", "backspace", "hangul") == "ㄱ"
    assert _typed("가" * MAX_SENTENCE, "ㄱ", "hangul") == "가" * (MAX_SENTENCE - 1) + "각"
    assert _typed("각" * MAX_SENTENCE, "ㅁ", "hangul") == "각" * MAX_SENTENCE
