"""The catalogue's sentences for the page: what is the matter and what to do, in Chinese and English."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Final, TypeAlias

from kiosk.diagnostics.sections import NAMES
from kiosk.events import events

Told: TypeAlias = dict[str, str]
_NAMES: Final[Mapping[str, Mapping[str, str]]] = {
    **{section: {str(language): name for language, name in names.items()} for section, names in NAMES.items()},
    "program": {"zh": "终端程序", "en": "terminal"},
}
"""Also of what is no section of a terminal's own report: a program that is not there cannot report itself."""


@lru_cache(maxsize=5000)
def told(section: str, event: str, cause: str) -> Told:
    """zh, en, and what to do (zh_do, en_do); an event that this room's catalogue lacks is given by its id."""
    names = _NAMES.get(section, {"zh": section, "en": section})
    found = events().get(event)
    if found is None:
        what = event or cause
        return {"zh": f"{names['zh']}：{what}", "en": f"{names['en']}: {what}", "zh_do": "", "en_do": ""}
    zh, en = found.sentence("zh", names["zh"]), found.sentence("en", names["en"])
    return {
        "zh": zh.replace("（）", ""), "en": _capital(en.replace(" ()", "")),
        "zh_do": found.remedy("zh"), "en_do": _capital(found.remedy("en")),
    }  # fmt: skip


def _capital(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]


def section_name(section: str) -> Told:
    """What a section is called."""
    names = _NAMES.get(section, {"zh": section, "en": section})
    return {"zh": names["zh"], "en": names["en"]}
