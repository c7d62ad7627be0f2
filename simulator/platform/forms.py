"""The platform's own check of what was filled in, against the catalogue's form; it trusts no terminal."""

from __future__ import annotations

from collections.abc import Mapping

from config.bundle_whole import owner_of
from config.catalogue import FormFieldSpec, Service
from config.service_values import value_fault
from simulator.platform.city import City
from simulator.platform.dictionaries import choices
from simulator.platform.problems import Flaw, Refusal


def check(city: City, service: Service, values: Mapping[str, str], where: str, *, organisation: bool = False) -> None:
    """Refuse with every flaw at once; `where` is the member of the body that holds the values.

    `organisation`: somebody acts for one, and the fields that are only for such are asked.
    """
    if flaws := flaws_of(city, service, values, where, organisation=organisation):
        raise Refusal("validation", f"{len(flaws)} flaw(s) in what was filled in", flaws)


def flaws_of(
    city: City, service: Service, values: Mapping[str, str], where: str, *, organisation: bool = False
) -> list[Flaw]:
    """Everything that is wrong with the values, in the form's order."""
    known = {spec.key for spec in service.form}
    flaws = [Flaw(f"/body/{where}/{key}"[:200], "unknown", "no such field") for key in values if key not in known]
    for spec in service.form:
        if spec.type == "pin6" and spec.key not in values:
            continue  # typed at the card's own unit, which has its own line
        at = f"/body/{where}/{spec.key}"
        value = values.get(spec.key, "")
        asked = spec.shown_if is None or values.get(spec.shown_if.field) == spec.shown_if.equals
        asked = asked and (organisation or spec.only_for != "organisation")
        if value and not asked:
            flaws.append(Flaw(at, "not-asked", "its condition does not hold"))
        elif not value:
            if asked and spec.required:
                flaws.append(Flaw(at, "required", "must be filled in"))
        elif code := _wrong(city, service, spec, value, values):
            flaws.append(Flaw(at, code, "does not fit the field"))
    return flaws


def _wrong(city: City, service: Service, spec: FormFieldSpec, value: str, values: Mapping[str, str]) -> str:
    if fault := value_fault(spec, value):
        return fault
    if spec.options and any(entry not in {o.key for o in spec.options} for entry in value.split("\n")):
        return "choose"
    if spec.options_from == "platform":
        item, key = owner_of(service.id, spec.key, city.catalogue.services)
        offered = {entry.key for entry in choices(city, f"{item}.{key}") or ()}
        if any(entry not in offered for entry in value.split("\n")):
            return "choose"
    before = values.get(spec.not_before, "") if spec.not_before else ""
    return "order" if before and value < before else ""
