"""The platform's own check of what was filled in, against the catalogue's form; it trusts no terminal."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

from config.catalogue import FormFieldSpec, Service
from simulator.platform.problems import Flaw, Refusal

_SHAPES = {
    "phone": re.compile(r"1[3-9][0-9]{9}"),
    "month": re.compile(r"(19|20)[0-9]{2}(0[1-9]|1[0-2])"),
    "date": re.compile(r"(19|20)[0-9]{6}"),
    "digits": re.compile(r"[0-9]+"),
}


def check(service: Service, values: Mapping[str, str], where: str) -> None:
    """Refuse with every flaw at once; `where` is the member of the body that holds the values."""
    known = {spec.key: spec for spec in service.form}
    flaws = [Flaw(f"/body/{where}/{key}"[:200], "unknown", "no such field") for key in values if key not in known]
    for spec in service.form:
        at = f"/body/{where}/{spec.key}"
        value = values.get(spec.key, "")
        asked = spec.shown_if is None or values.get(spec.shown_if.field) == spec.shown_if.equals
        if value and not asked:
            flaws.append(Flaw(at, "not-asked", "its condition does not hold"))
        elif not value:
            if asked and spec.required:
                flaws.append(Flaw(at, "required", "must be filled in"))
        elif code := _wrong(spec, value, values):
            flaws.append(Flaw(at, code, "does not fit the field"))
    if flaws:
        raise Refusal("validation", f"{len(flaws)} flaw(s) in what was filled in", flaws)


def _wrong(spec: FormFieldSpec, value: str, values: Mapping[str, str]) -> str:
    shape = _SHAPES.get(spec.type)
    if shape and not shape.fullmatch(value):
        return spec.type
    if spec.type == "date":
        try:
            date.fromisoformat(f"{value[:4]}-{value[4:6]}-{value[6:]}")
        except ValueError:
            return "date"
    if spec.options and value not in {o.key for o in spec.options}:
        return "choice"
    if len(value) > max(spec.length, spec.max_length):
        return "too-long"
    before = values.get(spec.not_before, "") if spec.not_before else ""
    return "order" if before and value < before else ""
