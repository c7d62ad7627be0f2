"""What people do before the face camera, as they do it: scenes over time, in seconds since the act began.

| act          | what happens                                                                        | then        |
|--------------|-------------------------------------------------------------------------------------|-------------|
| `approach`   | comes from afar, from the side, to the terminal                                     | stands      |
| `turn`       | turns the head to `side` (left or right: the person's own), holds it, turns back    | stands      |
| `blink`      | blinks once, as people do                                                           | stands      |
| `close-eyes` | keeps the eyes shut for `seconds`                                                   | stands      |
| `look-away`  | looks to somebody beside, head and body                                             | stands      |
| `leave`      | walks off                                                                           | nobody      |
| `join`       | `other` walks in and stays beside                                                   | two stand   |

Whoever stands sways a little and blinks every few seconds.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Literal, get_args

from simulator.scenes.people import PeopleScene, Person

ActKind = Literal["stand", "approach", "turn", "blink", "close-eyes", "look-away", "leave", "join"]
Side = Literal["left", "right"]
CHALLENGES: Mapping[str, tuple[ActKind, Side]] = MappingProxyType(
    {"turn-left": ("turn", "left"), "turn-right": ("turn", "right"), "close-eyes": ("close-eyes", "left")}
)
"""What a terminal asks for as a hint that a person stands there, and the act that obeys."""
MOVE_S = 0.5
"""A head takes this long from front to turned."""
_LONGEST_S = 60.0
_BLINK_EVERY_S = 4.3
_BLINK_S = (0.08, 0.07, 0.15)  # closing, shut, opening: a natural blink takes a third of a second
_DEFAULT_S: Mapping[ActKind, float] = MappingProxyType(
    {
        "stand": 1.0,
        "approach": 2.5,
        "turn": 1.2,
        "blink": 0.0,
        "close-eyes": 1.2,
        "look-away": 2.0,
        "leave": 1.8,
        "join": 2.0,
    }
)


@dataclass(frozen=True, slots=True)
class Act:
    """One thing done by `face`. `seconds` 0: as long as people usually take, without the way there and back."""

    kind: ActKind
    face: str
    side: Side = "left"
    other: str = ""
    seconds: float = 0.0
    light: float = 1.0

    def __post_init__(self) -> None:
        if self.kind not in get_args(ActKind):
            raise ValueError(f"act {self.kind!r}: one of {', '.join(get_args(ActKind))}")
        if self.side not in get_args(Side):
            raise ValueError(f"act {self.kind}: side {self.side!r}; left or right (the person's own)")
        if not 0 <= self.seconds <= _LONGEST_S:
            raise ValueError(f"act {self.kind}: seconds {self.seconds}; 0 to {_LONGEST_S:.0f}")
        if (self.kind == "join") != bool(self.other):
            raise ValueError(f"act {self.kind}: 'other' names who walks in, and belongs to join alone")
        for face in filter(None, (self.face, self.other)):
            Person(face)

    @property
    def held_s(self) -> float:
        """The time at the far end of the act."""
        return self.seconds or _DEFAULT_S[self.kind]

    @property
    def length_s(self) -> float:
        """Until it is over."""
        there_and_back = self.kind in ("turn", "look-away", "close-eyes")
        return sum(_BLINK_S) if self.kind == "blink" else self.held_s + (2 * MOVE_S if there_and_back else 0.0)

    @property
    def words(self) -> str:
        """The act as a sentence."""
        side = f" {self.side}" if self.kind in ("turn", "look-away") else ""
        return f"{self.face}: {self.kind}{side}" + (f" ({self.other} walks in)" if self.other else "")


def scene_at(act: Act, elapsed_s: float) -> PeopleScene:
    """What is before the lens `elapsed_s` after the act began; after its end what stays."""
    at = max(0.0, elapsed_s)
    person = _swaying(Person(act.face, eyes=_natural(at)), at)
    people = _ACTS[act.kind](act, person, at)
    return PeopleScene(people, light=act.light, seed=int(at * 1000) % 100_003)


def _ease(share: float) -> float:
    """0 to 1, slow at both ends."""
    s = min(1.0, max(0.0, share))
    return s * s * (3 - 2 * s)


def _swaying(person: Person, at: float) -> Person:
    return replace(person, x=person.x + 0.004 * math.sin(at * 1.9), y=0.003 * math.sin(at * 1.3))


def _natural(at: float) -> float:
    """How open the eyes are of one who only stands there."""
    phase = at % _BLINK_EVERY_S - (_BLINK_EVERY_S - 1.0)
    return _eyes(phase) if phase > 0 else 1.0


def _eyes(at: float) -> float:
    """How open the eyes are `at` seconds into a blink."""
    closing, shut, opening = _BLINK_S
    if at < closing:
        return 1 - _ease(at / closing)
    return 0.0 if at < closing + shut else _ease((at - closing - shut) / opening)


def _there_and_back(act: Act, at: float) -> float:
    """0, up to 1, held, back to 0."""
    if at < MOVE_S:
        return _ease(at / MOVE_S)
    return _ease(1 - (at - MOVE_S - act.held_s) / MOVE_S)


def _stand(act: Act, person: Person, at: float) -> tuple[Person, ...]:
    return (person,)


def _approach(act: Act, person: Person, at: float) -> tuple[Person, ...]:
    way = _ease(at / act.held_s)
    step = 0.008 * math.sin(at * 9) * (1 - way)  # people bob as they walk
    return (replace(person, near=0.35 + 0.65 * way, x=person.x + 0.55 * (1 - way), y=step),)


def _turn(act: Act, person: Person, at: float) -> tuple[Person, ...]:
    way = _there_and_back(act, at) * (1 if act.side == "left" else -1)
    return (replace(person, turn=way, eyes=1.0 if way else person.eyes),)


def _blink(act: Act, person: Person, at: float) -> tuple[Person, ...]:
    return (replace(person, eyes=_eyes(at)),)


def _close_eyes(act: Act, person: Person, at: float) -> tuple[Person, ...]:
    return (replace(person, eyes=1 - _there_and_back(act, at)),)


def _look_away(act: Act, person: Person, at: float) -> tuple[Person, ...]:
    way = _there_and_back(act, at)
    side = 1 if act.side == "left" else -1
    return (replace(person, turn=side * way, x=person.x + side * 0.09 * way, y=0.03 * way, eyes=1.0),)


def _leave(act: Act, person: Person, at: float) -> tuple[Person, ...]:
    way = _ease(at / act.held_s)
    if way >= 1:
        return ()
    return (replace(person, turn=-min(1.0, way * 3), x=person.x - 1.1 * way, near=1 - 0.3 * way, eyes=1.0),)


def _join(act: Act, person: Person, at: float) -> tuple[Person, ...]:
    way = _ease(at / act.held_s)
    first = replace(person, x=person.x - 0.16 * way, near=1 - 0.18 * way)
    return (first, Person(act.other, near=0.5 + 0.22 * way, x=0.95 - 0.67 * way, eyes=_natural(at + 1.7)))


_ACTS: Mapping[ActKind, Callable[[Act, Person, float], tuple[Person, ...]]] = MappingProxyType(
    {
        "stand": _stand,
        "approach": _approach,
        "turn": _turn,
        "blink": _blink,
        "close-eyes": _close_eyes,
        "look-away": _look_away,
        "leave": _leave,
        "join": _join,
    }
)
