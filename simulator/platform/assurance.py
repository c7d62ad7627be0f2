"""What a session has proven, and whether that is enough: the rule that every area asks before it reads or acts."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from config.catalogue import Service
from simulator.platform import registry
from simulator.platform.call import Call
from simulator.platform.problems import Refusal
from simulator.platform.signing import pseudonym

KEPT_S = 72 * 3600
FACE = "face"

SCHEMA = """
CREATE TABLE IF NOT EXISTS acting(session TEXT PRIMARY KEY, organisation TEXT NOT NULL, role TEXT NOT NULL);
"""


def current(cx: sqlite3.Connection, call: Call, session: str, since: str = "") -> sqlite3.Row:
    """The open session of this terminal, or a refusal. It must have been alive at `since` (a stamp; "" is now)."""
    row = cx.execute("SELECT * FROM session WHERE id = ? AND kiosk = ?", (session, call.kiosk)).fetchone()
    if row is None or row["closed"] or row["expires_at"] < (since or call.city.stamp()):
        raise Refusal("session-expired")
    return row  # type: ignore[no-any-return]  # sqlite3 types fetchone as Any


def proven(
    cx: sqlite3.Connection, call: Call, service: Service, consents: Sequence[str], submitted_at: str = ""
) -> sqlite3.Row:
    """The session of the header, proven and agreed as the service wants it, or a refusal.

    `submitted_at`: an application that the terminal kept during an outage; at most 72 h old, never from the future.
    """
    if submitted_at:
        age = (call.city.now() - datetime.fromisoformat(submitted_at)).total_seconds()
        if not -KEPT_S < age < KEPT_S:
            raise Refusal("session-expired", "the application was kept for too long")
        submitted_at = submitted_at if age > 0 else ""
    row = current(cx, call, call.session, submitted_at)
    enough(cx, row, service)
    agreed(cx, row["id"], consents)
    return row


def enough(cx: sqlite3.Connection, row: sqlite3.Row, service: Service) -> None:
    """Refuse unless the session has the level that `service` asks of whom it acts for."""
    organisation = acting_for(cx, row["id"]) is not None
    need = (service.organisation_level or service.level) if organisation else service.level
    if row["level"] < need:
        raise too_low(row["level"], need)
    if service.who == "organisation" and service.level >= "A2" and not organisation:
        raise Refusal("agency-not-authorised", "this item is done for an organisation; the session acts for nobody")


def too_low(have: str, need: str) -> Refusal:
    """The refusal that names the level that is missing."""
    return Refusal("assurance-too-low", f"the session has {have}, the service needs {need}", required_level=need)


def agreed(cx: sqlite3.Connection, session: str, consents: Sequence[str], *, face: bool = False, of: str = "") -> None:
    """Refuse unless all `consents` are this session's and one of them is of the wanted purpose.

    `of`: one of them names this class of data. A consent that was withdrawn is none.
    """
    rows = cx.execute("SELECT id, purpose, data_classes FROM consent WHERE session = ?", (session,)).fetchall()
    found = {r["id"]: r for r in rows}
    if any(c not in found for c in consents):
        raise Refusal("consent-missing")
    wanted = [found[c] for c in consents if (found[c]["purpose"] == FACE) == face]
    if not any(not of or f'"{of}"' in r["data_classes"] for r in wanted):
        raise Refusal("consent-missing", f"no consent for {of}" if of else "")


def acting_for(cx: sqlite3.Connection, session: str) -> sqlite3.Row | None:
    """The organisation (its code) and the role in which the session acts; None: for the person."""
    found: sqlite3.Row | None = cx.execute("SELECT * FROM acting WHERE session = ?", (session,)).fetchone()
    return found


def lifted(cx: sqlite3.Connection, row: sqlite3.Row, to: str = "A3") -> Mapping[str, Any]:
    """The session at least at level `to`, as a Proof."""
    level = max(row["level"], to)
    cx.execute("UPDATE session SET level = ? WHERE id = ?", (level, row["id"]))
    return proof(level, row["number"], row["expires_at"])


def proof(level: str, number: str, expires_at: str) -> Mapping[str, Any]:
    """A Proof of the contract."""
    who = registry.citizen(number)
    return {
        "level": level,
        "subject": pseudonym(number),
        "name_masked": masked(who.name) if who else "",
        "expires_at": expires_at,
    }


def masked(name: str) -> str:
    """The first character of two, first and last of more."""
    return name[:1] + "*" if len(name) <= 2 else name[0] + "*" * (len(name) - 2) + name[-1]


def close(cx: sqlite3.Connection, session: str) -> None:
    """The session is over, wherever it was begun; its person is forgotten."""
    cx.execute("UPDATE session SET closed = 1, number = NULL, name = NULL WHERE id = ?", (session,))
    cx.execute("DELETE FROM acting WHERE session = ?", (session,))
