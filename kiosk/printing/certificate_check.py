"""Whether a certificate's code is true, decided here without a network: signature, digest, dates, void list.

| verdict | because                                                        | reasons                                  |
|---------|----------------------------------------------------------------|------------------------------------------|
| valid   | signed by an issuer that we believe, in its days, not void     |                                          |
| void    | so, but the issuer's list says that it does not count any more | revoked, replaced, mistaken              |
| expired | so, but its last day is over                                   |                                          |
| altered | a part has no right form, or signature or digest do not fit    | form, signature, digest, algorithm       |
| unknown | not ours, another version, or a key that we do not have        | foreign, version, key, key-days          |

Valid is said of the code. Whoever checks must compare the paper with what the code says: holder, number, dates.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from config import sm2
from config.certificate_code import CertificateCode, CodeError, facts_digest, parse_code
from config.issuer_keys import IssuerKey, IssuerKeys
from config.service import Words
from kiosk.platform.messages import StatusList

State = Literal["valid", "void", "altered", "unknown", "expired"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What can be said of a code. `code` and `issuer` only when the signature is right; `as_of` is the void list's.

    `as_of` None: there was no list, nothing is known of voiding. `since`: since when it is void.
    """

    state: State
    reason: str = ""
    code: CertificateCode | None = None
    issuer: Words | None = None
    as_of: datetime | None = None
    since: date | None = None


def check(
    payload: str,
    keys: IssuerKeys,
    status: StatusList | None,
    today: date,
    *,
    facts: Mapping[str, Any] | None = None,
) -> Verdict:
    """The verdict on `payload`; `facts`, where the printed facts are at hand, must have the digest that it carries."""
    try:
        code = parse_code(payload)
    except CodeError as error:
        return Verdict("altered", "form") if error.kind == "malformed" else Verdict("unknown", error.kind)
    key = keys.get(code.key)
    if key is None:
        return Verdict("unknown", "key")
    if key.algorithm.upper() != code.algorithm:
        return Verdict("altered", "algorithm")
    if not _signed(code, key):
        return Verdict("altered", "signature")
    if not key.not_before <= code.issued_on <= key.not_after or code.issued_on > today:
        return Verdict("unknown", "key-days")
    if facts is not None and not _fits(code, facts):
        return Verdict("altered", "digest")
    as_of = status.issued_at if status else None
    voided = next((v for v in status.void if v.identifier == code.identifier), None) if status else None
    if voided is not None:
        return Verdict("void", voided.reason, code, key.issuer, as_of, voided.since)
    if code.valid_until is not None and code.valid_until < today:
        return Verdict("expired", "", code, key.issuer, as_of)
    return Verdict("valid", "", code, key.issuer, as_of)


def _fits(code: CertificateCode, facts: Mapping[str, Any]) -> bool:
    """The digest, and every part of the code that the facts have too."""
    return (
        code.digest == facts_digest(facts, code.algorithm)
        and code.identifier == facts["identifier"]
        and code.holder == facts["holder_name"]
        and code.issued_on.isoformat() == facts["issued_on"]
        and (code.valid_until.isoformat() if code.valid_until else None) == facts["valid_until"]
    )


def _signed(code: CertificateCode, key: IssuerKey) -> bool:
    if key.algorithm == "sm2":
        return sm2.verify(key.octets, code.signed, code.signature)
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        Ed25519PublicKey.from_public_bytes(key.octets).verify(code.signature, code.signed)
    except (InvalidSignature, ValueError):
        return False
    return True
