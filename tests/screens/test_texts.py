"""The words: the same keys and places in every language, and no key asked for that is not there."""

from __future__ import annotations

import ast
import re
import string
from pathlib import Path

import pytest

from config import DATA
from config.texts import LANGUAGES, Texts, texts
from screens.samples import samples
from screens.screen import Language

ROOT = Path(__file__).parents[2]


def _places(words: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(words) if name is not None}


def test_every_language_has_the_same_keys() -> None:
    zh = texts("zh").keys
    for language in LANGUAGES[1:]:
        other = texts(language).keys
        assert zh == other, f"only zh: {sorted(zh - other)}; only {language}: {sorted(other - zh)}"


def test_every_language_has_the_same_files() -> None:
    files = [sorted(path.name for path in (DATA / "texts" / language).glob("*.toml")) for language in LANGUAGES]
    assert all(names == files[0] for names in files)


@pytest.mark.parametrize("key", sorted(texts("zh").keys))
def test_every_language_fills_the_same_places(key: str) -> None:
    assert {language: _places(texts(language)._words[key]) for language in LANGUAGES} == dict.fromkeys(
        LANGUAGES, _places(texts("zh")._words[key])
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_clerk_does_not_shout(language: str) -> None:
    loud = [key for key in texts(language).keys if re.search("[!！]", texts(language)._words[key])]
    assert loud == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_empty(language: str) -> None:
    assert [key for key in texts(language).keys if not texts(language)._words[key].strip()] == []


@pytest.mark.parametrize("language", ["en", "ko"])
def test_no_chinese_punctuation_outside_chinese(language: str) -> None:
    odd = [key for key in texts(language).keys if re.search("[，。：；？（）“”、　]", texts(language)._words[key])]
    assert odd == []


FOR_OTHERS = {"nav.language-zh", "nav.language-en", "nav.language-ko", "standby.start-note"}
"""Said to those who read another language."""


def test_korean_is_korean() -> None:
    """Hangul, but for what has no words of its own; no Chinese characters, not even in names."""
    words = {key: text for key, text in texts("ko")._words.items() if key not in FOR_OTHERS}
    assert [key for key, text in words.items() if re.search("[\u3400-\u9fff]", text)] == []
    bare = [key for key, text in words.items() if not re.search("[\uac00-\ud7a3]", re.sub(r"\{.*?\}", "", text))]
    assert all(re.search(r"\{|^(abc|ABC|, )$", words[key]) for key in bare), bare


def test_chinese_and_english_are_no_korean() -> None:
    for language in ("zh", "en"):
        words = texts(language)._words
        assert [k for k in words if k not in FOR_OTHERS and re.search("[\uac00-\ud7a3]", words[k])] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_names_the_other_languages_in_themselves(language: Language) -> None:
    for name, screen in samples(language, "standard").items():
        offered = {a.value: a.label for a in screen.modes if a.key == "language"}
        if offered or name.startswith("home"):
            own = {"zh": "中文", "en": "English", "ko": "한국어"}
            assert offered == {other: label for other, label in own.items() if other != language}, name


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
