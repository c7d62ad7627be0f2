"""The walk through setup: site, platform, devices, fleet; then machine.toml, enrolment, checks. Each step is kept."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from config.load import SettingsError
from drivers.discovery import Finding
from kiosk.setup.asking import Answering
from kiosk.setup.machine_file import read_or_empty, write_whole
from kiosk.setup.places import Places
from kiosk.setup.questions import NONE, STEPS, Question, WrongAnswer, found_in, put_in, questions, says_none
from kiosk.setup.sockets import device_tables, install_rules, named_by_socket

if TYPE_CHECKING:
    import requests

PART_HEAD: Final = "# Setup under way: run `kiosk setup` again and it goes on here.\n"
DONE: Final = "setup"
WITHOUT: Final = "terminal.without"
ENROL_S: Final = 30.0
Scan = Callable[[], Sequence[Finding]]


class SetupError(Exception):
    """Setup cannot go on; the message says at what, why, and what to do. What was answered is kept."""


def scan_devices(seconds: float = 3.0) -> Sequence[Finding]:
    """Find and ask everything that is plugged in. Raises `SettingsError`."""
    from kiosk.trying.scan import find_devices

    return asyncio.run(find_devices(seconds, probe=True))


class Walk:
    """One run of setup."""

    def __init__(self, places: Places, answering: Answering, scan: Scan = scan_devices) -> None:
        self.places = places
        self.answering = answering
        self.scan = scan
        self.tree: dict[str, Any] = {}
        self.done: list[str] = []

    def run(self) -> None:
        """Walk through what is not done and write machine.toml. Raises `SetupError`; what was answered stays."""
        try:
            self._resume()
            for step in STEPS:
                if step in self.done:
                    self.answering.say(f"{step}: done before")
                    continue
                if step == "devices":
                    self._devices()
                self._ask(step)
                self.done.append(step)
                self._keep()
            self._write()
        except WrongAnswer as error:
            raise SetupError(f"{error} (answers file)") from error
        except SettingsError as error:
            raise SetupError(str(error)) from error
        except (OSError, ValueError) as error:
            raise SetupError(f"{self.places.machine}: {error}; setup writes there as root") from error

    def _resume(self) -> None:
        """What an interrupted run left, else what is set already; then what an answers file brings."""
        part = read_or_empty(self.places.part)
        if part:
            self.done = [step for step in part.pop(DONE, {}).get("done", []) if step in STEPS]
            self.answering.say(f"going on where it was left; done: {', '.join(self.done) or 'nothing'}")
        self.tree = part or read_or_empty(self.places.machine)
        self.tree = _over(self.tree, {k: v for k, v in self.answering.brought().items() if k != DONE})

    def _ask(self, step: str) -> None:
        shared = self.places.below()
        for question in questions():
            if question.step != step:
                continue
            own = found_in(self.tree, question.key)
            if own is None and found_in(shared, question.key) is not None:
                self.answering.say(f"{question.key}: as site.toml says")
                continue
            if question.driver:
                if (own is None or says_none(own)) and not self._device(question):
                    continue
            else:
                put_in(self.tree, question.key, self.answering.answer(question, own))
            beside = question.key.rpartition(".")[0] + ".driver"
            if question.driver and not (found_in(self.tree, beside) or found_in(shared, beside)):
                put_in(self.tree, beside, question.driver)

    def _device(self, question: Question) -> bool:
        """Ask for a device that was not found. False: there is none here, and that is written down."""
        left_out = self._without()
        answer = self.answering.answer(question, NONE if question.role in left_out else None)
        if answer == NONE:
            self.tree.get("devices", {}).pop(question.role, None)
            if question.role not in left_out:
                put_in(self.tree, WITHOUT, [*left_out, question.role])
            self.answering.say(f"{question.role}: none here; what needs it is not offered")
            return False
        self._there([question.role])
        put_in(self.tree, question.key, answer)
        return True

    def _without(self) -> list[str]:
        """The devices that were said not to be here, by this machine's own word or else its site's."""
        told = found_in(self.tree, WITHOUT)
        told = found_in(self.places.below(), WITHOUT) if told is None else told
        return [str(role) for role in told] if isinstance(told, list) else []

    def _there(self, roles: Sequence[str]) -> None:
        """These are here now, whatever was said before."""
        left_out = self._without()
        if set(roles) & set(left_out):
            put_in(self.tree, WITHOUT, [role for role in left_out if role not in roles])

    def _devices(self) -> None:
        """Those of the answers file; else what is found."""
        from kiosk.trying.scan import finding_lines

        say = self.answering.say
        if self.answering.brought().get("devices"):
            say("devices: as the answers file says")
            return
        findings = self.scan()
        for line in finding_lines(findings):
            say(line)
        tables = device_tables(findings)
        if not tables:
            say("no device of ours answers")
            return
        if not self.answering.agrees(f"use these ({', '.join(tables)})?"):
            return
        try:
            tables, rules = named_by_socket(tables, findings, self.places.tool)
            if rules:
                install_rules(rules, self.places.rules, self.places.tool)
                say(f"{self.places.rules}: {len(rules)} stable names")
        except OSError as error:
            say(f"no stable names: {error}; the ports' own names are used")
            tables = device_tables(findings)
        self._there(list(tables))
        kept = self.tree.get("devices", {})
        self.tree["devices"] = {**kept, **{role: _over(kept.get(role, {}), table) for role, table in tables.items()}}

    def _keep(self) -> None:
        write_whole(self.places.part, {**self.tree, DONE: {"done": self.done}}, None, PART_HEAD)

    def _write(self) -> None:
        """machine.toml, once the whole of it loads."""
        try:
            settings = self.places.settings(_without_done(self.places.part))
        except SettingsError as error:
            self.done = []
            self._keep()
            raise SetupError(f"{error}\nrun `kiosk setup` again: your answers are kept and asked anew") from error
        finally:
            _beside(self.places.part).unlink(missing_ok=True)
        write_whole(self.places.machine, self.tree, _owner(settings.state_dir))
        self.places.part.unlink()
        self.answering.say(f"{self.places.machine}: written")


def _without_done(part: Path) -> Path:
    """The part as settings: without the list of steps."""
    tree = read_or_empty(part)
    tree.pop(DONE, None)
    write_whole(_beside(part), tree, None)
    return _beside(part)


def _beside(part: Path) -> Path:
    return part.with_name("machine.check.toml")


def _owner(state: Path) -> tuple[int, int] | None:
    """root and the group of the terminal's user, who may read but not write; None where there is no such folder."""
    try:
        return 0, state.stat().st_gid
    except OSError:
        return None


def enrol(places: Places, session: requests.Session | None = None) -> str:
    """Make this terminal known at the platform: "" when that is done, else why not. Its files stay the terminal's."""
    from kiosk.clock import Clock
    from kiosk.keys import MachineKey
    from kiosk.platform.errors import PlatformError
    from kiosk.workshop import made_platform

    async def ask() -> None:
        async with asyncio.timeout(ENROL_S):
            platform = made_platform(settings, Clock(), MachineKey.load(settings.state_dir / "machine.key"), session)
            try:
                await platform.health()
                await platform.connection.enrol()
            finally:
                await platform.close()

    try:
        settings = places.settings(places.machine, for_root=True)
        asyncio.run(ask())
    except (SettingsError, PlatformError, OSError, ValueError) as error:
        return f"{type(error).__name__}: {error}"
    finally:
        _give_back(places)
    return ""


def _give_back(places: Places) -> None:
    """Root has made files in the terminal's folder: they are the terminal's."""
    try:
        folder = places.settings(places.machine).state_dir
        owner = folder.stat()
        if os.geteuid() == 0:
            for path in _made_by_root(folder):
                os.chown(path, owner.st_uid, owner.st_gid, follow_symlinks=False)
    except (SettingsError, OSError):
        return  # whatever is wrong with settings or folder is told by the checks


def _made_by_root(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        if path.is_file() and path.lstat().st_uid == 0:
            yield path


def _over(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """`above` wins; its tables are copied, so that what is answered later changes nobody's file."""
    merged = dict(below)
    for key, value in above.items():
        old = merged.get(key)
        merged[key] = _over(old if isinstance(old, Mapping) else {}, value) if isinstance(value, Mapping) else value
    return merged
