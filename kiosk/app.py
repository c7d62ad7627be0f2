"""The composition root: makes everything, joins the two threads, ends everything.

The main thread is the stage's (SDL). The core thread runs one loop with everything else. The first page is painted
before the core imports anything heavy.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
import threading
import time
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, suppress
from typing import TYPE_CHECKING

from config.load import SettingsError
from config.settings import Settings
from drivers.rhythm import beat
from kiosk import first_light
from kiosk.log_tail import TAIL
from kiosk.memory import few_arenas, stay_small
from kiosk.voice import make_voice
from kiosk.watchdog import LoopBeat, Part, Watchdog
from screens.dimming import Dimming
from screens.models import Place
from screens.one_pygame import TwoPygames, check_one_pygame
from screens.screen import Reply, Screen
from screens.stage import Stage

if TYPE_CHECKING:
    from kiosk.offering.capability import Network
    from kiosk.remote.verbs import Panel
    from kiosk.visits.visit import Replies
    from kiosk.workshop import Workshop

log = logging.getLogger(__name__)

NETWORK_CHECK_S = 10.0
NETWORK_CHECK_OFFLINE_S = 2.0
NETWORK_CHECK_LONG_OFFLINE_S = 5.0
LONG_OFFLINE_MISSES = 30
"""After a minute without the platform it is not a short one; nor shall a city's terminals all hurry it as it rises."""
MISSES_BEFORE_OFFLINE = 2
CORE_END_S = 8.0
SWITCH_S = 0.0005
"""A finger wakes the stage's thread while the core computes: Python would let it wait ten times as long."""


def run(settings: Settings, *, on_ready: Callable[[], None] | None = None) -> int:
    """Run the terminal until SIGTERM, SIGINT or the window is closed. Returns the exit status."""
    try:
        check_one_pygame()
    except TwoPygames as error:
        log.error("%s", error)  # noqa: TRY400 - a sentence for who installed them; the stack says nothing more
        return 2
    beat = LoopBeat()
    logging.getLogger().addHandler(TAIL)
    core = Core(settings, on_ready, beat)
    player, narrator = make_voice(settings)
    stage = Stage(
        settings.window,
        clock=time.monotonic,
        on_reply=core.reply,
        keypad=settings.keypad,
        narrator=narrator,
        dimming=Dimming(settings.screen),
        opened=first_light.take(),
    )
    core.stage = stage
    watchdog = core.watchdog = Watchdog.of_environment(
        Part("program.screen-stuck", lambda: stage.heartbeat, lambda: threading.main_thread().ident),
        Part("program.loop-stuck", lambda: beat.at, lambda: beat.thread),
    )
    few_arenas()
    sys.setswitchinterval(SWITCH_S)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stage.close())
    stage.show(_first_page(settings))
    thread = threading.Thread(target=core.run, name="core", daemon=True)
    stage.painted = thread.start
    watchdog.begin()
    stage.run()
    watchdog.stop()
    if player is not None:
        player.close()
    core.stop()
    thread.join(CORE_END_S)
    if thread.is_alive():
        log.error("the core did not end within %g s", CORE_END_S)
        return 1
    return core.status


def _first_page(settings: Settings) -> Screen:
    """Painted before anything else is known."""
    from screens import pages
    from screens.models import Standby

    t = settings.terminal
    place = Place("zh", t.hall_zh, t.number, t.help_phone, settings.simulated)
    return pages.standby(place, Standby(0, card="id_card" in settings.devices))


class Core:
    """The core thread: one loop, started after the first paint."""

    def __init__(self, settings: Settings, on_ready: Callable[[], None] | None, beat: LoopBeat) -> None:
        self.settings = settings
        self.stage: Stage | None = None
        self.watchdog: Watchdog | None = None
        self.status = 0
        self._ends = False
        self._on_ready = on_ready
        self._beat = beat
        self._loop: asyncio.AbstractEventLoop | None = None
        self._main: asyncio.Task[None] | None = None
        self._replies: Replies | None = None

    def reply(self, reply: Reply) -> None:
        """From the stage's thread."""
        loop, replies = self._loop, self._replies
        if loop is not None and replies is not None:
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(replies.put, reply)

    def run(self) -> None:
        """The thread's body. A core that failed is begun anew, as often an hour as config/health.toml allows."""
        try:
            while not self._ends:
                try:
                    asyncio.run(self._run())
                    break
                except SettingsError as error:  # a driver that is not installed, a port of no kind: no restart mends it
                    log.error("%s", error)  # noqa: TRY400 - a sentence for who wrote the profile
                    self.status = 2
                    break
                except Exception as error:  # noqa: BLE001 - logged there: whatever it is, the terminal goes on or ends
                    from kiosk.health.restarting import may_go_on

                    self.status = may_go_on(error, self.settings.state_dir)
                    if self.status:
                        break
                    assert self.stage is not None
                    self.stage.show(_first_page(self.settings))
        finally:
            if self.stage:
                self.stage.close()

    def stop(self) -> None:
        """From the main thread: end the loop."""
        self._ends = True
        loop, main = self._loop, self._main
        if loop is not None and main is not None:
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(main.cancel)

    async def _run(self) -> None:
        from kiosk.visits.visit import Replies

        self._loop = asyncio.get_running_loop()
        self._main = asyncio.current_task()
        self._replies = Replies()
        assert self.stage is not None
        beating = asyncio.create_task(self._beat.keep())
        try:
            with suppress(asyncio.CancelledError):
                await serve(self.settings, self.stage, self._replies, self._is_ready)
        finally:
            beating.cancel()

    def _is_ready(self) -> None:
        if self.watchdog is not None:
            self.watchdog.is_ready()
        if self._on_ready is not None:
            self._on_ready()


async def serve(settings: Settings, stage: Stage, replies: Replies, on_ready: Callable[[], None] | None = None) -> None:
    """Make everything and run until cancelled."""
    from kiosk.workshop import Workshop

    small = asyncio.create_task(stay_small())
    try:
        beat = lambda: stage.heartbeat  # noqa: E731 - the stage's own clock, seen from here
        made = Workshop.open(settings, stage, replies)
        await work(made, on_ready, keeps_readiness=True, screen_beat=beat, panel=stage)
    finally:
        small.cancel()


async def work(
    made: AbstractAsyncContextManager[Workshop],
    on_ready: Callable[[], None] | None = None,
    *,
    keeps_readiness: bool = False,
    screen_beat: Callable[[], float | None] = lambda: None,
    panel: Panel | None = None,
) -> None:
    """Open the workshop and run all of it until cancelled; `kiosk.in_process` brings one with parts of its own.

    `keeps_readiness`: write down for `kiosk diagnose` how it is, and measure this process; not where simulated days
    pass in seconds. `screen_beat`: the stage's last turn. `panel`: what `kiosk ctl` looks at.
    """
    from kiosk.diagnostics.gather import keep_readiness
    from kiosk.fleet.running import keep_fleet
    from kiosk.health.watch import Health, make_meter
    from kiosk.remote.keeping import keep_remote
    from kiosk.supervision.clock_watch import watch_clock
    from kiosk.updates.joining import keep_updated

    async with AsyncExitStack() as stack:
        workshop = await stack.enter_async_context(made)
        workshop.health = Health(workshop, meter=make_meter(workshop, screen_beat) if keeps_readiness else None)
        async with asyncio.TaskGroup() as group:
            for supervisor in workshop.supervisors:
                group.create_task(supervisor.run())
            group.create_task(workshop.outbox.run())
            group.create_task(workshop.settler.run())
            group.create_task(workshop.settlement.run())
            group.create_task(workshop.storage.run())
            group.create_task(watch_clock(workshop.tools.clock, workshop.tools.journal))
            group.create_task(watch_network(workshop))
            group.create_task(workshop.catalogue.run())
            group.create_task(workshop.duties.run())
            group.create_task(workshop.device_faults.run())
            group.create_task(keep_papers_current(workshop))
            group.create_task(workshop.terminal.run())
            group.create_task(_supervise(workshop))
            group.create_task(keep_fleet(workshop))
            group.create_task(workshop.health.run())
            group.create_task(keep_updated(workshop))
            if keeps_readiness:
                group.create_task(keep_readiness(workshop))
                group.create_task(keep_remote(workshop, panel))
                if workshop.terminal.technician is not None:
                    group.create_task(workshop.terminal.technician.tell_platform())
            if on_ready:
                on_ready()


async def _supervise(workshop: Workshop) -> None:
    """The terminal's own red and yellow rules."""
    from kiosk.diagnostics.ground import certificates_of
    from kiosk.supervision.watch import SupervisionWatch

    devices = [supervisor.device for supervisor in workshop.supervisors]
    watch = SupervisionWatch(workshop.tools, workshop.network, lambda: devices)
    named = certificates_of(workshop.tools.settings)
    watch.certificates = {each.name: each.ends for each in named if each.ends is not None}
    await watch.run()


async def keep_papers_current(workshop: Workshop) -> None:
    """Void certificates, numbered forms, reference data, ticket numbers: as they change outside."""
    from kiosk.catalogue.reference_data import ReferenceData, keep_reference
    from kiosk.duties.tickets import Tickets
    from kiosk.printing.status_list import StatusLists, keep_current

    tools = workshop.tools
    lists = StatusLists(tools.settings.state_dir, tools.settings.platform.public_key)
    data = ReferenceData(tools.settings.state_dir, tools.settings.platform.public_key)
    tickets = Tickets(tools.settings.state_dir, tools.journal, tools.outbox, tools.platform, tools.clock)
    async with asyncio.TaskGroup() as group:
        group.create_task(keep_current(lists, tools.platform))
        group.create_task(tools.prints.stock.watch())
        group.create_task(keep_reference(data, tools.platform, tools.catalogue))
        group.create_task(tickets.keep())


async def watch_network(workshop: Workshop) -> None:
    """Ask the platform how it is; two misses in a row are offline, one answer is online."""
    from kiosk.diagnostics.asking import heard
    from kiosk.platform.errors import PlatformError

    network, loop = workshop.network, asyncio.get_running_loop()
    while True:
        began = loop.time()
        failed: PlatformError | None = None
        try:
            await workshop.tools.platform.health()
        except PlatformError as error:
            failed = error
            network.misses += 1
            if network.online and network.misses >= MISSES_BEFORE_OFFLINE:
                network.online = False
                workshop.terminal.poke()
        else:
            back = not network.online
            network.online, network.misses = True, 0
            if back:
                log.info("the platform answers again")
                workshop.terminal.poke()
                workshop.tools.platform.connection.breakers.hurry()
                workshop.outbox.poke()
                workshop.settler.poke()
                workshop.catalogue.poke()
        network.heard = heard(failed, loop.time() - began, network.areas_down())
        await beat(network_check_s(network))


def network_check_s(network: Network) -> float:
    """Seconds until the platform is asked again how it is."""
    if network.online and not network.misses:
        return NETWORK_CHECK_S
    return NETWORK_CHECK_OFFLINE_S if network.misses < LONG_OFFLINE_MISSES else NETWORK_CHECK_LONG_OFFLINE_S
