"""A/B systems by RAUC: `rauc install`, `rauc status`, its own client of de.pengutronix.rauc.Installer on D-Bus.

RAUC itself checks the bundle's signature against the keyring of the system, besides our manifest's. The boot loader
counts starts; without `mark-good` it falls back to the other slot by itself. So it is said at every start of a version
that is not on trial, and by nobody else: RAUC's own `rauc-mark-good.service` would keep every version at its first one.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from kiosk.updates.installer import ASK_S, INSTALL_S, CannotInstall, run
from kiosk.updates.trial import Back

REBOOT: Final = ("systemctl", "reboot", "--no-wall")
MOST_SLOTS: Final = 64


@dataclass(frozen=True, slots=True)
class Slots:
    """What `rauc status` tells: the names of the slot that runs and of the other one, and their states."""

    booted: str
    other: str
    booted_good: bool
    other_good: bool
    primary: str


def read_status(text: str) -> Slots:
    """`rauc status --output-format=json`. Raises `CannotInstall` for a system without two bootable slots."""
    try:
        # RAUC says beside it where it keeps its status, and what it warns of.
        tree: dict[str, Any] = json.loads(next(line for line in text.splitlines() if line.startswith("{")))
        rows = [(name, slot) for each in tree["slots"][:MOST_SLOTS] for name, slot in each.items()]
        named = {str(slot["bootname"]): slot for _, slot in rows if slot.get("bootname")}
        booted = str(tree["booted"])
        other = next(name for name in named if name != booted)
        primary = str(tree.get("boot_primary") or "")
        by_slot = {name: str(slot.get("bootname") or "") for name, slot in rows}
        good = {name: slot.get("boot_status") == "good" for name, slot in named.items()}
        return Slots(booted, other, good[booted], good[other], by_slot.get(primary, ""))
    except (ValueError, KeyError, TypeError, AttributeError, StopIteration):
        raise CannotInstall(
            "rauc: the system has no two slots that can be started (see /etc/rauc/system.conf)"
        ) from None


class Rauc:
    """The installer of a system with two root file systems."""

    method = "rauc"

    def __init__(
        self,
        command: str = "rauc",
        reboot: Callable[[], Awaitable[object]] | None = None,
    ) -> None:
        self._command = command
        self._reboot = reboot or (lambda: run(REBOOT, ASK_S))

    async def status(self) -> Slots:
        """Raises `CannotInstall`."""
        return read_status(await run([self._command, "status", "--output-format=json"], ASK_S))

    async def install(self, file: Path, version: str) -> None:
        """As `Installer.install`: into the slot that does not run; RAUC marks it as the one to try."""
        del version
        await run([self._command, "install", str(file)], INSTALL_S)

    async def start_anew(self) -> None:
        """Reboot."""
        await self._reboot()

    async def keep(self, version: str) -> None:
        """The boot loader counts no more tries down."""
        del version
        await run([self._command, "status", "mark-good", "booted"], ASK_S)

    async def take_back(self, version: str) -> None:
        """From now on the other slot starts."""
        del version
        slots = await self.status()
        if not slots.other_good:
            raise CannotInstall(f"rauc: the other slot ({slots.other}) is not good either; {slots.booted} stays")
        await run([self._command, "status", "mark-bad", "booted"], ASK_S)
        await run([self._command, "status", "mark-active", "other"], ASK_S)

    async def prolong(self, version: str) -> None:
        """Nothing counts the minutes but this program; the boot loader counts starts."""

    async def settle(self) -> None:
        """A boot loader that counts (GRUB) counts every start: without this the next one is the other system's."""
        await run([self._command, "status", "mark-good", "booted"], ASK_S)

    async def went_back(self, version: str) -> Back:
        """The slot that was to start is bad: the boot loader tried it in vain. Of use before it ran only: one that was
        on trial is bad too, once the other one runs again."""
        del version
        try:
            return "" if (await self.status()).other_good else "failed"
        except CannotInstall:
            return ""


SYSTEM: Final = Path("/etc/rauc/system.conf")


async def is_there(command: str = "rauc") -> bool:
    """Whether this system has RAUC with two slots."""
    try:
        await Rauc(command).status()
    except CannotInstall:
        return False
    return True
