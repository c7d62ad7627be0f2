"""What a terminal's messages must look like before the control room believes them: its own models, its own caps.

A terminal that is broken into must not be able to fill the disk or hurt who looks: every length has a bound.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, field_validator

from config.fleet_contract import (
    MOST_BYTES,
    MOST_DETAIL,
    MOST_METRICS,
    MOST_SECTIONS,
    MOST_SUPPLIES,
    MOST_TEXT,
    SEQ_MODULUS,
    EventClass,
    Leaf,
    Mode,
    SectionState,
    Severity,
    Topics,
    Worst,
    parsed,
)
from config.fleet_metrics import known_series

Id = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9._:-]+$")]
Word = Annotated[str, Field(max_length=80, pattern=r"^[A-Za-z0-9._:-]*$")]
Text = Annotated[str, Field(max_length=MOST_TEXT)]
Number = Annotated[float, Field(ge=-1e15, le=1e15, allow_inf_nan=False)]
MOST_N: Final = 1 << 62
_FIRST, _LAST = datetime(2020, 1, 1, tzinfo=UTC), datetime(2120, 1, 1, tzinfo=UTC)


def _plausible(value: datetime) -> datetime:
    if not _FIRST <= value <= _LAST:
        raise ValueError("a time of another century")
    return value


When = Annotated[AwareDatetime, AfterValidator(_plausible)]


class Unreadable(ValueError):
    """A message that is not of the contract. `why` is short, holds nothing of its content, and names few reasons."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class _Message(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    v: Literal[1]
    session: Id


class State(_Message):
    """Online."""

    terminal: str
    online: Literal[True]
    mode: Mode
    at: When
    software: Word
    open_intents: Annotated[int, Field(ge=0, le=100_000)]
    worst: Worst


class Gone(_Message):
    """Not online: the last will, or an end in order."""

    terminal: str
    online: Literal[False]
    given_up: bool = False


class Section(BaseModel):
    """A section of the readiness report."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    id: Id
    state: SectionState
    event: Word
    cause: Word
    who: Word
    since: When | None

    @field_validator("since", mode="before")
    @classmethod
    def _empty_is_none(cls, value: Any) -> Any:
        return value or None


class Supply(BaseModel):
    """What will be used up."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    device: Id
    item: Id
    left: Annotated[float, Field(ge=0, le=1e6, allow_inf_nan=False)]
    unit: Literal["m", "sheets", "percent", "level"]
    ends_at: When | None = None


class Place(BaseModel):
    """Where it stands."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    hall_zh: Text
    hall_en: Text
    division: Annotated[str, Field(pattern=r"^[0-9]{0,12}$")]


class _Told(_Message):
    at: When
    metrics: Annotated[dict[str, Number], Field(max_length=MOST_METRICS)]
    sections: Annotated[tuple[Section, ...], Field(max_length=MOST_SECTIONS)]
    supplies: Annotated[tuple[Supply, ...], Field(max_length=MOST_SUPPLIES)]

    @field_validator("metrics")
    @classmethod
    def _known(cls, value: dict[str, float]) -> dict[str, float]:
        known = known_series()  # a newer terminal may tell more than this room's table has
        return {series: number for series, number in value.items() if series in known}


class Birth(_Told):
    """Everything."""

    terminal: str
    seq: Literal[0]
    software: Word
    place: Place
    chain: Word | None = None


class Data(_Told):
    """What changed."""

    seq: Annotated[int, Field(ge=1, lt=SEQ_MODULUS)]


class Event(_Message):
    """One entry of the terminal's own order."""

    model_config = ConfigDict(extra="ignore", frozen=True, populate_by_name=True)

    chain: Id
    n: Annotated[int, Field(ge=0, le=MOST_N)]
    id: Id
    kind: Annotated[EventClass, Field(alias="class")]
    at: When
    device: Word
    severity: Severity
    after: Annotated[int, Field(ge=0, le=MOST_N)] | None = None
    held: Annotated[int, Field(ge=0, le=MOST_N)] | None = None
    detail: Annotated[
        dict[Annotated[str, Field(max_length=40)], Text | Number | bool | None], Field(max_length=MOST_DETAIL)
    ]


Readable = State | Gone | Birth | Data | Event


def read(topic: str, payload: bytes) -> tuple[Topics, Readable]:
    """A message and whose it is. Raises `Unreadable`."""
    found = parsed(topic)
    if found is None:
        raise Unreadable("topic")
    topics, leaf = found
    if len(payload) > MOST_BYTES:
        raise Unreadable(f"{leaf}: too long")
    try:
        tree = json.loads(payload)
    except (ValueError, RecursionError):
        raise Unreadable(f"{leaf}: no JSON") from None
    if not isinstance(tree, dict):
        raise Unreadable(f"{leaf}: no object")
    if not _storable(payload, tree):
        raise Unreadable(f"{leaf}: characters that are none")
    try:
        message = _of(leaf, tree)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = str(first["loc"][0]) if first["loc"] else ""
        raise Unreadable(f"{leaf}: {where[:20]}: {first['type'][:40]}") from None
    if getattr(message, "terminal", topics.terminal) != topics.terminal:
        raise Unreadable(f"{leaf}: another terminal's topic")
    return topics, message


def _of(leaf: Leaf, tree: dict[str, Any]) -> Readable:
    if leaf == "state":
        return State.model_validate(tree) if tree.get("online") else Gone.model_validate(tree)
    if leaf == "birth":
        return Birth.model_validate(tree)
    if leaf == "data":
        return Data.model_validate(tree)
    if leaf == "event":
        return Event.model_validate(tree)
    raise Unreadable(f"{leaf}: not for the control room")


def _storable(payload: bytes, tree: dict[str, Any]) -> bool:
    """PostgreSQL's text holds neither NUL nor half a surrogate pair; one message with them would stop all others."""
    if b"\\u" not in payload:
        return True  # JSON can write neither in another way
    try:
        json.dumps(tree, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return b"\\u0000" not in payload
