"""Materials that were scanned in this journey: pictures in the vault, references and keyed digests outside it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from typing import Literal

from drivers.camera.documents import Scanned
from kiosk.keys import MachineKey
from kiosk.visits.vault import Vault

Check = Literal["", "same", "near", "other", "unread"]
"""What comparing with the card gave: not asked for; the same; a reader may have confused something; another person or
number; not readable. Only `same` needs no clerk."""
MAX_SHEETS = 40
MAX_BYTES = 64 * 1024 * 1024
_LIST = "materials"


class TooMany(ValueError):
    """More sheets, or larger ones, than one journey may hold."""


@dataclass(frozen=True, slots=True)
class MaterialSheet:
    """One scanned page: of which material of the service, which kind, which page of it (from 1). No picture in it."""

    material: int
    kind: str
    page: int
    bytes: int
    digest: str
    dpi: int
    check: Check = ""
    key: str = field(default="", repr=False)


class Materials:
    """The sheets of one journey. Handed to the submission: `sheets()` names them, `jpeg()` opens one."""

    def __init__(self, vault: Vault, key: MachineKey) -> None:
        self._vault = vault
        self._key = key

    def sheets(self, material: int | None = None) -> tuple[MaterialSheet, ...]:
        """Every sheet, or those of one material, in the order of their pages."""
        held: tuple[MaterialSheet, ...] = self._vault.get(_LIST, ())
        return tuple(sheet for sheet in held if material is None or sheet.material == material)

    def jpeg(self, sheet: MaterialSheet) -> bytes:
        """Its picture. Raises `kiosk.visits.vault.VaultClosed` after the visit, `KeyError` when it was taken again."""
        kept = self._vault.get(sheet.key)
        if kept is None:
            raise KeyError("this sheet was taken again or dropped")
        assert isinstance(kept, Scanned)
        return kept.jpeg

    def thumbs(self, material: int) -> tuple[tuple[bytes, tuple[int, int]], ...]:
        """The thumbnails of a material's sheets: RGB rows, (width, height)."""
        kept = [self._vault.get(sheet.key) for sheet in self.sheets(material)]
        return tuple((scan.thumb, scan.thumb_size) for scan in kept if scan is not None)

    def keep(self, material: int, scan: Scanned) -> MaterialSheet:
        """Seal a sheet as the next page of its material. Raises `TooMany`."""
        held = self.sheets()
        if len(held) >= MAX_SHEETS or sum(sheet.bytes for sheet in held) + len(scan.jpeg) > MAX_BYTES:
            raise TooMany(f"at most {MAX_SHEETS} sheets and {MAX_BYTES >> 20} MiB in one journey")
        page = len(self.sheets(material)) + 1
        digest = self._key.digest("material", hashlib.sha256(scan.jpeg).hexdigest())
        name = f"sheet-{material}-{page}"
        sheet = MaterialSheet(material, scan.kind, page, len(scan.jpeg), digest, scan.dpi, key=name)
        self._vault.put(name, scan)
        self._vault.put(_LIST, (*held, sheet))
        return sheet

    def drop_last(self, material: int) -> None:
        """Forget the last page of a material: it is taken again."""
        last = self.sheets(material)[-1:]
        for sheet in last:
            self._vault.put(sheet.key, None)
        self._vault.put(_LIST, tuple(sheet for sheet in self.sheets() if sheet not in last))

    def forget(self) -> None:
        """The platform has them: no sheet is kept here any longer (R11)."""
        for sheet in self.sheets():
            self._vault.put(sheet.key, None)
        self._vault.put(_LIST, ())

    def checked(self, material: int, check: Check) -> None:
        """Note what comparing the material with the card gave."""
        marked = (replace(s, check=check) if s.material == material else s for s in self.sheets())
        self._vault.put(_LIST, tuple(marked))
