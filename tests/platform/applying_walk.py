"""Every operation of materials, drafts and applications, spoken once: part of the walk of the contract."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from kiosk.platform.applying_messages import MaterialRef, Sheet
from kiosk.platform.errors import Problem
from simulator.people import CITIZENS


async def applying(town: Any) -> None:
    """Every call that concerns materials, drafts and applications."""
    a, service = town.platform.applying, "WH-SI-022"
    session, _ = await town.proven(CITIZENS["citizen-06"])
    consent = await town.platform.consent(session, town.key("cns"), "licence", ["licence", "share"], "2026-11")
    form = {"cert_no": "S1", "bank_card": "6222021234567894", "phone": "19906311074"}
    found = await a.licences(session, service, consent)
    assert [f.material for f in found] == [0]
    assert [f.material for f in await a.shared(session, "WH-PS-001", consent)] == [1]
    with town.app.state.city.store.transaction() as cx:
        cx.execute("UPDATE licence SET valid_to = NULL")
    copy = await a.copy(session, town.key(), found[0].id, service, consent)
    data = b"sheet" * 50
    at, digest = "2026-11-21T20:14:00+08:00", hashlib.sha256(data).hexdigest()
    sheet = Sheet(service, 0, 1, "a4", len(data), digest, at, "document_camera", 200)
    upload = (await a.start_upload(session, town.key(), sheet)).id
    assert (await a.put_part(upload, 1, data)).parts == {1}
    assert (await a.complete_upload(upload, town.key())).complete
    draft = await a.start_draft(session, town.key(), service, form, ())
    materials = (MaterialRef(0, "elicense", "A", (copy.id,)),)
    draft = await a.change_draft(session, town.key(), draft, form, materials, keep=True)
    assert await a.read_draft(session, draft.id) == draft
    assert await a.my_drafts(session) == (draft,)
    assert await a.precheck(session, draft.id) == ()
    body = {
        "service": service, "form": form, "order": None, "consents": [consent], "reviewed_digest": "a" * 64,
        "submitted_at": at, "draft": draft.id, "materials": [m.body() for m in materials], "signatures": [],
    }  # fmt: skip
    intent = town.key("sub")
    accepted = await a.submit(session, intent, body)
    assert await a.find_by_draft(draft.id, intent) == accepted
    assert accepted.number in [case.number for case in await a.mine(session)]
    for refused in (
        a.supplement(session, town.key(), accepted.number, (), [consent]),
        a.submit_sealed(
            town.key("sub"),
            {
                "service": service, "algorithm": "X25519-SHA256-AES256GCM", "ephemeral": "a" * 64,
                "sealed": "A" * 80, "sealed_at": at, "uploads": [],
            },
        ),
    ):  # fmt: skip
        with pytest.raises(Problem):
            await refused
    assert (await a.withdraw(session, town.key(), accepted.number, "mistake")).state == "WITHDRAWN"
    assert (await a.upload_state(upload)).complete
    await a.drop_upload(upload)
    await a.drop_draft(session, draft.id)
