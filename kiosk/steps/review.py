"""Before anything is sent: everything that will be sent, the fee and its basis; confirm or go back and change."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Literal

from kiosk.forms.bundle_review import groups
from kiosk.materials import papers
from kiosk.money import fees
from kiosk.steps.bills import fee_lines, settle
from kiosk.steps.fill import known_rows, typed_rows
from kiosk.steps.precheck import precheck
from kiosk.visits.case import Case, Move
from screens import pages
from screens.models import Known, Place, Review
from screens.screen import Screen


async def review(case: Case) -> Move:
    """Show it all; the digest of what was shown goes with the submission."""
    visit = case.visit
    if await precheck(case) == "back":
        return "back"
    if await settle(case) == "back":
        return "back"
    visit.at("review")
    service = case.service

    def build(place: Place) -> Screen:
        language = visit.language
        typed = [] if service.bundle else [*typed_rows(case)]
        typed += _materials(case, language)
        fee = fees.due(case)
        model = Review(
            service.name.get(language),
            (*known_rows(case), *typed),
            fee.fen if fee else 0,
            fee.basis.get(language) if fee else "",
            prints="print" in service.steps,
            costs=fee is not None,
            fee_title=fee.title.get(language) if fee else "",
            fee_lines=fee_lines(case, fee) if fee else (),
            groups=groups(case),
        )
        return pages.review(place, model)

    reply = await visit.ask(build, seconds=visit.manners.form_s)
    if reply.key in ("back", "edit"):
        return "back"
    visit.vault.put("reviewed", reviewed_digest(case))
    papers.sign(case, papers.handed_in(case))
    return "next"


def _materials(case: Case, language: str) -> list[Known]:
    """Each material and where it comes from; what is not handed in is not listed."""
    if "submit" not in case.service.steps or case.visit.vault.get("plan") is None:
        return []
    return [
        Known(
            case.service.materials[each.material].name.get(language),
            papers.row_value(case, each),
            _BADGES.get(each.source, ""),
        )
        for each in papers.planned(case)
        if each.state != "skipped"
    ]


_BADGES: Mapping[str, Literal["card", "licence", "share"]] = {"elicense": "licence", "share": "share", "read": "card"}


def reviewed_digest(case: Case) -> str:
    """SHA-256 over exactly what was shown: the form, the service, the materials and the fee."""
    fee = fees.due(case)
    materials = [each.body() for each in papers.handed_in(case)] if "submit" in case.service.steps else []
    shown = {"form": case.form, "service": case.service.id, "fen": fee.fen if fee else 0, "materials": materials}
    return hashlib.sha256(json.dumps(shown, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
