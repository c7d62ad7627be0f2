"""The citizen's phone and the payers' knobs on the simulator's desk (`/sim/*`): pay a shown code, make a code."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from simulator.platform.payers import Payers, ProviderPlan

Service = Literal["wechat", "alipay", "unionpay", "bestpay"]


class Scan(BaseModel):
    """The phone's camera on a code that a terminal shows; an empty code means the newest one."""

    model_config = ConfigDict(extra="forbid")

    provider: Service = "wechat"
    code: Annotated[str, Field(max_length=200)] = ""


class Show(BaseModel):
    """Which service's payment code the phone shows."""

    model_config = ConfigDict(extra="forbid")

    provider: Service = "wechat"


def router(payers: Payers) -> APIRouter:
    """`/sim/provider` (knobs), `/sim/payers` (the ledger), `/sim/phone/pay`, `/sim/phone/code`."""
    api = APIRouter(prefix="/sim")
    store = payers.city.store

    @api.get("/provider")
    async def shown() -> dict[str, Any]:
        return payers.plan.model_dump()

    @api.post("/provider")
    async def put(plan: ProviderPlan) -> dict[str, Any]:
        payers.plan = plan
        return plan.model_dump()

    @api.get("/payers")
    async def ledger() -> dict[str, Any]:
        with store.transaction() as cx:
            return payers.ledger(cx)

    @api.post("/phone/pay")
    async def pay(scan: Scan) -> dict[str, str]:
        with store.transaction() as cx:
            return {"state": payers.pay_shown(cx, scan.provider, scan.code)}

    @api.post("/phone/code")
    async def code(show: Show) -> dict[str, str]:
        with store.transaction() as cx:
            return {"code": payers.make_code(cx, show.provider)}

    return api
