"""Korean in the catalogue: names and the main path (forms, materials, what one gets); English where there is none."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from config.catalogue import load_catalogue
from config.divisions import districts
from config.evaluation import evaluation
from config.service import Service
from config.service_words import Words

SERVICES = tuple(load_catalogue().services.values())
PLACES = {district.name for district in districts()}
"""Called by their English names, as `config.divisions.division_name` calls them."""


def _main_path(service: Service) -> Iterator[Words]:
    yield from (service.name, service.authority, service.output, service.field.name, service.field.note)
    for spec in service.form:
        yield spec.label
        yield from (option.label for option in spec.options if option.label.zh not in PLACES)
    yield from (material.name for material in service.materials)


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.id)
def test_the_main_path_is_there_in_korean(service: Service) -> None:
    assert [words.zh for words in _main_path(service) if not words.ko] == []


def test_korean_words_are_korean() -> None:
    said = {words.ko for service in SERVICES for words in _main_path(service)}
    said |= {tag.ko for tag in evaluation().tag}
    assert sorted(text for text in said if re.search("[\u3000-\u303f\u3400-\u9fff\uff00-\uffef!]", text)) == []
    assert sorted(text for text in said if not re.search("[\uac00-\ud7a3]", text)) == []


def test_what_has_no_korean_is_said_in_english() -> None:
    assert Words(zh="新事项", en="New item").get("ko") == "New item"
    assert Words(zh="新事项", en="New item", ko="새 민원").get("ko") == "새 민원"
