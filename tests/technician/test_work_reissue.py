"""A controlled document once more: with a reason, a signature, the platform's permission; once; the old void (P3)."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from work_hall import LICENCES, SIGNED, WHO, bodies, play, states, visit, workshop

from kiosk.intents import State
from kiosk.technician.work.refusal import Refusal
from kiosk.technician.work.reissue import reissuable, reissue
from simulator.hall import Hall
from simulator.trade import PRINTED, Trade

LONG_AGO = "2026-01-01T00:00:00+08:00"


@pytest.mark.promise("P3")
def test_a_certificate_is_reissued_once_and_the_old_one_is_void(tmp_path: Path) -> None:
    async def story(hall: Hall) -> None:
        await visit(hall, PRINTED)
        here = workshop(hall)
        journal = here.tools.journal
        (old,) = await reissuable(journal, LONG_AGO)
        assert (old.state, old.service, len(old.forms)) == (State.DONE, PRINTED, 1)
        for reason, signed in (("damaged", None), ("because", SIGNED)):
            with pytest.raises(Refusal):
                await reissue(here, old.id, reason, who=WHO, signed=signed)  # type: ignore[arg-type]
        with pytest.raises(Refusal, match="cannot be reissued"):
            await reissue(here, "prt-of-nobody", "damaged", who=WHO, signed=SIGNED)
        hall.do(LICENCES, "paper_out")
        await asyncio.sleep(10)
        with pytest.raises(Refusal, match="not printed"):
            await reissue(here, old.id, "damaged", who=WHO, signed=SIGNED)
        hall.do(LICENCES, "load_paper")
        await asyncio.sleep(10)
        assert len(states(hall, "print")) == 1
        done = await reissue(here, old.id, "damaged", who=WHO, signed=SIGNED)
        assert done.pages == 1
        assert done.forms != old.forms
        rows = hall.rows("SELECT serial, identifier FROM print ORDER BY rowid")
        assert len({row["serial"] for row in rows}) == len({row["identifier"] for row in rows}) == 2
        void = hall.rows("SELECT identifier, reason FROM void_certificate")
        assert [(row["identifier"], row["reason"]) for row in void] == [(rows[0]["identifier"], "replaced")]
        with pytest.raises(Refusal, match="cannot be reissued"):
            await reissue(here, old.id, "damaged", who=WHO, signed=SIGNED)
        (again,) = await reissuable(journal, LONG_AGO)
        assert again.id != old.id
        assert sorted(hall.sheets.values()) == [1, 1]

    hall = play(tmp_path, story, Trade(forms=True))
    minted = json.loads(bodies(hall, "print.minted")[-1])
    assert (minted["reason"], minted["by"], minted["signed"]) == ("damaged", WHO, SIGNED.reference)


@pytest.mark.promise("P3")
def test_without_the_platform_nothing_is_printed_and_it_can_be_tried_again(tmp_path: Path) -> None:
    async def story(hall: Hall) -> None:
        await visit(hall, PRINTED)
        here = workshop(hall)
        (old,) = await reissuable(here.tools.journal, LONG_AGO)
        hall.platform_faults(drop_reply_after_commit=True, area="print-authorisations", times=1)
        with pytest.raises(Refusal, match="no permission"):
            await reissue(here, old.id, "unreadable", who=WHO, signed=SIGNED)
        hall.platform_faults()
        async with asyncio.timeout(600):
            while states(hall, "print") != ["done", "refused"]:
                await asyncio.sleep(5)
        async with asyncio.timeout(600):
            while [row["state"] for row in hall.rows("SELECT state FROM print")] != ["PRINTED", "VOID"]:
                await asyncio.sleep(5)
        assert sum(hall.sheets.values()) == 1
        await reissue(here, old.id, "unreadable", who=WHO, signed=SIGNED)
        assert states(hall, "print") == ["done", "refused", "done"]

    play(tmp_path, story)


@pytest.mark.promise("P3")
def test_the_settler_leaves_a_reissue_alone_that_is_under_way(tmp_path: Path) -> None:
    """Its intent is of a visit that ended long ago, which is what the settler looks for."""

    async def story(hall: Hall) -> None:
        await visit(hall, PRINTED)
        here = workshop(hall)
        (old,) = await reissuable(here.tools.journal, LONG_AGO)
        ask, passes = here.tools.platform.reissues.ask, []

        async def slow(*given: Any, **more: Any) -> Any:
            passes.append(asyncio.create_task(here.settler.settle_once()))
            await asyncio.sleep(5)
            return await ask(*given, **more)

        here.tools.platform.reissues.ask = slow  # type: ignore[method-assign]
        done = await reissue(here, old.id, "damaged", who=WHO, signed=SIGNED)
        await asyncio.gather(*passes)
        assert (done.pages, states(hall, "print")) == (1, ["done", "done"])
        assert [row["state"] for row in hall.rows("SELECT state FROM print ORDER BY rowid")][-1] in (
            "AUTHORISED",
            "PRINTED",
        )

    play(tmp_path, story)


@pytest.mark.promise("P3")
@pytest.mark.promise("P9")
def test_power_goes_while_a_reissue_is_printed(tmp_path: Path) -> None:
    async def story(hall: Hall) -> None:
        await visit(hall, PRINTED)
        (old,) = await reissuable(workshop(hall).tools.journal, LONG_AGO)
        hall.on_write = lambda at: at == "after" and states(hall, "print")[-1] == "sent"
        task = asyncio.create_task(reissue(workshop(hall), old.id, "incomplete", who=WHO, signed=SIGNED))
        await asyncio.wait({task}, timeout=120)
        hall.on_write = None
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert states(hall, "print")[-1] == "sent"
        await hall.bury()
        await hall.boot()
        async with asyncio.timeout(600):
            while states(hall, "print")[-1] == "sent":
                await asyncio.sleep(5)
        assert states(hall, "print")[-1] in ("done", "refused", "unclear")
        assert sum(hall.sheets.values()) <= 2

    play(tmp_path, story)
