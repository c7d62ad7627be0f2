"""The platform put together: areas under /kgw/v1 behind the gate, the simulator's desk under /sim."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path

from fastapi import APIRouter, FastAPI, Response
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
    newcomers,
    payments,
    phone,
    phone_identity,
    phone_papers,
    prints,
    queries,
    refunds,
    reissues,
    reports,
    scan_shares,
    sealed,
    sessions,
    settlements,
    slips,
    subjects,
    supplements,
    technicians,
    uploads,
)
from simulator.platform import catalogue as catalogues
from simulator.platform.city import ZONE, City
from simulator.platform.gate import BASE, Gate
from simulator.platform.late_areas import LateArea
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
    reissues,
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
    technicians,
)
"""One module an area of the contract: `router(city)`, and its tables in `SCHEMA` where it has some of its own."""
DESKS = (
    issuing, bills, library, fees, licences, drafts, supplements, catalogues, queries, deliveries, collecting,
    scan_shares, newcomers, technicians,
)  # fmt: skip
"""What the simulator's own people may do in an area: `desk(city)`."""
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
        refunds.SCHEMA,
        settlements.SCHEMA,
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
    payers = Payers(city)
    made: list[tuple[str, Callable[[], APIRouter], str]] = [
        *((area.__name__, partial(area.router, city), BASE) for area in AREAS if hasattr(area, "router")),
        ("devices", partial(devices.router, city, keys), BASE),
        ("devices.desk", partial(devices.desk, city, keys), ""),
        ("payments", partial(payments.router, city, payers), BASE),
        *((area.__name__, partial(area.router, payers), BASE) for area in (refunds, settlements)),
        ("phone", partial(phone.router, payers), ""),
        ("faults", partial(faults.router, plan), ""),
        *((area.__name__, partial(area.router, city), "") for area in (phone_papers, phone_identity, desk)),
        *((f"{area.__name__}.desk", partial(area.desk, city), "") for area in DESKS),
    ]
    app.router.routes.extend(LateArea(name, make, prefix) for name, make, prefix in made)

    @app.get(f"{BASE}/openapi.yaml")
    async def published() -> Response:
        return Response(contract_yaml(), media_type="application/yaml")

    app.add_middleware(Gate, city=city, faults=plan, token=token, keyring=keys)
    return app
