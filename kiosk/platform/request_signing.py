"""How a request is signed (RFC 9421, RFC 9530): method, address, body and all headers that say who asks and when."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit, urlunsplit

from config.signatures import DIGESTS, body_digest
from kiosk.device_key import DeviceKey

LABEL = "kiosk"
COVERED = (
    "content-digest",
    "x-kiosk-id",
    "x-timestamp",
    "x-nonce",
    "idempotency-key",
    "x-session-id",
    "x-kiosk-seq",
    "x-boot-id",
    "if-match",
)
"""Headers under the signature, in this order, each where the request has it."""
_PORTS = {"http": 80, "https": 443}


def target_uri(url: str) -> str:
    """The absolute address as both ends write it: the host in small letters, no port that the scheme implies."""
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    host = f"[{host}]" if ":" in host else host
    port = "" if parts.port in (None, _PORTS.get(parts.scheme)) else f":{parts.port}"
    return urlunsplit((parts.scheme, host + port, parts.path or "/", parts.query, ""))


def signature_base(components: Iterable[tuple[str, str]], parameters: str) -> bytes:
    """What is signed (RFC 9421, 2.5)."""
    lines = [f'"{name}": {value}' for name, value in components]
    return "\n".join([*lines, f'"@signature-params": {parameters}']).encode()


def signed_headers(
    key: DeviceKey, method: str, url: str, headers: Mapping[str, str], body: bytes, *, created: int
) -> dict[str, str]:
    """`headers` with Content-Digest, Signature-Input and Signature. `created`: seconds since 1970."""
    name = DIGESTS[key.algorithm]
    digest = base64.b64encode(body_digest(name, body)).decode()
    whole = {**headers, "Content-Digest": f"{name}=:{digest}:"}
    given = {k.lower(): v for k, v in whole.items()}
    components = [("@method", method), ("@target-uri", target_uri(url))]
    components += [(header, given[header]) for header in COVERED if header in given]
    names = " ".join(f'"{component}"' for component, _ in components)
    parameters = f'({names});created={created};keyid="{key.id}";alg="{key.algorithm}"'
    signature = base64.b64encode(key.sign(signature_base(components, parameters))).decode()
    return {**whole, "Signature-Input": f"{LABEL}={parameters}", "Signature": f"{LABEL}=:{signature}:"}
