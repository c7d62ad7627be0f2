"""Where an update stands: one small file, replaced whole and synced, so that a power cut leaves the old or the new.

| phase        | what is true                                        | goes on                                         |
|--------------|-----------------------------------------------------|-------------------------------------------------|
| idle         | nothing is wanted                                   | a manifest for this terminal: offered           |
| offered      | a manifest is believed                              | its file is here and whole: fetched             |
| fetched      | the file waits for a quiet hour                     | nobody here, nothing open: installing           |
| installing   | the installer has done nothing, a part or all of it | it says done: installed; it cannot: failed      |
| installed    | the new version is there, the old one still runs    | started anew: trying                            |
| trying       | the new version runs and is not yet kept            | well for `ready_min`: good; past the deadline:  |
|              |                                                     | rolling-back; the old one runs: rolled-back     |
| rolling-back | the old version is being put back                   | the old one runs: rolled-back                   |
| good         | the new version is kept                             | the next manifest: offered                      |
| rolled-back  | the old one runs; the version is never tried again  | the next manifest: offered                      |
| set-aside    | the old one runs; it was not the version's fault    | a day later, three times: offered               |
| failed       | it could not be installed; the old one runs         | the next manifest, or a day later: offered      |
"""

from __future__ import annotations

import json
import logging
import os
from contextlib import suppress
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Literal, get_args

from config.settings import Settings
from kiosk.diagnostics.facts import UpdateFact

log = logging.getLogger(__name__)

FOLDER: Final = "updates"
FILE: Final = "state.json"
MOST_BYTES: Final = 65_536
MOST_BAD: Final = 50
Phase = Literal[
    "idle",
    "offered",
    "fetched",
    "installing",
    "installed",
    "trying",
    "rolling-back",
    "good",
    "rolled-back",
    "set-aside",
    "failed",
]


@dataclass(frozen=True, slots=True)
class State:
    """`version` is the one that is wanted or was last; `previous` runs or ran before it. Times: RFC 3339, "" none."""

    phase: Phase = "idle"
    version: str = ""
    previous: str = ""
    file: str = ""
    sha256: str = ""
    size: int = 0
    method: str = ""
    serial: int = 0
    tries: int = 0
    since: str = ""
    rounds: int = 0
    """How often it was set aside (`kiosk.updates.trial`)."""
    deadline: str = ""
    latest: str = ""
    """Until when the deadline may be put off while only what is outside is open."""
    said: str = ""
    outer: bool = False
    """`said` is not the version's own fault."""
    had: tuple[str, ...] = ()
    """Devices that could be used before it was installed: a version that loses one is not well."""
    bad: tuple[str, ...] = ()

    def to(self, phase: Phase, now: datetime, **more: Any) -> State:
        """The same in another phase, since `now`."""
        return replace(self, phase=phase, since=now.isoformat(timespec="seconds"), **more)

    def with_bad(self, version: str) -> State:
        """That version is never tried again; the last `MOST_BAD` are remembered."""
        return replace(self, bad=(*(each for each in self.bad if each != version), version)[-MOST_BAD:])


class StateFile:
    """`updates/state.json` in the state folder. Raises `OSError` when it cannot be written: nothing goes on then."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / FOLDER
        self.path = self.folder / FILE

    def read(self) -> State:
        """As it was written; a file that is none begins at idle, and is said."""
        try:
            with self.path.open("rb") as file:
                return _state(json.loads(file.read(MOST_BYTES)))
        except FileNotFoundError:
            return State()
        except (OSError, ValueError, TypeError, KeyError) as error:
            log.error("updates: %s cannot be read (%s); begun anew", self.path, type(error).__name__)  # noqa: TRY400 - a fault of the disk
            return State()

    def write(self, state: State) -> None:
        """Replace it whole, synced with its folder."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = self.path.with_suffix(".new")
        with fresh.open("w", encoding="utf-8") as file:
            json.dump(asdict(state), file)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self.path)
        folder = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def tidy(self, keep: frozenset[str]) -> None:
        """Delete every file of the folder but the state and `keep`: a bundle is large."""
        with suppress(OSError):
            for path in self.folder.iterdir():
                if path.name not in {FILE, *keep}:
                    path.unlink(missing_ok=True)


def _state(tree: dict[str, Any]) -> State:
    """Raises `ValueError`, `TypeError`, `KeyError` for what is no state."""
    if not isinstance(tree, dict):
        raise TypeError("no object")
    known = {each.name for each in fields(State)}
    given: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in tree.items() if k in known}
    state = State(**given)
    if state.phase not in get_args(Phase):
        raise ValueError(state.phase)
    texts = (
        state.version,
        state.previous,
        state.file,
        state.sha256,
        state.method,
        state.since,
        state.deadline,
        state.latest,
        state.said,
    )
    if not all(isinstance(text, str) and len(text) <= 200 for text in (*texts, *state.bad, *state.had)):
        raise TypeError("a text that is none")
    for moment in (state.since, state.deadline, state.latest):
        if moment and datetime.fromisoformat(moment).utcoffset() is None:
            raise ValueError("a time without its zone")
    if "/" in state.file:
        raise ValueError("a path")
    if not all(isinstance(number, int) for number in (state.size, state.serial, state.tries, state.rounds)):
        raise TypeError("a number that is none")
    if not isinstance(state.outer, bool):
        raise TypeError("neither true nor false")
    return state


def update_fact(settings: Settings) -> UpdateFact:
    """For the readiness report, with the terminal running or not."""
    folder = StateFile(settings.state_dir)
    if not settings.updates.url and not folder.path.exists():
        return UpdateFact()
    state = folder.read()
    since = datetime.fromisoformat(state.since) if state.since else None
    return UpdateFact(state.phase, state.version, state.method, state.said[:200], since, state.bad[-5:])
