"""The platform on a TCP port (uvicorn, no access log), with connections that can be dropped."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from simulator.platform.app import create_app, wall_clock
from simulator.platform.faults import DROP, FaultPlan
from simulator.platform.scale import Scale
from simulator.platform.tls import Certificates, make_certificates


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
    host: str,
    port: int,
    db_path: Path | str,
    clock: Callable[[], datetime] = wall_clock,
    *,
    tls: Certificates | None = None,
    app: FastAPI | None = None,
) -> uvicorn.Server:
    """A server that is not started yet; port 0 takes a free one. `tls`: HTTPS, every client shows a certificate."""
    config = uvicorn.Config(
        Droppable(app or create_app(db_path, clock)),
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
        timeout_graceful_shutdown=1,  # a terminal's question for commands waits for up to 25 s
    )
    if tls is not None:
        certificate, key = tls.pair("platform")
        config.ssl_certfile, config.ssl_keyfile = str(certificate), str(key)
        config.ssl_ca_certs, config.ssl_cert_reqs = str(tls.ca), ssl.CERT_REQUIRED
        config.load()
        assert config.ssl is not None
        # With 1.3 a client that is refused only sees its first answer missing: asyncio does not send the alert.
        config.ssl.maximum_version = ssl.TLSVersion.TLSv1_2
    return uvicorn.Server(config)


def serve(
    host: str,
    port: int,
    db_path: Path | str,
    *,
    tls: Path | None = None,
    plans: Sequence[FaultPlan] = (),
    scale: Scale | None = None,
    say: Callable[[str], None] = print,
) -> None:
    """Serve until SIGINT or SIGTERM. `tls`: folder of a throw-away authority; `scale`: how large the city is."""
    certificates = make_certificates(tls) if tls is not None else None
    app = create_app(db_path, catalogue=scale.catalogue() if scale else None)
    for plan in plans:
        app.state.faults.add(plan)
    if scale is not None:
        say(scale.seed(app.state.city))
    if certificates is not None:
        ours, key = certificates.pair("terminal")
        say(f"a terminal's settings: platform.ca={certificates.ca} client_certificate={ours} client_key={key}")
    make_server(host, port, db_path, tls=certificates, app=app).run()
