"""The platform put together: areas under /kgw/v1 behind the gate, the simulator's desk under /sim."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from fastapi import FastAPI, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from config.catalogue import Catalogue, load_catalogue
from config.platform_contract import contract_yaml
from simulator.platform import (
    applications,
    desk,
    faults,
    issuing,
    payments,
    phone,
    phone_papers,
    prints,
    reports,
    sessions,
    subjects,
)
from simulator.platform.city import ZONE, City
from simulator.platform.gate import BASE, Gate
from simulator.platform.payers import Payers
from simulator.platform.problems import Refusal, on_http, on_invalid, on_refusal
from simulator.platform.store import Store

AREAS = (sessions, subjects, applications, prints, issuing, reports)
"""One module an area of the contract: `router(city)`, and its tables in `SCHEMA` where it has some of its own."""
TOKEN = "simulated-terminal"  # noqa: S105 - the token of the simulated profile, it protects nothing


def wall_clock() -> datetime:
    """The machine's time, in the city's zone."""
    return datetime.now(ZONE)


def create_app(
    db_path: Path | str = ":memory:",
    clock: Callable[[], datetime] = wall_clock,
    token: str = TOKEN,
    catalogue: Catalogue | None = None,
) -> FastAPI:
    """The platform over `db_path`, with the time of `clock` (aware); `app.state.faults` and `.city` are its parts.

    `catalogue` None: the services of `config/services`.
    """
    schemas = [area.SCHEMA for area in AREAS if hasattr(area, "SCHEMA")]
    city = City(Store(db_path, schemas), clock, catalogue or load_catalogue())
    plan = faults.Faults()
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False)
    app.state.city, app.state.faults = city, plan
    app.add_exception_handler(Refusal, on_refusal)
    app.add_exception_handler(RequestValidationError, on_invalid)
    app.add_exception_handler(HTTPException, on_http)
    for area in AREAS:
        app.include_router(area.router(city), prefix=BASE)
    payers = Payers(city)
    app.include_router(payments.router(city, payers), prefix=BASE)
    app.include_router(phone.router(payers))
    app.include_router(phone_papers.router(city))
    app.include_router(desk.router(city))
    app.include_router(issuing.desk(city))
    app.include_router(faults.router(plan))

    @app.get(f"{BASE}/openapi.yaml")
    async def published() -> Response:
        return Response(contract_yaml(), media_type="application/yaml")

    app.add_middleware(Gate, city=city, faults=plan, token=token)
    return app
