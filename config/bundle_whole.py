"""A bundle (一件事) as one item: one form, one set of materials, the steps that they need."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from typing import Annotated

from pydantic import Field

from config import DATA
from config.bundles import UnionField, union_of_fields
from config.service import Material, Service, StepKey
from config.service_words import Part, ServiceId

PAPERS_BEFORE: tuple[StepKey, ...] = ("face", "identify")
_Name = Annotated[str, Field(min_length=1, max_length=60)]


class Made(Part):
    """A part of a bundle makes a paper that no later part asks for."""

    bundle: ServiceId
    part: ServiceId
    material: _Name


class BundleWords(Part):
    """config/bundles.toml."""

    same: Annotated[tuple[Annotated[tuple[_Name, ...], Field(min_length=2, max_length=8)], ...], Field(max_length=60)]
    made: Annotated[tuple[Made, ...], Field(max_length=60)]


@cache
def bundle_words() -> BundleWords:
    """Read once. Raises `pydantic.ValidationError`, which names the member."""
    return BundleWords.model_validate(tomllib.loads((DATA / "bundles.toml").read_text(encoding="utf-8")))


def fields_of(service: Service, services: Mapping[str, Service]) -> tuple[UnionField, ...]:
    """Every question of a bundle with the items that it is for; () of an item that is none."""
    return union_of_fields(service, services) if service.bundle else ()


def owner_of(item: str, key: str, services: Mapping[str, Service]) -> tuple[str, str]:
    """The item and the key under which the platform knows the choices of a field: in a bundle, a part's."""
    fields = fields_of(services[item], services) if item in services else ()
    return next((field.of[-1] for field in fields if field.spec.key == key), (item, key))


def materials_of(service: Service, services: Mapping[str, Service]) -> tuple[Material, ...]:
    """The materials of a bundle: its own, then those of its parts, the same paper once; () of an item that is none."""
    found: dict[str, Material] = {}
    made = {m.material for m in bundle_words().made if m.bundle == service.id}
    for item in (service, *(services[part.id] for part in service.bundle)) if service.bundle else ():
        for material in item.materials:
            name = _paper(material.name.zh)
            if item is not service and name in {_paper(m) for m in made}:
                continue
            found[name] = _one(found[name], material) if name in found else material
    return tuple(found.values())


def whole_of(service: Service, services: Mapping[str, Service]) -> Service:
    """The bundle as the journey and the platform treat it: one form, one material set, the steps and devices for them.

    An item that is no bundle is given back as it is.
    """
    if not service.bundle:
        return service
    materials = materials_of(service, services)
    parts = [services[part.id] for part in service.bundle]
    photo = service.photo or next((part.photo for part in parts if part.photo and "photo" in part.steps), None)
    wanted: list[StepKey] = []
    if any(m.sources != ("sign",) for m in materials):
        wanted.append("materials")
    if any(m.document for m in materials):
        wanted.append("scan")
    if photo:
        wanted.append("photo")
    form = tuple(field.spec for field in fields_of(service, services))
    steps = _with(service.steps, wanted)
    update: dict[str, object] = {"form": form, "materials": materials, "steps": steps, "photo": photo}
    if "camera" not in service.needs and ("photo" in steps or any(m.document and m.required for m in materials)):
        update["needs"] = (*service.needs, "camera")
    return service.model_copy(update=update)


def _with(steps: tuple[StepKey, ...], wanted: list[StepKey]) -> tuple[StepKey, ...]:
    """The steps with those of `wanted` that are not there, behind whoever proves the person, in their order."""
    rest = [step for step in steps if step not in wanted]
    at = max((rest.index(step) + 1 for step in PAPERS_BEFORE if step in rest), default=0)
    return (*rest[:at], *wanted, *rest[at:])


def _paper(name: str) -> str:
    """The name under which a paper is known: the first of those that mean the same."""
    return next((names[0] for names in bundle_words().same if name in names), name)


def _one(first: Material, second: Material) -> Material:
    """One paper for two items: every source that either knows, and its kind on the desk."""
    sources = tuple(dict.fromkeys((*first.sources, *second.sources)))
    return first.model_copy(
        update={
            "sources": sources,
            "document": first.document or second.document,
            "required": first.required or second.required,
            "pages": max(first.pages, second.pages),
            "each_party": first.each_party or second.each_party,
            "when": first.when if first.when == second.when else "",
        }
    )
