"""What a certificate says: filled by the platform, typeset by `kiosk.certificate`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class CertificateData:
    """One document. It holds personal data: it lives only as long as the visit, and is never logged.

    `template` names a file of config/certificates. `statement` goes on from "兹证明 NAME（公民身份号码 NUMBER）", or
    is the whole sentence when it has the name in it. `rows` are as wide as `columns`. `qr` is what the code holds.
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
    valid_until: date
    qr: str
    serial: str

    def __repr__(self) -> str:
        """Without what it says of a person, so that no log or traceback can show it."""
        return f"CertificateData(template={self.template!r}, {len(self.rows)} rows)"
