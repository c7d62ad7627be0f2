"""The parts of a bundle (一件事) as an acceptance names them and as the journal keeps them: references only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, cast, get_args

from kiosk.platform.reading import Members

CaseState = Literal["WAITING", "ACCEPTED", "IN_PROGRESS", "SUPPLEMENT", "PAUSED", "DONE", "REFUSED", "WITHDRAWN"]
CASE_STATES = frozenset(get_args(CaseState))
MAX_FEN = 10_000_000
MOST_PARTS = 12


@dataclass(frozen=True, slots=True)
class CasePart:
    """One part at its acceptance. `back_fen` goes back because the part was refused."""

    number: str
    service: str
    state: CaseState
    promise_date: date
    back_fen: int = 0

    def reference(self) -> dict[str, Any]:
        """What the journal keeps of it."""
        day = self.promise_date.isoformat()
        return {
            "number": self.number, "service": self.service, "state": self.state, "promise_date": day,
            "back_fen": self.back_fen,
        }  # fmt: skip


def case_part(m: Members) -> CasePart:
    """Read one entry of CaseParts."""
    return CasePart(
        m.text("number", 18),
        m.text("service", 20),
        cast("CaseState", m.word("state", CASE_STATES)),
        m.day("promise_date"),
        m.number("back_fen", 0, MAX_FEN),
    )


def case_parts(m: Members) -> tuple[CasePart, ...]:
    """The member `parts` of an acceptance; () where it has none."""
    return tuple(case_part(part) for part in m.objects("parts", MOST_PARTS)) if m.has("parts") else ()


def kept_parts(references: Mapping[str, Any]) -> tuple[CasePart, ...]:
    """The parts that the journal kept with an acceptance number."""
    return case_parts(Members(references, "journal"))
