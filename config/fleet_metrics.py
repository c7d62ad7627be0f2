"""The one table of metrics (fleet_metrics.toml): names, kinds, units, labels with every value that they can have."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from config import DATA
from config.fleet_contract import SERIES

UNITS: Final = ("seconds", "bytes", "metres", "percent")
LabelValue = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,60}$")]


class Metric(BaseModel):
    """One metric. `codes`: a value is the place of its word in this list."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, Field(pattern=r"^kiosk_[a-z][a-z0-9_]{1,60}$")]
    kind: Literal["gauge", "counter"]
    help: Annotated[str, Field(min_length=4, max_length=160)]
    unit: Literal["", "seconds", "bytes", "metres", "percent"] = ""
    labels: Annotated[
        Mapping[str, Annotated[tuple[LabelValue, ...], Field(min_length=1, max_length=400)]], Field(max_length=3)
    ] = {}
    codes: Annotated[tuple[str, ...], Field(max_length=20)] = ()

    @model_validator(mode="after")
    def _named(self) -> Metric:
        if self.kind == "counter" and not self.name.endswith("_total"):
            raise ValueError(f"{self.name}: a counter's name ends with _total")
        if self.unit and not self.name.removesuffix("_total").endswith(f"_{self.unit}"):
            raise ValueError(f"{self.name}: its unit is {self.unit}; the name says so at its end")
        return self

    def series(self, **labels: str) -> str:
        """Name and labels in Prometheus' writing. Raises `ValueError` for a label or a value that the table lacks."""
        if labels.keys() != self.labels.keys():
            raise ValueError(f"{self.name} has the labels {sorted(self.labels)}, not {sorted(labels)}")
        for name, value in labels.items():
            if value not in self.labels[name]:
                raise ValueError(f"{self.name}: {name} is none of the values in fleet_metrics.toml")
        inner = ",".join(f'{name}="{labels[name]}"' for name in sorted(labels))
        return f"{self.name}{{{inner}}}" if inner else self.name

    def code(self, word: str) -> float:
        """The value for a word; -1 for one that is not in `codes`."""
        return float(self.codes.index(word)) if word in self.codes else -1.0


@cache
def metrics() -> Mapping[str, Metric]:
    """The table by name. Raises `ValueError` (pydantic's) that names the member."""
    read = tomllib.loads((DATA / "fleet_metrics.toml").read_text(encoding="utf-8"))
    sets: Mapping[str, Sequence[str]] = {
        "@devices": read["devices"], "@sections": read["sections"], "@events": _event_ids(),
    }  # fmt: skip
    return {name: Metric.model_validate({"name": name, **_resolved(m, sets)}) for name, m in read["metric"].items()}


def _resolved(member: Mapping[str, Any], sets: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    labels = {k: sets[v] if isinstance(v, str) else v for k, v in member.get("labels", {}).items()}
    return {**member, "labels": labels}


def _event_ids() -> list[str]:
    read = tomllib.loads((DATA / "events.toml").read_text(encoding="utf-8"))
    return [str(each["id"]) for each in read["event"]]


@cache
def known_series() -> frozenset[str]:
    """Every series that a terminal can ever tell."""
    found: set[str] = set()
    for metric in metrics().values():
        rows: list[dict[str, str]] = [{}]
        for label, values in metric.labels.items():
            rows = [{**row, label: value} for row in rows for value in values]
        found |= {metric.series(**row) for row in rows}
    return frozenset(found)


def name_of(series: str) -> str:
    """The metric's name of a series."""
    return series.partition("{")[0]


def bounded(values: Mapping[str, float]) -> dict[str, float]:
    """The members that are series of the table."""
    known = known_series()
    return {series: value for series, value in values.items() if series in known}


def all_well_written(series: Iterable[str]) -> bool:
    """Whether each is written as the contract says."""
    return all(SERIES.fullmatch(each) for each in series)
