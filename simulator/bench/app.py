"""The bench's HTTP interface: the page, its sockets, and the routes of devices, terminal, platform, phone, glass."""

from __future__ import annotations

import asyncio
import json
import mimetypes
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from fastapi import FastAPI, HTTPException, Response, WebSocket, WebSocketDisconnect
from fastapi.responses import FileResponse

from config import DATA
from simulator.bench import device_routes, glass_routes, phone, platform_routes, terminal_routes, things_routes
from simulator.bench.bench import Bench
from simulator.bench.guard import Guard
from simulator.bench.news import News

__all__ = ["Bench", "Guard", "bench_api", "make_app"]

PAGE = Path(__file__).parent / "page"
FONTS = ("NotoSansSC-Regular.otf", "NotoSansSC-Bold.otf", "MaterialSymbolsRounded.ttf", "icons.json")
VERSION = "2"
ABOUT = (
    "The simulated surroundings of one terminal: its devices, its screen, the platform, the citizens. Loopback only; "
    'every request carries the token, as `Authorization: Bearer TOKEN`. Errors are `{"detail": sentence}`.'
)


def make_app(bench: Bench) -> Guard:
    """The bench as an ASGI application behind its guard."""
    return Guard(bench_api(bench), bench.token)


def bench_api(bench: Bench) -> FastAPI:
    """The application without its guard (its OpenAPI document is made from this)."""
    news = News(bench)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        news.watch()
        tasks = [asyncio.create_task(news.run()), asyncio.create_task(bench.relay.run())]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    app = FastAPI(
        title="Kiosk bench", version=VERSION, description=ABOUT, docs_url=None, redoc_url=None,
        openapi_url="/api/openapi.json", lifespan=lifespan,
    )  # fmt: skip
    look = news.look_at_platform

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

    app.include_router(device_routes.router(bench))
    app.include_router(things_routes.router(bench.world, bench.newcomers))
    app.include_router(glass_routes.router(bench.glass))
    app.include_router(terminal_routes.router(bench, news.tell_extras))
    app.include_router(platform_routes.router(bench, look))
    if bench.platform is not None:
        app.include_router(phone.router(phone.Phone(bench.world, bench.platform), look))

    @app.websocket("/live")
    async def live(socket: WebSocket) -> None:
        await socket.accept()
        async with bench.relay.viewer() as viewer:

            async def send() -> None:
                while True:
                    message = await viewer.outgoing.get()
                    await (socket.send_bytes(message) if isinstance(message, bytes) else socket.send_text(message))

            await _until_gone(socket, send, lambda text: bench.relay.order(viewer, text))

    @app.websocket("/events")
    async def events(socket: WebSocket) -> None:
        await socket.accept()
        await socket.send_text(json.dumps({"type": "state", "state": bench.state()}, ensure_ascii=False, default=str))
        async with news.listener() as queue:

            async def send() -> None:
                while text := await queue.get():
                    await socket.send_text(text)

            async def nothing(_: str) -> None:
                return

            await _until_gone(socket, send, nothing)

    return app


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
