"""Every document that the city prints, with answers for each item: made by the reference platform, typeset here."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from config.catalogue import Service, load_catalogue
from kiosk.platform.messages import certificate
from kiosk.platform.reading import Members
from kiosk.printing.certificate_data import CertificateData
from simulator.organisations import ORGANISATIONS
from simulator.people import CITIZENS
from simulator.platform.app import create_app
from simulator.platform.call import Call
from simulator.platform.city import City
from simulator.platform.dictionaries import choices
from simulator.platform.prints import document_of

WEIHAI = timezone(timedelta(hours=8))
NOON = datetime(2026, 11, 21, 12, 0, tzinfo=WEIHAI)
ORG = ORGANISATIONS["org-02"]
ANSWERS: Mapping[str, str] = {
    "from": "20230101",
    "to": "20261031",
    "from_month": "202201",
    "to_month": "202610",
    "as_of": "20261120",
    "month": "202610",
    "year": "2025",
    "uscc": ORG.uscc,
    "uscc_or_name": ORG.name,
    "cert_no": "鲁（2021）威海市不动产权第0012345号",
    "proof_no": "鲁（2023）威海市不动产证明第0006789号",
    "loan_no": "WHGJJ20180012345",
    "exam_no": "37100225001234",
    "with_names": "yes",
    "include_minor": "no",
    "addressee": "样例单位",
    "to_city": "370200",
    "licence_id": "driving",
    "form_id": "f01",
    "copies": "1",
    "count": "1",
    "purpose": "办理贷款",
}


def printing() -> list[Service]:
    """The items that print a document."""
    return [service for service in load_catalogue().services.values() if service.certificate]


def answers(service: Service, city: City) -> dict[str, str]:
    """One answer for every field that is chosen, and for those in `ANSWERS`."""
    given: dict[str, str] = {}
    for spec in service.form:
        offered = choices(city, f"{service.id}.{spec.key}") if spec.options_from else None
        if spec.key in ("licence_id", "form_id") or (spec.key in ANSWERS and not spec.options and not offered):
            given[spec.key] = ANSWERS[spec.key]
        elif spec.options:
            given[spec.key] = spec.options[0].key
        elif offered:
            given[spec.key] = offered[0].key
    return given


@dataclass
class Office:
    """A city whose printing office can be asked directly; `who` is the citizen in the session."""

    city: City
    cx: sqlite3.Connection
    who: str = "citizen-02"

    def document(self, service: Service, form: Mapping[str, str] | None = None) -> CertificateData:
        """The document of a service, as a terminal reads it."""
        session = {"id": "ses_test", "number": "" if service.level == "A0" else CITIZENS[self.who].number}
        call = Call(self.city, "WH-HC-0003", "/print-authorisations", "prt-00000001", "", "ses_test")
        made = document_of(self.cx, call, service, answers(service, self.city) if form is None else form, session)
        return certificate(Members(made, "document"))


def office() -> Iterator[Office]:
    """One city at noon, for as long as it is needed."""
    app = create_app(clock=lambda: NOON)
    with app.state.city.store.transaction() as cx:
        yield Office(app.state.city, cx)
    app.state.city.store.close()
