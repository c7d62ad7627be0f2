"""Catalogues on disk: the one in force and the one that comes next, each with the platform's signed manifest.

A file is used only when its signature and its hash are right; else it is put aside as `.bad`. Nothing personal here.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from config.catalogue import Catalogue, CatalogueError, catalogue_of
from config.catalogue_content import item_json, item_key, trees_of
from kiosk.platform.catalogue import Manifest, read_manifest
from kiosk.platform.errors import PlatformError

log = logging.getLogger(__name__)

MAX_FILE_BYTES: Final = 64 << 20
Slot = Literal["current", "next"]


class UnusableEdition(Exception):
    """A catalogue is refused whole: what is wrong with it. The one in use stays."""


@dataclass(frozen=True, slots=True)
class Edition:
    """One version of the catalogue; without a manifest it is the one that the program came with."""

    catalogue: Catalogue
    items: Mapping[str, Mapping[str, Any]]
    """By `id@version`, as their tables."""
    manifest: Manifest | None = None

    @property
    def sequence(self) -> int:
        """Its place in the platform's series; 0 for the shipped one."""
        return self.manifest.sequence if self.manifest else 0


def shipped_edition(catalogue: Catalogue) -> Edition:
    """The catalogue that the program came with."""
    found = [item_json(service) for service in catalogue.versions]
    return Edition(catalogue, {item_key(item): item for item in found})


def edition_of(manifest: Manifest, items: Mapping[str, Mapping[str, Any]]) -> Edition:
    """Check everything and make it. Raises `UnusableEdition` with every fault that the schema finds, or the hash's."""
    try:
        made = catalogue_of(trees_of(manifest.fields, items.values()), f"version {manifest.version}")
    except CatalogueError as error:
        raise UnusableEdition(str(error)) from None
    if made.hash != manifest.hash:
        raise UnusableEdition(f"version {manifest.version}: the content does not have the hash that was signed")
    if len(items) != manifest.count:
        raise UnusableEdition(f"version {manifest.version}: {len(items)} items, {manifest.count} were signed")
    return Edition(made, dict(items), manifest)


class CatalogueStore:
    """Files `current.json` and `next.json` in a folder; every write is atomic and synced. Blocking."""

    def __init__(self, folder: Path, public_key: str) -> None:
        self._folder = folder
        self._public_key = public_key

    def load(self, slot: Slot) -> Edition | None:
        """What is kept, checked; None when there is nothing or nothing that can be used."""
        path = self._path(slot)
        try:
            with path.open("rb") as file:
                kept = json.loads(file.read(MAX_FILE_BYTES))  # what is larger is cut, and so no JSON
            manifest = read_manifest(kept["manifest"], self._public_key)
            return edition_of(manifest, {item_key(item): item for item in kept["items"]})
        except FileNotFoundError:
            return None
        except OSError as error:
            log.error("catalogue: %s cannot be read: %s", path, error)  # noqa: TRY400 - a fault of the disk
        except (
            UnusableEdition,
            PlatformError,
            ValueError,
            TypeError,
            KeyError,
            AttributeError,
            RecursionError,
        ) as error:
            log.error("catalogue: %s is not used, put aside as .bad: %s", path, error)  # noqa: TRY400 - no program error
            with suppress(OSError):
                path.replace(path.with_suffix(".bad"))
        return None

    def save(self, slot: Slot, edition: Edition) -> None:
        """Keep it in place of what was there. Raises `OSError`; then what was there is still whole."""
        if edition.manifest is None:
            raise ValueError("only what the platform signed is kept")
        self._folder.mkdir(parents=True, exist_ok=True)
        text = json.dumps(
            {"manifest": dict(edition.manifest.signed), "items": list(edition.items.values())}, ensure_ascii=False
        )
        path = self._path(slot)
        fresh = path.with_suffix(".new")
        with fresh.open("wb") as file:
            file.write(text.encode())
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
        self._sync_folder()

    def promote(self) -> None:
        """What was next is current. Raises `OSError`."""
        with suppress(FileNotFoundError):
            self._path("next").replace(self._path("current"))
            self._sync_folder()

    def drop(self, slot: Slot) -> None:
        """Keep nothing there. Raises `OSError`."""
        self._path(slot).unlink(missing_ok=True)

    def _path(self, slot: Slot) -> Path:
        return self._folder / f"{slot}.json"

    def _sync_folder(self) -> None:
        folder = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
