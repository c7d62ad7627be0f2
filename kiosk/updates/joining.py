"""The updater joined to a terminal: what quiet and ready mean there, which installer the machine has."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from importlib.metadata import version
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from config.settings import Settings
from kiosk.diagnostics.gather import NETWORKED
from kiosk.duties.office_commands import CannotDo
from kiosk.events import LEVELS, events, log_line
from kiosk.health.power import Phase
from kiosk.health.restarting import BeginAnew
from kiosk.journal import JournalError
from kiosk.updates import rauc
from kiosk.updates.around import Around, Readiness
from kiosk.updates.installer import Installer
from kiosk.updates.package import ByOrder
from kiosk.updates.state import StateFile
from kiosk.updates.updater import Updater

if TYPE_CHECKING:
    from kiosk.workshop import Workshop

log = logging.getLogger(__name__)

REASON: Final = "reason.updating"
PACKAGE: Final = "weihai-kiosk"
UNWELL: Final = frozenset({"loop-slow", "screen-stands", "memory-high", "descriptors"})
"""Rules of config/health.toml that a new version must not break."""


async def begin_again() -> None:
    """End the program; systemd begins the one that is installed now."""
    raise BeginAnew("process", "update")


async def installer_of(settings: Settings, file: StateFile) -> Installer | None:
    """What the settings ask for, or what the machine has."""
    wanted = settings.updates.method
    if wanted == "none":
        return None
    if wanted == "rauc" or (wanted == "auto" and await rauc.is_there()):
        return rauc.Rauc()
    return ByOrder(file.folder, begin_again)


class Quiet:
    """Whether a version may be installed now."""

    def __init__(self, workshop: Workshop) -> None:
        self._workshop = workshop
        self._last = asyncio.get_running_loop().time()

    async def why_not(self) -> str:
        """Somebody is here or was just now, an act is open, the battery, the hour; "" nothing speaks against it."""
        workshop, settings = self._workshop, self._workshop.tools.settings.updates
        if why := self.why_not_back():
            return why
        if asyncio.get_running_loop().time() - self._last < settings.quiet_s:
            return "somebody was here just now"
        try:
            if open_ := await workshop.tools.journal.open_intents():
                return f"{len(open_)} acts are not settled"
        except JournalError:
            return "the journal cannot be read"
        at = f"{workshop.tools.clock.now():%H:%M}"
        start, end = settings.window_from, settings.window_to
        inside = start == end or (start <= at < end if start < end else at >= start or at < end)
        return "" if inside else f"between {start} and {end}"

    def why_not_back(self) -> str:
        """Somebody is here, or the battery: what alone keeps a version that is not well."""
        health = self._workshop.health
        if self._workshop.terminal.visit_id or (health is not None and health.is_busy):
            self._last = asyncio.get_running_loop().time()
            return "somebody is here"
        if health is not None and health.phases.phase is not Phase.MAINS:
            return "the terminal runs on its battery"
        return ""

    async def mind(self, every_s: float = 20.0) -> None:
        """Notice visits for ever, also short ones between two questions."""
        while True:
            if self._workshop.terminal.visit_id:
                self._last = asyncio.get_running_loop().time()
            await asyncio.sleep(every_s)


def ready(workshop: Workshop, had: tuple[str, ...]) -> Readiness:
    """Whether this program serves as the one before it did."""
    journal, health = workshop.tools.journal, workshop.health
    if journal.trouble or journal.hold:
        return Readiness(f"journal: {journal.trouble or journal.hold}")
    if health is not None:
        if broken := UNWELL.intersection(health.verdict.broken):
            return Readiness(f"health: {', '.join(sorted(broken))}")
        if health.phases.phase is not Phase.MAINS:
            return Readiness("on battery", ours=False)
    online = workshop.network.online
    if lost := sorted(set(had) - set(usable(workshop))):
        # A pad or a printer on the hall's network is away with the network.
        ours = online or not _networked(workshop.tools.settings).issuperset(lost)
        return Readiness(f"devices: {', '.join(lost)}", ours)
    if not online:
        return Readiness("the platform does not answer", ours=False)
    capability = workshop.terminal.capability
    if not capability.closed_now and not capability.available():
        return Readiness("nothing can be offered")
    return Readiness()


def _networked(settings: Settings) -> set[str]:
    """Names of the devices that have an address of their own."""
    return {name for name, device in settings.devices.items() if urlsplit(device.link).scheme in NETWORKED}


def usable(workshop: Workshop) -> tuple[str, ...]:
    """Names of the devices that can be used now."""
    return tuple(each.device.name for each in workshop.supervisors if each.device.status.usable)


async def make_updater(workshop: Workshop, installer: Callable[[StateFile], Awaitable[Installer | None]] | None = None,
    running: str = "", quiet: Quiet | None = None) -> Updater:  # fmt: skip
    """The updater of a terminal that has a health watch. `running`: this program's version."""
    tools = workshop.tools
    settings = tools.settings
    file = StateFile(settings.state_dir)
    quietly = quiet or Quiet(workshop)

    async def note(kind: str, body: Mapping[str, object]) -> None:
        try:
            await tools.journal.note("", kind, body)
        except JournalError as error:
            log.warning("%s could not be journalled: %s", kind, error)

    around = Around(
        settings.terminal.id,
        running or version(PACKAGE),
        tools.clock.platform_now,
        tools.clock.monotonic,
        quietly.why_not,
        lambda had: ready(workshop, had),
        lambda: usable(workshop),
        note,
        not_back=quietly.why_not_back,
    )
    chosen = await (installer(file) if installer else installer_of(settings, file))
    updater = Updater(settings.updates, file, around, chosen)
    updater.changed = workshop.terminal.poke
    if workshop.health is not None:
        workshop.health.further = lambda: {"all": REASON} if updater.closes else {}
    return updater


async def keep_updated(workshop: Workshop) -> None:
    """Run beside everything else, for ever; at once over where no updates are set up and no boot loader counts."""
    settings = workshop.tools.settings
    file = StateFile(settings.state_dir)
    if not settings.updates.url and not file.path.exists() and not rauc.SYSTEM.exists():
        return
    quiet = Quiet(workshop)
    updater = await make_updater(workshop, quiet=quiet)

    async def look(_: Mapping[str, str]) -> str:
        if not settings.updates.url:
            raise CannotDo("no updates are set up here (updates.url)")
        updater.poke()
        return f"looking for a version newer than {updater.around.running}"

    workshop.duties.commands.add("update", look)
    if updater.state.phase in ("installed", "trying"):
        told = events()["updates.trying"]
        log.log(LEVELS[told.severity], log_line(told, "", updater.state.version))
    async with asyncio.TaskGroup() as group:
        group.create_task(updater.run())
        group.create_task(quiet.mind())
