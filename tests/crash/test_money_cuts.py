"""The power goes while money is held, booked or on its way back: at every write, at every request to the platform.

Afterwards bank, platform and refund ledger are asked: given back exactly once, nothing held for ever, nobody booked
without service. A third of the points a day, each in its turn (`--dense`: all); `kiosk-sim crash-sweep` has every byte.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from simulator.crash_sweep import Point, run_point
from simulator.hall import Hall
from simulator.sweep_journeys import JOURNEYS

pytestmark = [pytest.mark.promise(p) for p in ("P1", "P2", "P3", "P8", "P9")]
MONEY = ("hold", "hold-refused", "hold-print", "owed-card", "owed-again")
LAST_WRITES = 14
"""Of each journey: settling what was held or is owed; the earlier ones are those of `apply`."""


def points(name: str) -> list[Point]:
    """The last writes, and what was asked of the platform from when the money was taken on."""
    broken, whole = run_point(name, None)
    assert broken == []
    found = whole.points(dense=False)
    writes = [point for point in found if point.wire == "journal"]
    asked = [point for point in found if point.wire == "platform"]
    assert len(writes) >= LAST_WRITES, whole
    return writes[-LAST_WRITES:] + asked[-LAST_WRITES:]


@pytest.mark.parametrize("name", MONEY)
def test_money_that_is_held_or_owed(name: str, of_the_day: Callable[[Sequence[Point], int], Sequence[Point]]) -> None:
    for number, point in enumerate(of_the_day(points(name), 3)):
        broken, _ = run_point(name, point, follow=number % 5 == 2)
        assert broken == [], f"kiosk-sim crash-sweep --journey {name} --point {point}"


def test_again_while_it_recovers() -> None:
    """The refund's number is on disk before it is sent: two cuts, one refund."""
    whole = run_point("owed-phone", None)[1]
    for second in (2, 4):
        broken, _ = run_point("owed-phone", Point("journal", whole.writes - 6), second=second)
        assert broken == [], f"again at write {second} of the recovery"


def test_money_that_stays_held_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """The checks can fail: a bank that never lets go."""
    from simulator.models.bank_ledger import Entry

    monkeypatch.setattr(Entry, "held_fen", property(lambda entry: entry.fen))
    broken, _ = run_point("hold", None)
    assert any("stay held" in sentence for sentence in broken), broken


def test_money_that_goes_back_twice_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """A refund ledger that pays twice is not overlooked."""
    real = Hall.rows

    def generous(hall: Hall, query: str, values: tuple[object, ...] = ()) -> list[object]:
        rows = list(real(hall, query, values))
        return rows + [row for row in rows if "payer_entry" in query and row["kind"] == "refund"]

    monkeypatch.setattr(Hall, "rows", generous)
    broken, _ = run_point("owed-phone", None)
    assert any("P1: -2000 fen" in sentence for sentence in broken), broken


def test_every_journey_of_money_has_its_hall() -> None:
    """Holding journeys hold: otherwise the sweep would prove nothing about them."""
    assert all(JOURNEYS[name].trade.pad_holds for name in JOURNEYS if name.startswith("hold"))
    assert JOURNEYS["hold-print"].trade.forms
