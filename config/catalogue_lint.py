"""What a catalogue contains and what its items still lack, as lines for the people who keep it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from config.bundles import union_of_fields
from config.catalogue import Catalogue
from config.service import Service

RUNS = frozenset(
    ("consent", "identify", "face", "fill", "review", "pay", "submit", "print", "receipt", "finish", "verify", "photo",
     "scan", "materials", "result", "collect", "copy")
)  # fmt: skip
"""Steps that a terminal can run today; the tests hold this to `kiosk.steps`."""


def lacks(service: Service) -> tuple[str, ...]:
    """Guide elements that are missing. Name, office, basis and time limit cannot be: the schema asks for them."""
    here = {
        "procedure": len(service.procedure) >= 3,
        "fee": service.fee.source is not None or service.fee.type in ("free", "fixed"),
        "output": bool(service.outputs),
        "conditions": bool(service.conditions) or service.level in ("A0", "A1", "A2"),
    }
    return tuple(element for element, there in here.items() if not there)


def cannot_run(service: Service) -> tuple[str, ...]:
    """What a terminal of today has no step, no driver or no choices for, in words."""
    found = [f"step {step}" for step in service.steps if step not in RUNS]
    found += [f"equipment {name}" for name in service.equipment]
    if service.fee.amount_from == "platform":
        found.append(f"fee {service.fee.type}")
    if asked := [spec.key for spec in service.form if spec.options_from == "platform"]:
        found.append(f"choices of {', '.join(asked)}")
    return tuple(found)


def lint_lines(catalogue: Catalogue) -> Iterator[str]:
    """A line an item, then the totals."""
    services = catalogue.services
    for service in services.values():
        parts = [
            f"{service.id}  {service.kind:6} {service.level} {service.offline:5}",
            f"{len(service.form):2} fields {len(service.materials):2} materials",
        ]
        if service.bundle:
            parts.append(f"{len(service.bundle)} parts, {len(union_of_fields(service, services))} questions")
        if missing := lacks(service):
            parts.append(f"lacks {', '.join(missing)}")
        if service.verify:
            parts.append(f"to confirm: {', '.join(service.verify)}")
        yield "  ".join(parts)
    yield from totals(catalogue)


def totals(catalogue: Catalogue) -> Iterator[str]:
    """How many items there are, by field, kind, level, offline class and fee; how many lack or wait for something."""
    services = list(catalogue.services.values())
    yield f"{len(services)} items in {len(catalogue.fields)} fields, version {catalogue.version}"
    for title, values in (
        ("field", [s.field.key for s in services]),
        ("kind", [s.kind for s in services]),
        ("who", [s.who for s in services]),
        ("level", [s.level for s in services]),
        ("offline", [s.offline for s in services]),
        ("fee", [s.fee.type for s in services]),
        ("to confirm", [name for s in services for name in s.verify]),
        ("waits for", [name.split(" of ")[0] for s in services for name in cannot_run(s)]),
    ):
        counted = sorted(Counter(values).items(), key=lambda entry: (-entry[1], entry[0]))
        yield f"{title:10} " + (", ".join(f"{name} {count}" for name, count in counted) or "nothing")
    fields = sum(len(s.form) for s in services)
    materials = sum(len(s.materials) for s in services)
    yield f"{fields} fields, {materials} materials; {sum(bool(lacks(s)) for s in services)} items lack an element"
