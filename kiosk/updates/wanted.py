"""Whether the version of a manifest is for this terminal now, and what it is then: offered."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

from config.update_settings import UpdateSettings
from kiosk.journal.file import SCHEMA_VERSION, SCHEMAS_READ
from kiosk.updates.around import Around
from kiosk.updates.manifest import BadManifest, Manifest, Method, read_manifest, why_not
from kiosk.updates.rings import begins_at
from kiosk.updates.state import State
from kiosk.updates.trial import rounds_of, why_not_again


def offered(manifest: Manifest, state: State, settings: UpdateSettings, around: Around, method: str) -> State | str:
    """The state in which the version is offered, not yet in that phase; or why it is not for this terminal now."""
    now = around.now()
    why = why_not(
        manifest,
        channel=settings.channel,
        running=around.running,
        now=now,
        journal_schema=SCHEMA_VERSION,
        schemas_read=SCHEMAS_READ,
        serial=state.serial,
        bad=frozenset(state.bad),
    )
    if why:
        return why
    wanted = manifest.file(_method(method))
    if wanted is None:
        return f"it does not come as {method}"
    begins = begins_at(manifest, around.terminal, settings.ring)
    if begins is None or now < begins:
        return "its ring has not begun here" + (f": {begins.isoformat(timespec='minutes')}" if begins else "")
    if why := why_not_again(state, manifest, now):
        return why
    return replace(
        state,
        version=manifest.version,
        previous=around.running,
        file=wanted.name,
        sha256=wanted.sha256,
        size=wanted.size,
        method=method,
        serial=manifest.serial,
        tries=0,
        rounds=rounds_of(state, manifest),
        deadline="",
        latest="",
        said="",
        outer=False,
    )


def is_over(kept: Path, settings: UpdateSettings, state: State, now: datetime) -> bool:
    """Whether the manifest that was kept is no longer valid: expired, or another key is believed by now."""
    try:
        manifest = read_manifest(kept.read_bytes(), settings.public_key)
    except (OSError, BadManifest):
        return True
    return now >= manifest.expires or manifest.version != state.version


def _method(name: str) -> Method:
    return "rauc" if name == "rauc" else "package"
