"""The parts of a bundle (一件事): own numbers, states and promises; data for later ones; money back.

A part that may fail `apart` leaves the others alone; one that may not takes with it all that are not done yet.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from typing import Any

from config.bundle_whole import fields_of
from config.bundles import answers_for
from config.catalogue import Service
from simulator.platform import casefile
from simulator.platform.city import City
from simulator.platform.problems import Refusal

REFUSE = "refuse-part"
"""QA's wish at the desk: the part with this id is refused as soon as it is handed in, once."""
SCHEMA = """
CREATE TABLE IF NOT EXISTS case_data(
    number TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (number, key)) WITHOUT ROWID;
"""


def opened(cx: sqlite3.Connection, city: City, number: str) -> None:
    """Open the file of an application that was just taken in, and those of its parts. Again is harmless.

    Refuses the whole when QA wants a part refused that cannot fail apart.
    """
    if casefile.file_of(cx, number) is not None:
        return
    row = cx.execute("SELECT * FROM application WHERE number = ?", (number,)).fetchone()
    bundle = city.service(row["service"])
    common = {"whole": number, "kiosk": row["kiosk"], "citizen": row["citizen"], "accepted_at": row["accepted_at"]}
    casefile.open_file(cx, city, number=number, part=0, service=bundle, **common)
    if not bundle.bundle:
        return
    _open_parts(cx, city, number, bundle, json.loads(row["form"]), common)
    _promise_of_parts(cx, number)
    refused = city.wishes.pop(REFUSE, "")
    for part in casefile.parts_of(cx, number):
        if part["service"] == refused:
            if not part["apart"]:
                raise Refusal("item-not-available", "a part that the others need was refused")
            refuse(cx, city, part, "conditions-not-met")


def _open_parts(
    cx: sqlite3.Connection, city: City, number: str, bundle: Service, form: Mapping[str, str], common: Mapping[str, Any]
) -> None:
    services = city.catalogue.services
    asked = fields_of(services[bundle.id], services)
    giving: dict[str, str] = {}
    for index, part in enumerate(bundle.bundle, 1):
        service = services[part.id]
        own = f"{number}{index:02d}"
        needs = next((giving[spec.key] for spec in service.form if spec.key in giving), "")
        casefile.open_file(
            cx, city, number=own, part=index, service=service, waits_for=needs, apart=part.apart,
            fen=service.fee.fen, **common,
        )  # fmt: skip
        answers = answers_for(part.id, asked, form)
        cx.executemany("INSERT INTO case_data VALUES (?, ?, ?)", [(own, key, value) for key, value in answers.items()])
        giving |= dict.fromkeys(part.gives, own)


def _promise_of_parts(cx: sqlite3.Connection, number: str) -> None:
    """The whole is promised when its last part is."""
    dates = "SELECT MAX(promise_date) AS day, MAX(estimated) AS estimated FROM casefile WHERE whole = ?"
    last = cx.execute(dates, (number,)).fetchone()
    for table in ("casefile", "application"):
        cx.execute(
            f"UPDATE {table} SET promise_date = ?, estimated = ? WHERE number = ?",  # noqa: S608 - names of this module
            (last["day"], last["estimated"], number),
        )


def done(cx: sqlite3.Connection, city: City, row: sqlite3.Row) -> None:
    """A file has come to its end; parts that waited for its data get them and begin."""
    casefile.set_state(cx, city, row, "DONE")
    if not row["part"]:
        return
    bundle = city.service(_whole(cx, row)["service"])
    for key in bundle.bundle[row["part"] - 1].gives:
        for later in casefile.parts_of(cx, row["whole"]):
            if later["waits_for"] == row["number"]:
                cx.execute(
                    "INSERT OR REPLACE INTO case_data VALUES (?, ?, ?)", (later["number"], key, _given(row["number"]))
                )
    for later in casefile.parts_of(cx, row["whole"]):
        if later["waits_for"] == row["number"] and later["state"] == "WAITING":
            casefile.set_state(cx, city, later, "ACCEPTED")
    _settle(cx, city, row["whole"])


def refuse(cx: sqlite3.Connection, city: City, row: sqlite3.Row, why: str) -> None:
    """A file is refused; of a part that may not fail apart, everything that is not done with it. Money goes back."""
    casefile.set_state(cx, city, row, "REFUSED", why)
    _money_back(cx, city, row)
    if not row["part"]:
        for part in casefile.parts_of(cx, row["number"]):
            if part["state"] not in casefile.OVER:
                casefile.set_state(cx, city, part, "REFUSED", why)
                _money_back(cx, city, part)
        return
    for other in casefile.parts_of(cx, row["whole"]):
        needs = other["waits_for"] == row["number"] or not row["apart"]
        if needs and other["state"] not in casefile.OVER:
            casefile.set_state(cx, city, other, "REFUSED", "needs-another-part")
            _money_back(cx, city, other)
    _settle(cx, city, row["whole"])


def _settle(cx: sqlite3.Connection, city: City, number: str) -> None:
    """The whole follows its parts: over when all are, refused only when none was done."""
    whole, parts = casefile.file_of(cx, number), casefile.parts_of(cx, number)
    assert whole is not None
    if whole["state"] in casefile.OVER:
        return
    if all(part["state"] in casefile.OVER for part in parts):
        some = any(part["state"] == "DONE" for part in parts)
        casefile.set_state(cx, city, whole, "DONE" if some else "REFUSED", "" if some else "all-parts-refused")
    elif whole["state"] == "ACCEPTED" and any(part["state"] in ("DONE", "IN_PROGRESS") for part in parts):
        casefile.set_state(cx, city, whole, "IN_PROGRESS", step="examine")


def _money_back(cx: sqlite3.Connection, city: City, row: sqlite3.Row) -> None:
    """What was paid for a refused part goes back, under a number of its own, never more than was paid."""
    whole = _whole(cx, row)
    if not row["fen"] or not whole["payment_order"]:
        return
    order = cx.execute("SELECT * FROM payment_order WHERE id = ?", (whole["payment_order"],)).fetchone()
    given = cx.execute(
        "SELECT COALESCE(SUM(fen), 0) AS fen FROM refund WHERE payment_order = ? AND state <> 'REFUSED'", (order["id"],)
    ).fetchone()["fen"]
    fen = min(row["fen"], order["fen"] - given)
    if order["state"] not in ("PAID", "REFUNDING") or fen <= 0:
        return
    reference = f"part-{row['number']}"
    cx.execute(
        "INSERT OR IGNORE INTO refund VALUES (?, ?, ?, ?, 'part-refused', 'DONE', 0, ?)",
        (reference, order["kiosk"], order["id"], fen, city.stamp()),
    )
    payer = cx.execute("SELECT provider FROM payer_order WHERE id = ?", (order["id"],)).fetchone()
    cx.execute(
        "INSERT OR IGNORE INTO payer_entry (id, reference, kind, provider, fen, at) VALUES (?, ?, 'refund', ?, ?, ?)",
        (order["id"], reference, payer["provider"] if payer else "card", fen, city.stamp()),
    )
    if given + fen >= order["fen"]:
        cx.execute("UPDATE payment_order SET state = 'REFUNDED' WHERE id = ?", (order["id"],))
    cx.execute("UPDATE casefile SET back_fen = ? WHERE number = ?", (fen, row["number"]))


def _whole(cx: sqlite3.Connection, row: sqlite3.Row) -> sqlite3.Row:
    found: sqlite3.Row = cx.execute("SELECT * FROM application WHERE number = ?", (row["whole"],)).fetchone()
    return found


def _given(number: str) -> str:
    """A citizen number that a part's result brings, invented by rule from its own number (GB 11643)."""
    first = f"37100220260101{int(number) % 999 + 1:03d}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return first + "10X98765432"[sum(int(c) * w for c, w in zip(first, weights, strict=True)) % 11]


def parts_member(cx: sqlite3.Connection, number: str) -> dict[str, Any]:
    """The member `parts` of an acceptance: the parts of a bundle; no member for an item that is none."""
    parts = [part_line(part) for part in casefile.parts_of(cx, number)]
    return {"parts": parts} if parts else {}


def part_line(part: sqlite3.Row) -> dict[str, Any]:
    """A part as an acceptance and a case name it."""
    return {
        "number": part["number"],
        "service": part["service"],
        "state": part["state"],
        "promise_date": part["promise_date"],
        "promise_estimated": bool(part["estimated"]),
        "back_fen": part["back_fen"],
    }
