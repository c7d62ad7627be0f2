"""Facts that need no device: the disk and the journal's file, certificates, panel and sound. All of it only read."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Final

from cryptography import x509

from config.settings import Settings
from kiosk.diagnostics.facts import CertificateFact, HouseFact, StorageFact
from kiosk.journal import file as journal_file

MOST_PEM: Final = 1 << 20
CREDENTIALS: Final = Path("/run/credentials")
SECRETS: Final = Path("/etc/weihai-kiosk/secrets")
MULTITOUCH: Final = 0x35
"""ABS_MT_POSITION_X of linux/input-event-codes.h."""
INPUTS: Final = Path("/sys/class/input")
CARDS: Final = Path("/proc/asound/cards")


def certificates_of(settings: Settings, *, running: bool = True) -> tuple[CertificateFact, ...]:
    """This terminal's certificates and the authorities it believes, as far as the profile names them.

    Not `running`: the unit does not run, or another one asks; its credentials are looked for where they come from.
    """
    platform, fleet = settings.platform, settings.fleet
    named = (
        ("terminal", platform.client_certificate), ("authority", platform.ca),
        ("fleet", fleet.client_certificate), ("fleet-authority", fleet.ca),
    )  # fmt: skip
    look = _certificate if running else _handed_over
    return tuple(look(name, path) for name, path in named if path is not None)


def _handed_over(name: str, path: Path) -> CertificateFact:
    """systemd.exec(5), LoadCredential= of a folder: `secrets_NAME` below `CREDENTIALS` is NAME in `SECRETS`."""
    try:
        unit, file = path.relative_to(CREDENTIALS).parts
    except ValueError:
        return _certificate(name, path)
    if os.access(path, os.R_OK):
        return _certificate(name, path)
    source = SECRETS / file.removeprefix("secrets_")
    try:
        hidden = SECRETS.exists() and not os.access(SECRETS, os.R_OK | os.X_OK)
    except PermissionError:
        hidden = True
    if not file.startswith("secrets_") or hidden:
        return CertificateFact(name, None, f"{unit} does not run", looked=False)
    return _certificate(name, source)


def _certificate(name: str, path: Path) -> CertificateFact:
    """With the end of the one that ends first."""
    try:
        with path.open("rb") as file:
            data = file.read(MOST_PEM + 1)
        if len(data) > MOST_PEM:
            return CertificateFact(name, None, f"{path}: larger than {MOST_PEM} bytes")
        return CertificateFact(name, min(c.not_valid_after_utc for c in x509.load_pem_x509_certificates(data)))
    except OSError as error:
        return CertificateFact(name, None, f"{path}: {error.strerror}")
    except ValueError:
        return CertificateFact(name, None, f"{path}: no certificate in PEM")


def free_mb(folder: Path) -> int:
    """MiB that are free where `folder` is or will be. Raises `OSError`."""
    there = next((each for each in (folder, *folder.resolve().parents) if each.exists()), Path("/"))
    space = os.statvfs(there)
    return space.f_bavail * space.f_frsize >> 20


def storage_on_disk(folder: Path, now: datetime) -> StorageFact:
    """What the files say, with the terminal running or not; nothing is written."""
    path = folder / "journal.db"
    try:
        free = free_mb(folder)
    except OSError as error:
        return StorageFact(f"{folder}: {error.strerror}")
    if not path.exists():
        return StorageFact(free_mb=free)  # it has never run
    if not os.access(path, os.W_OK):
        return StorageFact(f"{path}: read-only", free_mb=free)
    if os.statvfs(folder).f_flag & os.ST_RDONLY:
        return StorageFact(f"{folder}: mounted read-only", free_mb=free)
    try:
        with closing(journal_file.read_only(path)) as db:
            count, oldest = db.execute("SELECT count(*), min(at) FROM outbox").fetchone()
            aside = journal_file.waiting_aside(db)
    except sqlite3.Error as error:
        return StorageFact(f"{path}: {error}", free_mb=free)
    age = int((now - datetime.fromisoformat(oldest)).total_seconds()) if oldest else 0
    hold = f"{next(iter(aside))} was put aside" if aside else ""
    return StorageFact("", hold, free, count, max(age, 0))


def house_of(settings: Settings) -> HouseFact:
    """Panel, touch and sound. A desk and a headless terminal are not looked at."""
    size = settings.window.panel
    panel = f"{size.width} x {size.height}"
    if settings.simulated or settings.window.headless:
        return HouseFact(panel)
    return HouseFact(panel, any(_touches(INPUTS)), _has_sound(CARDS))


def _touches(inputs: Path) -> Iterator[bool]:
    """Whether an input device reports fingers: bit 0x35 of its ABS capabilities, hexadecimal words, the last first."""
    for abilities in sorted(inputs.glob("event*/device/capabilities/abs")):
        try:
            words = [int(word, 16) for word in abilities.read_text(encoding="ascii").split()[::-1]]
        except (OSError, ValueError):
            continue
        yield bool(sum(word << (64 * n) for n, word in enumerate(words[:16])) >> MULTITOUCH & 1)


def _has_sound(cards: Path) -> bool:
    try:
        return "[" in cards.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
