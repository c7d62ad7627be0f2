"""Permission to print: a compact JWS (RFC 7515) that the platform signed with Ed25519 (RFC 8037), and what it permits.

| refused             | because                                                     |
|---------------------|-------------------------------------------------------------|
| token-malformed     | no JWS of the form that the contract has                    |
| token-signature     | not signed with the platform's key, or not signed           |
| token-terminal      | for another terminal                                        |
| token-intent        | for another act than this one                               |
| token-service       | for another service                                         |
| token-document      | for another document than the one that came with it         |
| token-copies        | for fewer copies                                            |
| token-early         | its time has not come; the terminal's clock may be wrong    |
| token-expired       | its time is over                                            |
| token-replayed      | it was used before (the journal knows)                      |
"""

from __future__ import annotations

import base64
import json
import re
from dataclasses import dataclass
from datetime import datetime

from kiosk.platform.errors import BadReply
from kiosk.platform.reading import Members

MAX_TOKEN = 1500
MAX_LIFE_S = 900
EARLY_S = 60
_FORM = re.compile(r"([A-Za-z0-9_-]{10,200})\.([A-Za-z0-9_-]{10,1200})\.([A-Za-z0-9_-]{0,100})", re.ASCII)
_HEX = re.compile(r"[0-9a-f]{64}", re.ASCII)
_HEADER = {"alg": "EdDSA", "typ": "print+jwt"}


class TokenRefused(Exception):
    """The permission does not permit this print. `cause` is a word of the table above."""

    def __init__(self, cause: str, sentence: str) -> None:
        super().__init__(sentence)
        self.cause = cause


@dataclass(frozen=True, slots=True)
class PrintToken:
    """The claims of a permission whose signature was verified. `not_before` and `expires` in seconds since 1970."""

    jti: str
    terminal: str
    intent: str
    service: str
    document: str
    copies: int
    not_before: int
    expires: int


def read_token(token: str, public_key: str) -> PrintToken:
    """Verify the signature with `public_key` (hex) and read the claims. Raises `TokenRefused`."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    found = _FORM.fullmatch(token) if len(token) <= MAX_TOKEN else None
    if found is None:
        raise TokenRefused("token-malformed", "the permission to print is no compact JWS")
    header, claims, signature = found.groups()
    if _json(header) != _HEADER:
        raise TokenRefused("token-signature", "the permission to print is not signed with EdDSA")
    try:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_key))
        key.verify(_octets(signature), f"{header}.{claims}".encode())
    except (InvalidSignature, ValueError):
        raise TokenRefused(
            "token-signature", "the permission to print is not signed by the platform (settings: platform.public_key)"
        ) from None
    try:
        m = Members(_json(claims), "token")
        return PrintToken(
            m.id("jti"),
            m.text("aud", 20),
            m.id("intent"),
            m.text("service", 20),
            m.text("doc", 64, _HEX),
            m.number("copies", 0, 5),
            m.number("nbf", 0, 1 << 40),
            m.number("exp", 0, 1 << 40),
        )
    except BadReply as error:
        raise TokenRefused("token-malformed", f"the permission to print does not fit: {error}") from None


def check_token(
    token: PrintToken,
    *,
    jti: str,
    terminal: str,
    intent: str,
    service: str,
    document: str,
    copies: int,
    now: datetime,
) -> None:
    """Raise `TokenRefused` unless `token` permits exactly this, now. Replays are the journal's to find."""
    if token.terminal != terminal:
        raise TokenRefused("token-terminal", "the permission to print is for another terminal")
    if token.intent != intent or token.jti != jti:
        raise TokenRefused("token-intent", "the permission to print is for another act")
    if token.service != service:
        raise TokenRefused("token-service", "the permission to print is for another service")
    if token.document != document:
        raise TokenRefused("token-document", "the permission to print is for another document")
    if token.copies < copies:
        raise TokenRefused("token-copies", f"{copies} copies were asked for, {token.copies} are permitted")
    if not 0 < token.expires - token.not_before <= MAX_LIFE_S:
        raise TokenRefused("token-malformed", f"a permission to print lives at most {MAX_LIFE_S} s")
    seconds = now.timestamp()
    if seconds < token.not_before - EARLY_S:
        raise TokenRefused("token-early", "the permission to print is not valid yet; is the terminal's clock right?")
    if seconds >= token.expires:
        raise TokenRefused("token-expired", "the permission to print has expired; is the terminal's clock right?")


def _octets(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _json(text: str) -> object:
    try:
        return json.loads(_octets(text))
    except (ValueError, RecursionError):
        raise TokenRefused("token-malformed", "a part of the permission to print is no JSON") from None
