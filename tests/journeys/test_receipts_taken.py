"""What becomes of a receipt: taken from the presenter, left there, printed in part and printed again."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from citizens_hall import Hall

from drivers.links.memory import MemoryPort
from screens.screen import Screen
from screens.text import as_text
from simulator.models import receipt_printer
from simulator.virtual_time import run_virtual


class ReceiptHall(Hall):
    """A terminal with the given receipt printer, slow enough to meddle with."""

    def __init__(self, folder: Path, profile: str) -> None:
        super().__init__(folder)
        del MemoryPort.ports["receipts"]
        self.receipts_there: Any = receipt_printer.make(str(folder / "never-opened"), profile=profile, speed_mm_s=60)
        self.receipts_there.port = self._join("receipts")(self.receipts_there.end, self.receipts_there.tap)

    async def journalled(self) -> list[tuple[str, dict[str, Any]]]:
        entries = await self.journal.entries(limit=5000)
        return [(e["kind"], json.loads(e["body"])) for e in entries if e["kind"].startswith("receipt.")]

    async def paid(self) -> None:
        await self.renewal_to_pay()
        self.pad_there.do("tap", card="citizen-02")

    async def says(self, words: str, *pages: str) -> Screen:
        """Wait for `words` on one of `pages`."""
        async with asyncio.timeout(200):
            while True:
                screen = await self.page(*pages, within_s=200)
                if words in as_text(screen):
                    return screen
                await asyncio.sleep(0.2)


def play(folder: Path, story: Callable[[ReceiptHall], Awaitable[None]], profile: str = "presenter-80mm") -> None:
    async def told() -> None:
        async with ReceiptHall(folder, profile) as hall:
            await story(hall)

    run_virtual(told())


def test_a_ticket_is_taken_and_the_terminal_goes_on_at_once(tmp_path: Path) -> None:
    async def story(hall: ReceiptHall) -> None:
        await hall.paid()
        await hall.says("请取走凭条", "receipt")
        began = asyncio.get_running_loop().time()
        await asyncio.sleep(4)
        hall.receipts_there.do("tear_off")
        finish = await hall.page("finish")
        assert asyncio.get_running_loop().time() - began < 6
        assert "已取走" in as_text(finish)
        assert await hall.journalled() == [("receipt.printed", {"cause": ""}), ("receipt.taken", {})]
        await hall.goodbye()

    play(tmp_path, story)


@pytest.mark.promise("P5")
@pytest.mark.promise("P6")
def test_a_ticket_left_is_announced_pulled_back_and_recorded_in_bounded_time(tmp_path: Path) -> None:
    async def story(hall: ReceiptHall) -> None:
        await hall.paid()
        await hall.says("请取走凭条", "receipt")
        began = asyncio.get_running_loop().time()
        finish = await hall.page("finish")
        assert 30 <= asyncio.get_running_loop().time() - began < 40
        assert "请记下编号" in as_text(finish)
        assert await hall.journalled() == [("receipt.printed", {"cause": ""}), ("receipt.left", {"cleared": True})]
        state = hall.receipts_there.state()
        assert (state["ticket_in_exit"], state["retracted"]) == (False, 1 + white_at_start(hall))
        await hall.goodbye()

    play(tmp_path, story)


def white_at_start(hall: ReceiptHall) -> int:
    """White paper that was cut off at the start is no receipt and is not counted by the simulated box."""
    return sum(1 for r in hall.receipts_there.mechanism.presenter.retracted if not r.text.strip())


@pytest.mark.promise("P5")
def test_a_ticket_that_cannot_be_pulled_back_is_recorded_as_such(tmp_path: Path) -> None:
    async def story(hall: ReceiptHall) -> None:
        hall.receipts_there.do("retracting", on=False)
        await hall.paid()
        await hall.page("finish", within_s=200)
        assert (await hall.journalled())[-1] == ("receipt.left", {"cleared": False})
        await hall.goodbye()

    play(tmp_path, story)


@pytest.mark.promise("P8")
def test_what_came_out_in_part_is_printed_again_as_a_reprint_after_clearing(tmp_path: Path) -> None:
    async def story(hall: ReceiptHall) -> None:
        await hall.paid()
        await hall.page("receipt")
        await asyncio.sleep(1.0)
        hall.receipts_there.do("paper_jam")
        page = await hall.says("可能没有打完整", "receipt")
        assert "再打一次" not in as_text(page), "the printer is jammed"
        hall.receipts_there.do("clear_fault")
        await hall.says("再打一次", "receipt")
        await hall.press("again")
        finish = await hall.page("finish")
        assert "出纸口" in as_text(finish)
        whole = [r.text for r in hall.receipts_there.paper.receipts if "咨询电话" in r.text]
        assert len(whole) == 1, "what was held never came out beside the reprint"
        assert "补打" in whole[0]
        kinds = [kind for kind, _ in await hall.journalled()]
        assert kinds == ["receipt.unclear", "receipt.printed"]
        assert (await hall.journalled())[1][1]["reprint"] is True
        await hall.goodbye()

    play(tmp_path, story, "chinese-80mm")


def test_a_printer_that_refused_prints_without_the_mark_when_it_is_mended(tmp_path: Path) -> None:
    async def story(hall: ReceiptHall) -> None:
        await hall.renewal_to_pay()
        hall.receipts_there.do("cover_open")
        hall.pad_there.do("tap", card="citizen-02")
        page = await hall.says("一样有效", "receipt")
        assert "再打一次" not in as_text(page)
        hall.receipts_there.do("cover_close")
        await hall.says("再打一次", "receipt")
        await hall.press("again")
        await hall.page("finish")
        whole = [r.text for r in hall.receipts_there.paper.receipts if "咨询电话" in r.text]
        assert len(whole) == 1
        assert "补打" not in whole[0]
        await hall.goodbye()

    play(tmp_path, story, "chinese-80mm")


def test_a_payment_without_an_application_gets_a_proof_of_payment(tmp_path: Path) -> None:
    async def story(hall: ReceiptHall) -> None:
        services: Any = hall.tools.catalogue.services
        renewal = services["WH-PS-001"]
        changed = renewal.model_copy(update={"steps": tuple(s for s in renewal.steps if s != "submit")})
        object.__setattr__(hall.tools.catalogue, "services", {**services, "WH-PS-001": changed})
        try:
            await paid_without_a_case(hall)
        finally:  # every hall of this process has the same catalogue
            object.__setattr__(hall.tools.catalogue, "services", services)

    async def paid_without_a_case(hall: ReceiptHall) -> None:
        await hall.paid()
        await hall.page("finish")
        (text,) = [r.text for r in hall.receipts_there.paper.receipts if r.text.strip()]
        assert "缴费凭条" in text
        assert "￥20.00" in text
        assert "受理" not in text
        await hall.goodbye()

    play(tmp_path, story, "chinese-80mm")
