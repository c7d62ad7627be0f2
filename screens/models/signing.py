"""Signing: the pad, and the other ways."""

from __future__ import annotations

from dataclasses import dataclass, field

from screens.ink import InkStroke


@dataclass(frozen=True, slots=True)
class Sign:
    """The pad. `service` is the name of what is signed; `heard` the number of the last stroke that was told."""

    service: str
    strokes: tuple[InkStroke, ...] = field(default=(), repr=False)
    heard: int = 0
    error: str = ""


@dataclass(frozen=True, slots=True)
class SignOther:
    """Ways for who cannot or would rather not write; `card` and `officer` say which are there now."""

    service: str
    card: bool = True
    officer: bool = True
    trouble: str = ""
    elsewhere: str = ""
