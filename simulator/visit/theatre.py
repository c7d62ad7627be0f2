"""The three processes of a scripted visit, on ports of their own: platform, world with its control, terminal."""

from __future__ import annotations

import asyncio
import json
import secrets
from pathlib import Path
from typing import Any

import requests

from simulator.bench.platform_desk import PlatformDesk
from simulator.families import LOOPBACK, free_port
from simulator.machine_layer import merged, write_machine_layer
from simulator.processes import Process, program
from simulator.up import platform_process, platform_ready, surroundings, terminal_process
from simulator.visit.mirror import MirrorClient

START_S = 30.0
CALL_S = 10.0


class CannotStart(RuntimeError):
    """A process of the visit did not come up; the message carries the end of its log."""


class Theatre:
    """Everything a visit plays on. Logs, state and papers go under `out`."""

    def __init__(self, out: Path) -> None:
        self.out = out.absolute()
        self.run = self.out / "run"
        self.state_dir = self.run / "state"
        self.machine = self.run / "machine.toml"
        port, mirror_port, token = free_port(), free_port(), secrets.token_urlsafe(16)
        self.desk = PlatformDesk(f"http://{LOOPBACK}:{port}")
        self._mirror = (f"{LOOPBACK}:{mirror_port}", token)
        self.platform = platform_process(self.run, port)
        self.world = Process(
            "world",
            [*program("kiosk-sim"), "world", "--ephemeral", "--out", str(self.run), "--platform-url", self.desk.url],
            self.run / "world.log",
        )
        self.terminal = terminal_process(self.run, self.machine, headless=True)
        self.mirror = MirrorClient(f"ws://{self._mirror[0]}/?token={token}")
        self._bench = ""
        self._session = requests.Session()
        self._session.trust_env = False
        self._lock = asyncio.Lock()

    async def open(self) -> None:
        """Start platform and world and write the machine layer. Raises `CannotStart`."""
        self.run.mkdir(parents=True, exist_ok=True)
        await self.platform.start()
        await self.world.start()
        ready = await self._world_ready()
        self._bench = ready["bench"]
        self._session.headers["Authorization"] = f"Bearer {ready['token']}"
        try:
            await platform_ready(self.desk, self.platform, START_S)
        except RuntimeError as error:
            raise CannotStart(str(error)) from None
        tables = surroundings(self.state_dir, self.desk.url, *self._mirror)
        write_machine_layer(self.machine, merged(tables, ready["machine_layer"]))
        if ready["missing"]:
            raise CannotStart(f"devices that could not start: {ready['missing']}")

    async def _world_ready(self) -> dict[str, Any]:
        loop = asyncio.get_running_loop()
        until = loop.time() + START_S
        while loop.time() < until and self.world.running:
            for line in self.world.tail().splitlines():
                if line.startswith('{"ready"'):
                    found: dict[str, Any] = json.loads(line)
                    return found
            await asyncio.sleep(0.05)
        raise CannotStart(f"the simulated devices did not start\n{self.world.tail()}")

    @property
    def bench(self) -> tuple[str, str]:
        """Address and token of the world's bench, once open."""
        return self._bench, str(self._session.headers["Authorization"]).removeprefix("Bearer ")

    async def raise_curtain(self) -> None:
        """Start the terminal and look at its first page. Raises `CannotStart`."""
        await self.terminal.start()
        try:
            await self.mirror.open(START_S, lambda: self.terminal.running)
        except (RuntimeError, TimeoutError) as error:
            raise CannotStart(f"{error}\n{self.terminal.tail()}") from None

    async def cut_power(self) -> None:
        """SIGKILL the terminal; the citizen goes home."""
        await self.terminal.kill()
        await self.mirror.close()

    async def close(self) -> None:
        """End every process, the terminal first."""
        await self.mirror.close()
        await self.terminal.stop()
        await asyncio.gather(self.world.stop(), self.platform.stop())

    async def state(self, family: str) -> dict[str, Any]:
        """What a person sees of a device."""
        answer = await self._call("GET", "/api/state")
        found: dict[str, Any] = answer.json()["devices"][family]
        return found

    async def act(self, family: str, verb: str, **args: Any) -> None:
        """Do something to a device. Raises `requests.HTTPError` with the bench's sentence."""
        await self._call("POST", f"/api/devices/{family}/{verb}", args)

    async def artefact(self, family: str, name: str) -> bytes | None:
        """What a device made; None when it has made nothing."""
        answer = await self._call("GET", f"/api/devices/{family}/artefacts/{name}", fine=(404,))
        return answer.content if answer.ok else None

    async def wire(self) -> str:
        """The decoded wire as text."""
        return (await self._call("GET", "/api/wire.txt")).text

    async def _call(self, method: str, path: str, body: Any = None, fine: tuple[int, ...] = ()) -> requests.Response:
        async with self._lock:
            answer = await asyncio.to_thread(
                self._session.request, method, self._bench + path, json=body, timeout=CALL_S
            )
        if not answer.ok and answer.status_code not in fine:
            raise requests.HTTPError(f"{method} {path}: {answer.status_code} {answer.text[:300]}")
        return answer
