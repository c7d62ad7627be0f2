"""What the platform answers, as the terminal's own models. Their repr shows no personal data."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal, TypedDict, cast

from kiosk.certificate_data import CertificateData
from kiosk.platform.reading import Members

OrderState = Literal["CREATED", "WAITING", "PAID", "FAILED", "CLOSED", "UNKNOWN", "REFUNDED"]
MatchState = Literal["waiting", "confirmed", "refused", "expired"]
PrintState = Literal["AUTHORISED", "PRINTED", "VOID", "UNCLEAR"]

_LEVELS = frozenset({"A0", "A1", "A2", "A3", "A4"})
_ORDER_STATES = frozenset({"CREATED", "WAITING", "PAID", "FAILED", "CLOSED", "UNKNOWN", "REFUNDED"})
_MATCH_STATES = frozenset({"waiting", "confirmed", "refused", "expired"})
_PRINT_STATES = frozenset({"AUTHORISED", "PRINTED", "VOID", "UNCLEAR"})
_NUMBER = re.compile(r"\d{16}", re.ASCII)
_MATCH_NUMBER = re.compile(r"\d{2}", re.ASCII)
_CODE = re.compile(r"WHC1\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{86}")
MAX_FEN = 10_000_000


class Prefilled(TypedDict):
    """One value that the platform filled in. Personal: it belongs into the vault, never into a log."""

    value: str
    text: str
    source: str


@dataclass(frozen=True, slots=True)
class Bilingual:
    """A phrase of the platform."""

    zh: str
    en: str

    def get(self, language: str) -> str:
        """The phrase; Korean readers get English."""
        return self.zh if language == "zh" else self.en


@dataclass(frozen=True, slots=True)
class Manifest:
    """Which catalogue is in force: a short version, the hash of its content, since when, ids of its services."""

    version: str
    hash: str
    effective: datetime
    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CatalogueItem:
    """One service as the platform lists it."""

    id: str
    code: str
    kind: str
    name: Bilingual
    level: str
    fen: int
    working_days: int


@dataclass(frozen=True, slots=True)
class Proof:
    """The session's level after a proof, and the platform's pseudonym of the citizen."""

    level: str
    subject: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class AppMatch:
    """The number (two digits) that the citizen picks in the app on their own phone."""

    id: str
    number: str
    state: MatchState
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class LicenceFound:
    """A licence in the library. `grade` A to D of 国办函〔2016〕108号; `valid_to` None has no end."""

    kind: str
    number_masked: str = field(repr=False)
    grade: str
    valid_to: date | None


@dataclass(frozen=True, slots=True)
class PaymentOrder:
    """What has to be paid; the platform fixes `fen`."""

    id: str
    intent: str
    service: str
    fen: int
    title: Bilingual
    basis: Bilingual
    payee: Bilingual
    expires_at: datetime
    state: OrderState


@dataclass(frozen=True, slots=True)
class Acceptance:
    """The platform has the case; its signature was verified. `number` has 16 digits."""

    intent: str
    service: str
    number: str
    state: str
    accepted_at: datetime
    promise_date: date
    promise_estimated: bool
    pickup: Bilingual


@dataclass(frozen=True, slots=True)
class PrintAuthorisation:
    """One print of `document` is allowed until `expires_at`; its signature was verified."""

    intent: str
    service: str
    jti: str
    copies: int
    expires_at: datetime
    simulated: bool
    state: PrintState
    document: CertificateData


def manifest(m: Members) -> Manifest:
    """Read a Manifest."""
    return Manifest(m.text("version", 40), m.text("hash", 64), m.time("effective"), m.texts("items", 5000, 20))


def catalogue_item(m: Members) -> CatalogueItem:
    """Read one entry of CatalogueItems."""
    return CatalogueItem(
        m.text("id", 20),
        m.text("code", 33),
        m.text("kind", 20),
        _words(m.members("name")),
        m.word("level", _LEVELS),
        m.number("fen", 0, MAX_FEN),
        m.number("working_days", 0, 365),
    )


def proof(m: Members) -> Proof:
    """Read a Proof."""
    return Proof(m.word("level", _LEVELS), m.text("subject", 64), m.time("expires_at"))


def app_match(m: Members) -> AppMatch:
    """Read an AppMatch."""
    return AppMatch(
        m.id("id"),
        m.text("number", 2, _MATCH_NUMBER),
        cast("MatchState", m.word("state", _MATCH_STATES)),
        m.time("expires_at"),
    )


def profile(m: Members) -> dict[str, Prefilled]:
    """Read a Profile."""
    return {
        key: Prefilled(value=f.text("value", 200), text=f.text("text", 200), source=f.text("source", 20))
        for key, f in m.keyed("fields", 40).items()
    }


def licence(m: Members) -> LicenceFound:
    """Read one entry of Licences."""
    return LicenceFound(m.text("kind", 80), m.text("number_masked", 40), m.text("grade", 1), m.day_or_none("valid_to"))


def payment_order(m: Members) -> PaymentOrder:
    """Read a PaymentOrder. The currency must be CNY."""
    m.word("currency", frozenset({"CNY"}))
    return PaymentOrder(
        m.id("id"),
        m.id("intent"),
        m.text("service", 20),
        m.number("fen", 0, MAX_FEN),
        _words(m.members("title")),
        _words(m.members("basis")),
        _words(m.members("payee")),
        m.time("expires_at"),
        cast("OrderState", m.word("state", _ORDER_STATES)),
    )


def acceptance(m: Members) -> Acceptance:
    """Read an Acceptance, after its signature."""
    return Acceptance(
        m.id("intent"),
        m.text("service", 20),
        m.text("number", 16, _NUMBER),
        m.text("state", 40),
        m.time("accepted_at"),
        m.day("promise_date"),
        m.flag("promise_estimated"),
        _words(m.members("pickup")),
    )


def print_authorisation(m: Members) -> PrintAuthorisation:
    """Read a PrintAuthorisation, after its signature."""
    return PrintAuthorisation(
        m.id("intent"),
        m.text("service", 20),
        m.id("jti"),
        m.number("copies", 1, 5),
        m.time("expires_at"),
        m.flag("simulated"),
        cast("PrintState", m.word("state", _PRINT_STATES)),
        _certificate(m.members("document")),
    )


def _certificate(m: Members) -> CertificateData:
    columns = m.texts("columns", 8, 40)
    rows = tuple(Members({"row": row}, "document.rows").texts("row", len(columns), 80) for row in m.each("rows", 60))
    return CertificateData(
        template=m.text("template", 40),
        identifier=m.text("identifier", 120),
        title=m.text("title", 60),
        holder_name=m.text("holder_name", 120),
        holder_number_masked=m.text("holder_number_masked", 18),
        statement=m.text("statement", 500),
        columns=columns,
        rows=rows,
        issuer=m.text("issuer", 80),
        issued_on=m.day("issued_on"),
        purpose=m.text("purpose", 80),
        valid_until=m.day("valid_until"),
        qr=m.text("qr", 700, _CODE),
        serial=m.text("serial", 40),
    )


def _words(m: Members) -> Bilingual:
    return Bilingual(m.text("zh"), m.text("en"))
