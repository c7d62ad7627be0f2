"""Takes a new version from the manifest to kept, or back: one step at a time, each on disk before it is begun.

What may be interrupted at any moment is in `kiosk.updates.state`; what is done at the next start is `step` again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from config.update_settings import UpdateSettings
from kiosk.events import LEVELS, events, log_line, long_act
from kiosk.health.restarting import BeginAnew
from kiosk.updates.around import Around
from kiosk.updates.fetching import CannotFetch, Pace, fetch_once, is_whole
from kiosk.updates.installer import CannotInstall, Installer
from kiosk.updates.manifest import BadManifest, read_manifest
from kiosk.updates.package import MANIFEST
from kiosk.updates.state import State, StateFile
from kiosk.updates.trial import AGAIN, WORDS, Back, is_condemned, verdict
from kiosk.updates.wanted import is_over, offered

log = logging.getLogger(__name__)

MOST_TRIES: Final = 3
STEP_S: Final = 20.0
AFTER_BUG_S: Final = 60.0
ON_TRIAL: Final = frozenset({"installing", "installed", "trying", "rolling-back"})


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
        self._settled, self._unsettled = False, ""
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
        await self._settle()
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

    async def _settle(self) -> None:
        """What runs and is not on trial is what the machine starts from now on."""
        on_trial = self.state.phase in ON_TRIAL and self.around.running == self.state.version
        if self._settled or on_trial or self.installer is None:
            return
        try:
            await self.installer.settle()
            self._settled = True
        except CannotInstall as error:  # again at the next step: the next start would be the other system's
            if str(error) != self._unsettled:
                log.error("updates: %s is not marked as good: %s", self.around.running, error)  # noqa: TRY400 - RAUC's word
            self._unsettled = str(error)

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
        found = offered(manifest, self.state, self.settings, self.around, self.installer.method)
        if isinstance(found, str):
            self.last_look = found
            return False
        self.last_look = ""
        await asyncio.to_thread(self._keep_manifest, data)
        await self._to(found, "offered")
        return True

    def _keep_manifest(self, data: bytes) -> None:
        self.file.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        (self.file.folder / MANIFEST).write_bytes(data)

    async def _fetch(self) -> bool:
        state = self.state
        url = f"{self.settings.url.rstrip('/')}/{state.file}"
        self.file.tidy(frozenset({MANIFEST, state.file, f"{state.file}.part"}))
        pace, target = Pace(self.settings.least_kib_s * 1024), self.file.folder / state.file
        why, brought = await asyncio.to_thread(fetch_once, url, target, state.size, state.sha256, pace)
        if why:
            tries = 1 if brought else state.tries + 1
            if tries >= MOST_TRIES * 4:
                await self._failed(why)
            else:
                self._keep(replace(state, tries=tries, said=why[:200]))
            return False
        await self._to(replace(state, tries=0, said=""), "fetched")
        return True

    async def _install(self) -> bool:
        """When it is quiet. From here on a power cut leaves the old or the new version running."""
        state = self.state
        if self.installer is None or is_over(self.file.folder / MANIFEST, self.settings, state, self.around.now()):
            await self._failed("it is not wanted any more")
            return False
        if await self.around.quiet() or self._waits():
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
            ready = replace(
                state,
                tries=state.tries + 1,
                deadline=self._after(self.settings.within_min),
                latest=self._after(self.settings.outer_min),
                had=self.around.usable(),
                said="",
                outer=False,
            )
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

    def _waits(self) -> bool:
        """The platform is away, so that nobody could judge the version: waited for, but not for ever, as it may be
        what mends that."""
        found, state = self.around.ready(()), self.state
        since = datetime.fromisoformat(state.since) if state.since else self.around.now()
        if not found.why or found.ours or self.around.now() - since >= AGAIN:
            return False
        if state.said != found.why[:200]:
            self._keep(replace(state, said=found.why[:200]))
        return True

    def _after(self, minutes: float) -> str:
        return (self.around.now() + timedelta(minutes=minutes)).isoformat(timespec="seconds")

    async def _begun(self) -> bool:
        """After a start in the middle of it: which version runs says how far it came."""
        state = self.state
        if self.around.running == state.version:
            await self._to(replace(state, tries=0, said="", outer=False), "trying")
            return True
        back: Back = "" if self.installer is None else await self.installer.went_back(state.version)
        if state.method == "package":
            # The old one runs only when root put it back: to begin it anew would change nothing.
            gone = state.phase == "installed" or back in ("failed", "late")
        else:  # a slot that was only half written is bad too
            gone = state.phase == "installed" and (back == "failed" or state.tries >= MOST_TRIES)
        if gone:
            await self._gone(back)
            return False
        if state.tries >= MOST_TRIES:
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
            await self._gone("" if self.installer is None else await self.installer.went_back(state.version))
            return False
        found = self.around.ready(state.had)
        if found.why:
            self._well_since = None
        elif self._well_since is None:
            self._well_since = now
        if (state.said, state.outer) != (found.why[:200], not found.ours):
            self._keep(replace(state, said=found.why[:200], outer=not found.ours))
        well_s = 0.0 if self._well_since is None else now - self._well_since
        match verdict(self.state, found, well_s, self.settings.ready_min * 60, self.around.now()):
            case "good":
                return await self._good()
            case "prolong":
                await self._prolong()
            case "take-back":
                await self._to(replace(self.state, tries=0), "rolling-back")
                return True
        return False

    async def _prolong(self) -> None:
        """Only what is outside is open. Root may refuse: then it takes the version back, and it is set aside."""
        state = self.state
        try:
            if self.installer is not None:
                await self.installer.prolong(state.version)
        except CannotInstall as error:
            log.warning("updates: %s is not prolonged: %s", state.version, error)
        self._keep(replace(state, deadline=min(self._after(self.settings.within_min), state.latest or state.deadline)))

    async def _good(self) -> bool:
        try:
            if self.installer is not None:
                await self.installer.keep(self.state.version)
        except CannotInstall as error:
            self._keep(replace(self.state, said=str(error)[:200], outer=True))
            return False  # tried again at the next step, until root takes it back
        await self._to(replace(self.state, said="", deadline=""), "good")
        self.file.tidy(frozenset())
        return False

    async def _going_back(self) -> bool:
        state = self.state
        if self.around.running == state.previous:
            await self._gone("")
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

    async def _gone(self, back: Back) -> None:
        """The old version runs again: whether the other one is ever tried again (`kiosk.updates.trial`)."""
        state = self.state
        why = state.said or WORDS[back]
        if is_condemned(state, back):
            self._tell("updates.rolled-back", f"{state.version}: {why}")
            await self._to(replace(state.with_bad(state.version), said=why[:200], deadline=""), "rolled-back")
        else:
            self._tell("updates.set-aside", f"{state.version}: {why}")
            rounds = state.rounds + 1
            await self._to(replace(state, rounds=rounds, said=why[:200], deadline="", tries=0), "set-aside")
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
