"""`/api/state`, `/api/devices/*`, `/api/wire*`: the devices and what crosses their lines."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Body, HTTPException, Query, Response
from fastapi.responses import PlainTextResponse
from pydantic import BaseModel, ConfigDict, Field

from simulator.bench.answers import as_problem, sentence
from simulator.bench.bench import Bench
from simulator.families import FAMILIES
from simulator.people import CITIZENS
from simulator.standalone import parameters

MAX_LINES = 2000
Args = Annotated[dict[str, Any] | None, Body(max_length=32)]


class Fit(BaseModel):
    """Which model."""

    model_config = ConfigDict(extra="forbid")

    profile: Annotated[str, Field(max_length=40)]


def router(bench: Bench) -> APIRouter:
    """Devices, wire, faces."""
    world = bench.world
    api = APIRouter(prefix="/api", tags=["devices"])

    @api.get("/state")
    async def state() -> dict[str, Any]:
        """Devices, their verbs, processes, clock, recording."""
        return bench.state()

    @api.get("/verbs")
    async def verbs() -> dict[str, dict[str, Any]]:
        """Every device's verbs: what each does, and the names of its arguments in order."""
        return {
            family: {
                verb: {"words": words, "args": parameters(device, verb)} for verb, words in sorted(device.verbs.items())
            }
            for family, device in world.devices.items()
        }

    @api.get("/citizens/{key}/face", response_class=Response, responses={200: {"content": {"image/jpeg": {}}}})
    async def citizen_face(key: str) -> Response:
        """The portrait that the card's chip was made from (JPEG)."""
        if key not in CITIZENS:
            raise HTTPException(404, "no such citizen")
        data = CITIZENS[key].id_photo.read_bytes()
        return Response(data, media_type="image/jpeg", headers={"cache-control": "private, max-age=86400"})

    @api.post("/devices/{family}/plug")
    async def plug(family: str) -> dict[str, Any]:
        """Put the plug in."""
        with as_problem():
            await world.plug(family)
        return {"state": world.state()[family]}

    @api.post("/devices/{family}/unplug")
    async def unplug(family: str) -> dict[str, Any]:
        """Pull the plug."""
        with as_problem():
            await world.unplug(family)
        return {"state": world.state()[family]}

    @api.get("/devices/{family}/artefacts/{name}", response_class=Response)
    async def artefact(family: str, name: str) -> Response:
        """What the device made: `paper.png`, `last.pdf`, `now.jpg`."""
        try:
            media, data = world.device(family).artefact(name)
        except (KeyError, ValueError) as error:
            raise HTTPException(404, sentence(error)) from None
        return Response(data, media_type=media, headers={"cache-control": "no-store"})

    @api.post("/devices/{family}/{verb}")
    async def act(family: str, verb: str, args: Args = None) -> dict[str, Any]:
        """Act on a device as a person would; `verbs` of the state lists what can be done."""
        given = args or {}
        if family == "id-card-reader" and verb in ("present", "second"):
            await bench.newcomers.introduce(str(given.get("card") or given.get("citizen") or ""))
        with as_problem():
            result = world.do(family, verb, **given)
        return {"result": result if isinstance(result, (str, int, float, dict, list)) else None}

    @api.post("/fit/receipt-printer")
    async def fit(body: Fit) -> dict[str, Any]:
        """Fit another model of receipt printer (config/receipts/printers.toml); a running terminal starts again."""
        with as_problem():
            await bench.fit_receipt_printer(body.profile)
        return {"state": world.state()["receipt-printer"]}

    @api.get("/wire")
    async def wire(
        since: Annotated[int, Query(ge=0)] = 0, device: Annotated[str | None, Query(max_length=40)] = None
    ) -> list[dict[str, Any]]:
        """Decoded crossings after number `since`, at most the last 2000."""
        return [line.as_json() for line in world.wire_since(since, device)[-MAX_LINES:]]

    @api.get("/wire.txt", response_class=PlainTextResponse)
    async def wire_text(device: Annotated[str | None, Query(max_length=40)] = None) -> Response:
        """The same as text, to keep."""
        lines = [
            f"{datetime.fromtimestamp(w.at).astimezone():%Y-%m-%dT%H:%M:%S.%f%z}  {w.device:16} "
            f"{'->' if w.direction == 'in' else '<-'} {w.length:6}  {w.hex}  | {w.words}"
            for w in world.wire_since(0, device)
        ]
        name = f"wire{'-' + device if device in FAMILIES else ''}.txt"
        return PlainTextResponse(
            "\n".join(lines) + "\n", headers={"content-disposition": f'attachment; filename="{name}"'}
        )

    return api
