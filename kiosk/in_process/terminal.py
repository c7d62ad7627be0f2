"""The whole terminal inside somebody else's loop, one life at a time: for soak, crash sweep and tests.

Who brings the world (memory links, a platform in the process, eyes, a clock) finds `Life` by the entry point
`in-process` of the group `kiosk.terminals` and imports nothing of ours. It is the real terminal: the same workshop, the
same tasks as `kiosk run`; what has no place under virtual time (camera, face engine, HTTP to the printer) is given.

`cut` is the plug pulled out: from that moment nothing of this life writes to the journal or reaches a wire.
"""

from __future__ import annotations

import asyncio
import json
import logging
import random
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing, suppress
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING, Any

from config.load import load_settings
from drivers.device import Device
from drivers.errors import LinkLost
from drivers.links.memory import MemoryPort
from drivers.supervisor import Supervisor
from kiosk.app import work
from kiosk.clock import Clock
from kiosk.in_process.parts import CarriedPrinter, Shown, World
from kiosk.in_process.sight import Desk, Eyes, Faces, Reading
from kiosk.intents import FINAL, Kind, State
from kiosk.journal import JournalError, verify_file
from kiosk.keys import MachineKey
from kiosk.money.refunds import CLERK
from kiosk.visits.visit import Replies
from kiosk.workshop import Engines, Workshop, made_platform
from screens import screen as s

if TYPE_CHECKING:
    from kiosk.in_process.panel import Panel

log = logging.getLogger(__name__)

GIVEN = ("licence_printer", "camera")
POLLED = ("id_card", "payment_pad", "receipt_printer", "licence_printer", "camera")
OWNER: ContextVar[Life | None] = ContextVar("life", default=None)


class PowerCut(BaseException):
    """The process is gone; nothing may catch this."""


class _Display:
    """The screen of one life; a dead one shows nothing."""

    def __init__(self, world: World, life: Life) -> None:
        self._world, self._life = world, life

    def show(self, screen: s.Screen) -> None:
        """Tell the world."""
        if not self._life.is_dead:
            self._life.shown = Shown(screen.page, screen.language, screen.mode, screen)
            if self._life.panel is not None:
                self._life.panel.show(screen)
            self._world.seen(self._life.shown)

    def preview(self, rgb: bytes | None, width: int, height: int) -> None:
        """Nobody looks."""

    def key(self, pressed: str) -> None:
        """A key of the keypad, where somebody sits before a laid out panel."""
        if self._life.panel is not None:
            self._life.panel.key(pressed)

    def wipe(self) -> None:
        """The old page is gone."""
        self._life.shown = None
        if self._life.panel is not None:
            self._life.panel.wipe()


def _owned(loop: asyncio.AbstractEventLoop, coro: Any, **more: Any) -> asyncio.Task[Any]:
    """A task factory: what a life starts belongs to it."""
    task: asyncio.Task[Any] = asyncio.Task(coro, loop=loop, **more)
    owner = OWNER.get()
    if owner is not None:
        owner.adopt(task)
    return task


def memory_port(name: str) -> MemoryPort:
    """The device's side of `memory://name`, plugged in. Raises `PortBusy`."""
    return MemoryPort(name)


class Life:
    """One life of the terminal's process: from power on to power off, or to `cut`."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.is_dead = False
        self.shown: Shown | None = None
        self.panel: Panel | None = None
        """The laid out panel, where somebody has sat down before it (`set_up_panel`)."""
        self.replies = Replies()
        self.workshop: Workshop | None = None
        self._tasks: set[asyncio.Task[Any]] = set()
        self.ended: BaseException | None = None
        self._main: asyncio.Task[Any] | None = None
        self._died = asyncio.Event()

    async def start(self, ready_s: float = 60.0) -> None:
        """Power on; returns when the first page is there. Raises what ended it before."""
        loop = asyncio.get_running_loop()
        loop.set_task_factory(_owned)
        token = OWNER.set(self)
        try:
            self._main = asyncio.create_task(self._live())
            self._main.add_done_callback(self._over)
        finally:
            OWNER.reset(token)
        async with asyncio.timeout(ready_s):
            while self.shown is None and not self._main.done():  # noqa: ASYNC110 - whichever comes first, seldom
                await asyncio.sleep(0.05)
        if self.ended is not None:
            raise self.ended

    def _over(self, main: asyncio.Task[Any]) -> None:
        """The terminal ended; by itself, unless the plug was out."""
        error = None if main.cancelled() else main.exception()
        if not self.is_dead and not main.cancelled():
            self.ended = error or RuntimeError("the terminal ended without a reason")
        self.cut()

    async def _live(self) -> None:
        await work(self._workshop())

    @asynccontextmanager
    async def _workshop(self) -> AsyncIterator[Workshop]:
        world = self.world
        links = {f"devices.{family}.link": link for family, link in world.links.items()}
        rhythm = {f"devices.{family}.rhythm.poll_s": world.poll_s for family in POLLED}
        overrides = {"state_dir": str(world.folder), "platform.url": world.platform_url, **links, **rhythm}
        overrides |= {"platform.heartbeat_s": 3600.0, "platform.command_wait_s": 0}  # days pass here in seconds
        overrides |= dict(world.settings)
        settings = load_settings("simulated", overrides=overrides)
        there = {f: device for f, device in settings.devices.items() if f in world.links or f in GIVEN}
        settings = settings.model_copy(update={"devices": there})
        random.seed(world.seed)  # the jitter of whoever did not bring a generator of its own
        clock = Clock(world.epoch, system=world.wall)
        platform = made_platform(settings, clock, MachineKey.load(world.folder / "machine.key"), world.session)
        brought: dict[str, Device] = {"licence_printer": CarriedPrinter(world, self), "camera": Eyes(world)}
        given: dict[str, Device] = {family: device for family, device in brought.items() if family in set(there)}
        engines: Any = Engines(Faces(world), Desk(world), Reading(world))  # type: ignore[arg-type]  # they say what the world says
        display: Any = _Display(world, self)
        made = Workshop.open(
            settings, display, self.replies, platform=platform, clock=clock, given=given, engines=engines,
            catalogue=world.catalogue,
        )  # fmt: skip
        async with made as workshop:
            workshop.tools.journal.hook = self._wrote
            workshop.supervisors = [
                Supervisor(each.device, each.rhythm, world.seed + n) for n, each in enumerate(workshop.supervisors)
            ]
            self.workshop = workshop
            yield workshop

    def _wrote(self, when: str) -> None:
        if self.is_dead:
            raise PowerCut
        if self.world.wrote(when):
            self.cut()
            raise PowerCut
        if when == "before" and self.world.disk_full():
            raise sqlite3.OperationalError("database or disk is full")

    def must_live(self) -> None:
        """Raise `LinkLost` when the plug is out: nothing leaves any more."""
        if self.is_dead:
            raise LinkLost("the terminal has no power")

    def adopt(self, task: asyncio.Task[Any]) -> None:
        """A task of this life; it ends with it."""
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        if self.is_dead:
            task.cancel()

    def reply(self, key: str, value: str = "") -> None:
        """The citizen touched something."""
        if not self.is_dead:
            self.replies.put(s.Reply(key, value))

    def set_up_panel(self, heard: Callable[[tuple[str, ...]], None]) -> Panel:
        """From now on every page is laid out and spoken; `heard` gets what is said. Costs a layout a page."""
        from kiosk.in_process.panel import Panel  # pygame's fonts: nothing for a thousand visits without it

        self.panel = Panel(heard, lambda reply: self.reply(reply.key, reply.value))
        if self.shown is not None:
            self.panel.show(self.shown._screen)
        return self.panel

    def cut(self) -> None:
        """Pull the plug, now. `buried` clears away what is left in memory."""
        if not self.is_dead:
            self.is_dead = True
            self.shown = None
            self._died.set()

    async def died(self) -> None:
        """Return when the plug was pulled, or the terminal ended by itself."""
        assert self._main is not None
        death = asyncio.ensure_future(self._died.wait())
        await asyncio.wait({death, self._main}, return_when=asyncio.FIRST_COMPLETED)
        death.cancel()

    async def buried(self) -> BaseException | None:
        """End every task of this life. Returns the program error by which it ended, if that was how."""
        self.is_dead = True
        for _ in range(20):
            tasks = [task for task in self._tasks if not task.done()]
            if not tasks:
                break
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks, timeout=30.0)
        with suppress(BaseException):  # whatever a life without power ends by says nothing
            await asyncio.gather(*self._tasks, return_exceptions=True)
        return self.ended

    async def end(self) -> BaseException | None:
        """Power off in good order. Returns the program error by which it had ended before, if there was one."""
        if self._main is not None:
            self._main.cancel()
            await asyncio.wait({self._main}, timeout=60.0)
        return await self.buried()

    # What can be seen of it from outside

    @property
    def visit(self) -> str:
        """The visit under way, "" when nobody is here."""
        return self.workshop.terminal.visit_id if self.workshop is not None and not self.is_dead else ""

    @property
    def devices(self) -> dict[str, str]:
        """Family -> "" when it can be used, else the cause of its fault."""
        if self.workshop is None:
            return {}
        states = {each.device.family: each.device.status for each in self.workshop.supervisors}
        return {f: "" if st.usable else st.fault.cause if st.fault else str(st.device) for f, st in states.items()}

    @property
    def money_locked(self) -> str:
        """Why no new payment may start, "" when it may."""
        return self.workshop.tools.money.locked if self.workshop is not None else ""

    async def unsettled(self) -> list[str]:
        """Open intents and what waits in the outbox, in words without anything personal."""
        if self.workshop is None:
            return ["the terminal has not started"]
        journal = self.workshop.tools.journal
        intents = [f"{i.kind} {i.id} {i.state}" for i in await journal.open_intents()]
        return intents + [f"outbox {row.topic} {row.id}" for row in await journal.rows()]

    async def diagnosis(self) -> str:
        """The event on the first line of `kiosk diagnose`; "" while all is well or the terminal has not started."""
        from kiosk.diagnostics.gather import facts_now
        from kiosk.diagnostics.ranking import first_trouble, report

        if self.workshop is None:
            return ""
        first = first_trouble(report(await facts_now(self.workshop, (0, 0)), {}))
        return first.event if first else ""

    def forms_left(self, stock: str) -> int:
        """Free numbered forms of a kind, as the terminal last saw it."""
        return self.workshop.tools.prints.stock.left(stock) if self.workshop is not None else 0

    async def load_forms(self, stock: str, first: int, last: int) -> bool:
        """Forms `first` to `last` were put into the tray; false when the journal refuses it now."""
        if self.workshop is None:
            return False
        try:
            await self.workshop.tools.prints.stock.load(stock, "WH", first, last, width=6, who="technician")
        except JournalError as error:
            log.warning("in process: forms not loaded: %s", error)
            return False
        return True

    async def owed_by_clerk(self) -> list[str]:
        """Orders whose reversal is in doubt for good: a clerk looks at the bank's books and gives the money back."""
        if self.workshop is None:
            return []
        open_ = await self.workshop.tools.journal.open_intents()
        return [str(i.body["order"]) for i in open_ if i.body.get("way") == CLERK]

    def poke(self) -> None:
        """Look again at once at what is open, as after a visit."""
        if self.workshop is not None and not self.is_dead:
            self.workshop.settler.poke()
            self.workshop.outbox.poke()


def acts(folder: Path) -> list[dict[str, Any]]:
    """Every intent that the journal in `folder` holds: id, kind, visit, state, open, charge (the payment for it, "" for
    none); oldest first."""
    with closing(sqlite3.connect(f"file:{folder / 'journal.db'}?mode=ro", uri=True)) as db:
        rows = db.execute("SELECT id, kind, visit, state, body FROM intent ORDER BY rowid").fetchall()
    return [
        {
            "id": i,
            "kind": kind,
            "visit": visit,
            "state": state,
            "open": State(state) not in FINAL[Kind(kind)],
            "charge": str(json.loads(body).get("charge", "")),
        }
        for i, kind, visit, state, body in rows
    ]


def entries(folder: Path, kind: str = "") -> list[dict[str, Any]]:
    """The journal's entries (visit, kind, body as JSON text), of one kind or all; oldest first."""
    with closing(sqlite3.connect(f"file:{folder / 'journal.db'}?mode=ro", uri=True)) as db:
        rows = db.execute("SELECT visit, kind, body FROM entry WHERE ? IN ('', kind) ORDER BY seq", (kind,)).fetchall()
    return [dict(zip(("visit", "kind", "body"), row, strict=True)) for row in rows]


def broken(folder: Path) -> str:
    """The first break in the journal's chain, "" when it verifies."""
    return verify_file(folder / "journal.db").broken
