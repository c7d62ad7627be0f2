"""Visits by chance with every fault, some every time the tests run; `kiosk-sim soak` plays thousands."""

from __future__ import annotations

import pytest

from simulator.mishaps import KINDS, MISHAPS, UnknownKind, chosen
from simulator.soak import EPOCH, SoakOptions, epochs, run_epoch, soak

pytestmark = [pytest.mark.promise(p) for p in ("P1", "P2", "P3", "P4", "P5", "P6", "P8", "P9")]


def test_a_fair_day_keeps_every_promise_and_serves() -> None:
    epoch = run_epoch(1, EPOCH, 12, "none")
    assert epoch.violations == []
    assert epoch.done["finished"] >= 5, epoch.done
    assert epoch.done["mishaps"] == 0


@pytest.mark.parametrize("first", [0, EPOCH])
def test_days_with_every_fault(first: int) -> None:
    epoch = run_epoch(11, first, 12, "all")
    assert epoch.violations == [], f"kiosk-sim soak --seed 11 --from {first} --visits 12"
    assert epoch.done["mishaps"] >= 3, epoch.done


def test_the_same_seed_is_the_same_day() -> None:
    first: list[str] = []
    second: list[str] = []
    one, two = run_epoch(5, 100, 5, "all", lines=first), run_epoch(5, 100, 5, "all", lines=second)
    differing = next((pair for pair in zip(first, second, strict=False) if pair[0] != pair[1]), None)
    assert differing is None
    assert one.digest == two.digest
    assert run_epoch(6, 100, 5, "all").digest != one.digest


def test_epochs_begin_where_they_always_begin() -> None:
    """So a failing visit is played again by its epoch alone."""
    assert epochs(SoakOptions(120)) == [(0, 50), (50, 50), (100, 20)]
    assert epochs(SoakOptions(50, first=100)) == [(100, 50)]
    assert epochs(SoakOptions(60, first=70)) == [(70, 30), (100, 30)]


def test_a_broken_promise_is_told_with_its_replay(monkeypatch: pytest.MonkeyPatch) -> None:
    from simulator import promises

    monkeypatch.setattr(promises, "journal", lambda _: ["P9: entry 3 does not fit the chain"])
    said: list[str] = []
    assert soak(SoakOptions(2, seed=3, faults="none"), said.append) == 1
    assert "kiosk-sim soak --seed 3 --faults none --from 0 --visits 2" in said[0]


def test_kinds_of_faults() -> None:
    assert chosen("none") == ()
    assert {m.kind for m in chosen("all")} == set(KINDS)
    assert {m.kind for m in chosen("pad, power")} == {"pad", "power"}
    assert len({m.name for m in MISHAPS}) == len(MISHAPS)
    with pytest.raises(UnknownKind, match="choose all, none"):
        chosen("pad,weather")
