"""Settings of the voice and of the keypad for those who do not see or do not touch the panel."""

from __future__ import annotations

import re
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

KeyCommand = Literal[
    "up",
    "down",
    "left",
    "right",
    "ok",
    "back",
    "home",
    "help",
    "repeat",
    "star",
    "louder",
    "softer",
    "voice",
    "headset-in",
    "headset-out",
]
NAMED = frozenset(
    {"up", "down", "left", "right", "return", "escape", "space", "tab", "home", "end", "pageup", "pagedown"}
    | {"plus", "minus", "equals", "asterisk", "hash"}
    | {"kp_plus", "kp_minus", "kp_multiply", "kp_divide", "kp_period", "kp_enter"}
)
"""Keys that have a name; the others are letters, digits and f1 to f24."""


def _a_key(name: str) -> str:
    if name in NAMED or re.fullmatch(r"[a-z0-9]|f([1-9]|1\d|2[0-4])", name):
        return name
    raise ValueError(f"no key is called {name[:20]!r}: a to z, 0 to 9, f1 to f24, {', '.join(sorted(NAMED))}")


KeyName = Annotated[str, AfterValidator(_a_key)]


class SpeechSettings(BaseModel):
    """The voice. Every visit starts silent unless it was started from the keypad, and at the same volume."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    enabled: bool = True
    volume: Annotated[int, Field(ge=1, le=10)] = 6
    """At the start of every visit; tenths of what the sound card gives."""
    reminders: bool = True
    """Say "are you still there" and "take your card" also to those who have not switched the voice on."""
    hint_s: Annotated[int, Field(ge=0, le=3600)] = 0
    """Say on standby how to start, so often in seconds; 0: only when a key of the keypad is pressed."""
    program: Annotated[str, Field(pattern=r"^[\w./-]{0,200}$")] = "espeak-ng"
    """Speaks what has no recording; empty: nothing but recordings."""
    words_per_minute: Annotated[int, Field(ge=80, le=300)] = 150
    """How fast `program` speaks."""


class KeypadSettings(BaseModel):
    """The keypad: a USB keyboard with few keys. `keys`: command -> names of keys (SDL's, in small letters)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    digits: bool = True
    """It has digits: they are typed, and the focus does not stop at the digits on the panel."""
    keys: dict[KeyCommand, Annotated[tuple[KeyName, ...], Field(max_length=6)]] = {
        "up": ("up",),
        "down": ("down",),
        "left": ("left",),
        "right": ("right",),
        "ok": ("return", "kp_enter"),
        "back": ("escape",),
        "home": ("home",),
        "help": ("h", "f1"),
        "repeat": ("r", "f2"),
        "star": ("asterisk", "kp_multiply"),
        "louder": ("plus", "equals", "kp_plus"),
        "softer": ("minus", "kp_minus"),
        "voice": ("f3",),
        "headset-in": ("f15",),
        "headset-out": ("f16",),
    }

    @model_validator(mode="after")
    def _one_meaning(self) -> Self:
        meant: dict[str, str] = {}
        for command, names in self.keys.items():
            for name in names:
                if name in meant:
                    raise ValueError(f"keys: {name} means {meant[name]} and {command}; a key has one meaning")
                if self.digits and name.isdigit():
                    raise ValueError(f"keys.{command}: {name} is typed while digits is true")
                meant[name] = command
        return self
