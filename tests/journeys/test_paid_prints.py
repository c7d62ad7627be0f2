"""A certificate that costs something: paid once and printed once, or the money is back (P1, P2, P3)."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from paper_hall import PaperHall, play, priced

from kiosk.intents import Kind

pytestmark = [pytest.mark.promise("P1"), pytest.mark.promise("P3")]
FEE = 2000


async def paid(hall: PaperHall) -> None:
    """Up to the print, with the fee paid by card."""
    priced(hall)
    await hall.certificate_to_review()
    await hall.press("confirm")
    await hall.page("pay")
    hall.pad_there.do("tap", card="citizen-02")


async def settled(hall: PaperHall) -> list[tuple[str, str]]:
    """Every act of the journal and where it stands, once nothing is open any more."""
    async with asyncio.timeout(900):
        while await hall.journal.open_intents():
            await asyncio.sleep(1)
    acts = []
    for entry in await hall.journal.entries(limit=5000):
        if entry["kind"].endswith(".minted"):
            intent = await hall.journal.intent(json.loads(entry["body"])["intent"])
            assert intent is not None
            acts.append((str(intent.kind), str(intent.state)))
    return acts


def test_paid_and_printed(tmp_path: Path) -> None:
    async def story(hall: PaperHall) -> None:
        await paid(hall)
        await hall.page("finish")
        assert await settled(hall) == [(Kind.CHARGE, "done"), (Kind.PRINT, "done")]
        assert hall.paid_fen() == FEE
        assert len(hall.licences_there.state()["tray"]) == 1

    play(tmp_path, story)


@pytest.mark.parametrize("lost", ["network", "printer"])
def test_paid_and_not_printed_is_paid_back(tmp_path: Path, lost: str) -> None:
    async def story(hall: PaperHall) -> None:
        if lost == "network":
            await hall.fault(down=True, area="print-authorisations")
        await paid(hall)
        async with asyncio.timeout(60):
            while "charge.charged" not in await hall.entries("charge."):
                await asyncio.sleep(0.05)
        if lost == "printer":
            hall.licences_there.do("cover_open")
        await hall.page("not_done")
        told = hall.told()
        assert "退" in told, told
        await hall.fault()  # the network is back
        acts = await settled(hall)
        assert acts == [(Kind.CHARGE, "reversed"), (Kind.PRINT, "refused")]
        assert hall.paid_fen() == 0
        assert hall.licences_there.state()["tray"] == []

    play(tmp_path, story)
