"""What has been proven in a visit, and what may be proven next: a pure state machine over the ladder (identity.toml).

    A0 -- card --> A2 -- face, match, officer --> A3 -- agency --> A4
     |                                            ^
     +-- code --> A1 -- match --------------------+
     |                                            |
     +-- number (typed, proves nothing) -- match, officer

`following` says which proofs are possible here and now, the first one being the one to offer; the others are the
equal other ways.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from config.identity import Ladder, Need, ProofKey, ProofRow, ladder
from config.service import Level, Service

CLAIMED_FROM: Level = "A0"


@dataclass(frozen=True, slots=True)
class Standing:
    """What is proven. `typed`: a number was typed; it says who somebody wants to be and proves nothing."""

    level: Level = "A0"
    proofs: tuple[ProofKey, ...] = ()
    typed: bool = False

    def after(self, proof: ProofKey, level: Level | None = None) -> Standing:
        """With one more proof; `level` is the platform's word, which counts."""
        gives = level or _row(ladder(), proof).gives
        return replace(
            self,
            level=max(self.level, gives) if proof != "agency" else gives,
            proofs=(*self.proofs, proof),
            typed=self.typed or proof == "number",
        )

    def as_person(self) -> Standing:
        """The same without authority for an organisation."""
        if self.level != "A4":
            return self
        return replace(self, level="A3", proofs=tuple(p for p in self.proofs if p != "agency"))


def need_of(service: Service, *, organisation: bool) -> Level:
    """The level that `service` asks of whom it is done for."""
    return (service.organisation_level or service.level) if organisation else service.level


def following(
    standing: Standing, need: Level, here: Collection[Need], *, without_card: bool = False, table: Ladder | None = None
) -> tuple[ProofKey, ...]:
    """The proofs that may come next on the way to `need`, the one to offer first; () when `need` is reached, or nothing
    that is possible here leads to it. `here`: what the terminal has; `without_card`: the item allows a typed number."""
    rows = (table or ladder()).proof
    return tuple(
        row.key
        for row in rows
        if _allowed(row, standing, here, without_card=without_card) and _leads(row, standing, need, rows, here)
    )


def reaches(standing: Standing, need: Level, here: Collection[Need], *, without_card: bool = False) -> bool:
    """Whether `need` is proven, or can be proven here."""
    return standing.level >= need or bool(following(standing, need, here, without_card=without_card))


def _allowed(row: ProofRow, standing: Standing, here: Collection[Need], *, without_card: bool) -> bool:
    if row.key in standing.proofs or not set(row.needs) <= set(here):
        return False
    if row.key == "number":
        return without_card and standing == Standing()
    if standing.typed and standing.level == CLAIMED_FROM and row.key in ("match", "officer", "card", "code"):
        return row.typed or row.key == "card"
    return standing.level >= row.starts


def _leads(row: ProofRow, standing: Standing, need: Level, rows: tuple[ProofRow, ...], here: Collection[Need]) -> bool:
    """Whether taking this rung comes nearer to `need`: it lifts, or opens one that does."""
    if standing.level >= need:
        return False
    if row.key == "number":
        return any(r.typed and set(r.needs) <= set(here) for r in rows)
    if row.gives <= standing.level:
        return False
    if row.gives >= need:
        return row.key != "agency" or need == "A4"
    return any(
        other.starts <= row.gives < other.gives and set(other.needs) <= set(here)
        for other in rows
        if other.key != row.key
    )


def _row(table: Ladder, key: ProofKey) -> ProofRow:
    return next(row for row in table.proof if row.key == key)
