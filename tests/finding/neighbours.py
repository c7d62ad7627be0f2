"""More items than any city has: the real ones and synthetic neighbours that share their words."""

from __future__ import annotations

import random

from kiosk.finding import Entry, listed_entries

SEED = 11
DISTRICTS = ("环翠区", "文登区", "荣成市", "乳山市", "高新区", "经开区", "临港区")


def at_scale(count: int = 5100) -> list[Entry]:
    """`count` entries: the listed ones first, then halves of two names of one kind put together, with a place."""
    rng = random.Random(SEED)
    listed = listed_entries()
    entries = list(listed)
    while len(entries) < count:
        one, other = rng.sample(listed, 2)
        name = f"{rng.choice(DISTRICTS)}{one.zh[: len(one.zh) // 2 + 1]}{other.zh[len(other.zh) // 2 :]}"
        english = f"{one.en.split()[0]} {' '.join(other.en.split()[-2:])}"
        aliases = rng.sample([*one.aliases, *other.aliases], min(1, len(one.aliases)))
        entries.append(Entry(f"SY-{len(entries):05d}", other.kind, one.field, name, english, aliases=tuple(aliases)))
    return entries
