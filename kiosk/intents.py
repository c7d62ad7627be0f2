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
    SUBMIT = "submit"
    PRINT = "print"


class State(StrEnum):
    """Where an intent stands."""

    MINTED = "minted"
    APPROVED = "approved"
    CHARGED = "charged"
    UNKNOWN = "unknown"
    OWED = "owed"
    REVERSED = "reversed"
    AUTHORISED = "authorised"
    SENT = "sent"
    DONE = "done"
    REFUSED = "refused"
    UNCLEAR = "unclear"


TRANSITIONS: Mapping[Kind, Mapping[State, frozenset[State]]] = {
    # minted: order and the pad's mark are known. approved: the pad said yes, we have not yet acknowledged. charged:
    # acknowledged, the money moved. owed: the money must go back and has not yet. done: the service was given for it.
    Kind.CHARGE: {
        State.MINTED: frozenset({State.APPROVED, State.CHARGED, State.REFUSED, State.UNKNOWN}),
        State.APPROVED: frozenset({State.CHARGED, State.REFUSED, State.UNKNOWN}),
        State.UNKNOWN: frozenset({State.CHARGED, State.REFUSED}),
        State.CHARGED: frozenset({State.DONE, State.OWED, State.REVERSED}),
        State.OWED: frozenset({State.REVERSED}),
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
    Kind.CHARGE: frozenset({State.DONE, State.REFUSED, State.REVERSED}),
    Kind.SUBMIT: frozenset({State.DONE, State.REFUSED}),
    Kind.PRINT: frozenset({State.DONE, State.REFUSED, State.UNCLEAR}),
}


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
