"""What is said about materials, drafts and cases, and how it is read: every text and number bounded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal, cast

from kiosk.platform.errors import BadReply
from kiosk.platform.messages import Bilingual
from kiosk.platform.reading import Members

Grade = Literal["", "A", "B", "C", "D"]
Source = Literal["elicense", "share", "read", "insert", "mrz", "scan", "photo", "face", "finger", "sign", "counter"]
Code = Literal["missing", "blurred", "wrong-side", "expired", "other-person", "form"]
CaseState = Literal["ACCEPTED", "IN_PROGRESS", "SUPPLEMENT", "DONE", "REFUSED", "WITHDRAWN"]
Reason = Literal["not-needed", "mistake", "again-later", "other"]
PART_BYTES = 256 * 1024
MAX_PARTS = 64

_GRADES = frozenset({"A", "B", "C", "D"})
_SOURCES = frozenset(
    {"elicense", "share", "read", "insert", "mrz", "scan", "photo", "face", "finger", "sign", "counter"}
)
_CODES = frozenset({"missing", "blurred", "wrong-side", "expired", "other-person", "form"})
_STATES = frozenset({"ACCEPTED", "IN_PROGRESS", "SUPPLEMENT", "DONE", "REFUSED", "WITHDRAWN"})


@dataclass(frozen=True, slots=True)
class Found:
    """What the city has for a material (its index in the item). Personal: it belongs into the vault."""

    id: str
    material: int
    kind: str
    number_masked: str = field(repr=False)
    issuer: str
    grade: Grade
    valid_to: date | None
    expired: bool


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy of a licence for one purpose; `watermark` is printed on it wherever it goes."""

    id: str
    grade: Grade
    watermark: Bilingual
    expires_at: datetime
    sha256: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet as it is announced: what it is, how it was captured, its digest (hex) and length."""

    service: str
    material: int
    page: int
    kind: str
    bytes: int
    sha256: str
    captured_at: str
    device: str
    dpi: int
    check: str = ""
    sealed: bool = False


@dataclass(frozen=True, slots=True)
class UploadState:
    """Which parts (from 1) are there."""

    id: str
    complete: bool
    parts: frozenset[int]


@dataclass(frozen=True, slots=True)
class MaterialRef:
    """A material as it is handed in: uploads in the order of the pages, a copy, or a record of shared data."""

    material: int
    source: Source
    grade: Grade
    refs: tuple[str, ...] = ()

    def body(self) -> dict[str, Any]:
        """As JSON."""
        return {"material": self.material, "source": self.source, "grade": self.grade, "refs": list(self.refs)}


@dataclass(frozen=True, slots=True)
class Draft:
    """An application that is not handed in yet. `etag` is the version that a change must name."""

    id: str
    service: str
    form: Mapping[str, str] = field(repr=False)
    materials: tuple[MaterialRef, ...]
    kept: bool
    saved_at: datetime
    etag: str


@dataclass(frozen=True, slots=True)
class Flaw:
    """One thing that keeps an application from being accepted: of a material, or of a field of the form."""

    code: Code
    material: int | None = None
    field: str = ""


@dataclass(frozen=True, slots=True)
class MyCase:
    """A case of the session's person; `asked_for`: materials that the office wants again."""

    number: str
    service: str
    state: CaseState
    accepted_at: datetime
    promise_date: date
    asked_for: tuple[int, ...]


def read_found(m: Members) -> Found:
    """Reads a `Found`."""
    return Found(
        m.id("id"),
        m.number("material", 0, 29),
        m.text("kind", 80),
        m.text("number_masked", 40),
        m.text("issuer", 80),
        cast("Grade", m.word("grade", _GRADES)),
        m.day_or_none("valid_to"),
        m.word("state", frozenset({"valid", "expired"})) == "expired",
    )


def read_copy(m: Members) -> Copy:
    """Reads a `Copy`."""
    words = m.members("watermark")
    return Copy(
        m.id("id"),
        cast("Grade", m.word("grade", _GRADES)),
        Bilingual(words.text("zh"), words.text("en")),
        m.time("expires_at"),
        m.text("sha256", 64),
    )


def read_upload(reply: Any) -> UploadState:
    """Reads an `UploadState`."""
    m = Members(reply, "Upload")
    m.number("part_bytes", PART_BYTES, PART_BYTES)
    parts = m.each("parts", MAX_PARTS)
    if not all(isinstance(part, int) and 1 <= part <= MAX_PARTS for part in parts):
        raise BadReply("Upload.parts: expected numbers of parts")
    return UploadState(m.id("id"), m.word("state", frozenset({"OPEN", "COMPLETE"})) == "COMPLETE", frozenset(parts))


def read_draft(m: Members) -> Draft:
    """Reads a `Draft`."""
    version = m.number("version", 1, 999_999_999)
    return Draft(
        m.id("id"),
        m.text("service", 20),
        _values(m),
        tuple(_ref(r) for r in m.objects("materials", 30)),
        m.flag("kept"),
        m.time("saved_at"),
        f'"{version}"',
    )


def _values(m: Members) -> dict[str, str]:
    """The form: keys and texts, both bounded."""
    values = m.plain("form")
    fits = all(isinstance(k, str) and len(k) <= 60 and isinstance(v, str) and len(v) <= 2000 for k, v in values.items())
    if len(values) > 200 or not fits:
        raise BadReply("Draft.form: expected texts of at most 2000 characters")
    return dict(values)


def _ref(m: Members) -> MaterialRef:
    return MaterialRef(
        m.number("material", 0, 29),
        cast("Source", m.word("source", _SOURCES)),
        cast("Grade", m.word("grade", _GRADES | {""})),
        m.texts("refs", 50, 80),
    )


def read_flaw(m: Members) -> Flaw:
    """Reads a `Flaw`."""
    material = m.number_or_none("material", 0, 29)
    return Flaw(cast("Code", m.word("code", _CODES)), material, m.text("field", 40))


def read_case(m: Members) -> MyCase:
    """Reads a `MyCase`."""
    asked = m.each("asked_for", 30)
    if not all(isinstance(each, int) and 0 <= each < 30 for each in asked):
        raise BadReply("MyApplication.asked_for: expected numbers of materials")
    return MyCase(
        m.text("number", 16),
        m.text("service", 20),
        cast("CaseState", m.word("state", _STATES)),
        m.time("accepted_at"),
        m.day("promise_date"),
        tuple(asked),
    )
