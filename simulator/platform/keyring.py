"""The terminals that the platform knows, and their keys: learned by an activation code, each used once.

A terminal may have a few keys, so that a new one can be learned while the old one still signs.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from typing import Any

from config.divisions import divisions
from config.signatures import Algorithm, key_id
from simulator.platform.city import City
from simulator.platform.problems import Refusal
from simulator.platform.signatures import KeyOf

SIMULATED_CODE = "SIMULATED-HALL"
"""The code of the simulated profile: any terminal, as often as wanted. It protects nothing."""
MOST_KEYS = 16
SCHEMA = """
CREATE TABLE IF NOT EXISTS device(
    kiosk TEXT PRIMARY KEY, division TEXT NOT NULL, site TEXT NOT NULL, level TEXT NOT NULL, tenant TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'active', enrolled_at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS device_key(
    kiosk TEXT NOT NULL, id TEXT NOT NULL, algorithm TEXT NOT NULL, public_key TEXT NOT NULL, at TEXT NOT NULL,
    PRIMARY KEY (kiosk, id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS activation(code TEXT PRIMARY KEY, kiosk TEXT NOT NULL, used_at TEXT) WITHOUT ROWID;
"""
_PLACES = {
    "HC": "371002",
    "WD": "371003",
    "GQ": "371071",
    "JQ": "371072",
    "LG": "371073",
    "RC": "371082",
    "RS": "371083",
}
"""The middle letters of a terminal's id and the division in which it stands."""


class Keyring:
    """Answers the gate from memory, the store is asked once for each key."""

    def __init__(self, city: City) -> None:
        self._city = city
        self._known: dict[tuple[str, str], tuple[Algorithm, bytes]] = {}
        self._states: dict[str, str] = {}

    def of(self, kiosk: str) -> KeyOf:
        """Finds the keys of one terminal."""
        return lambda key, algorithm: self.key(kiosk, key, algorithm)

    def key(self, kiosk: str, key: str, algorithm: Algorithm) -> bytes | None:
        """The public key of a terminal called `key`, None when there is none of this algorithm."""
        if (kiosk, key) not in self._known:
            with self._city.store.transaction() as cx:
                row = cx.execute(
                    "SELECT algorithm, public_key FROM device_key WHERE kiosk = ? AND id = ?", (kiosk, key)
                ).fetchone()
            if row is None:
                return None
            self._known[kiosk, key] = row["algorithm"], bytes.fromhex(row["public_key"])
        known, public = self._known[kiosk, key]
        return public if known == algorithm else None

    def is_suspended(self, kiosk: str) -> bool:
        """Whether the city has taken a terminal out of service."""
        if kiosk not in self._states:
            with self._city.store.transaction() as cx:
                row = cx.execute("SELECT state FROM device WHERE kiosk = ?", (kiosk,)).fetchone()
            if row is None:
                return False
            self._states[kiosk] = row["state"]
        return self._states[kiosk] == "suspended"

    def set_state(self, kiosk: str, state: str) -> None:
        """Suspend a terminal or take it in again."""
        with self._city.store.transaction() as cx:
            if not cx.execute("UPDATE device SET state = ? WHERE kiosk = ?", (state, kiosk)).rowcount:
                raise Refusal("not-found", "no such terminal")
        self._states[kiosk] = state

    def forget(self, kiosk: str) -> None:
        """Drop the keys of a terminal: it has to enrol again."""
        with self._city.store.transaction() as cx:
            cx.execute("DELETE FROM device_key WHERE kiosk = ?", (kiosk,))
            cx.execute("DELETE FROM reply WHERE kiosk = ? AND path LIKE '%/devices/enrolments'", (kiosk,))
        self._known = {k: v for k, v in self._known.items() if k[0] != kiosk}

    def enrol(
        self, cx: sqlite3.Connection, kiosk: str, activation: str, algorithm: Algorithm, key: str, public: bytes
    ) -> dict[str, Any]:
        """Learn a key. Refuses a code that is unknown, used or for another terminal."""
        now = self._city.stamp()
        if activation != SIMULATED_CODE:
            code = hashlib.sha256(activation.encode()).hexdigest()
            done = cx.execute(
                "UPDATE activation SET used_at = ? WHERE code = ? AND kiosk = ? AND used_at IS NULL", (now, code, kiosk)
            )
            if not done.rowcount:
                raise Refusal("activation-invalid", "unknown, used before, or for another terminal")
        division = _PLACES.get(kiosk[3:5], "371000")
        site = divisions()[division].name
        cx.execute(
            "INSERT OR IGNORE INTO device VALUES (?, ?, ?, 'district', 'weihai', 'active', ?)",
            (kiosk, division, site, now),
        )
        learned = (kiosk, key, algorithm, public.hex(), now)
        cx.execute("INSERT OR IGNORE INTO device_key VALUES (?, ?, ?, ?, ?)", learned)
        cx.execute(
            "DELETE FROM device_key WHERE kiosk = ? AND id NOT IN"
            " (SELECT id FROM device_key WHERE kiosk = ? ORDER BY at DESC, id = ? DESC LIMIT ?)",
            (kiosk, kiosk, key, MOST_KEYS),
        )
        self._known = {k: v for k, v in self._known.items() if k[0] != kiosk}
        row = cx.execute("SELECT * FROM device WHERE kiosk = ?", (kiosk,)).fetchone()
        return {
            "kiosk": kiosk,
            "key": key,
            "division": row["division"],
            "site": row["site"],
            "level": row["level"],
            "tenant": row["tenant"],
            "enrolled_at": row["enrolled_at"],
        }

    def new_code(self, kiosk: str, code: str) -> None:
        """A code that lets one terminal in, once."""
        with self._city.store.transaction() as cx:
            hidden = hashlib.sha256(code.encode()).hexdigest()
            cx.execute("INSERT OR REPLACE INTO activation VALUES (?, ?, NULL)", (hidden, kiosk))


def offered(body: bytes) -> KeyOf:
    """Finds the key that an enrolment brings: whoever has its private half signs."""

    def found(key: str, algorithm: Algorithm) -> bytes | None:
        try:
            sent = json.loads(body)
            public = bytes.fromhex(sent["public_key"])
        except (ValueError, KeyError, TypeError, RecursionError):
            return None
        return public if sent.get("algorithm") == algorithm and key_id(public) == key else None

    return found
