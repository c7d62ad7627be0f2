"""The terminals of a test run: halls that are lent to one test after another, or the one behind a bench."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from simulator.acceptance.scene import Setting
from simulator.acceptance.terminal import Terminal

if TYPE_CHECKING:
    import pytest

MOST_TESTS = 40
"""So many tests in one hall, then a fresh one: nothing grows without an end."""
MOST_HALLS = 2


@dataclass
class _Kept:
    setting: Setting
    terminal: Terminal
    tests: int = 1


@dataclass
class Terminals:
    """Opens, lends, takes back. `bench` is the bench's address; "" is virtual time in this process."""

    bench: str = ""
    token: str = ""
    seed: int = 1
    fresh: bool = False
    _free: list[_Kept] = field(default_factory=list)
    _lent: dict[int, _Kept] = field(default_factory=dict)
    _bench: Terminal | None = None

    @classmethod
    def of(cls, config: pytest.Config) -> Terminals:
        """What the command line asks for. Raises `pytest.UsageError`."""
        import pytest  # `kiosk-sim play` uses this file where no test runner is installed

        seed = str(config.getoption("--seed"))
        if not seed.isdigit() or len(seed) > 9:
            raise pytest.UsageError(f"--seed {seed!r}: a whole number of at most 9 digits, or random")
        bench, token = str(config.getoption("--bench")), str(config.getoption("--token"))
        return cls(bench, token, int(seed), bool(config.getoption("--kiosk-fresh")))

    @property
    def where(self) -> Literal["hall", "bench"]:
        """Which kind of terminal it is."""
        return "bench" if self.bench else "hall"

    def seed_for(self, test: str) -> int:
        """A test's own seed: the same whichever tests run beside it."""
        return (zlib.crc32(test.rpartition("/")[2].encode()) ^ (self.seed * 2654435761)) % 1_000_000

    def lend(self, setting: Setting) -> Terminal:
        """A terminal on standby that is as `setting` says."""
        if self.bench:
            return self._at_bench(setting)
        for kept in self._free:
            if kept.setting == setting:
                self._free.remove(kept)
                self._lent[id(kept.terminal)] = kept  # also when it cannot be tidied: it is closed with the rest
                kept.tests += 1
                kept.terminal.tidy()
                break
        else:
            from simulator.acceptance.in_hall import HallTerminal

            kept = _Kept(setting, HallTerminal(setting, self.seed))
        self._lent[id(kept.terminal)] = kept
        return kept.terminal

    def _at_bench(self, setting: Setting) -> Terminal:
        from simulator.acceptance.at_bench import BenchTerminal

        if self._bench is None:
            self._bench = BenchTerminal(self.bench, self.token)
        self._bench.tidy()
        self._bench.must_have(setting.ways, setting.equipment)
        return self._bench

    def take_back(self, terminal: Terminal, *, spoilt: bool) -> None:
        """The test is over; a hall in which one failed is not lent again."""
        kept = self._lent.pop(id(terminal), None)
        if kept is None:
            return
        if spoilt or terminal.worn or self.fresh or kept.tests >= MOST_TESTS or kept.setting.opens is not None:
            kept.terminal.close()
            return
        self._free.append(kept)
        while len(self._free) > MOST_HALLS:
            self._free.pop(0).terminal.close()

    def close(self) -> None:
        """The run is over."""
        for kept in (*self._free, *self._lent.values()):
            kept.terminal.close()
        self._free.clear()
        self._lent.clear()
        if self._bench is not None:
            self._bench.close()
            self._bench = None
