"""How long pages wait (page_times.toml): the kind of every page, and the least and most seconds of each kind."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, ValidationError, model_validator

from config import DATA
from config.service_words import Part

PageKind = Literal["input", "hands", "result", "goodbye"]
KINDS: tuple[PageKind, ...] = ("input", "hands", "result", "goodbye")
_Seconds = Annotated[float, Field(gt=0, le=600)]
_Pages = Annotated[tuple[Annotated[str, Field(pattern=r"^[a-z_]{2,40}$")], ...], Field(max_length=100)]


class PageTimesError(Exception):
    """page_times.toml cannot be used: every fault, which key, what is wrong."""


class PageTimes(Part):
    """Seconds at standard patience."""

    otherwise: PageKind
    least: dict[PageKind, _Seconds]
    most: dict[PageKind, _Seconds]
    pages: dict[PageKind, _Pages]

    @model_validator(mode="after")
    def _whole(self) -> PageTimes:
        for kind in KINDS:
            if not self.least.get(kind, 0) <= self.most.get(kind, 0):
                raise ValueError(f"{kind}: needs least and most, least not above most")
        named = [page for pages in self.pages.values() for page in pages]
        if twice := sorted({page for page in named if named.count(page) > 1}):
            raise ValueError(f"pages: {twice[0]} is named twice")
        return self

    def kind_of(self, page: str) -> PageKind:
        """Which kind a page is, by its name."""
        return next((kind for kind, pages in self.pages.items() if page in pages), self.otherwise)

    def bounds(self, kind: PageKind) -> tuple[float, float]:
        """Least and most seconds."""
        return self.least[kind], self.most[kind]


@cache
def page_times(path: Path = DATA / "page_times.toml") -> PageTimes:
    """Read once. Raises `PageTimesError`."""
    try:
        return PageTimes.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        told = error.errors() if isinstance(error, ValidationError) else [{"loc": (), "msg": str(error)}]
        lines = [f"  {'.'.join(map(str, e['loc']))}: {e['msg']}" for e in told]
        raise PageTimesError(f"{path}: {len(lines)} fault(s)\n" + "\n".join(lines)) from error
