"""The bench's HTTP interface: the page, the devices, the wire, the live screen, the processes, the platform."""

from __future__ import annotations

import asyncio
import json
import mimetypes
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Annotated, Any

from fastapi import Body, FastAPI, HTTPException, Query, Response, WebSocket, WebSocketDisconnect
from fastapi.responses import FileResponse, PlainTextResponse

from config import DATA
from simulator.bench.guard import Guard
from simulator.bench.news import News
from simulator.bench.phone import Phone, router
from simulator.bench.platform_desk import KNOBS, PlatformDesk, PlatformDown, PlatformRefused
from simulator.bench.relay import Relay
from simulator.device import UnknownVerb
from simulator.families import FAMILIES
from simulator.people import CITIZENS
from simulator.processes import Process
from simulator.world import World

PAGE = Path(__file__).parent / "page"
FONTS = ("NotoSansSC-Regular.otf", "NotoSansSC-Bold.otf", "MaterialSymbolsRounded.ttf", "icons.json")
MAX_LINES = 2000
Args = Annotated[dict[str, Any] | None, Body(max_length=32)]


class Bench:
    """What the routes act on. `mirror` is the terminal's mirror URL with its token; `out` where processes log."""

    def __init__(
        self,
        world: World,
        token: str,
        mirror: str = "",
        platform: PlatformDesk | None = None,
        processes: Sequence[Process] = (),
        facts: dict[str, Any] | None = None,
    ) -> None:
        self.world = world
        self.token = token
        self.mirror = mirror
        self.platform = platform
        self.processes = {p.name: p for p in processes}
        self.facts = facts or {}

    def state(self) -> dict[str, Any]:
        """All that a page needs to draw itself from nothing."""
        devices = self.world.state()
        return {
            "facts": self.facts,
            "order": [name for name in (*FAMILIES, "network") if name in devices],
            "devices": devices,
            "verbs": {name: device.verbs for name, device in self.world.devices.items()},
            "presented": self.world.presented,
            "processes": {name: process.state() for name, process in self.processes.items()},
            "scene": self.world.scene,
            "has_terminal": bool(self.mirror),
            "has_platform": self.platform is not None,
        }


def make_app(bench: Bench) -> Guard:
    """The bench as an ASGI application behind its guard."""
    world = bench.world

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.news = News(world, bench.processes.values(), bench.platform)
        app.state.relay = Relay(lambda: bench.mirror)
        tasks = [asyncio.create_task(app.state.news.run()), asyncio.create_task(app.state.relay.run())]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    app = FastAPI(
        title="Kiosk bench",
        version="1",
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/openapi.json",
        lifespan=lifespan,
    )

    @app.get("/", include_in_schema=False)
    async def page() -> Response:
        return FileResponse(PAGE / "index.html")

    @app.get("/page/{name}", include_in_schema=False)
    async def page_part(name: str) -> Response:
        if name not in {p.name for p in PAGE.iterdir()}:
            raise HTTPException(404, "no such part of the page")
        return FileResponse(PAGE / name, media_type=mimetypes.guess_type(name)[0])

    @app.get("/fonts/{name}", include_in_schema=False)
    async def font(name: str) -> Response:
        if name not in FONTS:
            raise HTTPException(404, f"fonts are {', '.join(FONTS)}")
        return FileResponse(DATA / "fonts" / name, headers={"cache-control": "private, max-age=86400"})

    @app.get("/api/state")
    async def state() -> dict[str, Any]:
        """Devices, their verbs, processes."""
        return bench.state()

    @app.get("/api/citizens")
    async def citizens() -> list[dict[str, Any]]:
        """The invented citizens whose cards lie in the tray."""
        return [
            {
                "key": c.key,
                "name": c.name,
                "remark": c.remark,
                "birth": c.birth.isoformat(),
                "sex": {"1": "男", "2": "女"}.get(c.sex, c.sex),
                "valid_to": c.valid_to.isoformat() if c.valid_to else "长期",
                "issuer": c.issuer,
            }
            for c in CITIZENS.values()
        ]

    @app.get("/api/citizens/{key}/face", response_class=Response)
    async def citizen_face(key: str) -> Response:
        """The portrait that the card's chip was made from (JPEG)."""
        if key not in CITIZENS:
            raise HTTPException(404, "no such citizen")
        path = CITIZENS[key].id_photo
        return FileResponse(path, media_type="image/jpeg", headers={"cache-control": "private, max-age=86400"})

    @app.post("/api/devices/{family}/plug")
    async def plug(family: str) -> dict[str, Any]:
        """Put the plug in."""
        with _as_problem():
            await world.plug(family)
        return {"state": world.state()[family]}

    @app.post("/api/devices/{family}/unplug")
    async def unplug(family: str) -> dict[str, Any]:
        """Pull the plug."""
        with _as_problem():
            await world.unplug(family)
        return {"state": world.state()[family]}

    @app.get("/api/devices/{family}/artefacts/{name}", response_class=Response)
    async def artefact(family: str, name: str) -> Response:
        """What the device made: `paper.png`, `last.pdf`."""
        try:
            media, data = world.device(family).artefact(name)
        except (KeyError, ValueError) as error:
            raise HTTPException(404, _sentence(error)) from None
        return Response(data, media_type=media, headers={"cache-control": "no-store"})

    @app.post("/api/devices/{family}/{verb}")
    async def act(family: str, verb: str, args: Args = None) -> dict[str, Any]:
        """Act on a device as a person would; `verbs` of the state lists what can be done."""
        with _as_problem():
            result = world.do(family, verb, **(args or {}))
        return {"result": result if isinstance(result, (str, int, float, dict, list)) else None}

    @app.get("/api/wire")
    async def wire(
        since: Annotated[int, Query(ge=0)] = 0, device: Annotated[str | None, Query(max_length=40)] = None
    ) -> list[dict[str, Any]]:
        """Decoded crossings after number `since`, at most the last 2000."""
        return [line.as_json() for line in world.wire_since(since, device)[-MAX_LINES:]]

    @app.get("/api/wire.txt", response_class=PlainTextResponse)
    async def wire_text(device: Annotated[str | None, Query(max_length=40)] = None) -> Response:
        """The same as text, to keep."""
        from datetime import datetime

        lines = [
            f"{datetime.fromtimestamp(w.at).astimezone():%Y-%m-%dT%H:%M:%S.%f%z}  {w.device:16} "
            f"{'->' if w.direction == 'in' else '<-'} {w.length:6}  {w.hex}  | {w.words}"
            for w in world.wire_since(0, device)
        ]
        name = f"wire{'-' + device if device in FAMILIES else ''}.txt"
        return PlainTextResponse(
            "\n".join(lines) + "\n", headers={"content-disposition": f'attachment; filename="{name}"'}
        )

    @app.post("/api/processes/{name}/{order}")
    async def process(name: str, order: str) -> dict[str, Any]:
        """`start`, `stop` (SIGTERM) or `kill` (SIGKILL) the terminal or the platform."""
        child = bench.processes.get(name)
        if child is None or order not in ("start", "stop", "kill"):
            raise HTTPException(404, f"processes: {', '.join(bench.processes) or 'none'}; orders: start, stop, kill")
        await {"start": child.start, "stop": child.stop, "kill": child.kill}[order]()
        return child.state()

    @app.get("/api/processes/{name}/log", response_class=PlainTextResponse)
    async def process_log(name: str) -> Response:
        """The last lines that the process wrote."""
        if name not in bench.processes:
            raise HTTPException(404, "no such process")
        return PlainTextResponse(bench.processes[name].tail())

    @app.get("/api/platform")
    async def platform() -> dict[str, Any]:
        """Cases, orders, prints, evaluations, app matches and the faults that are on."""
        return await _desk(bench).overview()

    @app.post("/api/platform/faults")
    async def platform_faults(faults: Annotated[dict[str, Any], Body(max_length=16)]) -> dict[str, Any]:
        """Set the platform's faults; `{}` clears them."""
        answer = await _desk_post(bench, "faults", faults)
        app.state.news.look_at_platform()
        return {"faults": answer}

    @app.post("/api/platform/app-matches/{match}")
    async def app_match(match: str, answer: Annotated[dict[str, str], Body(max_length=4)]) -> dict[str, Any]:
        """What the citizen does in the app on the phone: `{"answer": "confirm"}` or `"refuse"`."""
        if not match.replace("-", "").replace("_", "").isalnum():
            raise HTTPException(404, "no such match")
        result = await _desk_post(bench, f"app-matches/{match}", answer)
        app.state.news.look_at_platform()
        return {"result": result}

    @app.post("/api/platform/knobs/{name}")
    async def platform_knob(name: str, body: Annotated[dict[str, Any], Body(max_length=32)]) -> dict[str, Any]:
        """Turn one of `KNOBS`: the payers' services, print flaws, how codes are signed, void certificates."""
        if name not in KNOBS:
            raise HTTPException(404, f"knobs are {', '.join(KNOBS)}")
        answer = await _desk_post(bench, name, body)
        app.state.news.look_at_platform()
        return {"result": answer}

    @app.post("/api/platform/office")
    async def office(body: Annotated[dict[str, Any], Body(max_length=8)]) -> dict[str, Any]:
        """An office acts on the case `number`: step, done, refuse, supplement, pause, resume."""
        number = str(body.get("number", ""))
        if not number.isdigit() or len(number) > 18:
            raise HTTPException(422, "number: the case's number, 16 or 18 digits")
        answer = await _desk_post(bench, f"cases/{number}", {"act": body.get("act")})
        app.state.news.look_at_platform()
        return {"result": answer}

    if bench.platform is not None:

        def look() -> None:
            app.state.news.look_at_platform()  # made when the application starts

        app.include_router(router(Phone(world, bench.platform), look))

    @app.websocket("/live")
    async def live(socket: WebSocket) -> None:
        await socket.accept()
        async with app.state.relay.viewer() as viewer:

            async def send() -> None:
                while True:
                    message = await viewer.outgoing.get()
                    await (socket.send_bytes(message) if isinstance(message, bytes) else socket.send_text(message))

            await _until_gone(socket, send, lambda text: app.state.relay.order(viewer, text))

    @app.websocket("/events")
    async def events(socket: WebSocket) -> None:
        await socket.accept()
        await socket.send_text(json.dumps({"type": "state", "state": bench.state()}, ensure_ascii=False, default=str))
        async with app.state.news.listener() as queue:

            async def send() -> None:
                while text := await queue.get():
                    await socket.send_text(text)

            async def nothing(_: str) -> None:
                return

            await _until_gone(socket, send, nothing)

    return Guard(app, bench.token)


async def _until_gone(socket: WebSocket, send: Any, received: Any) -> None:
    """Send and receive until either side ends."""

    async def receive() -> None:
        while True:
            message = await socket.receive()
            if message["type"] == "websocket.disconnect":
                return
            await received(message.get("text") or "")

    tasks = {asyncio.create_task(send()), asyncio.create_task(receive())}
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    with suppress(RuntimeError, WebSocketDisconnect):
        await socket.close()


class _as_problem:  # noqa: N801 - reads as a word in `with _as_problem():`
    """Turns what a device says about a wrong act into an HTTP answer with its sentence."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, (KeyError, UnknownVerb)):
            raise HTTPException(404, _sentence(error)) from None
        if isinstance(error, (ValueError, TypeError)):
            raise HTTPException(422, _sentence(error)) from None
        if isinstance(error, OSError):
            raise HTTPException(409, _sentence(error)) from None


def _sentence(error: BaseException) -> str:
    return str(error.args[0]) if error.args and isinstance(error, KeyError) else str(error)


def _desk(bench: Bench) -> PlatformDesk:
    if bench.platform is None:
        raise HTTPException(404, "this bench was started without a platform")
    return bench.platform


async def _desk_post(bench: Bench, path: str, body: dict[str, Any]) -> Any:
    try:
        return await _desk(bench).post(path, body)
    except PlatformRefused as error:
        raise HTTPException(422, str(error)) from None
    except PlatformDown as error:
        raise HTTPException(502, str(error)) from None
