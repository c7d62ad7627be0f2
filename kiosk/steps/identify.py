"""Who is here: up to the card, or all the way where no step of its own asks for a live person."""

from __future__ import annotations

from kiosk.steps.prove import climb, need
from kiosk.visits.case import Case, Move


async def identify(case: Case) -> Move:
    """Prove what this item needs before its first page; somebody already proven in this visit goes straight on."""
    case.visit.at("identify")
    return await climb(case, "A2" if "face" in case.service.steps else need(case))
