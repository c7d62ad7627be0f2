"""The page and its questions (FastAPI). An answer is made at most so often, however many people look."""

from __future__ import annotations

import json
import mimetypes
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import psycopg
from fastapi import FastAPI, HTTPException, Request, Response
from fastapi.middleware.gzip import GZipMiddleware
from fastapi.responses import FileResponse, JSONResponse

from config import DATA
from config.fleet_contract import TERMINAL
from kiosk.control_room import look
from kiosk.control_room.bundle_routes import add_bundles
from kiosk.control_room.bundles import Bundles, listed
from kiosk.control_room.pool import Busy, Pool
from kiosk.control_room.sketch import drawn

PAGE: Final = Path(__file__).parent / "page"
PARTS: Final = frozenset(path.name for path in PAGE.iterdir())
FONTS: Final = frozenset({"NotoSansSC-Regular.otf", "NotoSansSC-Bold.otf"})
OVERVIEW_S: Final = 4.0
SUPPLIES_S: Final = 20.0
AVAILABILITY_S: Final = 60.0
NO_STORE: Final = {"cache-control": "no-store"}


class Kept:
    """An answer that is made again when it is older than `for_s`; one thread makes it, the others wait for it."""

    def __init__(self, make: Callable[[], Any], for_s: float) -> None:
        self._make, self._for_s = make, for_s
        self._lock = threading.Lock()
        self._made: Any = None
        self._at = float("-inf")

    def __call__(self) -> Any:
        """The answer."""
        with self._lock:
            if time.monotonic() - self._at > self._for_s:
                self._made = self._make()
                self._at = time.monotonic()
            return self._made


def make_app(
    pool: Pool, silent_after_s: int, well: Callable[[], dict[str, Any]], bundles: Bundles | None = None,
    user_header: str = "",
) -> FastAPI:  # fmt: skip
    """`well` says how the writing side is: {"ok": bool, ...}. Without `bundles` none are taken."""
    app = FastAPI(title="Control room", docs_url=None, redoc_url=None, openapi_url=None)
    app.add_middleware(GZipMiddleware, minimum_size=2000, compresslevel=3)

    def now() -> datetime:
        return datetime.now(UTC)

    def make_availability() -> look.Availability:
        with pool.reading() as cx:
            return look.availability(cx, now())

    available = Kept(make_availability, AVAILABILITY_S)

    def make_overview() -> bytes:
        known = available()
        with pool.reading() as cx:
            return _json(look.overview(cx, known, now(), silent_after_s))

    def make_supplies() -> bytes:
        with pool.reading() as cx:
            return _json(look.supplies(cx, now()))

    all_of_it, ending = Kept(make_overview, OVERVIEW_S), Kept(make_supplies, SUPPLIES_S)

    @app.exception_handler(psycopg.Error)
    async def no_database(request: Request, error: Exception) -> Response:
        return JSONResponse({"detail": "The database does not answer."}, 503, NO_STORE)

    @app.exception_handler(Busy)
    async def busy(request: Request, error: Exception) -> Response:
        return JSONResponse({"detail": "Too many are looking at once; try again in a moment."}, 503, NO_STORE)

    @app.get("/")
    def page() -> Response:
        return FileResponse(PAGE / "index.html", headers=NO_STORE)

    @app.get("/page/{name}")
    def part(name: str) -> Response:
        if name not in PARTS:
            raise HTTPException(404, "no such part of the page")
        return FileResponse(PAGE / name, media_type=mimetypes.guess_type(name)[0], headers=NO_STORE)

    @app.get("/fonts/{name}")
    def font(name: str) -> Response:
        if name not in FONTS:
            raise HTTPException(404, "no such font")
        return FileResponse(DATA / "fonts" / name, headers={"cache-control": "private, max-age=604800"})

    @app.get("/api/map")
    def sketch_of_the_city() -> Response:
        return _answer(_json(drawn()))

    @app.get("/api/overview")
    def overview() -> Response:
        return _answer(all_of_it())

    @app.get("/api/supplies")
    def supplies() -> Response:
        return _answer(ending())

    @app.get("/api/terminals/{name}")
    def terminal(name: str) -> Response:
        if not TERMINAL.fullmatch(name):
            raise HTTPException(404, "no terminal has such a name")
        known = available()
        with pool.reading() as cx:
            found = look.terminal(cx, name, known, now(), silent_after_s)
            if found is not None:
                found["bundles"] = listed(cx, name)
        if found is None:
            raise HTTPException(404, "nobody has heard of this terminal")
        return _answer(_json(found))

    @app.get("/healthz")
    def health() -> Response:
        found = well()
        return JSONResponse(found, 200 if found["ok"] else 503, NO_STORE)

    if bundles is not None:
        add_bundles(app, bundles, user_header)
    return app


def _json(tree: Any) -> bytes:
    return json.dumps(tree, ensure_ascii=False, separators=(",", ":")).encode()


def _answer(body: bytes) -> Response:
    return Response(body, media_type="application/json", headers=NO_STORE)
