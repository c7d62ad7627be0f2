"""A tiny device and a tiny mirror for the tests of the world and the bench."""

from __future__ import annotations

import asyncio
import json
import struct
from typing import Any

from websockets.asyncio.server import Server, ServerConnection, serve

from simulator.device import SimDevice, UnknownVerb


class Doorbell(SimDevice):
    """A device with one button: rings are counted, `rude` is a fault."""

    verbs = {"ring": "Press the button", "show": "Who stands there", "explode": "Always refused"}  # noqa: RUF012 - as the class it implements

    def __init__(self, family: str = "camera", address: str = "tcp://127.0.0.1:1") -> None:
        super().__init__()
        self.family = family
        self.address = address
        self.plugged = False
        self.rings = 0
        self.citizen: str | None = None

    @property
    def link(self) -> str:
        return self.address

    async def plug(self) -> None:
        self.plugged = True

    async def unplug(self) -> None:
        self.plugged = False

    def state(self) -> dict[str, Any]:
        return {
            "plugged": self.plugged,
            "words": f"rung {self.rings} times",
            "rings": self.rings,
            "citizen": self.citizen,
        }

    def do(self, verb: str, **args: Any) -> Any:
        if verb not in self.verbs and verb != "present":
            raise UnknownVerb(f"no verb {verb!r}; there are {', '.join(self.verbs)}")
        if verb == "explode":
            raise ValueError("a doorbell does not explode")
        if verb in ("show", "present"):
            self.citizen = args.get("face") or args["citizen"]
        if verb == "ring":
            self.rings += args.get("times", 1)
            self.tap("in", b"\x07" * args.get("times", 1))
        self.changed()
        return self.rings

    def artefact(self, name: str) -> tuple[str, bytes]:
        if name != "note.txt":
            return super().artefact(name)
        return "text/plain", b"ding"


SCREEN = {
    "type": "screen",
    "seq": 1,
    "page": "standby",
    "title": "t",
    "language": "zh",
    "mode": "standard",
    "prompt": "",
    "text": "hello",
    "countdown_s": None,
    "tree": [{"role": "button", "name": "Start", "rect": [0, 0, 10, 10], "key": "start", "value": "", "enabled": True}],
}


class TinyMirror:
    """Speaks the mirror's protocol: one page, one rectangle on connect and on refresh; notes what it is told."""

    def __init__(self, token: str = "t") -> None:
        self.token = token
        self.told: list[dict[str, Any]] = []
        self.acks = 0
        self.clients: set[ServerConnection] = set()
        self.server: Server | None = None
        self.port = 0

    async def open(self) -> None:
        self.server = await serve(self._serve, "127.0.0.1", self.port)
        self.port = next(iter(self.server.sockets)).getsockname()[1]

    async def close(self) -> None:
        assert self.server is not None
        self.server.close()
        await self.server.wait_closed()

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.port}/?token={self.token}"

    async def _serve(self, client: ServerConnection) -> None:
        self.clients.add(client)
        await client.send(json.dumps(SCREEN))
        await self.rectangle(client, 1)
        async for text in client:
            message = json.loads(text)
            if message["type"] == "ack":
                self.acks += 1
                continue
            self.told.append(message)
            if message["type"] == "refresh":
                await self.rectangle(client, 2)
            if message["type"] == "shot":
                await client.send(json.dumps({"type": "shot", "id": message["id"], "png": "iVBORw=="}))
        self.clients.discard(client)

    @staticmethod
    async def rectangle(client: ServerConnection, seq: int) -> None:
        await client.send(struct.pack(">IHHHHB", seq, 0, 0, 1, 1, 1) + b"png")

    async def flood(self, count: int) -> None:
        for number in range(count):
            for client in list(self.clients):
                await self.rectangle(client, 100 + number)
        await asyncio.sleep(0)
