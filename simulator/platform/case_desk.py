"""The desk's part for cases: move on, refuse, ask for papers, stop the clock, let time pass, mend a rating."""

from __future__ import annotations

import sqlite3
from typing import Annotated, Any, Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from simulator.platform import bundles, casefile
from simulator.platform.cases import FileNumber, found
from simulator.platform.city import City
from simulator.platform.evaluations import national_records
from simulator.platform.models import Id, ServiceId
from simulator.platform.problems import Refusal

DAY_S = 86_400


class CaseAct(BaseModel):
    """What an office does with a case. `pause` and `resume` are a special procedure (特别程序)."""

    model_config = ConfigDict(extra="forbid")

    act: Literal["step", "done", "refuse", "supplement", "pause", "resume"]
    why: Annotated[str, Field(pattern=r"^[a-z0-9-]{0,40}$")] = ""


class TimePasses(BaseModel):
    """The offices' time moves on; requests are still judged by the city's own."""

    model_config = ConfigDict(extra="forbid")

    days: Annotated[int, Field(ge=1, le=400)]


class PartWish(BaseModel):
    """The part that is refused when its bundle is handed in next; none without an id."""

    model_config = ConfigDict(extra="forbid")

    service: ServiceId | None = None


class Mending(BaseModel):
    """How far the work on a bad rating is."""

    model_config = ConfigDict(extra="forbid")

    state: Literal["IN_HAND", "MENDED"]


def add_case_desk(api: APIRouter, city: City) -> None:
    """`/sim/cases/{number}`, `/sim/time`, `/sim/refuse-part`, `/sim/work-items/{item}`, `/sim/evaluation-records`."""

    @api.post("/cases/{number}")
    async def act(number: FileNumber, body: CaseAct) -> dict[str, Any]:
        with city.store.transaction() as cx:
            _act(cx, city, found(cx, city, number), body)
            row = found(cx, city, number)
            return {"number": number, "state": row["state"], "step": row["step"], "promise_date": row["promise_date"]}

    @api.post("/time")
    async def time(body: TimePasses) -> dict[str, str]:
        with city.store.transaction() as cx:
            casefile.pass_time(cx, body.days * DAY_S)
            return {"now": casefile.now(cx, city).isoformat(timespec="seconds")}

    @api.post("/refuse-part")
    async def refuse_part(body: PartWish) -> dict[str, str]:
        city.wishes[bundles.REFUSE] = body.service or ""
        return {"service": city.wishes[bundles.REFUSE]}

    @api.post("/work-items/{item}")
    async def mend(item: Id, body: Mending) -> dict[str, str]:
        with city.store.transaction() as cx:
            if not cx.execute("UPDATE work_item SET state = ? WHERE id = ?", (body.state, item)).rowcount:
                raise Refusal("not-found", "no such work item")
        return {"id": item, "state": body.state}

    @api.get("/evaluation-records")
    async def records() -> list[dict[str, Any]]:
        with city.store.transaction() as cx:
            return national_records(cx, city)


def _act(cx: sqlite3.Connection, city: City, row: sqlite3.Row, body: CaseAct) -> None:
    """Refuses what the state does not allow."""
    state = row["state"]
    if state in casefile.OVER or (body.act == "resume") != (state == "PAUSED"):
        raise Refusal("item-not-available", f"the case is {state}")
    if body.act == "step":
        keys = [stage.key for stage in casefile.stages()]
        at = keys.index(row["step"]) + 1
        if at == len(keys):
            bundles.done(cx, city, row)
        else:
            casefile.set_state(cx, city, row, "IN_PROGRESS", step=keys[at])
    elif body.act == "done":
        bundles.done(cx, city, row)
    elif body.act == "refuse":
        bundles.refuse(cx, city, row, body.why or "conditions-not-met")
    else:
        target = {"supplement": "SUPPLEMENT", "pause": "PAUSED", "resume": "IN_PROGRESS"}[body.act]
        casefile.set_state(cx, city, row, target, body.why)
