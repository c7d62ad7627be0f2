"""The e-licences of a person or an organisation, as versions: what a print shows, what was printed of it (R09).

A print is a copy of a version, never a second original: it carries the version's own identifier. A new version has a
new identifier (the check character follows from the version). Everything is invented by rule from the holder's number.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from config.codes import licence_identifier
from simulator.people import CITIZENS
from simulator.platform import registry
from simulator.platform.assurance import acting_for, current
from simulator.platform.call import Call, CallDep, Reply
from simulator.platform.city import City
from simulator.platform.problems import Refusal

SCHEMA = """
CREATE TABLE IF NOT EXISTS licence_version(
    holder TEXT NOT NULL, kind TEXT NOT NULL, version INTEGER NOT NULL, PRIMARY KEY (holder, kind)) WITHOUT ROWID;
"""
ISSUER = "11371000MB2856435T"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of e-licence: its name, the last digits of its type, who issued it, and whose it is."""

    zh: str
    en: str
    type: str
    issuer_zh: str
    issuer_en: str
    of: str = "person"


KINDS: Mapping[str, Kind] = {
    "id-card": Kind(
        "中华人民共和国居民身份证", "Resident identity card", "801", "威海市公安局", "Public Security Bureau"
    ),
    "social-card": Kind(
        "中华人民共和国社会保障卡", "Social security card", "802", "威海市社会保险服务中心", "Social insurance centre"
    ),
    "driving": Kind("中华人民共和国机动车驾驶证", "Driving licence", "803", "威海市公安局", "Public Security Bureau"),
    "real-estate": Kind(
        "不动产权证书", "Real-estate certificate", "804", "威海市不动产登记中心", "Real-estate registration"
    ),
    "real-estate-proof": Kind(
        "不动产登记证明", "Real-estate registration proof", "805", "威海市不动产登记中心", "Real-estate registration"
    ),
    "professional-title": Kind(
        "专业技术资格证书", "Professional title certificate", "806", "威海市人力资源和社会保障局", "Human resources"
    ),
    "teacher": Kind("教师资格证书", "Teacher certificate", "807", "威海市教育局", "Education Bureau"),
    "practitioner": Kind("从业资格证", "Practitioner certificate", "808", "威海市交通运输局", "Transport Bureau"),
    "constructor": Kind(
        "二级建造师注册证书", "Constructor certificate", "809", "威海市住房和城乡建设局", "Housing and construction"
    ),
    "business": Kind(
        "营业执照", "Business licence", "810", "威海市市场监督管理局", "Market supervision", "organisation"
    ),
}


@dataclass(frozen=True, slots=True)
class Licence:
    """One licence in its present version."""

    kind: str
    holder: str
    version: int

    @property
    def number(self) -> str:
        """Its number, made from the holder's."""
        if self.kind in ("id-card", "driving", "business"):
            return self.holder
        return f"{int(_draw(self.holder, self.kind)[:12], 16) % 10**12:012d}"

    @property
    def identifier(self) -> str:
        """GB/T 36904, of this version."""
        serial = f"{int(_draw(self.holder, self.kind + '|id')[:14], 16) % 10**13:013d}"
        return licence_identifier(f"{ISSUER}{KINDS[self.kind].type}", ISSUER, serial, self.version)

    @property
    def id(self) -> str:
        """The library's own id."""
        return f"lic_{_draw(self.holder, self.kind)[:20]}"


class Renewal(BaseModel):
    """QA: the licence is issued anew, in its next version."""

    model_config = ConfigDict(extra="forbid")

    citizen: Annotated[str, Field(max_length=40)]
    kind: Annotated[str, Field(max_length=40)]


def router(city: City) -> APIRouter:
    """`GET /licences/mine`."""
    api = APIRouter()

    @api.get("/licences/mine")
    async def mine(call: CallDep) -> Reply:
        return call.read(lambda cx: _mine(cx, call))

    del city
    return api


def desk(city: City) -> APIRouter:
    """`POST /sim/licence-versions`."""
    api = APIRouter(prefix="/sim")

    @api.post("/licence-versions")
    async def renew(body: Renewal) -> dict[str, Any]:
        if body.citizen not in CITIZENS or body.kind not in KINDS:
            raise Refusal("not-found", f"citizen-01 and so on; one of {', '.join(KINDS)}")
        holder = CITIZENS[body.citizen].number
        with city.store.transaction() as cx:
            version = min(of(cx, holder, body.kind).version + 1, 999)
            cx.execute("INSERT OR REPLACE INTO licence_version VALUES (?, ?, ?)", (holder, body.kind, version))
        return {"kind": body.kind, "version": version}

    return api


def of(cx: sqlite3.Connection, holder: str, kind: str) -> Licence:
    """The holder's licence of a kind, in its present version."""
    row = cx.execute("SELECT version FROM licence_version WHERE holder = ? AND kind = ?", (holder, kind)).fetchone()
    return Licence(kind, holder, int(row["version"]) if row else 1)


def _mine(cx: sqlite3.Connection, call: Call) -> Mapping[str, Any]:
    session = current(cx, call, call.session)
    if session["level"] < "A2" or not session["number"]:
        raise Refusal("assurance-too-low")
    acting = acting_for(cx, session["id"])
    holders = {"person": session["number"], "organisation": acting["organisation"] if acting else ""}
    licences = [of(cx, holders[kind.of], key) for key, kind in KINDS.items() if holders[kind.of]]
    return {"items": [_shown(cx, licence) for licence in licences]}


def _shown(cx: sqlite3.Connection, licence: Licence) -> Mapping[str, Any]:
    kind = KINDS[licence.kind]
    until = valid_to(licence)
    prints = cx.execute(
        "SELECT serial, at, state FROM print WHERE identifier = ? AND state <> 'VOID' ORDER BY rowid DESC LIMIT 20",
        (licence.identifier,),
    ).fetchall()
    return {
        "id": licence.id,
        "identifier": licence.identifier,
        "version": licence.version,
        "kind": {"zh": kind.zh, "en": kind.en},
        "number_masked": masked(licence),
        "issuer": {"zh": kind.issuer_zh, "en": kind.issuer_en},
        "valid_to": until.isoformat() if until else None,
        "status": "01",
        "prints": [{"serial": p["serial"], "at": p["at"], "state": p["state"]} for p in prints],
    }


def masked(licence: Licence) -> str:
    """The first and the last four of a number; an organisation's code as it is."""
    number = licence.number
    return number if KINDS[licence.kind].of == "organisation" else number[:4] + "****" + number[-4:]


def valid_to(licence: Licence) -> date | None:
    """Until when; the ID card's own day, six years for a driving licence, none for others."""
    if licence.kind == "id-card":
        who = registry.citizen(licence.holder)
        return who.valid_to if who else None
    return date(2030, 5, 15) if licence.kind in ("driving", "practitioner") else None


def _draw(holder: str, salt: str) -> str:
    return hashlib.sha256(f"licence|{holder}|{salt}".encode()).hexdigest()
