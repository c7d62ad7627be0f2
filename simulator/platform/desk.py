"""The simulator's own desk behind the platform (`/sim/*`, not in the contract): what is kept, and the citizen's app."""

from __future__ import annotations

import json
from typing import Any, Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict

from simulator.platform.case_desk import add_case_desk
from simulator.platform.city import City
from simulator.platform.models import Id
from simulator.platform.sessions import answer_match
from simulator.platform.signing import PUBLIC_KEY

MOST = 500
# Lists of the desk: path, and what they show of each row, newest last. Nothing personal, the bench is a public page.
_LISTS: dict[str, str] = {
    "cases": "SELECT number, intent, kiosk, service, state, accepted_at, promise_date, estimated, payment_order,"
    " form ->> 'receive_mode' AS receive_mode,"
    " (SELECT state FROM casefile f WHERE f.number = application.number) AS file_state,"
    " (SELECT step FROM casefile f WHERE f.number = application.number) AS step"
    " FROM application ORDER BY accepted_at DESC, rowid DESC",
    "orders": "SELECT id, intent, kiosk, service, fen, state, trace, receipt_no, masked_card, at FROM payment_order"
    " ORDER BY at DESC, rowid DESC",
    "prints": "SELECT jti, intent, kiosk, service, serial, identifier, state, pages, evidence, at FROM print"
    " ORDER BY at DESC, rowid DESC",
    "evaluations": "SELECT subject, round, service, satisfaction, tags, at FROM evaluation ORDER BY at DESC",
    "work-items": "SELECT id, subject, round, service, tags, state, opened_at, due FROM work_item ORDER BY rowid DESC",
    "supervision": "SELECT id, kiosk, module, rule, state, record, since, until, times FROM supervision"
    " ORDER BY rowid DESC",
    "parts": "SELECT number, whole, part, service, state, why, step, promise_date, waits_for, back_fen FROM casefile"
    " WHERE part > 0 ORDER BY rowid DESC",
    "events": "SELECT kiosk, chain, seq, id, at, visit, kind, body, prev, hash, broken FROM event ORDER BY rowid DESC",
    "heartbeats": "SELECT kiosk, body, at FROM heartbeat ORDER BY kiosk DESC",
    "devices": "SELECT kiosk, division, site, level, tenant, state, enrolled_at FROM device ORDER BY kiosk DESC",
    "device-faults": "SELECT id, kiosk, module, cause, severity, who, is_open, opened_at, closed_at FROM device_fault"
    " ORDER BY rowid DESC",
    "commands": "SELECT id, kiosk, name, params, state, words, issued_at, expires_at, ended_at FROM command"
    " ORDER BY rowid DESC",
    "refunds": "SELECT refund_no, kiosk, payment_order, fen, reason, state, at FROM refund"
    " ORDER BY at DESC, refund_no DESC",
    "comparisons": "SELECT kiosk, day, body, at FROM comparison ORDER BY rowid DESC",
    "void-certificates": "SELECT identifier, since, reason FROM void_certificate ORDER BY rowid DESC",
}
_JSON = frozenset({"evidence", "tags", "body", "record", "params"})


class Answer(BaseModel):
    """What the citizen does in the app."""

    model_config = ConfigDict(extra="forbid")

    answer: Literal["confirm", "refuse"]


def router(city: City) -> APIRouter:
    """The desk's lists, the public key, the app matches."""
    api = APIRouter(prefix="/sim")

    @api.get("/public-key")
    async def public_key() -> dict[str, str]:
        return {"public_key": PUBLIC_KEY}

    @api.get("/app-matches")
    async def matches() -> list[dict[str, Any]]:
        with city.store.transaction() as cx:
            rows = cx.execute(
                "SELECT id, number, state, expires_at FROM app_match ORDER BY rowid DESC LIMIT ?", (MOST,)
            )
            now = city.stamp()
            return [
                {**dict(r), "state": "expired" if r["state"] == "waiting" and r["expires_at"] < now else r["state"]}
                for r in reversed(rows.fetchall())
            ]

    @api.post("/app-matches/{match}")
    async def answered(match: Id, body: Answer) -> dict[str, str]:
        return {"id": match, "state": answer_match(city, match, confirm=body.answer == "confirm")}

    def listed(query: str) -> list[dict[str, Any]]:
        with city.store.transaction() as cx:
            rows = cx.execute(f"{query} LIMIT {MOST}").fetchall()
        return [{k: json.loads(r[k]) if k in _JSON else r[k] for k in r.keys()} for r in reversed(rows)]  # noqa: SIM118 - sqlite3.Row iterates over values

    def route(name: str, query: str) -> None:
        async def show() -> list[dict[str, Any]]:
            return listed(query)

        api.add_api_route(f"/{name}", show, methods=["GET"])

    add_case_desk(api, city)
    for name, query in _LISTS.items():
        route(name, query)
    return api
