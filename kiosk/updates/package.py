"""The Debian package, where the machine has no second system: root installs what the terminal has fetched.

The terminal's user may not install anything. It leaves an order beside the file; systemd
(`weihai-kiosk-update.path`) begins `kiosk updates apply` as root, which believes nothing of it
(`kiosk.updates.applying`) and leaves an answer.
"""

from __future__ import annotations

import asyncio
import json
import os
import secrets
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Final, Literal

from kiosk.updates.installer import INSTALL_S, CannotInstall
from kiosk.updates.trial import Back

ORDER: Final = "order.json"
ANSWER: Final = "answer.json"
MANIFEST: Final = "manifest.json"
LOOK_S: Final = 1.0
MOST_BYTES: Final = 4096
FOLDER: Final = Path("/var/lib/weihai-kiosk-update")
"""Root's own: what is installed, what is on trial, what was taken back (`kiosk.updates.applying`)."""
TAKEN_BACK: Final = "taken-back"
Act = Literal["install", "keep", "take-back", "prolong"]


def write_whole(path: Path, tree: object) -> None:
    """Replace a small JSON file whole, synced. Raises `OSError`. Root writes into the terminal's folder with it: no
    link that lies there is followed."""
    fresh = path.with_name(path.name + ".new")
    fresh.unlink(missing_ok=True)
    fd = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o644)
    with os.fdopen(fd, "w", encoding="utf-8") as file:
        json.dump(tree, file)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


class ByOrder:
    """Orders and waits. `folder` is the updates folder of the state, `roots` root's; `again` ends the program for
    systemd to begin."""

    method = "package"

    def __init__(
        self,
        folder: Path,
        again: Callable[[], Awaitable[None]],
        deadline_s: float = INSTALL_S,
        roots: Path = FOLDER,
    ) -> None:
        self._folder = folder
        self._again = again
        self._deadline_s = deadline_s
        self._roots = roots

    async def install(self, file: Path, version: str) -> None:
        """As `Installer.install`."""
        await self._ordered("install", version, file.name)

    async def start_anew(self) -> None:
        """Let systemd begin the program that is installed now."""
        await self._again()

    async def keep(self, version: str) -> None:
        """As `Installer.keep`."""
        await self._ordered("keep", version)

    async def take_back(self, version: str) -> None:
        """As `Installer.take_back`."""
        await self._ordered("take-back", version)

    async def prolong(self, version: str) -> None:
        """As `Installer.prolong`."""
        await self._ordered("prolong", version)

    async def settle(self) -> None:
        """What is installed starts: nothing to do."""

    async def went_back(self, version: str) -> Back:
        """As `Installer.went_back`: what the guard wrote down."""
        try:
            said = (self._roots / TAKEN_BACK).read_text("ascii")[:200].split()
        except (OSError, ValueError):
            return ""
        for back in ("failed", "late", "half"):
            if said == [version, back]:
                return back
        return ""

    async def _ordered(self, act: Act, version: str, file: str = "") -> None:
        number = secrets.token_hex(8)
        answer = self._folder / ANSWER
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            with suppress(FileNotFoundError):
                answer.unlink()
            write_whole(self._folder / ORDER, {"id": number, "act": act, "version": version, "file": file})
        except OSError as error:
            raise CannotInstall(f"{self._folder}: {error.strerror}") from error
        try:
            async with asyncio.timeout(self._deadline_s):
                while (said := self._said(answer, number)) is None:  # noqa: ASYNC110 - written by another process
                    await asyncio.sleep(LOOK_S)
        except TimeoutError:
            raise CannotInstall(
                f"no answer to {act} within {self._deadline_s:g} s; is weihai-kiosk-update.path on?"
            ) from None
        if said:
            raise CannotInstall(said)

    @staticmethod
    def _said(answer: Path, number: str) -> str | None:
        """Why it could not be done, "" done; None: no answer to this order yet."""
        try:
            with answer.open("rb") as file:
                tree = json.loads(file.read(MOST_BYTES))
            return str(tree["why"])[:300] if tree["id"] == number else None
        except (OSError, ValueError, KeyError, TypeError):
            return None
