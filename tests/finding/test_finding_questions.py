"""How often the right item is found: floors a little under what `tests/bench/finding_figures.py` measured."""

from __future__ import annotations

import random

import pytest
from question_set import PlainBm25, hits, questions
from spoiled_names import SPOILERS, core

from kiosk.finding import Finder, listed_entries

SEED = 7
ENTRIES = listed_entries()
FINDER = Finder(ENTRIES)


def found(text: str) -> list[str]:
    return [hit.entry.id for hit in FINDER.find(text).hits]


def test_at_least_two_hundred_questions_about_most_items_and_none_is_a_name() -> None:
    asked = questions()
    names = {entry.zh for entry in ENTRIES} | {entry.en for entry in ENTRIES}
    ids = {entry.id for entry in ENTRIES}
    assert len(asked) >= 200
    assert not [one.text for one in asked if one.text in names]
    assert {item for one in asked for item in one.right} <= ids
    assert len({item for one in asked for item in one.right}) > 180
    assert 0.4 < sum(one.tuned for one in asked) / len(asked) < 0.6


@pytest.mark.parametrize(("tuned", "at_1", "at_3"), [(True, 88, 96), (False, 88, 95)])
def test_citizens_sentences_are_found(tuned: bool, at_1: float, at_3: float) -> None:
    half = [one for one in questions() if one.tuned is tuned]
    first, third = hits(half, found)
    plain = hits(half, PlainBm25([e.id for e in ENTRIES], [f"{e.zh} {e.en} {e.ko}" for e in ENTRIES]).find)
    assert first >= at_1, first
    assert third >= at_3, third
    assert first > plain[0] + 30
    assert third > plain[1] + 25


def test_sentences_written_after_the_word_lists_are_found() -> None:
    first, third = hits([one for one in questions("fresh_questions.txt") if not one.tuned], found)
    assert first >= FRESH_FLOORS[0], first
    assert third >= FRESH_FLOORS[1], third


FRESH_FLOORS = (50, 68)


@pytest.mark.parametrize("spoil", SPOILERS, ids=lambda spoil: spoil.__name__)
def test_a_spoiled_name_is_among_the_first_three(spoil) -> None:
    rng = random.Random(SEED)
    missed = []
    for entry in ENTRIES:
        if len(core(entry.zh)) >= 4:
            text = spoil(entry.zh, rng)
            if entry.id not in found(text)[:3]:
                missed.append((entry.zh, text))
    assert len(missed) <= len(ENTRIES) * 0.06, f"seed {SEED}: {len(missed)} missed: {missed[:20]}"


def test_every_name_and_alias_finds_its_item() -> None:
    wrong = [
        (entry.id, name)
        for entry in ENTRIES
        for name in (entry.zh, entry.en, *entry.aliases)
        if entry.id not in found(name)[:3]
    ]
    assert len(wrong) <= 8, wrong
