"""A hall whose licence printer is real too: the driver over a carrier in memory, the simulated printer behind it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from citizens_hall import Hall

from config.catalogue import Service, catalogue_from
from drivers.errors import LinkRefused, NoAnswer
from drivers.licence_printer.driver import LicencePrinter
from drivers.licence_printer.frames import Message, decode, encode
from drivers.licence_printer.http_carrier import Address, AnswerLost, parse_address
from drivers.links.memory import MemoryPort
from drivers.supervisor import Supervisor
from screens.text import as_text
from simulator.models import licence_printer, receipt_printer
from simulator.virtual_time import run_virtual

LINK = "ipp://licences.test:631/ipp/print"
WIRE_S = 0.005
Story = Callable[["PaperHall"], Awaitable[None]]


class MemoryCarrier:
    """As `HttpCarrier`, with the simulated printer in the same process; a printer without a plug is not reached."""

    def __init__(self, printer: licence_printer.LicencePrinterSim) -> None:
        self.printer = printer
        self.cable = True

    @property
    def address(self) -> Address:
        """A name that nothing resolves."""
        return parse_address(LINK)

    async def exchange(self, message: Message, document: bytes = b"", *, deadline_s: float) -> Message:
        """As `HttpCarrier.exchange`."""
        await asyncio.sleep(WIRE_S)
        if not (self.cable and self.printer.powered):
            await asyncio.sleep(deadline_s)
            raise LinkRefused(f"{LINK} cannot be reached")
        try:
            async with asyncio.timeout(deadline_s):
                answer = await self.printer.handle(encode(message, document))
        except TimeoutError:
            raise NoAnswer(f"{LINK} did not answer") from None
        if answer is None or not (self.cable and self.printer.powered):
            raise AnswerLost(f"{LINK}: the connection broke")
        return decode(answer)


class PaperHall(Hall):
    """`licences_there` is the A4 printer as hands can touch it; the receipt printer is slow enough to be disturbed."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.licences_there = licence_printer.make("tcp://127.0.0.1:0", page_s=4.0)
        self.carrier = MemoryCarrier(self.licences_there)
        driver = LicencePrinter("licence_printer", LINK, {"poll_s": 1.0}, carrier=self.carrier)
        self.licences: Any = driver
        del MemoryPort.ports["receipts"]  # the quick one of the plain hall
        self.receipts_there: Any = receipt_printer.make(str(folder / "never-opened"), speed_mm_s=30)
        self.receipts_there.port = self._join("receipts")(self.receipts_there.end, self.receipts_there.tap)

    async def __aenter__(self) -> PaperHall:
        self.licences_there.begin()
        await super().__aenter__()
        self.tasks.append(asyncio.ensure_future(Supervisor(self.licences, seed=1).run()))
        async with asyncio.timeout(60):
            while not self.licences.status.usable:
                await asyncio.sleep(0.2)
        return self

    def told(self) -> str:
        """Every word on the page now."""
        assert self.display.screen is not None
        return as_text(self.display.screen)

    async def entries(self, *prefixes: str) -> list[str]:
        """The kinds of the journal's entries that begin with one of `prefixes`, oldest first."""
        return [e["kind"] for e in await self.journal.entries(limit=5000) if e["kind"].startswith(prefixes)]

    def receipts(self) -> list[str]:
        """The text of every cut piece of receipt paper, oldest first, and of what stands in the printer uncut."""
        paper = self.receipts_there.paper
        return [*(r.text for r in paper.receipts), paper.current_text()]

    async def certificate_to_review(self) -> None:
        """The insured-status certificate up to its last page before the print."""
        await self.identified("WH-SI-001")
        await self.page("form")
        await self.press("choose:kinds", "pension")
        await self.press("next")
        await self.page("review")


def priced(hall: PaperHall) -> None:
    """The free certificate with the fee of another service, in this hall's catalogue and in its city's."""
    usual = hall.tools.catalogue
    free = usual.services["WH-SI-001"]
    steps = (*free.steps[: free.steps.index("print")], "pay", *free.steps[free.steps.index("print") :])
    changes = {"steps": steps, "fee": usual.services["WH-PS-001"].fee}
    changed = Service.model_construct(**{**dict(free), **changes})
    priced = catalogue_from(usual.fields, (changed if s.id == free.id else s for s in usual.versions))
    hall.capability.current = lambda: priced
    hall.app.state.city.catalogue = priced


def play(folder: Path, story: Story) -> None:
    """Run one story in a fresh hall."""

    async def told() -> None:
        async with PaperHall(folder) as hall:
            await story(hall)

    run_virtual(told())
