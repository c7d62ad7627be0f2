"""The platform on a TCP port (uvicorn, no access log), with connections that can be dropped."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import uvicorn
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from simulator.platform.app import create_app, wall_clock
from simulator.platform.faults import DROP


class Droppable:
    """Passes everything to `app`; a `DROP` message closes the connection where it stands."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""

        async def out(message: Message) -> None:
            if message["type"] == DROP:
                await _close(send)
            else:
                await send(message)

        await self._app(scope, receive, out)


async def _close(send: Send) -> None:
    """Close uvicorn's connection under a request: ASGI has no word for it, but `send` is bound to uvicorn's cycle."""
    transport: Any = send.__self__.transport  # type: ignore[attr-defined]  # a bound method of RequestResponseCycle
    transport.close()
    try:
        async with asyncio.timeout(1.0):
            while not send.__self__.disconnected:  # type: ignore[attr-defined]  # noqa: ASYNC110 - as above; a flag, not an event
                await asyncio.sleep(0)
    except TimeoutError:
        transport.abort()


def make_server(
    host: str, port: int, db_path: Path | str, clock: Callable[[], datetime] = wall_clock
) -> uvicorn.Server:
    """A server that is not started yet; port 0 takes a free one."""
    return uvicorn.Server(
        uvicorn.Config(
            Droppable(create_app(db_path, clock)),
            host=host,
            port=port,
            access_log=False,
            log_level="warning",
            http="h11",
            ws="none",
            lifespan="off",
            proxy_headers=False,
            server_header=False,
            date_header=False,  # the gate dates answers by the city's clock
            timeout_graceful_shutdown=3,
        )
    )


def serve(host: str, port: int, db_path: Path | str) -> None:
    """Serve until SIGINT or SIGTERM."""
    make_server(host, port, db_path).run()
