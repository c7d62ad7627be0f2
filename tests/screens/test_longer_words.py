"""Longer words than any language has: pseudo-localisation, two fifths longer, with accents, in brackets."""

from __future__ import annotations

import pytest
from page_sheets import PANELS, Run, runs

from config.panel import Orientation, Panel
from config.texts import Texts, texts
from screens.compose import compose, look_for, plan
from screens.marks import Rect
from screens.modes import is_low
from screens.samples import samples
from screens.screen import Language, Mode, Screen
from screens.sheet import Sheet
from screens.type import Typeface

_KEPT = ("app.date", "app.weekdays", "app.months", "nav.language-", "key.", "kind.", "fee.unit")
"""What is read by the program, is a sign, or is the same everywhere."""


def _stretched(words: str) -> str:
    """Two fifths longer, in words of the same length."""
    if "\n" in words:
        return "\n".join(map(_stretched, words.split("\n")))
    parts = words.split(" ")
    extra = round(len(words) * 0.4)
    if len(parts) == 1:
        return words + words[:extra] if len(words) > 2 else words
    more = " ".join(parts * (1 + extra * 2 // len(words)))
    return f"{words} {more[:extra].strip()}".strip()


LONGER: list[Run] = [
    ("zh", "standard", "landscape"),
    ("zh", "elder", "portrait"),
    ("zh", "low", "portrait"),
    ("zh", "low-elder", "landscape"),
    ("en", "standard", "portrait"),
    ("en", "elder", "landscape"),
    ("en", "low", "landscape"),
    ("en", "low-elder", "portrait"),
]
ACCENTS = str.maketrans("aeiouAEIOU", "äéîöûÄÉÎÖÛ")


@pytest.mark.parametrize(("language", "mode", "orientation"), runs(LONGER))
def test_words_two_fifths_longer_still_fit(
    language: Language, mode: Mode, orientation: Orientation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pseudo-localisation: longer, with accents, in brackets; an end that is cut off would show."""
    plain = Texts.t

    def longer(self: Texts, key: str, **values: object) -> str:
        said = plain(self, key, **values)
        return said if key.startswith(_KEPT) else f"[{_stretched(said).translate(ACCENTS)}]"

    monkeypatch.setattr(Texts, "t", longer)
    assert len(texts(language).t("home.title")) >= 1.35 * len(plain(texts(language), "home.title"))
    shown = _fresh(language, mode, PANELS[orientation])
    for name, (_, sheet) in shown.items():
        _fits_whole(name, sheet, mode, PANELS[orientation])
    print(f"longer words {language} {mode} {orientation}: {len(shown)} pages")


def _fresh(language: Language, mode: Mode, panel: Panel) -> dict[str, tuple[Screen, Sheet]]:
    """With a typeface of its own: nothing of these words stays in the cache of the others."""
    face = Typeface()
    out = {}
    for name, screen in samples(language, mode).items():
        look = look_for(screen, face, panel)
        planned = plan(screen, look)
        for turn in range(len(planned.turns)):
            out[f"{name}:{turn}"] = (screen, compose(screen, look, planned, turn=turn))
    assert face.missing == set()
    return out


def _fits_whole(name: str, sheet: Sheet, mode: Mode, panel: Panel) -> None:
    whole = Rect(0, 0, *panel.size)
    assert not sheet.overflows, f"{name}: {sheet.overflows}"
    for target in sheet.targets:
        assert whole.covers(target.rect), f"{name}: {target}"
        assert not is_low(mode) or target.rect.y >= panel.reach_line, f"{name}: {target}"
