"""What can be answered on a page, from its description alone: for who reads it as text and has no panel to touch.

The same answers as the layout's targets (asserted by tests on every page of technicians); turning the page is none,
since the text holds all turns. Strokes of a finger and the places of a PIN are none either.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import singledispatch

from screens import screen as s
from screens.keypad_keys import keys_of


@dataclass(frozen=True, slots=True)
class Answer:
    """One thing to choose: its reply, its words, and whether it can be chosen now."""

    key: str
    value: str
    label: str
    enabled: bool = True


def answers(screen: s.Screen) -> tuple[Answer, ...]:
    """Everything that can be chosen, in the order of the page; each reply once."""
    found: dict[tuple[str, str], Answer] = {}
    for each in _all(screen):
        found.setdefault((each.key, each.value), each)
    return tuple(found.values())


def _all(screen: s.Screen) -> Iterator[Answer]:
    for block in screen.blocks:
        yield from _of(block)
    for action in (*screen.modes, *screen.nav):
        yield _action(action)


def _action(action: s.Action) -> Answer:
    return Answer(action.key, action.value, action.label, action.enabled)


@singledispatch
def _of(block: s.Block) -> Iterator[Answer]:
    """Blocks that only tell something."""
    yield from ()


@_of.register
def _(block: s.Actions) -> Iterator[Answer]:
    yield from map(_action, block.actions)


@_of.register
def _(block: s.Field) -> Iterator[Answer]:
    yield Answer("focus", block.key, block.label)


@_of.register
def _(block: s.Choice) -> Iterator[Answer]:
    for option in block.options:
        yield Answer(f"choose:{block.key}", option.key, f"{block.label}: {option.label}")


@_of.register
def _(block: s.PinPad) -> Iterator[Answer]:
    """A PIN is typed at the glass alone; only its `next` is told."""
    if block.next is not None:
        yield _action(block.next)


@_of.register
def _(block: s.Keypad) -> Iterator[Answer]:
    for key in sorted(keys_of(block)):
        yield Answer("key", key, key)
    if block.kind == "text":
        for layer in block.layers:
            yield Answer("layer", layer, layer)
    if block.next is not None:
        yield _action(block.next)


@_of.register
def _(block: s.PinPad) -> Iterator[Answer]:
    if block.next is not None:  # its digits stand elsewhere each time, for the eyes of who stands there
        yield _action(block.next)


@_of.register
def _(block: s.Candidates) -> Iterator[Answer]:
    for place, word in enumerate(block.words):
        yield Answer("candidate", str(place), word)
    for where, there in (("back", block.back), ("next", block.on)):
        if there:
            yield Answer("candidates", where, where)


@_of.register(s.Tiles)
def _(block: s.Tiles) -> Iterator[Answer]:
    if block.style != "facts":
        for tile in block.tiles:
            yield Answer(tile.key, tile.value, tile.label, tile.enabled)


@_of.register
def _(block: s.Items) -> Iterator[Answer]:
    for item in block.items:
        yield Answer(item.key, item.value, item.label, item.enabled)


@_of.register
def _(block: s.Checks) -> Iterator[Answer]:
    for line in block.lines:
        yield Answer("section", line.id, line.name)
        if line.test:
            yield Answer("test", line.id, f"{line.test}: {line.name}")


@_of.register
def _(block: s.Plain) -> Iterator[Answer]:
    yield Answer("next", "", block.label)
