"""The signed manifest of a version: `CHANNEL.json` on a web server, signed by the publisher's key.

```json
{"kind": "kiosk-update", "channel": "stable", "version": "1.4.0", "serial": 12,
 "not_before": "2026-12-01T01:00:00+08:00", "expires": "2027-03-01T00:00:00+08:00",
 "min_version": "1.2.0", "journal": {"writes": 1, "reads": [1]},
 "rings": [{"name": "pilot", "percent": 0, "from": "2026-12-01T01:00:00+08:00"},
           {"name": "all", "percent": 100, "from": "2026-12-04T01:00:00+08:00"}],
 "files": [{"method": "package", "name": "kiosk_1.4.0_amd64.deb", "size": 1234, "sha256": "..."},
           {"method": "rauc", "name": "kiosk-1.4.0.raucb", "size": 1234, "sha256": "..."}],
 "signature": "HEX"}
```

Signed is everything but `signature`, as canonical JSON (`kiosk.platform.signing`); Ed25519 or SM2, as the key is.
"""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import Annotated, Any, Final, Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, model_validator

from kiosk.platform.errors import BadSignature
from kiosk.platform.signing import verify_signed

MAX_BYTES: Final = 65_536
MAX_FILE: Final = 4 << 30
VERSION: Final = r"^\d{1,5}\.\d{1,5}\.\d{1,5}([.+~-][0-9A-Za-z.+~-]{1,30})?$"
NAME: Final = r"^[A-Za-z0-9][A-Za-z0-9._+~-]{0,99}$"
Method = Literal["rauc", "package"]
Version = Annotated[str, Field(pattern=VERSION)]


class BadManifest(Exception):
    """The manifest is not believed or cannot be used; the message says why and what to do."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Ring(_Part):
    """Who takes the version from when on: who is called so, and a share of all terminals by their number."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,30}$")]
    percent: Annotated[float, Field(ge=0, le=100)]
    begins: AwareDatetime = Field(alias="from")


class File(_Part):
    """What is installed; `name` lies beside the manifest."""

    method: Method
    name: Annotated[str, Field(pattern=NAME)]
    size: Annotated[int, Field(ge=1, le=MAX_FILE)]
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class JournalSchema(_Part):
    """Which schema of the journal the version writes, and which it reads."""

    writes: Annotated[int, Field(ge=1, le=1000)]
    reads: Annotated[tuple[Annotated[int, Field(ge=1, le=1000)], ...], Field(min_length=1, max_length=50)]


class Manifest(_Part):
    """One version of one channel. `serial` grows with every manifest of a channel: an older one is never obeyed."""

    kind: Literal["kiosk-update"]
    channel: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,30}$")]
    version: Version
    serial: Annotated[int, Field(ge=1, le=10**12)]
    not_before: AwareDatetime
    expires: AwareDatetime
    min_version: Version
    journal: JournalSchema
    rings: Annotated[tuple[Ring, ...], Field(min_length=1, max_length=20)]
    files: Annotated[tuple[File, ...], Field(min_length=1, max_length=2)]

    @model_validator(mode="after")
    def _whole(self) -> Self:
        methods = [each.method for each in self.files]
        if len(set(methods)) != len(methods):
            raise ValueError("files: one of each method")
        if self.expires <= self.not_before:
            raise ValueError("expires lies after not_before")
        if self.journal.writes not in self.journal.reads:
            raise ValueError("journal: a version reads what it writes")
        return self

    def file(self, method: Method) -> File | None:
        """What is installed by `method`; None where this version does not come so."""
        return next((each for each in self.files if each.method == method), None)


def read_manifest(data: bytes, public_key: str) -> Manifest:
    """The manifest in `data`, its signature checked before anything in it is believed. Raises `BadManifest`."""
    if len(data) > MAX_BYTES:
        raise BadManifest(f"larger than {MAX_BYTES} bytes; not a manifest")
    try:
        tree = json.loads(data)
        verify_signed(tree, public_key)
    except BadSignature:
        raise BadManifest("its signature is not that of updates.public_key, or there is none") from None
    except (ValueError, TypeError, AttributeError, RecursionError):
        raise BadManifest("no manifest (a JSON object with a signature)") from None
    try:
        return Manifest.model_validate({key: value for key, value in tree.items() if key != "signature"})
    except ValidationError as error:
        first = error.errors()[0]
        raise BadManifest(f"{'.'.join(map(str, first['loc'])) or 'manifest'}: {first['msg']}"[:300]) from None


_NUMBER: Final = re.compile(r"\d+|[A-Za-z]+|~")


def version_key(version: str) -> tuple[Any, ...]:
    """Versions in their order: numbers by size, `~` before the end (as in Debian's `1.0~rc1`), words by letters."""
    parts = [
        (-1, 0, "") if part == "~" else (2, int(part), "") if part.isdigit() else (1, 0, part)
        for part in _NUMBER.findall(version)
    ]
    return (*parts, (0, 0, ""))


def why_not(
    manifest: Manifest,
    *,
    channel: str,
    running: str,
    now: datetime,
    journal_schema: int,
    schemas_read: frozenset[int],
    serial: int,
    bad: frozenset[str],
) -> str:
    """Why the version is not for this terminal at all, "" when it is (its ring may still wait).

    `journal_schema` is what the journal on disk is written in, `schemas_read` what this program reads, `serial` the
    highest that was obeyed, `bad` the versions that were taken back here.
    """
    if manifest.channel != channel:
        return f"for the channel {manifest.channel}, not {channel}"
    if manifest.serial < serial:
        return f"older than one that was obeyed (serial {manifest.serial} < {serial})"
    if version_key(manifest.version) == version_key(running):
        return "it runs"
    if version_key(manifest.version) < version_key(running):
        return f"older than {running}, which runs: versions go forward"
    if manifest.version in bad:
        return "it was taken back here; publish a new number"
    if now < manifest.not_before:
        return f"not before {manifest.not_before.isoformat(timespec='minutes')}"
    if now >= manifest.expires:
        return f"expired at {manifest.expires.isoformat(timespec='minutes')}"
    if version_key(running) < version_key(manifest.min_version):
        return f"needs {manifest.min_version} or newer to come from; install that first"
    if journal_schema not in manifest.journal.reads:
        return f"cannot read this terminal's journal (schema {journal_schema})"
    if manifest.journal.writes not in schemas_read:
        return f"its journal (schema {manifest.journal.writes}) could not be read after going back to {running}"
    return ""
