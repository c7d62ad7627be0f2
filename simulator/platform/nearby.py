"""Where else somebody can go: the five halls of the simulated city and its 73 townships (config/divisions.csv).

Names only. Distances are data (`nearby.toml`), invented for the simulated city; where it has none they are not known.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from config.divisions import districts, divisions

_FILE = Path(__file__).with_name("nearby.toml")
MOST_PLACES = 500


@dataclass(frozen=True, slots=True)
class Place:
    """A hall or a township's service station. `metres` from the halls of a division, by the division's code."""

    id: str
    kind: str
    zh: str
    en: str
    district: str
    terminals: int
    counter: bool
    metres: dict[str, int]

    def shown(self, division: str) -> dict[str, Any]:
        """As the contract has it, seen from a terminal of `division`."""
        where = divisions()[self.district]
        return {
            "id": self.id,
            "kind": self.kind,
            "name": {"zh": self.zh, "en": self.en},
            "district": {"zh": where.name, "en": where.name_en},
            "metres": self.metres.get(division),
            "terminals": self.terminals,
            "counter": self.counter,
        }


@cache
def places() -> tuple[Place, ...]:
    """All places in a fixed order: halls, then townships by code."""
    raw = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    halls = [
        Place(h["id"], "hall", h["zh"], h["en"], h["district"], h["terminals"], True, dict(h["metres"]))
        for h in raw["hall"]
    ]
    known = {d.code for d in districts()}
    stations = [
        Place(
            f"station-{d.code}", "township", f"{d.name}便民服务中心", f"{d.name} service point", d.parent, 1, True, {}
        )
        for d in divisions().values()
        if d.level == 5 and d.parent in known
    ]
    return tuple([*halls, *stations][:MOST_PLACES])


def nearest(division: str) -> list[Place]:
    """All places as seen from a division: known distances first, then its own townships, then the rest."""
    order = {place.id: n for n, place in enumerate(places())}
    return sorted(
        places(),
        key=lambda p: (division not in p.metres, p.metres.get(division, 0), p.district != division, order[p.id]),
    )
