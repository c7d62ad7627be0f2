"""One item in full, and the difference of two catalogues, as lines for the people who keep them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from config.catalogue import Catalogue, Service
from config.catalogue_content import field_json, item_json, item_key
from config.catalogue_lint import cannot_run, lacks

MAX_VALUE = 120


def show_lines(service: Service, catalogue: Catalogue, language: str) -> Iterator[str]:
    """Everything about an item; `language` zh or en for the words of its guide."""
    yield f"{service.id}  {service.name.zh}  {service.name.en}  {service.name.ko}".rstrip()
    yield f"  code        {service.code}"
    yield f"  field       {service.field.key}; kind {service.kind}; for {service.who}; version {service.version}"
    organisation = f", for an organisation {service.organisation_level}" if service.organisation_level else ""
    yield f"  level       {service.level}{organisation}; depth {service.depth}; offline {service.offline}"
    yield f"  offered     hours {service.hours}; regions {', '.join(service.regions)}{_times(service)}"
    yield f"  needs       {_listed((*service.needs, *service.equipment))}; uses {_listed(service.uses)}"
    yield f"  steps       {' > '.join(service.steps)}"
    for name, words in (
        ("authority", service.authority),
        ("basis", service.basis),
        ("output", service.output),
        ("time limit", service.time_limit),
    ):
        yield f"  {name:11} {words.get(language)}"
    fee = service.fee
    yield f"  fee         {fee.type}, {fee.fen} fen, from {fee.amount_from}; {fee.basis.get(language)}"
    yield from (f"              {row.label.get(language)}: {row.fen} fen" for row in fee.rows)
    for title, many in (("condition", service.conditions), ("procedure", service.procedure)):
        yield from (f"  {title:11} {words.get(language)}" for words in many)
    for material in service.materials:
        required = "" if material.required else ", optional"
        sources = " | ".join(material.sources)
        yield f"  material    {material.name.get(language)} [{sources}: {material.pages}{required}]"
    for spec in service.form:
        choices = f" of {len(spec.options)}" if spec.options else " of the platform's" if spec.options_from else ""
        asked = f" if {spec.shown_if.field} = {spec.shown_if.equals}" if spec.shown_if else ""
        star = "*" if spec.required else ""
        yield f"  form        {spec.key}:{spec.type}{star}{choices}{asked}  {spec.label.get(language)}"
    for part in service.bundle:
        item = catalogue.services.get(part.id)
        name = item.name.get(language) if item else "not in this catalogue"
        yield f"  part        {part.id}  {name}{'' if part.apart else '  (the whole waits for it)'}"
    if missing := (*lacks(service), *cannot_run(service)):
        yield f"  waits for   {', '.join(missing)}"
    if service.verify:
        yield f"  to confirm  {', '.join(service.verify)}"


def diff_lines(before: Catalogue, after: Catalogue) -> Iterator[str]:
    """A line for every member that differs; nothing when the content is the same."""
    if before.hash == after.hash:
        return
    yield f"{before.version} -> {after.version}"
    yield from _differences(
        {field.key: field_json(field) for field in before.fields},
        {field.key: field_json(field) for field in after.fields},
        "field ",
    )
    olds, news = ([item_json(service) for service in which.versions] for which in (before, after))
    yield from _differences({item_key(i): i for i in olds}, {item_key(i): i for i in news}, "")


def _differences(before: Mapping[str, Any], after: Mapping[str, Any], kind: str) -> Iterator[str]:
    for key in sorted(before.keys() | after.keys()):
        if key not in after:
            yield f"- {kind}{key}  {_name(before[key])}"
        elif key not in before:
            yield f"+ {kind}{key}  {_name(after[key])}"
        elif before[key] != after[key]:
            yield from (f"~ {kind}{key}.{line}" for line in _members(before[key], after[key], ""))


def _members(before: Any, after: Any, at: str) -> Iterator[str]:
    """Member by member down to what differs; lists are compared place by place."""
    if isinstance(before, dict) and isinstance(after, dict):
        for key in sorted(before.keys() | after.keys()):
            if before.get(key) != after.get(key):
                yield from _members(before.get(key), after.get(key), f"{at}.{key}" if at else key)
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for index, (old, new) in enumerate(zip(before, after, strict=True)):
            if old != new:
                yield from _members(old, new, f"{at}[{index}]")
    else:
        yield f"{at}: {_short(before)} -> {_short(after)}"


def _short(value: Any) -> str:
    text = "nothing" if value is None else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= MAX_VALUE else f"{text[:MAX_VALUE]}…"


def _name(entry: Mapping[str, Any]) -> str:
    table = entry.get("service", entry)
    return str(table.get("name", {}).get("zh", ""))


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(names) or "nothing"


def _times(service: Service) -> str:
    begins, ends = service.effective_from, service.effective_until
    found = [f"from {begins.isoformat()}" if begins else "", f"until {ends.isoformat()}" if ends else ""]
    return "; " + ", ".join(filter(None, found)) if any(found) else ""
