"""The choices that the platform gives for fields of items of class `cache`, kept so that the form can be asked offline.

No personal data. They only narrow a search in reference data, which are kept as they were signed.
"""

from __future__ import annotations

import json
import logging
import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from config.service import Service
from config.service_form import FormFieldSpec, Option
from config.service_words import Words
from kiosk.platform.catalogue import MOST_CHOICES, PlatformChoice

log = logging.getLogger(__name__)

MAX_BYTES: Final = 1 << 20
MAX_LABEL: Final = 300
_NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,40}")


def platform_fields(service: Service) -> tuple[FormFieldSpec, ...]:
    """The fields of an item whose choices the platform gives."""
    return tuple(spec for spec in service.form if spec.options_from == "platform")


def options(entries: Iterable[PlatformChoice]) -> tuple[Option, ...]:
    """Choices as the form wants them."""
    return tuple(Option(key=e.key, label=Words(zh=e.label.zh, en=e.label.en)) for e in entries)


class KeptChoices:
    """Choices in `folder`, one file for each field."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, service: str, field: str) -> Path:
        """Where they are. Raises `ValueError` when one of the names is none."""
        if not (_NAME.fullmatch(service) and _NAME.fullmatch(field)):
            raise ValueError(f"no choices are kept for {service[:40]!r} and {field[:40]!r}")
        return self.folder / f"{service}.{field}.choices.json"

    def keep(self, service: str, field: str, found: tuple[Option, ...]) -> None:
        """Put them on disk, synced. Raises `OSError`, `ValueError` (more than 1 MiB)."""
        rows = [{"key": o.key, "zh": o.label.zh, "en": o.label.en} for o in found]
        data = json.dumps(rows, ensure_ascii=False).encode()
        if len(data) > MAX_BYTES:
            raise ValueError(f"choices of {service}.{field}: {len(data)} octets, at most {MAX_BYTES}")
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.path(service, field)
        temporary = path.with_suffix(".new")
        with temporary.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)

    def get(self, service: str, field: str) -> tuple[Option, ...]:
        """What is on disk; () when nothing is that can be read."""
        path = self.path(service, field)
        try:
            return _read(path)
        except FileNotFoundError:
            return ()
        except (OSError, ValueError, RecursionError) as error:
            log.warning("%s: no choices (%s); they are not used", path, type(error).__name__)
            return ()


def _read(path: Path) -> tuple[Option, ...]:
    if path.stat().st_size > MAX_BYTES:
        raise ValueError("too large")
    rows = json.loads(path.read_bytes())
    if not isinstance(rows, list) or len(rows) > MOST_CHOICES:
        raise ValueError("no list of choices")
    return tuple(_option(row) for row in rows)


def _option(row: object) -> Option:
    if not isinstance(row, dict) or set(row) != {"key", "zh", "en"}:
        raise ValueError("no choice")
    if not all(isinstance(word, str) and 0 < len(word) <= MAX_LABEL for word in row.values()):
        raise ValueError("no choice")
    return Option(key=row["key"], label=Words(zh=row["zh"], en=row["en"]))
