"""The contract between terminals and the platform: `platform.openapi.yaml` and the areas in `platform/*.yaml` as one.

An area's file has `paths` and `components` of its own; nothing may be said twice.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import yaml

from config import DATA

GROUND = DATA / "platform.openapi.yaml"
AREAS = DATA / "platform"


class ContractError(Exception):
    """Two files say the same thing, or one says what an area cannot: the message names file and key."""


@cache
def contract() -> dict[str, Any]:
    """The whole OpenAPI document. Raises `ContractError`; the answer is shared and must not be changed."""
    whole: dict[str, Any] = yaml.safe_load(GROUND.read_text(encoding="utf-8"))
    for file in sorted(AREAS.glob("*.yaml")):
        area: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8")) or {}
        if odd := area.keys() - {"paths", "components"}:
            raise ContractError(f"{file.name}: {', '.join(sorted(odd))}: an area has paths and components only")
        _join(whole["paths"], area.get("paths", {}), f"{file.name}: paths")
        for kind, named in area.get("components", {}).items():
            _join(whole["components"].setdefault(kind, {}), named, f"{file.name}: components.{kind}")
    return whole


def contract_yaml() -> bytes:
    """The document as YAML, for people and their tools."""
    return yaml.safe_dump(contract(), allow_unicode=True, sort_keys=False, width=120).encode()


def _join(into: dict[str, Any], more: dict[str, Any], where: str) -> None:
    for key, value in more.items():
        if key in into:
            raise ContractError(f"{where}.{key}: is already said in another file")
        into[key] = value
