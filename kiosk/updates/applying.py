"""Root's side of the package: `kiosk updates apply`. Nothing that the terminal's user wrote is believed.

The order only names what to look at. The manifest is checked against the key of the settings under /etc; the package is
copied into root's own folder and hashed there; only a newer version than the installed one is put in; the way back is
kept before anything changes:

| file in root's folder | what it is                                                             |
|-----------------------|------------------------------------------------------------------------|
| current.deb           | what is installed and was kept                                         |
| next.deb              | what is being installed                                                |
| on-trial              | `VERSION DEADLINE LATEST`: installed and not kept; in seconds since    |
|                       | 1970. `update-guard` takes it back by itself after DEADLINE, with      |
|                       | sh and dpkg alone, even when the new version cannot start. The         |
|                       | terminal may put DEADLINE off, as far as LATEST                        |
| taken-back            | `VERSION WHY`: what the guard took back (failed, late, half); the one  |
|                       | file here that the terminal reads                                      |
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import shutil
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from config.update_settings import UpdateSettings
from kiosk.updates.fetching import is_whole
from kiosk.updates.installer import INSTALL_S, CannotInstall, run
from kiosk.updates.manifest import BadManifest, read_manifest, version_key
from kiosk.updates.package import ANSWER, FOLDER, MANIFEST, MOST_BYTES, ORDER, TAKEN_BACK, write_whole
from kiosk.updates.packing import pack_again

log = logging.getLogger(__name__)

PACKAGE: Final = "weihai-kiosk"
CURRENT: Final = "current.deb"
NEXT: Final = "next.deb"
TRIAL: Final = "on-trial"
SLACK_S: Final = 120.0
"""The terminal decides first: it knows why a version is not well, and the guard does not."""
Run = Callable[[Sequence[str], float], Awaitable[str]]


@dataclass(frozen=True, slots=True)
class Applier:
    """`orders` is the terminal's updates folder, `own` root's. `runs` runs a program (`installer.run`); dpkg's system
    is at `top`."""

    settings: UpdateSettings
    orders: Path
    own: Path = FOLDER
    runs: Run = run
    package: str = PACKAGE
    top: Path = Path("/")

    async def apply(self) -> str:
        """Follow the order that lies there and answer it; why it was not followed, "" done or none there."""
        order = self._order()
        if order is None:
            return ""
        # Taken before it is followed: one that a power cut left would be followed at the next start, under a terminal
        # that knows nothing of it; one that comes meanwhile is not deleted with this one.
        (self.orders / ORDER).unlink(missing_ok=True)
        why = "root's side ended in the middle of it"
        try:
            why = await self._follow(order)
        finally:
            log.info("updates: order %s: %s", str(order["act"])[:20], why or "done")
            write_whole(self.orders / ANSWER, {"id": str(order["id"])[:40], "why": why[:300]})
        return why

    async def _follow(self, order: dict[str, Any]) -> str:
        try:
            match order["act"]:
                case "install":
                    await self._install(str(order["version"]), str(order["file"]))
                case "keep":
                    await self._keep(str(order["version"]))
                case "prolong":
                    await self._prolong(str(order["version"]))
                case "take-back":
                    await self.take_back()
                case _:
                    return "no such act"
        except (CannotInstall, BadManifest) as error:
            return str(error)
        except OSError as error:
            return f"{self.own}: {error.strerror}"
        return ""

    async def seed(self, file: Path | None = None) -> str:
        """Keep the package that is installed now as the way back, FILE or packed again from what is installed; what was
        done. Nothing where it is kept already, or while another is on trial. Raises `CannotInstall`, `OSError`."""
        have = await self.installed()
        if file is not None and (wanted := await self._version_of(file)) != have:
            raise CannotInstall(f"{file.name} is {wanted}; installed is {have or 'none'}")
        if (self.own / TRIAL).exists():
            return "a version is on trial: what was before it stays the way back"
        if file is None and (self.own / CURRENT).exists() and await self._version_of(self.own / CURRENT) == have:
            return f"{have} is the way back already"
        self._own()
        if file is None:
            have = await pack_again(self.package, self.own / NEXT, self.runs, self.top)
        else:
            shutil.copyfile(file, self.own / NEXT)
        (self.own / NEXT).replace(self.own / CURRENT)
        return f"{have} is the way back"

    async def _version_of(self, file: Path) -> str:
        return (await self.runs(["dpkg-deb", "-f", str(file), "Version"], 60.0)).strip()

    async def installed(self) -> str:
        """The version that dpkg has; "" none, or one that is not wholly there."""
        said = await self.runs(["dpkg-query", "-W", "-f", "${db:Status-Abbrev}${Version}", self.package], 60.0)
        return said[3:].strip() if said.startswith("ii ") else ""

    def _order(self) -> dict[str, Any] | None:
        try:
            with os.fdopen(os.open(self.orders / ORDER, os.O_RDONLY | os.O_NOFOLLOW), "rb") as file:
                order = json.loads(file.read(MOST_BYTES))
            return {name: order[name] for name in ("id", "act", "version", "file")}
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError):
            log.error("updates: the order cannot be read")  # noqa: TRY400 - what the terminal wrote, no bug of ours
            (self.orders / ORDER).unlink(missing_ok=True)
            return None

    def _own(self) -> None:
        self.own.mkdir(parents=True, exist_ok=True, mode=0o711)

    async def _install(self, version: str, name: str) -> None:
        with os.fdopen(os.open(self.orders / MANIFEST, os.O_RDONLY | os.O_NOFOLLOW), "rb") as file:
            manifest = read_manifest(file.read(1 << 20), self.settings.public_key)
        wanted = manifest.file("package")
        if manifest.version != version or wanted is None or wanted.name != name:
            raise CannotInstall("the order and the signed manifest do not agree")
        if manifest.channel != self.settings.channel:
            raise CannotInstall(f"for the channel {manifest.channel}, not {self.settings.channel}")
        if time.time() >= manifest.expires.timestamp():
            raise CannotInstall(f"{version}: its manifest has expired")
        have = await self.installed()
        if have and version_key(version) < version_key(have):
            raise CannotInstall(f"{version} is older than {have}, which is installed")
        self._own()
        if not (self.own / CURRENT).exists():
            raise CannotInstall("no way back is kept: `kiosk updates seed` as root first")
        copy = self.own / NEXT
        source = os.open(self.orders / name, os.O_RDONLY | os.O_NOFOLLOW)
        with os.fdopen(source, "rb") as file, copy.open("wb") as ours:
            shutil.copyfileobj(file, ours, 1 << 20)
            ours.flush()
            os.fsync(ours.fileno())
        if not is_whole(copy, wanted.size, wanted.sha256):
            copy.unlink()
            raise CannotInstall(f"{name}: not the file that was signed")
        # The way back is armed before anything changes: a power cut within dpkg is the guard's too.
        now, settings = time.time(), self.settings
        latest = int(now + (settings.outer_min + settings.ready_min) * 60 + SLACK_S)
        (self.own / TAKEN_BACK).unlink(missing_ok=True)
        self._on_trial(version, int(now + settings.within_min * 60 + SLACK_S), latest)
        os.sync()
        await self._dpkg(copy)

    def _on_trial(self, version: str, deadline: int, latest: int) -> None:
        fresh = self.own / f"{TRIAL}.new"
        fresh.write_text(f"{version} {min(deadline, latest)} {latest}\n", encoding="ascii")
        fresh.replace(self.own / TRIAL)

    async def _prolong(self, version: str) -> None:
        try:
            on_trial, _, latest = (self.own / TRIAL).read_text("ascii").split()
            until = int(latest)
        except (OSError, ValueError):
            on_trial, until = "", 0
        if on_trial != version:
            raise CannotInstall(f"{version} is not what is on trial")
        if time.time() >= until:
            raise CannotInstall(f"{version} was on trial for as long as it may be")
        self._on_trial(version, int(time.time() + self.settings.within_min * 60 + SLACK_S), until)
        os.sync()

    async def _dpkg(self, file: Path) -> None:
        await self.runs(["dpkg", "--configure", "-a"], INSTALL_S)  # what a power cut left half done
        await self.runs(["dpkg", "--force-confdef", "--force-confold", "-i", str(file)], INSTALL_S)
        os.sync()

    async def _keep(self, version: str) -> None:
        if await self.installed() != version or not (self.own / NEXT).exists():
            if not (self.own / TRIAL).exists():
                return  # it was kept before a power cut
            raise CannotInstall(f"{version} is not what is on trial")
        (self.own / NEXT).replace(self.own / CURRENT)
        (self.own / TRIAL).unlink(missing_ok=True)
        os.sync()

    async def take_back(self) -> None:
        """Put the kept package back. Raises `CannotInstall`."""
        if not (self.own / CURRENT).exists():
            raise CannotInstall("no way back is kept")
        await self._dpkg(self.own / CURRENT)
        (self.own / TRIAL).unlink(missing_ok=True)
        (self.own / NEXT).unlink(missing_ok=True)


def apply_once(settings: UpdateSettings, orders: Path) -> str:
    """For the command line. Blocking."""
    return asyncio.run(Applier(settings, orders).apply())
