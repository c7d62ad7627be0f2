"""Faults on demand: the platform, or one area of it, is down, slow, broken, forgetful, twice, or at another time."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from simulator.platform.problem_table import PROBLEMS

AREAS = r"^[a-z][a-z0-9:-]{2,39}$"
MOST_PLANS = 32
PARTS = MappingProxyType(
    {
        "catalogue": frozenset({"catalogue", "calendar", "divisions", "dictionaries", "options"}),
        "identity": frozenset({"sessions", "consents", "subjects", "phone"}),
        "licences": frozenset({"licences", "shared-data"}),
        "applications": frozenset(
            {"drafts", "uploads", "applications", "sealed-applications", "cases", "bundles", "materials", "forms"}
        ),
        "payments": frozenset({"bills", "fees", "ebills", "slips", "payment-orders", "refunds", "settlements"}),
        "prints": frozenset({"print-authorisations", "certificates", "form-stock", "card-issues"}),
        "queries": frozenset({"queries", "reference"}),
        "counters": frozenset(
            {
                "slots",
                "bookings",
                "tickets",
                "deliveries",
                "requests12345",
                "feedback",
                "help-requests",
                "collections",
                "ticket-ranges",
                "scan-shares",
            }
        ),
        "reports": frozenset({"evaluations", "events", "supervision-records", "work-items"}),
        "device": frozenset({"devices", "releases", "notices"}),
    }
)
"""Areas that can fail alone, and the first parts of their paths."""


def _a_slug(slug: str) -> str:
    if slug not in PROBLEMS:
        raise ValueError("no problem is called so")
    return slug


class FaultPlan(BaseModel):
    """What goes wrong. `area`: a name of `PARTS` or the first part of a path; None is everything. `times`: how often.

    down: the connection is closed, nothing is done. slow_s: the work starts that much later. status: a gateway's page
    instead of an answer, nothing is done. problem: this refusal, nothing is done. half: done, half of the answer
    arrives. drop_reply_after_commit: done, the connection is closed without an answer. duplicate: the request is
    delivered twice, as by a gateway that tries again; the second answer is sent. clock_skew_s: the platform's clock is
    wrong by so much, in its Date and in what it thinks of ours.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    down: bool = False
    slow_s: Annotated[float, Field(ge=0, le=600)] = 0
    status: Annotated[int, Field(ge=500, le=599)] | None = None
    half: bool = False
    drop_reply_after_commit: bool = False
    duplicate: bool = False
    problem: Annotated[str, AfterValidator(_a_slug)] | None = None
    clock_skew_s: Annotated[int, Field(ge=-315_360_000, le=315_360_000)] = 0
    area: Annotated[str, Field(pattern=AREAS)] | None = None
    times: Annotated[int, Field(ge=1, le=1_000_000)] | None = None

    @property
    def is_harmless(self) -> bool:
        """Whether nothing goes wrong."""
        return self == FaultPlan(area=self.area, times=self.times)

    def is_for(self, part: str) -> bool:
        """Whether it concerns requests whose path begins with `part` (or that ask for an area of this name)."""
        area = (self.area or part).partition(":")[0]
        return area == part or part in PARTS.get(area, frozenset())


DROP = "simulator.drop"
"""Type of the ASGI message that asks whoever carries the connection to close it where it stands."""


class ConnectionDropped(Exception):
    """The answer ends here; the gate turns it into a `DROP` message."""


@dataclass(slots=True)
class _Armed:
    plan: FaultPlan
    used: int = 0

    @property
    def is_over(self) -> bool:
        return self.plan.times is not None and self.used >= self.plan.times


@dataclass(slots=True)
class Faults:
    """The plans in force, at most one for each area, and how often each has been used."""

    armed: dict[str | None, _Armed] = field(default_factory=dict)

    def set(self, plan: FaultPlan) -> None:
        """Put a plan in force; all old ones are forgotten."""
        self.armed = {}
        self.add(plan)

    def add(self, plan: FaultPlan) -> None:
        """Put a plan in force beside those of other areas; a harmless one ends what was there for its area."""
        self.armed.pop(plan.area, None)
        if not plan.is_harmless and len(self.armed) < MOST_PLANS:
            self.armed[plan.area] = _Armed(plan)

    def take(self, part: str) -> FaultPlan:
        """The faults for one request: the plan that names its area, else the one for everything; counts it."""
        for armed in sorted(self.armed.values(), key=lambda a: a.plan.area is None):
            if not armed.is_over and armed.plan.is_for(part):
                armed.used += 1
                return armed.plan
        return FaultPlan()

    def shown(self) -> dict[str, Any]:
        """The plan for everything, or the first other one, as JSON; empty values are healthy."""
        alive = [a.plan for a in self.armed.values() if not a.is_over]
        return next(iter(sorted(alive, key=lambda p: p.area is not None)), FaultPlan()).model_dump()

    def listed(self) -> list[dict[str, Any]]:
        """All plans in force."""
        return [a.plan.model_dump() for a in self.armed.values() if not a.is_over]


def plan_of(text: str) -> FaultPlan:
    """A plan as it is typed: `area=payments,slow_s=3` or `down,times=2`. Raises `ValueError`: what is wrong."""
    given: dict[str, Any] = {}
    for part in filter(None, text.split(",")):
        name, equals, value = part.partition("=")
        given[name.strip()] = value.strip() if equals else True
    try:
        return FaultPlan.model_validate(given)
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()[:5])
        known = ", ".join(FaultPlan.model_fields)
        raise ValueError(f"{text!r}: {wrong} (known: {known}; areas: {', '.join(PARTS)})") from None


def router(faults: Faults) -> APIRouter:
    """`GET` and `POST /sim/faults` (one plan, `{}` clears all); `/sim/faults/areas` (a plan beside the others)."""
    api = APIRouter(prefix="/sim")

    @api.get("/faults")
    async def shown() -> dict[str, Any]:
        return faults.shown()

    @api.post("/faults")
    async def put(plan: FaultPlan) -> dict[str, Any]:
        faults.set(plan)
        return faults.shown()

    @api.get("/faults/areas")
    async def listed() -> list[dict[str, Any]]:
        return faults.listed()

    @api.post("/faults/areas")
    async def add(plan: FaultPlan) -> list[dict[str, Any]]:
        faults.add(plan)
        return faults.listed()

    return api
