"""The irreversible acts and the states they go through, as tables (the crash sweep walks them).

An intent is minted and synced before anything is sent; after a crash it is resolved by asking, never by guessing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """What is irreversible."""

    CHARGE = "charge"
    QR = "qr"
    SUBMIT = "submit"
    PRINT = "print"


class State(StrEnum):
    """Where an intent stands."""

    MINTED = "minted"
    APPROVED = "approved"
    HELD = "held"
    BOOKING = "booking"
    RELEASING = "releasing"
    PAYING = "paying"
    CHARGED = "charged"
    UNKNOWN = "unknown"
    CLOSED = "closed"
    OWED = "owed"
    REVERSING = "reversing"
    REFUNDING = "refunding"
    REVERSED = "reversed"
    LAPSED = "lapsed"
    AUTHORISED = "authorised"
    SENT = "sent"
    DONE = "done"
    REFUSED = "refused"
    UNCLEAR = "unclear"


TRANSITIONS: Mapping[Kind, Mapping[State, frozenset[State]]] = {
    # At the pad. minted: order and the pad's mark are known. approved: the pad said yes, we have not yet
    # acknowledged. charged: the money moved. held: the money is only reserved. booking, releasing: the pad was asked to
    # take or to free what is held. owed: the money must go back and has not yet. reversing, refunding: the pad or the
    # platform was asked to give it back. done: the service was given for it. lapsed: the service was given, and what
    # was held is gone: a person must look.
    Kind.CHARGE: {
        State.MINTED: frozenset({State.APPROVED, State.CHARGED, State.HELD, State.REFUSED, State.UNKNOWN}),
        State.APPROVED: frozenset({State.CHARGED, State.HELD, State.REFUSED, State.UNKNOWN}),
        State.UNKNOWN: frozenset({State.CHARGED, State.HELD, State.REFUSED}),
        State.HELD: frozenset({State.BOOKING, State.RELEASING}),
        State.BOOKING: frozenset({State.BOOKING, State.CHARGED, State.DONE, State.OWED, State.LAPSED}),
        State.RELEASING: frozenset({State.REVERSED}),
        State.CHARGED: frozenset({State.DONE, State.OWED, State.REVERSED}),
        State.OWED: frozenset({State.REVERSING, State.REFUNDING, State.REVERSED}),
        State.REVERSING: frozenset({State.REVERSED, State.OWED}),
        State.REFUNDING: frozenset({State.REVERSED, State.OWED}),
    },
    # By phone. minted: the order is known. sent: a code is shown, or the payer's code was handed over. paying: a phone
    # has the order. unknown: nobody can say yet. reversing: to be closed unpaid or given back, whatever became of it.
    # closed: it was not paid; a payment that was under way may still arrive. No arrow leads back to a fresh charge.
    Kind.QR: {
        State.MINTED: frozenset({State.SENT, State.REFUSED}),
        State.SENT: frozenset(
            {State.CHARGED, State.PAYING, State.UNKNOWN, State.REFUSED, State.REVERSING, State.CLOSED}
        ),
        State.PAYING: frozenset({State.CHARGED, State.UNKNOWN, State.REFUSED, State.REVERSING, State.CLOSED}),
        State.UNKNOWN: frozenset({State.CHARGED, State.PAYING, State.REFUSED, State.REVERSING, State.CLOSED}),
        State.REVERSING: frozenset({State.REVERSED, State.CLOSED, State.REFUSED, State.OWED}),
        State.CLOSED: frozenset({State.REFUSED, State.OWED}),
        State.CHARGED: frozenset({State.DONE, State.OWED}),
        State.OWED: frozenset({State.REFUNDING, State.REVERSED}),
        State.REFUNDING: frozenset({State.REVERSED, State.OWED}),
    },
    # minted: sealed in the outbox in the same transaction. done: the platform gave the acceptance number.
    Kind.SUBMIT: {State.MINTED: frozenset({State.DONE, State.REFUSED})},
    # authorised: the platform's token is here. sent: the printer has a job id for it. unclear counts as used.
    Kind.PRINT: {
        State.MINTED: frozenset({State.AUTHORISED, State.REFUSED}),
        State.AUTHORISED: frozenset({State.SENT, State.REFUSED}),
        State.SENT: frozenset({State.DONE, State.REFUSED, State.UNCLEAR}),
    },
}

FINAL: Mapping[Kind, frozenset[State]] = {
    Kind.CHARGE: frozenset({State.DONE, State.REFUSED, State.REVERSED, State.LAPSED}),
    Kind.QR: frozenset({State.DONE, State.REFUSED, State.REVERSED}),
    Kind.SUBMIT: frozenset({State.DONE, State.REFUSED}),
    Kind.PRINT: frozenset({State.DONE, State.REFUSED, State.UNCLEAR}),
}

PAYMENTS = frozenset({Kind.CHARGE, Kind.QR})
"""The kinds that move a citizen's money."""
IN_DOUBT = frozenset({State.MINTED, State.APPROVED, State.SENT, State.PAYING, State.UNKNOWN})
"""States of a payment in which nobody here knows yet whether the money moved."""
HAVE = frozenset({State.CHARGED, State.HELD, State.BOOKING})
"""States of a payment in which we have the money, or hold it, and have not given the service yet."""
OWED = frozenset({State.OWED, State.REVERSING, State.REFUNDING, State.RELEASING})
"""States of a payment in which the money is on its way back, or has to be."""


class WrongTransition(RuntimeError):
    """A program error: the table has no such arrow."""


@dataclass(frozen=True, slots=True)
class Intent:
    """One irreversible act. `body` holds references only: order, amount, receipt number, job id; no personal data."""

    id: str
    kind: Kind
    visit: str
    state: State
    body: Mapping[str, Any] = field(default_factory=dict)
    at: str = ""

    @property
    def open(self) -> bool:
        """True while the act is not settled."""
        return self.state not in FINAL[self.kind]


def check_transition(kind: Kind, before: State, after: State) -> None:
    """Raise `WrongTransition` unless the table has the arrow."""
    if after not in TRANSITIONS[kind].get(before, frozenset()):
        raise WrongTransition(f"intent of kind {kind}: no arrow from {before} to {after}")
