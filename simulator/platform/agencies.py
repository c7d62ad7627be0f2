"""Organisations for which somebody may act: the platform's word, with scope and expiry; nothing is typed.

Rights are those of `simulator.organisations` and what legal representatives registered at terminals (WH-GN-021).
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query

from config.catalogue import Service
from simulator.organisations import ORGANISATIONS, RIGHTS, Organisation, Role
from simulator.people import CITIZENS
from simulator.platform.assurance import agreed, current, proof, too_low
from simulator.platform.call import Call, CallDep, Reply
from simulator.platform.city import City
from simulator.platform.identity_models import AgencyProof
from simulator.platform.models import Id, ServiceId
from simulator.platform.problems import Refusal

REGISTERED_BY = "WH-GN-021"
MOST = 50


@dataclass(frozen=True, slots=True)
class Held:
    """One right of one person. `items` empty: everything; `valid_to` None: no end."""

    organisation: Organisation
    role: Role
    items: tuple[str, ...] = ()
    valid_to: date | None = None

    @property
    def id(self) -> str:
        """Opaque, the same each time the same right is listed."""
        said = f"{self.organisation.uscc} {self.role} {','.join(self.items)} {self.valid_to}"
        return f"agy_{hashlib.sha256(said.encode()).hexdigest()[:20]}"

    def in_force(self, today: date) -> bool:
        """Whether it is not over."""
        return self.valid_to is None or self.valid_to >= today

    def covers(self, service: Service) -> bool:
        """Whether it is good for this item."""
        return not self.items or service.id in self.items


def router(city: City) -> APIRouter:
    """`/subjects/me/agencies`."""
    api = APIRouter()

    @api.get("/subjects/me/agencies")
    async def agencies(consent: Annotated[Id, Query()], service: Annotated[ServiceId, Query()], call: CallDep) -> Reply:
        return call.read(lambda cx: _listed(cx, call, consent, service))

    del city
    return api


def _listed(cx: sqlite3.Connection, call: Call, consent: str, service_id: str) -> Mapping[str, Any]:
    row = current(cx, call, call.session)
    if row["level"] < "A2":
        raise too_low(row["level"], "A2")
    agreed(cx, row["id"], [consent], of="agency")
    service, today = call.city.service(service_id), call.city.now().date()
    return {"items": [_shown(h, service, today) for h in list(held(cx, row["number"]))[:MOST]]}


def _shown(right: Held, service: Service, today: date) -> Mapping[str, Any]:
    return {
        "id": right.id,
        "uscc": right.organisation.uscc,
        "name": {"zh": right.organisation.name, "en": right.organisation.name_en},
        "role": right.role,
        "items": list(right.items),
        "valid_to": right.valid_to.isoformat() if right.valid_to else None,
        "state": "expired" if not right.in_force(today) else "open" if right.covers(service) else "other-items",
    }


def held(cx: sqlite3.Connection, number: str) -> Iterator[Held]:
    """Every right of the person with `number`, also those that are over."""
    for right in RIGHTS:
        if CITIZENS[right.citizen].number == number:
            yield Held(ORGANISATIONS[right.organisation], right.role, right.items, right.valid_to)
    rows = cx.execute("SELECT citizen, form FROM application WHERE service = ? ORDER BY rowid", (REGISTERED_BY,))
    for row in rows.fetchall():
        form = json.loads(row["form"])
        if form.get("agent_idno") == number and (right_of := _registered(row["citizen"], form)):
            yield right_of


def _registered(by: str, form: Mapping[str, str]) -> Held | None:
    """What a registration gives; None when whoever registered it does not represent that organisation."""
    organisation = next((o for o in ORGANISATIONS.values() if o.uscc == form.get("uscc")), None)
    if organisation is None or CITIZENS[organisation.person_in_charge].number != by:
        return None
    day = form.get("valid_to", "")
    try:
        until = date.fromisoformat(f"{day[:4]}-{day[4:6]}-{day[6:8]}")
    except ValueError:
        return None
    items = tuple(line for line in form.get("scope", "").splitlines() if line.startswith("WH-"))
    return Held(organisation, "agent", items, until)


def prove(cx: sqlite3.Connection, call: Call, row: sqlite3.Row, given: AgencyProof) -> Mapping[str, Any]:
    """From now on the session acts for that organisation: A4. With "" it acts for the person again: A3 at most."""
    if not given.agency:
        cx.execute("DELETE FROM acting WHERE session = ?", (row["id"],))
        level = min(row["level"], "A3")
        cx.execute("UPDATE session SET level = ? WHERE id = ?", (level, row["id"]))
        return proof(level, row["number"], row["expires_at"]) if row["number"] else _nobody()
    if row["level"] < "A3":
        raise too_low(row["level"], "A3")
    agreed(cx, row["id"], [given.consent], of="agency")
    service = call.city.service(given.service)
    right = next((h for h in held(cx, row["number"]) if h.id == given.agency), None)
    if right is None:
        raise Refusal("agency-not-authorised", "no such right of this person")
    if not right.in_force(call.city.now().date()):
        raise Refusal("agency-not-authorised", "the right is over")
    if not right.covers(service):
        raise Refusal("agency-not-authorised", "the right is for other items")
    cx.execute(
        "INSERT INTO acting VALUES (?, ?, ?) ON CONFLICT (session) DO UPDATE SET organisation = excluded.organisation,"
        " role = excluded.role",
        (row["id"], right.organisation.uscc, right.role),
    )
    cx.execute("UPDATE session SET level = 'A4' WHERE id = ?", (row["id"],))
    return proof("A4", row["number"], row["expires_at"])


def _nobody() -> Mapping[str, Any]:
    raise Refusal("assurance-too-low", "nobody is known in this session")
