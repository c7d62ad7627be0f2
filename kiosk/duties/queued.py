"""Applications without a network: sealed to the platform, sheets beside the outbox, sent once, at most 72 hours later.

What is kept here nobody here can open. "Received, not accepted" is all that is said; after 72 hours the sheets are
deleted, and the platform, which alone can open the envelope, tells the person by SMS.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from drivers.outcome import Outcome, Refused
from kiosk.duties.sealed_envelope import Algorithm, seal, seal_sheet
from kiosk.duties.sealed_sheets import NoRoom
from kiosk.materials.uploads import sha256
from kiosk.platform.applying import Applying
from kiosk.platform.applying_messages import PART_BYTES, Sheet

if TYPE_CHECKING:
    from kiosk.duties.fulfilment import Accepted
    from kiosk.visits.case import Case

KEPT_S = 72 * 3600
NOT_SENT = ("session", "order", "archive", "draft")


async def queue_up(case: Case, intent: str, body: dict[str, Any]) -> Outcome[Accepted]:
    """Seal form, materials and sheets, and keep them. Refused: there is no room for so many sheets."""
    from kiosk.materials import papers

    settings = case.tools.settings.platform
    algorithm: Algorithm = settings.sealing
    pictures: list[bytes] = []
    sheets: list[dict[str, Any]] = []
    metas: list[dict[str, Any]] = []
    materials: list[dict[str, Any]] = []
    for each in papers.planned(case):
        if each.state == "skipped":
            continue
        refs = list(each.refs)
        if each.state in ("scan", "photo"):
            refs = []
            for sheet in case.uploads.sheets() if case.uploads is not None else ():
                if sheet.sheet.material != each.material:
                    continue
                if not sheet.sheet.sha256:
                    refs.append(sheet.id)  # of a kept draft: it is at the platform, as it was
                    continue
                picture = sheet.read()
                sealed, key = seal_sheet(picture, algorithm)
                ref = f"sheet-{len(sheets):02d}"
                pictures.append(sealed)
                sheets.append({"ref": ref, "key": key.hex(), "sha256": sha256(picture), "bytes": len(picture)})
                metas.append({name: getattr(sheet.sheet, name) for name in Sheet.__slots__})
                refs.append(ref)
        materials.append({"material": each.material, "source": each.source, "grade": each.grade, "refs": refs})
    application = {
        **{name: value for name, value in body.items() if name not in NOT_SENT},
        "order": None,
        "draft": None,
        "materials": materials,
        "signatures": _signatures(case, body, materials),
    }
    card = case.card
    holder = {
        "name": card.name,
        "number": card.number,
        "valid_to": card.valid_to.isoformat() if card.valid_to else None,
        "level": "A3" if "face" in case.service.steps else "A2",
    }
    inside = json.dumps({"holder": holder, "application": application, "sheets": sheets}, ensure_ascii=False)
    envelope = seal(inside.encode(), settings.sealing_key or "", case.service.id, algorithm)
    row = {
        "service": case.service.id,
        "algorithm": envelope.algorithm,
        "ephemeral": envelope.ephemeral,
        "sealed": envelope.sealed,
        "sealed_at": case.tools.clock.platform_now().isoformat(timespec="seconds"),
        "metas": metas,
    }
    try:
        return await case.tools.submissions.queue(case.visit.id, intent, row, pictures)
    except NoRoom:
        return Refused("too-much-to-keep")


def _signatures(case: Case, body: dict[str, Any], materials: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Signed anew over the references that the sealed sheets have: the same review and strokes, the same moment."""
    from kiosk.materials import papers
    from kiosk.platform.signing import canonical

    document = sha256(canonical({"service": case.service.id, "form": body["form"], "materials": materials}))
    return papers.signatures(case, document) if body["signatures"] else []


def too_old(sealed_at: str, now: datetime) -> bool:
    """Whether its time is over."""
    return now - datetime.fromisoformat(sealed_at) > timedelta(seconds=KEPT_S)


async def upload_sealed(applying: Applying, intent: str, at: int, meta: dict[str, Any], data: bytes) -> str:
    """Bring one sealed sheet to the platform, the missing parts only; its upload id."""
    sheet = Sheet(**{**meta, "bytes": len(data), "sha256": sha256(data), "sealed": True})
    key = f"{intent}-sheet-{at:02d}"
    upload = (await applying.start_upload("", key, sheet)).id
    state = await applying.upload_state(upload)
    for part in range(1, -(-len(data) // PART_BYTES) + 1):
        if not state.complete and part not in state.parts:
            state = await applying.put_part(upload, part, data[(part - 1) * PART_BYTES : part * PART_BYTES])
    if not state.complete:
        await applying.complete_upload(upload, f"{key}-whole")
    return upload
