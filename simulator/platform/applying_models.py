"""What terminals send about materials and applications: the platform's own models (config/platform/applying.yaml)."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from simulator.platform.models import ConsentIds, Digest, Id, Sent, ServiceId, Time, Values, _pattern

MaterialIndex = Annotated[int, Field(ge=0, le=29)]
MaterialSource = Literal[
    "elicense", "share", "read", "insert", "mrz", "scan", "photo", "face", "finger", "sign", "counter"
]
KindKey = Annotated[str, _pattern(r"^[a-z][a-z0-9-]{0,39}$", 40)]
CaseNumber = Annotated[str, _pattern(r"^[0-9]{16}$", 16)]


def _whole_groups(text: str) -> str:
    if len(text) % 4:
        raise ValueError("not base64")
    return text


class UploadNew(Sent):
    """A sheet is about to be uploaded: what it is, how it was captured, its digest."""

    service: ServiceId
    material: MaterialIndex
    page: Annotated[int, Field(ge=1, le=50)]
    kind: KindKey
    bytes: Annotated[int, Field(ge=1, le=16_777_216)]
    sha256: Digest
    captured_at: Time
    device: Annotated[str, _pattern(r"^[a-z][a-z0-9_-]{0,39}$", 40)]
    dpi: Annotated[int, Field(ge=0, le=1200)]
    check: Literal["", "same", "near", "other", "unread"]
    sealed: bool


class MaterialRef(Sent):
    """One material of the item as it is handed in; `refs` are uploads, a copy, or a record."""

    material: MaterialIndex
    source: MaterialSource
    grade: Literal["", "A", "B", "C", "D"]
    refs: Annotated[list[Id], Field(max_length=50)]


MaterialRefs = Annotated[list[MaterialRef], Field(max_length=30)]


class SignatureRef(Sent):
    """Who confirmed or signed stands by this document (its SHA-256) at this time; `ink` is what was written."""

    material: MaterialIndex
    method: Literal["confirmed-review", "handwritten", "card-confirmed", "officer-witnessed"]
    document: Digest
    at: Time
    ink: Annotated[
        str,
        Field(min_length=100, max_length=49_152, pattern=r"^[A-Za-z0-9+/]+={0,2}$"),
        AfterValidator(_whole_groups),
    ] = ""


class DraftChange(Sent):
    """Form and materials as they are now."""

    form: Values
    materials: MaterialRefs
    keep: bool


class DraftNew(DraftChange):
    """A draft is begun."""

    service: ServiceId


class Application(Sent):
    """An application as the citizen reviewed it."""

    service: ServiceId
    form: Values
    order: Id | None
    consents: ConsentIds
    reviewed_digest: Digest
    submitted_at: Time
    draft: Id | None = None
    materials: MaterialRefs = Field(default_factory=list)
    signatures: Annotated[list[SignatureRef], Field(max_length=10)] = Field(default_factory=list)


class SealedApplication(Sent):
    """An application that only the platform can read."""

    service: ServiceId
    algorithm: Literal["X25519-SHA256-AES256GCM", "X25519-SHA256-SM4GCM"]
    ephemeral: Digest
    sealed: Annotated[
        str,
        Field(min_length=40, max_length=131_072, pattern=r"^[A-Za-z0-9+/]+={0,2}$"),
        AfterValidator(_whole_groups),
    ]
    sealed_at: Time
    uploads: Annotated[list[Id], Field(max_length=40)]


class SupplementNew(Sent):
    """Materials that the office asked for."""

    materials: MaterialRefs
    consents: ConsentIds


class Withdrawal(Sent):
    """The person takes the application back."""

    reason: Literal["not-needed", "mistake", "again-later", "other"]
