"""A machine that is updated, as far as it matters: disk, slots, time, what is away; with power cuts at any point."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from config.update_settings import UpdateSettings
from kiosk.updates.around import Around, Readiness
from kiosk.updates.state import State, StateFile
from kiosk.updates.trial import Back
from kiosk.updates.updater import Updater
from tests.updates.release import CONTENT, NOW, PUBLIC, signed, tree

OLD, NEW = "0.1.0", "0.2.0"
SETTINGS = UpdateSettings(url="http://127.0.0.1:1/kiosk", public_key=PUBLIC)
MOST_STEPS = 400
ENDS = ("good", "rolled-back", "set-aside", "failed")


class PowerCut(BaseException):
    """The current is gone."""


class Restart(BaseException):
    """The program ends for the installed version to begin."""


@dataclass
class Machine:
    """What survives: disk, slots, time. `well` versions become ready. `cuts`: points at which the current goes."""

    method: str
    folder: Path
    well: frozenset[str] = frozenset({OLD, NEW})
    cuts: list[int] = field(default_factory=list)
    active: str = OLD
    other: str = OLD
    half: bool = False
    good: set[str] = field(default_factory=lambda: {OLD})
    boots_left: int = 3
    seconds: float = 0.0
    points: int = 0
    ran: list[str] = field(default_factory=list)
    busy: str = ""
    opened: int = 0
    """Installations that were begun while something was open."""
    network: bool = True
    serial: int = 1
    prolonged: int = 0
    back: Back = ""
    """What something outside says why it took a version back."""

    def point(self) -> None:
        self.points += 1
        if self.cuts and self.points >= self.cuts[0]:
            self.cuts.pop(0)
            self.points = 0
            raise PowerCut

    def boot(self) -> str:
        """Which version runs after a start. The package's guard, and the boot loader's counter, do their part."""
        if self.method == "package":
            if self.half:  # the guard finds a package that is not wholly there, before the terminal starts
                self.half, self.active = False, OLD
        elif self.active not in self.good:
            self.boots_left -= 1
            if self.boots_left < 0:
                self.active = self.other
        self.ran.append(self.active)
        return self.active

    # As an installer

    async def install(self, file: Path, version: str) -> None:
        assert file.read_bytes() == CONTENT
        self.opened += bool(self.busy)
        self.point()
        self.half = self.method == "package"
        self.point()
        self.half, self.active, self.other, self.boots_left = False, version, OLD, 3
        self.point()

    async def start_anew(self) -> None:
        self.point()
        raise Restart

    async def keep(self, version: str) -> None:
        self.point()
        self.good.add(version)
        self.point()

    async def take_back(self, version: str) -> None:
        self.point()
        self.active = OLD
        self.point()

    async def prolong(self, version: str) -> None:
        self.prolonged += 1

    async def settle(self) -> None:
        assert not self.ran or self.ran[-1] in self.good, "a version on trial is marked by its trial alone"

    async def went_back(self, version: str) -> Back:
        return self.back


class CutFile(StateFile):
    """The state on a disk that loses its current before or after a write."""

    def __init__(self, machine: Machine) -> None:
        super().__init__(machine.folder)
        self._machine = machine

    def write(self, state: State) -> None:
        self._machine.point()
        super().write(state)
        self._machine.point()


async def life(machine: Machine) -> State:
    """From a start to the end of it; raises `PowerCut`, `Restart`."""
    running = machine.boot()

    async def quiet() -> str:
        return machine.busy

    async def note(kind: str, body: Mapping[str, Any]) -> None:
        machine.point()

    around = Around(
        "WH-HC-0003",
        running,
        lambda: NOW + timedelta(seconds=machine.seconds),
        lambda: machine.seconds,
        quiet,
        lambda had: (
            Readiness("the platform", ours=False)
            if not machine.network
            else Readiness("" if running in machine.well and "id_card" in had else "it shows nothing")
        ),
        lambda: ("id_card",),
        note,
        lambda url: signed(tree(NEW, machine.serial)),
    )
    updater = Updater(SETTINGS, CutFile(machine), around, machine)
    moved = False
    for _ in range(MOST_STEPS):
        if not await updater.step():
            machine.seconds += 60
        moved = moved or updater.state.phase not in ("idle", *ENDS)
        if moved and updater.state.phase in ENDS:
            break
    return updater.state


def lives(machine: Machine) -> State:
    """Starts until it stands still."""
    file = f"kiosk-{NEW}.{'deb' if machine.method == 'package' else 'raucb'}"
    place = machine.folder / "updates"
    place.mkdir(parents=True)
    (place / file).write_bytes(CONTENT)
    for _ in range(30):
        if not (place / file).exists():
            (place / file).write_bytes(CONTENT)  # the web server still has it
        try:
            return asyncio.run(life(machine))
        except (PowerCut, Restart):
            machine.seconds += 30
    raise AssertionError("it never stands still")


def step(machine: Machine, count: int) -> State:
    async def some() -> State:
        running = machine.boot()
        updater = Updater(
            SETTINGS,
            StateFile(machine.folder),
            Around(
                "WH-HC-0003",
                running,
                lambda: NOW + timedelta(seconds=machine.seconds),
                lambda: machine.seconds,
                quiet,
                lambda had: Readiness("away", ours=False) if not machine.network else Readiness(),
                lambda: (),
                note,
                lambda url: signed(tree(NEW, machine.serial)),
            ),
            machine,
        )
        for _ in range(count):
            await updater.step()
            machine.seconds += 60
        return updater.state

    async def quiet() -> str:
        return machine.busy

    async def note(kind: str, body: Mapping[str, Any]) -> None:
        assert "said" in body

    return asyncio.run(some())
