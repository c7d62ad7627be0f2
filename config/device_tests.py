"""What device tests say, ask and measure (config/device_tests.toml): words in three languages, and what passes."""

from __future__ import annotations

import tomllib
from functools import cache
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from config import DATA

Language = Literal["zh", "en", "ko"]
Line = Annotated[str, Field(min_length=1, max_length=120)]


class Words(BaseModel):
    """The same in three languages; the same places `{name}` in each."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    zh: Line
    en: Line
    ko: Line

    def told(self, language: Language, **values: object) -> str:
        """In that language, with `values` in their places."""
        return str(getattr(self, language)).format(**values)


class Measure(Words):
    """A figure. It passes from `low` to `high`, both included; `below`, `above`: the event of one that does not.

    `most` is the end of its bar on the screen. Each in `unit`.
    """

    unit: Annotated[str, Field(max_length=12)] = ""
    low: float | None = None
    high: float | None = None
    most: Annotated[float, Field(gt=0)] | None = None
    below: str = ""
    above: str = ""

    @model_validator(mode="after")
    def _says_what_is_wrong(self) -> Measure:
        if (self.low is None) != (not self.below) or (self.high is None) != (not self.above):
            raise ValueError("low goes with below, high with above: a figure that fails says by which event")
        return self


class Area(BaseModel):
    """Where a camera's page or face is expected: shares of the picture."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    left: Annotated[float, Field(ge=0, lt=1)]
    top: Annotated[float, Field(ge=0, lt=1)]
    right: Annotated[float, Field(gt=0, le=1)]
    bottom: Annotated[float, Field(gt=0, le=1)]

    @model_validator(mode="after")
    def _is_one(self) -> Area:
        if self.left >= self.right or self.top >= self.bottom:
            raise ValueError("left lies before right, top above bottom")
        return self


class DeviceTests(BaseModel):
    """config/device_tests.toml."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: dict[str, Words]
    say: dict[str, Words]
    ask: dict[str, Words]
    word: dict[str, Words]
    measure: dict[str, Measure]
    area: dict[str, Area]


@cache
def device_tests() -> DeviceTests:
    """The file, read once. Raises `pydantic.ValidationError`, which names the member."""
    return DeviceTests.model_validate(tomllib.loads((DATA / "device_tests.toml").read_text(encoding="utf-8")))
