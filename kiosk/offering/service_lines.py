"""Services as pages show them: a line of a list, a field's tile, the guide with its elements."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Literal

from config.catalogue import Catalogue, Service
from config.service_fee import Fee
from config.service_words import Words
from config.settings import Settings
from config.texts import texts
from kiosk.money.fee_words import fee_line, fee_rows
from kiosk.offering.capability import OF_THE_MACHINE, Availability, Capability
from kiosk.offering.fitted import LASTING
from kiosk.offering.places import nearest
from screens.models import FieldLine, Guide, ServiceLine
from screens.screen import Language

Sheet = Literal["", "receipt", "a4"]
CARD_FIRST: Final = ("刷身份证", "刷原身份证")
"""How the lines of procedures begin that say to place the card (config/services)."""


def limits_told(capability: Capability, language: Language) -> tuple[str, ...]:
    """What cannot be done now, a sentence each. Of a device without words of its own the guides that need it tell."""
    say = texts(language).t
    return tuple(words for words in dict.fromkeys(map(say, capability.limits())) if words != say("reason.other"))


def service_line(
    service: Service, capability: Capability, language: Language, as_of: str = "", *, in_guide: bool = False
) -> ServiceLine:
    """One line; `as_of` is when the platform was last heard, for what is shown while it is away."""
    found = capability.of(service)
    limit = "" if found.limit in LASTING and not in_guide else found.limit
    return ServiceLine(
        service.id,
        service.name.get(language),
        service.kind,
        fee_line(service.fee, language),
        service.minutes,
        found.available,
        reason_words(found, language),
        texts(language).t(limit, time=as_of) if limit else "",
        service.depth > 1,
    )


def reason_words(found: Availability, language: Language) -> str:
    """Why an item cannot be started, as a sentence; "" when it can."""
    return texts(language).t(found.reason, **found.values) if found.reason else ""


def field_lines(catalogue: Catalogue, language: Language, kind: str = "") -> tuple[FieldLine, ...]:
    """Today's fields with how many services they have; with `kind` only of that verb, and the fields that have some."""
    counts: dict[str, int] = {}
    for service in catalogue.services.values():
        if not kind or service.kind == kind:
            counts[service.field.key] = counts.get(service.field.key, 0) + 1
    return tuple(
        FieldLine(f.key, f.name.get(language), f.icon, f.note.get(language), counts[f.key])
        for f in catalogue.fields
        if f.key in counts
    )


def guide_model(
    service: Service,
    catalogue: Catalogue,
    capability: Capability,
    settings: Settings,
    language: Language,
    *,
    prints: Sheet = "",
    as_of: str = "",
) -> Guide:
    """All elements of the guide, and where else to go when it cannot be started."""
    elsewhere, found = "", capability.of(service)
    by_phone = capability.fitted is not None and capability.fitted.by_phone(service)
    if not found.available:
        elsewhere = nearest(settings, language, (*service.needs, *service.equipment))
    return Guide(
        service_line(service, capability, language, as_of, in_guide=True),
        service.basis.get(language),
        tuple(m.get(language) for m in service.materials),
        tuple(_by_phone(p, language) if by_phone else p.get(language) for p in service.procedure),
        fee_line(service.fee, language),
        _fee_basis(service.fee, language),
        service.time_limit.get(language),
        service.output.get(language),
        service.authority.get(language),
        elsewhere,
        tuple(c.get(language) for c in service.conditions),
        tuple(_part_lines(service, catalogue, language)),
        prints,
        "" if "identify" not in service.steps else "phone" if by_phone else "card",
        found.reason.startswith(OF_THE_MACHINE) and found.reason != "reason.hours",
    )


def _by_phone(step: Words, language: Language) -> str:
    """A line of the procedure where no card can be read: to place the card is to sign in with the phone."""
    return texts(language).t("guide.by-phone") if step.zh.startswith(CARD_FIRST) else step.get(language)


def _fee_basis(fee: Fee, language: Language) -> str:
    if fee.type == "free":
        return ""
    rows = tuple(" ".join(row) for row in fee_rows(fee, language))
    return "\n".join(filter(None, (*rows, fee.basis.get(language))))


def _part_lines(service: Service, catalogue: Catalogue, language: Language) -> Iterable[str]:
    """The items of a bundle, each with its own time and fee."""
    for part in service.bundle:
        item = catalogue.services.get(part.id)
        if item is not None:
            between = "，" if language == "zh" else ", "
            told = between.join((item.time_limit.get(language), fee_line(item.fee, language)))
            yield f"{item.name.get(language)}（{told}）" if language == "zh" else f"{item.name.get(language)} ({told})"
