"""The machine's own key: keyed digests of personal numbers, and sealing of what waits on disk.

The key file is made on the first start, readable by the terminal's user only. Where the machine has a TPM, the file
is replaced by a sealed one at installation.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from pathlib import Path

from kiosk.owners import hand_over

KEY_BYTES = 32
NONCE_BYTES = 12


class SealBroken(Exception):
    """Sealed data was altered, or belongs to another machine."""


class MachineKey:
    """Digests and seals under the key in `path`."""

    def __init__(self, key: bytes) -> None:
        if len(key) != KEY_BYTES:
            raise ValueError(f"machine key: {len(key)} bytes, must be {KEY_BYTES}")
        self._key = key

    @classmethod
    def load(cls, path: Path) -> MachineKey:
        """Read the key file, making it first if there is none (mode 0600, synced). Raises `OSError`, `ValueError`."""
        try:
            return cls(path.read_bytes())
        except FileNotFoundError:
            path.parent.mkdir(parents=True, exist_ok=True)
            key = secrets.token_bytes(KEY_BYTES)
            temporary = path.with_suffix(".new")
            fd = os.open(temporary, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
            try:
                hand_over(fd, path.parent)
                os.write(fd, key)
                os.fsync(fd)
            finally:
                os.close(fd)
            temporary.rename(path)
            return cls(key)

    def digest(self, purpose: str, value: str) -> str:
        """A keyed digest (HMAC-SHA256, 32 hex digits): equal for equal values on this machine, useless elsewhere."""
        return hmac.new(self._key, f"{purpose}\0{value}".encode(), hashlib.sha256).hexdigest()[:32]

    def seal(self, data: bytes, purpose: str) -> bytes:
        """Encrypt (AES-256-GCM) for this machine and `purpose`."""
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + AESGCM(self._key).encrypt(nonce, data, purpose.encode())

    def unseal(self, sealed: bytes, purpose: str) -> bytes:
        """Decrypt; raises `SealBroken`."""
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        try:
            return AESGCM(self._key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], purpose.encode())
        except (InvalidTag, ValueError) as error:
            raise SealBroken(f"{purpose}: sealed data was altered or belongs to another machine") from error
