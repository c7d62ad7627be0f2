"""The panel: its pixels, its millimetres and how high it hangs; which ones the pages can be laid out on."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from config import DATA

Orientation = Literal["portrait", "landscape"]
ORIENTATIONS: tuple[Orientation, ...] = ("portrait", "landscape")
INCH_MM = 25.4
USUAL_DIAGONAL = 21.5
"""Inches."""


class PanelError(ValueError):
    """The pages cannot be laid out on this panel; the message says what it lacks and what would do."""


@dataclass(frozen=True, slots=True)
class Panel:
    """A panel as it hangs: `width` x `height` pixels, visible `mm` (width, height).

    `foot_mm` is how high its lower edge hangs above the floor; None: not measured.
    """

    width: int
    height: int
    mm: tuple[float, float]
    foot_mm: float | None = None

    @property
    def orientation(self) -> Orientation:
        """Portrait or landscape; a square one is portrait."""
        return "landscape" if self.width > self.height else "portrait"

    @property
    def landscape(self) -> bool:
        """Whether it is wider than high."""
        return self.width > self.height

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return self.width, self.height

    @property
    def px_per_mm(self) -> float:
        """Pixels for a millimetre of type and targets; never so few that strokes fall apart."""
        return max(float(_rules()["least_px_per_mm"]), self.width / self.mm[0])

    @property
    def reach_line(self) -> int:
        """In low reach, the first pixel row in which something to touch may begin."""
        rules = _rules()
        share: int = math.ceil(self.height * float(rules[self.orientation]["reach_from"]))
        if self.foot_mm is None:
            return share
        above_mm = self.mm[1] - (float(rules["reach_mm"]) - self.foot_mm)
        return max(share, math.ceil(above_mm * self.height / self.mm[1]))

    def check(self) -> None:
        """Raises `PanelError` when the pages cannot stand on it."""
        rules = _rules()
        own = rules[self.orientation]
        wide, high = self.mm
        what = f"a panel of {self.width} x {self.height} pixels on {wide:.0f} x {high:.0f} mm"
        across, down = self.width / wide, self.height / high
        if abs(across / down - 1) > rules["squareness"]:
            turned = abs(self.width / high / (self.height / wide) - 1) <= rules["squareness"]
            hint = f"turned? write mm = [{high:g}, {wide:g}]" if turned else "check width, height and mm"
            raise PanelError(f"{what}: its pixels would not be square; {hint}")
        least_w, least_h = own["page_mm"]
        px = self.px_per_mm
        if self.width / px < least_w - 1 or self.height / px < least_h - 1:
            raise PanelError(
                f"{what}: the pages have room for letters of 6.3 mm and targets of 15 mm from {least_w} x {least_h} mm"
                f" and {math.ceil(least_w * rules['least_px_per_mm'])} x"
                f" {math.ceil(least_h * rules['least_px_per_mm'])} pixels on ({self.orientation}); use a larger panel"
            )
        room = (self.height - self.reach_line) / px
        if room < own["touch_mm"] - 1:
            raise PanelError(
                f"{what}, {self.foot_mm:.0f} mm above the floor: only {room:.0f} mm of it are below"
                f" {rules['reach_mm']} mm, and who sits in a wheelchair needs {own['touch_mm']};"
                f" hang it {math.ceil(own['touch_mm'] - room)} mm lower"
            )


def of_diagonal(width: int, height: int, inches: float) -> tuple[float, float]:
    """The visible width and height of a panel with square pixels, to the millimetre."""
    diagonal = math.hypot(width, height)
    return float(round(inches * INCH_MM * width / diagonal)), float(round(inches * INCH_MM * height / diagonal))


@cache
def _rules() -> Mapping[str, Any]:
    return tomllib.loads((DATA / "panels.toml").read_text("utf-8"))


@cache
def known_panels() -> Mapping[str, Panel]:
    """The panels of config/panels.toml by name."""
    made: dict[str, Panel] = {}
    for entry in _rules()["panel"]:
        (width, height), (wide, high) = entry["size"], entry["mm"]
        made[entry["name"]] = Panel(width, height, (float(wide), float(high)))
    return made


PORTRAIT = Panel(1080, 1920, (268.0, 476.0))
"""The panel that is taken for granted: 21.5 inches, upright."""
LANDSCAPE = Panel(1920, 1080, (476.0, 268.0))
"""The same, lying."""
