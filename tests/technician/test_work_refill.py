"""Refilling: what was put in is believed as far as the sensors agree; forms are counted by one, signed by another."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from work_hall import LICENCES, RECEIPTS, SIGNED, WHO, bodies, play, restart, workshop

from kiosk.printing.supplies import SupplyStore
from kiosk.technician.work import forms, refill
from kiosk.technician.work.refusal import Refusal
from kiosk.technician.work.signing import Signed
from simulator.hall import Hall
from simulator.trade import STOCK, Trade

FORMS = Trade(forms=True)


def test_a_new_roll_is_counted_from_nothing_and_a_printer_without_paper_is_not_believed(tmp_path: Path) -> None:
    async def story(hall: Hall) -> None:
        here = workshop(hall)
        await here.supplies.used(31_000)
        hall.do(RECEIPTS, "new_roll")
        done = await refill.new_roll(here, WHO)
        assert (done.metres_left, round(done.was_m or 0)) == (here.tools.receipt_printer.roll_m, 31)
        with pytest.raises(Refusal, match="1 to 1000"):
            await refill.new_roll(here, WHO, metres=-3)
        hall.do(RECEIPTS, "near_end")
        with pytest.raises(Refusal, match="sees the end of this roll"):
            await refill.new_roll(here, WHO)
        assert (await refill.new_roll(here, WHO, metres=9)).metres_left == 9.0
        hall.do(RECEIPTS, "paper_out")
        with pytest.raises(Refusal, match="still sees no paper"):
            await refill.new_roll(here, WHO)

    hall = play(tmp_path, story)
    body, part = map(json.loads, bodies(hall, "work.refilled"))
    assert (part["metres"], part["sensor"]) == (9, "low")
    assert (body["what"], body["was"], body["who"]) == ("roll", 31.0, WHO)


def test_toner_that_the_printer_still_calls_low_is_not_new(tmp_path: Path) -> None:
    async def story(hall: Hall) -> None:
        here = workshop(hall)
        hall.do(LICENCES, "toner_low")
        with pytest.raises(Refusal) as refused:
            await refill.new_toner(here, WHO)
        assert "墨粉" in refused.value.sentence("zh")
        assert refused.value.remedy("ko")
        hall.do(LICENCES, "new_toner")
        assert (await refill.new_toner(here, WHO)).what == "toner"
        hall.do(LICENCES, "paper_out")
        with pytest.raises(Refusal, match="no paper"):
            await refill.plain_paper(here, WHO)
        await hall.devices[LICENCES].unplug()
        with pytest.raises(Refusal, match="does not answer"):
            await refill.plain_paper(here, WHO)

    hall = play(tmp_path, story)
    assert len(bodies(hall, "work.refilled")) == 1


@pytest.mark.promise("P3")
def test_forms_are_counted_by_one_and_signed_by_another(tmp_path: Path) -> None:
    async def story(hall: Hall) -> None:
        stock = workshop(hall).tools.prints.stock
        first = stock.shelves[STOCK].free
        assert (first[0], len(first)) == ("WH000000", 12)
        more: Any = {"who": WHO, "signed": SIGNED}
        with pytest.raises(Refusal, match="supervisor has to confirm"):
            await forms.load(stock, STOCK, "WH000012", "WH000019", 8, who=WHO, signed=None)
        with pytest.raises(Refusal, match="who counted"):
            await forms.load(stock, STOCK, "WH000012", "WH000019", 8, who=WHO, signed=Signed(WHO))
        with pytest.raises(Refusal, match="8 / 7"):
            await forms.load(stock, STOCK, "WH000012", "WH000019", 7, **more)
        assert await forms.load(stock, STOCK, "WH000012", "WH000019", 8, **more) == 8
        with pytest.raises(Refusal, match="loaded before"):
            await forms.load(stock, STOCK, "WH000019", "WH000020", 2, **more)
        assert await forms.take_out(stock, STOCK, ["WH000003"], "damaged", **more) == 1
        with pytest.raises(Refusal, match="not a free form"):
            await forms.take_out(stock, STOCK, ["WH000003"], "damaged", **more)
        assert forms.numbered("WH000098", "WH000101") == ("WH000098", "WH000099", "WH000100", "WH000101")
        for first_out, last_out in (
            ("WH000005", "WH000004"),
            ("WH000001", "XX000002"),
            ("WH0001", "WH000002"),
            ("1", "2"),
            ("WH000000", "WH000200"),
        ):
            with pytest.raises(Refusal):
                forms.numbered(first_out, last_out)
        # 19 in the ledger; in the tray lie 2..18 without 5: 15 of them.
        with pytest.raises(Refusal, match="name the missing"):
            await forms.counted(stock, STOCK, 15, first="WH000002", last="WH000018", why="not-found", **more)
        with pytest.raises(Refusal, match="say why"):
            await forms.counted(stock, STOCK, 15, first="WH000002", last="WH000018", absent=["WH000005"], **more)
        found = await forms.counted(
            stock, STOCK, 15, first="WH000002", last="WH000018", absent=["WH000005"], why="not-found", **more
        )
        assert (found.expected, found.missing) == (19, ("WH000000", "WH000001", "WH000005", "WH000019"))
        (now,) = await forms.shelved(stock)
        assert (now.free, now.first, now.last) == (15, "WH000002", "WH000018")
        await restart(hall)
        assert workshop(hall).tools.prints.stock.left(STOCK) == 15

    hall = play(tmp_path, story, FORMS)
    (counted,) = map(json.loads, bodies(hall, "stock.counted"))
    assert (counted["why"], counted["signed"], counted["expected"]) == ("not-found", SIGNED.reference, 19)


@pytest.mark.promise("P9")
def test_power_goes_at_every_write_of_a_count_and_the_ledger_is_whole_or_untouched(tmp_path: Path) -> None:
    left = []

    def cut_at(when: str) -> None:
        async def story(hall: Hall) -> None:
            stock = workshop(hall).tools.prints.stock
            hall.on_write = lambda at: at == when
            task = asyncio.create_task(
                forms.counted(
                    stock, STOCK, 10, first="WH000002", last="WH000011", why="not-found", who=WHO, signed=SIGNED
                )
            )
            await asyncio.wait({task}, timeout=5)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            hall.on_write = None
            await hall.bury()
            await hall.boot()
            await workshop(hall).tools.prints.stock.refresh()
            left.append(workshop(hall).tools.prints.stock.left(STOCK))

        play(tmp_path / when, story, FORMS)

    for when in ("before", "after"):
        (tmp_path / when).mkdir()
        cut_at(when)
    assert left[0] in (12, 10)
    assert set(left) <= {12, 10}
    assert left[1] == 10


@pytest.mark.promise("P9")
def test_power_goes_between_the_new_roll_and_its_record(tmp_path: Path) -> None:
    async def story(hall: Hall) -> None:
        here = workshop(hall)
        await here.supplies.used(31_000)
        hall.do(RECEIPTS, "new_roll")
        hall.on_write = lambda at: at == "before"
        task = asyncio.create_task(refill.new_roll(here, WHO))
        await asyncio.wait({task}, timeout=30)
        hall.on_write = None
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await hall.bury()
        await hall.boot()
        # The roll is in, and is counted from nothing; that somebody said so is not claimed.
        assert SupplyStore(hall.folder).read()["receipt_printer"].mm < 1000

    hall = play(tmp_path, story)
    assert bodies(hall, "work.refilled") == []


def test_a_signature_is_a_digest_and_never_a_name() -> None:
    with pytest.raises(ValueError, match="keyed digest"):
        Signed("王师傅")
