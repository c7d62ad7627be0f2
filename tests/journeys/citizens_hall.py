"""A terminal under virtual time: real journeys, journal, reader, pad and receipt printer over memory links, and the
platform in the same process; a licence printer, camera and matcher that do as they are told; a citizen by script."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import requests

from config.catalogue import load_catalogue
from config.load import load_settings
from drivers.device import DeviceState, Status
from drivers.id_card.driver import IdCardReader
from drivers.links.memory import MemoryPort
from drivers.outcome import Done, Outcome, Refused
from drivers.payment_pad.driver import PaymentPad
from drivers.receipt_printer.driver import ReceiptPrinter
from drivers.supervisor import Supervisor
from kiosk.clock import WEIHAI, Clock
from kiosk.duties.fulfilment import Prints, Submissions
from kiosk.duties.outbox import Outbox
from kiosk.duties.reports import Reports
from kiosk.in_process.parts import Shown
from kiosk.journal import Journal
from kiosk.keys import MachineKey
from kiosk.money.charging import Money
from kiosk.money.payment_ways import PaymentWays, Way
from kiosk.money.qr_payment import QrPayments
from kiosk.money.refunds import Refunds
from kiosk.offering.capability import Capability, Network
from kiosk.platform.client import Platform
from kiosk.recovery import Settler
from kiosk.terminal import Terminal
from kiosk.visits.case import Tools
from kiosk.visits.visit import Replies
from screens.screen import Reply, Screen
from simulator.filling_in import FormHands
from simulator.models import receipt_printer
from simulator.models.id_card_reader import IdCardReader as SimulatedReader
from simulator.models.payment_pad import PaymentPad as SimulatedPad
from simulator.platform.app import create_app
from simulator.platform.inprocess import InProcessAdapter
from simulator.ports.serve import MemoryWire

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=WEIHAI)
URL = "http://platform.test"
CATALOGUE = load_catalogue()


class FakeLicencePrinter:
    """Prints at once, or refuses, as told; keeps what it printed."""

    family = "licence_printer"

    def __init__(self) -> None:
        self.status = Status(DeviceState.ONLINE)
        self.pages: list[bytes] = []
        self.answer: Outcome[Any] | None = None

    async def poll(self) -> Status:
        """As it is said to be."""
        return self.status

    async def check(self, pages: int = 1) -> None:
        """Nothing is ever wrong before a print."""

    async def print_pdf(
        self, pdf: bytes, job_name: str, *, pages: int, on_job: Callable[[Any], Awaitable[None]], **_: Any
    ) -> Outcome[Any]:
        """Give the job an id, then do as told."""
        await on_job(SimpleNamespace(job_id=len(self.pages) + 1, printer_uuid="urn:uuid:0", up_time=7))
        await asyncio.sleep(3.0)
        if self.answer is not None:
            return self.answer
        self.pages.append(pdf)
        return Done(SimpleNamespace(job_id=len(self.pages), pages=pages, printer_uuid="urn:uuid:0"))

    async def find_job(self, *_: Any, **__: Any) -> Outcome[Any]:
        """Every job is over."""
        return Refused("aborted")


class FakeCamera:
    """A picture is always there unless told otherwise."""

    family = "camera"

    def __init__(self) -> None:
        self.status = Status(DeviceState.ONLINE)
        self.wiped = 0

    async def frames(self, n: int, within_s: float) -> list[object]:
        """`n` pictures."""
        await asyncio.sleep(min(0.3, within_s))
        return [object()] * n

    async def preview(self, size: tuple[int, int]) -> bytes | None:
        """Nothing to see in a test."""
        del size
        return None

    def wipe(self) -> None:
        """Count the wipes."""
        self.wiped += 1


class FakeFaces:
    """Gives the verdicts it was told to give; the last one for ever."""

    def __init__(self) -> None:
        self.bands = ["pass"]

    eyes = False
    retake_at = 0.363

    async def compare(self, *_: Any, covered_too: bool = False) -> Any:
        """One verdict."""
        await asyncio.sleep(0.2)
        band = self.bands.pop(0) if len(self.bands) > 1 else self.bands[0]
        return SimpleNamespace(band=band, score=0.8, guidance="ok", model="test", faces_found=1, turn=0.0, best=0)


@dataclass
class Display:
    """What the citizen sees; `pages` is every page in the order in which it came."""

    screen: Screen | None = None
    pages: list[str] = field(default_factory=list)
    screens: list[Screen] = field(default_factory=list)
    wipes: int = 0
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    def show(self, screen: Screen) -> None:
        """As `kiosk.visits.visit.Display`."""
        self.screen = screen
        self.screens.append(screen)
        del self.screens[:-400]
        if not self.pages or self.pages[-1] != screen.page:
            self.pages.append(screen.page)
        self.changed.set()

    def preview(self, rgb: bytes | None, width: int, height: int) -> None:
        """As `kiosk.visits.visit.Display`."""

    def wipe(self) -> None:
        """As `kiosk.visits.visit.Display`."""
        self.wipes += 1
        self.screens.clear()


class Hall:
    """The terminal and the city, alive inside `async with`."""

    def __init__(self, folder: Path, ways: tuple[Way, ...] = ("card",)) -> None:
        self.folder = folder
        self.ways = ways
        self.display = Display()
        self.reader_there = SimulatedReader("memory://reader", join=self._join("reader"))
        self.pad_there = SimulatedPad("memory://pad", transport="tcp", join=self._join("pad"))
        self.receipts_there: Any = receipt_printer.make(str(folder / "never-opened"))
        self.receipts_there.port = self._join("receipts")(self.receipts_there.end, self.receipts_there.tap)
        self.licences = FakeLicencePrinter()
        self.camera = FakeCamera()
        self.faces = FakeFaces()
        self.network = Network()

    @staticmethod
    def _join(name: str) -> Callable[[Any, Any], MemoryWire]:
        return lambda end, tap: MemoryWire(end, MemoryPort(name), tap)

    async def __aenter__(self) -> Hall:
        settings = load_settings("simulated", overrides={"state_dir": str(self.folder)})
        clock = Clock(NOON.timestamp())
        self.app = create_app(clock=Clock(NOON.timestamp()).now, catalogue=CATALOGUE)
        session = requests.Session()
        session.trust_env = False
        session.mount(URL, InProcessAdapter(self.app))
        platform_settings = settings.platform.model_copy(update={"url": URL})
        self.platform = Platform(
            platform_settings, settings.terminal.id, session=session, now=clock.platform_now, heard=clock.heard
        )
        self.journal = Journal(self.folder / "journal.db", clock)
        await self.journal.open()
        key = MachineKey.load(self.folder / "machine.key")
        outbox = Outbox(self.journal, key)
        reader = IdCardReader("id_card", "memory://reader", {"portrait": "standin"})
        pad = PaymentPad("payment_pad", "memory://pad", {"transport": "tcp"})
        receipts = ReceiptPrinter("receipt_printer", "memory://receipts", {"profile": self.receipts_there.profile.name})
        refunds = Refunds(self.journal, self.platform, clock.monotonic)
        self.money = Money(self.journal, outbox, pad, refunds)
        self.qr = QrPayments(self.journal, self.platform, clock)
        ways = PaymentWays(self.ways, self.money, self.qr, pad, self.camera, lambda: self.network.online)  # type: ignore[arg-type]  # a camera as far as it is asked
        submissions = Submissions(self.journal, outbox, self.platform)
        prints = Prints(self.journal, outbox, self.platform, self.licences, settings.terminal.id, True)  # type: ignore[arg-type]
        Reports(outbox, self.platform, self.journal)
        catalogue = CATALOGUE
        tools: Any = Tools(
            settings, catalogue, clock, self.journal, key, outbox, self.money, submissions, prints, self.platform,
            reader, pad, receipts, self.licences, self.camera, self.faces,  # type: ignore[arg-type]
            self.qr, ways,
        )  # fmt: skip
        devices: Any = {d.family: d for d in (reader, pad, receipts, self.licences, self.camera)}
        self.replies = Replies()
        self.capability = Capability(catalogue, devices, self.money, self.network)
        self.terminal = Terminal(tools, self.capability, self.display, self.replies)
        self.tools = tools
        self.capability.ways = ways
        settler = Settler(self.journal, self.money, prints, lambda: self.terminal.visit_id, self.qr, refunds)
        settler.watchers.append(self.terminal.settlement)
        self.terminal.settler = settler
        for device in (self.reader_there, self.pad_there, self.receipts_there):
            await device.plug()
        self.devices = [reader, pad, receipts]
        self.tasks = [
            asyncio.ensure_future(work)
            for work in (
                *(Supervisor(d, seed=1).run() for d in self.devices),
                outbox.run(),
                settler.run(),
                self.terminal.run(),
            )
        ]
        async with asyncio.timeout(60):
            while not all(d.status.usable for d in self.devices):
                await asyncio.sleep(0.2)
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self.tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        for device in (self.reader_there, self.pad_there, self.receipts_there):
            await device.unplug()
        await self.journal.close()
        await self.platform.close()

    # The citizen

    async def desk(self, path: str, **body: Any) -> Any:
        """Do something at the simulator's desk: a phone, a knob."""
        return await asyncio.to_thread(self._at_desk, "POST", path, body)

    async def page(self, *names: str, within_s: float = 120.0) -> Screen:
        """Wait until one of `names` is shown."""
        async with asyncio.timeout(within_s):
            while self.display.screen is None or self.display.screen.page not in names:
                self.display.changed.clear()
                await self.display.changed.wait()
        await asyncio.sleep(0.05)
        assert self.display.screen is not None
        return self.display.screen

    async def press(self, key: str, value: str = "") -> None:
        """Touch something, and give the terminal a moment."""
        self.replies.put(Reply(key, value))
        await asyncio.sleep(0.2)

    async def type(self, digits: str) -> None:
        """Type on the keypad."""
        for digit in digits:
            await self.press("key", digit)

    async def to_consent(self, service: str) -> None:
        """From standby to the consent page of `service`."""
        await self.page("standby")
        await self.press("start")
        await self.page("home")
        await self.press("service", service)
        await self.page("guide")
        await self.press("start")
        await self.page("consent")

    async def identified(self, service: str, card: str = "citizen-02") -> None:
        """Agree and lay the card down; afterwards the page behind the card step is shown."""
        await self.to_consent(service)
        await self.press("agree")
        await self.page("place_card")
        self.reader_there.do("present", card=card)

    async def renewal_to_pay(self, card: str = "citizen-02") -> None:
        """The ID-card renewal up to the pad."""
        await self.identified("WH-PS-001", card)
        await self.page("consent")
        await self.press("agree")
        await self.filled("WH-PS-001", phone="19906311074", receive_mode="pickup")
        await self.press("confirm")
        await self.page("pay")

    async def filled(self, service: str, within_s: float = 120.0, **answers: str) -> Screen:
        """Through what was found and through the form of `service`, by touches only; returns its review."""
        hands = FormHands(CATALOGUE.services[service], self._touch, lambda _: None, answers=answers)
        async with asyncio.timeout(within_s):
            while screen := await self.page("form", "materials", "choose_from", "address", "writing", "review"):
                if screen.page == "review":
                    break
                if screen.page == "materials":
                    await self.press("continue")
                else:
                    await hands.act(Shown(screen.page, screen.language, screen.mode, screen))
                    await asyncio.sleep(0.2)
        return screen

    def _touch(self, key: str, value: str) -> None:
        self.replies.put(Reply(key, value))

    async def goodbye(self) -> None:
        """Take the card, leave, and wait for standby."""
        await self.page("finish", "not_done", "receipt")
        self.lift()
        await self.press("leave")
        await self.page("standby")

    def paid_fen(self) -> int:
        """What the cardholder has paid, by the bank's ledger."""
        self.pad_there.ledger()
        return self.pad_there.terminal.ledger.balance_fen

    async def sim(self, path: str) -> Any:
        """The platform's own view: cases, orders, prints, evaluations, app-matches."""
        found = await asyncio.to_thread(self._at_desk, "GET", path, None)
        return found.get("items", found) if isinstance(found, dict) else found

    async def fault(self, **plan: Any) -> None:
        """Set the platform's faults; nothing ends them."""
        await asyncio.to_thread(self._at_desk, "POST", "faults", plan)

    async def answer_match(self, answer: str) -> None:
        """The citizen answers on the phone: confirm or refuse."""
        match = (await self.sim("app-matches"))[-1]
        await asyncio.to_thread(self._at_desk, "POST", f"app-matches/{match['id']}", {"answer": answer})

    def _at_desk(self, method: str, path: str, body: Any) -> Any:
        session = requests.Session()
        session.mount(URL, InProcessAdapter(self.app))
        reply = session.request(method, f"{URL}/sim/{path}", json=body, timeout=5)
        reply.raise_for_status()
        return reply.json() if reply.content else None

    def lift(self) -> None:
        """Take the card, if it lies there."""
        if self.reader_there.state()["card"]:
            self.reader_there.do("lift")
