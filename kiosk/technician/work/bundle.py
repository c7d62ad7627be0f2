"""The support bundle: one zip that a technician may mail to the vendor. Personal data is kept out twice.

First by construction (`bundle_parts` builds from what may leave), then by a gate that reads the finished zip and
refuses to hand it over when anything in it looks like somebody's data or a secret, naming the file and the kind.
"""

from __future__ import annotations

import asyncio
import hashlib
import io
import json
import os
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from config.settings import Settings
from kiosk.diagnostics.facts import Facts
from kiosk.diagnostics.gather import cards_of, facts_now
from kiosk.diagnostics.history import History
from kiosk.diagnostics.ranking import report
from kiosk.diagnostics.sections import Section
from kiosk.log_tail import TAIL
from kiosk.technician.work import bundle_parts
from kiosk.technician.work.bundle_parts import Part
from kiosk.technician.work.personal_scan import findings
from kiosk.technician.work.refusal import Refusal

if TYPE_CHECKING:
    from kiosk.workshop import Workshop

MOST_PART_BYTES: Final = 8 << 20
MOST_BYTES: Final = 16 << 20
MANIFEST: Final = "manifest.json"
SCHEMA: Final = 1
FOLDER: Final = "bundles"
KEPT: Final = 3
"""Bundles that stay in the state folder; the oldest go first."""


@dataclass(frozen=True, slots=True)
class Bundle:
    """A written bundle: where, how large, and (file, bytes, lines left out) of each part."""

    path: Path
    size: int
    parts: tuple[tuple[str, int, int], ...]


def gathered(settings: Settings, facts: Facts, sections: Sequence[Section], log: Iterable[str]) -> list[Part]:
    """Every part. Blocking: walks the journal once."""
    path = settings.state_dir / "journal.db"
    return [
        bundle_parts.readiness(facts, sections),
        bundle_parts.devices(facts),
        bundle_parts.versions(facts),
        bundle_parts.settings(settings),
        bundle_parts.journal(path),
        bundle_parts.events(path),
        bundle_parts.log(log),
        bundle_parts.trace(settings.trace_dir),
        bundle_parts.files(settings.state_dir),
    ]


def written(out: Path, parts: Sequence[Part], terminal: str, at: datetime) -> Bundle:
    """Pack, check what was packed, and only then give it its name. Raises `Refusal`, `OSError`; never overwrites."""
    cut = [Part(p.name, _cut(p.text), p.left_out) for p in parts]
    data = _packed(cut, terminal, at)
    if len(data) > MOST_BYTES:
        raise Refusal("work.bundle-too-large", f"{len(data) >> 20} MiB")
    gate(data)
    out.parent.mkdir(parents=True, exist_ok=True)
    fresh = out.with_name(f".{out.name}.new")
    fresh.unlink(missing_ok=True)
    fd = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    try:
        with os.fdopen(fd, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.link(fresh, out)  # unlike a rename it fails when the name is taken
    finally:
        fresh.unlink(missing_ok=True)
    return Bundle(out, len(data), tuple((p.name, len(p.text.encode()), p.left_out) for p in cut))


def gate(data: bytes) -> None:
    """Read the zip as who receives it would. Raises `Refusal` that names the first file and the kinds found there."""
    with zipfile.ZipFile(io.BytesIO(data)) as opened:
        for name in opened.namelist():
            found = findings(f"{name}\n{opened.read(name).decode('utf-8', errors='replace')}")
            if found:
                kinds = ", ".join(sorted({each.kind for each in found}))
                raise Refusal("work.bundle-personal", f"{name}: {kinds}, line {found[0].line - 1}")


async def export(workshop: Workshop, who: str) -> Bundle:
    """Make a bundle of the running terminal in its state folder, and record that. Raises `Refusal`, `OSError`."""
    settings, now = workshop.tools.settings, workshop.tools.clock.now()
    history = History(settings.state_dir)
    facts = await facts_now(workshop, await cards_of(settings, now))
    past = await asyncio.to_thread(history.past, now)
    folder = settings.state_dir / FOLDER
    out = folder / f"{settings.terminal.id.lower()}-{now:%Y%m%dt%H%M%S}.zip"

    def made() -> Bundle:
        parts = gathered(settings, facts, report(facts, past), TAIL.lines())
        for torn in folder.glob(".*.new"):  # a power cut came before its end
            torn.unlink(missing_ok=True)
        bundle = written(out, parts, settings.terminal.id, now)
        for old in sorted(folder.glob("*.zip"))[:-KEPT]:
            old.unlink(missing_ok=True)
        return bundle

    bundle = await asyncio.to_thread(made)
    await workshop.tools.journal.note("", "work.bundle", {"file": out.name, "bytes": bundle.size, "who": who})
    return bundle


def _packed(parts: Sequence[Part], terminal: str, at: datetime) -> bytes:
    rows = [
        {
            "file": part.name, "bytes": len(part.text.encode()), "left_out": part.left_out,
            "sha256": hashlib.sha256(part.text.encode()).hexdigest(),
        }
        for part in parts
    ]  # fmt: skip
    told = {"schema": SCHEMA, "terminal": terminal, "at": at.isoformat(timespec="seconds"), "parts": rows}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr(MANIFEST, json.dumps(told, indent=1) + "\n")
        for part in parts:
            packed.writestr(part.name, part.text)
    return buffer.getvalue()


def _cut(text: str) -> str:
    """The end of a part that is too long, from a whole line on."""
    data = text.encode()
    if len(data) <= MOST_PART_BYTES:
        return text
    return data[-MOST_PART_BYTES:].decode(errors="ignore").partition("\n")[2]
