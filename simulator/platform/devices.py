"""The terminals: enrolment, what they are made of, how they are, commands, faults; and what is near."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from config.signatures import KEY_OCTETS, key_id
from simulator.platform.call import Call, CallDep, Reply
from simulator.platform.city import City, new_id
from simulator.platform.device_models import CommandResult, DeviceFault, DeviceProfile, EnrolmentRequest, Heartbeat
from simulator.platform.keyring import Keyring
from simulator.platform.models import Id, ServiceId
from simulator.platform.nearby import nearest
from simulator.platform.problems import Flaw, Refusal
from simulator.platform.signing import signed

SCHEMA = """
CREATE TABLE IF NOT EXISTS heartbeat(kiosk TEXT PRIMARY KEY, body TEXT NOT NULL, at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS device_profile(kiosk TEXT PRIMARY KEY, body TEXT NOT NULL, at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS device_fault(
    id TEXT PRIMARY KEY, kiosk TEXT NOT NULL, module TEXT NOT NULL, cause TEXT NOT NULL, severity TEXT NOT NULL,
    who TEXT NOT NULL, is_open INTEGER NOT NULL, opened_at TEXT NOT NULL, closed_at TEXT NOT NULL DEFAULT '');
CREATE UNIQUE INDEX IF NOT EXISTS device_fault_open ON device_fault(kiosk, module, cause) WHERE is_open;
CREATE TABLE IF NOT EXISTS command(
    id TEXT PRIMARY KEY, kiosk TEXT NOT NULL, name TEXT NOT NULL, params TEXT NOT NULL, state TEXT NOT NULL,
    words TEXT NOT NULL DEFAULT '', issued_at TEXT NOT NULL, expires_at TEXT NOT NULL,
    ended_at TEXT NOT NULL DEFAULT '');
CREATE INDEX IF NOT EXISTS command_waiting ON command(kiosk, state);
"""
MOST_COMMANDS = 20
LOOK_S = 0.25
"""How often a waiting question looks for news."""
RELEASE = {"version": "0.1.0", "ring": "all", "sha256": "0" * 63 + "1", "size": 1, "rollback": ""}
"""What the city asks terminals to run; the file behind it is the fleet's, not the platform's."""


def router(city: City, keyring: Keyring) -> APIRouter:
    """Endpoints under `/devices` and `/releases`."""
    api = APIRouter()

    @api.post("/devices/enrolments")
    async def enrol(body: EnrolmentRequest, call: CallDep) -> Reply:
        public = bytes.fromhex(body.public_key)
        if len(public) != KEY_OCTETS[body.algorithm]:
            raise Refusal("validation", "", [Flaw("/body/public_key", "length", "not a key of this algorithm")])
        return call.once(
            201,
            lambda cx: keyring.enrol(cx, call.kiosk, body.activation, body.algorithm, key_id(public), public),
        )

    @api.put("/devices/{device}/profile")
    async def profile(device: str, body: DeviceProfile, call: CallDep) -> Reply:
        _own(device, call)
        return call.read(lambda cx: _kept(cx, call, "device_profile", body.model_dump_json()))

    @api.post("/devices/{device}/heartbeats")
    async def heartbeat(device: str, body: Heartbeat, call: CallDep) -> Reply:
        _own(device, call)
        return call.read(lambda cx: _kept(cx, call, "heartbeat", body.model_dump_json()))

    @api.get("/devices/{device}/commands")
    async def commands(device: str, call: CallDep, wait: Annotated[int, Query(ge=0, le=25)] = 0) -> Reply:
        _own(device, call)
        until = asyncio.get_running_loop().time() + wait
        while not (found := _waiting(city, call.kiosk)) and asyncio.get_running_loop().time() < until:  # noqa: ASYNC110 - commands are rows, also those that another process wrote
            await asyncio.sleep(LOOK_S)
        return Reply({"items": found, "as_of": city.stamp()})

    @api.post("/devices/{device}/commands/{command}/result")
    async def result(device: str, command: Id, body: CommandResult, call: CallDep) -> Reply:
        _own(device, call)
        return call.once(200, lambda cx: _ended(cx, call, command, body))

    @api.post("/devices/{device}/faults")
    async def fault(device: str, body: DeviceFault, call: CallDep) -> Reply:
        _own(device, call)
        return call.once(200, lambda cx: _faulted(cx, call, body))

    @api.get("/devices/{device}/nearby")
    async def nearby(
        device: str,
        call: CallDep,
        service: Annotated[ServiceId | None, Query()] = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 20,
        cursor: Annotated[Id | None, Query()] = None,
    ) -> Reply:
        _own(device, call)
        if service is not None:
            city.service(service)
        with city.store.transaction() as cx:
            row = cx.execute("SELECT division FROM device WHERE kiosk = ?", (call.kiosk,)).fetchone()
        division = row["division"] if row else "371000"
        found = nearest(division)
        ids = [place.id for place in found]
        if cursor is not None and cursor not in ids:
            raise Refusal("validation", "", [Flaw("/query/cursor", "unknown", "not a cursor of this list")])
        start = ids.index(cursor) + 1 if cursor else 0
        page = found[start : start + limit]
        more = page[-1].id if start + limit < len(found) else None
        shown = [place.shown(division) for place in page]
        return Reply({"items": shown, "next_cursor": more, "as_of": city.stamp()})

    @api.get("/releases/current")
    async def release() -> Reply:
        return Reply(signed({**RELEASE, "published_at": "2026-11-01T00:00:00+08:00"}))

    return api


def _own(device: str, call: Call) -> None:
    if device != call.kiosk:
        raise Refusal("device-mismatch")


def _kept(cx: sqlite3.Connection, call: Call, table: str, body: str) -> Mapping[str, Any]:
    """Keep the last of its kind."""
    now = call.city.stamp()
    query = f"INSERT OR REPLACE INTO {table} VALUES (?, ?, ?)"  # noqa: S608 - one of two names of ours
    cx.execute(query, (call.kiosk, body, now))
    waiting = cx.execute(
        "SELECT count(*) AS n FROM command WHERE kiosk = ? AND state = 'WAITING' AND expires_at > ?", (call.kiosk, now)
    ).fetchone()["n"]
    return {"server_time": now, "commands": min(waiting, 1000)}


def _waiting(city: City, kiosk: str) -> list[dict[str, Any]]:
    with city.store.transaction() as cx:
        rows = cx.execute(
            "SELECT * FROM command WHERE kiosk = ? AND state = 'WAITING' AND expires_at > ? ORDER BY rowid LIMIT ?",
            (kiosk, city.stamp(), MOST_COMMANDS),
        ).fetchall()
    return [
        signed(
            {
                "kiosk": kiosk,
                "intent": r["id"],
                "id": r["id"],
                "name": r["name"],
                "params": json.loads(r["params"]),
                "issued_at": r["issued_at"],
                "expires_at": r["expires_at"],
            }
        )
        for r in rows
    ]


def _ended(cx: sqlite3.Connection, call: Call, command: str, result: CommandResult) -> Mapping[str, Any]:
    row = cx.execute("SELECT state FROM command WHERE id = ? AND kiosk = ?", (command, call.kiosk)).fetchone()
    if row is None:
        raise Refusal("not-found")
    if row["state"] != "WAITING":
        return {"id": command, "state": row["state"]}
    cx.execute(
        "UPDATE command SET state = ?, words = ?, ended_at = ? WHERE id = ?",
        (result.state, result.words, result.at, command),
    )
    return {"id": command, "state": result.state}


def _faulted(cx: sqlite3.Connection, call: Call, fault: DeviceFault) -> Mapping[str, Any]:
    which = (call.kiosk, fault.module, fault.cause)
    known = cx.execute(
        "SELECT id, is_open FROM device_fault WHERE kiosk = ? AND module = ? AND cause = ? ORDER BY rowid DESC LIMIT 1",
        which,
    ).fetchone()
    if known is not None and bool(known["is_open"]) == fault.open:
        return {"id": known["id"], "news": False}
    if fault.open:
        made = new_id("flt")
        cx.execute(
            "INSERT INTO device_fault VALUES (?, ?, ?, ?, ?, ?, 1, ?, '')",
            (made, *which, fault.severity, fault.who, fault.at),
        )
        return {"id": made, "news": True}
    if known is None:
        return {"id": new_id("flt"), "news": False}
    cx.execute("UPDATE device_fault SET is_open = 0, closed_at = ? WHERE id = ?", (fault.at, known["id"]))
    return {"id": known["id"], "news": True}


class NewCommand(BaseModel):
    """What the office orders a terminal to do."""

    model_config = ConfigDict(extra="forbid")

    kiosk: Annotated[str, Field(pattern=r"^[A-Z]{2}-[A-Z]{2}-[0-9]{4}$")]
    name: Annotated[str, Field(pattern=r"^[a-z][a-z-]{1,39}$")]
    params: Annotated[
        dict[Annotated[str, Field(pattern=r"^[a-z][a-z_]{0,39}$")], Annotated[str, Field(max_length=500)]],
        Field(max_length=10),
    ] = {}
    within_s: Annotated[int, Field(ge=1, le=86_400)] = 600


class NewCode(BaseModel):
    """An activation code for a terminal."""

    model_config = ConfigDict(extra="forbid")

    kiosk: Annotated[str, Field(pattern=r"^[A-Z]{2}-[A-Z]{2}-[0-9]{4}$")]
    code: Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{6,40}$")]


def desk(city: City, keyring: Keyring) -> APIRouter:
    """The office's side, for QA and the bench: order, let in, suspend, forget."""
    api = APIRouter(prefix="/sim")

    @api.post("/commands")
    async def order(body: NewCommand) -> dict[str, str]:
        made = new_id("cmd")
        with city.store.transaction() as cx:
            cx.execute(
                "INSERT INTO command(id, kiosk, name, params, state, issued_at, expires_at)"
                " VALUES (?, ?, ?, ?, 'WAITING', ?, ?)",
                (made, body.kiosk, body.name, json.dumps(body.params), city.stamp(), city.stamp(body.within_s)),
            )
        return {"id": made}

    @api.post("/activations")
    async def let_in(body: NewCode) -> dict[str, str]:
        keyring.new_code(body.kiosk, body.code)
        return {"kiosk": body.kiosk}

    @api.post("/devices/{device}/{act}")
    async def act(device: str, act: Annotated[str, Field(pattern="^(suspend|resume|forget)$")]) -> dict[str, str]:
        if act == "forget":
            keyring.forget(device)
        else:
            keyring.set_state(device, "suspended" if act == "suspend" else "active")
        return {"kiosk": device, "act": act}

    return api
