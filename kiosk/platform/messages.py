"""What the platform answers, as the terminal's own models. Their repr shows no personal data."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal, TypedDict, cast, get_args

from config.certificate_code import MAX_TEXT
from config.identity import ladder
from config.service import Level
from kiosk.platform.case_parts import CasePart, case_parts
from kiosk.platform.reading import Members
from kiosk.printing.certificate_data import CertificateData, DocumentKind, Seal

OrderState = Literal[
    "CREATED", "WAITING", "PAYING", "PAID", "FAILED", "CLOSED", "UNKNOWN", "REVERSING", "REFUNDING", "REFUNDED"
]
MatchState = Literal["waiting", "confirmed", "refused", "expired"]
VoidReason = Literal["revoked", "replaced", "mistaken"]
PrintState = Literal["AUTHORISED", "PRINTED", "VOID", "UNCLEAR"]

_KINDS = frozenset({"certificate", "copy"})
_LEVELS = frozenset({"A0", "A1", "A2", "A3", "A4"})
ORDER_STATES = frozenset(get_args(OrderState))
_MATCH_STATES = frozenset({"waiting", "confirmed", "refused", "expired"})
_PRINT_STATES = frozenset({"AUTHORISED", "PRINTED", "VOID", "UNCLEAR"})
_VOID_REASONS = frozenset({"revoked", "replaced", "mistaken"})
_NUMBER = re.compile(r"\d{16}", re.ASCII)
_MATCH_NUMBER = re.compile(r"\d{2}", re.ASCII)
_SEAL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,63}", re.ASCII)
MAX_SEAL = 256 * 1024
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
    ko: str = ""
    """Empty in what the platform says; phrases of our own catalogue have it."""

    def get(self, language: str) -> str:
        """The phrase; Korean readers get English where there is no Korean."""
        return self.zh if language == "zh" else (self.ko or self.en) if language == "ko" else self.en


@dataclass(frozen=True, slots=True)
class Proof:
    """The session's level after a proof, and the platform's pseudonym of the citizen."""

    level: Level
    subject: str
    expires_at: datetime
    name_masked: str = field(default="", repr=False)


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
    """What has to be paid; the platform fixes `fen`. `provider`: whose phone pays; `cause`: why it FAILED."""

    id: str
    intent: str
    service: str
    fen: int
    title: Bilingual
    basis: Bilingual
    payee: Bilingual
    expires_at: datetime
    state: OrderState
    provider: str = ""
    cause: str = ""


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
    archive: tuple[str, ...] = ()
    """SHA-256 (hex) of every sheet in the archive of the case, in the order handed in."""
    parts: tuple[CasePart, ...] = ()
    """Of a bundle."""


@dataclass(frozen=True, slots=True)
class PrintAuthorisation:
    """`copies` prints of `document` are allowed until `expires_at`; its signature was verified.

    `token` is the permission itself (`kiosk.printing.print_token`), `digest` the SHA-256 (hex) of the document as sent.
    """

    intent: str
    service: str
    jti: str
    copies: int
    expires_at: datetime
    simulated: bool
    state: PrintState
    document: CertificateData
    token: str = field(default="", repr=False)
    digest: str = ""


@dataclass(frozen=True, slots=True)
class VoidCertificate:
    """One certificate that does not count any more, since a day, for a reason."""

    identifier: str
    since: date
    reason: VoidReason


@dataclass(frozen=True, slots=True)
class StatusList:
    """The certificates that are void; its signature was verified. `sequence` never goes back."""

    sequence: int
    issued_at: datetime
    next_update: datetime
    void: tuple[VoidCertificate, ...]


def proof(m: Members) -> Proof:
    """Read a Proof."""
    level = ladder().level("kgw", m.word("level", _LEVELS))
    return Proof(level, m.text("subject", 64), m.time("expires_at"), m.text("name_masked", 120))


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
        cast("OrderState", m.word("state", ORDER_STATES)),
        m.text("provider", 20),
        m.text("cause", 40),
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
        m.texts("archive", 200, 64),
        case_parts(m),
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
        certificate(m.members("document")),
        m.text("token", 1500),
        m.digest("document"),
    )


def status_list(m: Members) -> StatusList:
    """Read a StatusList, after its signature."""
    return StatusList(
        m.number("sequence", 0, 999_999_999),
        m.time("issued_at"),
        m.time("next_update"),
        tuple(
            VoidCertificate(
                v.text("identifier", 120), v.day("since"), cast("VoidReason", v.word("reason", _VOID_REASONS))
            )
            for v in m.objects("void", 5000)
        ),
    )


def certificate(m: Members) -> CertificateData:
    """Read a Certificate."""
    columns = m.texts("columns", 8, 40)
    rows = tuple(Members({"row": row}, "document.rows").texts("row", len(columns), 120) for row in m.each("rows", 60))
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
        valid_until=m.day_or_none("valid_until"),
        qr=m.text("qr", MAX_TEXT),
        serial=m.text("serial", 40),
        kind=cast("DocumentKind", m.word("kind", _KINDS)),
        source=m.text("source", 60),
        seal=Seal(s.text("id", 64, _SEAL), s.octets("png", MAX_SEAL)) if (s := m.members_or_none("seal")) else None,
    )


def _words(m: Members) -> Bilingual:
    return Bilingual(m.text("zh"), m.text("en"))
