"""The province's app: the codes it shows (一码通办), once each, and the sessions that its holder is signed in to."""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Mapping
from typing import Literal

from simulator.platform.assurance import close
from simulator.platform.city import City
from simulator.platform.problems import Refusal

PREFIX = "WHI1."
HERE = "371000"
PROVINCE = "37"
CODE_S = 60
Which = Literal["fresh", "expired", "used", "foreign", "unverified"]

SCHEMA = """
CREATE TABLE IF NOT EXISTS app_code(
    code TEXT PRIMARY KEY, number TEXT NOT NULL, real_name INTEGER NOT NULL, expires_at TEXT NOT NULL,
    used INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS phone_link(
    session TEXT NOT NULL, number TEXT NOT NULL, PRIMARY KEY (session, number)) WITHOUT ROWID;
"""


def make(cx: sqlite3.Connection, city: City, number: str, which: Which = "fresh") -> str:
    """A code of the account of `number`; with one thing wrong with it where QA wants that."""
    area = "330100" if which == "foreign" else HERE
    code = f"{PREFIX}{area}-{secrets.token_urlsafe(18)}"
    until = city.stamp(-1 if which == "expired" else CODE_S)
    cx.execute(
        "INSERT INTO app_code VALUES (?, ?, ?, ?, ?)", (code, number, which != "unverified", until, which == "used")
    )
    return code


def use(cx: sqlite3.Connection, city: City, code: str) -> str:
    """The number whose account shows `code`, which is used up now; or a refusal that says what is wrong with it."""
    if not code.startswith(PREFIX):
        raise Refusal("code-unknown", "not a code of the province's app")
    if not code.removeprefix(PREFIX).startswith(PROVINCE):
        raise Refusal("code-foreign", "an account of another province")
    row = cx.execute("SELECT * FROM app_code WHERE code = ?", (code,)).fetchone()
    if row is None:
        raise Refusal("code-unknown")
    if row["used"]:
        raise Refusal("code-used")
    if row["expires_at"] < city.stamp():
        raise Refusal("code-expired")
    if not row["real_name"]:
        raise Refusal("account-not-verified")
    cx.execute("UPDATE app_code SET used = 1 WHERE code = ?", (code,))
    return str(row["number"])


def link(cx: sqlite3.Connection, session: str, number: str) -> None:
    """The app of `number` is signed in to `session`: it may end it."""
    cx.execute("INSERT OR IGNORE INTO phone_link VALUES (?, ?)", (session, number))


def open_of(cx: sqlite3.Connection, city: City, number: str) -> list[Mapping[str, str]]:
    """The open sessions that the app of `number` is signed in to."""
    rows = cx.execute(
        "SELECT s.id, s.kiosk, s.level FROM phone_link l JOIN session s ON s.id = l.session"
        " WHERE l.number = ? AND s.closed = 0 AND s.expires_at >= ? ORDER BY s.opened_at LIMIT 50",
        (number, city.stamp()),
    )
    return [dict(r) for r in rows]


def logout(cx: sqlite3.Connection, city: City, number: str) -> int:
    """Sign the app of `number` out: every session it is signed in to ends, here and at terminals. Gives how many."""
    open_ = open_of(cx, city, number)
    for session in open_:
        close(cx, session["id"])
    return len(open_)
