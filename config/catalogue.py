"""The service catalogue: what can be done here, as data (config/services/*.toml). Journeys read only this.

Adding a service is adding a table; `load_catalogue` tells everything that is wrong with all files at once.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

from pydantic import ValidationError

from config import DATA
from config.bundles import bundle_faults
from config.catalogue_content import content_hash
from config.service import (
    FormFieldSpec,
    Option,
    Part,
    Service,
    ServiceData,
    ServiceField,
    Words,
    district_options,
    faults_of,
)
from config.service_guide import guide_faults, in_force

__all__ = [
    "Catalogue",
    "CatalogueError",
    "FormFieldSpec",
    "Service",
    "ServiceField",
    "Words",
    "catalogue_from",
    "catalogue_of",
    "load_catalogue",
]

MAX_FILE_BYTES = 1 << 20
MAX_FILES = 100
PartT = TypeVar("PartT", bound=Part)


class CatalogueError(Exception):
    """The catalogue cannot be used. The message lists every fault: file, service, key, what is wrong."""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All services by id (fields in their order, services by their ids), and the hash of their content.

    Of an item with several versions `services` has the first; `at` picks the one that is in force.
    """

    services: Mapping[str, Service]
    fields: tuple[ServiceField, ...]
    hash: str
    versions: tuple[Service, ...] = ()
    """Every version of every item, also those not in force yet or any more."""

    def at(self, moment: datetime) -> Catalogue:
        """What is offered at `moment`, which carries a zone. A visit under way keeps the catalogue that it began with.

        A field without items is left out, and so is a bundle one of whose parts that cannot fail apart is not offered.
        """
        if moment.tzinfo is None:
            raise ValueError("the moment at which a catalogue is asked for carries a zone")
        found = {service.id: service for service in self.versions if in_force(service, moment)}
        whole = {
            key: service
            for key, service in found.items()
            if all(part.id in found for part in service.bundle if not part.apart)
        }
        keys = {service.field.key for service in whole.values()}
        fields = tuple(field for field in self.fields if field.key in keys)
        return replace(self, services=MappingProxyType(whole), fields=fields)

    def changes_after(self, moment: datetime) -> datetime | None:
        """When `at` gives another answer next, without anybody doing anything; None: never."""
        edges = (edge for service in self.versions for edge in (service.effective_from, service.effective_until))
        return min((edge for edge in edges if edge is not None and edge > moment), default=None)

    @property
    def version(self) -> str:
        """A short name for exactly this content."""
        return self.hash[:12]


def load_catalogue(folder: Path = DATA / "services") -> Catalogue:
    """Load every *.toml of `folder`. Raises `CatalogueError` with all faults of all files."""
    faults: list[str] = []
    files = sorted(folder.glob("*.toml"))
    if not files or len(files) > MAX_FILES:
        raise CatalogueError(f"{folder}: expected 1 to {MAX_FILES} *.toml files, found {len(files)}")
    trees: list[tuple[str, dict[str, Any]]] = []
    for file in files:
        try:
            with file.open("rb") as opened:
                raw = opened.read(MAX_FILE_BYTES + 1)
            if len(raw) > MAX_FILE_BYTES:
                faults.append(f"{file.name}: larger than {MAX_FILE_BYTES} bytes")
                continue
            trees.append((file.name, tomllib.loads(raw.decode("utf-8"))))
        except (OSError, ValueError) as error:
            faults.append(f"{file.name}: {error}")
    return catalogue_of(trees, str(folder), faults)


def catalogue_of(trees: Iterable[tuple[str, dict[str, Any]]], where: str, faults: Iterable[str] = ()) -> Catalogue:
    """The catalogue of named trees, each a [field] and its [[service]]s. Raises `CatalogueError` with all faults;
    `faults` are those that were found while the trees were read."""
    told = list(faults)
    icons = frozenset(json.loads((DATA / "fonts" / "icons.json").read_text(encoding="utf-8")))
    loaded: list[tuple[str, ServiceField, list[ServiceData]]] = []
    for name, tree in trees:
        field, services = _parts(name, tree, icons, told)
        if field:
            loaded.append((name, field, services))
    told += _shared_names(loaded)
    told += bundle_faults([(name, services) for name, _, services in loaded])
    if told:
        raise CatalogueError(f"{where}: {len(told)} fault(s) in the catalogue\n  " + "\n  ".join(told))
    loaded.sort(key=lambda entry: entry[1].order)
    regions = district_options()
    every = (_placed(s, field, regions) for _, field, services in loaded for s in services)
    return catalogue_from(tuple(f for _, f, _ in loaded), every)


def catalogue_from(fields: Iterable[ServiceField], versions: Iterable[Service]) -> Catalogue:
    """The catalogue of services that are right already; its hash is that of their content, wherever they came from."""
    kept = tuple(fields)
    places = {field.key: at for at, field in enumerate(kept)}
    every = tuple(sorted(versions, key=lambda s: (places[s.field.key], s.id, s.version)))
    found: dict[str, Service] = {}
    for service in every:
        found.setdefault(service.id, service)
    return Catalogue(MappingProxyType(found), kept, content_hash(kept, every), every)


def _parts(
    name: str, tree: dict[str, Any], icons: frozenset[str], faults: list[str]
) -> tuple[ServiceField | None, list[ServiceData]]:
    """The field and the services of one file that are well formed; every fault goes to `faults`."""
    faults += [f"{name}: unknown table {key!r}; expected [field] and [[service]]" for key in tree.keys() - _TABLES]
    field = _checked(ServiceField, tree.get("field", {}), f"{name}: field", faults)
    if field and field.icon not in icons:
        faults.append(f"{name}: field.icon: {field.icon!r} is not in config/fonts/icons.json")
    raw = tree.get("service", [])
    if not isinstance(raw, list) or not raw:
        faults.append(f"{name}: expected at least one [[service]]")
        return field, []
    services = []
    for number, entry in enumerate(raw):
        at = f"{name}: {entry.get('id', f'service {number + 1}') if isinstance(entry, dict) else number + 1}"
        service = _checked(ServiceData, entry, at, faults)
        if service:
            faults += [f"{at}.{fault}" for fault in (*faults_of(service), *guide_faults(service))]
            services.append(service)
    return field, services


_TABLES = frozenset({"field", "service"})


def _checked(model: type[PartT], raw: Any, at: str, faults: list[str]) -> PartT | None:
    try:
        return model.model_validate(raw)
    except ValidationError as error:
        faults += [f"{at}.{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()]
        return None


def _shared_names(loaded: list[tuple[str, ServiceField, list[ServiceData]]]) -> list[str]:
    """Keys, orders, ids and codes that two places claim. Versions of one item in one file share id and code."""
    faults: list[str] = []
    claims: dict[tuple[str, object], str] = {}
    for name, field, services in loaded:
        mine: list[tuple[tuple[str, object], str]] = [
            (("field.key", field.key), name),
            (("field.order", field.order), name),
        ]
        for at, s in enumerate(services):
            earlier = [other for other in services[:at] if other.id == s.id and other.version != s.version]
            if not earlier:
                mine += [(("id", s.id), f"{name}: {s.id}"), (("code", s.code), f"{name}: {s.id}")]
            faults += [f"{name}: {s.id}.{fault}" for other in earlier for fault in _clash(other, s)]
        for claim, where in mine:
            if claim in claims:
                faults.append(f"{where}.{claim[0]}: {claim[1]!r} is already used in {claims[claim]}")
            claims.setdefault(claim, where)
    return faults


def _clash(one: ServiceData, other: ServiceData) -> list[str]:
    """What is wrong with two versions of one item; the later number goes on where the earlier ends."""
    first, then = sorted((one, other), key=lambda s: s.version)
    faults = [] if one.code == other.code else ["code: two versions of one item have one code"]
    ends, begins = first.effective_until, then.effective_from
    if ends is None or begins is None or begins < ends:
        faults.append(f"effective_from: versions {first.version} and {then.version} are in force at the same time")
    return faults


def _placed(data: ServiceData, field: ServiceField, regions: tuple[Option, ...]) -> Service:
    here = {"options": regions}
    form = tuple(s.model_copy(update=here) if s.type == "region" and not s.anywhere else s for s in data.form)
    values = {name: getattr(data, name) for name in ServiceData.model_fields}
    return Service.model_construct(**{**values, "form": form, "field": field})
