"""Faults on demand: the platform is down, slow, broken, or loses its answer after the work was done."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

AREAS = r"^[a-z][a-z:-]{2,39}$"


class FaultPlan(BaseModel):
    """What goes wrong. `area` is the first part of the path (applications, payment-orders, ...); `times` how often.

    down: the connection is closed, nothing is done. slow_s: the work starts that much later. status: a gateway's page
    instead of an answer, nothing is done. half: done, half of the answer arrives. drop_reply_after_commit: done, the
    connection is closed without an answer.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    down: bool = False
    slow_s: Annotated[float, Field(ge=0, le=600)] = 0
    status: Annotated[int, Field(ge=500, le=599)] | None = None
    half: bool = False
    drop_reply_after_commit: bool = False
    area: Annotated[str, Field(pattern=AREAS)] | None = None
    times: Annotated[int, Field(ge=1, le=1_000_000)] | None = None


DROP = "simulator.drop"
"""Type of the ASGI message that asks whoever carries the connection to close it where it stands."""


class ConnectionDropped(Exception):
    """The answer ends here; the gate turns it into a `DROP` message."""


@dataclass(slots=True)
class Faults:
    """The plan in force and how often it has been used."""

    plan: FaultPlan = field(default_factory=FaultPlan)
    used: int = 0

    def set(self, plan: FaultPlan) -> None:
        """Put a plan in force; the old one is forgotten."""
        self.plan, self.used = plan, 0

    def take(self, area: str) -> FaultPlan:
        """The faults for one request in `area`; counts it."""
        plan = self.plan
        harmless = plan == FaultPlan(area=plan.area, times=plan.times)
        if harmless or (plan.area is not None and plan.area != area):
            return FaultPlan()
        if plan.times is not None and self.used >= plan.times:
            self.set(FaultPlan())
            return FaultPlan()
        self.used += 1
        return plan

    def shown(self) -> dict[str, Any]:
        """The plan as JSON; empty values are healthy."""
        over = self.plan.times is not None and self.used >= self.plan.times
        return (FaultPlan() if over else self.plan).model_dump()


def router(faults: Faults) -> APIRouter:
    """`GET` and `POST /sim/faults`; `{}` clears them."""
    api = APIRouter(prefix="/sim")

    @api.get("/faults")
    async def shown() -> dict[str, Any]:
        return faults.shown()

    @api.post("/faults")
    async def put(plan: FaultPlan) -> dict[str, Any]:
        faults.set(plan)
        return faults.shown()

    return api
