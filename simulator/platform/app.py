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
    agencies,
    app_codes,
    applications,
    bills,
    bookings,
    cases,
    collecting,
    consents,
    deliveries,
    desk,
    devices,
    drafts,
    ebills,
    evaluations,
    events,
    faults,
    feedback,
    fees,
    handed_in,
    handoffs,
    issuing,
    keyring,
    library,
    licences,
    matches,
    payments,
    phone,
    phone_identity,
    phone_papers,
    prints,
    queries,
    reports,
    scan_shares,
    sealed,
    sessions,
    slips,
    subjects,
    supplements,
    uploads,
)
from simulator.platform import catalogue as catalogues
from simulator.platform.city import ZONE, City
from simulator.platform.gate import BASE, Gate
from simulator.platform.payers import Payers
from simulator.platform.problems import Refusal, on_http, on_invalid, on_refusal
from simulator.platform.store import Store

AREAS = (
    sessions,
    matches,
    handoffs,
    consents,
    agencies,
    subjects,
    licences,
    uploads,
    drafts,
    handed_in,
    applications,
    supplements,
    sealed,
    prints,
    issuing,
    cases,
    evaluations,
    events,
    reports,
    catalogues,
    bills,
    fees,
    ebills,
    library,
    slips,
    queries,
    bookings,
    deliveries,
    feedback,
    collecting,
    scan_shares,
)
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
    schemas = [
        app_codes.SCHEMA,
        keyring.SCHEMA,
        devices.SCHEMA,
        *(area.SCHEMA for area in AREAS if hasattr(area, "SCHEMA")),
    ]
    city = City(Store(db_path, schemas), clock, catalogue or load_catalogue())
    plan = faults.Faults()
    keys = keyring.Keyring(city)
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False)
    app.state.city, app.state.faults = city, plan
    app.add_exception_handler(Refusal, on_refusal)
    app.add_exception_handler(RequestValidationError, on_invalid)
    app.add_exception_handler(HTTPException, on_http)
    for area in AREAS:
        if hasattr(area, "router"):
            app.include_router(area.router(city), prefix=BASE)
    app.include_router(devices.router(city, keys), prefix=BASE)
    app.include_router(devices.desk(city, keys))
    payers = Payers(city)
    app.include_router(payments.router(city, payers), prefix=BASE)
    app.include_router(phone.router(payers))
    app.include_router(phone_papers.router(city))
    app.include_router(phone_identity.router(city))
    app.include_router(desk.router(city))
    app.include_router(issuing.desk(city))
    app.include_router(bills.desk(city))
    app.include_router(library.desk(city))
    app.include_router(fees.desk(city))
    for at_desk in (licences, drafts, supplements):
        app.include_router(at_desk.desk(city))
    app.include_router(catalogues.desk(city))
    for counter in (queries, deliveries, collecting, scan_shares):
        app.include_router(counter.desk(city))
    app.include_router(faults.router(plan))

    @app.get(f"{BASE}/openapi.yaml")
    async def published() -> Response:
        return Response(contract_yaml(), media_type="application/yaml")

    app.add_middleware(Gate, city=city, faults=plan, token=token, keyring=keys)
    return app
