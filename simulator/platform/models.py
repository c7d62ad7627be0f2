"""The platform's own models of what terminals send. Strict types, no unknown members, the bounds of the contract."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field


def _pattern(pattern: str, longest: int = 120) -> Any:
    return Field(pattern=pattern, max_length=longest)


def _a_day(text: str) -> str:
    date.fromisoformat(text)
    return text


def _a_time(text: str) -> str:
    datetime.fromisoformat(text)
    return text


Id = Annotated[str, _pattern(r"^[A-Za-z0-9][A-Za-z0-9_-]{3,79}$")]
Key = Annotated[str, _pattern(r"^[A-Za-z0-9][A-Za-z0-9:._-]{7,119}$")]
ServiceId = Annotated[str, _pattern(r"^WH-[A-Z]{2}-[0-9]{3}$")]
Day = Annotated[str, _pattern(r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"), AfterValidator(_a_day)]
Time = Annotated[
    str, _pattern(r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}[+]08:00$"), AfterValidator(_a_time)
]
EventTime = Annotated[str, _pattern(r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{8,15}[+]08:00$", 40), AfterValidator(_a_time)]
Digest = Annotated[str, _pattern(r"^[0-9a-f]{64}$")]
Word = Annotated[str, _pattern(r"^[a-z][a-z0-9-]{1,39}$")]
LicenceIdentifier = Annotated[str, _pattern(r"^1[.]2[.]156[.]3005[.]2[.][0-9A-Z.]{20,100}$")]
FieldKey = Annotated[str, _pattern(r"^[a-z][a-z0-9_-]{0,39}$")]
Values = Annotated[dict[FieldKey, Annotated[str, Field(max_length=200)]], Field(max_length=40)]
ConsentIds = Annotated[list[Id], Field(max_length=10)]
Fen = Annotated[int, Field(ge=0, le=10_000_000)]


class Sent(BaseModel):
    """What a terminal sends."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Opening(Sent):
    """Opening a session or an app match."""

    channel: Literal["kiosk"]


class CardProof(Sent):
    """A card was read. `valid_to` None is 长期."""

    kind: Literal["card"]
    service: ServiceId
    name: Annotated[str, Field(min_length=1, max_length=120)]
    number: Annotated[str, _pattern(r"^[0-9A-Z]{15,18}$")]
    card_kind: Literal["resident", "foreign-2017", "foreign-2023", "permit"]
    valid_to: Day | None


class FaceProof(Sent):
    """A face was compared in the terminal."""

    kind: Literal["face"]
    score: Annotated[float, Field(ge=-1, le=1)]
    verdict: Literal["pass", "retake", "refuse"]
    model: Annotated[str, Field(min_length=1, max_length=80)]
    consent: Id


AnyProof = Annotated[CardProof | FaceProof, Field(discriminator="kind")]


class ConsentGiven(Sent):
    """Somebody agreed to a text."""

    purpose: Word
    data_classes: Annotated[list[Word], Field(min_length=1, max_length=20)]
    text_version: Annotated[str, _pattern(r"^[0-9A-Za-z._-]{1,40}$")]


class SharedDataRead(Sent):
    """What is known for a service, under a consent."""

    service: ServiceId
    consent: Id


class OrderRequest(Sent):
    """A fee is to be paid, as the citizen confirmed it: `fen` None takes what it is."""

    service: ServiceId
    form: Values = Field(default_factory=dict)
    bills: Annotated[list[Id], Field(max_length=12)] = Field(default_factory=list)
    fen: Fen | None = None


class PaymentOutcome(Sent):
    """What the pad said."""

    state: Literal["PAID", "FAILED", "REVERSED", "UNKNOWN"]
    trace: Annotated[str, _pattern(r"^[0-9A-Za-z-]{0,40}$")]
    receipt_no: Annotated[str, _pattern(r"^[0-9A-Za-z-]{0,40}$")]
    masked_card: Annotated[str, _pattern(r"^([*xX ]*[0-9]{0,4})?$", 24)]
    fen: Fen


class Nothing(Sent):
    """An empty object."""


class ScannedCode(Sent):
    """The payer's own payment code, used once. It is in no log and no other table."""

    code: Annotated[str, _pattern(r"^[0-9]{16,32}$", 32)]


class RefundRequest(Sent):
    """Money goes back to the payer, under the terminal's own refund number (the key)."""

    order: Id
    fen: Annotated[int, Field(ge=1, le=10_000_000)]
    reason: Word


class Difference(Sent):
    """One thing on which the terminal's journal and the platform's list do not agree. References only."""

    kind: Literal["here-only", "there-only", "amount", "state", "total"]
    order: Annotated[str, _pattern(r"^[A-Za-z0-9_-]{0,80}$", 80)]
    here: Annotated[str, _pattern(r"^[A-Za-z0-9 ._:-]{0,60}$", 60)]
    there: Annotated[str, _pattern(r"^[A-Za-z0-9 ._:-]{0,60}$", 60)]


class Differences(Sent):
    """What a terminal found when it compared a day."""

    pad_fen: Annotated[int, Field(ge=-1_000_000_000, le=1_000_000_000)] | None
    journal_fen: Annotated[int, Field(ge=-1_000_000_000, le=1_000_000_000)]
    items: Annotated[list[Difference], Field(max_length=200)]


class Application(Sent):
    """An application as the citizen reviewed it."""

    service: ServiceId
    form: Values
    order: Id | None
    consents: ConsentIds
    reviewed_digest: Digest
    submitted_at: Time


class PrintRequest(Sent):
    """A controlled document is to be printed, in so many copies."""

    service: ServiceId
    params: Values
    consents: ConsentIds
    copies: Annotated[int, Field(ge=1, le=5)] = 1


class PrintOutcome(Sent):
    """How a print ended."""

    state: Literal["PRINTED", "VOID", "UNCLEAR", "REJECTED"]
    pages: Annotated[int, Field(ge=0, le=100)]
    evidence: Annotated[
        dict[Annotated[str, _pattern(r"^[a-z][a-z0-9_]{0,39}$")], Annotated[str, Field(max_length=200)]],
        Field(max_length=20),
    ]
