"""The kinds of documents that can be laid on the desk (`config/documents.toml`): sizes, sides, what is read."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from config import DATA
from config.service import Words

Reads = Literal["", "holder", "mrz"]
Millimetres = Annotated[float, Field(ge=40, le=450)]


class DocumentKind(BaseModel):
    """One kind. `size_mm` is width and height of a page the way it is read."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    key: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,39}$")]
    name: Words
    size_mm: tuple[Millimetres, Millimetres]
    dpi: Annotated[int, Field(ge=100, le=400)]
    least_dpi: Annotated[int, Field(ge=60, le=300)]
    sides: Annotated[tuple[Words, ...], Field(max_length=8)] = ()
    reads: Reads = ""
    layout: Literal["", "TD1", "TD2", "TD3"] = ""
    """The layout of the machine-readable zone (ICAO Doc 9303)."""
    codes: Annotated[tuple[str, ...], Field(max_length=8)] = ()
    """Document codes of the zone that say this kind; none: the layout is enough."""

    @model_validator(mode="after")
    def _whole(self) -> DocumentKind:
        if (self.reads == "mrz") != bool(self.layout):
            raise ValueError(f"{self.key}: 'layout' goes together with reads = \"mrz\"")
        if self.least_dpi > self.dpi:
            raise ValueError(f"{self.key}: least_dpi {self.least_dpi} is above dpi {self.dpi}")
        return self

    @property
    def aspect(self) -> float:
        """Long side by short side."""
        return max(self.size_mm) / min(self.size_mm)


@lru_cache(maxsize=1)
def document_kinds() -> Mapping[str, DocumentKind]:
    """Every kind by key. Raises `ValueError` that names what is wrong in the file."""
    with (DATA / "documents.toml").open("rb") as file:
        rows = tomllib.load(file)["document"]
    kinds = [DocumentKind.model_validate(row) for row in rows]
    by_key = {kind.key: kind for kind in kinds}
    if len(by_key) != len(kinds):
        raise ValueError("documents.toml: a key is used twice")
    return MappingProxyType(by_key)


def document_kind(key: str) -> DocumentKind:
    """The kind of that key. Raises `ValueError` that names those there are."""
    kind = document_kinds().get(key)
    if kind is None:
        raise ValueError(f"document kind {key!r}; known are {', '.join(document_kinds())}")
    return kind
