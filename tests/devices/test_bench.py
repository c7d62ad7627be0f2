"""The bench's interface over real HTTP and WebSockets, with tiny devices and a tiny mirror."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import requests
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus

sys.path.insert(0, str(Path(__file__).parent))  # importlib mode gives tests no package to import each other from
from bench_support import Doorbell, TinyMirror

from simulator.bench.app import Bench, make_app
from simulator.bench.guard import MAX_BODY
from simulator.bench.serve import listen, serving
from simulator.processes import Process
from simulator.world import World

TOKEN = "secret-token"


@asynccontextmanager
async def running(
    mirror: str = "", processes: tuple[Process, ...] = ()
) -> AsyncIterator[tuple[str, World, Callable[..., Any]]]:
    """A served bench: its address, its world, and `ask(method, path, ...)` that carries the token."""
    world = World({"camera": Doorbell(), "id-card-reader": Doorbell("id-card-reader")})
    await world.start(families=())
    async with serving(make_app(Bench(world, TOKEN, mirror=mirror, processes=processes)), listen(0)) as address:

        async def ask(method: str, path: str, token: str | None = TOKEN, **more: Any) -> requests.Response:
            headers = {**({"Authorization": f"Bearer {token}"} if token else {}), **more.pop("headers", {})}
            return await asyncio.to_thread(
                requests.request, method, address + path, headers=headers, timeout=5, allow_redirects=False, **more
            )

        yield address, world, ask
    await world.stop()


def socket_to(address: str, path: str, token: str = TOKEN, **more: Any) -> connect:
    return connect(f"{address.replace('http', 'ws')}{path}?token={token}", proxy=None, **more)


async def next_of(socket: ClientConnection, kind: str) -> dict[str, Any]:
    """The next message of type `kind`, within 3 s."""
    async with asyncio.timeout(3):
        while True:
            message = json.loads(await socket.recv())
            if message["type"] == kind:
                return message


async def test_only_the_token_opens_the_bench() -> None:
    async with running() as (address, _, ask):
        for path in ("/", "/api/state", "/page/main.js", "/api/openapi.json"):
            assert (await ask("GET", path, token=None)).status_code == 401, path
            assert (await ask("GET", path, token="wrong")).status_code == 401, path
            assert (await ask("GET", path)).status_code == 200, path
        entered = await ask("GET", f"/?token={TOKEN}", token=None)
        assert entered.status_code == 303
        assert entered.headers["location"] == "/"
        cookie = entered.headers["set-cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=Strict" in cookie
        again = await ask("GET", "/", token=None, headers={"Cookie": cookie.split(";")[0]})
        assert again.status_code == 200
        assert TOKEN not in again.text
        with pytest.raises(InvalidStatus):
            await socket_to(address, "/events", token="wrong").__aenter__()


async def test_only_this_machine_and_this_page_may_speak() -> None:
    async with running() as (address, _, ask):
        assert (await ask("GET", "/api/state", headers={"Host": "evil.example"})).status_code == 403
        assert (
            await ask("POST", "/api/devices/camera/ring", json={}, headers={"Origin": "http://evil.example"})
        ).status_code == 403
        assert (await ask("POST", "/api/devices/camera/ring", json={}, headers={"Origin": address})).status_code == 200
        with pytest.raises(InvalidStatus):
            await socket_to(address, "/live", additional_headers={"Origin": "http://evil.example"}).__aenter__()
        page = await ask("GET", "/")
        assert "default-src 'self'" in page.headers["content-security-policy"]


async def test_the_page_needs_nothing_from_elsewhere() -> None:
    async with running() as (_, _, ask):
        folder = Path(__file__).parents[2] / "simulator/bench/page"
        for part in folder.iterdir():
            answer = await ask("GET", f"/page/{part.name}")
            assert answer.status_code == 200, part.name
            for scheme in ("http://", "https://", "//cdn"):
                assert scheme not in answer.text, part.name
        assert (await ask("GET", "/page/..%2fapp.py")).status_code == 404
        assert (await ask("GET", "/fonts/NotoSansSC-Bold.otf")).status_code == 200
        assert (await ask("GET", "/fonts/subset.py")).status_code == 404


async def test_acts_reach_the_devices_and_faults_come_back_as_sentences() -> None:
    async with running() as (_, world, ask):
        assert (await ask("POST", "/api/devices/camera/ring", json={"times": 2})).json() == {"result": 2}
        assert world.devices["camera"].state()["rings"] == 2
        for path, status, words in (
            ("camera/dance", 404, "no verb 'dance'"),
            ("camera/explode", 422, "does not explode"),
            ("toaster/ring", 404, "no device 'toaster'"),
        ):
            answer = await ask("POST", f"/api/devices/{path}", json={})
            assert answer.status_code == status
            assert words in answer.json()["detail"]
        assert (await ask("POST", "/api/devices/camera/unplug", json={})).json()["state"]["plugged"] is False
        assert (await ask("POST", "/api/devices/camera/plug", json={})).json()["state"]["plugged"] is True
        assert (await ask("GET", "/api/devices/camera/artefacts/note.txt")).content == b"ding"
        assert (await ask("GET", "/api/devices/camera/artefacts/paper.png")).status_code == 404
        assert (await ask("GET", "/api/platform")).status_code == 404
        too_much = await ask("POST", "/api/devices/camera/ring", data=b" " * (MAX_BODY + 1))
        assert too_much.status_code == 413


async def test_the_state_has_devices_verbs_and_citizens() -> None:
    async with running() as (_, _, ask):
        state = (await ask("GET", "/api/state")).json()
        assert state["devices"]["camera"]["words"] == "rung 0 times"
        assert state["verbs"]["camera"]["ring"] == "Press the button"
        people = (await ask("GET", "/api/citizens")).json()
        assert len(people) == 24
        assert not any("number" in person for person in people)
        face = await ask("GET", f"/api/citizens/{people[3]['key']}/face")
        assert face.content.startswith(b"\xff\xd8")
        assert (await ask("GET", "/api/citizens/nobody/face")).status_code == 404


async def test_events_tell_what_changed_and_what_crossed() -> None:
    async with running() as (address, world, ask):
        async with socket_to(address, "/events") as socket:
            whole = await next_of(socket, "state")
            assert "camera" in whole["state"]["devices"]
            world.do("camera", "ring", times=2)
            news = await next_of(socket, "device")
            assert (news["family"], news["state"]["rings"]) == ("camera", 2)
            crossed = await next_of(socket, "wire")
            assert [line["hex"] for line in crossed["lines"]] == ["07 07"]
        lines = (await ask("GET", "/api/wire?since=0&device=camera")).json()
        assert [line["length"] for line in lines] == [2]
        assert (await ask("GET", f"/api/wire?since={lines[0]['seq']}")).json() == []
        assert "07 07" in (await ask("GET", "/api/wire.txt")).text


async def test_the_live_screen_is_relayed_to_several_and_touches_go_back() -> None:
    mirror = TinyMirror()
    await mirror.open()
    async with running(mirror.url) as (address, _, _):
        async with socket_to(address, "/live") as one, socket_to(address, "/live") as two:
            for socket in (one, two):
                assert (await next_screen(socket))["page"] == "standby"
                assert (await next_picture(socket))[13:] == b"png"
            assert len(mirror.clients) == 1
            await one.send(json.dumps({"type": "press", "key": "start", "value": ""}))
            await one.send(json.dumps({"type": "format-disk"}))
            await one.send("not json")
            await two.send(json.dumps({"type": "touch", "x": 5, "y": 6, "phase": "tap"}))
            await eventually(lambda: {"type": "touch", "x": 5, "y": 6, "phase": "tap"} in mirror.told)
            assert {"type": "press", "key": "start", "value": ""} in mirror.told
            assert all(m["type"] in ("press", "touch", "refresh") for m in mirror.told)
        await eventually(lambda: not mirror.clients)
    await mirror.close()


async def test_a_slow_browser_misses_rectangles_and_then_gets_a_whole_picture() -> None:
    mirror = TinyMirror()
    await mirror.open()
    async with running(mirror.url) as (address, _, _), socket_to(address, "/live") as socket:
        await next_screen(socket)
        await mirror.flood(30)
        await eventually(lambda: mirror.acks >= 30)
        pictures = await pictures_until_quiet(socket)
        assert pictures == 4
        mirror.told.clear()
        for _ in range(pictures):
            await socket.send(json.dumps({"type": "ack", "seq": 1}))
        assert (await next_picture(socket))[:4] == b"\x00\x00\x00\x02"
        assert mirror.told == [{"type": "refresh"}]
    await mirror.close()


async def test_the_screen_comes_back_when_the_terminal_does() -> None:
    mirror = TinyMirror()
    await mirror.open()
    async with running(mirror.url) as (address, _, _), socket_to(address, "/live") as socket:
        await next_screen(socket)
        await mirror.close()
        await next_of_text(socket, "gone")
        await mirror.open()
        assert (await next_screen(socket))["page"] == "standby"
    await mirror.close()


async def test_a_process_that_ended_is_shown_and_can_be_started_again(tmp_path: Path) -> None:
    terminal = Process("terminal", [sys.executable, "-c", "print('hello'); input()"], tmp_path / "terminal.log")
    sleeper = Process("platform", [sys.executable, "-c", "import time; time.sleep(60)"], tmp_path / "platform.log")
    async with running(processes=(terminal, sleeper)) as (address, _, ask):
        async with socket_to(address, "/events") as socket:
            await next_of(socket, "state")
            assert (await ask("POST", "/api/processes/terminal/start")).json()["starts"] == 1
            while (news := (await next_of(socket, "process"))["process"])["running"]:
                pass
            assert news["unexpected"] is True
            assert news["words"] == "ended with status 1"
        assert (await ask("GET", "/api/processes/terminal/log")).text.startswith("hello")
        assert (await ask("POST", "/api/processes/platform/start")).json()["running"] is True
        assert (await ask("POST", "/api/processes/platform/kill")).json()["words"] == "ended by SIGKILL"
        assert (await ask("POST", "/api/processes/platform/start")).json()["starts"] == 2
        ended = (await ask("POST", "/api/processes/platform/stop")).json()
        assert (ended["words"], ended["unexpected"]) == ("ended by SIGTERM", False)
        assert (await ask("POST", "/api/processes/platform/dance")).status_code == 404


async def test_a_child_dies_with_its_parent(tmp_path: Path) -> None:
    code = (
        "import asyncio, sys, pathlib\n"
        "from simulator.processes import Process\n"
        "async def main():\n"
        "    child = Process('c', [sys.executable, '-c', 'import time; time.sleep(60)'], pathlib.Path(sys.argv[1]))\n"
        "    await child.start()\n"
        "    print(child.pid, flush=True)\n"
        "    await asyncio.sleep(60)\n"
        "asyncio.run(main())\n"
    )
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, str(tmp_path / "log"), stdout=asyncio.subprocess.PIPE
    )
    assert parent.stdout is not None
    child = int(await asyncio.wait_for(parent.stdout.readline(), 20))
    await asyncio.sleep(0.3)
    parent.kill()
    await parent.wait()

    def gone() -> bool:
        stat = Path(f"/proc/{child}/stat")
        return not stat.exists() or stat.read_text().rsplit(")", 1)[1].split()[0] in "ZX"

    await eventually(gone)


async def next_picture(socket: ClientConnection, within: float = 3) -> bytes:
    async with asyncio.timeout(within):
        while True:
            message = await socket.recv()
            if isinstance(message, bytes):
                return message


async def pictures_until_quiet(socket: ClientConnection) -> int:
    """How many pictures come before there is none for 0.3 s."""
    count = 0
    while True:
        try:
            await next_picture(socket, 0.3)
        except TimeoutError:
            return count
        count += 1


async def next_screen(socket: ClientConnection) -> dict[str, Any]:
    return await next_of_text(socket, "screen")


async def next_of_text(socket: ClientConnection, kind: str) -> dict[str, Any]:
    async with asyncio.timeout(5):
        while True:
            message = await socket.recv()
            if isinstance(message, str) and json.loads(message)["type"] == kind:
                return dict(json.loads(message))


async def eventually(true: Callable[[], bool], within: float = 5) -> None:
    async with asyncio.timeout(within):
        while not true():
            await asyncio.sleep(0.02)
