"""The choices of a form that the platform gives: schools, banks, slots. Asked once a journey, kept in the vault."""

from __future__ import annotations

from collections.abc import Iterable

from config.bundle_whole import owner_of
from config.catalogue import FormFieldSpec
from config.service_form import Option
from config.service_words import Words
from kiosk.case import Case, Stop
from kiosk.platform.errors import PlatformError
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
            entries = await case.tools.platform.catalogue.choices(item, key)
        except PlatformError as error:
            raise Stop(NotDone("network", can_retry=True)) from error
        found[spec.key] = tuple(Option(key=e.key, label=Words(zh=e.label.zh, en=e.label.en)) for e in entries)
    case.visit.vault.put("choices", found)
    return found
