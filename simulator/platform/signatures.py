"""The platform's look at a signed request (RFC 9421, RFC 9530): which key, which headers, whether it all fits.

Refusals are `signature-invalid` with a `reason`: digest, form, covered, key, signature.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import cast

from config.signatures import Algorithm, KeyUnfit, body_digest, verify
from simulator.platform.problems import Refusal

ALWAYS = ("@method", "@target-uri", "content-digest", "x-kiosk-id", "x-timestamp", "x-nonce")
WHERE_SENT = ("idempotency-key", "x-session-id", "if-match")
MAX_HEADER = 1000
_DIGEST = re.compile(r"(sha-256|sm3)=:([A-Za-z0-9+/]{43}=):", re.ASCII)
_INPUT = re.compile(
    r'([a-z][a-z0-9-]{0,20})=(\(("[@a-z0-9-]{2,40}"(?: "[@a-z0-9-]{2,40}"){0,20})\)'
    r';created=[0-9]{1,12};keyid="([0-9a-f]{32})";alg="(ed25519|sm2-sm3)")',
    re.ASCII,
)
_SIGNATURE = re.compile(r"([a-z][a-z0-9-]{0,20})=:([A-Za-z0-9+/]{86}==):", re.ASCII)
KeyOf = Callable[[str, Algorithm], bytes | None]
"""The public key called so, None when this terminal has no such key."""


@dataclass(frozen=True, slots=True)
class Received:
    """A request as it arrived. `headers` by small names; `address` is absolute."""

    method: str
    address: str
    headers: Mapping[str, str]
    body: bytes


def must_be_signed(request: Received, key_of: KeyOf) -> None:
    """Refuse a request unless its body and its headers are what a key of this terminal signed."""
    _must_fit_digest(request)
    label, parameters, names, key, algorithm = _input(request.headers.get("signature-input", ""))
    missing = [n for n in (*ALWAYS, *(n for n in WHERE_SENT if n in request.headers)) if n not in names]
    if missing or len(set(names)) != len(names):
        raise _refused("covered", f"not under the signature: {', '.join(missing) or 'a name twice'}")
    signature = _SIGNATURE.fullmatch(request.headers.get("signature", "")[:MAX_HEADER])
    if not signature or signature[1] != label:
        raise _refused("form", "Signature is not of the form of the contract")
    public = key_of(key, algorithm)
    if public is None:
        raise _refused("key", "this terminal has no such key: enrol it")
    lines = [f'"{name}": {_value(request, name)}' for name in names]
    base = "\n".join([*lines, f'"@signature-params": {parameters}']).encode()
    try:
        good = verify(algorithm, public, base, base64.b64decode(signature[2]))
    except (KeyUnfit, binascii.Error):
        good = False
    if not good:
        raise _refused("signature", "the signature does not fit the request")


def _must_fit_digest(request: Received) -> None:
    said = _DIGEST.fullmatch(request.headers.get("content-digest", "")[:MAX_HEADER])
    if not said:
        raise _refused("digest", "Content-Digest is not of the form of the contract")
    try:
        told = base64.b64decode(said[2], validate=True)
    except binascii.Error:
        raise _refused("digest", "Content-Digest is not base64") from None
    if not hmac.compare_digest(told, body_digest(said[1], request.body)):
        raise _refused("digest", "Content-Digest is of another body")


def _input(header: str) -> tuple[str, str, list[str], str, Algorithm]:
    found = _INPUT.fullmatch(header[:MAX_HEADER])
    if not found:
        raise _refused("form", "Signature-Input is not of the form of the contract")
    names = [name.strip('"') for name in found[3].split(" ")]
    return found[1], found[2], names, found[4], cast("Algorithm", found[5])


def _value(request: Received, name: str) -> str:
    if name == "@method":
        return request.method
    if name == "@target-uri":
        return request.address
    if name not in request.headers:
        raise _refused("covered", f"{name} is signed and not there")
    return request.headers[name]


def _refused(reason: str, detail: str) -> Refusal:
    return Refusal("signature-invalid", detail, reason=reason)
