"""The books of a running bench: pad and printer in this process, the platform's and the terminal's files read only.

Only what happened since the bench started counts: the bank and the printer begin anew with it, the files do not.
"""

from __future__ import annotations

import copy
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from config.catalogue import Catalogue, load_catalogue
from simulator.books import paid_fen
from simulator.world import World

_COUNTED: Final = ("payment_order", "payer_entry", "application", "print", "refund")
"""Tables of the platform of which only new rows count."""
BUSY_S: Final = 2.0


@dataclass(frozen=True, slots=True)
class Places:
    """Files of a bench with processes: the terminal's state, the platform's database, the terminal's log."""

    state_dir: Path
    platform_db: Path
    log: Path


class NotYet(RuntimeError):
    """There is no journal or no platform to look at yet."""


def read_only(path: Path) -> sqlite3.Connection:
    """A connection that changes nothing. Raises `NotYet`."""
    if not path.exists():
        raise NotYet(f"{path.name} is not there yet")
    return sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=BUSY_S)


class _Since:
    """A terminal's entry point that tells only what is newer than the bench."""

    def __init__(self, terminal: Any, acts: int, entries: int) -> None:
        self._terminal, self._acts, self._entries = terminal, acts, entries

    def acts(self, folder: Path) -> list[dict[str, Any]]:
        """Intents, oldest first."""
        found: list[dict[str, Any]] = self._terminal.acts(folder)
        return found[self._acts :]

    def entries(self, folder: Path, kind: str = "") -> list[dict[str, Any]]:
        """Entries, oldest first; of one kind when asked for."""
        found: list[dict[str, Any]] = self._terminal.entries(folder)
        return [entry for entry in found[self._entries :] if kind in ("", entry["kind"])]

    def broken(self, folder: Path) -> str:
        """The first break of the whole chain."""
        return str(self._terminal.broken(folder))


class Baseline:
    """How much there was when the bench started. Raises `NotYet` never: what is not there has nothing."""

    def __init__(self, places: Places) -> None:
        self.rows = {table: _highest(places.platform_db, table) for table in _COUNTED}
        self.acts = _count(places.state_dir / "journal.db", "intent")
        self.entries = _count(places.state_dir / "journal.db", "entry")


class LiveBooks:
    """`simulator.books.Books` of this moment; made in the event loop, read in a thread."""

    def __init__(
        self, world: World, places: Places, baseline: Baseline, terminal: Any, jobs: Mapping[int, Any]
    ) -> None:
        self.folder = places.state_dir
        self.terminal = _Since(terminal, baseline.acts, baseline.entries)
        self.print_jobs = dict(jobs)
        self._db = places.platform_db
        self._since = baseline.rows
        pad: Any = world.devices.get("payment-pad")
        if pad is not None:
            pad.ledger()
        self._bank = [copy.copy(entry) for entry in pad.terminal.ledger.entries] if pad is not None else []

    @property
    def catalogue(self) -> Catalogue:
        """The services."""
        return _catalogue()

    def fee_fen(self, service: str) -> int:
        """As `Hall.fee_fen`."""
        fee = self.catalogue.services[service].fee
        return fee.fen if fee.type == "fixed" else int(fee.type != "free")

    def rows(self, query: str) -> list[Mapping[str, Any]]:
        """What the platform keeps, of new rows. Raises `NotYet`, `sqlite3.Error`."""
        with closing(read_only(self._db)) as db:
            for table, last in self._since.items():
                db.execute(f"CREATE TEMP VIEW {table} AS SELECT * FROM main.{table} WHERE rowid > {int(last)}")  # noqa: S608 - names of our own table, a number
            cursor = db.execute(query)
            names = [column[0] for column in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def paid_fen(self) -> dict[str, int]:
        """Order -> what was paid."""
        return paid_fen(self._bank, self.rows)

    @property
    def bank(self) -> list[Any]:
        """The bank's entries."""
        return self._bank

    @property
    def sheets(self) -> dict[str, int]:
        """Job name -> sheets."""
        out: dict[str, int] = {}
        for job in self.print_jobs.values():
            out[job.name] = out.get(job.name, 0) + job.impressions
        return out


@cache
def _catalogue() -> Catalogue:
    return load_catalogue()


def _highest(path: Path, table: str) -> int:
    return _number(path, f"SELECT coalesce(max(rowid), 0) FROM {table}")  # noqa: S608 - one of `_COUNTED`


def _count(path: Path, table: str) -> int:
    return _number(path, f"SELECT count(*) FROM {table}")  # noqa: S608 - a name of ours


def _number(path: Path, query: str) -> int:
    try:
        with closing(read_only(path)) as db:
            return int(db.execute(query).fetchone()[0])
    except (NotYet, sqlite3.Error):
        return 0
