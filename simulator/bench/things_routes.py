"""Things that QA brings along: cards of one's own, pictures for the desk."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, HTTPException, Request
from pydantic import ValidationError

from simulator.bench.platform_desk import PlatformDesk, PlatformDown
from simulator.models.document_camera import DocumentCameraSim
from simulator.newcomers import Newcomer, admit, dismiss, free_key
from simulator.people import CITIZENS, Citizen
from simulator.world import World

PICTURE_PATH = "/api/desk/picture"
MOST_PICTURE_BYTES = 8 * 1024 * 1024


class Newcomers:
    """The cards that were made here. The platform is told of each before it is presented, as it forgets."""

    def __init__(self, world: World, desk: PlatformDesk | None) -> None:
        self.world = world
        self.desk = desk
        self.made: dict[str, Newcomer] = {}

    async def make(self, newcomer: Newcomer) -> Citizen:
        """Put a new card into the tray. Raises `ValueError` when the tray is full."""
        known = newcomer.model_copy(update={"key": free_key()})
        self.made[known.key] = known
        return admit(known)

    def throw_away(self, key: str) -> None:
        """Take a card out of the tray; whoever it was goes away. Raises `KeyError`."""
        if key not in self.made:
            raise KeyError(f"{key!r} is no card of your own")
        reader, camera = self.world.devices.get("id-card-reader"), self.world.devices.get("camera")
        if reader is not None and key in (reader.state().get("card"), reader.state().get("second")):
            self.world.do("id-card-reader", "lift")
        if camera is not None and key in (camera.state().get("face"), camera.state().get("other")):
            self.world.do("camera", "nobody")
        if self.world.presented == key:
            self.world.presented = None
        dismiss(key)
        self.made.pop(key, None)

    async def introduce(self, key: str) -> None:
        """Tell the platform who that is; nothing when it does not answer, it will say that it knows nobody."""
        newcomer = self.made.get(key)
        if newcomer is None or self.desk is None:
            return
        try:
            await self.desk.tell("newcomers", newcomer.model_dump(mode="json"))
        except PlatformDown:
            return


def shown(citizen: Citizen) -> dict[str, Any]:
    """A citizen as the tray shows the card: nothing that is in no public list."""
    return {
        "key": citizen.key,
        "name": citizen.name,
        "remark": citizen.remark,
        "birth": citizen.birth.isoformat(),
        "sex": {"1": "男", "2": "女"}.get(citizen.sex, citizen.sex),
        "valid_to": citizen.valid_to.isoformat() if citizen.valid_to else "长期",
        "issuer": citizen.issuer,
        "own": citizen.key.startswith("own-"),
    }


def router(world: World, newcomers: Newcomers) -> APIRouter:
    """`/api/citizens`, `/api/cards`, `/api/desk/picture`."""
    api = APIRouter(tags=["things"])

    @api.get("/api/citizens")
    async def citizens() -> list[dict[str, Any]]:
        """The invented citizens whose cards lie in the tray, one's own last."""
        return [shown(c) for c in CITIZENS.values()]

    @api.post("/api/cards")
    async def make(body: dict[str, Any]) -> dict[str, Any]:
        """Make a card of one's own: name, sex (1, 2), birth, valid_from, valid_to (none: 长期), like (whose face)."""
        try:
            return shown(await newcomers.make(Newcomer.model_validate(body)))
        except ValidationError as error:
            wrong = error.errors()[0]
            where = ".".join(map(str, wrong["loc"]))
            raise HTTPException(422, f"{where + ': ' if where else ''}{wrong['msg']}") from None
        except ValueError as error:
            raise HTTPException(409, str(error)) from None

    @api.delete("/api/cards/{key}")
    async def throw_away(key: str) -> dict[str, str]:
        """Throw a card of one's own away."""
        try:
            newcomers.throw_away(key)
        except KeyError as error:
            raise HTTPException(404, str(error.args[0])) from None
        return {"key": key}

    @api.post(
        PICTURE_PATH,
        openapi_extra={"requestBody": {"content": {"image/*": {"schema": {"type": "string", "format": "binary"}}}}},
    )
    async def picture(request: Request) -> dict[str, str]:
        """Lay a picture of one's own (JPEG, PNG, WebP; at most 8 MiB) on the document camera's desk."""
        import asyncio

        camera = world.devices.get("document-camera")
        if not isinstance(camera, DocumentCameraSim):
            raise HTTPException(404, "this bench has no document camera")
        data = await request.body()
        try:
            await asyncio.to_thread(camera.lay_picture, data)
        except ValueError as error:
            raise HTTPException(422, str(error)) from None
        return {"words": camera.words}

    return api
