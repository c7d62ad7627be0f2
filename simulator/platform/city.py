"""What all areas of the platform share: store, clock, catalogue, and the zone in which the city writes its times."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone

from config.bundle_whole import whole_of
from config.catalogue import Catalogue, Service
from simulator.platform.problems import Flaw, Refusal
from simulator.platform.store import Store

ZONE = timezone(timedelta(hours=8))


def stamp(at: datetime) -> str:
    """RFC 3339 in whole seconds with +08:00; such stamps sort by time."""
    return at.astimezone(ZONE).isoformat(timespec="seconds")


def new_id(prefix: str) -> str:
    """An opaque id."""
    return f"{prefix}_{secrets.token_hex(10)}"


@dataclass(slots=True)
class City:
    """The platform's ground. `clock` gives an aware datetime; `catalogue` grows with each version that is published."""

    store: Store
    clock: Callable[[], datetime]
    catalogue: Catalogue
    wishes: dict[str, str] = field(default_factory=dict)
    """What QA asked of the city at its desk: which algorithm signs codes, what is wrong with the next permission."""
    shipped: Catalogue = field(init=False)
    """The catalogue that the program came with."""

    def __post_init__(self) -> None:
        self.shipped = self.catalogue

    def now(self) -> datetime:
        """The time in the city."""
        return self.clock().astimezone(ZONE)

    def stamp(self, after_s: int = 0) -> str:
        """The time in `after_s` seconds, as a stamp."""
        return stamp(self.now() + timedelta(seconds=after_s))

    def service(self, service_id: str) -> Service:
        """The service, or a refusal; a bundle with the fields and materials of its parts."""
        offered = self.catalogue.at(self.now()).services
        service = offered.get(service_id) or self.catalogue.services.get(service_id)
        if service is None:
            raise Refusal("validation", "no such service", [Flaw("/body/service", "unknown", "no such service")])
        return whole_of(service, self.catalogue.services)
