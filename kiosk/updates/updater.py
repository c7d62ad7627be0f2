"""Takes a new version from the manifest to kept, or back: one step at a time, each on disk before it is begun.

What may be interrupted at any moment is in `kiosk.updates.state`; what is done at the next start is `step` again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from config.update_settings import UpdateSettings
from kiosk.events import LEVELS, events, log_line, long_act
from kiosk.health.restarting import BeginAnew
from kiosk.journal.file import SCHEMA_VERSION, SCHEMAS_READ
from kiosk.updates.fetching import CannotFetch, fetch_file, fetch_manifest, is_whole
from kiosk.updates.installer import CannotInstall, Installer
from kiosk.updates.manifest import BadManifest, Manifest, Method, read_manifest, why_not
from kiosk.updates.package import MANIFEST
from kiosk.updates.rings import begins_at
from kiosk.updates.state import State, StateFile

log = logging.getLogger(__name__)

MOST_TRIES: Final = 3
STEP_S: Final = 20.0
AFTER_BUG_S: Final = 60.0
AGAIN_S: Final = 86_400.0
"""So long after it could not be installed the same version is tried again."""
Note = Callable[[str, Mapping[str, object]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Around:
    """What the updater needs of its terminal."""

    terminal: str
    running: str
    """The version of this program."""
    now: Callable[[], datetime]
    monotonic: Callable[[], float]
    quiet: Callable[[], Awaitable[str]]
    """Why nothing may be installed now ("" nothing speaks against it): a visit, an open act, the battery, the hour."""
    ready: Callable[[tuple[str, ...]], Readiness]
    """Whether this program serves as it should; given the devices that could be used before."""
    usable: Callable[[], tuple[str, ...]]
    """Devices that can be used now."""
    note: Note
    """Writes an entry of the journal."""
    manifest: Callable[[str], bytes] = fetch_manifest
    not_back: Callable[[], str] = lambda: ""
    """Why a version that is not well may not be taken back now: somebody is here, the battery. No hour, and no act
    that it leaves open: it may be what cannot settle it, and what is open is on disk."""


@dataclass(frozen=True, slots=True)
class Readiness:
    """`why` it is not well, "" when it is; not `ours`: the platform or mains are away, which no version can help."""

    why: str = ""
    ours: bool = True


class Updater:
    """`installer` None: manifests are looked at, and nothing is installed (`method = "none"`)."""

    def __init__(self, settings: UpdateSettings, file: StateFile, around: Around, installer: Installer | None) -> None:
        self.settings = settings
        self.file = file
        self.around = around
        self.installer = installer
        self.state = file.read()
        self.closes = False
        """Files under the running program are exchanged: nobody may begin a visit."""
        self.changed: Callable[[], None] = lambda: None
        self._asked_at: float | None = None
        self._well_since: float | None = None
        self._wake = asyncio.Event()
        self.last_look = ""
        """What the last look at the server came to, for people."""

    def poke(self) -> None:
        """Look at the server now (a command of the office)."""
        self._asked_at = None
        self._wake.set()

    async def run(self) -> None:
        """For ever. A disk that refuses, or a bug in here, stops updates and nothing else."""
        while True:
            try:
                while await self.step():
                    pass
            except OSError as error:
                log.error("updates: %s: %s", self.file.path, error.strerror)  # noqa: TRY400 - the disk, not us
            except BeginAnew:
                raise
            except Exception:
                log.exception("updates: a program error; again in %g s", AFTER_BUG_S)
                await asyncio.sleep(AFTER_BUG_S)
            self._wake.clear()
            try:
                async with asyncio.timeout(STEP_S):
                    await self._wake.wait()
            except TimeoutError:
                continue

    async def step(self) -> bool:
        """One step; true when the next may follow at once. Raises `OSError` when the state cannot be kept."""
        match self.state.phase:
            case "offered":
                return await self._fetch()
            case "fetched":
                return await self._install()
            case "installing" | "installed":
                return await self._begun()
            case "trying":
                return await self._try()
            case "rolling-back":
                return await self._going_back()
        return await self._look()

    # One method a phase

    async def _look(self) -> bool:
        """Ask the server for a manifest, once every `every_s`."""
        now = self.around.monotonic()
        if not self.settings.url or self.installer is None:
            return False
        if self._asked_at is not None and now - self._asked_at < self.settings.every_s:
            return False
        self._asked_at = now
        url = f"{self.settings.url.rstrip('/')}/{self.settings.channel}.json"
        try:
            data = await asyncio.to_thread(self.around.manifest, url)
            manifest = read_manifest(data, self.settings.public_key)
        except (CannotFetch, BadManifest) as error:
            if str(error) != self.last_look:
                log.warning("updates: %s", error)
            self.last_look = str(error)
            return False
        self.last_look = self._not_for_us(manifest)
        if self.last_look:
            return False
        wanted = manifest.file(_method(self.installer.method))
        assert wanted is not None
        await asyncio.to_thread(self._keep_manifest, data)
        offered = replace(
            self.state,
            version=manifest.version,
            previous=self.around.running,
            file=wanted.name,
            sha256=wanted.sha256,
            size=wanted.size,
            method=self.installer.method,
            serial=manifest.serial,
            tries=0,
            deadline="",
            said="",
        )
        await self._to(offered, "offered")
        return True

    def _not_for_us(self, manifest: Manifest) -> str:
        now, state = self.around.now(), self.state
        assert self.installer is not None
        why = why_not(
            manifest,
            channel=self.settings.channel,
            running=self.around.running,
            now=now,
            journal_schema=SCHEMA_VERSION,
            schemas_read=SCHEMAS_READ,
            serial=state.serial,
            bad=frozenset(state.bad),
        )
        if why:
            return why
        if manifest.file(_method(self.installer.method)) is None:
            return f"it does not come as {self.installer.method}"
        begins = begins_at(manifest, self.around.terminal, self.settings.ring)
        if begins is None or now < begins:
            return "its ring has not begun here" + (f": {begins.isoformat(timespec='minutes')}" if begins else "")
        failed_at = datetime.fromisoformat(state.since) if state.phase == "failed" and state.since else None
        if failed_at and manifest.version == state.version and now - failed_at < timedelta(seconds=AGAIN_S):
            return f"it could not be installed: {state.said}"
        return ""

    def _keep_manifest(self, data: bytes) -> None:
        self.file.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        (self.file.folder / MANIFEST).write_bytes(data)

    async def _fetch(self) -> bool:
        state = self.state
        url = f"{self.settings.url.rstrip('/')}/{state.file}"
        self.file.tidy(frozenset({MANIFEST, state.file, f"{state.file}.part"}))
        try:
            await asyncio.to_thread(fetch_file, url, self.file.folder / state.file, state.size, state.sha256)
        except CannotFetch as error:
            if state.tries + 1 >= MOST_TRIES * 4:
                await self._failed(str(error))
            else:
                self._keep(replace(state, tries=state.tries + 1, said=str(error)[:200]))
            return False
        await self._to(replace(state, tries=0, said=""), "fetched")
        return True

    async def _install(self) -> bool:
        """When it is quiet. From here on a power cut leaves the old or the new version running."""
        state = self.state
        if self.installer is None or self._too_late():
            await self._failed("it is not wanted any more")
            return False
        if await self.around.quiet():
            return False
        if not await asyncio.to_thread(is_whole, self.file.folder / state.file, state.size, state.sha256):
            await self._to(state, "offered")
            return True
        self.closes = self.installer.method == "package"
        self.changed()
        try:
            if why := await self.around.quiet():  # who came while the door was being closed is served first
                log.info("updates: later: %s", why)
                return False
            deadline = (self.around.now() + timedelta(minutes=self.settings.within_min)).isoformat(timespec="seconds")
            ready = replace(state, tries=state.tries + 1, deadline=deadline, had=self.around.usable())
            await self._to(ready, "installing")
            try:
                with long_act("update.install"):
                    await self.installer.install(self.file.folder / state.file, state.version)
            except CannotInstall as error:
                await self._failed(str(error))
                return False
            await self._to(replace(self.state, tries=0), "installed")
            await self._start_anew()
        finally:
            self.closes = False
            self.changed()
        return False

    def _too_late(self) -> bool:
        """The manifest that was kept is no longer valid: expired, or another key is believed by now."""
        try:
            manifest = read_manifest((self.file.folder / MANIFEST).read_bytes(), self.settings.public_key)
        except (OSError, BadManifest):
            return True
        return self.around.now() >= manifest.expires or manifest.version != self.state.version

    async def _begun(self) -> bool:
        """After a start in the middle of it: which version runs says how far it came."""
        state = self.state
        if self.around.running == state.version:
            await self._to(replace(state, tries=0), "trying")
            return True
        if state.tries >= MOST_TRIES:
            if state.phase == "installed":
                await self._rolled_back("the old version started instead")
            else:
                await self._failed("it was interrupted too often")
            return False
        if state.phase == "installing":
            await self._to(state, "fetched")  # done again whole; `tries` counts on
            return True
        if await self.around.quiet():
            return False
        self._keep(replace(state, tries=state.tries + 1))
        await self._start_anew()
        return False

    async def _try(self) -> bool:
        state, now = self.state, self.around.monotonic()
        if self.around.running != state.version:
            await self._rolled_back("the machine went back by itself")
            return False
        found = self.around.ready(state.had)
        if found.why:
            self._well_since = None
            if state.said != found.why[:200]:
                self._keep(replace(state, said=found.why[:200]))
        else:
            self._well_since = now if self._well_since is None else self._well_since
            if now - self._well_since >= self.settings.ready_min * 60:
                return await self._good()
        is_late = bool(state.deadline) and self.around.now() >= datetime.fromisoformat(state.deadline)
        if found.why and found.ours and is_late:
            await self._to(replace(self.state, tries=0), "rolling-back")
            return True
        return False

    async def _good(self) -> bool:
        try:
            if self.installer is not None:
                await self.installer.keep(self.state.version)
        except CannotInstall as error:
            self._keep(replace(self.state, said=str(error)[:200]))
            return False  # tried again at the next step, until the deadline takes it back
        await self._to(replace(self.state, said="", deadline=""), "good")
        self.file.tidy(frozenset())
        return False

    async def _going_back(self) -> bool:
        state = self.state
        if self.around.running == state.previous:
            await self._rolled_back(state.said or "it did not become ready")
            return False
        if self.installer is None or state.tries >= MOST_TRIES:
            await self._failed(f"it is not well and could not be taken back: {state.said}")
            return False
        if why := self.around.not_back():
            log.info("updates: going back later: %s", why)
            return False
        self._keep(replace(state, tries=state.tries + 1))
        self.closes = self.installer.method == "package"
        self.changed()
        try:
            with long_act("update.take-back"):
                await self.installer.take_back(state.version)
            await self._start_anew()
        except CannotInstall as error:
            self._keep(replace(self.state, said=str(error)[:200]))
        finally:
            self.closes = False
            self.changed()
        return False

    # Ends

    async def _start_anew(self) -> None:
        assert self.installer is not None
        log.warning("act=update.start-anew began version=%s", self.state.version)
        await self.installer.start_anew()

    async def _rolled_back(self, why: str) -> None:
        self._tell("updates.rolled-back", f"{self.state.version}: {why}")
        await self._to(replace(self.state.with_bad(self.state.version), said=why[:200], deadline=""), "rolled-back")
        self.file.tidy(frozenset())

    async def _failed(self, why: str) -> None:
        self._tell("updates.failed", f"{self.state.version}: {why}")
        await self._to(replace(self.state, said=why[:200], deadline=""), "failed")

    def _tell(self, event: str, what: str) -> None:
        told = events()[event]
        log.log(LEVELS[told.severity], log_line(told, "", what))

    async def _to(self, state: State, phase: str) -> None:
        """Another phase: on disk first, then in the chain."""
        went = state.to(phase, self.around.now())  # type: ignore[arg-type]  # the callers' words are phases
        await asyncio.to_thread(self.file.write, went)
        self.state = went
        self._well_since = None
        log.info("updates: %s %s", went.phase, went.version)
        await self.around.note(
            f"update.{phase}", {"version": went.version, "method": went.method, "said": went.said[:120]}
        )

    def _keep(self, state: State) -> None:
        """The same phase with another count or word."""
        self.file.write(state)
        self.state = state


def _method(name: str) -> Method:
    return "rauc" if name == "rauc" else "package"
