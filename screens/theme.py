"""The look as tokens: lengths in millimetres of the panel become pixels, modes change tokens and nothing else."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeAlias

from config import DATA
from config.panel import PORTRAIT, Panel
from screens.modes import MODES, layers
from screens.screen import Mode

__all__ = ["MODES", "Colour", "Theme", "ThemeError", "contrast", "load_theme"]

Colour: TypeAlias = tuple[int, int, int]


class ThemeError(ValueError):
    """config/theme.toml cannot be used; the message names the token."""


@dataclass(frozen=True, slots=True)
class Theme:
    """Tokens of one mode on one panel. `size` and `space` are pixels, `colour` and `night` are RGB."""

    mode: Mode
    px_per_mm: float
    size: Mapping[str, int]
    space: Mapping[str, int]
    colour: Mapping[str, Colour]
    night: Mapping[str, Colour]

    def px(self, mm: float) -> int:
        """Millimetres on the panel as pixels, at least one."""
        return max(1, round(mm * self.px_per_mm))


@cache
def load_theme(mode: Mode = "standard", panel: Panel = PORTRAIT) -> Theme:
    """The tokens for `mode` on `panel`. Raises `ThemeError`."""
    tree = tomllib.loads((DATA / "theme.toml").read_text("utf-8"))
    px_per_mm = panel.px_per_mm

    def part(name: str) -> dict[str, Any]:
        plain: dict[str, Any] = tree["standard"][name]
        whole = dict(plain)
        for layer in layers(mode, landscape=panel.landscape):
            changed = tree.get(layer, {}).get(name, {})
            if unknown := set(changed) - set(plain):
                named = ", ".join(sorted(unknown))
                raise ThemeError(f"config/theme.toml: [{layer}.{name}] has {named}, not in [standard]")
            whole |= changed
        return whole

    def pixels(name: str) -> dict[str, int]:
        return {key: max(1, round(mm * px_per_mm)) for key, mm in part(name).items()}

    colour = {key: _colour(key, value) for key, value in part("colour").items()}
    night = {key: _colour(key, value) for key, value in part("night").items()}
    return Theme(mode, px_per_mm, pixels("size"), pixels("space"), colour, {**colour, **night})


def _colour(key: str, value: str) -> Colour:
    if len(value) != 7 or value[0] != "#":
        raise ThemeError(f"config/theme.toml: {key} is {value!r}, expected #RRGGBB")
    red, green, blue = bytes.fromhex(value[1:])
    return red, green, blue


def contrast(one: Colour, other: Colour) -> float:
    """Contrast ratio of two colours, 1 to 21 (WCAG 2.2, relative luminance)."""
    bright, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def _luminance(colour: Colour) -> float:
    linear = [c / 12.92 if (c := v / 255) <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for v in colour]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
