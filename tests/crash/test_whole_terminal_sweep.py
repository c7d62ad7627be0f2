"""The whole terminal loses power at a share of every journey's points, another one each day (`--dense`: all writes).

Every other write of the journal of the two journeys that matter most, and a stratum of the wires' bytes of all of them;
`kiosk-sim crash-sweep` has every point of every journey.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from simulator.crash_sweep import Point, SweepOptions, crash_sweep, run_point
from simulator.sweep_journeys import JOURNEYS

pytestmark = [pytest.mark.promise(p) for p in ("P1", "P2", "P3", "P4", "P6", "P8", "P9")]
EVERY_WRITE = ("apply", "print")
Share = Callable[[Sequence[Any], int], Sequence[Any]]


@pytest.mark.parametrize("part", [1, 2, 3])
@pytest.mark.parametrize("name", EVERY_WRITE)
def test_every_write_of_the_journal(name: str, part: int, of_the_day: Share) -> None:
    broken, whole = run_point(name, None)
    assert broken == []
    assert whole.writes >= 16, whole
    for number in of_the_day(range(part, whole.writes + 1, 3), 2):
        broken, _ = run_point(name, Point("journal", number), follow=number % 5 == 2)
        assert broken == [], f"kiosk-sim crash-sweep --journey {name} --point journal:{number}"


@pytest.mark.parametrize("name", sorted(JOURNEYS))
def test_a_sample_of_the_bytes(name: str, request: pytest.FixtureRequest) -> None:
    broken, whole = run_point(name, None)
    assert broken == []
    wires = [point for point in whole.points(dense=False) if point.wire != "journal"]
    step = max(1, len(wires) // 2)
    for point in wires[(len(name) + request.config.option.day) % step :: step]:
        broken, _ = run_point(name, point)
        assert broken == [], f"kiosk-sim crash-sweep --journey {name} --point {point}"


def test_power_goes_again_while_it_recovers() -> None:
    whole = run_point("apply", None)[1]
    for second in (1, 3, 6):
        broken, _ = run_point("apply", Point("journal", whole.writes * 3 // 5), second=second)
        assert broken == [], f"again at write {second} of the recovery"


def test_a_promise_that_is_broken_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sweep can fail: a bank that charges twice is not overlooked."""
    from simulator.hall import Hall

    real = Hall.bank.fget
    assert real is not None
    monkeypatch.setattr(Hall, "bank", property(lambda hall: [entry for e in real(hall) for entry in (e, e)]))
    broken, _ = run_point("apply", None)
    assert any("P2: 4000 fen" in sentence for sentence in broken), broken


def test_a_case_that_vanishes_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """And neither is a platform that loses what was paid for."""
    from simulator.hall import Hall

    real = Hall.rows

    def forgetful(hall: Hall, query: str, values: tuple[object, ...] = ()) -> object:
        return [] if "FROM application" in query else real(hall, query, values)

    monkeypatch.setattr(Hall, "rows", forgetful)
    broken, _ = run_point("apply", None)
    assert any("P1: 2000 fen" in sentence for sentence in broken), broken
    assert any("P4" in sentence for sentence in broken), broken


@pytest.mark.parametrize("words", ["journal", "paper:1", "pad:x", "pad:1:2:3", ""])
def test_a_point_that_is_none_is_refused(words: str) -> None:
    with pytest.raises(ValueError, match="such as journal:7"):
        Point.parse(words)


def test_an_unknown_journey_is_refused() -> None:
    with pytest.raises(ValueError, match="choose of apply"):
        crash_sweep(SweepOptions(("nowhere",)), print)
