"""A publisher: signs manifests with a key of its own, and puts files on a shelf that stands for a web server."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kiosk.clock import WEIHAI
from kiosk.platform.signing import canonical

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = KEY.public_key().public_bytes_raw().hex()
NOW = datetime(2026, 11, 22, 2, 0, tzinfo=WEIHAI)
CONTENT = b"a new version" * 100


def tree(version: str = "0.2.0", serial: int = 1, content: bytes = CONTENT, **more: Any) -> dict[str, Any]:
    """A manifest for everybody, with one file a method."""
    stamp = NOW - timedelta(days=1)
    return {
        "kind": "kiosk-update",
        "channel": "stable",
        "version": version,
        "serial": serial,
        "not_before": stamp.isoformat(),
        "expires": (NOW + timedelta(days=90)).isoformat(),
        "min_version": "0.1.0",
        "journal": {"writes": 1, "reads": [1]},
        "rings": [{"name": "all", "percent": 100, "from": stamp.isoformat()}],
        "files": [
            {
                "method": method,
                "name": f"kiosk-{version}.{end}",
                "size": len(content),
                "sha256": hashlib.sha256(content).hexdigest(),
            }
            for method, end in (("package", "deb"), ("rauc", "raucb"))
        ],
        **more,
    }


def signed(manifest: dict[str, Any], key: Ed25519PrivateKey = KEY) -> bytes:
    """As it lies on the server."""
    return json.dumps({**manifest, "signature": key.sign(canonical(manifest)).hex()}).encode()


def put(folder: Path, manifest: dict[str, Any], content: bytes = CONTENT) -> None:
    """On the shelf."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "stable.json").write_bytes(signed(manifest))
    for each in manifest["files"]:
        (folder / each["name"]).write_bytes(content)
