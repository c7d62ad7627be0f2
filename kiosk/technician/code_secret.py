"""The secret of typed codes: made here, sealed to the machine on disk, told to the platform once (sealed to its key).

With it the office computes twelve digits for one terminal that open its door without any network.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from config.settings import PlatformSettings
from config.signatures import key_id
from kiosk.duties.sealed_envelope import seal
from kiosk.keys import MachineKey, SealBroken
from kiosk.owners import hand_over
from kiosk.platform.client import Platform
from kiosk.platform.errors import PlatformError

log = logging.getLogger(__name__)

FILE: Final = "technician-codes.key"
PURPOSE: Final = "technician-codes"
OCTETS: Final = 32
MOST_BYTES: Final = 4096
FIRST_S, LONGEST_S = 30.0, 3600.0


@dataclass(frozen=True, slots=True)
class Secret:
    """`told_to`: the sealing key (hex) of the platform that knows it, "" while none does."""

    value: bytes = field(repr=False)
    told_to: str = ""

    @property
    def id(self) -> str:
        """What it is called; says nothing of it."""
        return key_id(b"kiosk-technician-code-1" + self.value)


class CodeSecret:
    """One terminal's. Without a sealing key of the platform there are no typed codes."""

    def __init__(self, folder: Path, machine: MachineKey, settings: PlatformSettings) -> None:
        self.path = folder / FILE
        self._machine = machine
        self._settings = settings
        self._kept: Secret | None = None

    def __call__(self) -> bytes:
        """The secret once the platform knows it, b"" before."""
        kept = self._kept
        return kept.value if kept is not None and kept.told_to == self._settings.sealing_key != "" else b""

    def load(self) -> Secret:
        """The secret, made first if there is none; one that cannot be read is replaced. Raises `OSError`."""
        try:
            told = json.loads(self._machine.unseal(self.path.read_bytes()[:MOST_BYTES], PURPOSE))
            self._kept = Secret(bytes.fromhex(told["value"]), str(told["told_to"])[:64])
            if len(self._kept.value) == OCTETS:
                return self._kept
        except FileNotFoundError:
            pass  # the first start
        except (SealBroken, ValueError, KeyError, TypeError) as error:
            log.warning("%s cannot be read (%s): a new secret is made and told to the platform", self.path, error)
        return self.renew()

    def renew(self) -> Secret:
        """Another secret: typed codes that were made with the old one open nothing any more. Raises `OSError`."""
        return self._keep(Secret(secrets.token_bytes(OCTETS)))

    def _keep(self, secret: Secret) -> Secret:
        body = json.dumps({"value": secret.value.hex(), "told_to": secret.told_to}).encode()
        self.path.parent.mkdir(parents=True, exist_ok=True)
        fresh = self.path.with_suffix(".new")
        fd = os.open(fresh, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
        try:
            hand_over(fd, self.path.parent)
            os.write(fd, self._machine.seal(body, PURPOSE))
            os.fsync(fd)
        finally:
            os.close(fd)
        fresh.replace(self.path)
        self._kept = secret
        return secret

    async def tell(self, platform: Platform) -> bool:
        """Tell the platform unless it knows. True when it does. Raises `PlatformError`, `OSError`."""
        key = self._settings.sealing_key
        secret = self._kept or self.load()
        if not key or secret.told_to == key:
            return bool(key)
        envelope = seal(secret.value, key, f"technician-code-secret:{secret.id}", self._settings.sealing)
        await platform.technicians.keep_secret(secret.id, envelope)
        self._keep(Secret(secret.value, key))
        log.info("technicians: the platform knows the secret of typed codes (%s)", secret.id[:8])
        return True

    async def keep_told(self, platform: Platform) -> None:
        """Run until the platform knows it; a network that is away only delays that."""
        pause = FIRST_S
        while self._settings.sealing_key:
            try:
                await self.tell(platform)
            except (PlatformError, OSError) as error:
                log.info("technicians: the platform does not know the secret of typed codes yet: %s", error)
            else:
                return
            await asyncio.sleep(pause)
            pause = min(LONGEST_S, pause * 2)
