"""Progress, the live picture, a code to scan away."""

from __future__ import annotations

from functools import lru_cache

from screens.layout import Box, Column, Drawn, Middle, Row, Sized
from screens.look import TONE_ICONS, TONES, Look
from screens.marks import Arc, Card, Live, Mark, Modules, Rect, Symbol
from screens.screen import Preview, Progress, Qr
from screens.sheet import BusySlot, RingSlot, Sheet
from screens.widgets.surfaces import Surface, Told
from screens.widgets.words import Icon, Label

MAX_QR_BYTES = 512
_NAMES = {"face": "face.title", "photo": "photo.yours", "page": "scan.desk"}
_SIGNS = {"code": "qr_code_2", "page": "description"}


def progress(look: Look, block: Progress) -> Box:
    """What is under way; a bar where it is known how far."""
    side = look.space("icon")
    label = Label(look, block.label, "section", bold=True, title=True, grow=1)
    parts: list[Box] = [
        Row([Sized(Icon(look, "hourglass_top", side, "sea"), width=side), label], look.gap("small")),
    ]
    if block.fraction is not None:
        parts.append(_bar(look, min(1.0, max(0.0, block.fraction))))
    return Told(Surface(look, Column(parts, look.gap("gap"))), "progress", block.label)


def _bar(look: Look, fraction: float) -> Box:
    tall = look.theme.px(4)

    def draw(rect: Rect) -> list[Mark]:
        done = Rect(rect.x, rect.y, max(tall, round(rect.w * fraction)), tall)
        whole = Rect(rect.x, rect.y, rect.w, tall)
        return [Card(whole, tall // 2, look.colour("line")), Card(done, tall // 2, look.colour("tide"))]

    return Drawn(draw, height=tall)


class Busy(Box):
    """The ring of waiting: the stage fills it a step a second and tells how long it has taken."""

    def __init__(self, look: Look) -> None:
        self.look = look

    def height(self, width: int) -> int:
        return round(self.look.theme.px(74) * max(0.62, self.look.tight))

    def place(self, rect: Rect, sheet: Sheet) -> None:
        look = self.look
        side = min(rect.h, rect.w)
        ring = Rect(rect.x + (rect.w - side) // 2, rect.y + (rect.h - side) // 2, side, side)
        size = look.size("label")
        sign = round(side * 0.36)
        x, y = ring.x + (side - sign) // 2, ring.y + round(side * 0.22)
        sheet.marks.append(Symbol(Rect(x, y, sign, sign), "hourglass_top", look.colour("sea")))
        slot = RingSlot(
            ring,
            max(look.theme.px(2.5), round(side * 0.05)),
            size,
            look.colour("tide"),
            look.colour("line"),
            look.colour("ink2"),
        )
        sheet.busy = BusySlot(slot, Rect(ring.x, ring.y + round(side * 0.64), side, round(size * 1.3)))


def busy(look: Look, caption: str) -> Box:
    """The picture of waiting on a white card, what it waits for under it."""
    parts: list[Box] = [Busy(look)]
    if caption:
        parts.append(Label(look, caption, "section", bold=True, side="centre", title=True, balance=True))
    return Told(Surface(look, Column(parts, look.gap("small")), down=look.gap("gap")), "image", caption)


class Picture(Box):
    """Where the camera picture goes, four to three, with an outline of where the face or the code belongs."""

    def __init__(self, look: Look, shows: str = "face") -> None:
        self.look = look
        self.shows = shows

    def width(self) -> int:
        return self.look.wide

    def height(self, width: int) -> int:
        return round(min(width, 0.86 * self.look.wide) * 0.75 * max(0.64, self.look.tight))

    def place(self, rect: Rect, sheet: Sheet) -> None:
        look = self.look
        radius = look.space("radius")
        width = min(rect.w, round(rect.h * 4 / 3))
        live = Rect(rect.x + (rect.w - width) // 2, rect.y, width, rect.h)
        side = rect.h // 2
        person = Rect(live.x + (live.w - side) // 2, live.y + (live.h - side) // 2, side, side)
        oval_h = round(rect.h * 0.8)
        oval = Rect(live.x + (live.w - oval_h) // 2, live.y + (live.h - oval_h) // 2, oval_h, oval_h)
        outline: Mark = Arc(oval, look.theme.px(1), 1.0, look.colour("card"), look.colour("card"))
        if self.shows in ("photo", "page"):
            outline = Card(live, radius, None, look.colour("sea"), look.space("border") + 1)
        if self.shows == "code":
            outline = Card(oval, radius, None, look.colour("card"), look.theme.px(1))
        sheet.marks += [
            Card(live, radius, look.colour("sea_light"), look.colour("sea"), look.space("border") + 1),
            Symbol(person, _SIGNS.get(self.shows, "person"), look.colour("shade")),
            Live(live.inset(look.space("border") + 1), radius, look.colour("sea")),
            outline,
        ]
        sheet.preview = live
        sheet.private.append(live)


def preview(look: Look, block: Preview) -> Box:
    """The live picture with one sentence of guidance under it."""
    name = look.words.t(_NAMES.get(block.shows, "verify.look"))
    parts: list[Box] = [Told(Picture(look, block.shows), "image", name)]
    if block.caption:
        sign, ground, border = TONES[block.tone]
        side = look.space("icon")
        words = Label(look, block.caption, "section", bold=True, title=True)
        row = Row([Sized(Icon(look, TONE_ICONS[block.tone], side, sign), width=side), words], look.gap("small"))
        card = Surface(look, Middle(row), fill=ground, border=border, down=look.gap("gap"))
        parts.append(Told(card, "status", block.caption))
    return Column(parts, look.gap("gap"))


def qr(look: Look, block: Qr) -> Box:
    """A code to scan away, its words under it. Raises `ValueError` for more than `MAX_QR_BYTES`."""
    side = round(look.theme.px(96) * max(0.75, look.tight))

    def draw(rect: Rect) -> list[Mark]:
        rows = qr_rows(block.payload)
        module = max(2, rect.h // (len(rows) + 8))
        size = module * len(rows)
        x, y = rect.x + (rect.w - size) // 2, rect.y + (rect.h - size) // 2
        quiet = 4 * module
        paper = Rect(x - quiet, y - quiet, size + 2 * quiet, size + 2 * quiet)
        return [
            Card(paper, 8, (255, 255, 255), look.colour("line"), look.space("border")),
            Modules(Rect(x, y, size, size), rows, (0, 0, 0)),
        ]

    parts: list[Box] = [Drawn(draw, width=side, height=side)]
    if block.caption:
        parts.append(Label(look, block.caption, "body", colour="ink2", side="centre"))
    return Told(Surface(look, Column(parts, look.gap("small"))), "image", block.caption)


@lru_cache(maxsize=2)
def qr_rows(payload: str) -> tuple[str, ...]:
    """The modules of a QR code, level M, without its quiet zone."""
    import segno

    if len(payload.encode()) > MAX_QR_BYTES:
        raise ValueError(f"a QR code on the screen holds at most {MAX_QR_BYTES} bytes, not {len(payload.encode())}")
    code = segno.make(payload, error="m", micro=False)
    return tuple("".join("1" if module else "0" for module in row) for row in code.matrix)
