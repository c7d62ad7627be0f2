"""Evaluation (好差评) as data: channel, rounds, from which rating on a reason is asked, and the tags of each level."""

from __future__ import annotations

import tomllib
from functools import cache
from typing import Annotated

from pydantic import Field, model_validator

from config import DATA
from config.service_words import Part

LEVELS = (5, 4, 3, 2, 1)
"""Stars; 5 is 非常满意, as in the first digit of a tag."""


class Tag(Part):
    """One thing that can be said of a level."""

    code: Annotated[str, Field(pattern=r"^[1-5][0-9]{2}$")]
    zh: Annotated[str, Field(min_length=1, max_length=30)]
    en: Annotated[str, Field(min_length=1, max_length=60)]
    ko: Annotated[str, Field(min_length=1, max_length=40)]

    @property
    def level(self) -> int:
        """The stars that it goes with."""
        return int(self.code[0])

    def get(self, language: str) -> str:
        """The words in `language` (zh, en, ko)."""
        return {"zh": self.zh, "ko": self.ko}.get(language, self.en)


class Evaluation(Part):
    """config/evaluation.toml."""

    channel: Annotated[str, Field(pattern=r"^[1-7]$")]
    rounds: Annotated[int, Field(ge=1, le=2)]
    bad_up_to: Annotated[int, Field(ge=1, le=3)]
    mend_days: Annotated[int, Field(ge=1, le=60)]
    tag: Annotated[tuple[Tag, ...], Field(max_length=60)]

    @model_validator(mode="after")
    def _every_level(self) -> Evaluation:
        if len({tag.code for tag in self.tag}) != len(self.tag):
            raise ValueError("tag: a code is there twice")
        if missing := [level for level in LEVELS if not self.of(level)]:
            raise ValueError(f"tag: no tags of level {', '.join(map(str, missing))}")
        return self

    def of(self, level: int) -> tuple[Tag, ...]:
        """The tags of a level, in their order."""
        return tuple(tag for tag in self.tag if tag.level == level)


@cache
def evaluation() -> Evaluation:
    """Read once. Raises `pydantic.ValidationError`, which names the member."""
    return Evaluation.model_validate(tomllib.loads((DATA / "evaluation.toml").read_text(encoding="utf-8")))
