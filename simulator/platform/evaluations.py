"""Ratings: one a case and round, the national record of each, and the work item that a bad one leads to."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import Field

from config.evaluation import evaluation
from simulator.platform import calendar, casefile
from simulator.platform.call import Call, CallDep, Reply
from simulator.platform.cases import FileNumber
from simulator.platform.city import City, new_id
from simulator.platform.models import Key, Sent, ServiceId, Time
from simulator.platform.problems import Flaw, Refusal
from simulator.platform.signing import pseudonym

SCHEMA = """
CREATE TABLE IF NOT EXISTS evaluation(
    subject TEXT NOT NULL, round INTEGER NOT NULL, kiosk TEXT NOT NULL, service TEXT NOT NULL,
    satisfaction INTEGER NOT NULL, tags TEXT NOT NULL, said TEXT NOT NULL DEFAULT '', anonymous INTEGER NOT NULL,
    assessed_at TEXT NOT NULL, at TEXT NOT NULL, PRIMARY KEY (subject, round));
CREATE TABLE IF NOT EXISTS work_item(
    id TEXT PRIMARY KEY, subject TEXT NOT NULL, round INTEGER NOT NULL, service TEXT NOT NULL, tags TEXT NOT NULL,
    state TEXT NOT NULL, opened_at TEXT NOT NULL, due TEXT NOT NULL, result TEXT NOT NULL DEFAULT '',
    UNIQUE (subject, round));
"""
RESULTS: Mapping[str, Mapping[str, str]] = {
    "OPEN": {"zh": "已转主管部门，正在核实", "en": "With the department; it is being looked into"},
    "IN_HAND": {"zh": "正在整改", "en": "It is being mended"},
    "MENDED": {"zh": "已经整改，可以再评一次", "en": "It is mended; you may rate once more"},
}


class Evaluation(Sent):
    """A rating; `satisfaction` as the national interface has it, 5 very satisfied."""

    case: Key
    service: ServiceId
    satisfaction: Annotated[int, Field(ge=1, le=5)]
    tags: Annotated[list[Annotated[str, Field(pattern=r"^[1-5][0-9]{2}$")]], Field(max_length=20)]
    channel: Literal["5"]
    round: Annotated[int, Field(ge=1, le=2)]
    text: Annotated[str, Field(max_length=500)] = ""
    anonymous: bool = False
    assessed_at: Time | None = None


def router(city: City) -> APIRouter:
    """Endpoints of evaluations and work items."""
    api = APIRouter()

    @api.get("/cases/{number}/evaluation-form")
    async def form(number: FileNumber, call: CallDep) -> Reply:
        return call.read(lambda cx: _form(cx, number))

    @api.post("/evaluations")
    async def evaluate(body: Evaluation, call: CallDep) -> Reply:
        return call.once(201, lambda cx: _evaluate(cx, call, body))

    @api.get("/work-items")
    async def items(case: Annotated[Key, Query()], call: CallDep) -> Reply:
        return call.read(lambda cx: {"items": _work_items(cx, case)})

    del city
    return api


def _form(cx: sqlite3.Connection, number: str) -> Mapping[str, Any]:
    row = casefile.file_of(cx, number)
    if row is None:
        raise Refusal("not-found", "no such case")
    return {
        "case": number,
        "service": row["service"],
        "round": _open_round(cx, _subject_of_file(cx, row)),
        "tags": [tag.code for tag in evaluation().tag],
    }


def _subject_of_file(cx: sqlite3.Connection, row: sqlite3.Row) -> str:
    """One rating a case: a part has one of its own, under its number; the whole goes by its intent."""
    if row["part"]:
        return str(row["number"])
    return str(cx.execute("SELECT intent FROM application WHERE number = ?", (row["number"],)).fetchone()["intent"])


def _open_round(cx: sqlite3.Connection, subject: str) -> int:
    """1 before anything was said; 2 once the work item of a bad first rating is mended; else a refusal."""
    said = [r["round"] for r in cx.execute("SELECT round FROM evaluation WHERE subject = ? ORDER BY round", (subject,))]
    if not said:
        return 1
    mended = cx.execute("SELECT 1 FROM work_item WHERE subject = ? AND state = 'MENDED'", (subject,)).fetchone()
    if said == [1] and mended and evaluation().rounds > 1:
        return 2
    raise Refusal("already-evaluated")


def _evaluate(cx: sqlite3.Connection, call: Call, rating: Evaluation) -> Mapping[str, Any]:
    known = {tag.code for tag in evaluation().tag}
    flaws = [
        Flaw(f"/body/tags/{i}", "level", "belongs to another level, or to none")
        for i, tag in enumerate(rating.tags)
        if int(tag[0]) != rating.satisfaction or (tag not in known and not _older(tag))
    ]
    if flaws:
        raise Refusal("validation", "tags of another level", flaws)
    subject = subject_of(cx, call, rating.case, rating.service)
    if rating.round != _open_round(cx, subject):
        raise Refusal("already-evaluated")
    at = call.city.stamp()
    cx.execute(
        "INSERT INTO evaluation VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            subject, rating.round, call.kiosk, rating.service, rating.satisfaction, json.dumps(rating.tags),
            rating.text, rating.anonymous, rating.assessed_at or at, at,
        ),
    )  # fmt: skip
    told: dict[str, Any] = {"case": rating.case, "round": rating.round, "at": at}
    if rating.satisfaction <= evaluation().bad_up_to:
        told["work_item"] = _make_work_item(cx, call.city, subject, rating)
    return told


def _older(tag: str) -> bool:
    """501-509, 401-405, ...: the older set of codes, still sent by other channels."""
    return 1 <= int(tag[1:]) <= 9


def subject_of(cx: sqlite3.Connection, call: Call, case: str, service: str) -> str:
    """What is rated: an application or a part, a print, a payment, or the visit of a query; else a refusal."""
    row = cx.execute(
        "SELECT intent AS subject FROM application WHERE service = :service AND :case IN (number, intent)"
        " UNION ALL SELECT number FROM casefile WHERE part > 0 AND number = :case AND service = :service"
        " UNION ALL SELECT intent FROM print"
        " WHERE kiosk = :kiosk AND service = :service AND :case IN (jti, intent, serial)"
        " UNION ALL SELECT intent FROM payment_order"
        " WHERE kiosk = :kiosk AND service = :service AND :case IN (id, intent)",
        {"kiosk": call.kiosk, "service": service, "case": case},
    ).fetchone()
    if row is not None:
        return str(row["subject"])
    if not case.startswith("v-"):
        raise Refusal("not-found", "no such case of this terminal and service")
    if call.city.service(service).steps.count("submit"):
        raise Refusal("not-found", "what is handed in is rated under its number")
    return f"{call.kiosk}:{case}:{service}"


def _make_work_item(cx: sqlite3.Connection, city: City, subject: str, rating: Evaluation) -> str:
    item = new_id("wrk")
    due = calendar.promise(casefile.now(cx, city).date(), evaluation().mend_days).day.isoformat()
    cx.execute(
        "INSERT INTO work_item VALUES (?, ?, ?, ?, ?, 'OPEN', ?, ?, '')",
        (item, subject, rating.round, rating.service, json.dumps(rating.tags), city.stamp(), due),
    )
    return item


def _work_items(cx: sqlite3.Connection, case: str) -> list[Mapping[str, Any]]:
    rows = cx.execute(
        "SELECT w.* FROM work_item w WHERE w.subject = :case"
        " OR w.subject IN (SELECT intent FROM application WHERE number = :case) ORDER BY w.rowid DESC LIMIT 20",
        {"case": case},
    )
    return [
        {
            "id": r["id"],
            "service": r["service"],
            "tags": json.loads(r["tags"]),
            "state": r["state"],
            "opened_at": r["opened_at"],
            "due": r["due"],
            "result": RESULTS[r["state"]],
        }
        for r in rows
    ]


def national_records(cx: sqlite3.Connection, city: City) -> list[dict[str, Any]]:
    """Every rating with the fields of the national interface; `certKey` is a pseudonym."""
    rows = cx.execute(
        "SELECT e.*, a.number, a.citizen, a.state AS case_state, a.accepted_at FROM evaluation e"
        " LEFT JOIN application a ON a.intent = e.subject ORDER BY e.rowid LIMIT 5000"
    )
    return [national_record(city, row) for row in rows]


def national_record(city: City, row: sqlite3.Row) -> dict[str, Any]:
    """One rating with the names of the national interface; `satisfaction` 5 is 非常满意."""
    service = city.catalogue.services[row["service"]]
    status = {"ACCEPTED": 2, "IN_PROGRESS": 2, "SUPPLEMENT": 2}.get(row["case_state"] or "DONE", 3)
    accepted = row["accepted_at"] or row["assessed_at"]
    return {
        "areaCode": f"{service.regions[0]}000000"[:12],
        "deptCode": service.code[:18],
        "taskCode": service.code[:31],
        "taskHandleItem": service.code if len(service.code) == 33 else f"{service.code[:31]}01",
        "taskName": service.name.zh,
        "projectNo": row["number"] or row["subject"],
        "proStatus": status,
        "acceptDate": datetime.fromisoformat(accepted).strftime("%Y-%m-%d %H:%M:%S"),
        "userProp": 2 if service.who == "organisation" else 1,
        "certKey": "" if row["anonymous"] or not row["citizen"] else pseudonym(row["citizen"]),
        "promisetime": "即办" if service.working_days == 0 else "承诺",
        "satisfaction": row["satisfaction"],
        "evalDetail": ",".join(json.loads(row["tags"])),
        "writingEvaluation": row["said"],
        "assessTime": datetime.fromisoformat(row["assessed_at"]).strftime("%Y-%m-%d %H:%M:%S"),
        "assessNumber": row["round"],
        "isAnonymity": row["anonymous"],
        "pf": evaluation().channel,
    }
