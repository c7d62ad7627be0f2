"""The first page as data (home.toml): fields that stand there, verbs, what people ask for most."""

from __future__ import annotations

import tomllib
from collections.abc import Container
from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import Field, ValidationError

from config import DATA
from config.service import Kind
from config.service_words import Part, ServiceId


class HomeError(Exception):
    """home.toml cannot be used: every fault, which key, what is wrong."""


class HomePage(Part):
    """`fields`: how many of the catalogue's fields, in their order; `popular`: items, the first ones first; `elder`:
    the fields of the first page in large type, a few of them by key."""

    fields: Annotated[int, Field(ge=1, le=12)]
    verbs: Annotated[tuple[Kind, ...], Field(min_length=1, max_length=5)]
    popular: Annotated[tuple[ServiceId, ...], Field(max_length=12)] = ()
    elder: Annotated[tuple[Annotated[str, Field(pattern=r"^[a-z][a-z-]{1,39}$")], ...], Field(max_length=5)] = ()


@cache
def home_page(path: Path = DATA / "home.toml") -> HomePage:
    """Read once. Raises `HomeError`."""
    try:
        found = HomePage.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        told = error.errors() if isinstance(error, ValidationError) else [{"loc": (), "msg": str(error)}]
        lines = [f"  {'.'.join(map(str, e['loc']))}: {e['msg']}" for e in told]
        raise HomeError(f"{path}: {len(lines)} fault(s)\n" + "\n".join(lines)) from error
    if len(set(found.popular)) != len(found.popular) or len(set(found.verbs)) != len(found.verbs):
        raise HomeError(f"{path}: popular, verbs: something is named twice")
    return found


def unknown_items(page: HomePage, known: Container[str]) -> list[str]:
    """Popular items that the catalogue does not have."""
    return [item for item in page.popular if item not in known]
