"""A citizen's phone on the bench: it pays the code on the terminal's screen, and shows codes to the camera or a reader.

Payment codes pass from the platform's desk straight to the camera: no browser and no log ever sees one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal, get_args

from fastapi import APIRouter, HTTPException
from pydantic import BaseModel, ConfigDict, Field

from simulator.bench.platform_desk import PlatformDesk, PlatformDown
from simulator.device import UnknownVerb
from simulator.world import World

Wallet = Literal["wechat", "alipay", "unionpay", "bestpay"]
App = Literal["app-fresh", "app-expired", "app-used", "app-foreign", "app-unverified"]
Paper = Literal["last", "altered", "void", "expired", "foreign"]
How = Literal["pays", "refuses", "late", "after-close"]
Where = Literal["camera", "code-reader"]
AppAct = Literal["scan", "pick", "logout"]
Person = Annotated[str, Field(pattern=r"^citizen-[0-9]{2}$", max_length=10)]
APP_ACTS: dict[AppAct, str] = {
    "scan": "phone/session-scan",
    "pick": "phone/session-pick",
    "logout": "phone/logout",
}
"""What is done in the app -> the path at the platform's desk."""
ANSWERS: dict[How, dict[str, Any]] = {
    "pays": {},
    "refuses": {"declines": "declined"},
    "late": {"paying_s": 20},
    "after-close": {"paid_after_close": True},
}
"""What the payer does -> what the payers' services are told to do with this one payment."""
ONE_PAYMENT: dict[str, Any] = {"declines": "", "paying_s": 0, "never_pays": False, "paid_after_close": False}


class Payment(BaseModel):
    """The phone scans the newest code that a terminal shows."""

    model_config = ConfigDict(extra="forbid")

    provider: Wallet = "wechat"
    how: How = "pays"


class Held(BaseModel):
    """A payment code, a certificate's code, or the province's app's own, held to the camera or the code reader."""

    model_config = ConfigDict(extra="forbid")

    what: Wallet | Paper | App = "wechat"
    where: Where = "camera"
    citizen: Person = "citizen-02"


class AppUsed(BaseModel):
    """What the holder of the province's app does."""

    model_config = ConfigDict(extra="forbid")

    act: AppAct = "scan"
    citizen: Person = "citizen-02"


class Phone:
    """One phone. Raises `PlatformDown`, `PlatformRefused`, `KeyError` (no such device), `ValueError`."""

    def __init__(self, world: World, desk: PlatformDesk) -> None:
        self.world = world
        self.desk = desk

    async def pay(self, provider: Wallet, how: How) -> str:
        """Scan what the terminal shows; the payment's state. Knobs that were turned by hand hold for `pays`."""
        turned = await self.desk.get("provider")
        if how != "pays":
            await self.desk.post("provider", {**turned, **ONE_PAYMENT, **ANSWERS[how]})
        try:
            return str((await self.desk.post("phone/pay", {"provider": provider}))["state"])
        finally:
            if how != "pays":
                await self.desk.post("provider", turned)

    async def app(self, act: AppAct, citizen: str) -> dict[str, Any]:
        """The province's app: scan the terminal's newest code, pick its number, sign out."""
        return dict(await self.desk.post(APP_ACTS[act], {"citizen": citizen}))

    async def hold(self, what: Wallet | Paper | App, where: Where, citizen: str = "citizen-02") -> None:
        """Make the code and hold it up; a reader reads it once, before the camera it stays until `away`."""
        self.world.device(where)
        if what in get_args(App):
            wanted = {"citizen": citizen, "which": what.removeprefix("app-")}
            code = (await self.desk.post("phone/app-code", wanted))["code"]
        elif what in get_args(Paper):
            code = (await self.desk.post("phone/certificate", {"which": what}))["code"]
        else:
            code = (await self.desk.post("phone/code", {"provider": what}))["code"]
        self.world.do(where, "code" if where == "camera" else "scan", payload=code)

    def away(self) -> None:
        """Whoever stood before the camera stands there again."""
        self.world.do("camera", self.world.scene)


def router(phone: Phone, look: Callable[[], None]) -> APIRouter:
    """`/api/phone/*`; `look` is called when something at the platform may have changed."""
    api = APIRouter(prefix="/api/phone", tags=["phone"])

    @api.post("/pay")
    async def pay(payment: Payment) -> dict[str, str]:
        """Pay the code on the terminal's screen."""
        try:
            state = await phone.pay(payment.provider, payment.how)
        except PlatformDown as error:
            raise _problem(error) from None
        look()
        return {"state": state}

    @api.post("/hold")
    async def hold(held: Held) -> dict[str, str]:
        """Hold a code to the camera or the code reader."""
        try:
            await phone.hold(held.what, held.where, held.citizen)
        except (PlatformDown, KeyError, UnknownVerb, ValueError) as error:
            raise _problem(error) from None
        look()
        return {"held": held.what, "where": held.where}

    @api.post("/app")
    async def app(used: AppUsed) -> dict[str, Any]:
        """Use the province's app: scan, pick, logout."""
        try:
            done = await phone.app(used.act, used.citizen)
        except PlatformDown as error:
            raise _problem(error) from None
        look()
        return done

    @api.post("/away")
    async def away() -> dict[str, str]:
        """Put the phone away."""
        try:
            phone.away()
        except (KeyError, UnknownVerb, ValueError) as error:
            raise _problem(error) from None
        return {"held": ""}

    return api


def _problem(error: Exception) -> HTTPException:
    """What went wrong as an HTTP answer: 404 no such device, 422 refused, 502 the platform is silent."""
    words = str(error.args[0]) if error.args else str(error)
    if isinstance(error, (KeyError, UnknownVerb)):
        return HTTPException(404, words)
    return HTTPException(502 if type(error) is PlatformDown else 422, words)
