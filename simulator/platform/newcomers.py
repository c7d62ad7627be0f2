"""The desk where QA makes a citizen of its own known to the city."""

from __future__ import annotations

from fastapi import APIRouter

from simulator.newcomers import Newcomer
from simulator.platform import registry
from simulator.platform.city import City


def desk(city: City) -> APIRouter:
    """`POST /sim/newcomers`: known until the platform ends; the same key again changes who it is."""
    del city
    api = APIRouter(prefix="/sim")

    @api.post("/newcomers")
    async def newcomer(body: Newcomer) -> dict[str, str]:
        registry.admit(body.citizen)
        return {"key": body.key}

    return api
