"""Every page in every language with a keypad alone: all is reached, nothing holds anybody, everything has a name."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "screens"))

from page_sheets import PANELS, Run, runs, sheets, typeface

from config.panel import Orientation
from config.speaking import KeypadSettings
from config.texts import texts
from screens.by_keys import RING_MM, ByKeys
from screens.compose import look_for
from screens.focus import found_again, letter, moved, never, order, position, typed_keys
from screens.marks import Card
from screens.screen import Language, Mode, Node
from screens.speech.wording import announcement, told
from screens.theme import contrast, load_theme

COMBINATIONS: list[Run] = [
    ("zh", "standard", "portrait"),
    ("en", "standard", "portrait"),
    ("zh", "elder", "portrait"),
    ("en", "elder", "portrait"),
    ("ko", "standard", "portrait"),
    ("zh", "standard", "landscape"),
    ("en", "elder", "landscape"),
    ("ko", "standard", "landscape"),
]
"""The other modes have the trees of the standard one."""

pytestmark = pytest.mark.parametrize(("language", "mode", "orientation"), runs(COMBINATIONS))


def _round(stops: tuple[Node, ...], way: str, skip: object) -> list[Node]:
    """Every stop from the first until one comes again."""
    seen: list[Node] = []
    at = moved(stops, None, way, skip)  # type: ignore[arg-type]  # literals of this file
    while at is not None and at not in seen:
        seen.append(at)
        at = moved(stops, at, way, skip)  # type: ignore[arg-type]
    assert at is None or at == seen[0], "the round does not close: a part of the page is a trap"
    return seen


def test_right_and_left_reach_everything_that_can_be_pressed(
    language: Language, mode: Mode, orientation: Orientation
) -> None:
    for name, (_, sheet) in sheets(language, mode, orientation).items():
        stops = order(sheet.nodes)
        wanted = {(n.key, n.value, n.rect) for n in sheet.nodes if n.key}
        for way in ("right", "left"):
            assert {(n.key, n.value, n.rect) for n in _round(stops, way, never)} == wanted, name
            typed = {(n.key, n.value, n.rect) for n in _round(stops, way, typed_keys)}
            assert wanted - typed <= {k for k in wanted if k[0] == "key" and k[1].isdigit()}, name


def test_down_and_up_pass_everything_there_is_to_hear(language: Language, mode: Mode, orientation: Orientation) -> None:
    for name, (_, sheet) in sheets(language, mode, orientation).items():
        stops = order(sheet.nodes)
        not_keys = [n for n in stops if n.role != "key"]
        down = _round(stops, "down", never)
        assert [n for n in down if n.role != "key"] == not_keys, name
        assert set(_round(stops, "up", never)) >= set(not_keys), name
        runs = sum(n.role == "key" and (i == 0 or stops[i - 1].role != "key") for i, n in enumerate(stops))
        assert len(down) == len(not_keys) + runs, f"{name}: a keypad is one thing on the way down"
        inside = [n for n in stops if n.role == "key"][1:]
        for key in inside:
            assert moved(stops, key, "down") not in (None, key)
            assert moved(stops, key, "up") is not None


def test_the_body_is_heard_before_bar_and_header(language: Language, mode: Mode, orientation: Orientation) -> None:
    for name, (screen, sheet) in sheets(language, mode, orientation).items():
        keys = [n.key for n in order(sheet.nodes) if n.key]
        if "language" in keys and "help" in keys:
            assert keys.index("help") < keys.index("voice") < keys.index("language"), name
        assert (screen.page == "standby") == ("start" in keys and "help" not in keys and screen.backdrop), name


def test_everything_in_focus_says_its_name_and_position(
    language: Language, mode: Mode, orientation: Orientation
) -> None:
    for name, (screen, sheet) in sheets(language, mode, orientation).items():
        stops = order(sheet.nodes)
        pressed = [n for n in stops if n.key and n.role != "key"]
        for stop in stops:
            at, of = position(stops, stop)
            said = told(screen, stop, at, of, private=True)
            assert said, f"{name}: {stop} is silent"
            if stop in pressed:
                assert (at, of) == (pressed.index(stop) + 1, len(pressed))
                if of > 1:
                    assert said[-1] == texts(language).t("speech.at", at=at, of=of), name
            assert stop.enabled or texts(language).t("speech.disabled") in said, name


def test_every_page_announces_itself(language: Language, mode: Mode, orientation: Orientation) -> None:
    for name, (screen, sheet) in sheets(language, mode, orientation).items():
        said = announcement(screen, can_press=any(n.key for n in sheet.nodes))
        assert said, name
        assert all(1 <= len(sentence) <= 240 for sentence in said), name


def test_the_ring_is_3_mm_thick_and_stands_out(language: Language, mode: Mode, orientation: Orientation) -> None:
    theme = load_theme(mode, PANELS[orientation])
    for name, (screen, sheet) in sheets(language, mode, orientation).items():
        keys = ByKeys(KeypadSettings(), None)
        keys.shown(screen, sheet, 0.0, new=True)
        keys.command("down", sheet, 0.0)
        marks = keys.ring(look_for(screen, typeface(), PANELS[orientation]), sheet)
        if sheet.anywhere is not None:
            assert marks == [], "standby starts anywhere: nothing is in focus"
            continue
        (ring,) = marks
        assert isinstance(ring, Card)
        assert ring.fill is None
        assert ring.width >= RING_MM * theme.px_per_mm - 1, name
        assert ring.border is not None
        assert contrast(ring.border, theme.colour["ground"]) >= 3, name
        assert contrast(ring.border, theme.colour["card"]) >= 3, name
        assert keys.node is not None
        assert found_again(order(sheet.nodes), keys.node) == keys.node


def test_digits_lead_to_letters_where_there_are_no_digits(
    language: Language, mode: Mode, orientation: Orientation
) -> None:
    for name, (_, sheet) in sheets(language, mode, orientation).items():
        if name.startswith("writing-empty"):
            stops = order(sheet.nodes)
            first = letter(stops, None, "abc")
            second = letter(stops, first, "abc")
            assert first is not None
            assert second is not None
            assert (first.value, second.value) == ("a", "b")
            assert letter(stops, None, "") is None
            return
    raise AssertionError("no sample has a keyboard of letters")
