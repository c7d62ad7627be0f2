"""config/health.toml: the rules by which the terminal looks after itself."""

from __future__ import annotations

from functools import cache
from typing import Annotated, Literal, Self, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from config import DATA
from config.load import SettingsError, read_toml

Rung = Literal["device", "engines", "core", "process"]
Part = Literal["device", "loop", "screen", "memory", "engines", "disk", "temperature", "clock", "certificates", "power"]
PARTS: tuple[Part, ...] = get_args(Part)
Withheld = Literal["all", "intents", "scan", "photo", "verify", "print", "pay", "submit"]
Measure = Literal[
    "device.busy_s",
    "technician.act_s",
    "loop.lag_s",
    "screen.silent_s",
    "memory.mb",
    "memory.grown_mb_day",
    "engines.mb",
    "files.open",
    "disk.free_mb",
    "temperature.c",
    "clock.off_s",
    "certificates.days",
    "power.shed",
    "power.closing",
]
MEASURES: tuple[Measure, ...] = get_args(Measure)


class Rule(BaseModel):
    """One condition and what follows from it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Annotated[str, Field(pattern=r"^[a-z-]{3,30}$")]
    part: Part
    measure: Measure
    over: float | None = None
    under: float | None = None
    clear: float | None = None
    for_s: Annotated[float, Field(ge=0, le=86400)]
    event: Annotated[str, Field(pattern=r"^[a-z.-]{3,60}$")]
    withhold: Annotated[tuple[Withheld, ...], Field(max_length=8)] = ()
    reason: Annotated[str, Field(pattern=r"^(reason\.[a-z-]{2,30})?$")] = ""
    restart: Annotated[tuple[Rung, ...], Field(max_length=4)] = ()

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.over is None) == (self.under is None):
            raise ValueError(f"{self.id}: one of over and under")
        if bool(self.withhold) != bool(self.reason):
            raise ValueError(f"{self.id}: withhold and reason belong together")
        ladder = [get_args(Rung).index(rung) for rung in self.restart]
        if ladder != sorted(set(ladder)):
            raise ValueError(f"{self.id}: restart goes from the smaller part to the larger one")
        if self.clear is not None and not self.holds(self.limit, cleared=self.clear):
            raise ValueError(f"{self.id}: clear lies on the well side of the limit")
        return self

    @property
    def limit(self) -> float:
        """The number at which it begins."""
        return self.over if self.over is not None else (self.under or 0.0)

    def broken(self, value: float, *, already: bool) -> bool:
        """Whether `value` breaks it; one that is broken `already` ends only behind `clear`."""
        limit = self.clear if already and self.clear is not None else self.limit
        return value > limit if self.over is not None else value < limit

    def holds(self, limit: float, *, cleared: float) -> bool:
        """Whether `cleared` is on the well side of `limit`."""
        return cleared <= limit if self.over is not None else cleared >= limit


class HealthRules(BaseModel):
    """The whole file. `bounds`: restarts of a rung within an hour."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    bounds: dict[Rung, Annotated[int, Field(ge=0, le=60)]]
    rule: Annotated[tuple[Rule, ...], Field(max_length=60)]

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        names = [rule.id for rule in self.rule]
        if twice := {name for name in names if names.count(name) > 1}:
            raise ValueError(f"rule: twice: {', '.join(sorted(twice))}")
        if missing := {rung for rule in self.rule for rung in rule.restart} - set(self.bounds):
            raise ValueError(f"bounds: missing {', '.join(sorted(missing))}")
        return self


@cache
def health_rules() -> HealthRules:
    """The rules. Raises `SettingsError`."""
    path = DATA / "health.toml"
    try:
        return HealthRules.model_validate(read_toml(path))
    except ValidationError as error:
        raise SettingsError(f"{path}: {error}") from error
