"""One-time codes of the office: signed by the platform (to scan), or of twelve digits (to type without a network).

Signed: `KTC1.KIOSK.NONCE.ROLE.PURPOSE.ISSUED.EXPIRES.SIGNATURE`, times in seconds since 1970, the signature (128 hex
digits, the platform's key) over the text before its dot. Nobody can guess one, so that a locked door takes it.

Typed: kind (1 digit: role and purpose), issue (2), proof (8), check (1, Luhn). The proof is HMAC-SHA256 under a secret
that this terminal made and told the platform (`kiosk.technician.code_secret`), over terminal, kind, issue and the ten
minutes in which it was made. Good for 30 minutes; guessing one is slowed down like guessing a PIN.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass
from typing import Final, Literal

from config.signatures import algorithm_of, verify
from kiosk.technician.roles import ROLES, Role

Purpose = Literal["panel", "remote"]
Reason = Literal[
    "code-form", "code-mistyped", "code-wrong", "code-signature", "code-other-terminal", "code-expired", "code-early",
    "code-purpose", "code-used", "code-not-set-up",
]  # fmt: skip
MOST_TEXT: Final = 320
DIGITS: Final = 12
WINDOW_S: Final = 600
WINDOWS: Final = 3
"""A typed code is good in the ten minutes in which it was made and in the two windows after."""
LOOKED_BACK: Final = 48
"""So many windows are looked through to say that a code has expired, and not that it is wrong."""
SLACK_S: Final = 120.0
"""The platform's clock and ours may differ by so much."""
LONGEST_S: Final = 8 * 3600.0
"""A signed code that is good for longer is not taken, whoever signed it."""
KINDS: Final[dict[str, tuple[Role, Purpose]]] = {
    "1": ("field", "panel"),
    "2": ("supervisor", "panel"),
    "3": ("field", "remote"),
    "4": ("supervisor", "remote"),
}
_TOKEN: Final = re.compile(
    r"KTC1\.(?P<kiosk>[A-Z]{2}-[A-Z]{2}-[0-9]{4})\.(?P<nonce>[A-Za-z0-9_-]{8,40})\.(?P<role>[a-z]{3,12})"
    r"\.(?P<purpose>[a-z]{3,12})\.(?P<issued>[0-9]{9,11})\.(?P<expires>[0-9]{9,11})\.(?P<signature>[0-9a-f]{128})",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Grant:
    """What a good code gives: once, and until `expires_at`. Seconds since 1970.

    `issued_at` of a typed code is when its window began.
    """

    nonce: str
    role: Role
    purpose: Purpose
    expires_at: float
    issued_at: float


class CodeRefused(Exception):
    """The code opens nothing; `reason` says why and has a sentence of its own (events.toml, `technician.REASON`)."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason: Reason = reason


def read_token(text: str, public_key: str, kiosk: str, now: float, purpose: Purpose) -> Grant:
    """A scanned code, checked against the platform's key (hex). Raises `CodeRefused`."""
    found = _TOKEN.fullmatch(text.strip()) if len(text) <= MOST_TEXT else None
    if found is None or found["role"] not in ROLES:
        raise CodeRefused("code-form")
    signed = text.strip().rpartition(".")[0].encode()
    key = bytes.fromhex(public_key)
    if not verify(algorithm_of(key), key, signed, bytes.fromhex(found["signature"])):
        raise CodeRefused("code-signature")
    issued, expires = float(found["issued"]), float(found["expires"])
    if found["kiosk"] != kiosk:
        raise CodeRefused("code-other-terminal")
    if found["purpose"] != purpose:
        raise CodeRefused("code-purpose")
    if now + SLACK_S < issued:
        raise CodeRefused("code-early")
    if now - SLACK_S > expires or expires - issued > LONGEST_S:
        raise CodeRefused("code-expired")
    role: Role = "supervisor" if found["role"] == "supervisor" else "field"
    return Grant(found["nonce"], role, purpose, expires + SLACK_S, issued)


def read_typed(digits: str, secret: bytes, kiosk: str, now: float, purpose: Purpose) -> Grant:
    """A typed code. Raises `CodeRefused`; `code-mistyped` says nothing about the secret and is no guess."""
    if len(digits) != DIGITS or not (digits.isascii() and digits.isdecimal()):
        raise CodeRefused("code-form")
    if not luhn_right(digits):
        raise CodeRefused("code-mistyped")
    if not secret:
        raise CodeRefused("code-not-set-up")
    kind, issue, proof = digits[0], digits[1:3], digits[3:11]
    if kind not in KINDS:
        raise CodeRefused("code-wrong")
    at = int(now // WINDOW_S)
    made = next((w for w in range(at + 1, at - LOOKED_BACK, -1) if _fits(proof, secret, kiosk, kind, issue, w)), None)
    if made is None:
        raise CodeRefused("code-wrong")
    role, meant = KINDS[kind]
    if meant != purpose:
        raise CodeRefused("code-purpose")
    if made <= at - WINDOWS:
        raise CodeRefused("code-expired")
    begun = float(made * WINDOW_S)
    return Grant(f"typed-{made}-{kind}{issue}", role, purpose, begun + WINDOWS * WINDOW_S, begun)


def proof_of(secret: bytes, kiosk: str, kind: str, issue: str, window: int) -> str:
    """Eight digits: what the platform computes too."""
    said = f"kiosk-technician-code-1|{kiosk}|{kind}|{issue}|{window}".encode()
    return f"{int.from_bytes(hmac.new(secret, said, hashlib.sha256).digest()[:8]) % 100_000_000:08d}"


def _fits(proof: str, secret: bytes, kiosk: str, kind: str, issue: str, window: int) -> bool:
    return hmac.compare_digest(proof, proof_of(secret, kiosk, kind, issue, window))


def luhn_right(digits: str) -> bool:
    """Whether the last digit is the Luhn check of the others."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0
