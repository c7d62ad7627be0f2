"""A city as large as one likes: many services and a library with a million licences, for measuring."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

from config.catalogue import Catalogue, catalogue_from, load_catalogue
from config.service import Service
from simulator.platform.catalogue import publish_shipped
from simulator.platform.city import City

MOST_ITEMS = 20_000
MOST_LICENCES = 5_000_000
KINDS = ("居民户口簿", "不动产权证书", "出生医学证明", "社会保障卡")
ISSUER = "威海市（模拟）"


@dataclass(frozen=True, slots=True)
class Scale:
    """How many services and licences there are at least; 0 leaves what the city has anyway."""

    items: int = 0
    licences: int = 0

    def catalogue(self) -> Catalogue:
        """The services of `config/services`, and copies of them under other ids until there are `items`."""
        real = load_catalogue()
        more = max(0, min(self.items, MOST_ITEMS) - len(real.services))
        if not more:
            return real
        patterns = [s for s in real.services.values() if not s.bundle]
        copies = [_copy(patterns[n % len(patterns)], n) for n in range(more)]
        return catalogue_from(real.fields, [*real.versions, *copies])

    def seed(self, city: City) -> str:
        """Publish the catalogue and fill the licence library, once; says how long it took."""
        began = time.monotonic()
        publish_shipped(city)
        wanted = min(self.licences, MOST_LICENCES)
        with city.store.transaction() as cx:
            there = cx.execute("SELECT count(*) AS n FROM licence WHERE id LIKE 'lic_scale_%'").fetchone()["n"]
            if there < wanted:
                cx.executemany("INSERT OR IGNORE INTO licence VALUES (?, ?, ?, ?, ?, ?, ?)", _licences(there, wanted))
        return (
            f"{len(city.catalogue.services)} services, {max(there, wanted)} licences more:"
            f" {time.monotonic() - began:.1f} s"
        )


def holder(number: int) -> str:
    """The invented person who holds licence `number`: nobody's real number, its check digit is never right."""
    return f"3710029{number // len(KINDS):010d}Z"


def _licences(first: int, until: int) -> Iterator[tuple[str, str, str, str, str, str, str | None]]:
    for n in range(first, until):
        number = f"WHSCALE{n:010d}"
        valid = None if n % 3 else "2035-12-31"
        yield f"lic_scale_{n:010d}", holder(n), "elicense", KINDS[n % len(KINDS)], number, ISSUER, valid


def _copy(service: Service, number: int) -> Service:
    letter = chr(ord("A") + number // 1000)
    name = service.name.model_copy(update={"zh": f"{service.name.zh}{number}", "en": f"{service.name.en} {number}"})
    changes = {
        "id": f"WH-Z{letter}-{number % 1000:03d}",
        "code": f"{service.code[:20]}{number:08d}{service.code[28:]}",
        "name": name,
    }
    return service.model_copy(update=changes)
