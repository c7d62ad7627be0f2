"""The panel under a finger: where touches land, cells that feel nothing, pixels that are wrong."""

from __future__ import annotations

import math
from typing import Final

from config.panel import Panel
from kiosk.technician.device_tests.declared import Run, Surface, TestResult, figures

CELL_MM: Final = 22.0
"""A finger wipes a stripe as wide as this; a dead line of a touch foil is seldom thinner."""
MARGIN_MM: Final = 15.0
CROSSES_S: Final = 40.0
WIPE_S: Final = 90.0
PIXELS_S: Final = 60.0
COLOURS: Final = ("#ffffff", "#000000", "#ff0000", "#00ff00", "#0000ff", "#808080")
MOST_TOLD: Final = 6
"""So many dead spots are told by their place; with more the foil is to be changed anyway."""


def grid(panel: Panel) -> tuple[int, int]:
    """Columns and rows of cells of about `CELL_MM`; at most 40 a side."""
    across, down = (min(40, max(2, round(mm / CELL_MM))) for mm in panel.mm)
    return across, down


def spots(panel: Panel) -> tuple[tuple[int, int], ...]:
    """Pixels of the crosses: four corners and the middle."""
    sx, sy = panel.width / panel.mm[0], panel.height / panel.mm[1]
    left, top = round(MARGIN_MM * sx), round(MARGIN_MM * sy)
    right, bottom = panel.width - left, panel.height - top
    return (left, top), (right, top), (panel.width // 2, panel.height // 2), (left, bottom), (right, bottom)


def beside_mm(panel: Panel, wanted: tuple[int, int], came: tuple[int, int]) -> float:
    """How far beside the cross the finger was felt."""
    sx, sy = panel.mm[0] / panel.width, panel.mm[1] / panel.height
    return math.hypot((came[0] - wanted[0]) * sx, (came[1] - wanted[1]) * sy)


def dead_mm(panel: Panel, wiped: frozenset[int]) -> tuple[tuple[int, int], ...]:
    """Middles of the cells that felt nothing: millimetres from the left and from the top."""
    columns, rows = grid(panel)
    wide, high = panel.mm[0] / columns, panel.mm[1] / rows
    dead = [cell for cell in range(columns * rows) if cell not in wiped]
    return tuple((round((cell % columns + 0.5) * wide), round((cell // columns + 0.5) * high)) for cell in dead)


def _surface(run: Run) -> Surface:
    assert run.ground.surface is not None, "the table says that this test is the panel's"
    return run.ground.surface


async def test_touch(run: Run) -> TestResult:
    """Crosses first, then the whole panel is wiped; dead spots are told in millimetres."""
    surface = _surface(run)
    panel = surface.panel
    run.tell("touch-crosses")
    wanted = spots(panel)
    came = await surface.crosses(wanted, CROSSES_S)
    felt = [beside_mm(panel, at, there) for at, there in zip(wanted, came, strict=False) if there is not None]
    if not felt:
        return run.ended("unknown", "test.nothing-shown", cause="no-media")
    worst = round(max(felt), 1)
    if len(felt) < len(wanted):
        return run.ended(
            "fail", "screen.dead-spots", f"{len(wanted) - len(felt)}", *figures(off_mm=worst), cause="dead"
        )
    columns, rows = grid(panel)
    run.tell("wipe-all", *figures(off_mm=worst))
    wiped = await surface.wipe(columns, rows, WIPE_S)
    dead = dead_mm(panel, wiped)
    measured = figures(off_mm=worst, cells=columns * rows, dead=len(dead))
    if len(dead) == columns * rows:
        return run.ended("unknown", "test.nothing-shown", "", *measured, cause="no-media")
    if dead:
        told = ", ".join(f"{x}/{y}" for x, y in dead[:MOST_TOLD]) + (" ..." if len(dead) > MOST_TOLD else "")
        return run.ended("fail", "screen.dead-spots", f"{told} mm", *measured, cause="dead")
    return run.passed(*measured)


async def test_pixels(run: Run) -> TestResult:
    """The whole panel in six colours; a person says whether a pixel stood out."""
    run.tell("look-pixels")
    seen = await _surface(run).colours(COLOURS, PIXELS_S)
    if seen < len(COLOURS):
        return run.ended("unknown", "test.nobody-answered", "", *figures(colours=seen))
    return await run.asked("pixels-right", run.passed(*figures(colours=seen)), "screen.pixels")
