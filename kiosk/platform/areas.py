"""The platform's areas, each of which can fail alone: which calls belong to one, which steps of a journey need one."""

from __future__ import annotations

from functools import cache
from types import MappingProxyType

AREAS = (
    "catalogue",
    "identity",
    "licences",
    "applications",
    "payments",
    "prints",
    "queries",
    "counters",
    "reports",
    "device",
)
GROUND = ""
"""The area of calls that say nothing of one: `/health` itself."""

_OF_PATH = MappingProxyType(
    {
        "catalogue": "catalogue",
        "calendar": "catalogue",
        "divisions": "catalogue",
        "dictionaries": "catalogue",
        "options": "catalogue",
        "sessions": "identity",
        "consents": "identity",
        "subjects": "identity",
        "phone": "identity",
        "licences": "licences",
        "shared-data": "licences",
        "drafts": "applications",
        "uploads": "applications",
        "applications": "applications",
        "sealed-applications": "applications",
        "cases": "applications",
        "bundles": "applications",
        "materials": "applications",
        "forms": "applications",
        "bills": "payments",
        "fees": "payments",
        "ebills": "payments",
        "slips": "payments",
        "payment-orders": "payments",
        "refunds": "payments",
        "settlements": "payments",
        "print-authorisations": "prints",
        "certificates": "prints",
        "form-stock": "prints",
        "card-issues": "prints",
        "queries": "queries",
        "reference": "queries",
        "slots": "counters",
        "bookings": "counters",
        "tickets": "counters",
        "ticket-ranges": "counters",
        "scan-shares": "counters",
        "deliveries": "counters",
        "requests12345": "counters",
        "feedback": "counters",
        "help-requests": "counters",
        "collections": "counters",
        "evaluations": "reports",
        "events": "reports",
        "work-items": "reports",
        "supervision-records": "reports",
        "devices": "device",
        "releases": "device",
        "notices": "device",
    }
)
_OF_STEP = MappingProxyType(
    {
        "consent": frozenset({"identity"}),
        "identify": frozenset({"identity"}),
        "face": frozenset({"identity"}),
        "materials": frozenset({"licences"}),
        "pay": frozenset({"payments"}),
        "submit": frozenset({"applications"}),
        "print": frozenset({"prints"}),
        "result": frozenset({"queries"}),
        "collect": frozenset({"counters"}),
    }
)
"""Steps that cannot be done without an area. The others have a way around it (a licence that is not found is scanned),
or what they say waits in the outbox (ratings, events)."""
CAN_WAIT = frozenset({"queue", "yes", "cache"})
"""Classes of `Service.offline` that go on without the platform, and so without any area of it."""


def area_of(path: str) -> str:
    """The area of a path below `/kgw/v1`; `GROUND` when it has none."""
    return _OF_PATH.get(path.lstrip("/").partition("?")[0].partition("/")[0].partition(":")[0], GROUND)


@cache
def areas_of(steps: tuple[str, ...]) -> frozenset[str]:
    """The areas without which these steps cannot be done."""
    return frozenset().union(*(_OF_STEP.get(step, frozenset()) for step in steps))
