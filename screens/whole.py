"""Pages that take the whole panel, for looking at the glass itself: a grid to be wiped, one plain colour.

No header and no bar: a spot that is dead, or a pixel that is stuck, may lie anywhere. Whoever shows them ends them.
"""

from __future__ import annotations

from screens import ink
from screens.checks import Cross, Plain, Whole, Wipe
from screens.look import Look
from screens.marks import Card, Fill, Rect, Words
from screens.screen import Node, Reply, Screen
from screens.sheet import InkSlot, Sheet, Target

PEN_MM = 3.0
AIR_MM = 1.0
CROSS_MM = 8.0


def whole_block(screen: Screen) -> Whole | None:
    """The block that takes the whole panel; None on all other pages."""
    return next((block for block in screen.blocks if isinstance(block, Wipe | Plain | Cross)), None)


def lay_whole(block: Whole, look: Look) -> Sheet:
    """The block on the panel, and nothing else."""
    sheet = Sheet(look.panel.size)
    rect = Rect(0, 0, *look.panel.size)
    around = (rect.x, rect.y, rect.w, rect.h)
    if isinstance(block, Plain):
        red, green, blue = bytes.fromhex(block.colour.removeprefix("#"))
        sheet.marks.append(Fill(rect, (red, green, blue)))
        sheet.nodes.append(Node("button", block.label, around, "next"))
        sheet.targets.append(Target(rect, Reply("next")))
        return sheet
    sheet.marks.append(Fill(rect, look.colour("ground")))
    sheet.nodes.append(Node("canvas", block.label, around))
    sheet.ink = InkSlot(rect, look.theme.px(PEN_MM), look.colour("tide"))
    if isinstance(block, Cross):
        sheet.marks += _cross(block, look)
        sheet.marks += _told(block.label, look, rect, at=0.5 if abs(block.y - rect.h // 2) > rect.h // 6 else 0.75)
        return sheet
    air, radius = look.theme.px(AIR_MM), look.theme.px(2)
    for number in range(block.columns * block.rows):
        wiped = number in block.wiped
        fill, border = ("ok_light", "ok_line") if wiped else ("card", "sea")
        cell = cell_rect(number, block.columns, block.rows, rect)
        inner = Rect(cell.x + air, cell.y + air, cell.w - 2 * air, cell.h - 2 * air)
        sheet.marks.append(Card(inner, radius, look.colour(fill), look.colour(border), look.space("border")))
    sheet.marks += _told(block.label, look, rect)
    return sheet


def touched_at(stroke: ink.InkStroke, size: tuple[int, int]) -> tuple[int, int]:
    """Where on a panel of `size` pixels a stroke began."""
    x, y, _ = stroke[0]
    side = max(size)
    return round(x * side / ink.UNIT), round(y * side / ink.UNIT)


def _cross(block: Cross, look: Look) -> list[Fill]:
    arm, thick = look.theme.px(CROSS_MM), look.theme.px(0.8)
    colour = look.colour("sea")
    return [
        Fill(Rect(block.x - arm, block.y - thick // 2, 2 * arm, thick), colour),
        Fill(Rect(block.x - thick // 2, block.y - arm, thick, 2 * arm), colour),
    ]


def cell_rect(number: int, columns: int, rows: int, panel: Rect) -> Rect:
    """Where cell `number` lies; together the cells are the whole panel, to the pixel."""
    row, column = divmod(number, columns)
    left, right = panel.w * column // columns, panel.w * (column + 1) // columns
    top, bottom = panel.h * row // rows, panel.h * (row + 1) // rows
    return Rect(panel.x + left, panel.y + top, right - left, bottom - top)


def cells_under(stroke: ink.InkStroke, columns: int, rows: int, size: tuple[int, int]) -> frozenset[int]:
    """The cells that a stroke over a panel of `size` pixels touched.

    Between two points farther apart than half a cell nothing is taken for touched: a dead spot makes such a jump.
    """
    wide, high = size
    side = max(wide, high)
    found: set[int] = set()
    near = min(wide / columns, high / rows) / 2
    last: tuple[float, float] | None = None
    for x, y, _ in stroke:
        here = (x * side / ink.UNIT, y * side / ink.UNIT)
        way = [here]
        if last is not None and max(abs(here[0] - last[0]), abs(here[1] - last[1])) <= near:
            way = [last, ((last[0] + here[0]) / 2, (last[1] + here[1]) / 2), here]
        for px, py in way:
            column, row = int(px * columns / wide), int(py * rows / high)
            if 0 <= column < columns and 0 <= row < rows:
                found.add(row * columns + column)
        last = here
    return frozenset(found)


def _told(text: str, look: Look, panel: Rect, at: float = 0.5) -> list[Fill | Words]:
    """What to do, `at` so far down, on ground of its own; the finger goes over it as over all else."""
    size = look.size("section")
    lines = look.typeface.lines(text, size, True, round(panel.w * 0.7), balance=True)
    step = round(size * 1.3)
    wide = max(look.typeface.width(line, size, True) for line in lines)
    air = look.theme.px(4)
    x, y = (panel.w - wide) // 2, round(panel.h * at) - step * len(lines) // 2
    marks: list[Fill | Words] = [
        Fill(Rect(x - air, y - air, wide + 2 * air, step * len(lines) + 2 * air), look.colour("card"))
    ]
    for number, line in enumerate(lines):
        own = look.typeface.width(line, size, True)
        rect = Rect((panel.w - own) // 2, y + number * step, own, step)
        marks.append(Words(rect, line, size, look.colour("ink"), bold=True))
    return marks
