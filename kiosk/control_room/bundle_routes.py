"""Bundles over HTTPS: a terminal puts one with its ticket, somebody who may see the page gets it (FastAPI).

`PUT /bundles/<terminal>`, Authorization: Bearer <ticket>, Content-Digest: sha-256=:<base64>: (RFC 9530), the zip.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import logging
import os
import re
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final

import psycopg
from fastapi import FastAPI, HTTPException, Request, Response
from fastapi import Path as InPath
from fastapi.responses import FileResponse, JSONResponse
from starlette.requests import ClientDisconnect

from config.fleet_contract import TERMINAL
from kiosk.control_room.bundles import Bundles, Refused, Ticket

log = logging.getLogger(__name__)
AT_ONCE: Final = 4
UPLOAD_S: Final = 300.0
NO_STORE: Final = {"cache-control": "no-store"}
_DIGEST: Final = re.compile(r"sha-256=:([A-Za-z0-9+/]{43}=):")
Name = Annotated[str, InPath(pattern=f"^{TERMINAL.pattern}$")]


def add_bundles(
    app: FastAPI, bundles: Bundles, user_header: str, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> None:
    """`user_header`: where the reverse proxy says who is signed in; "" where it does not."""
    places = asyncio.Semaphore(AT_ONCE)

    @app.exception_handler(Refused)
    async def refused(request: Request, error: Refused) -> Response:
        if request.method == "PUT" and error.status != 503:
            with suppress(psycopg.Error):  # who is refused is told so all the same
                await asyncio.to_thread(bundles.refused, request.path_params["terminal"], error.words, clock())
        return JSONResponse({"detail": error.words}, error.status, NO_STORE)

    @app.put("/bundles/{terminal}", status_code=201)
    async def put(terminal: Name, request: Request) -> Response:
        if places.locked():
            raise Refused(503, "too many bundles at once; try again in a moment")
        async with places:
            scheme, _, token = request.headers.get("authorization", "").partition(" ")
            ticket = await asyncio.to_thread(bundles.ticket, token if scheme == "Bearer" else "", terminal, clock())
            size, sha256 = _declared(request, ticket)
            if ticket.used is not None:
                if ticket.used != sha256:
                    raise Refused(409, "the ticket has been used")
                return JSONResponse({"kept": sha256}, 200, NO_STORE)  # the first answer was lost
            bundles.room_for(size)
            came = bundles.incoming()
            try:
                async with asyncio.timeout(UPLOAD_S):
                    await _received(request, came, size, sha256)
                file = await asyncio.to_thread(bundles.keep, ticket, came, size, sha256, clock())
            except TimeoutError:
                raise Refused(408, f"the bundle did not come within {UPLOAD_S:g} s") from None
            except ClientDisconnect:
                raise Refused(400, "the bundle broke off") from None
            except OSError as error:
                log.warning("a bundle could not be written: %s", error.strerror)
                raise Refused(507, "the control room cannot write the bundle") from None
            finally:
                came.unlink(missing_ok=True)
            await asyncio.to_thread(bundles.trim, clock())
            return JSONResponse({"kept": sha256, "file": file}, 201, NO_STORE)

    @app.get("/bundles/{terminal}/{file}")
    def get(terminal: Name, file: str, request: Request) -> Response:
        who = request.headers.get(user_header, "") if user_header else ""
        if user_header and not who:
            raise HTTPException(403, "the reverse proxy does not say who is signed in: see `user_header`")
        shown = "".join(c if c.isprintable() else "?" for c in who) or "not named"
        path = bundles.opened(terminal, file, shown, clock())
        return FileResponse(path, media_type="application/zip", filename=file, headers=NO_STORE)


def _declared(request: Request, ticket: Ticket) -> tuple[int, str]:
    """Size and SHA-256 (hex) as announced. Raises `Refused`."""
    length = request.headers.get("content-length", "")
    if not re.fullmatch(r"[0-9]{1,12}", length) or int(length) == 0:
        raise Refused(411, "say the bundle's length (Content-Length)")
    if int(length) > ticket.most:
        raise Refused(413, f"the ticket is for {ticket.most} bytes at most")
    found = _DIGEST.fullmatch(request.headers.get("content-digest", ""))
    if found is None:
        raise Refused(400, "say the bundle's digest (Content-Digest: sha-256=:...:)")
    return int(length), base64.b64decode(found[1]).hex()


async def _received(request: Request, came: Path, size: int, sha256: str) -> None:
    """The body in a file of its own, whole, as announced, synced. Raises `Refused`, `ClientDisconnect`, `OSError`."""
    digest, got = hashlib.sha256(), 0
    fd = os.open(came, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(fd, "wb") as file:
        async for piece in request.stream():
            got += len(piece)
            if got > size:
                raise Refused(413, "more came than was announced")
            digest.update(piece)
            await asyncio.to_thread(file.write, piece)
        if got != size or digest.hexdigest() != sha256:
            raise Refused(422, "what came is not what was announced (length or digest)")
        file.flush()
        await asyncio.to_thread(os.fsync, file.fileno())
