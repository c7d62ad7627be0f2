"""Which terminals take a version when: by the name of a ring, and by a share that is the same on every machine."""

from __future__ import annotations

import hashlib
from datetime import datetime

from kiosk.updates.manifest import Manifest


def share_of(terminal: str, version: str) -> float:
    """This terminal's place from 0 to 100 for a version: each time others are the first."""
    digest = hashlib.sha256(f"{terminal}/{version}".encode()).digest()
    return int.from_bytes(digest[:8], "big") * 100 / 2**64


def begins_at(manifest: Manifest, terminal: str, ring: str) -> datetime | None:
    """From when on this terminal takes it; None: no ring of the manifest reaches it."""
    share = share_of(terminal, manifest.version)
    found = [each.begins for each in manifest.rings if (ring and each.name == ring) or share < each.percent]
    return min(found, default=None)
