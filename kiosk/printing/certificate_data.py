"""What a certificate says: filled by the platform, typeset by `kiosk.printing.certificate`."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from config.certificate_code import masked_holder

DocumentKind = Literal["certificate", "copy"]


@dataclass(frozen=True, slots=True)
class Seal:
    """The issuer's seal: its id and its picture (PNG with alpha)."""

    id: str
    png: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class CertificateData:
    """One document. It holds personal data: it lives only as long as the visit, and is never logged.

    `template` names a file of config/certificates. `statement` goes on from "兹证明 NAME（公民身份号码 NUMBER）", or
    is the whole sentence when it has the name in it. `rows` are as wide as `columns`. `qr` is what the code holds.
    `valid_until` None is without end. A copy says whose original it is of (`source`).
    """

    template: str
    identifier: str
    title: str
    holder_name: str
    holder_number_masked: str
    statement: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    issuer: str
    issued_on: date
    purpose: str
    valid_until: date | None
    qr: str
    serial: str
    kind: DocumentKind = "certificate"
    source: str = ""
    seal: Seal | None = None

    def facts(self) -> dict[str, Any]:
        """What is printed, as the digest in the code has it (the contract's `Certificate.qr`): the holder masked."""
        masked = masked_holder(self.holder_name)
        return {
            "template": self.template,
            "identifier": self.identifier,
            "title": self.title,
            "holder_name": masked,
            "holder_number_masked": self.holder_number_masked,
            "statement": self.statement.replace(self.holder_name, masked),
            "columns": list(self.columns),
            "rows": [list(row) for row in self.rows],
            "issuer": self.issuer,
            "issued_on": self.issued_on.isoformat(),
            "purpose": self.purpose,
            "valid_until": self.valid_until.isoformat() if self.valid_until else None,
            "serial": self.serial,
            "kind": self.kind,
            "source": self.source,
            "seal": hashlib.sha256(self.seal.png).hexdigest() if self.seal else "",
        }

    def __repr__(self) -> str:
        """Without what it says of a person, so that no log or traceback can show it."""
        return f"CertificateData(template={self.template!r}, {len(self.rows)} rows)"
