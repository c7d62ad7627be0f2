"""How the platform is: health, of the whole or of one area."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from simulator.platform.call import Reply
from simulator.platform.city import City


def router(city: City) -> APIRouter:
    """Endpoint of health; the gate answers for an area that is away."""
    api = APIRouter()

    @api.get("/health")
    async def health(area: Annotated[str | None, Query(pattern=r"^[a-z][a-z-]{2,39}$", max_length=40)] = None) -> Reply:
        del area
        return Reply({"status": "ok", "time": city.stamp()})

    return api
