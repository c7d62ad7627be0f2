"""The keys of a keypad become commands; which key is which is a setting (`config.speaking.KeypadSettings`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_args

import pygame

from config.speaking import KeyCommand, KeypadSettings

COMMANDS: frozenset[str] = frozenset(get_args(KeyCommand))
_SCANCODE = 1 << 30
SPECIAL: Mapping[str, int] = {
    "plus": pygame.K_PLUS,
    "minus": pygame.K_MINUS,
    "equals": pygame.K_EQUALS,
    "asterisk": pygame.K_ASTERISK,
    "hash": pygame.K_HASH,
    **{f"f{n}": _SCANCODE | (57 + n if n <= 12 else 91 + n) for n in range(1, 25)},  # USB HID usages 3A to 45, 68 to 73
}


def key_code(name: str) -> int:
    """SDL's code of a key by its name in the settings, which `KeyName` has checked."""
    code = SPECIAL.get(name)
    return code if code is not None else int(getattr(pygame, f"K_{name if len(name) == 1 else name.upper()}"))


def key_commands(settings: KeypadSettings) -> dict[int, KeyCommand]:
    """SDL's key code -> what it means."""
    return {key_code(name): command for command, names in settings.keys.items() for name in names}


def is_digit(pressed: str) -> bool:
    """Whether a key is one of the ten digits."""
    return len(pressed) == 1 and pressed in "0123456789"
