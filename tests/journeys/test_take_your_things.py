"""Card and paper that lie there: a sensor is asked, a voice says it to everybody, and it ends by itself (P5)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from by_ear import EarDisplay, EarHall

from drivers.links.memory import MemoryPort
from screens.speech.narrator import REMIND_S
from simulator.models import receipt_printer
from simulator.virtual_time import run_virtual


class TakingHall(EarHall):
    """A hall with a voice, whose loop turns, and a receipt printer that holds the ticket until it is taken."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        del MemoryPort.ports["receipts"]
        self.receipts_there: Any = receipt_printer.make(
            str(folder / "never-opened"), profile="presenter-80mm", speed_mm_s=60
        )
        self.receipts_there.port = self._join("receipts")(self.receipts_there.end, self.receipts_there.tap)

    async def turning(self) -> None:
        """The stage's loop, four times a second."""
        assert isinstance(self.display, EarDisplay)
        while True:
            self.display.stage.turn()
            await asyncio.sleep(0.25)

    def said(self, words: str) -> int:
        """How often a sentence with `words` was said."""
        return sum(words in sentence for sentence in self.ears.heard)


def play(folder: Path, story: Callable[[TakingHall], Awaitable[None]]) -> None:
    async def told() -> None:
        async with TakingHall(folder) as hall:
            turning = asyncio.create_task(hall.turning())
            try:
                await story(hall)
            finally:
                turning.cancel()
                with suppress(asyncio.CancelledError):
                    await turning

    run_virtual(told())


async def leave(hall: TakingHall) -> float:
    """Identified, and away with the card on the reader; the moment when the page says so."""
    await hall.identified("WH-SI-001")
    await hall.page("form")
    await hall.press("leave")
    await hall.page("leave")
    return asyncio.get_running_loop().time()


@pytest.mark.promise("P5")
def test_a_card_that_is_left_is_said_again_and_again_and_then_the_terminal_goes_on(tmp_path: Path) -> None:
    async def story(hall: TakingHall) -> None:
        began = await leave(hall)
        await hall.page("standby", within_s=120)
        lasted = asyncio.get_running_loop().time() - began
        longest = 30.0 + 5.0
        assert lasted <= longest
        told = hall.said("请拿好您的身份证")
        assert 1 + (lasted - 5) // REMIND_S <= told <= 1 + lasted // REMIND_S
        assert told >= 2

    play(tmp_path, story)


@pytest.mark.promise("P5")
def test_a_card_that_is_taken_ends_the_reminder_at_once(tmp_path: Path) -> None:
    async def story(hall: TakingHall) -> None:
        await leave(hall)
        await asyncio.sleep(3)
        hall.lift()
        await asyncio.sleep(2.5)
        told = hall.said("请拿好您的身份证")
        assert told == 1
        await hall.page("standby", within_s=20)
        await asyncio.sleep(2 * REMIND_S)
        assert hall.said("请拿好您的身份证") == told

    play(tmp_path, story)


@pytest.mark.promise("P5")
@pytest.mark.parametrize("taken", [True, False])
def test_a_ticket_is_asked_for_aloud_until_it_is_taken_or_pulled_back(tmp_path: Path, taken: bool) -> None:
    async def story(hall: TakingHall) -> None:
        await hall.renewal_to_pay()
        hall.pad_there.do("tap", card="citizen-02")
        async with asyncio.timeout(120):
            while not hall.said("请取走凭条"):
                await asyncio.sleep(0.2)
        assert hall.said("请取走凭条") == 1
        if taken:
            hall.receipts_there.do("tear_off")
        await hall.page("finish")
        await asyncio.sleep(REMIND_S)
        assert hall.said("请取走凭条") in ((1,) if taken else (3, 4))
        await hall.goodbye()

    play(tmp_path, story)
