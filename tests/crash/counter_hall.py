"""A hall for the crash sweep, under virtual time: the real pad driver and journal, a simulated pad with its bank, a
platform that keeps cases, and a power switch that the journal's own writes can trip."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from drivers.links.memory import MemoryPort
from drivers.outcome import Done
from drivers.payment_pad.driver import PaymentPad
from drivers.supervisor import Rhythm, Supervisor
from kiosk.clock import Clock
from kiosk.duties.fulfilment import Submissions
from kiosk.duties.outbox import Outbox
from kiosk.duties.reports import Reports
from kiosk.journal import Journal
from kiosk.keys import MachineKey
from kiosk.money.charging import Money, new_id
from kiosk.platform.errors import NoReply, Unreachable
from kiosk.recovery import Settler
from simulator.models.payment_pad import PaymentPad as SimulatedPad
from simulator.ports.serve import MemoryWire

FEE_FEN = 2000


class PowerCut(BaseException):
    """The process is gone; nothing may catch this but the test."""


@dataclass
class City:
    """The platform's truth, which outlives the terminal's process. `down` and `lose_reply` are its faults."""

    cases: dict[str, str] = field(default_factory=dict)
    reports: list[tuple[str, str]] = field(default_factory=list)
    down: bool = False
    lose_reply: int = 0

    @property
    def applying(self) -> City:
        """Where applications are handed in."""
        return self

    async def submit(self, session: str, key: str, *_: Any, **__: Any) -> Any:
        """One case a key, whatever is sent again."""
        await asyncio.sleep(0.05)
        if self.down:
            raise Unreachable("down")
        self.cases.setdefault(key, f"3710{len(self.cases):012d}")
        if self.lose_reply:
            self.lose_reply -= 1
            raise NoReply("lost")
        return Accepted(self.cases[key])

    async def find_application(self, key: str) -> Any:
        """The case of a key, or None."""
        if self.down:
            raise Unreachable("down")
        return Accepted(self.cases[key]) if key in self.cases else None

    async def report_payment(self, order: str, key: str, **body: Any) -> None:
        """Keep every report."""
        if self.down:
            raise Unreachable("down")
        self.reports.append((key, str(body["state"])))


@dataclass(frozen=True)
class Accepted:
    """What the platform answers."""

    number: str
    promise_date: date = date(2026, 12, 18)
    archive: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Order:
    """A payment order as `Money` needs it."""

    id: str
    fen: int = FEE_FEN


class NoPrints:
    """This hall prints nothing."""

    async def resolve(self, intent: object) -> None:
        """Never asked."""
        raise AssertionError(intent)


class Hall:
    """The pad and the city; `run` is one life of the terminal's process."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.city = City()
        self.writes = 0
        self.powered = True
        self.pad = SimulatedPad("memory://pad", transport="tcp", join=self._wire)
        self.pad.do("auto", card="citizen-02", after=0.5)

    def _wire(self, end: Any, tap: Any) -> MemoryWire:
        return MemoryWire(end, MemoryPort("pad"), tap, self._line)

    def _line(self, direction: str, data: bytes) -> bytes:
        return data if self.powered else b""

    async def life(self, *, cut_at: int | None, visit: bool, within_s: float = 600.0) -> bool:
        """Start, settle what is open, perhaps serve one visit, settle again; true when power was cut.

        `cut_at` counts the journal's commit points of this life (before and after each write).
        """
        self.powered, self.writes = True, 0
        journal = Journal(self.folder / "journal.db", Clock(1_795_000_000.0))
        verdict = await journal.open()
        assert verdict.broken == ""
        key = MachineKey.load(self.folder / "machine.key")
        outbox = Outbox(journal, key)
        driver = PaymentPad("payment_pad", "memory://pad", {"transport": "tcp"})
        money = Money(journal, outbox, driver)
        submissions = Submissions(journal, outbox, self.city)  # type: ignore[arg-type]  # the parts that are used
        Reports(outbox, self.city, journal)  # type: ignore[arg-type]  # as above
        current = [""]
        settler = Settler(journal, money, NoPrints(), lambda: current[0])  # type: ignore[arg-type]  # as above
        dead = asyncio.Event()
        loop = asyncio.get_running_loop()

        def hook(_: str) -> None:
            self.writes += 1
            if cut_at is not None and self.writes >= cut_at:
                self.powered = False
                loop.call_soon_threadsafe(dead.set)
                raise PowerCut

        journal.hook = hook
        tasks = [
            asyncio.ensure_future(Supervisor(driver, Rhythm(), seed=1).run()),
            asyncio.ensure_future(outbox.run()),
            asyncio.ensure_future(settler.run()),
        ]
        main = asyncio.ensure_future(self._main(money, submissions, settler, journal, current, visit, within_s))
        death = asyncio.ensure_future(dead.wait())
        await asyncio.wait({main, death}, return_when=asyncio.FIRST_COMPLETED)
        cut = not self.powered
        if not cut:
            main.result()
        for task in (main, death, *tasks):
            task.cancel()
            with suppress(asyncio.CancelledError, PowerCut, Exception):
                await task
        journal.hook = None
        await driver.close()
        await journal.close()
        return cut

    async def _main(
        self,
        money: Money,
        submissions: Submissions,
        settler: Settler,
        journal: Journal,
        current: list[str],
        visit: bool,
        within_s: float,
    ) -> None:
        await asyncio.sleep(2.0)
        if visit:
            current[0] = "v-1"
            await self._visit(money, submissions)
            current[0] = ""
            settler.poke()
        async with asyncio.timeout(within_s):
            while await journal.open_intents() or await journal.rows():
                await asyncio.sleep(1.0)

    async def _visit(self, money: Money, submissions: Submissions) -> None:
        """Pay and hand in, as the journey does."""
        charge = await money.charge(
            "v-1", new_id("chg"), Order("o-1"), on_prompt=lambda _: None, cancel=asyncio.Event(), deadline_s=60
        )  # type: ignore[arg-type]  # an order as far as money needs it
        if not isinstance(charge, Done):
            return
        body = {
            "session": "s", "service": "WH-PS-001", "form": {}, "order": "o-1", "consents": [],
            "reviewed_digest": "", "submitted_at": "",
        }  # fmt: skip
        outcome = await submissions.submit("v-1", new_id("sub"), body, charge=charge.value.intent, wait_s=5)
        if not isinstance(outcome, Done):
            await money.give_back(charge.value.intent)

    def paid_fen(self) -> int:
        """What the cardholder has paid, by the bank's own ledger."""
        self.pad.ledger()
        return self.pad.terminal.ledger.balance_fen
