"""The words of every page, in every language: one folder a language, one TOML file an area, the same keys in each.

A key is its path in its file ("pay.title"). Where a key has no entry of its own, `other` beside it speaks for it
("cause.whatever" is said as "cause.other"), so that a cause which is new to this table is still a sentence.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from config import DATA

LANGUAGES = ("zh", "en", "ko")


class Texts:
    """The words of one language. `t` fills `{name}` places; a key that nobody speaks for raises `KeyError`."""

    def __init__(self, language: str, words: Mapping[str, str]) -> None:
        self.language = language
        self._words = dict(words)

    @property
    def keys(self) -> frozenset[str]:
        """Every key that has words."""
        return frozenset(self._words)

    @property
    def fixed(self) -> dict[str, str]:
        """Key -> words, of those that are always the same: nothing is filled in."""
        return {key: words for key, words in self._words.items() if "{" not in words}

    def __contains__(self, key: str) -> bool:
        return key in self._words

    def raw(self, key: str) -> str:
        """The words for `key`, their places `{name}` still open."""
        words = self._words.get(key)
        return self._words[self._speaker(key)] if words is None else words

    def t(self, key: str, **values: object) -> str:
        """The words for `key`, with `values` in their places."""
        words = self.raw(key)
        return words.format(**values) if "{" in words else words

    def month(self, number: int) -> str:
        """The month 1 to 12 as it stands in a date: "Dec" where 4/12 could be read as the fourth month."""
        return self.t("app.months").split()[number - 1]

    def _speaker(self, key: str) -> str:
        parent = key
        while "." in parent:
            parent = parent.rpartition(".")[0]
            if f"{parent}.other" in self._words:
                return f"{parent}.other"
        raise KeyError(f"config/texts/{self.language} has no words for {key}")


@cache
def texts(language: str) -> Texts:
    """The words of `language` ("zh", "en" or "ko"), read once. Raises `ValueError` for a language without words."""
    if language not in LANGUAGES:
        raise ValueError(f"no words in language {language!r}: config/texts has {', '.join(LANGUAGES)}")
    words: dict[str, str] = {}
    for file in sorted((DATA / "texts" / language).glob("*.toml")):
        for key, said in _flat("", tomllib.loads(file.read_text("utf-8"))):
            if key in words:
                raise ValueError(f"{file}: {key} has words in another file of this language already")
            words[key] = said
    return Texts(language, words)


def _flat(prefix: str, tree: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for key, value in tree.items():
        if isinstance(value, str):
            yield prefix + key, value
        elif isinstance(value, dict):
            yield from _flat(f"{prefix}{key}.", value)
        else:
            raise TypeError(f"config/texts: {prefix}{key} must be words, not {type(value).__name__}")
