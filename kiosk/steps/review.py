"""Before anything is sent: everything that will be sent, the fee and its basis; confirm or go back and change."""

from __future__ import annotations

import hashlib
import json

from kiosk.case import Case, Move
from kiosk.forms import display_value
from kiosk.steps.fill import known_rows
from screens import pages
from screens.models import Known, Place, Review
from screens.screen import Screen


async def review(case: Case) -> Move:
    """Show it all; the digest of what was shown goes with the submission."""
    visit = case.visit
    visit.at("review")
    service = case.service

    def build(place: Place) -> Screen:
        language = visit.language
        typed = [
            Known(spec.label.get(language), display_value(spec, value, language), "typed")
            for spec in service.form
            if (value := case.form.get(spec.key, "")) and spec.key not in case.profile
        ]
        licences = [name.removeprefix("中华人民共和国") for name in visit.vault.get("licences", [])]
        if licences and "submit" in service.steps:
            typed.append(Known(case.say("review.licences"), "、".join(licences), "licence"))
        fee = service.fee
        model = Review(
            service.name.get(language),
            (*known_rows(case), *typed),
            fee.fen,
            fee.basis.get(language),
            prints="print" in service.steps,
        )
        return pages.review(place, model)

    reply = await visit.ask(build, seconds=visit.manners.form_s)
    if reply.key in ("back", "edit"):
        return "back"
    visit.vault.put("reviewed", reviewed_digest(case))
    return "next"


def reviewed_digest(case: Case) -> str:
    """SHA-256 over exactly what was shown: the form, the service and the fee."""
    shown = {"form": case.form, "service": case.service.id, "fen": case.service.fee.fen}
    return hashlib.sha256(json.dumps(shown, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
