"""`kiosk run` paints its first page before anything heavy is imported, its own command line included.

`begin` is what `kiosk.launch` calls first; `take` hands the window to the stage. The settings are read here without
care, only for what the page shows: whatever is wrong with them is found and said by `config.load` soon after, and
nothing is shown here then.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kiosk.installed import layers_of

if TYPE_CHECKING:
    from screens.opening import Opened

MAX_FILE_BYTES = 1 << 20
MIN_PX, MAX_PX = 480, 4320
NO_WINDOW = frozenset({"--headless", "--help"})

_opened: list[Opened] = []


def take() -> Opened | None:
    """The window that stands already, once; None when there is none."""
    return _opened.pop() if _opened else None


def begin(arguments: Sequence[str]) -> None:
    """Open the window of `kiosk run` for these arguments (without the program's name), when it needs one."""
    if arguments[:1] != ["run"] or NO_WINDOW & set(arguments):
        return
    tree = merged_layers(arguments[1:])
    if tree is None:
        return
    try:
        _opened.append(_open(tree))
    except (KeyError, TypeError, ValueError, AttributeError, ArithmeticError):
        return  # not settings: config.load says what is wrong with them
    except RuntimeError:
        return  # pygame.error, no display: the stage says so when it opens its window


def merged_layers(arguments: Sequence[str]) -> dict[str, Any] | None:
    """The profile and its layers on top of each other, unchecked; None where a file cannot be read."""
    from config import DATA

    profile, layers = layers_of(os.environ, arguments)
    words = [part for word in arguments for part in (word.split("=", 1) if word.startswith("--") else [word])]
    for option, value in pairwise(words):
        if option == "--profile":
            profile = value
        elif option == "--machine":
            layers.append(Path(value))
    base = Path(profile) if profile.endswith(".toml") else DATA / "profiles" / f"{profile}.toml"
    tree: dict[str, Any] = {}
    try:
        for file in (base, *layers):
            if file.stat().st_size > MAX_FILE_BYTES:
                return None
            tree = _over(tree, tomllib.loads(file.read_text("utf-8")))
    except (OSError, ValueError, RecursionError):
        return None
    return tree


def _over(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(below)
    for key, value in above.items():
        old = merged.get(key)
        merged[key] = _over(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return merged


def _open(tree: Mapping[str, Any]) -> Opened:
    window = tree.get("window", {})
    if window.get("headless"):
        raise ValueError("no window is wanted")
    from config.panel import PORTRAIT, USUAL_DIAGONAL, Panel, of_diagonal
    from screens import pages
    from screens.models import Place, Standby
    from screens.one_pygame import check_one_pygame
    from screens.opening import open_with
    from screens.window import WindowPlan

    check_one_pygame()
    hung = window.get("panel", {})
    wide, high = hung.get("width", PORTRAIT.width), hung.get("height", PORTRAIT.height)
    if not (MIN_PX <= wide <= MAX_PX and MIN_PX <= high <= MAX_PX):
        raise ValueError("no panel has so many pixels")
    mm = tuple(hung["mm"]) if "mm" in hung else of_diagonal(wide, high, hung.get("diagonal", USUAL_DIAGONAL))
    panel = Panel(wide, high, (float(mm[0]), float(mm[1])), hung.get("foot_mm"))
    panel.check()
    size = window.get("width"), window.get("height")
    where = tree["terminal"]
    place = Place("zh", where["hall_zh"], where["number"], where["help_phone"], bool(tree["simulated"]))
    carded = "id_card" in tree.get("devices", {}) and "id_card" not in where.get("without", ())
    standby = pages.standby(place, Standby(0, card=carded))
    return open_with(WindowPlan(panel, size, bool(window.get("fullscreen"))), standby)
