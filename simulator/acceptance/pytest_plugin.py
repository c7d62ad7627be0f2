"""The pytest plugin: fixtures `terminal`, `bench`, `citizen`; feature files; what is kept of a failure; the report.

Loaded with every pytest run of an environment in which the kiosk is installed: nothing but pytest is imported here
until a test asks for one of the fixtures, or a feature file is collected.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from simulator.acceptance.qa import QaBench, QaCitizen, QaTerminal
    from simulator.acceptance.running import Running
    from simulator.acceptance.scene import Scene
    from simulator.acceptance.terminals import Terminals

FAILED = pytest.StashKey[bool]()
TERMINALS: pytest.StashKey[Terminals] = pytest.StashKey()
RUNNING: pytest.StashKey[Running] = pytest.StashKey()
STEPS_PLUGIN = "kiosk-acceptance-steps"


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--bench`, `--token`, `--seed`, `--kiosk-report`, `--kiosk-out`, `--kiosk-fresh`."""
    group = parser.getgroup("kiosk", "self-service terminal")
    words = "run at this bench (its address, the token may be in it) in real time, not in virtual time"
    group.addoption("--bench", default=os.environ.get("KIOSK_BENCH", ""), metavar="URL", help=words)
    group.addoption("--token", default=os.environ.get("KIOSK_BENCH_TOKEN", ""), help="the bench's token")
    group.addoption("--seed", default="1", help="seed of everything left to chance; `random` draws one")
    group.addoption("--kiosk-report", default="", metavar="FILE", help="write one HTML file about the run")
    group.addoption("--kiosk-out", default="", metavar="DIR", help="where failures leave screen, wire, journal")
    group.addoption("--kiosk-fresh", action="store_true", help="a fresh terminal for each test: slower, independent")
    parser.addini("kiosk_features", "collect .feature files (default true)", type="bool", default=True)


def pytest_configure(config: pytest.Config) -> None:
    """Marks, and the seed of this run."""
    config.addinivalue_line("markers", "promise(number): the promise (docs/promises.md) that this test holds up")
    if config.getoption("--seed") == "random" and not hasattr(config, "workerinput"):
        config.option.seed = str(int.from_bytes(os.urandom(3), "big"))
    if config.getoption("--kiosk-report") and not hasattr(config, "workerinput"):
        config.pluginmanager.register(Collected(config), "kiosk-report")


def pytest_report_header(config: pytest.Config) -> str | None:
    """Said where it is not the usual."""
    bench, seed = str(config.getoption("--bench")), str(config.getoption("--seed"))
    words = [f"bench {bench.partition('?')[0]}"] * bool(bench) + [f"seed {seed}"] * (seed != "1")
    return f"kiosk: {', '.join(words)}" if words else None


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """A feature file is a test file by itself, where pytest-bdd is installed."""
    if file_path.suffix != ".feature" or not parent.config.getini("kiosk_features"):
        return None
    plugins = parent.config.pluginmanager
    if not plugins.hasplugin("pytest-bdd"):
        return None
    from simulator.acceptance.feature_file import FeatureFile

    if not plugins.has_plugin(STEPS_PLUGIN):
        from simulator.acceptance import bdd

        plugins.register(bdd, STEPS_PLUGIN)
    found: pytest.Collector = FeatureFile.from_parent(parent, path=file_path)
    return found


@pytest.fixture
def kiosk_scene(request: pytest.FixtureRequest) -> Iterator[Scene]:
    """One scenario's scene; its terminal goes back when it is over."""
    from simulator.acceptance.running import Running
    from simulator.acceptance.scene import Scene
    from simulator.acceptance.terminals import Terminals

    config = request.config
    if TERMINALS not in config.stash:
        config.stash[TERMINALS] = Terminals.of(config)
    terminals = config.stash[TERMINALS]
    scene = Scene(terminals.lend, terminals.seed_for(request.node.nodeid), where=terminals.where)
    wants = bool(config.getoption("--kiosk-report"))
    request.node.stash[RUNNING] = Running(scene, request.node.nodeid, wants, scenario=request.node.name)
    yield scene
    failed = request.node.stash.get(FAILED, False)
    if scene.is_open:
        terminals.take_back(scene.terminal, spoilt=bool(failed))


@pytest.fixture
def kiosk_running(request: pytest.FixtureRequest, kiosk_scene: Scene) -> Running:
    """What the report is made from."""
    del kiosk_scene
    found: Running = request.node.stash[RUNNING]
    return found


@pytest.fixture
def citizen(kiosk_scene: Scene) -> QaCitizen:
    """Somebody who has come: `citizen("于淑贤")` is somebody else."""
    from simulator.acceptance.qa import QaCitizen

    return QaCitizen(kiosk_scene)


@pytest.fixture
def terminal(kiosk_scene: Scene) -> QaTerminal:
    """The terminal, on standby: look at it, touch it, wait."""
    from simulator.acceptance.qa import QaTerminal

    return QaTerminal(kiosk_scene)


@pytest.fixture
def bench(kiosk_scene: Scene) -> QaBench:
    """The devices, the platform and the bank: faults, papers, money, cases."""
    from simulator.acceptance.qa import QaBench

    return QaBench(kiosk_scene)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """After the test itself, while its terminal is still there: keep what is needed to understand it."""
    outcome: Any = yield
    report: pytest.TestReport = outcome.get_result()
    running = item.stash.get(RUNNING, None)
    if running is None or report.when != "call":
        return
    item.stash[FAILED] = report.failed
    if report.failed or running.wants_pictures:
        from simulator.acceptance.keeping import keep

        keep(item, report, running)


class Collected:
    """What the tests of this run left for the report, from this process and from workers."""

    def __init__(self, config: pytest.Config) -> None:
        self._path, self._seed = Path(str(config.getoption("--kiosk-report"))), str(config.getoption("--seed"))
        self.runs: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """One test is over."""
        data = getattr(report, "kiosk", None)
        if data is not None:
            self.runs.append(data)

    def pytest_sessionfinish(self) -> None:
        """Write the report."""
        from simulator.acceptance.report import write_report

        write_report(self._path, self.runs, self._seed)

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Say where the report lies."""
        terminalreporter.write_line(f"kiosk: 报告 {self._path}")


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Halls end."""
    terminals = session.config.stash.get(TERMINALS, None)
    if terminals is not None:
        terminals.close()


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """How failures are played again."""
    failed = [report for report in terminalreporter.stats.get("failed", ()) if hasattr(report, "kiosk_again")]
    if failed:
        terminalreporter.section("kiosk: 重放")
        for report in failed:
            terminalreporter.write_line(report.kiosk_again)
