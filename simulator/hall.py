"""A hall under virtual time: one terminal, the real one, between simulated devices and platform; and a power switch.

The terminal is not imported: the installed package `weihai-kiosk` declares it as an entry point
(docs/decisions/0007). Devices and platform outlive it, as they do in a hall.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

import requests

from config.catalogue import Catalogue, load_catalogue
from simulator.books import paid_fen
from simulator.device import SimDevice
from simulator.hall_wires import Ipp, Network
from simulator.models import cabinet, receipt_printer
from simulator.models.id_card_reader import IdCardReader
from simulator.models.licence_printer import LicencePrinterSim
from simulator.models.payment_pad import PaymentPad
from simulator.platform.app import create_app
from simulator.platform.city import ZONE
from simulator.platform.inprocess import QuickAdapter
from simulator.ports.serve import MemoryWire
from simulator.terminals import load_terminal
from simulator.trade import FORMS_A_RANGE, STOCK, Trade

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=ZONE)
URL = "http://platform.test"
READY_S = 90.0
Cut = Callable[[str, str, bytes], int | None]
"""(family, "in" or "out", bytes that are about to cross) -> how many still cross before the power goes; None: all."""
_halls = count(1)


@cache
def _catalogue(trade: Trade) -> Catalogue:
    """The services of such a hall; read once a process, as thousands of halls open in it."""
    return trade.catalogue(load_catalogue())


class Hall:
    """The world of one terminal. `life` is the terminal's process, None while it has no power."""

    def __init__(
        self,
        folder: Path,
        seed: int = 0,
        *,
        with_cabinet: bool = True,
        poll_s: float = 1.0,
        trade: Trade = Trade(),  # noqa: B008 - frozen
        opens: datetime = NOON,
    ) -> None:
        self.folder = folder
        self.seed = seed
        self.terminal = load_terminal()
        self.poll_s = poll_s
        self.opens = opens
        self.epoch = opens.timestamp()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._began = 0.0
        self.life: Any = None
        self.lives = 0
        self.face = "pass"
        self.code = ""
        self.desk_has = ""
        self.sheet_says: tuple[str, ...] = ()
        self.hand_says = "威海"
        self.cut: Cut | None = None
        self.on_write: Callable[[str], bool] | None = None
        self.on_page: Callable[[Any], None] | None = None
        self.errors: list[BaseException] = []
        self.changed = asyncio.Event()
        number = next(_halls)
        self._ports = {name: f"{name}-{number}" for name in ("reader", "pad", "receipts", "cabinet")}
        self._open_ports: dict[str, Any] = {}
        self.links = {
            "id_card": f"memory://{self._ports['reader']}",
            "payment_pad": f"memory://{self._ports['pad']}",
            "receipt_printer": f"memory://{self._ports['receipts']}",
            "cabinet": f"memory://{self._ports['cabinet']}?unit=1",
        }
        self.reader = IdCardReader("memory://reader", join=lambda end, _: self._wire("reader", end))
        self.pad = PaymentPad("memory://pad", transport="tcp", join=lambda end, _: self._wire("pad", end))
        self.receipts: Any = receipt_printer.make(str(folder / "never-opened"))
        self.receipts.port = self._wire("receipts", self.receipts.end)
        self.licences = LicencePrinterSim("tcp://printer.test:631")
        self.licences._port = Ipp()  # type: ignore[assignment]  # the same verbs, no socket
        if not with_cabinet:
            del self.links["cabinet"]
        self.cabinet = cabinet.CabinetSim(
            "memory://cabinet", paced=False, framing="tcp", join=lambda end, _: self._wire("cabinet", end)
        )
        self.devices: dict[str, SimDevice] = {
            device.family: device
            for device in (self.reader, self.pad, self.receipts, self.licences, *[self.cabinet] * with_cabinet)
        }
        self.trade = trade
        self.settings = trade.settings
        self.catalogue = _catalogue(trade)
        self.app = create_app(clock=self.now, catalogue=self.catalogue)
        self.platform_url = URL
        self.session, self._outside = requests.Session(), requests.Session()
        self.session.trust_env = self._outside.trust_env = False
        self._adapter = QuickAdapter(self.app)
        self.session.mount(URL, Network(self, self._adapter))
        self._outside.mount(URL, self._adapter)
        self.ahead_s = 0.0
        """How far the terminal's own clock is ahead of the hall's."""
        self.disk_refuses = 0
        """So many writes of the journal the disk refuses next; less than 0: all."""
        self._forms_loaded = 0
        self.print_jobs: dict[int, Any] = {}
        """Every job that the licence printer ever had, also those that it has forgotten."""
        self.licences.watchers.append(lambda _: self._keep_jobs())

    # What the terminal needs of its world (`kiosk.in_process.terminal.World`)

    async def ipp(self, body: bytes) -> bytes | None:
        """One request at the licence printer. Raises `ConnectionError` when it is unplugged."""
        if not self.licences._port.plugged:
            raise ConnectionRefusedError("unplugged")
        if self.trip("licences", "in", body) < len(body):
            return None
        answer = await self.licences.handle(body)
        if answer is not None and self.trip("licences", "out", answer) < len(answer):
            return None
        return answer

    def sees(self) -> str:
        """What the face comparison says; "" is a dark camera."""
        return self.face

    def held_up(self) -> str:
        """The code before the camera."""
        return self.code

    def on_desk(self) -> str:
        """What lies on the desk: "page", the key of a flaw, "" for nothing."""
        return self.desk_has

    def printed_on(self) -> tuple[str, ...]:
        """The lines on the sheet there."""
        return self.sheet_says

    def written(self) -> tuple[str, ...]:
        """What a reader of handwriting takes the strokes for, the likeliest first."""
        return tuple(self.hand_says)

    def seen(self, shown: Any) -> None:
        """Another page."""
        self.changed.set()
        if self.on_page:
            self.on_page(shown)

    def wrote(self, when: str) -> bool:
        """The journal is before or after a commit."""
        return self.on_write is not None and self.on_write(when)

    def wall(self) -> float:
        """What the clock on the terminal's board says (seconds since 1970); it may be wrong."""
        return self.now().timestamp() + self.ahead_s

    def disk_full(self) -> bool:
        """Whether the disk refuses this write of the journal; counts it."""
        if self.disk_refuses > 0:
            self.disk_refuses -= 1
            return True
        return self.disk_refuses < 0

    # Time, wires, power

    def now(self) -> datetime:
        """The hall's time: when it opened (`opens`, noon of a Saturday), and the loop's seconds since."""
        elapsed = self._loop.time() - self._began if self._loop is not None else 0.0
        return datetime.fromtimestamp(self.opens.timestamp() + elapsed, ZONE)

    def _wire(self, name: str, end: Any) -> MemoryWire:
        port = self._open_ports[name] = self.terminal.memory_port(self._ports[name])

        def bend(direction: str, data: bytes) -> bytes:
            return data[: self.trip(name, direction, data)]

        return MemoryWire(end, port, None, bend)

    def trip(self, name: str, direction: str, data: bytes) -> int:
        """How many of `data` cross: none without power, and the plug is pulled where `cut` says so."""
        if self.life is None or self.life.is_dead:
            return 0
        crossing = self.cut(name, direction, data) if self.cut else None
        if crossing is None:
            return len(data)
        self.pull_the_plug()
        return crossing

    async def open(self) -> None:
        """Plug every device in and switch the terminal on."""
        self._loop = asyncio.get_running_loop()
        self._began = self._loop.time()
        for device in self.devices.values():
            await device.plug()
        await self.boot()
        await self.load_forms()

    async def boot(self, ready: bool = True) -> None:
        """Switch the terminal on; with `ready`, wait until its devices are there or their time is over."""
        self.lives += 1
        self.epoch = self.wall()
        self.life = life = self.terminal.Life(self)
        try:
            await life.start()
        except Exception as error:  # noqa: BLE001 - whatever ended the terminal is what is looked for
            self.errors.append(error)
            life.cut()
        loop = asyncio.get_running_loop()
        until = loop.time() + READY_S
        while ready and loop.time() < until and not life.is_dead:
            if (states := life.devices) and not any(states.values()):
                return
            await asyncio.sleep(0.25)

    def pull_the_plug(self) -> None:
        """The terminal's power goes, now. `bury` must follow before the next `boot`."""
        if self.life is not None:
            self.life.cut()
            self.changed.set()

    async def bury(self) -> None:
        """What is left of the life in memory is cleared away; its connections end, as the system ends them."""
        life, self.life = self.life, None
        if life is None:
            return
        life.cut()
        error = await life.buried()
        if error is not None:
            self.errors.append(error)
        for port in self._open_ports.values():
            port.hang_up()

    async def close(self) -> None:
        """Everything off, in good order."""
        life = self.life
        if life is not None:
            error = await life.end()
            if error is not None and not isinstance(error, asyncio.CancelledError):
                self.errors.append(error)
        self.life = None
        for device in self.devices.values():
            await device.unplug()
        self._adapter.end()
        self._outside.close()
        self.app.state.city.store.close()

    # Hands

    async def plug(self, family: str) -> None:
        """Put a plug back in."""
        if family == self.receipts.family:
            self.receipts.port = self._wire("receipts", self.receipts.end)
        await self.devices[family].plug()

    async def load_forms(self) -> None:
        """A technician puts the next range of numbered forms in when few are left, and says so to the terminal."""
        life = self.life
        if not self.trade.forms or life is None or life.is_dead or life.forms_left(STOCK) > 2:
            return
        first = self._forms_loaded
        if await life.load_forms(STOCK, first, first + FORMS_A_RANGE - 1):
            self._forms_loaded += FORMS_A_RANGE

    def do(self, family: str, verb: str, **args: Any) -> Any:
        """Act on a device. Raises as `SimDevice.do`."""
        self._keep_jobs()
        return self.devices[family].do(verb, **args)

    def platform_faults(self, **plan: Any) -> None:
        """Set the platform's faults; none: it is well."""
        from simulator.platform.faults import FaultPlan

        self.app.state.faults.set(FaultPlan(**plan))

    def answer_match(self, number: str, *, confirm: bool) -> bool:
        """The citizen answers the question with that number on the phone; false when none waits (any more)."""
        from simulator.platform.problems import Refusal
        from simulator.platform.sessions import answer_match

        rows = self.rows("SELECT id FROM app_match WHERE state = 'waiting' AND number = ?", (number,))
        try:
            return bool(rows) and bool(answer_match(self.app.state.city, rows[-1]["id"], confirm=confirm))
        except Refusal:
            return False

    async def desk(self, path: str, **body: Any) -> Any:
        """Do something at the platform's own desk (`/sim/...`); None when it cannot be done now."""

        def ask() -> Any:
            answer = self._outside.post(f"{URL}/sim/{path}", json=body, timeout=5)
            return answer.json() if answer.ok else None

        return await asyncio.get_running_loop().run_in_executor(None, ask)

    def clerk_refunds(self, order: str) -> None:
        """A clerk looks into the bank's books; what was not given back there is given back at the counter, once."""
        with self.app.state.city.store.transaction() as cx:
            query = "SELECT fen, receipt_no FROM payment_order WHERE id = ? AND state <> 'REFUNDED'"
            if (row := cx.execute(query, (order,)).fetchone()) is None:
                return
            if sum(entry.moved_fen for entry in self.bank if entry.receipt_no == row["receipt_no"]) > 0:
                cx.execute(
                    "INSERT INTO payer_entry (id, reference, kind, provider, fen, at) VALUES (?, ?, ?, ?, ?, ?)",
                    (order, f"clerk-{order}", "refund", "counter", row["fen"], self.now().isoformat()),
                )
            cx.execute("UPDATE payment_order SET state = 'REFUNDED' WHERE id = ?", (order,))

    # The truth, outside the terminal

    def fee_fen(self, service: str) -> int:
        """What a service costs here; 1 where only the platform can say how much."""
        fee = self.catalogue.services[service].fee
        return fee.fen if fee.type == "fixed" else int(fee.type != "free")

    def rows(self, query: str, values: tuple[Any, ...] = ()) -> list[Mapping[str, Any]]:
        """What the platform keeps."""
        with self.app.state.city.store.transaction() as cx:
            return [dict(row) for row in cx.execute(query, values).fetchall()]

    @property
    def bank(self) -> list[Any]:
        """The bank's entries, oldest first, as they are now."""
        self.pad.ledger()
        return list(self.pad.terminal.ledger.entries)

    def paid_fen(self) -> dict[str, int]:
        """Order -> what its payer has paid in the end, at the pad and by phone, in fen. "" is for no order at all."""
        return paid_fen(self.bank, self.rows)

    @property
    def sheets(self) -> dict[str, int]:
        """Job name -> sheets that came out under it."""
        out: dict[str, int] = {}
        for job in self.print_jobs.values():
            out[job.name] = out.get(job.name, 0) + job.impressions
        return out

    def _keep_jobs(self) -> None:
        for job in self.licences.engine.jobs.values():
            self.print_jobs[id(job)] = job
