"""Where a visit's personal data lives: in memory, encrypted under a key that dies with the visit."""

from __future__ import annotations

import pickle  # our own objects, in our own memory, under our own key
import secrets
from typing import Any

from kiosk.keys import KEY_BYTES, MachineKey


class VaultClosed(RuntimeError):
    """The visit is over; its data cannot be read any more."""


class Vault:
    """Named values of one visit. `close` drops the key: what memory still holds is noise."""

    def __init__(self) -> None:
        self._key: MachineKey | None = MachineKey(secrets.token_bytes(KEY_BYTES))
        self._sealed: dict[str, bytes] = {}

    def put(self, name: str, value: Any) -> None:
        """Keep `value` under `name`. Raises `VaultClosed`."""
        self._sealed[name] = self._open().seal(pickle.dumps(value), name)

    def get(self, name: str, default: Any = None) -> Any:
        """The value under `name`, or `default`. Raises `VaultClosed`."""
        key = self._open()
        sealed = self._sealed.get(name)
        return default if sealed is None else pickle.loads(key.unseal(sealed, name))  # noqa: S301 - sealed by us

    def close(self) -> None:
        """Drop the key and what it sealed."""
        self._key = None
        self._sealed.clear()

    @property
    def is_empty(self) -> bool:
        """Whether nothing is kept here."""
        return not self._sealed

    @property
    def closed(self) -> bool:
        """True once the key is gone."""
        return self._key is None

    def _open(self) -> MachineKey:
        if self._key is None:
            raise VaultClosed("the visit is over")
        return self._key
