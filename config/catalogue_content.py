"""The content of a catalogue as JSON: what crosses the wire, what is hashed, signed and kept on disk.

A field is its [field] table, an item `{"field": key, "service": table}` with the tables of config/services; what has
its default is left out. The hash is SHA-256 over canonical JSON of fields and items, items by field, id and version.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from config.service import Service, ServiceField

MAX_FIELDS = 99
MAX_ITEMS = 20_000


def field_json(field: ServiceField) -> dict[str, Any]:
    """One field as its table."""
    return field.model_dump(mode="json", exclude_defaults=True)


def item_json(service: Service) -> dict[str, Any]:
    """One version of one item, with its field's key. Districts are left out: every terminal has them."""
    table = service.model_dump(mode="json", exclude_defaults=True, exclude={"field"})
    for spec in table.get("form", ()):
        if spec["type"] == "region" and not spec.get("anywhere"):
            spec.pop("options", None)
    return {"field": service.field.key, "service": table}


def item_key(item: Mapping[str, Any]) -> str:
    """What names one version of one item: `WH-PS-001@1`."""
    return f"{item['service']['id']}@{item['service'].get('version', 1)}"


def content_hash(fields: Iterable[ServiceField], versions: Iterable[Service]) -> str:
    """The hash of services that are right and in their order."""
    return hash_of([field_json(field) for field in fields], [item_json(service) for service in versions])


def hash_of(fields: list[dict[str, Any]], items: list[dict[str, Any]]) -> str:
    """The hash of content that is in its order."""
    text = json.dumps(
        {"fields": fields, "items": items}, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )
    return hashlib.sha256(text.encode()).hexdigest()


def trees_of(
    fields: Iterable[Mapping[str, Any]], items: Iterable[Mapping[str, Any]]
) -> list[tuple[str, dict[str, Any]]]:
    """Content as the trees that `config.catalogue.catalogue_of` reads; items of a field that is not there make a tree
    without one, which is a fault there."""
    trees: dict[str, dict[str, Any]] = {
        str(field.get("key")): {"field": dict(field), "service": []} for field in fields
    }
    for item in items:
        trees.setdefault(str(item.get("field")), {"service": []})["service"].append(item.get("service"))
    return [(name, tree) for name, tree in trees.items() if tree["service"] or "field" not in tree]


def applied(
    items: Mapping[str, Mapping[str, Any]], changes: Iterable[tuple[str, Mapping[str, Any] | None]]
) -> dict[str, Mapping[str, Any]]:
    """Items by key after changes in their order; None takes one away."""
    after = dict(items)
    for key, item in changes:
        if item is None:
            after.pop(key, None)
        else:
            after[key] = item
    return after
