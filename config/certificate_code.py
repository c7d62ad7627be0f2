"""The code on a certificate: one line of text that any phone reads, signed by the issuer.

`WHC2/ALGORITHM/KEY/IDENTIFIER/DOCUMENT/HOLDER/ISSUED/UNTIL/DIGEST/SIGNATURE`, at most 600 characters.

| part       | form                                   | says                                                    |
|------------|----------------------------------------|---------------------------------------------------------|
| ALGORITHM  | ED25519 or SM2                         | how it is signed (SM2 with SM3, user 1234567812345678)  |
| KEY        | 2 to 24 of A-Z 0-9 -                   | which key of the issuer                                 |
| IDENTIFIER | GB/T 36904                             | the licence identifier                                  |
| DOCUMENT   | 2 to 40 of A-Z 0-9 -                   | the kind of document                                    |
| HOLDER     | base32 of UTF-8, at most 64 characters | the holder's name, masked                               |
| ISSUED     | YYYYMMDD                               | the date of issue                                       |
| UNTIL      | YYYYMMDD or 0                          | valid until this day, 0 without end                     |
| DIGEST     | base32, 32 octets                      | SHA-256 (ED25519) or SM3 (SM2) over the printed facts   |
| SIGNATURE  | base32, 64 octets                      | over everything before its slash                        |

All characters are of the QR code's alphanumeric set, 5.5 bits each, and safe in a URL path: where the issuer runs a
checking page, `https://host/path/` may stand before it. That prefix is not signed and nothing here follows it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Literal, cast

from config.codes import licence_identifier_valid
from config.sm3 import sm3

Algorithm = Literal["ED25519", "SM2"]
MAX_TEXT = 600
MAX_PREFIX = 120
MAX_HOLDER = 40
MAX_DOCUMENT = 40
VERSION = "WHC2"
_NAME = r"[A-Z0-9][A-Z0-9-]"
_FORM = re.compile(
    rf"{VERSION}/(?P<algorithm>ED25519|SM2)/(?P<key>{_NAME}{{1,23}})/(?P<identifier>[0-9A-Z.]{{20,120}})"
    rf"/(?P<document>{_NAME}{{1,39}})/(?P<holder>[A-Z2-7]{{2,64}})/(?P<issued>[0-9]{{8}})/(?P<until>[0-9]{{8}}|0)"
    r"/(?P<digest>[A-Z2-7]{52})/(?P<signature>[A-Z2-7]{103})",
    re.ASCII,
)
_URL = re.compile(r"https://[^/\s]{1,100}/(?:[A-Za-z0-9._~-]{1,30}/){0,3}?(?=WHC[0-9])", re.IGNORECASE | re.ASCII)
_OURS = re.compile(r"WHC[0-9]{1,2}[/.]", re.ASCII)


class CodeError(ValueError):
    """Not a code that can be checked. `kind`: foreign (not ours), version (ours, another format), malformed."""

    def __init__(self, kind: Literal["foreign", "version", "malformed"], sentence: str) -> None:
        super().__init__(sentence)
        self.kind = kind


@dataclass(frozen=True, slots=True)
class CertificateCode:
    """One code, well formed; nothing says yet that it is true."""

    algorithm: Algorithm
    key: str
    identifier: str
    document: str
    holder: str
    issued_on: date
    valid_until: date | None
    digest: bytes
    signature: bytes = b""

    @property
    def signed(self) -> bytes:
        """What the signature is over."""
        until = f"{self.valid_until:%Y%m%d}" if self.valid_until else "0"
        parts = (VERSION, self.algorithm, self.key, self.identifier, self.document, _text(self.holder.encode()))
        return "/".join((*parts, f"{self.issued_on:%Y%m%d}", until, _text(self.digest))).encode()

    def text(self) -> str:
        """The line that goes into the QR code."""
        return f"{self.signed.decode()}/{_text(self.signature)}"

    def with_signature(self, signature: bytes) -> CertificateCode:
        """The same, signed."""
        return replace(self, signature=signature)


def parse_code(text: str) -> CertificateCode:
    """Read a code, with or without `https://host/path/` before it. Raises `CodeError`; never names what it read."""
    if len(text) > MAX_TEXT + MAX_PREFIX:
        raise CodeError("foreign", f"a code of more than {MAX_TEXT} characters is no certificate code")
    if prefix := _URL.match(text):
        text = text[prefix.end() :]
    if not _OURS.match(text):
        raise CodeError("foreign", "this is no certificate code of this city")
    if not text.startswith(f"{VERSION}/"):
        raise CodeError("version", f"a certificate code of another version than {VERSION}")
    found = _FORM.fullmatch(text)
    if found is None:
        raise CodeError("malformed", "the certificate code is cut short or altered: its parts do not have their form")
    parts = found.groupdict()
    if not licence_identifier_valid(parts["identifier"]):
        raise CodeError("malformed", "the check character of the licence identifier is wrong")
    try:
        holder = _octets(parts["holder"]).decode()
        issued = _day(parts["issued"])
        until = None if parts["until"] == "0" else _day(parts["until"])
        digest, signature = _octets(parts["digest"]), _octets(parts["signature"])
    except ValueError:
        raise CodeError("malformed", "the certificate code is altered: a part of it cannot be read") from None
    if not 0 < len(holder) <= MAX_HOLDER or not holder.isprintable():
        raise CodeError("malformed", "the certificate code is altered: the holder cannot be read")
    code = CertificateCode(
        cast("Algorithm", parts["algorithm"]), parts["key"], parts["identifier"], parts["document"], holder, issued,
        until, digest, signature,
    )  # fmt: skip
    if code.text() != text:  # base32 has spare bits: only one spelling is the issuer's
        raise CodeError("malformed", "the certificate code is altered: a part of it is spelt in another way")
    return code


def facts_digest(facts: Mapping[str, Any], algorithm: Algorithm) -> bytes:
    """The digest of what is printed, 32 octets: over canonical JSON (sorted keys, no spaces, UTF-8)."""
    data = json.dumps(facts, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()
    return sm3(data) if algorithm == "SM2" else hashlib.sha256(data).digest()


def masked_holder(name: str) -> str:
    """A name as codes and digests have it: first and last character, whatever its length (张*荣, 王*)."""
    return name[:1] + "*" + (name[-1] if len(name) > 2 else "")


def document_name(template: str, kind: str) -> str:
    """The DOCUMENT part for a template and a kind of document: INSURED-STATUS, INSURED-STATUS-COPY; cut to 40."""
    end = "-COPY" if kind == "copy" else ""
    return template.upper()[: MAX_DOCUMENT - len(end)].rstrip("-") + end


def _text(data: bytes) -> str:
    return base64.b32encode(data).rstrip(b"=").decode()


def _octets(text: str) -> bytes:
    try:
        return base64.b32decode(text + "=" * (-len(text) % 8))
    except binascii.Error as error:
        raise ValueError(str(error)) from error


def _day(text: str) -> date:
    return date(int(text[:4]), int(text[4:6]), int(text[6:]))
