"""The keys that sign orders: the settings', and what orders have changed since; two while one replaces another."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from config import sm2
from config.signatures import KeyUnfit, algorithm_of, key_id, verify

log = logging.getLogger(__name__)

FILE: Final = "fleet-keys.json"
MOST_KEYS: Final = 2
MOST_RETIRED: Final = 50
MOST_BYTES: Final = 16_384


class CommandKeys:
    """Knows which key may order. Other settings than those at the last change count instead of what orders changed;
    but a key that was retired never comes back."""

    def __init__(self, settled: Sequence[str], folder: Path) -> None:
        self.path = folder / FILE
        self._settled = list(settled)
        before, changed, self._retired = self._read()
        named = {key_id(bytes.fromhex(k)): bytes.fromhex(k) for k in (changed if before == self._settled else settled)}
        self._keys = {name: key for name, key in named.items() if name not in self._retired}

    @property
    def ids(self) -> tuple[str, ...]:
        """Of the keys that may order, the newest last."""
        return tuple(self._keys)

    def is_signed(self, key: str, octets: bytes, signature: bytes) -> bool:
        """Whether the key called `key` may order and signed these bytes."""
        public = self._keys.get(key)
        if public is None:
            return False
        try:
            algorithm = algorithm_of(public)
            if algorithm == "sm2-sm3" and not sm2.available():
                log.warning("fleet: an order is signed with SM2, and this machine has none (gmssl-pyx)")
                return False
            return verify(algorithm, public, octets, signature)
        except KeyUnfit as error:
            log.warning("fleet: command key %s: %s", key, error)
            return False

    def add(self, public: str, signer: str) -> str:
        """Let a further key order; where there are two, it takes the place of the one that did not sign. Its id.

        Raises `ValueError` (not a key, or one that was retired), `OSError`.
        """
        octets = bytes.fromhex(public)
        algorithm_of(octets)
        name = key_id(octets)
        if name in self._retired:
            raise ValueError("this key was retired")
        keys = {k: v for k, v in self._keys.items() if k != name}
        gone = [k for k in keys if k != signer][: max(0, len(keys) + 1 - MOST_KEYS)]
        self._change({**{k: v for k, v in keys.items() if k not in gone}, name: octets}, gone)
        return name

    def retire(self, name: str, signer: str) -> None:
        """Let a key order no more. Raises `ValueError`, `OSError`."""
        if name == signer:
            raise ValueError("a key cannot retire itself: sign this with the new one")
        if name not in self._keys:
            raise ValueError("no such key is in force here")
        self._change({k: v for k, v in self._keys.items() if k != name}, [name])

    def _change(self, keys: dict[str, bytes], gone: Sequence[str]) -> None:
        retired = [*self._retired, *gone][-MOST_RETIRED:]
        body = {"settled": self._settled, "keys": [key.hex() for key in keys.values()], "retired": retired}
        self.path.parent.mkdir(parents=True, exist_ok=True)
        fresh = self.path.with_suffix(".new")
        fd = os.open(fresh, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
        try:
            os.write(fd, json.dumps(body).encode())
            os.fsync(fd)
        finally:
            os.close(fd)
        fresh.replace(self.path)
        self._keys, self._retired = keys, retired

    def _read(self) -> tuple[list[str] | None, list[str], list[str]]:
        """Settings, keys and retired ids of the last change (None: there was none).

        Raises `KeysUnreadable`: a file that cannot be read stops all orders, for a retired key must not come back.
        """
        try:
            with self.path.open("rb") as file:
                body = json.loads(file.read(MOST_BYTES))
            before, keys = [str(k) for k in body["settled"]], [str(k) for k in body["keys"]][-MOST_KEYS:]
            retired = [str(k) for k in body["retired"]][-MOST_RETIRED:]
            for key in keys:
                algorithm_of(bytes.fromhex(key))
        except FileNotFoundError:
            return None, [], []
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise KeysUnreadable(f"{self.path}: {error}; put it aside to begin with the settings' keys") from error
        return before, keys, retired


class KeysUnreadable(Exception):
    """Which keys were retired is not known; no order is taken until a technician has looked."""
