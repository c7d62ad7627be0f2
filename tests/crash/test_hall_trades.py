"""Halls that do business differently, and what can happen in all: forms, codes, a full disk, a jumping clock."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from random import Random

import pytest

from simulator import promises
from simulator.forms_count import forms
from simulator.hall import Hall
from simulator.inline_loop import run_inline
from simulator.mishaps import MISHAPS, mend, strike
from simulator.people import CITIZENS
from simulator.promises import Came
from simulator.soak import settle
from simulator.trade import APPLIED, CHECKED, PRINTED, STOCK, TRADES, Trade
from simulator.wayward import Person
from simulator.wishes import Saw, Wish

NOTICED_S = 5.0
FORMS = 3
ALL = Trade(pad_holds=True, prints_cost=True, forms=True)


def in_hall(folder: Path, trade: Trade, story: Callable[[Hall], Awaitable[list[Came]]]) -> Hall:
    """Play `story` in a hall of that trade; afterwards everything is settled and no promise is broken."""
    halls: list[Hall] = []

    async def whole() -> None:
        hall = Hall(folder, seed=3, with_cabinet=False, trade=trade)
        halls.append(hall)
        await hall.open()
        came = await story(hall)
        assert await settle(hall) == []
        assert promises.settled(hall, came) == []
        await hall.close()
        assert hall.errors == []

    run_inline(whole())
    return halls[0]


async def visit(hall: Hall, service: str, seed: int = 1) -> Came:
    """One citizen without quirks."""
    person = Person(hall, Wish(CITIZENS["citizen-02"], service, thinks_s=(0.4, 0.4)), Random(seed))
    saw = await person.visit()
    person.lift()
    return Came(seed, person.wish, saw)


@pytest.mark.promise("P3")
def test_certificates_on_forms_until_there_are_none_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simulator.hall.FORMS_A_RANGE", FORMS)
    left: list[int] = []

    async def story(hall: Hall) -> list[Came]:
        came = [await visit(hall, PRINTED, n) for n in range(FORMS + 1)]
        left.append(hall.life.forms_left(STOCK))
        await mend(hall)
        left.append(hall.life.forms_left(STOCK))
        came.append(await visit(hall, PRINTED, 99))
        assert [each.saw.finished for each in came] == [True] * FORMS + [False, True]
        return came

    in_hall(tmp_path, Trade(forms=True), story)
    assert left == [0, FORMS]


@pytest.mark.promise("P1")
def test_a_fee_is_held_then_booked_for_a_certificate_on_a_form(tmp_path: Path) -> None:
    async def story(hall: Hall) -> list[Came]:
        came = [await visit(hall, PRINTED)]
        assert came[0].saw.finished
        return came

    async def balance(hall: Hall) -> list[Came]:
        came = await story(hall)
        assert [(entry.state, entry.fen) for entry in hall.bank] == [("booked", 2000)]
        return came

    in_hall(tmp_path, ALL, balance)


@pytest.mark.promise("P3")
def test_certificates_are_checked_for_what_they_are(tmp_path: Path) -> None:
    async def story(hall: Hall) -> list[Came]:
        came = [await visit(hall, PRINTED)] + [await visit(hall, CHECKED, seed) for seed in range(8)]
        seen = set().union(*(each.saw.verdicts for each in came))
        assert ("genuine", "valid") in seen
        assert {held for held, _ in seen} == {"genuine", "tampered", "foreign"}
        return came

    in_hall(tmp_path, Trade(), story)


@pytest.mark.promise("P7")
def test_a_full_disk_stops_what_needs_it_and_heals(tmp_path: Path) -> None:
    async def story(hall: Hall) -> list[Came]:
        full = next(m for m in MISHAPS if m.kind == "disk" and m.args["writes"] < 0)
        assert await strike(hall, full)
        came = [await visit(hall, APPLIED, 1)]
        assert not came[0].saw.finished
        assert hall.bank == []
        await mend(hall)
        await asyncio.sleep(2 * NOTICED_S)
        came.append(await visit(hall, APPLIED, 2))
        assert came[1].saw.finished
        return came

    in_hall(tmp_path, Trade(), story)


@pytest.mark.promise("P9")
def test_a_jumping_clock_is_journalled_and_disturbs_nobody(tmp_path: Path) -> None:
    async def story(hall: Hall) -> list[Came]:
        came = []
        for number, jump in enumerate(m for m in MISHAPS if m.kind == "clock"):
            assert await strike(hall, jump)
            came.append(await visit(hall, APPLIED, number))
        assert all(each.saw.finished for each in came)
        assert len(hall.terminal.entries(hall.folder, "clock.jumped")) == len(came)
        return came

    in_hall(tmp_path, Trade(), story)


def test_what_is_wrong_with_forms_is_found() -> None:
    def entry(what: str, *serials: str, intent: str = "prt-1") -> dict[str, str]:
        return {
            "kind": f"stock.{what}",
            "body": f'{{"serials": {list(serials)!r}, "intent": "{intent}"}}'.replace("'", '"'),
        }

    fine = [entry("reserved", "WH1"), entry("used", "WH1")]
    assert forms(fine, {"prt-1": 1}) == []
    assert forms([entry("reserved", "WH1"), entry("freed", "WH1"), *fine], {"prt-1": 1}) == []
    assert "stays reserved" in forms(fine[:1], {})[0]
    assert "was used and is put onto another print" in forms([*fine, *fine], {"prt-1": 2})[0]
    assert "was free and is used" in forms(fine[1:], {"prt-1": 1})[0]
    assert "1 forms are used for prt-1, and 0 sheets" in forms(fine, {})[0]


def test_a_wrong_verdict_is_found() -> None:
    came = Came(0, Wish(CITIZENS["citizen-02"], CHECKED), Saw(verdicts={("tampered", "valid"), ("genuine", "valid")}))
    assert promises._verdicts([came]) == [f"P3: a tampered certificate was called valid; {came}"]


def test_halls_take_turns() -> None:
    assert len(set(TRADES)) == len(TRADES)
    assert any(t.pad_holds for t in TRADES)
    assert any(t.prints_cost and t.forms for t in TRADES)
