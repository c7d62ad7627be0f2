"""Which end's certificate an exchange ended over; None when it ended over something else."""

from __future__ import annotations

import ssl
from typing import Literal

_MOST = 50
_OURS = (
    "ALERT_CERTIFICATE",
    "ALERT_BAD_CERTIFICATE",
    "ALERT_UNKNOWN_CA",
    "ALERT_UNSUPPORTED_CERTIFICATE",
    "ALERT_ACCESS_DENIED",
    "ALERT_DECRYPT_ERROR",
    "CERTIFICATE_REQUIRED",
)
"""Parts of OpenSSL's names for what the other end said of our certificate (RFC 8446, 6.2)."""


def whose_certificate(error: BaseException) -> Literal["platform", "terminal"] | None:
    """Look through an error and what it was raised from, as urllib3 and requests wrap it.

    A handshake that the platform ends without a word counts as a refusal of ours: gateways seldom say why.
    """
    waiting: list[object] = [error]
    known: set[int] = set()
    while waiting and len(known) < _MOST:
        seen = waiting.pop(0)
        if not isinstance(seen, BaseException) or id(seen) in known:
            continue
        known.add(id(seen))
        if isinstance(seen, ssl.SSLCertVerificationError):
            return "platform"
        if isinstance(seen, ssl.SSLEOFError):
            return "terminal"
        if isinstance(seen, ssl.SSLError) and any(part in str(seen.reason or "").upper() for part in _OURS):
            return "terminal"
        waiting += [seen.__cause__, seen.__context__, getattr(seen, "reason", None), *seen.args]
    return None
