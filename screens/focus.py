"""Where somebody stands who goes over a page with keys instead of a finger: pure functions over the semantic tree.

| key         | goes to                                                                    |
|-------------|----------------------------------------------------------------------------|
| down, up    | the next or last thing, words included; a keypad is one thing               |
| right, left | the next or last thing that can be pressed, one key of a keypad at a time   |

What is in the header comes last; from the last thing it goes on with the first, so nothing holds anybody.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

from screens.screen import Node
from screens.text import MASK

Way = Literal["up", "down", "left", "right"]
Skip = Callable[[Node], bool]


def order(nodes: Sequence[Node]) -> tuple[Node, ...]:
    """The things of a page as they are gone over: the body, the bar, then the header."""
    banner = next((node.rect for node in nodes if node.role == "banner"), None)
    header_ends = banner[1] + banner[3] if banner else 0
    head = [n for n in nodes if n.rect[1] + n.rect[3] // 2 < header_ends]
    body = [n for n in nodes if n.rect[1] + n.rect[3] // 2 >= header_ends]
    # The hidden value of a row is said with its row.
    return tuple(n for n in (*body, *head) if n.key or (n.name.strip() and not (n.role == "text" and n.name == MASK)))


def never(_: Node) -> bool:
    """Nothing is skipped."""
    return False


def typed_keys(node: Node) -> bool:
    """The digits on the panel, for a keypad that has digits of its own."""
    return node.role == "key" and node.key == "key" and len(node.value) == 1 and node.value in "0123456789"


def moved(stops: Sequence[Node], at: Node | None, way: Way, skip: Skip = never) -> Node | None:
    """The stop that `way` leads to from `at` (None: from before the page); None on a page without any."""
    there = [n for n in stops if not skip(n) or n == at]
    if way in ("left", "right"):
        wanted = [n for n in there if n.key]
        return _next(wanted, there, at, forward=way == "right")
    wanted = [n for place, n in enumerate(there) if n == at or n.role != "key" or _first_key(there, place)]
    forward = way == "down"
    if at is not None and at.role == "key" and not _is_first(there, at):
        run = next(n for n in reversed(there[: there.index(at)]) if n in wanted and n.role == "key")
        if not forward:
            return run
        wanted = [n for n in wanted if n != run]
    return _next(wanted, there, at, forward=forward)


def _first_key(there: Sequence[Node], place: int) -> bool:
    return place == 0 or there[place - 1].role != "key"


def _is_first(there: Sequence[Node], at: Node) -> bool:
    return at in there and _first_key(there, there.index(at))


def _next(wanted: Sequence[Node], there: Sequence[Node], at: Node | None, *, forward: bool) -> Node | None:
    """The wanted stop after or before `at`, going round."""
    if not wanted:
        return None
    place = {node: number for number, node in reversed(tuple(enumerate(there)))}
    here = None if at is None else place.get(at)
    if here is None:
        return wanted[0 if forward else -1]
    if forward:
        return next((n for n in wanted if place[n] > here), wanted[0])
    return next((n for n in reversed(wanted) if place[n] < here), wanted[-1])


def found_again(stops: Sequence[Node], at: Node | None) -> Node | None:
    """The stop of a page drawn anew that is the one of before."""
    if at is None:
        return None
    if at.key:
        return next((n for n in stops if (n.role, n.key, n.value) == (at.role, at.key, at.value)), None)
    return next((n for n in stops if not n.key and (n.role, n.name) == (at.role, at.name)), None)


def position(stops: Sequence[Node], at: Node) -> tuple[int, int]:
    """Which of how many things that can be pressed, keys of keypads left out; (0, 0) for anything else."""
    pressed = [n for n in stops if n.key and n.role != "key"]
    return (pressed.index(at) + 1, len(pressed)) if at in pressed else (0, 0)


def before_asked(stops: Sequence[Node], key: str, way: Way) -> Node | None:
    """From where the first key leads to what is to be filled in (`key` of the field or choice): the stop before it, on
    the way back itself; None where it is the first, or where nothing is asked."""
    mine = [n for n in stops if n.key == f"choose:{key}" or (n.key, n.value) == ("focus", key)]
    if not key or not mine:
        return None
    if way in ("up", "left"):
        return mine[0]
    at = stops.index(mine[0])
    return stops[at - 1] if at else None


def round_of(stops: Sequence[Node], at: Node | None, wanted: Callable[[Node], bool]) -> Node | None:
    """The next stop of those `wanted` after the one in focus, going round; None when there is none."""
    some = [n for n in stops if wanted(n)]
    return some[(some.index(at) + 1) % len(some)] if at in some else some[0] if some else None


def candidate(node: Node) -> bool:
    """A word that typed letters may stand for, or the way to further ones."""
    return node.key in ("candidate", "candidates")


def other_key(node: Node) -> bool:
    """A key of a keyboard that is no character: rub out, clear, space, another layer."""
    return node.role == "key" and node.key in ("key", "layer") and len(node.value) > 1


def letter(stops: Sequence[Node], at: Node | None, letters: str) -> Node | None:
    """The next of `letters` on the keyboard after the one in focus; None when it has none of them."""
    keys = [n for n in stops if n.role == "key" and n.key == "key" and n.value and n.value.lower() in letters]
    keys.sort(key=lambda n: letters.index(n.value.lower()))
    return keys[(keys.index(at) + 1) % len(keys)] if at in keys else keys[0] if keys else None
