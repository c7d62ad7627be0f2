"""What a screen can show of the 15 points for public terminals, on every page, language and mode, on three panels.

`test_every_page` holds what is the same for every panel (nothing cut, distances, contrast by the marks); here is what
is read off the painted page, off the tree, in millimetres, and off the words. Each run prints what it counted.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from functools import cache
from itertools import pairwise
from typing import cast

import pygame
import pytest
from page_sheets import PANELS, laid_out, runs, sheets, typeface

from config.panel import Orientation, Panel, known_panels
from screens.compose import look_for
from screens.focus import order
from screens.look import LEADING, TITLE_LEADING
from screens.marks import Rect, Words
from screens.modes import appearance, is_low
from screens.paint.painter import Painter
from screens.samples import samples
from screens.screen import Choice, Field, Language, Mode, Node, Notice, Preview, Reply, Result, Screen
from screens.sheet import Sheet
from screens.theme import Colour, contrast

OTHERS: dict[str, list[tuple[Language, Mode]]] = {
    "27-portrait": [("zh", "low-elder"), ("en", "elder")],
    "32-portrait": [("en", "low-elder")],
    "27-portrait-4k": [("en", "low-elder")],
    "27-landscape": [("zh", "low-elder"), ("en", "elder"), ("ko", "low")],
    "32-landscape": [("en", "low-elder")],
}
"""Sizes other than 21.5 inches, each with the modes and languages that need the most room."""
TARGET_MM, PRIMARY_MM = 15.0, 20.0
TEXT_MM, HEADER_MM = 6.3, 5.2
"""Em: capitals of 4.7 and 3.8 mm; the header tells again what pages say in full."""
ELDER_MM = 8.0
LEAST_CONTRAST = {"standard": 4.5, "elder": 7.0, "contrast": 7.0}
NEVER_ASKED = {"standby", "closed", "maintenance", "settled", "leave"}
"""Nobody is here, or has just left."""
BY_THEMSELVES = ("tech_",)
"""Pages of technicians: they are the help, and have two modes."""
PAINTED: list[tuple[Language, Mode, Orientation]] = [
    ("zh", "standard", "portrait"),
    ("zh", "contrast", "landscape"),
    ("zh", "low-elder", "landscape"),
    ("en", "elder", "portrait"),
    ("ko", "low-contrast", "portrait"),
]
"""Painting all pages of a combination takes seconds; the colours do not change with the language."""
TALLY: Counter[str] = Counter()


class Count:
    """Asserts, and counts what it asserted."""

    def __init__(self, what: str) -> None:
        self.what = what

    def holds(self, true: object, words: object) -> None:
        TALLY[self.what] += 1
        assert true, words


def _report(what: str, language: str, mode: str, pages: int) -> None:
    print(f"{what} {language} {mode}: {pages} pages, {TALLY[what]} assertions so far")


# 1 Contrast, read off the pixels


def _seen(surface: pygame.Surface, rect: Rect) -> tuple[Colour, Colour]:
    """The ground of a line of text (its commonest colour) and the colour in it that is farthest from that."""
    part = surface.subsurface(pygame.Rect(*rect).clip(surface.get_rect()))
    colours = Counter(memoryview(pygame.image.tobytes(part, "RGBX")).cast("I"))
    ground = _colour(colours.most_common(1)[0][0])
    return ground, max(map(_colour, colours), key=lambda colour: _ratio(colour, ground))


def _beginning(mark: Words) -> Rect:
    """A few characters: a line has one colour and one ground."""
    return Rect(mark.rect.x, mark.rect.y, min(mark.rect.w, 3 * mark.size), mark.rect.h)


@cache
def _colour(pixel: int) -> Colour:
    red, green, blue, _ = pixel.to_bytes(4, sys.byteorder)
    return red, green, blue


_ratio = cache(contrast)


@pytest.mark.parametrize(("language", "mode", "orientation"), runs(PAINTED))
def test_text_stands_out_in_the_pixels(language: Language, mode: Mode, orientation: Orientation) -> None:
    count = Count("pixels")
    whole = _whole(PANELS[orientation])
    painter = Painter(pygame.Surface((whole.w, whole.h), 0, 32), typeface())
    shown = sheets(language, mode, orientation)
    seen: set[tuple[object, ...]] = set()
    for name, (_, sheet) in shown.items():
        fresh = [m for m in sheet.marks if isinstance(m, Words) and (m.text, m.size, m.colour) not in seen]
        if not fresh:
            continue
        seen |= {(mark.text, mark.size, mark.colour) for mark in fresh}
        painter.paint(sheet.marks, [_beginning(mark) for mark in fresh])
        for mark in fresh:
            ground, ink = _seen(painter.surface, _beginning(mark))
            # The edges of thin strokes are mixed with the ground: a tenth less than the marks promise.
            least = 0.9 * LEAST_CONTRAST[appearance(mode)]
            count.holds(contrast(ink, ground) >= least, f"{name}: {mark.text!r} {ink} on {ground}")
    _report("pixels", language, f"{mode} {orientation}", len(shown))


# 2, 3 Sizes in millimetres, on three panels


def _whole(panel: Panel) -> Rect:
    return Rect(0, 0, *panel.size)


@pytest.mark.parametrize(("language", "mode", "orientation"), runs(keep=lambda mode: "contrast" not in mode))
def test_sizes_in_millimetres(language: Language, mode: Mode, orientation: Orientation) -> None:
    panel, shown = PANELS[orientation], sheets(language, mode, orientation)
    for name, (screen, sheet) in shown.items():
        _sizes(name, screen, sheet, panel)
    _report("sizes", language, f"{mode} {orientation}", len(shown))


@pytest.mark.parametrize(
    ("name", "language", "mode"), [(name, *pair) for name, pairs in OTHERS.items() for pair in pairs]
)
def test_sizes_on_other_panels(name: str, language: Language, mode: Mode) -> None:
    panel = known_panels()[name]
    shown = laid_out(language, mode, panel)
    for page, (screen, sheet) in shown.items():
        _sizes(page, screen, sheet, panel)
    _report("sizes", language, f"{mode} on {name}", len(shown))


def _sizes(name: str, screen: Screen, sheet: Sheet, panel: Panel) -> None:
    count, px, whole = Count("sizes"), panel.px_per_mm, _whole(panel)
    count.holds(not sheet.overflows, f"{name}: {sheet.overflows}")
    header = next(n.rect for n in sheet.nodes if n.role == "banner") if not screen.backdrop else (0, 0, 0, 250)
    for target in sheet.targets:
        least = PRIMARY_MM if target.kind == "primary" else TARGET_MM
        count.holds(min(target.rect.w, target.rect.h) >= least * px - 1, f"{name}: {target}")
        count.holds(whole.covers(target.rect), f"{name}: {target}")
        count.holds(not is_low(screen.mode) or target.rect.y >= panel.reach_line, f"{name}: {target}")
    for mark in (m for m in sheet.marks if isinstance(m, Words)):
        least = HEADER_MM if mark.rect.bottom <= header[1] + header[3] + 1 else TEXT_MM
        count.holds(mark.size >= least * px - 1, f"{name}: {mark.text!r} is {mark.size / px:.1f} mm")


def test_lines_have_air() -> None:
    assert min(LEADING, TITLE_LEADING) >= 1.3


def test_running_text_is_large_for_elders() -> None:
    for language in ("zh", "en", "ko"):
        look = look_for(samples(language, "elder")["home"], typeface())
        for size in ("body", "note", "label", "button", "item"):
            assert look.size(size) >= ELDER_MM * look.theme.px_per_mm, size


# 4, 5, 7 What stands on every page, where, within reach, in which order


@pytest.mark.parametrize(("language", "mode", "orientation"), runs())
def test_every_page_can_be_left_helped_and_switched(language: Language, mode: Mode, orientation: Orientation) -> None:
    count = Count("frame")
    shown = sheets(language, mode, orientation)
    places: dict[str, set[Rect]] = {}
    for name, (screen, sheet) in shown.items():
        keys = {t.reply.key for t in sheet.targets}
        count.holds(sheet.clock is not None, f"{name}: no clock")
        count.holds(screen.prompt.strip(), f"{name}: nothing to say aloud")
        still = screen.backdrop or screen.page in ("closed", "maintenance")
        count.holds(still or sheet.ring is not None, f"{name}: no countdown")
        ours = not screen.page.startswith(BY_THEMSELVES)
        if screen.page not in NEVER_ASKED and ours:
            count.holds("help" in keys, f"{name}: no help")
        if any(a.key == "language" for a in screen.modes):
            count.holds({a.value for a in screen.modes if a.key == "language"} == {"zh", "en", "ko"} - {language}, name)
            modes = {cast("Mode", t.reply.value) for t in sheet.targets if t.reply.key == "mode"}
            count.holds(any(is_low(m) is not is_low(mode) for m in modes), f"{name}: no switch of the reach")
            count.holds(
                not ours or any(appearance(m) != appearance(mode) for m in modes), f"{name}: no switch of the look"
            )
        for target in sheet.targets:
            bar = not screen.backdrop and _in_bar(target.rect, orientation)
            if bar and (target.reply.key in ("back", "home", "leave", "help") or _lowers(target.reply, mode)):
                places.setdefault(target.reply.key, set()).add(target.rect)
    fixed = dict.fromkeys(("back", "home", "leave", "help", "mode"), 1)
    count.holds({key: len(rects) for key, rects in places.items()} == fixed, places)
    _report("frame", language, f"{mode} {orientation}", len(shown))


def _in_bar(rect: Rect, orientation: Orientation) -> bool:
    wide, high = PANELS[orientation].size
    return rect.x > wide * 0.9 if orientation == "landscape" else rect.y > high * 0.9


def _lowers(reply: Reply, mode: Mode) -> bool:
    return reply.key == "mode" and is_low(cast("Mode", reply.value)) is not is_low(mode)


@pytest.mark.parametrize(("language", "mode", "orientation"), runs(keep=is_low))
def test_everything_to_touch_is_in_reach(language: Language, mode: Mode, orientation: Orientation) -> None:
    count = Count("reach")
    shown = sheets(language, mode, orientation)
    for name, (_, sheet) in shown.items():
        for target in sheet.targets:
            count.holds(target.rect.y >= PANELS[orientation].reach_line, f"{name}: {target.reply} at {target.rect}")
    _report("reach", language, f"{mode} {orientation}", len(shown))


@pytest.mark.parametrize(("language", "mode", "orientation"), runs(keep=lambda mode: not is_low(mode)))
def test_the_switch_to_low_reach_is_in_reach_itself(language: Language, mode: Mode, orientation: Orientation) -> None:
    for name in ("standby", "home", "form", "pay", "finish"):
        _, sheet = sheets(language, mode, orientation)[f"{name}:0"]
        switch = next(t for t in sheet.targets if _lowers(t.reply, mode))
        assert switch.rect.y >= PANELS[orientation].reach_line, name


@pytest.mark.parametrize(("language", "mode", "orientation"), runs())
def test_the_order_of_focus_is_the_order_of_reading(language: Language, mode: Mode, orientation: Orientation) -> None:
    count = Count("order")
    shown = sheets(language, mode, orientation)
    for name, (_, sheet) in shown.items():
        stops = [n for n in order(sheet.nodes) if n.key and n.rect[1] >= _header_ends(sheet)]
        count.holds(len({(n.key, n.value, n.rect) for n in stops}) == len(stops), f"{name}: a stop twice")
        for one, other in pairwise(stops):
            count.holds(_follows(one, other), f"{name}: {other.name!r} {other.rect} after {one.name!r} {one.rect}")
    _report("order", language, f"{mode} {orientation}", len(shown))


def _header_ends(sheet: Sheet) -> int:
    _, y, _, h = next(n.rect for n in sheet.nodes if n.role == "banner")
    return y + h


def _follows(one: Node, other: Node) -> bool:
    """Further down, or to the right; from the keys of a keypad to the column of keys beside them."""
    x, y, w, h = one.rect
    ox, oy, _, oh = other.rect
    if oy >= y + h or ox >= x + w:
        return True
    return oy + oh > y and ox >= x


# 6, 8, 9 Nobody's number on the screen

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def _is_citizen_number(text: str) -> bool:
    return "10X98765432"[sum(int(d) * w for d, w in zip(text[:17], _WEIGHTS, strict=True)) % 11] == text[17].upper()


def _is_card_number(text: str) -> bool:
    doubled = (int(d) * (1 + i % 2) for i, d in enumerate(reversed(text)))
    return text.startswith("62") and sum(d - 9 if d > 9 else d for d in doubled) % 10 == 0


def bare_numbers(text: str) -> list[str]:
    """Whole numbers of citizens, mobile phones and bank cards in `text`, spaces or not."""
    close = re.sub(r"(?<=\d)[ -](?=\d)", "", text)
    found = [n for n in re.findall(r"(?<!\d)\d{17}[\dXx](?!\d)", close) if _is_citizen_number(n)]
    found += re.findall(r"(?<!\d)1[3-9]\d{9}(?!\d)", close)
    return found + [n for n in re.findall(r"(?<!\d)\d{16,19}(?!\d)", close) if _is_card_number(n)]


def test_a_bare_number_is_known_for_one() -> None:
    assert bare_numbers("号 110105194912310021") == []
    assert bare_numbers("号 11010519491231002X。") == ["11010519491231002X"]
    assert bare_numbers("打 138 0631 5678") == ["13806315678"]
    assert bare_numbers("371002********5015 138 **** 5678 0631-12345 3710 0226 1121 0047") == []


@pytest.mark.parametrize(("language", "mode", "orientation"), runs())
def test_no_whole_number_of_anybody_is_shown_or_said(language: Language, mode: Mode, orientation: Orientation) -> None:
    count = Count("masks")
    shown = sheets(language, mode, orientation)
    for name, (screen, sheet) in shown.items():
        typing = [b.value for b in screen.blocks if isinstance(b, Field) and b.focused and b.value]
        open_ = [m for m in sheet.marks if isinstance(m, Words) and not any(p.covers(m.rect) for p in sheet.private)]
        told = [m.text for m in open_] + [n.name for n in sheet.nodes] + [screen.prompt]  # private: asked to be seen
        for text in told:
            if any(value in text for value in typing):
                continue  # whoever types must see what is typed; the review masks it
            count.holds(not bare_numbers(text), f"{name}: {text!r}")
    _report("masks", language, f"{mode} {orientation}", len(shown))


# 10, 12 What is wrong says why and what to do; never by colour alone, never by the face alone


@pytest.mark.parametrize(("language", "mode", "orientation"), runs(keep=lambda mode: mode in ("standard", "low")))
def test_what_is_wrong_says_why_and_what_to_do(language: Language, mode: Mode, orientation: Orientation) -> None:
    count = Count("errors")
    shown = sheets(language, mode, orientation)
    for name, (screen, sheet) in shown.items():
        ways = [t for t in sheet.targets if t.enabled and t.reply.key not in ("language", "mode", "voice", "turn")]
        for block in screen.blocks:
            if isinstance(block, Result) and block.tone in ("attention", "fault"):
                more = block.detail or any(isinstance(b, Notice) for b in screen.blocks) or screen.subtitle
                count.holds(more, f"{name}: {block.text!r} and nothing else")
                count.holds(ways or screen.page in NEVER_ASKED, f"{name}: no way on")
            if isinstance(block, Notice) and block.tone in ("attention", "fault"):
                count.holds(block.icon, f"{name}: by colour alone")
                count.holds(ways or screen.page in NEVER_ASKED, f"{name}: no way on")
            if isinstance(block, Field | Choice) and block.error:
                count.holds(len(block.error) >= 6, f"{name}: {block.error!r}")
                count.holds(not re.search(r"\b[A-Z]{2,}[-_]?\d+|\b[45]\d\d\b", block.error), f"{name}: a bare code")
                count.holds(ways, f"{name}: no way on")
        faces = [b for b in screen.blocks if isinstance(b, Preview) and b.shows == "face"]
        if faces and screen.page.startswith("face"):
            count.holds({t.reply.key for t in ways} - {"home", "leave", "help", "back"}, f"{name}: only by the face")
    _report("errors", language, f"{mode} {orientation}", len(shown))
