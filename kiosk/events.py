"""The catalogue of events (config/events.toml): sentence, severity, cause, remedy, who; their log lines and metrics."""

from __future__ import annotations

import logging
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from string import Formatter
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from config import DATA
from drivers.device import Fault

log = logging.getLogger(__name__)

COMMAND: Final = "kiosk docs events --out docs/events.md"
Severity = Literal["info", "attention", "fault", "alarm"]
Who = Literal["citizen", "attendant", "technician", "vendor", "platform"]
Language = Literal["zh", "en", "ko"]
MOST_WHAT: Final = 160
"""Longest text that is put into a sentence."""
PLACES: Final = frozenset({"device", "what"})
LEVELS: Final[Mapping[Severity, int]] = {
    "info": logging.INFO, "attention": logging.WARNING, "fault": logging.ERROR, "alarm": logging.CRITICAL,
}  # fmt: skip
Line = Annotated[str, Field(min_length=2, max_length=120)]


class Event(BaseModel):
    """One event. `zh`, `en`, `ko`: what is the matter, what to do. The lower `rank`, the nearer to a root cause."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Annotated[str, Field(pattern=r"^[a-z]+(\.[a-z-]+){1,2}$")]
    causes: Annotated[tuple[str, ...], Field(max_length=40)] = ()
    family: str = ""
    severity: Severity
    who: Who
    rank: Annotated[int, Field(ge=1, le=99)]
    drawing: Annotated[str, Field(pattern=r"^[a-z_]{0,30}$")] = ""
    """Name of an icon of config/fonts/icons.json, "" none."""
    zh: tuple[Line, Line]
    en: tuple[Line, Line]
    ko: tuple[Line, Line]

    @model_validator(mode="after")
    def _places(self) -> Event:
        used = [
            {name for _, name, _, _ in Formatter().parse(words[0]) if name} for words in (self.zh, self.en, self.ko)
        ]
        if any(places != used[0] or places - PLACES for places in used):
            raise ValueError(f"{self.id}: the same of {{device}} and {{what}} in zh, en and ko")
        return self

    @property
    def of(self) -> str:
        """The family whose causes it names ("any" for all), "" for what is no device."""
        head, *rest = self.id.split(".")
        return self.family or (rest[0].replace("-", "_") if head == "device" else "")

    def sentence(self, language: Language, device: str = "", what: str = "") -> str:
        """What is the matter."""
        return str(getattr(self, language)[0]).format(device=device, what=what[:MOST_WHAT])

    def remedy(self, language: Language) -> str:
        """What to do about it."""
        return str(getattr(self, language)[1])


class Catalogue(BaseModel):
    """config/events.toml."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    event: Annotated[tuple[Event, ...], Field(max_length=300)]

    @model_validator(mode="after")
    def _once(self) -> Catalogue:
        keys = [each.id for each in self.event]
        keys += [f"{each.of}/{cause}" for each in self.event for cause in each.causes]
        twice = sorted({key for key in keys if keys.count(key) > 1})
        if twice:
            raise ValueError(f"event: twice: {', '.join(twice)}")
        return self


@cache
def events() -> Mapping[str, Event]:
    """Every event by id. Raises `pydantic.ValidationError`, which names the member."""
    read = tomllib.loads((DATA / "events.toml").read_text(encoding="utf-8"))
    return {each.id: each for each in Catalogue.model_validate(read).event}


@cache
def _by_cause() -> Mapping[tuple[str, str], Event]:
    return {(each.of, cause): each for each in events().values() for cause in each.causes}


def device_event(family: str, cause: str) -> Event:
    """The one event of a device's fault or warning."""
    table = _by_cause()
    return table.get((family, cause)) or table.get(("any", cause)) or events()["device.any.other"]


def log_line(event: Event, device: str = "", what: str = "") -> str:
    """One line for a log: `event=ID severity=... who=... device=...: sentence`. Holds nothing personal."""
    return f"event={event.id} severity={event.severity} who={event.who} device={device or '-'}: " + event.sentence(
        "en", device, what
    )


def metric(event: Event, device: str = "") -> tuple[str, Mapping[str, str]]:
    """Name and labels of the counter of an event; few values each, so that a store of metrics does not grow."""
    return "kiosk_events_total", {"event": event.id, "severity": event.severity, "device": device}


def fault_line(family: str, device: str, fault: Fault) -> tuple[int, str]:
    """Level and line with which a device's fault is logged."""
    event = device_event(family, fault.cause)
    return LEVELS[event.severity], f"{log_line(event, device, fault.cause)} | {fault.sentence}"


@contextmanager
def long_act(name: str) -> Iterator[None]:
    """Log begin and end of a long act with its outcome: done, or the kind of error by which it ended."""
    log.info("act=%s began", name)
    try:
        yield
    except BaseException as error:
        log.warning("act=%s ended outcome=%s", name, type(error).__name__)
        raise
    log.info("act=%s ended outcome=done", name)


HEAD = f"""# Events

Drawn from `config/events.toml` by `{COMMAND}`; a test fails when this page is older than the
catalogue. Severity: info (nothing to do), attention (soon), fault (citizens miss something), alarm (now). Every fault
code of a driver belongs to exactly one event.
"""


def page() -> str:
    """docs/events.md as Markdown."""
    lines = [HEAD, "| event | severity | who | what is the matter | what to do | 中文 | causes |"]
    lines.append("|---|---|---|---|---|---|---|")
    for each in sorted(events().values(), key=lambda e: e.id):
        causes = ", ".join(f"`{cause}`" for cause in each.causes)
        chinese = "；".join(each.zh)
        lines.append(
            f"| `{each.id}` | {each.severity} | {each.who} | {each.en[0]} | {each.en[1]} | {chinese} | {causes} |"
        )
    return "\n".join([*lines, ""])
