"""How the platform answers: what an error of its client means, and one plain question while no terminal runs."""

from __future__ import annotations

import time
from email.utils import parsedate_to_datetime
from typing import Final

import requests

from config.settings import PlatformSettings
from kiosk.diagnostics.facts import PlatformFact, PlatformTrouble
from kiosk.platform.connection import BASE
from kiosk.platform.errors import BadReply, CertificateRefused, GatewayRefusal, NotEnrolled, PlatformError, Problem
from kiosk.platform.tls import whose_certificate

ASK_S: Final = 5.0


def trouble_of(error: PlatformError) -> PlatformTrouble:
    """What a technician has to do with it, in one word."""
    match error:
        case CertificateRefused():
            return "certificate" if error.whose == "platform" else "our-certificate"
        case NotEnrolled():
            return "not-enrolled"
        case Problem(slug="clock-skew" | "replay"):
            return "clock"
        case Problem(status=status) if status < 500:
            return "refused"
        case Problem() | GatewayRefusal() | BadReply():
            return "ill"
    return "unreachable"


def ask_plainly(settings: PlatformSettings) -> tuple[PlatformFact, float | None]:
    """Ask for its health without a key: any answer shows that it is reached. And our clock minus its, in seconds.

    Blocking, at most `ASK_S` for the connection and for the answer each; changes nothing anywhere.
    """
    pair = (str(settings.client_certificate), str(settings.client_key)) if settings.client_certificate else None
    began = time.monotonic()
    try:
        with requests.Session() as session:
            session.trust_env = False
            answer = session.get(
                f"{settings.url}{BASE}/health", timeout=ASK_S, cert=pair, allow_redirects=False, stream=True,
                verify=str(settings.ca) if settings.ca else True,
            )  # fmt: skip
            answer.close()
    except (requests.RequestException, OSError) as error:
        whose = whose_certificate(error)
        kind: PlatformTrouble = "unreachable"
        if whose is not None:
            kind = "certificate" if whose == "platform" else "our-certificate"
        return PlatformFact(kind, type(error).__name__), None
    took = int((time.monotonic() - began) * 1000)
    ill = answer.status_code >= 500
    told = PlatformFact("ill" if ill else "", str(answer.status_code) if ill else "", took)
    return told, _skew(answer.headers.get("Date", ""))


def _skew(date: str) -> float | None:
    try:
        return time.time() - parsedate_to_datetime(date).timestamp()
    except (TypeError, ValueError):
        return None


def heard(error: PlatformError | None, took_s: float, down: frozenset[str]) -> PlatformFact:
    """The running terminal's own last question."""
    areas = tuple(sorted(down))[:20]
    if error is None:
        return PlatformFact("", "", int(took_s * 1000), areas)
    return PlatformFact(trouble_of(error), _said(error), int(took_s * 1000), areas)


def _said(error: PlatformError) -> str:
    match error:
        case Problem():
            return error.slug
        case GatewayRefusal():
            return str(error.status)
    return type(error).__name__
