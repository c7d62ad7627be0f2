"""The design language drawn by the program itself: colours, type, states, signs, modes; the pictures of docs/design.md.

`python -m screens.specimen docs/pictures` writes them anew, `--tables docs/design.md` the tables of contrasts and
sizes; a test holds the document to them.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

os.environ.setdefault("SDL_VIDEODRIVER", "dummy")

import pygame

from config.panel import PORTRAIT
from screens.compose import look_for
from screens.icons import icon_codes
from screens.layout import Box
from screens.layout import Row as Beside
from screens.look import Look
from screens.main_pages import MAIN, Shown, pages, rows
from screens.marks import Card, Fill, Rect, Symbol, Words
from screens.modes import MODES
from screens.paint.indexed import save_indexed
from screens.paint.painter import Painter
from screens.samples import samples
from screens.screen import Action, Choice, Field, Item, Items, Mode, Notice, Option, Progress, Tone
from screens.sheet import Sheet
from screens.theme import Theme, contrast, load_theme
from screens.type import Typeface
from screens.widgets import widget
from screens.widgets.buttons import button
from screens.widgets.surfaces import Touch

PAIRS: tuple[tuple[str, str, str], ...] = (
    ("words", "ink", "card"),
    ("words on the page", "ink", "ground"),
    ("second words", "ink2", "card"),
    ("second words on the page", "ink2", "ground"),
    ("a button that is likely", "on_sea", "sea"),
    ("its remark", "on_sea_note", "sea"),
    ("links, signs, what is chosen", "sea", "card"),
    ("the same on its light ground", "sea", "sea_light"),
    ("done, where from", "tide_words", "card"),
    ("well done", "ok", "ok_light"),
    ("attention", "attention", "attention_light"),
    ("fault", "fault", "fault_light"),
    ("not to be pressed now", "on_disabled", "disabled"),
)
"""What is read on what: use, token of the words, token of the ground."""
NIGHT_PAIRS = (
    ("standby, above", "ink", "top"),
    ("standby, middle", "ink2", "middle"),
    ("standby, below", "ink2", "bottom"),
)
TYPE: tuple[tuple[str, str], ...] = (
    ("display", "24 小时，随时能办"),
    ("title", "请把身份证放在读卡区"),
    ("section", "大家常办 Often asked for"),
    ("button", "开始办理 시작하기"),
    ("body", "屏幕右下方，亮蓝灯处。放稳，不要移动。"),
    ("note", "申报 · 20.00 元 · 约 4 分钟"),
)


def contrasts(theme: Theme) -> Iterator[tuple[str, str, str, float]]:
    """Use, words, ground and their contrast, for everything that is read in a mode."""
    for use, words, ground in PAIRS:
        yield use, words, ground, contrast(theme.colour[words], theme.colour[ground])
    for use, words, ground in NIGHT_PAIRS:
        yield use, words, ground, contrast(theme.night[words], theme.night[ground])


def contrast_table() -> str:
    """The contrast of every pair in the three appearances, as a table of the document."""
    columns = [list(contrasts(load_theme(mode))) for mode in ("standard", "elder", "contrast")]
    lines = ["| what | words on ground | standard | elder | contrast |", "|---|---|---|---|---|"]
    for line in zip(*columns, strict=True):
        use, words, ground, _ = line[0]
        lines.append(f"| {use} | {words} on {ground} | {' | '.join(f'{r[3]:.1f}' for r in line)} |")
    return "\n".join(lines)


def type_table() -> str:
    """The type scale in millimetres of an em, with pixels on the 21.5 inch panel."""
    lines = ["| token | standard, mm (px) | elder, mm (px) |", "|---|---|---|"]
    plain, elder = load_theme("standard"), load_theme("elder")
    for name, px in plain.size.items():
        both = [f"{each / plain.px_per_mm:.1f} ({each})" for each in (px, elder.size[name])]
        lines.append(f"| {name} | {both[0]} | {both[1]} |")
    return "\n".join(lines)


class Board:
    """A white sheet on which boxes and marks are put one under another."""

    def __init__(self, look: Look, width: int, height: int) -> None:
        self.look = look
        self.sheet = Sheet()
        self.whole = Rect(0, 0, width, height)
        self.sheet.marks.append(Fill(self.whole, look.colour("ground")))
        self.y = look.space("margin")

    def put(self, box: Box, gap: int = 20) -> None:
        """The next box, over the whole width."""
        margin = self.look.space("margin")
        width = self.whole.w - 2 * margin
        height = box.height(width)
        box.place(Rect(margin, self.y, width, height), self.sheet)
        self.y += height + gap

    def words(self, text: str, x: int, y: int, size: int, colour: str = "ink", *, bold: bool = False) -> None:
        """One line, its top left corner at x, y."""
        width = self.look.typeface.width(text, size, bold)
        line = Rect(x, y, width, round(size * 1.36))
        self.sheet.marks.append(Words(line, text, size, self.look.colour(colour), bold))

    def painted(self) -> pygame.Surface:
        """What was put on it, as high as it became."""
        height = min(self.whole.h, max(m.rect.bottom for m in self.sheet.marks[1:]) + self.look.space("margin"))
        surface = pygame.Surface((self.whole.w, height), 0, 32)
        Painter(surface, self.look.typeface).paint(self.sheet.marks, [Rect(0, 0, self.whole.w, height)])
        return surface


def _look(mode: Mode, typeface: Typeface) -> Look:
    return look_for(samples("zh", mode)["home"], typeface, PORTRAIT)


def colours(typeface: Typeface) -> pygame.Surface:
    """Every pair of words and ground in the three appearances, with its contrast."""
    width, high = 1640, 76
    plain = _look("standard", typeface)
    board = Board(plain, width, 2400)
    for column, mode in enumerate(("standard", "elder", "contrast")):
        theme = load_theme(mode)
        x = 48 + column * 520
        board.words(mode, x, 24, 34, bold=True)
        for row, (_, words, ground, ratio) in enumerate(contrasts(theme)):
            night = ground in ("top", "middle", "bottom")
            palette = theme.night if night else theme.colour
            rect = Rect(x, 84 + row * (high + 12), 500, high)
            board.sheet.marks.append(Card(rect, 20, palette[ground], palette["line"], 2))
            text = Rect(rect.x + 20, rect.y, 340, high)
            board.sheet.marks.append(Words(text, f"{words} · {ground}", 27, palette[words], True))
            board.sheet.marks.append(Words(Rect(rect.right - 90, rect.y, 80, high), f"{ratio:.1f}", 27, palette[words]))
    return board.painted()


def scale(typeface: Typeface) -> pygame.Surface:
    """The type scale, each line in its own size."""
    look = _look("standard", typeface)
    board = Board(look, 1640, 1400)
    y = 40
    for name, text in TYPE:
        px = look.size(name)
        board.words(f"{name}  {px / look.theme.px_per_mm:.1f} mm", 48, y + px // 2 - 10, 24, "ink2")
        board.words(text, 320, y, px, bold=name in ("display", "title", "section", "button"))
        y += round(px * 1.36) + 24
    return board.painted()


def states(typeface: Typeface) -> pygame.Surface:
    """One button, one line, one field, one answer in each state that it can have."""
    look = _look("standard", typeface)
    board = Board(look, 1400, 3000)
    named = ("rest", "pressed", "focused", "disabled")
    for style in ("primary", "secondary", "quiet", "danger"):
        row: list[Box] = []
        for state in named:
            action = Action("x", state, "check" if style == "primary" else "", style, enabled=state != "disabled")
            touch = button(look, action)
            row.append(_Shown(look, touch, state))
        board.put(Beside(row, 28, middle=False), 34)
    board.put(
        widget(
            look,
            Items(
                (
                    Item("a", "可以点开", "print", "打印 · 免费 · 约 1 分钟"),
                    Item("b", "点开看原因和去处", "print", "打印 · 免费", reason="证照打印机缺纸"),
                    Item("c", "不能点", "print", enabled=False, reason="授权里没有这件事"),
                )
            ),
        )
    )
    board.put(widget(look, Field("f", "正在输入", "138 0631 2", hint="还差 3 位", focused=True)))
    board.put(widget(look, Field("g", "填错了", "138 0631", error="手机号码是 11 位，请再看一下")))
    options = (Option("1", "选中的"), Option("2", "没选的"))
    board.put(widget(look, Choice("c", "几样里选一样", options, "1")))
    board.put(widget(look, Progress("正在打印，约 20 秒", 0.6)))
    tones: tuple[tuple[Tone, str], ...] = (
        ("info", "说明"),
        ("done", "办好了"),
        ("attention", "请注意"),
        ("fault", "出了故障"),
    )
    for tone, text in tones:
        board.put(widget(look, Notice(f"{text}：颜色、图形和文字一起说", tone=tone)))
    return board.painted()


class _Shown(Box):
    """A touch in one state, however the finger is."""

    def __init__(self, look: Look, touch: Touch, state: str) -> None:
        self.look, self.touch, self.state = look, touch, state
        self.grow = 1.0

    def height(self, width: int) -> int:
        return self.touch.height(width)

    def place(self, rect: Rect, sheet: Sheet) -> None:
        (self.touch.draw(True) if self.state == "pressed" else self.touch.calm).place(rect, sheet)
        if self.state == "focused":
            thick = self.look.theme.px(3)
            around = rect.inset(-round(thick * 0.7))
            radius = self.look.space("radius") + round(thick * 0.7)
            sheet.marks.append(Card(around, radius, None, self.look.colour("ink"), thick))


def signs(typeface: Typeface) -> pygame.Surface:
    """Every sign of the font with its name."""
    look = _look("standard", typeface)
    board = Board(look, 1640, 3000)
    for at, name in enumerate(sorted(icon_codes())):
        row, column = divmod(at, 8)
        x, y = 48 + column * 196, 40 + row * 104
        board.sheet.marks.append(Symbol(Rect(x + 66, y, 52, 52), name, look.colour("sea")))
        size = 18
        while typeface.width(name, size) > 190:
            size -= 1
        board.words(name, x + (184 - typeface.width(name, size)) // 2, y + 58, size, "ink2")
    return board.painted()


def write_specimens(out: Path) -> list[Path]:
    """All pictures of docs/design.md, into `out`."""
    typeface = Typeface()
    out.mkdir(parents=True, exist_ok=True)
    modes: list[Shown] = [("home", "zh", mode, False) for mode in MODES]
    visit: list[Shown] = [(name, "zh", "standard", False) for name in ("home", "guide", "form", "pay", "finish")]
    anatomy: list[Shown] = [("form", "zh", "standard", lying) for lying in (False, True)]
    pictures = {
        "design-colours": colours(typeface),
        "design-type": scale(typeface),
        "design-states": states(typeface),
        "design-signs": signs(typeface),
        "design-modes": rows(pages(typeface, modes, 640), 3000),
        "design-anatomy": rows(pages(typeface, anatomy, 640), 3000),
        "design-pages": rows(pages(typeface, MAIN, 480), 2000),
        "design-overview": rows(pages(typeface, visit, 760), 3000),
    }
    return [save_indexed(surface, out / f"{name}.png") for name, surface in pictures.items()]


def write_tables(document: Path) -> None:
    """Put the tables of the theme between their marks in `document`. Raises `ValueError` when a mark is missing."""
    text = document.read_text("utf-8")
    for name, table in (("contrasts", contrast_table()), ("type", type_table())):
        begin, end = f"<!-- {name} -->\n", "<!-- end -->"
        if begin not in text:
            raise ValueError(
                f"{document}: no line {begin.strip()!r}; put it, and {end!r} under it, where the table goes"
            )
        at = text.index(begin) + len(begin)
        text = f"{text[:at]}{table}\n{text[text.index(end, at) :]}"
    document.write_text(text, "utf-8")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--tables"]:
        write_tables(Path(sys.argv[2] if len(sys.argv) > 2 else "docs/design.md"))
    else:
        for written in write_specimens(Path(sys.argv[1] if len(sys.argv) > 1 else "docs/pictures")):
            sys.stdout.write(f"{written}\n")
