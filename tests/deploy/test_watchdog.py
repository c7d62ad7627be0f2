"""P10 as processes: a frozen screen and a stuck loop are noticed from outside and started again, and given up at the
bound. The test plays systemd by the rules of the unit file that the package installs (`service_unit`)."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deploy.service_unit import Rules, Supervisor, own_environment

ROOT = Path(__file__).parents[2]
LAYER = """
state_dir = "{folder}/state"
[window]
mirror = ""
[platform]
url = "http://127.0.0.1:9"
command_wait_s = 0
"""
STUCK = """
[devices.cabinet]
driver = "stuck"
link = "serial:///dev/null?baud=9600&unit=1"
"""
DRIVER = '''
"""A vendor's driver that blocks the loop when it opens its device."""
import time
from drivers.cabinet.driver import Cabinet

class Stuck(Cabinet):
    async def _open(self) -> None:
        time.sleep(3600)
'''


@pytest.mark.promise("P10")
def test_the_bound_per_hour_can_be_reached() -> None:
    """A burst that the slowest way of failing cannot fill within the interval would never stop anything."""
    rules = Rules.of("weihai-kiosk.service")
    assert rules.interval == 3600
    for way, cycle in rules.cycles().items():
        assert rules.burst * cycle < rules.interval, f"{way}: {rules.burst} x {cycle:g} s is more than an hour"
    assert rules.burst >= 3, "one bad minute must not end the day"
    assert rules.instead.split() == [
        "weihai-kiosk-out-of-service.service", "weihai-kiosk-given-up.service", "weihai-kiosk-update-guard.service",
    ]  # fmt: skip
    assert rules.fatal == {2}, "wrong settings are not read again"


@pytest.fixture(name="x")
def _x() -> Iterator[tuple[str, int]]:
    """A display of its own: its name and the server's process."""
    read, write = os.pipe()
    command = ["Xvfb", "-displayfd", str(write), "-screen", "0", "540x960x24", "-nocursor", "-br", "-nolisten", "tcp"]
    server = subprocess.Popen(command, pass_fds=(write,), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    os.close(write)
    with os.fdopen(read) as pipe:
        number = pipe.readline().strip()
    assert number, "Xvfb did not start"
    try:
        yield f":{number}", server.pid
    finally:
        server.send_signal(signal.SIGCONT)
        server.terminate()
        server.wait(10)


def _layer(folder: Path, more: str = "") -> Path:
    layer = folder / "machine.toml"
    layer.write_text(LAYER.format(folder=folder) + more, encoding="utf-8")
    return layer


def _command(layer: Path, *words: str) -> list[str]:
    kiosk = Path(sys.executable).parent / "kiosk"
    return [sys.executable, str(kiosk), *words, f"--machine={layer}"]


@pytest.mark.processes
@pytest.mark.promise("P10")
@pytest.mark.timeout(90)
def test_a_screen_that_takes_nothing_any_more_is_started_again(tmp_path: Path, x: tuple[str, int]) -> None:
    """The display itself is stopped: nothing in the terminal is touched for this."""
    display, server = x
    rules = Rules.of("weihai-kiosk.service").hurried(watchdog=5.0, abort=2.0, pause=0.2)
    environment = own_environment(DISPLAY=display, SDL_VIDEODRIVER="x11", SDL_AUDIODRIVER="dummy")
    systemd = Supervisor(_command(_layer(tmp_path), "run"), rules, tmp_path, environment)
    systemd.on_ready = {1: lambda: os.kill(server, signal.SIGSTOP)}
    systemd.before_restart = lambda: os.kill(server, signal.SIGCONT)
    systemd.run(80, ready_starts=2)
    assert [word for word in systemd.told if word != "killed"] == ["ready", "watchdog", "ready"]
    assert "the terminal's screen stands still" in systemd.status[-2:][0] or any("screen" in s for s in systemd.status)
    said = systemd.log.read_text("utf-8")
    assert re.search(r"event=program\.screen-stuck .* \| at screens/window\.py:\d+ update < screens/stage\.py", said), (
        said
    )


@pytest.mark.processes
@pytest.mark.promise("P10")
@pytest.mark.timeout(90)
def test_a_stuck_loop_is_started_again_and_given_up_at_the_bound(tmp_path: Path) -> None:
    """A vendor's driver blocks the loop, every time; after the last permitted start the page takes over."""
    brought = tmp_path / "brought"
    (brought / "stuck_driver-1.0.dist-info").mkdir(parents=True)
    (brought / "stuck_driver.py").write_text(DRIVER)
    (brought / "stuck_driver-1.0.dist-info/METADATA").write_text(
        "Metadata-Version: 2.1\nName: stuck-driver\nVersion: 1.0\n"
    )
    (brought / "stuck_driver-1.0.dist-info/entry_points.txt").write_text(
        '[kiosk.drivers]\n"cabinet.stuck" = stuck_driver:Stuck\n'.replace('"', "")
    )
    layer = _layer(tmp_path, STUCK)
    rules = Rules.of("weihai-kiosk.service").hurried(watchdog=3.0, abort=2.0, pause=0.2, burst=2)
    environment = own_environment(SDL_VIDEODRIVER="dummy", SDL_AUDIODRIVER="dummy", PYTHONPATH=str(brought))
    systemd = Supervisor(_command(layer, "run"), rules, tmp_path, environment)
    systemd.run(80)
    assert systemd.told == ["ready", "watchdog", "ready", "watchdog", "start limit"]
    said = systemd.log.read_text("utf-8")
    assert re.search(r"event=program\.loop-stuck .* \| at brought/stuck_driver\.py:\d+ _open < ", said), said
    assert "Fatal Python error: Aborted" in said, "every stack, when systemd ends it"

    page = Rules.of("weihai-kiosk-out-of-service.service").hurried(watchdog=3.0)
    folder = tmp_path / "page"
    folder.mkdir()
    instead = Supervisor(_command(layer, "out-of-service"), page, folder, environment)
    instead.run(30, ready_starts=1)
    assert instead.told == ["ready"]


@pytest.mark.processes
@pytest.mark.promise("P10")
def test_wrong_settings_are_given_up_at_once(tmp_path: Path) -> None:
    layer = _layer(tmp_path, "[terminal]\nnumber = 1000\n")
    rules = Rules.of("weihai-kiosk.service").hurried(pause=0.1)
    environment = own_environment(SDL_VIDEODRIVER="dummy", SDL_AUDIODRIVER="dummy")
    systemd = Supervisor(_command(layer, "run"), rules, tmp_path, environment)
    systemd.run(30)
    assert systemd.told == ["exit 2"]
    assert "terminal.number" in systemd.log.read_text("utf-8")


def test_there_is_a_display_to_freeze() -> None:
    assert shutil.which("Xvfb"), "Xvfb is missing: make setup installs it (config/deploy/system-packages.txt)"
