"""Electronic supervision (电子监察) as data: when a light changes, the terminal's own rules, the quality due."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache, cached_property
from typing import Annotated, Final, Literal

from pydantic import Field, model_validator

from config import DATA
from config.service_words import Key, Part

Light = Literal["green", "yellow", "red", "dark-red", "grey"]
LIGHTS: Final[tuple[Light, ...]] = ("green", "grey", "yellow", "red", "dark-red")
"""From the least to the most urgent."""
Percent = Annotated[int, Field(ge=0, le=100)]
RULES: Final = frozenset(
    {
        "paid-no-result", "print-no-outcome", "submit-no-number", "paper-low", "paper-out", "door-open",
        "reader-failing", "silent", "silent-long", "clock-skew", "certificate-ending", "journal-lag", "evaluation-lag",
        "face-failing", "fee-differs", "device-fault", "chain-broken",
    }
)  # fmt: skip


class LightRule(Part):
    """When the light of a case turns yellow before its promise is passed."""

    left_percent: Percent
    left_days: Annotated[int, Field(ge=0, le=30)]
    left_days_from: Annotated[int, Field(ge=1, le=365)]


class Signals(Part):
    """GB/T 39046 table 11: the code of the warning's type (n1)."""

    yellow: Annotated[str, Field(pattern=r"^[0-9]$")]
    red: Annotated[str, Field(pattern=r"^[0-9]$")]


class Rule(Part):
    """One rule of the terminal. `over` seconds; `percent` and `least` of rates within `over` seconds."""

    key: Key
    light: Literal["yellow", "red"]
    number: Annotated[str, Field(pattern=r"^[A-Z][0-9]{2}$")]
    over: Annotated[int, Field(ge=0, le=31_536_000)]
    percent: Percent = 0
    least: Annotated[int, Field(ge=0, le=1000)] = 0
    zh: Annotated[str, Field(min_length=1, max_length=60)]
    en: Annotated[str, Field(min_length=1, max_length=120)]


class Quality(Part):
    """R18: from which share (in thousandths) of visits that end by an error the report is an alarm."""

    error_permille: Annotated[int, Field(ge=0, le=1000)]


class Supervision(Part):
    """config/supervision.toml."""

    light: LightRule
    warning: Signals
    rule: Annotated[tuple[Rule, ...], Field(max_length=100)]
    quality: Quality

    @model_validator(mode="after")
    def _all_rules(self) -> Supervision:
        keys = [rule.key for rule in self.rule]
        if len(set(keys)) != len(keys) or set(keys) != RULES:
            odd = sorted(set(keys) ^ RULES)
            raise ValueError(f"rule: each of the terminal's rules once; missing, unknown or twice: {', '.join(odd)}")
        return self

    @cached_property
    def rules(self) -> Mapping[str, Rule]:
        """The rules by key."""
        return {rule.key: rule for rule in self.rule}


@cache
def supervision() -> Supervision:
    """Read once. Raises `pydantic.ValidationError`, which names the member."""
    return Supervision.model_validate(tomllib.loads((DATA / "supervision.toml").read_text(encoding="utf-8")))


def worst(lights: list[Light]) -> Light:
    """The most urgent of some lights; green of none."""
    return max(lights, key=LIGHTS.index, default="green")
