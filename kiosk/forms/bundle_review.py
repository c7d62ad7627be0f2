"""What the review of a bundle (一件事) shows: what all parts need first, then the answers of each part."""

from __future__ import annotations

from config.bundle_whole import fields_of
from config.bundles import UnionField
from kiosk.steps.fill import typed_row
from kiosk.visits.case import Case
from screens.models import BundleAnswers, Known


def groups(case: Case) -> tuple[BundleAnswers, ...]:
    """The answers by part, each once: one that several items need stands in the first group. () of no bundle."""
    bundle, services = case.service, case.tools.catalogue.services
    if not bundle.bundle or bundle.id not in services:
        return ()
    fields = fields_of(services[bundle.id], services)
    found = [BundleAnswers(case.say("bundle.common"), _rows(case, [f for f in fields if _common(f, bundle.id)]))]
    for part in bundle.bundle:
        own = [f for f in fields if not _common(f, bundle.id) and f.of[0][0] == part.id]
        found.append(BundleAnswers(services[part.id].name.get(case.visit.language), _rows(case, own)))
    return tuple(found)


def _common(field: UnionField, bundle: str) -> bool:
    """Asked by the bundle itself, or by more than one part."""
    return len(field.of) > 1 or field.of[0][0] == bundle


def _rows(case: Case, fields: list[UnionField]) -> tuple[Known, ...]:
    return tuple(
        typed_row(case, field.spec, value)
        for field in fields
        if (value := case.form.get(field.spec.key, "")) and field.spec.key not in case.profile
    )
