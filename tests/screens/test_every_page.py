"""Every page, in every language and mode: nothing cut, nothing missing, everything reachable and readable."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from functools import lru_cache

import pytest
from page_sheets import PANELS, runs, sheets, typeface

from config.panel import Orientation
from screens import models, pages
from screens.keypad_keys import keys_of
from screens.marks import Card, Fill, Gradient, Rect, Symbol, Words
from screens.modes import appearance
from screens.pages import technicians
from screens.samples.technician import MODES as TECHNICIANS_MODES
from screens.screen import (
    Action,
    Actions,
    Candidates,
    Checks,
    Choice,
    Field,
    Items,
    Keypad,
    Language,
    Mode,
    PinPad,
    Rating,
    Screen,
    Tiles,
)
from screens.sheet import Sheet
from screens.theme import Colour, contrast, load_theme
from screens.widgets.words import HANG, OPENING

pytestmark = pytest.mark.parametrize(("language", "mode", "orientation"), runs())

KEY_MM = 15.0
PRIMARY_MM = 20.0
GAP_MM = 3.0
LEAST = {"standard": 4.5, "elder": 7.0, "contrast": 7.0}
SIGN_LEAST = 3.0
TURNS = {"standard": 3, "contrast": 3, "elder": 6, "low": 5, "low-contrast": 5, "low-elder": 7}
NOBODY = {"standby", "closed", "maintenance"}
WHOLE_PANEL = {"tech_touch", "tech_cross", "tech_pixels"}
"""Without header and bar; see test_technician_pages.py."""
_ratio = lru_cache(maxsize=None)(contrast)


def _whole(orientation: Orientation) -> Rect:
    return Rect(0, 0, *PANELS[orientation].size)


def test_nothing_overflows(language: Language, mode: Mode, orientation: Orientation) -> None:
    assert {n: s.overflows for n, (_, s) in sheets(language, mode, orientation).items() if s.overflows} == {}


def test_no_glyph_is_missing(language: Language, mode: Mode, orientation: Orientation) -> None:
    sheets(language, mode, orientation)
    assert typeface().missing == set()


def test_no_text_leaves_the_panel_or_is_cut_by_its_neighbour(
    language: Language, mode: Mode, orientation: Orientation
) -> None:
    for name, (_, sheet) in sheets(language, mode, orientation).items():
        words = [m for m in sheet.marks if isinstance(m, Words)]
        for one in words:
            assert _whole(orientation).covers(one.rect), f"{name}: {one.text!r} at {one.rect}"
            assert typeface().width(one.text, one.size, one.bold) <= one.rect.w + 1, f"{name}: {one.text!r}"
            assert one.rect.h >= round(one.size * 1.29), f"{name}: {one.text!r} line height"
        words.sort(key=lambda mark: mark.rect.y)
        for i, one in enumerate(words):
            for other in words[i + 1 :]:
                if other.rect.y >= one.rect.bottom:
                    break  # all that follow begin lower still
                assert not one.rect.touches(other.rect), f"{name}: {one.text!r} over {other.text!r}"


def _printed(words: Words) -> Rect:
    """Where the line's ink may be: a bracket at its start has an empty left half, which hangs out."""
    hang = round(words.size * HANG) if words.text[0] in OPENING else 0
    return Rect(words.rect.x + hang, words.rect.y, words.rect.w - hang, words.rect.h)


def test_text_stays_inside_its_card(language: Language, mode: Mode, orientation: Orientation) -> None:
    for name, (_, sheet) in sheets(language, mode, orientation).items():
        cards = [m.rect for m in sheet.marks if isinstance(m, Card)]
        for words in (m for m in sheet.marks if isinstance(m, Words)):
            for card in cards:
                overlap = words.rect.touches(card)
                if overlap and not card.covers(_printed(words)):
                    assert words.rect.w > card.w or card.w < 40, f"{name}: {words.text!r} sticks out of {card}"


def test_targets_are_large_enough(language: Language, mode: Mode, orientation: Orientation) -> None:
    px = load_theme(mode, PANELS[orientation]).px_per_mm
    for name, (_, sheet) in sheets(language, mode, orientation).items():
        for target in sheet.targets:
            least = PRIMARY_MM if target.kind == "primary" else KEY_MM
            assert min(target.rect.w, target.rect.h) >= least * px - 1, f"{name}: {target}"
            assert _whole(orientation).covers(target.rect), f"{name}: {target}"


def test_targets_keep_their_distance(language: Language, mode: Mode, orientation: Orientation) -> None:
    gap = GAP_MM * load_theme(mode, PANELS[orientation]).px_per_mm - 1.5
    for name, (_, sheet) in sheets(language, mode, orientation).items():
        targets = sorted(sheet.targets, key=lambda target: target.rect.y)
        for i, one in enumerate(targets):
            for other in targets[i + 1 :]:
                down = other.rect.y - one.rect.bottom
                if down >= gap:
                    break  # all that follow begin lower still
                across = max(one.rect.x, other.rect.x) - min(one.rect.right, other.rect.right)
                assert across >= gap, f"{name}: {one.reply} and {other.reply} are {max(across, down)} px apart"


Ground = tuple[Rect, Colour | Gradient]


def _under(grounds: list[Ground], rect: Rect) -> Colour | None:
    """What lies under the middle of `rect`: the newest ground there."""
    x, y = rect.centre
    for at, under in reversed(grounds):
        if at.holds(x, y):
            return _of_gradient(under, y) if isinstance(under, Gradient) else under
    return None


def _of_gradient(mark: Gradient, y: int) -> Colour:
    share = (y - mark.rect.y) / mark.rect.h * 2
    a, b = (mark.top, mark.middle) if share < 1 else (mark.middle, mark.bottom)
    red, green, blue = (round(p + (q - p) * (share % 1)) for p, q in zip(a, b, strict=True))
    return red, green, blue


def _over_grounds(sheet: Sheet) -> Iterator[tuple[Words | Symbol, Colour]]:
    """Every text and sign with the colour that lies under it."""
    grounds: list[Ground] = []
    for mark in sheet.marks:
        if isinstance(mark, Fill):
            grounds.append((mark.rect, mark.colour))
        elif isinstance(mark, Card) and mark.fill is not None:
            grounds.append((mark.rect, mark.fill))
        elif isinstance(mark, Gradient):
            grounds.append((mark.rect, mark))
        elif isinstance(mark, Words | Symbol):
            under = _under(grounds, mark.rect)
            assert under is not None, mark
            yield mark, under


def test_words_and_signs_stand_out_from_their_ground(language: Language, mode: Mode, orientation: Orientation) -> None:
    weak, shade = set(), load_theme(mode, PANELS[orientation]).colour["shade"]
    for name, (_, sheet) in sheets(language, mode, orientation).items():
        for mark, ground in _over_grounds(sheet):
            if isinstance(mark, Symbol) and mark.colour == shade:
                continue  # where a face or a code will be: drawn over by the camera's picture
            ratio = _ratio(mark.colour, ground)
            if ratio < (LEAST[appearance(mode)] if isinstance(mark, Words) else SIGN_LEAST):
                weak.add((name, mark, ground, round(ratio, 2)))
    assert weak == set()


def _promised(screen: Screen) -> set[tuple[str, str]]:
    """Every reply that a screen's data offers."""
    actions: list[Action] = [*screen.nav, *screen.modes]
    keys: set[tuple[str, str]] = set()
    for block in screen.blocks:
        if isinstance(block, Actions):
            actions += block.actions
        elif isinstance(block, Keypad):
            actions += [block.next] if block.next else []
            keys |= {("key", v) for v in keys_of(block)}
            keys |= {("layer", name) for name in block.layers} if block.kind == "text" else set()
        elif isinstance(block, PinPad):
            actions += [block.next] if block.next else []
            keys |= {("pin", value) for value in (*"0123456789", "clear", "backspace")}
        elif isinstance(block, Candidates):
            keys |= {("candidate", str(at)) for at in range(len(block.words))}
            keys |= {("candidates", "back")} if block.back else set()
            keys |= {("candidates", "next")} if block.on else set()
        elif isinstance(block, Tiles):
            keys |= {(t.key, t.value) for t in block.tiles if t.key}
        elif isinstance(block, Items):
            keys |= {(i.key, i.value) for i in block.items}
        elif isinstance(block, Checks):
            keys |= {("section", line.id) for line in block.lines}
            keys |= {("test", line.id) for line in block.lines if line.test}
        elif isinstance(block, Field):
            keys.add(("focus", block.key))
        elif isinstance(block, Choice):
            keys |= {(f"choose:{block.key}", o.key) for o in block.options}
        elif isinstance(block, Rating):
            keys |= {("rate", str(level)) for level in range(1, 6)}
    return keys | {(a.key, a.value) for a in actions}


def test_the_tree_and_the_targets_have_every_action(language: Language, mode: Mode, orientation: Orientation) -> None:
    offered: dict[str, set[tuple[str, str]]] = {}
    promised: dict[str, set[tuple[str, str]]] = {}
    for name, (screen, sheet) in sheets(language, mode, orientation).items():
        plain = name.partition(":")[0]
        promised[plain] = _promised(screen)
        offered.setdefault(plain, set()).update((t.reply.key, t.reply.value) for t in sheet.targets)
        nodes = {(n.key, n.value, n.rect, n.enabled) for n in sheet.nodes if n.key}
        assert nodes == {(t.reply.key, t.reply.value, tuple(t.rect), t.enabled) for t in sheet.targets}, name
        assert all(n.name.strip() for n in sheet.nodes if n.key), name
    for name, wanted in promised.items():
        assert wanted == {reply for reply in offered[name] if reply[0] != "turn"}, name


def _in_bar(rect: Rect, orientation: Orientation) -> bool:
    return rect.x > 1740 if orientation == "landscape" else rect.y > 1740


def test_bar_in_its_places(language: Language, mode: Mode, orientation: Orientation) -> None:
    """Back, Home, Leave and Help stand at the same place on every page that has them."""
    places: dict[str, set[Rect]] = {}
    for _, sheet in sheets(language, mode, orientation).values():
        for target in sheet.targets:
            if target.reply.key in ("back", "home", "leave", "help") and _in_bar(target.rect, orientation):
                places.setdefault(target.reply.key, set()).add(target.rect)
    assert {key: len(rects) for key, rects in places.items()} == {"back": 1, "home": 1, "leave": 1, "help": 1}


def test_header_clock_title_and_countdown_are_there(language: Language, mode: Mode, orientation: Orientation) -> None:
    for name, (screen, sheet) in sheets(language, mode, orientation).items():
        assert sheet.clock is not None, name
        assert (sheet.ring is not None) == (screen.page not in NOBODY), name
        roles = {n.role for n in sheet.nodes}
        assert {"banner", "heading"} <= roles or screen.page == "standby", name
        assert screen.header.badge in ("模拟", "SIMULATED", "모의"), name
        assert screen.prompt, name


def test_every_model_has_a_sample(language: Language, mode: Mode, orientation: Orientation) -> None:
    shown = {screen.page for screen, _ in sheets(language, mode, orientation).values()}
    theirs = set(technicians.__all__) - WHOLE_PANEL if mode in TECHNICIANS_MODES else set()
    assert shown == set(pages.__all__) | theirs
    for room, of, names in ((pages, models, pages.__all__), (technicians, models.technician, technicians.__all__)):
        for name in names:
            model = list(inspect.signature(getattr(room, name)).parameters.values())[1].annotation
            assert hasattr(of, model) or hasattr(models, model), name


def test_no_page_needs_many_turns(language: Language, mode: Mode, orientation: Orientation) -> None:
    assert max(sheet.turns for _, sheet in sheets(language, mode, orientation).values()) <= TURNS[mode]
    long = {n for n, (_, s) in sheets(language, mode, orientation).items() if s.turns > 1}
    assert any(n.startswith("field_page-long") for n in long)


def test_the_panel_starts_anywhere_on_standby_only(language: Language, mode: Mode, orientation: Orientation) -> None:
    for name, (screen, sheet) in sheets(language, mode, orientation).items():
        target = sheet.hit(540, 700)
        if screen.page == "standby":
            assert target is not None, name
            assert target.reply.key == "start", name
