"""Bundles (一件事): one form for several items. The union of their fields, and which item gets which answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import chain

from config.service import FormFieldSpec, ServiceData

MAX_FIELDS = 200


@dataclass(frozen=True, slots=True)
class UnionField:
    """One question of a bundle, and whom it is for: (id of a part or of the bundle, the key that it has there)."""

    spec: FormFieldSpec
    of: tuple[tuple[str, str], ...]


def union_of_fields(bundle: ServiceData, services: Mapping[str, ServiceData]) -> tuple[UnionField, ...]:
    """Every question of the bundle and of its parts once.

    Two fields are one question when key, type, label and choices agree, and their conditions too; required by one is
    required. What an earlier part gives is not asked. Fields that share no more than the key keep apart: the later one
    gets its item's id in front of its key.
    """
    found: dict[str, UnionField] = {}
    given: set[str] = set()
    for service, gives in ((bundle, ()), *((services[part.id], part.gives) for part in bundle.bundle)):
        named = {spec.key: _name(spec, service, found) for spec in service.form}
        asked = [spec for spec in service.form if spec.key not in given]
        given.update(gives)
        for spec in asked:
            placed = _renamed(spec, named)
            mine = (service.id, spec.key)
            before = found.get(placed.key)
            if before is None:
                found[placed.key] = UnionField(placed, (mine,))
            else:
                both = {
                    "required": before.spec.required or placed.required,
                    "only_for": placed.only_for if placed.only_for == before.spec.only_for else "",
                }
                found[placed.key] = UnionField(before.spec.model_copy(update=both), (*before.of, mine))
    return tuple(found.values())


def answers_for(item: str, union: Iterable[UnionField], values: Mapping[str, str]) -> dict[str, str]:
    """The answers that belong to one item of the bundle, under the keys of its own form."""
    return {
        key: values[field.spec.key]
        for field in union
        for owner, key in field.of
        if owner == item and field.spec.key in values
    }


def _name(spec: FormFieldSpec, service: ServiceData, found: Mapping[str, UnionField]) -> str:
    before = found.get(spec.key)
    if before is None or _question(before.spec) == _question(spec):
        return spec.key
    return f"{service.id[3:].lower()}-{spec.key}"[:40]


def _question(spec: FormFieldSpec) -> tuple[object, ...]:
    return (spec.type, spec.label, spec.options, spec.options_from, spec.shown_if)


def _renamed(spec: FormFieldSpec, named: Mapping[str, str]) -> FormFieldSpec:
    shown = spec.shown_if and spec.shown_if.model_copy(update={"field": named[spec.shown_if.field]})
    before = spec.not_before and named[spec.not_before]
    return spec.model_copy(update={"key": named[spec.key], "shown_if": shown, "not_before": before})


def bundle_faults(files: Iterable[tuple[str, list[ServiceData]]]) -> list[str]:
    """Bundles whose parts are not there, are bundles themselves, or ask too much: `file: id.bundle: what is wrong`."""
    files = list(files)
    services = {s.id: s for s in chain.from_iterable(services for _, services in files)}
    faults: list[str] = []
    for name, service in ((name, s) for name, found in files for s in found if s.bundle):
        at = f"{name}: {service.id}.bundle"
        missing = [part.id for part in service.bundle if part.id not in services]
        faults += [f"{at}: there is no item {key} in the catalogue" for key in missing]
        nested = [part.id for part in service.bundle if part.id in services and services[part.id].bundle]
        faults += [f"{at}: {key} is a bundle itself" for key in nested]
        later: set[str] = set()
        for part in () if missing else reversed(service.bundle):
            faults += [
                f"{at}: {part.id} gives {key!r}, which no later part asks" for key in part.gives if key not in later
            ]
            later.update(spec.key for spec in services[part.id].form)
        if not missing and not nested and len(union_of_fields(service, services)) > MAX_FIELDS:
            faults.append(f"{at}: its parts ask for more than {MAX_FIELDS} fields")
    return faults
