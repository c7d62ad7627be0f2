"""Korean in the catalogue: every phrase that a citizen meets has it, and it is Korean. English is the last resort."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from pydantic import BaseModel

from config.catalogue import load_catalogue
from config.divisions import districts
from config.evaluation import evaluation
from config.service import Service
from config.service_words import Words

SERVICES = tuple(load_catalogue().services.values())
PLACES = {district.name for district in districts()}
"""Called by their English names, as `config.divisions.division_name` calls them."""


EVERYWHERE = {"—"}
"""Signs, the same in every language."""


def _phrases(part: object) -> Iterator[Words]:
    """Every phrase of a part of the catalogue, those of districts left out."""
    if isinstance(part, Words):
        if part.zh not in PLACES | EVERYWHERE:
            yield part
    elif isinstance(part, BaseModel):
        for name in type(part).model_fields:
            yield from _phrases(getattr(part, name))
    elif isinstance(part, tuple):
        for one in part:
            yield from _phrases(one)


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.id)
def test_every_phrase_is_there_in_korean(service: Service) -> None:
    phrases = list(_phrases(service))
    assert service.name in phrases
    assert {*service.procedure, *service.conditions, service.basis, service.fee.title} - {*phrases} == set()
    assert [words.zh for words in phrases if not words.ko] == []


def test_korean_words_are_korean() -> None:
    said = {words.ko for service in SERVICES for words in _phrases(service)}
    said |= {tag.ko for tag in evaluation().tag}
    assert sorted(text for text in said if re.search("[\u3000-\u303f\u3400-\u9fff\uff00-\uffef!]", text)) == []
    assert sorted(text for text in said if not re.search("[\uac00-\ud7a3]", text)) == []


def test_english_words_are_english() -> None:
    """No Chinese sign, no exclamation mark, and no list of labels without a verb."""
    said = {words.en for service in SERVICES for words in _phrases(service)}
    assert sorted(text for text in said if re.search("[\u3000-\u303f\u3400-\u9fff\uff00-\uffef!]", text)) == []
    assert sorted(text for text in said if text.startswith("Fill in:")) == []


def test_what_has_no_korean_is_said_in_english() -> None:
    assert Words(zh="新事项", en="New item").get("ko") == "New item"
    assert Words(zh="新事项", en="New item", ko="새 민원").get("ko") == "새 민원"
