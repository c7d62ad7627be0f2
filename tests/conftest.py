"""What every room's tests share: where temporary files go, which share of a sweep runs today, what runs first."""

from __future__ import annotations

import gc
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import pytest
from _pytest.nodeid import NodeId
from hypothesis import HealthCheck, settings

T = TypeVar("T")
IN_MEMORY = Path("/dev/shm")
ROOM_BYTES = 2 << 30
"""A whole run leaves less than a tenth of it there; containers often have 64 MB."""
LONG = (
    "tests/processes/test_package.py",
    "tests/processes/",
    "tests/vision/test_documents.py",
    "tests/vision/test_reading.py",
    "tests/crash/",
    "tests/journeys/test_run_all.py",
    "tests/acceptance/",
    "tests/vision/",
    "tests/speech/",
    "tests/platform/test_platform_fuzz.py",
    "tests/oracle/",
)
"""These begin first, so that no worker ends a run alone with the longest of them."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--dense`, `--day`: how much of the sweeps runs."""
    group = parser.getgroup("sweeps", "sweeps of power cuts and cut wires")
    group.addoption("--dense", action="store_true", help="every point of every sweep, not the share of the day")
    group.addoption("--day", type=int, default=0, help="run the share of this day again (a number that a run printed)")


def pytest_configure(config: pytest.Config) -> None:
    """The day of this run, for all workers; temporary files in memory, where there is room: each commit is synced."""
    gc.set_threshold(20_000, 20)  # among so many objects a seventh of a sweep's time went into looking for cycles
    # A busy machine is no fault: no example has a deadline of wall time.
    settings.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
    settings.load_profile("busy")
    config.option.day = config.option.day or datetime.now(UTC).toordinal()
    if "TMPDIR" not in os.environ and _has_room(IN_MEMORY):
        os.environ["TMPDIR"] = tempfile.tempdir = str(IN_MEMORY)


def _has_room(folder: Path) -> bool:
    """Files can be written and started there, as tests do, and there is room for a whole run."""
    if not os.access(folder, os.W_OK) or os.statvfs(folder).f_flag & os.ST_NOEXEC:
        return False
    return shutil.disk_usage(folder).free > ROOM_BYTES


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Which share ran."""
    words = "whole (--dense)" if config.option.dense else f"the share of day {config.option.day} (--day repeats it)"
    terminalreporter.write_line(f"sweeps: {words}")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long ones first, otherwise the order stays; and a group of tests is one for pytest too.

    pytest-xdist 3.8 writes the group into `_nodeid`, which pytest 9.2 does not read any more: without this, groups are
    torn apart over the workers (three benches, pages laid out three times, visits beside each other).
    """

    def rank(item: pytest.Item) -> int:
        return next((n for n, path in enumerate(LONG) if item.nodeid.startswith(path)), len(LONG))

    items.sort(key=rank)
    for item in items:
        named = vars(item).get("_nodeid", item.nodeid)
        if item.nodeid != named:
            item._id = NodeId.parse(named)
        if item.nodeid != named:
            raise pytest.UsageError(f"{item.nodeid}: this pytest does not know pytest-xdist's groups")


@pytest.fixture(scope="session")
def of_the_day(request: pytest.FixtureRequest) -> Callable[[Sequence[T], int], Sequence[T]]:
    """`of_the_day(points, n)`: every nth of them, others each day until all had their turn; with `--dense` all."""
    day: int = request.config.option.day
    dense: bool = request.config.option.dense
    return lambda points, n: points if dense else points[day % n :: n]


@pytest.fixture(autouse=True)
def no_plugged_in_leftovers() -> Iterator[None]:
    """A memory port that one test left plugged in must not answer the next."""
    yield
    from drivers.links.memory import MemoryPort

    MemoryPort.ports.clear()
