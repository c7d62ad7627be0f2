"""What is said alike to everybody, and is therefore recorded: `config/speech/render.py` records it, tests count it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from config.catalogue import load_catalogue
from config.spoken import sentences
from config.texts import texts

POSITIONS = 9
"""Up to so many things to choose from, "3 of 7" is recorded."""
TURNS = 4
LEVELS = 10
TYPED = 18
HANGUL = re.compile("[\uac00-\ud7a3]")
"""Korean is spoken by the engine of the terminal, also the one word of it on the pages of other languages."""
FIRST = ("speech.", "nav.", "key.")
PROMPTS = ("prompt", "title", "subtitle", "say", "guidance", "caption")
AREAS = ("face", "challenge", "place-card", "still-there", "leave", "scan", "finish", "form", "take", "money", "error")


@cache
def fixed_sentences(language: str) -> dict[str, str]:
    """Every sentence that is the same for everybody -> the key of its text; what is heard most often comes first.

    Texts with places to be filled are not fixed but for the counts of `_counted`; names of services are
    (key `service.<id>`).
    """
    found: dict[str, str] = {}
    for key, text in sorted([*_fixed(language), *_counted(language)], key=lambda pair: _rank(pair[0])):
        for sentence in sentences(text):
            if language == "ko" or not HANGUL.search(sentence):
                found.setdefault(sentence, key)
    return found


def _fixed(language: str) -> Iterator[tuple[str, str]]:
    yield from sorted(texts(language).fixed.items())
    for service in load_catalogue().services.values():
        yield f"service.{service.id}", service.name.get(language)


def _counted(language: str) -> Iterator[tuple[str, str]]:
    say = texts(language).t
    for of in range(1, POSITIONS + 1):
        for at in range(1, of + 1):
            yield "speech.at", say("speech.at", at=at, of=of)
    for turns in range(2, TURNS + 1):
        for turn in range(1, turns + 1):
            yield "speech.turn", say("speech.turn", turn=turn, turns=turns)
    for level in range(1, LEVELS + 1):
        yield "speech.volume", say("speech.volume", level=level)
    for count in range(1, TYPED + 1):
        yield "speech.typed", say("speech.typed", count=count)


def _rank(key: str) -> int:
    """How soon a text is recorded: what every visit hears, prompts, names of services, the rest."""
    area, _, last = key.partition(".")
    if key.startswith(FIRST):
        return 0
    if area in AREAS or any(word in last for word in PROMPTS):
        return 1
    return 2 if area == "service" else 3
