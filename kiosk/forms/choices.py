"""The choices of a form that the platform gives: schools, banks, slots. Asked once a journey, kept in the vault.

Without a network an item of class `cache` is asked with those that were kept (`kiosk.catalogue.kept_choices`).
"""

from __future__ import annotations

from collections.abc import Iterable

from config.bundle_whole import owner_of
from config.catalogue import FormFieldSpec
from config.service_form import Option
from kiosk.catalogue.kept_choices import KeptChoices, options
from kiosk.catalogue.reference_data import FOLDER
from kiosk.platform.errors import PlatformError
from kiosk.visits.case import Case, Stop
from screens.models import NotDone

Found = dict[str, tuple[Option, ...]]


async def choices_of(case: Case, asked: Iterable[FormFieldSpec]) -> Found:
    """The choices of every asked field that has the platform's. Raises `Stop` when the platform does not answer."""
    found: Found = case.visit.vault.get("choices", {})
    missing = [spec for spec in asked if spec.options_from == "platform" and spec.key not in found]
    if not missing:
        return found
    for spec in missing:
        try:
            item, key = owner_of(case.service.id, spec.key, case.tools.catalogue.services)
            found[spec.key] = options(await case.tools.platform.catalogue.choices(item, key))
        except PlatformError as error:
            kept = KeptChoices(case.tools.settings.state_dir / FOLDER).get(case.service.id, spec.key)
            if case.service.offline != "cache" or not kept:
                raise Stop(NotDone("network", can_retry=True)) from error
            found[spec.key] = kept
    case.visit.vault.put("choices", found)
    return found
