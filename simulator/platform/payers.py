"""The payers' services behind the platform (WeChat, Alipay, ...): what a payer's phone does, and what the payer paid.

Nothing runs here: every look first lets due things happen. The ledger is the truth for tests; knobs make each trouble
that the public interfaces describe. Payment codes are kept as digests and used once.
"""

from __future__ import annotations

import hashlib
import secrets
import sqlite3
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from config.payments import payments
from simulator.platform.city import City
from simulator.platform.problems import Refusal

_SCHEMA = (
    """CREATE TABLE IF NOT EXISTS payer_order(
        id TEXT PRIMARY KEY, fen INTEGER NOT NULL, method TEXT NOT NULL, provider TEXT NOT NULL DEFAULT '',
        shown TEXT NOT NULL DEFAULT '', state TEXT NOT NULL, cause TEXT NOT NULL DEFAULT '', since REAL NOT NULL,
        due REAL, hidden_until REAL NOT NULL DEFAULT 0, late INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID""",
    """CREATE TABLE IF NOT EXISTS payer_entry(
        number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL, reference TEXT NOT NULL UNIQUE,
        kind TEXT NOT NULL, provider TEXT NOT NULL, fen INTEGER NOT NULL, at TEXT NOT NULL)""",
    "CREATE TABLE IF NOT EXISTS payer_code(digest TEXT PRIMARY KEY, provider TEXT NOT NULL, used INTEGER NOT NULL)",
)
SAMPLES: dict[str, tuple[str, int]] = {
    "wechat": ("13", 18),
    "alipay": ("28", 18),
    "unionpay": ("62", 19),
    "bestpay": ("51", 18),
}
"""Prefix and length of the payment codes that the citizen's phone makes."""


class ProviderPlan(BaseModel):
    """What the payer and the payer's service do. Seconds; `..._refused` counts how often.

    never_pays: the phone asks for a password and nobody enters it. unknown_s: after sending, a query says "unknown".
    paid_after_close: an unpaid order is closed, and the payment arrives `late_s` later all the same.
    duplicate_notify: the service tells the platform of a payment twice.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    paying_s: Annotated[float, Field(ge=0, le=3600)] = 0
    never_pays: bool = False
    declines: Literal["", "insufficient", "declined", "code-invalid"] = ""
    unknown_s: Annotated[float, Field(ge=0, le=86_400)] = 0
    paid_after_close: bool = False
    late_s: Annotated[float, Field(ge=0, le=3600)] = 30
    reversal_slow_s: Annotated[float, Field(ge=0, le=86_400)] = 0
    reversal_refused: Annotated[int, Field(ge=0, le=1000)] = 0
    refund_slow_s: Annotated[float, Field(ge=0, le=864_000)] = 0
    refund_refused: Annotated[int, Field(ge=0, le=1000)] = 0
    duplicate_notify: bool = False


@dataclass(slots=True)
class Payers:
    """The services and their customers. Every method works inside the caller's transaction."""

    city: City
    plan: ProviderPlan = field(default_factory=ProviderPlan)

    def __post_init__(self) -> None:
        with self.city.store.transaction() as cx:
            for statement in _SCHEMA:
                cx.execute(statement)

    def now(self) -> float:
        """Seconds since 1970."""
        return self.city.now().timestamp()

    # What the platform asks of the services

    def show(self, cx: sqlite3.Connection, order: str, fen: int) -> str:
        """Make the code that is shown for an order; again: the same one."""
        row = self.row(cx, order)
        if row is not None:
            return str(row["shown"])
        shown = f"https://pay.example/q/{secrets.token_urlsafe(18)}"
        cx.execute(
            "INSERT INTO payer_order (id, fen, method, shown, state, since) VALUES (?, ?, 'shown', ?, 'WAITING', ?)",
            (order, fen, shown, self.now()),
        )
        return shown

    def scan(self, cx: sqlite3.Connection, order: str, fen: int, code: str) -> None:
        """A payer's own code was scanned; the code is used up whatever comes of it."""
        provider = payments().whose(code)
        digest = hashlib.sha256(code.encode()).hexdigest()
        known = cx.execute("SELECT used FROM payer_code WHERE digest = ?", (digest,)).fetchone()
        cx.execute("UPDATE payer_code SET used = 1 WHERE digest = ?", (digest,))
        key = provider.key if provider else ""
        cx.execute(
            "INSERT INTO payer_order (id, fen, method, provider, state, since)"
            " VALUES (?, ?, 'scanned', ?, 'WAITING', ?)",
            (order, fen, key, self.now()),
        )
        if known is None or known["used"]:
            self._set(cx, order, "FAILED", cause="code-invalid")
        else:
            self._begin(cx, order)

    def _begin(self, cx: sqlite3.Connection, order: str) -> None:
        """The phone has the order: it pays, at once or after a password, or says no."""
        plan, now = self.plan, self.now()
        hidden = now + plan.unknown_s if plan.unknown_s else 0
        if plan.declines:
            self._set(cx, order, "FAILED", cause=plan.declines, hidden=hidden)
        elif plan.never_pays or plan.paid_after_close:
            self._set(cx, order, "PAYING", hidden=hidden, late=plan.paid_after_close)
        elif plan.paying_s:
            self._set(cx, order, "PAYING", due=now + plan.paying_s, hidden=hidden)
        else:
            self._set(cx, order, "PAYING", due=now, hidden=hidden)
        self.advance(cx)

    def look(self, cx: sqlite3.Connection, order: str) -> tuple[str, str, str] | None:
        """State, provider and cause as a query tells them now; None: the services do not know the order."""
        self.advance(cx)
        row = self.row(cx, order)
        if row is None:
            return None
        if row["hidden_until"] > self.now():
            return "UNKNOWN", row["provider"], "system-error"
        return row["state"], row["provider"], row["cause"]

    def close(self, cx: sqlite3.Connection, order: str) -> None:
        """Close an unpaid order. Refuses while a phone pays it and the service's own time for that is not over."""
        self.advance(cx)
        row = self.row(cx, order)
        if row is None or row["state"] not in ("WAITING", "PAYING"):
            return
        if row["state"] == "PAYING":
            wait = row["since"] + payments().rhythm(row["provider"]).close_after_s - self.now()
            if wait > 0:
                raise Refusal("close-too-early", "", retry_after_s=int(wait) + 1)
        due = self.now() + self.plan.late_s if row["late"] else None
        self._set(cx, order, "CLOSED", due=due, late=row["late"])

    def reverse(self, cx: sqlite3.Connection, order: str) -> None:
        """Close it unpaid, or give the money back; slow or refused as the plan says."""
        self.advance(cx)
        row = self.row(cx, order)
        if row is None or row["state"] not in ("WAITING", "PAYING", "PAID"):
            return
        if self.plan.reversal_refused:
            self.plan = self.plan.model_copy(update={"reversal_refused": self.plan.reversal_refused - 1})
            raise Refusal("upstream-unavailable", "the payer's service did not reverse", retry_after_s=2)
        cx.execute(
            "UPDATE payer_order SET state = 'REVERSING', cause = ?, due = ? WHERE id = ?",
            ("paid" if row["state"] == "PAID" else "unpaid", self.now() + self.plan.reversal_slow_s, order),
        )
        self.advance(cx)

    def advance(self, cx: sqlite3.Connection) -> None:
        """Let everything happen that is due."""
        due = cx.execute(
            "SELECT * FROM payer_order WHERE due IS NOT NULL AND due <= ? ORDER BY due", (self.now(),)
        ).fetchall()
        for row in due:
            if row["state"] == "REVERSING":
                if row["cause"] == "paid":
                    self.give(cx, row["id"], f"{row['id']}:reversal", row["fen"])
                self._set(cx, row["id"], "REFUNDED" if row["cause"] == "paid" else "CLOSED")
            else:
                for _ in range(1 + self.plan.duplicate_notify):
                    self._take(cx, row["id"], row["provider"], row["fen"])
                self._set(cx, row["id"], "PAID", hidden=row["hidden_until"])

    # The ledger

    def _take(self, cx: sqlite3.Connection, order: str, provider: str, fen: int) -> None:
        entry = (order, f"{order}:payment", "payment", provider, fen, self.city.stamp())
        cx.execute(
            "INSERT OR IGNORE INTO payer_entry (id, reference, kind, provider, fen, at) VALUES (?, ?, ?, ?, ?, ?)",
            entry,
        )

    def give(self, cx: sqlite3.Connection, order: str, reference: str, fen: int) -> None:
        """The payer gets `fen` back, once for a reference."""
        row = self.row(cx, order)
        provider = row["provider"] if row else "card"
        cx.execute(
            "INSERT OR IGNORE INTO payer_entry (id, reference, kind, provider, fen, at) VALUES (?, ?, ?, ?, ?, ?)",
            (order, reference, "refund", provider, fen, self.city.stamp()),
        )

    def row(self, cx: sqlite3.Connection, order: str) -> sqlite3.Row | None:
        """The services' own record of an order."""
        found: sqlite3.Row | None = cx.execute("SELECT * FROM payer_order WHERE id = ?", (order,)).fetchone()
        return found

    def _set(
        self,
        cx: sqlite3.Connection,
        order: str,
        state: str,
        *,
        due: float | None = None,
        cause: str = "",
        hidden: float = 0,
        late: int = 0,
    ) -> None:
        cx.execute(
            "UPDATE payer_order SET state = ?, due = ?, cause = ?, hidden_until = ?, late = ? WHERE id = ?",
            (state, due, cause, hidden, late, order),
        )

    # The citizen's phone

    def make_code(self, cx: sqlite3.Connection, provider: str) -> str:
        """A payment code on the citizen's phone."""
        prefix, length = SAMPLES[provider]
        code = prefix + "".join(secrets.choice("0123456789") for _ in range(length - len(prefix)))
        digest = hashlib.sha256(code.encode()).hexdigest()
        cx.execute("INSERT INTO payer_code VALUES (?, ?, 0)", (digest, provider))
        return code

    def pay_shown(self, cx: sqlite3.Connection, provider: str, shown: str) -> str:
        """The phone scans a shown code (the newest one when `shown` is ""); gives what it says: the order's state."""
        self.advance(cx)
        row = cx.execute(
            "SELECT * FROM payer_order WHERE method = 'shown' AND (shown = ? OR ? = '') ORDER BY since DESC LIMIT 1",
            (shown, shown),
        ).fetchone()
        if row is None or row["state"] != "WAITING":
            raise Refusal("not-found", "no order waits for this code")
        cx.execute("UPDATE payer_order SET provider = ?, since = ? WHERE id = ?", (provider, self.now(), row["id"]))
        self._begin(cx, row["id"])
        found = self.row(cx, row["id"])
        assert found is not None
        return str(found["state"])

    def ledger(self, cx: sqlite3.Connection) -> dict[str, Any]:
        """Every payment and refund, and what all payers together have paid. The truth for tests."""
        self.advance(cx)
        rows = [dict(r) for r in cx.execute("SELECT * FROM payer_entry ORDER BY number DESC LIMIT 500").fetchall()]
        total = "SELECT COALESCE(SUM(CASE kind WHEN 'payment' THEN fen ELSE -fen END), 0) AS fen FROM payer_entry"
        return {"items": rows[::-1], "paid_fen": cx.execute(total).fetchone()["fen"]}
