"""Which terminals are to be told how far the database holds their chain, and the walk that finds it.

One message a terminal and `HELD_EVERY_S` at most, after the commit. A hole is only told when it was there at two looks:
another writer of the same group may be about to commit what lies in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from config.fleet_contract import Acknowledged, Topics
from kiosk.control_room.ledger import Changes

Key: TypeAlias = tuple[str, str]
"""Terminal and chain."""


@dataclass(frozen=True, slots=True)
class Held:
    """Everything up to `n` is there; `hole`: something beyond it too, and what lies between is not."""

    n: int
    hole: bool = False


class Holding:
    """`take` what was committed, then `wanted` and `told` by turns. Bounded by the number of terminals."""

    def __init__(self) -> None:
        self._touched: dict[str, tuple[Topics, str, int]] = {}
        self._holes: dict[Key, int] = {}

    def take(self, changes: Changes) -> None:
        """Committed; terminals that do not ask are left alone."""
        for name, chain, held in changes.asked():
            known = self._touched.get(name)
            base = max(held, known[2]) if known and known[1] == chain else held
            self._touched[name] = (Topics(changes.terminals[name].site, name), chain, base)

    def wanted(self) -> dict[Key, int]:
        """What is to be looked up, each with how far the terminal knows it to be held."""
        return {(name, chain): base for name, (_, chain, base) in self._touched.items()}

    def told(self, found: Mapping[Key, Held]) -> list[tuple[Topics, Acknowledged]]:
        """What is to be said now."""
        said: list[tuple[Topics, Acknowledged]] = []
        for (name, chain), held in found.items():
            topics, _, _ = self._touched[name]
            before = self._holes.pop((name, chain), None)
            gap = held.hole and before == held.n
            if held.hole and not gap:
                self._holes[name, chain] = held.n  # looked at once more
            else:
                del self._touched[name]
            said.append((topics, {"v": 1, "terminal": name, "chain": chain, "n": held.n, "gap": gap}))
        return said


def walked(n: int, rows: Iterable[tuple[int, int | None]]) -> Held:
    """From `n` over the events beyond it (number, the one before), in order, as far as there is no hole."""
    for number, after in rows:
        if after is None or after > n:
            return Held(n, hole=True)
        n = number
    return Held(n)
