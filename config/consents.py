"""What a citizen is asked to agree to (consents.toml), and which of it an item needs."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Literal

from pydantic import Field, ValidationError

from config import DATA
from config.load import SettingsError, read_toml
from config.service import Service
from config.service_words import Key, ServiceId
from config.settings import Section

ConsentKey = Literal["service", "licence", "share", "portrait", "agency", "child", "phone", "officer", "face"]


class ConsentText(Section):
    """One thing to agree to. `classes` are the classes of data that it opens; `version` is that of its words."""

    key: ConsentKey
    classes: Annotated[tuple[Key, ...], Field(min_length=1, max_length=8)]
    version: Annotated[str, Field(pattern=r"^[0-9A-Za-z._-]{1,40}$")]
    asked: Literal["always", "choice"]


class ChildRule(Section):
    """PIPL, article 31: under this age the parents or the guardian agree; items about such a child."""

    under: Annotated[int, Field(ge=1, le=18)]
    services: Annotated[tuple[ServiceId, ...], Field(max_length=60)]


class Consents(Section):
    """The whole table."""

    consent: Annotated[tuple[ConsentText, ...], Field(min_length=1, max_length=20)]
    child: ChildRule


def load_consents(path: Path = DATA / "consents.toml") -> Consents:
    """The table in `path`. Raises `SettingsError` with all faults."""
    try:
        return Consents.model_validate(read_toml(path))
    except ValidationError as error:
        lines = [f"  {'.'.join(map(str, e['loc'])) or 'consents'}: {e['msg']}" for e in error.errors()]
        raise SettingsError(f"{path}: {len(lines)} fault(s)\n" + "\n".join(lines)) from error


@cache
def consents() -> Consents:
    """The table of this installation."""
    return load_consents()


@cache
def consent_texts() -> Mapping[str, ConsentText]:
    """By key."""
    return MappingProxyType({text.key: text for text in consents().consent})


def asked_by(service: Service, *, organisation: bool) -> tuple[ConsentKey, ...]:
    """What the consent page of `service` lists, in its order; face and officer have pages of their own.

    `service` itself (the card) comes first, then what cannot be refused, then what may be.
    """
    sources = {source for material in service.materials for source in material.sources}
    prefills = {spec.prefill for spec in service.form}
    found: list[ConsentKey] = ["service"]
    if "identify" not in service.steps:
        return tuple(found)
    if organisation:
        found.append("agency")
    if service.id in consents().child.services:
        found.append("child")
    if "elicense" in sources or "licence" in prefills:
        found.append("licence")
    if "share" in sources or "share" in prefills:
        found.append("share")
    if any({"share", "photo"} <= set(material.sources) for material in service.materials):
        found.append("portrait")
    return tuple(found)
