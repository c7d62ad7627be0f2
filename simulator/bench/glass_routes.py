"""`/api/screen*`: the terminal's screen for programs."""

from __future__ import annotations

from typing import Annotated, Any, get_args

from fastapi import APIRouter, HTTPException, Query, Response
from pydantic import BaseModel, ConfigDict, Field, model_validator

from config.speaking import KeyCommand
from simulator.bench.glass import Glass, Node, NoScreen, NotThere

KEYS = (*get_args(KeyCommand), *"0123456789")
"""Keys of the keypad under the glass, and the digits."""


class Touch(BaseModel):
    """One touch: what is called `words`, or what replies `key` (and `value`), or the place `x`, `y`."""

    model_config = ConfigDict(extra="forbid")

    words: Annotated[str, Field(max_length=200)] = ""
    key: Annotated[str, Field(max_length=80)] = ""
    value: Annotated[str, Field(max_length=200)] = ""
    x: Annotated[int, Field(ge=0, le=1079)] | None = None
    y: Annotated[int, Field(ge=0, le=1919)] | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Touch:
        place = self.x is not None and self.y is not None
        if sum((bool(self.words), bool(self.key), place)) != 1 or (self.value and not self.key):
            raise ValueError('say what to touch: {"words": "开始办理"}, {"key": "start"} or {"x": 540, "y": 960}')
        return self


class Key(BaseModel):
    """One key of the keypad under the glass."""

    model_config = ConfigDict(extra="forbid")

    key: Annotated[str, Field(max_length=8)]


def router(glass: Glass) -> APIRouter:
    """What stands on the glass, its picture, a finger, the keypad."""
    api = APIRouter(prefix="/api/screen", tags=["screen"])

    @api.get("")
    async def screen() -> dict[str, Any]:
        """The page: name, title, language, mode, its text, what was said, a tree of what can be touched."""
        try:
            return await glass.page()
        except NoScreen as error:
            raise HTTPException(409, str(error)) from None

    @api.get(".png", response_class=Response, responses={200: {"content": {"image/png": {}}}})
    async def picture() -> Response:
        """The picture, 1080 x 1920, private places blanked."""
        try:
            return Response(await glass.picture(), media_type="image/png")
        except NoScreen as error:
            raise HTTPException(409, str(error)) from None

    @api.get("/wait")
    async def wait(
        page: Annotated[list[str], Query(max_length=8)], within_s: Annotated[float, Query(gt=0, le=120)] = 30.0
    ) -> dict[str, Any]:
        """The page, as soon as it is one of `page`; 409 with what is there instead."""
        try:
            return await glass.wait_for(tuple(page), within_s)
        except NoScreen as error:
            raise HTTPException(409, str(error)) from None

    @api.post("/touch")
    async def touch(one: Touch) -> dict[str, Any]:
        """Touch the glass; answers what was touched."""
        try:
            if one.words:
                node: Node | None = await glass.touch(one.words)
            elif one.key:
                node = await glass.press(one.key, one.value)
            else:
                assert one.x is not None
                assert one.y is not None
                node = await glass.touch_at(one.x, one.y)
        except NoScreen as error:
            raise HTTPException(409, str(error)) from None
        except NotThere as error:
            raise HTTPException(422, str(error)) from None
        return {"touched": {name: node.get(name) for name in ("name", "key", "value")} if node else None}

    @api.post("/key")
    async def key(one: Key) -> dict[str, str]:
        """Press a key of the keypad."""
        if one.key not in KEYS:
            raise HTTPException(422, f"no key {one.key!r}; there are {', '.join(KEYS)}")
        try:
            await glass.key(one.key)
        except NoScreen as error:
            raise HTTPException(409, str(error)) from None
        return {"key": one.key}

    return api
