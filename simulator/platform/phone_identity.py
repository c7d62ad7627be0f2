"""The province's app on a citizen's phone, and an officer before a screen (`/sim/*`): what they do, from the desk.

| path                      | what it does                                                                        |
|---------------------------|-------------------------------------------------------------------------------------|
| /sim/phone/app-code       | show the account's code: fresh, expired, used, foreign, unverified                   |
| /sim/phone/session-scan   | scan the code that a terminal shows (take or give); an empty code is the newest      |
| /sim/phone/session-pick   | pick a number; the right one confirms; "" picks the right one                        |
| /sim/phone/logout         | sign out: the sessions end at the terminals too                                      |
| /sim/phone/sessions       | what the app is signed in to                                                        |
| /sim/officer-checks       | who waits for an officer; POST with an id: confirm or refuse                         |
"""

from __future__ import annotations

import sqlite3
from typing import Annotated, Any, Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from simulator.people import CITIZENS, Citizen
from simulator.platform import app_codes, handoffs, matches
from simulator.platform.city import City
from simulator.platform.models import Id
from simulator.platform.problems import Refusal

Person = Annotated[str, Field(pattern=r"^citizen-[0-9]{2}$", max_length=10)]
MOST = 200


class Holder(BaseModel):
    """Whose phone it is."""

    model_config = ConfigDict(extra="forbid")

    citizen: Person = "citizen-02"


class ShowCode(Holder):
    """The account's code, with what is wrong with it."""

    which: app_codes.Which = "fresh"


class ScanSession(Holder):
    """The phone's camera on a code that a terminal shows."""

    code: Annotated[str, Field(max_length=200)] = ""


class PickNumber(Holder):
    """The number that is picked; "" is the right one."""

    number: Annotated[str, Field(pattern=r"^([0-9]{2})?$", max_length=2)] = ""


class Verdict(BaseModel):
    """What the officer says."""

    model_config = ConfigDict(extra="forbid")

    answer: Literal["confirm", "refuse"]


def router(city: City) -> APIRouter:
    """The phone's verbs and the officer's, as in the table above."""
    api = APIRouter(prefix="/sim")
    store = city.store

    @api.post("/phone/app-code")
    async def app_code(show: ShowCode) -> dict[str, str]:
        with store.transaction() as cx:
            return {"code": app_codes.make(cx, city, _who(show).number, show.which)}

    @api.post("/phone/session-scan")
    async def session_scan(scan: ScanSession) -> dict[str, str]:
        with store.transaction() as cx:
            return dict(handoffs.scan(cx, city, _who(scan), scan.code))

    @api.post("/phone/session-pick")
    async def session_pick(picked: PickNumber) -> dict[str, str]:
        with store.transaction() as cx:
            who = _who(picked)
            return {"state": handoffs.pick(cx, city, who, picked.number or _right(cx, who))}

    @api.post("/phone/logout")
    async def logout(holder: Holder) -> dict[str, int]:
        with store.transaction() as cx:
            return {"ended": app_codes.logout(cx, city, _who(holder).number)}

    @api.post("/phone/sessions")
    async def sessions(holder: Holder) -> list[dict[str, str]]:
        with store.transaction() as cx:
            return [dict(s) for s in app_codes.open_of(cx, city, _who(holder).number)]

    @api.get("/officer-checks")
    async def checks() -> list[dict[str, Any]]:
        with store.transaction() as cx:
            rows = cx.execute("SELECT * FROM officer_check ORDER BY rowid DESC LIMIT ?", (MOST,)).fetchall()
        return [
            {"id": r["id"], "service": r["service"], "state": matches.state_of(city, r), "expires_at": r["expires_at"]}
            for r in reversed(rows)
        ]

    @api.post("/officer-checks/{check}")
    async def judged(check: Id, verdict: Verdict) -> dict[str, str]:
        return {"id": check, "state": matches.answer_check(city, check, confirm=verdict.answer == "confirm")}

    return api


def _who(holder: Holder) -> Citizen:
    who = CITIZENS.get(holder.citizen)
    if who is None:
        raise Refusal("not-found", "no such citizen")
    return who


def _right(cx: sqlite3.Connection, who: Citizen) -> str:
    """The number that the terminal shows to `who`."""
    query = "SELECT number FROM handoff WHERE citizen = ? AND state = 'scanned' ORDER BY rowid DESC LIMIT 1"
    row = cx.execute(query, (who.number,)).fetchone()
    return str(row["number"]) if row else "00"
