"""The words: the same keys and places in every language, and no key asked for that is not there."""

from __future__ import annotations

import ast
import re
import string
from pathlib import Path

import pytest

from config.texts import LANGUAGES, Texts, texts

ROOT = Path(__file__).parents[2]


def _places(words: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(words) if name is not None}


def test_every_language_has_the_same_keys() -> None:
    zh, en = texts("zh").keys, texts("en").keys
    assert zh == en, f"only zh: {sorted(zh - en)}; only en: {sorted(en - zh)}"


@pytest.mark.parametrize("key", sorted(texts("zh").keys))
def test_every_language_fills_the_same_places(key: str) -> None:
    assert _places(texts("zh")._words[key]) == _places(texts("en")._words[key])


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_clerk_does_not_shout(language: str) -> None:
    loud = [key for key in texts(language).keys if re.search("[!！]", texts(language)._words[key])]
    assert loud == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_empty(language: str) -> None:
    assert [key for key in texts(language).keys if not texts(language)._words[key].strip()] == []


def test_english_has_no_chinese_punctuation() -> None:
    odd = [key for key in texts("en").keys if re.search("[，。：；？（）“”、]", texts("en")._words[key])]
    assert odd == []


KEY = re.compile(r"[a-z][a-z_-]*(\.[a-z_-]+)+")


def _asked() -> list[tuple[str, str]]:
    """Every literal key in calls of `say(...)`, `self.case.say(...)` and `.t(...)`, with where it stands."""
    found = []
    for path in [*(ROOT / "screens").rglob("*.py"), *(ROOT / "kiosk").rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            first = node.args[0]
            literal = first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else ""
            if name in ("say", "t") and KEY.fullmatch(literal):
                found.append((literal, f"{path.relative_to(ROOT)}:{node.lineno}"))
    return found


def test_every_literal_key_in_the_code_has_words() -> None:
    asked = _asked()
    assert len(asked) > 80
    assert [(key, where) for key, where in asked if key not in texts("zh")] == []


def test_a_new_cause_is_still_a_sentence() -> None:
    assert texts("zh").t("cause.something-new") == texts("zh").t("cause.other")
    assert texts("en").t("reason.camera.something-new") == "The camera has a fault"


def test_a_key_that_nobody_speaks_for_is_an_error_that_names_it() -> None:
    with pytest.raises(KeyError, match=r"texts/en has no words for pay.nonsense"):
        texts("en").t("pay.nonsense")


def test_unknown_language() -> None:
    with pytest.raises(ValueError, match="'fr'"):
        texts("fr")


def test_values_with_braces_are_not_formatted_again() -> None:
    assert Texts("zh", {"a": "{x}"}).t("a", x="{y}") == "{y}"
