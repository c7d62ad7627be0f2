"""The terminal's own key: it signs every request to the platform, which learns its public half at enrolment.

On disk it is sealed to the machine (`kiosk.keys`); a stolen file is worth nothing without the machine's key.
"""

from __future__ import annotations

import json
import logging
import os
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import cast

from config import sm2
from config.signatures import KEY_OCTETS, Algorithm, key_id
from kiosk.keys import MachineKey, SealBroken

log = logging.getLogger(__name__)

FILE = "device.key"
PURPOSE = "device-key"
MAX_BYTES = 4096


@dataclass(frozen=True, slots=True)
class DeviceKey:
    """A key pair; `enrolled_as` is the terminal for which the platform knows it, "" before enrolment."""

    algorithm: Algorithm
    private: bytes = field(repr=False)
    public: bytes
    enrolled_as: str = ""

    @classmethod
    def fresh(cls, algorithm: Algorithm = "ed25519") -> DeviceKey:
        """A new key that nobody knows yet. Ed25519 where this machine has no SM2."""
        if algorithm == "sm2-sm3":
            if sm2.available():
                pair = sm2.generate()
                return cls(algorithm, pair.private, pair.public)
            log.warning("this machine has no SM2 (gmssl-pyx is not installed): requests are signed with Ed25519")
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        key = Ed25519PrivateKey.generate()
        return cls("ed25519", key.private_bytes_raw(), key.public_key().public_bytes_raw())

    @property
    def id(self) -> str:
        """What the platform calls this key."""
        return key_id(self.public)

    def sign(self, data: bytes) -> bytes:
        """The signature over `data`, 64 octets."""
        if self.algorithm == "sm2-sm3":
            return sm2.sign(sm2.KeyPair(self.private, self.public), data)
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        return Ed25519PrivateKey.from_private_bytes(self.private).sign(data)


class DeviceKeyFile:
    """Where a terminal keeps its key."""

    def __init__(self, folder: Path, machine: MachineKey, algorithm: Algorithm = "ed25519") -> None:
        self.path = folder / FILE
        self._machine = machine
        self._algorithm = algorithm

    def load(self) -> DeviceKey:
        """The key, made first if there is none. One that cannot be read is put aside: the terminal enrols anew.

        Raises `OSError`.
        """
        try:
            return _read(self._machine.unseal(self.path.read_bytes()[:MAX_BYTES], PURPOSE))
        except FileNotFoundError:
            log.info("%s: made a key for this terminal", self.path.name)
        except (SealBroken, ValueError, KeyError, TypeError) as error:
            log.warning("%s cannot be read (%s): put aside, the terminal has to enrol again", self.path, error)
            self.path.replace(self.path.with_suffix(".bad"))
        key = DeviceKey.fresh(self._algorithm)
        self.keep(key)
        return key

    def keep(self, key: DeviceKey) -> None:
        """Write the key, whole or not at all (mode 0600, synced). Raises `OSError`."""
        body = {
            "algorithm": key.algorithm,
            "private": key.private.hex(),
            "public": key.public.hex(),
            "enrolled_as": key.enrolled_as,
        }
        self.path.parent.mkdir(parents=True, exist_ok=True)
        fresh = self.path.with_suffix(".new")
        fd = os.open(fresh, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
        try:
            os.write(fd, self._machine.seal(json.dumps(body).encode(), PURPOSE))
            os.fsync(fd)
        finally:
            os.close(fd)
        fresh.replace(self.path)


def known_as(key: DeviceKey, kiosk: str) -> DeviceKey:
    """The key after the platform has learned it for `kiosk`; "" when it has forgotten it."""
    return replace(key, enrolled_as=kiosk)


def _read(data: bytes) -> DeviceKey:
    """Raises `ValueError`, `KeyError` or `TypeError` for anything but what `keep` writes."""
    raw = json.loads(data)
    algorithm = cast("Algorithm", raw["algorithm"])
    public, private = bytes.fromhex(raw["public"]), bytes.fromhex(raw["private"])
    if len(public) != KEY_OCTETS[algorithm] or len(private) != 32:
        raise ValueError("not a key of its algorithm")
    return DeviceKey(algorithm, private, public, str(raw["enrolled_as"])[:40])
