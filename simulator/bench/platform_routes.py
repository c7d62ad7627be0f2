"""`/api/platform*`: what the platform holds, what is wrong with it, what offices and citizens do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Body, HTTPException

from simulator.bench.answers import as_problem
from simulator.bench.bench import Bench
from simulator.bench.platform_desk import KNOBS, PlatformDesk

OFFICE_ACTS = ("step", "done", "refuse", "supplement", "pause", "resume")


def router(bench: Bench, look: Callable[[], None]) -> APIRouter:
    """`look` is called when something at the platform may have changed."""
    api = APIRouter(prefix="/api/platform", tags=["platform"])

    async def post(path: str, body: dict[str, Any]) -> Any:
        with as_problem():
            answer = await _desk(bench).post(path, body)
        look()
        return answer

    @api.get("")
    async def platform() -> dict[str, Any]:
        """Cases, orders, prints, evaluations, app matches and the faults that are on."""
        return await _desk(bench).overview()

    @api.post("/faults")
    async def faults(plan: Annotated[dict[str, Any], Body(max_length=16)]) -> dict[str, Any]:
        """Set the platform's faults (simulator/platform/faults.py); `{}` clears them."""
        return {"faults": await post("faults", plan)}

    @api.post("/faults/areas")
    async def area_faults(plan: Annotated[dict[str, Any], Body(max_length=16)]) -> dict[str, Any]:
        """A fault plan beside those of other areas; one without a fault ends what its `area` has."""
        return {"faults": await post("faults/areas", plan)}

    @api.post("/app-matches/{match}")
    async def app_match(match: str, answer: Annotated[dict[str, str], Body(max_length=4)]) -> dict[str, Any]:
        """What the citizen does in the app on the phone: `{"answer": "confirm"}` or `"refuse"`."""
        if not match.replace("-", "").replace("_", "").isalnum():
            raise HTTPException(404, "no such match")
        return {"result": await post(f"app-matches/{match}", answer)}

    @api.post("/knobs/{name}")
    async def knob(name: str, body: Annotated[dict[str, Any], Body(max_length=32)]) -> dict[str, Any]:
        """Turn one of the platform's knobs: payers' services, print flaws, how codes are signed, prices, bills."""
        if name not in KNOBS:
            raise HTTPException(404, f"knobs are {', '.join(KNOBS)}")
        return {"result": await post(name, body)}

    @api.post("/office")
    async def office(body: Annotated[dict[str, Any], Body(max_length=8)]) -> dict[str, Any]:
        """An office acts on the case `number` (none: the newest one): step, done, refuse, supplement, pause, resume."""
        number, act = str(body.get("number", "")), body.get("act")
        if act not in OFFICE_ACTS:
            raise HTTPException(422, f"act: one of {', '.join(OFFICE_ACTS)}")
        if not number:
            with as_problem():
                cases = await _desk(bench).get("cases")
            if not cases:
                raise HTTPException(422, "the platform has no case yet; hand one in first")
            number = str(cases[-1]["number"])
        if not number.isdigit() or len(number) > 18:
            raise HTTPException(422, "number: the case's number, 16 or 18 digits")
        return {
            "result": await post(f"cases/{number}", {"act": act, **({"why": body["why"]} if "why" in body else {})})
        }

    return api


def _desk(bench: Bench) -> PlatformDesk:
    if bench.platform is None:
        raise HTTPException(404, "this bench was started without a platform")
    return bench.platform
