"""Where the 3,143 places of the city are, invented: division, hall, number. Same seed, same city.

The shares of the districts are a guess until the city gives its list of places; nothing is counted on them.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from config.divisions import Division, divisions
from config.fleet_contract import Topics

PLACES: Final = 3143
MOST_TERMINALS: Final = 20_000
SHARES: Final[Mapping[str, tuple[str, int]]] = MappingProxyType(
    {
        "371002": ("HC", 28), "371003": ("WD", 18), "371071": ("GQ", 9), "371072": ("JQ", 9),
        "371073": ("LG", 5), "371082": ("RC", 19), "371083": ("RS", 12),
    }
)  # fmt: skip
"""District -> the letters of its terminals, its share of the places in percent."""
_KINDS: Final = (("便民服务中心", "Service Centre"), ("社区服务站", "Community Station"), ("银行网点", "Bank Branch"))


@dataclass(frozen=True, slots=True)
class Place:
    """One terminal and where it stands. `division` has 9 digits (a township) or 6 (the district's hall)."""

    topics: Topics
    hall_zh: str
    hall_en: str
    division: str


def places(count: int = PLACES, seed: int = 1) -> tuple[Place, ...]:
    """`count` places spread over the city. Raises `ValueError` for a count out of bounds."""
    if not 1 <= count <= MOST_TERMINALS:
        raise ValueError(f"terminals: {count}; expected 1 to {MOST_TERMINALS}")
    rng = random.Random(seed)
    towns = {site: [d for d in divisions().values() if d.level == 5 and d.parent == site] for site in SHARES}
    found: list[Place] = []
    numbers = dict.fromkeys(SHARES, 0)
    for index in range(count):
        site = _site(index, count)
        numbers[site] += 1
        letters, number = SHARES[site][0], numbers[site]
        topics = Topics(site, f"WH-{letters}-{number:04d}")
        found.append(_place(topics, number, divisions()[site], rng.choice(towns[site]), rng))
    return tuple(found)


def _site(index: int, count: int) -> str:
    """The districts take turns by their shares, so that every part of the list looks like the whole."""
    at = (index * 37) % 100 if count >= 100 else index * 100 // count
    for site, (_, share) in SHARES.items():
        if at < share:
            return site
        at -= share
    raise AssertionError("the shares are 100 together")


def _place(topics: Topics, number: int, district: Division, town: Division, rng: random.Random) -> Place:
    if number == 1:
        english = district.name_en or district.name
        return Place(topics, f"{district.name}政务服务中心", f"{english} Government Service Centre", district.code)
    zh, en = rng.choices(_KINDS, weights=(3, 5, 2))[0]
    return Place(topics, f"{town.name}{zh}{number}号", f"{en} {number}, {district.name_en}", town.code)
