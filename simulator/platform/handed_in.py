"""Materials as they are handed in: what a reference must be, which sheets it brings, the archive of a case."""

from __future__ import annotations

import base64
import hashlib
import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from config.catalogue import Service
from config.documents import document_kinds
from config.signing import signing
from simulator.platform import forms, licences, signed_ink, uploads
from simulator.platform.applying_models import MaterialRef, SignatureRef
from simulator.platform.city import City
from simulator.platform.problems import Flaw, Refusal
from simulator.platform.signing import canonical

SCHEMA = """
CREATE TABLE IF NOT EXISTS archive(
    number TEXT NOT NULL, position INTEGER NOT NULL, material INTEGER NOT NULL, source TEXT NOT NULL,
    grade TEXT NOT NULL, ref TEXT NOT NULL, sha256 TEXT NOT NULL, bytes INTEGER NOT NULL, captured_at TEXT NOT NULL,
    device TEXT NOT NULL, PRIMARY KEY (number, position)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS signature(
    number TEXT NOT NULL, material INTEGER NOT NULL, method TEXT NOT NULL, document TEXT NOT NULL, at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS signature_ink(number TEXT PRIMARY KEY, png BLOB NOT NULL) WITHOUT ROWID;
"""
GRADES: Mapping[str, str] = {
    "elicense": "A", "share": "A", "read": "A", "insert": "A", "mrz": "A", "scan": "C", "photo": "C", "face": "A",
    "finger": "C", "sign": "D", "counter": "",
}  # fmt: skip
"""国办函〔2016〕108号: what the authority gives is A, what the person brings C until it is checked, a pledge D."""
NOT_HERE = frozenset({"elicense", "share", "read", "insert", "mrz", "finger", "sign", "photo"})
"""Sources that a terminal may have to leave to the counter; what can be scanned is scanned."""
Code = Literal["missing", "blurred", "wrong-side", "expired", "other-person", "form"]


@dataclass(frozen=True, slots=True)
class Trouble:
    """One thing that keeps an application from being accepted: of a material, or of a field of the form."""

    code: Code
    material: int | None = None
    field: str = ""


def document_digest(service: str, form: Mapping[str, str], materials: Iterable[MaterialRef]) -> str:
    """SHA-256 of what a signature stands for."""
    document = {"service": service, "form": dict(form), "materials": [m.model_dump() for m in materials]}
    return hashlib.sha256(canonical(document)).hexdigest()


def troubles(
    cx: sqlite3.Connection,
    city: City,
    service: Service,
    citizen: str,
    form: Mapping[str, str],
    handed: Sequence[MaterialRef],
    *,
    agent: bool = False,
) -> list[Trouble]:
    """Everything that is wrong, form and materials, in their order."""
    found = [Trouble("form", field=key) for key in _form_flaws(city, service, form, agent=agent)]
    by_index = {ref.material: ref for ref in handed}
    for index, material in enumerate(service.materials):
        if material.when == "agent" and not agent:
            continue
        ref = by_index.get(index)
        if ref is None or (ref.source != "counter" and not ref.refs and ref.source in _WITH_REFS):
            held = "share" in material.sources and licences.holds(cx, city, citizen, material.name.zh, "share")
            if material.required and set(material.sources) & _WITH_REFS and not held:
                found.append(Trouble("missing", index))
        elif ref.source == "counter":
            if material.required and "scan" in material.sources:
                found.append(Trouble("missing", index))
        else:
            found += [Trouble(code, index) for code in _wrong_with(cx, city, citizen, service, ref)]
    return found


def troubles_of(cx: sqlite3.Connection, city: City, service: Service, citizen: str, ref: MaterialRef) -> list[Trouble]:
    """Everything that is wrong with one material that is handed in."""
    if not ref.refs and ref.source in _WITH_REFS:
        return [Trouble("missing", ref.material)]
    return [Trouble(code, ref.material) for code in _wrong_with(cx, city, citizen, service, ref)]


_WITH_REFS = frozenset({"elicense", "share", "scan", "photo"})


def _form_flaws(city: City, service: Service, form: Mapping[str, str], *, agent: bool) -> list[str]:
    try:
        forms.check(city, service, form, "form", organisation=agent)
    except Refusal as refusal:
        return list(dict.fromkeys(flaw.pointer.rpartition("/")[2][:40] for flaw in refusal.flaws))
    return []


def _wrong_with(cx: sqlite3.Connection, city: City, citizen: str, service: Service, ref: MaterialRef) -> list[Code]:
    material = service.materials[ref.material]
    if ref.source not in material.sources or len(ref.refs) > material.pages + 8:
        return ["missing"]
    if wished := city.wishes.get(f"precheck:{ref.material}"):
        return [wished]  # type: ignore[list-item]  # one of the codes, checked at the desk
    rows = [row for each in ref.refs if (row := _row(cx, citizen, service.id, ref.source, each)) is not None]
    if len(rows) != len(ref.refs):
        return ["missing"]
    if ref.source in ("elicense", "share"):
        today = city.now().date().isoformat()
        return ["expired"] if any(row["valid_to"] and row["valid_to"] < today for row in rows) else []
    return _sheet_faults([uploads.meta(row) for row in rows]) if ref.source == "scan" else []


def _sheet_faults(sheets: Sequence[Any]) -> list[Code]:
    kinds = document_kinds()
    found: list[Code] = []
    for sheet in sheets:
        kind = kinds.get(sheet.kind)
        if kind is None or sheet.dpi < kind.least_dpi:
            found.append("blurred")
        elif kind.sides and len(sheets) < len(kind.sides):
            found.append("wrong-side")
        if sheet.check == "other":
            found.append("other-person")
    return list(dict.fromkeys(found))


def _row(cx: sqlite3.Connection, citizen: str, service: str, source: str, ref: str) -> sqlite3.Row | None:
    """What a reference names, when it is the citizen's own and for this item."""
    if source == "share":
        query = "SELECT id, id AS ref, valid_to, '' AS sha256 FROM licence WHERE id = ? AND holder = ?"
        return cx.execute(query, (ref, citizen)).fetchone()  # type: ignore[no-any-return]  # sqlite3 types it as Any
    if source == "elicense":
        query = (
            "SELECT c.id AS ref, l.valid_to, c.sha256 FROM licence_copy c JOIN licence l ON l.id = c.licence"
            " WHERE c.id = ? AND c.holder = ? AND c.service = ?"
        )
        return cx.execute(query, (ref, citizen, service)).fetchone()  # type: ignore[no-any-return]  # as above
    row = cx.execute("SELECT * FROM upload WHERE id = ? AND state = 'COMPLETE'", (ref,)).fetchone()
    if row is None or (row["citizen"] != citizen and not row["sealed"]) or uploads.meta(row).service != service:
        return None
    return row  # type: ignore[no-any-return]  # as above


def refuse(found: Sequence[Trouble]) -> None:
    """Refuse with everything that is wrong."""
    if not found:
        return
    flaws = [
        Flaw(
            f"/body/form/{t.field}" if t.material is None else f"/body/materials/{t.material}",
            t.code,
            "does not fit the field" if t.material is None else "this material cannot be accepted so",
        )
        for t in found
    ]
    slug = "validation" if all(t.material is None for t in found) else "material-rejected"
    raise Refusal(slug, f"{len(flaws)} flaw(s)", flaws)


def check_grades(service: Service, handed: Sequence[MaterialRef]) -> None:
    """Refuse a reference that is twice there, of no material, or claims more trust than its source gives."""
    seen = [ref.material for ref in handed]
    flaws = [
        Flaw(f"/body/materials/{at}", "grade", "not the grade of that source")
        for at, ref in enumerate(handed)
        if GRADES[ref.source] != ref.grade
    ]
    flaws += [
        Flaw(f"/body/materials/{at}", "unknown", "no such material, or twice")
        for at, index in enumerate(seen)
        if index >= len(service.materials) or index in seen[:at]
    ]
    if flaws:
        raise Refusal("validation", f"{len(flaws)} flaw(s) in the materials", flaws)


def check_signatures(digest: str, signatures: Sequence[SignatureRef]) -> None:
    """Refuse a signature that stands for something else (R10)."""
    flaws = [
        Flaw(f"/body/signatures/{at}/document", "signature", "it was given for something else")
        for at, signature in enumerate(signatures)
        if signature.document != digest
    ]
    if flaws:
        raise Refusal("validation", "a signature does not stand for what was sent", flaws)


def check_signed(service: Service, signatures: Sequence[SignatureRef], handed: Sequence[MaterialRef]) -> None:
    """Refuse what is not signed where it has to be, and ink that does not stand for what was sent (R10)."""
    flaws = []
    for at, one in enumerate(signatures):
        if one.ink and one.method != "handwritten":
            flaws.append(Flaw(f"/body/signatures/{at}/ink", "signature", "ink of a signature that is none by hand"))
        elif one.ink and (wrong := signed_ink.fault(one.ink, one.document, one.at)):
            flaws.append(Flaw(f"/body/signatures/{at}/ink", "signature", wrong))
    by_hand = [one for one in signatures if one.method == "handwritten"]
    if by_hand and not by_hand[0].ink:
        flaws.append(Flaw("/body/signatures", "signature", "by hand, and nothing is written"))
    signed = {one.material for one in signatures if one.method != "confirmed-review"}
    if service.id in signing().items:
        wanted = {ref.material for ref in handed if ref.source == "sign"}
        flaws += [Flaw(f"/body/materials/{n}", "signature", "is to be signed") for n in sorted(wanted - signed)]
    if flaws:
        raise Refusal("validation", f"{len(flaws)} flaw(s) in the signatures", flaws[:20])


def archive(
    cx: sqlite3.Connection, number: str, citizen: str, service: Service, handed: Sequence[MaterialRef]
) -> list[str]:
    """Put what was handed in into the archive of the case (R11); the digests of its sheets in their order."""
    at = int(cx.execute("SELECT COUNT(*) AS n FROM archive WHERE number = ?", (number,)).fetchone()["n"])
    digests: list[str] = []
    for ref in handed:
        for each in ref.refs:
            row = _row(cx, citizen, service.id, ref.source, each)
            assert row is not None  # `troubles` was asked before
            sheet = uploads.meta(row) if ref.source in ("scan", "photo") else None
            values = (
                number, at, ref.material, ref.source, ref.grade, each, row["sha256"], row["bytes"] if sheet else 0,
                sheet.captured_at if sheet else "", sheet.device if sheet else "",
            )  # fmt: skip
            cx.execute(f"INSERT INTO archive VALUES ({', '.join('?' * len(values))})", values)  # noqa: S608 - question marks
            at += 1
            if sheet:
                uploads.keep(cx, [each])
                digests.append(row["sha256"])
    return digests


def archived(cx: sqlite3.Connection, number: str) -> list[str]:
    """The digests of the sheets in a case's archive, in the order in which they were handed in."""
    rows = cx.execute(
        "SELECT sha256 FROM archive WHERE number = ? AND source IN ('scan', 'photo') ORDER BY position", (number,)
    )
    return [row["sha256"] for row in rows]


def sign(cx: sqlite3.Connection, number: str, signatures: Sequence[SignatureRef]) -> None:
    """Put the signatures on record."""
    cx.executemany(
        "INSERT INTO signature VALUES (?, ?, ?, ?, ?)",
        [(number, s.material, s.method, s.document, s.at) for s in signatures],
    )
    if png := next((s.ink for s in signatures if s.ink), ""):
        cx.execute("INSERT INTO signature_ink VALUES (?, ?)", (number, base64.b64decode(png)))


def dumped(handed: Iterable[MaterialRef]) -> str:
    """References as JSON, to be kept."""
    return json.dumps([ref.model_dump() for ref in handed])
