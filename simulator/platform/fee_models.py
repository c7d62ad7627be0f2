"""What terminals send about bills, fees, e-bills and slips: strict, with the bounds of the contract."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from simulator.platform.models import Day, Fen, Id, Sent, ServiceId, Values


def _each_once(ids: list[str]) -> list[str]:
    if len(set(ids)) != len(ids):
        raise ValueError("an id is named twice")
    return ids


BillIds = Annotated[list[Id], Field(max_length=12), AfterValidator(_each_once)]
PayCode = Annotated[str, Field(pattern=r"^[0-9]{10,30}$", max_length=30)]
CaseNumber = Annotated[str, Field(pattern=r"^[0-9A-Za-z-]{4,40}$", max_length=40)]


class BillsWanted(Sent):
    """The bills that these answers name."""

    service: ServiceId
    form: Values


class FeeWanted(Sent):
    """What has to be paid for a service with these answers; `bills` empty: all that are due."""

    service: ServiceId
    form: Values
    bills: BillIds


class EBillClaim(Sent):
    """What somebody reads from a fiscal e-bill."""

    code: Annotated[str, Field(pattern=r"^[0-9]{8}$", max_length=8)]
    number: Annotated[str, Field(pattern=r"^[0-9]{10}$", max_length=10)]
    check: Annotated[str, Field(pattern=r"^[0-9a-zA-Z]{6}$", max_length=6)]
    day: Day
    fen: Fen | None = None


class BillChange(BaseModel):
    """What QA changes of a bill that was found before: an amount in its place, paid elsewhere, withdrawn."""

    model_config = ConfigDict(extra="forbid")

    fen: Annotated[int, Field(ge=1, le=9_000_000)] | None = None
    state: Literal["due", "paid", "withdrawn"] | None = None


class Reduction(BaseModel):
    """What QA grants a citizen: `percent` off administrative fees, for a reason."""

    model_config = ConfigDict(extra="forbid")

    citizen: Annotated[str, Field(max_length=40)]
    percent: Annotated[int, Field(ge=0, le=100)]
    reason: Literal["low-income", "disabled", "veteran", "elder"] = "low-income"


class FeeChange(BaseModel):
    """Every fee that is no bill costs so much more (or less) from now on; 0 ends it."""

    model_config = ConfigDict(extra="forbid")

    fen: Annotated[int, Field(ge=-100_000, le=100_000)]


class Price(BaseModel):
    """A row of the site's price table."""

    model_config = ConfigDict(extra="forbid")

    key: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,39}$")]
    fen: Annotated[int, Field(ge=0, le=100_000)]
