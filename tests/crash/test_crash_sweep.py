"""The process is stopped before and after every journal write of a paid visit, and again while it recovers.

Afterwards the bank's own ledger, the platform's cases and the journal must agree (P1, P2, P4, P8, P9).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from counter_hall import FEE_FEN, Hall

from drivers.links.memory import MemoryPort
from kiosk.journal import verify_file
from simulator.virtual_time import run_virtual

pytestmark = [
    pytest.mark.promise("P1"),
    pytest.mark.promise("P2"),
    pytest.mark.promise("P4"),
    pytest.mark.promise("P9"),
]


def agree(hall: Hall, where: str) -> None:
    """The promises, against the truth outside the terminal."""
    paid, cases = hall.paid_fen(), len(hall.city.cases)
    assert (paid, cases) in {(FEE_FEN, 1), (0, 0)}, f"{where}: paid {paid} fen, {cases} cases"
    charges = [
        e for e in hall.pad.terminal.ledger.entries if e.kind == "payment" and e.state in ("authorised", "booked")
    ]
    assert len(charges) <= 1, f"{where}: {len(charges)} charges"
    assert verify_file(hall.folder / "journal.db").broken == "", where


async def sweep(folder: Path, prepare: Any, second_cut: int | None) -> int:
    """Cut at every point of the first life, optionally cut the second life too; returns the number of points."""
    point = 0
    while True:
        point += 1
        MemoryPort.ports.clear()
        here = folder / f"{point}-{second_cut}"
        here.mkdir()
        hall = Hall(here)
        await hall.pad.plug()
        prepare(hall)
        cut = await hall.life(cut_at=point, visit=True)
        if cut:
            if second_cut is not None:
                await hall.life(cut_at=second_cut, visit=False)
            hall.city.down = False
            assert not await hall.life(cut_at=None, visit=False)
        agree(hall, f"cut at {point}, then {second_cut}")
        await hall.pad.unplug()
        if not cut:
            return point - 1


def nothing(_: Hall) -> None:
    """A fair day."""


def city_down(hall: Hall) -> None:
    """The platform is away in the first life."""
    hall.city.down = True


def reply_lost(hall: Hall) -> None:
    """The platform takes the case and its answer is lost, twice."""
    hall.city.lose_reply = 2


@pytest.mark.parametrize("second_cut", [None, 1, 2, 3, 4, 6])
def test_every_write_of_a_paid_visit(tmp_path: Path, second_cut: int | None) -> None:
    points = run_virtual(sweep(tmp_path, nothing, second_cut))
    assert points >= 12, points


def test_every_write_with_lost_replies(tmp_path: Path) -> None:
    assert run_virtual(sweep(tmp_path, reply_lost, None)) >= 12


@pytest.mark.promise("P8")
def test_a_pad_that_vanishes_leaves_an_unknown_that_is_settled_later(tmp_path: Path) -> None:
    async def story() -> None:
        hall = Hall(tmp_path)
        await hall.pad.plug()
        hall.pad.do("lose_answer", when="after_ack")
        assert not await hall.life(cut_at=None, visit=True)
        agree(hall, "link lost after the acknowledgement")

    run_virtual(story())
