"""Updates with real packages on a bare machine: fetched, verified, installed by dpkg, cut short, kept, taken back.

Four minutes on two cores, so not with every run: with `KIOSK_LONG_PROOFS=1` (docs/updates.md).
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.processes.booted_updates import HURRIED, MACHINE, NO_HURRY_OF_THE_DISK, PAGE, Powered, repacked, shelf
from tests.processes.control_room_stand import free_port
from tests.processes.debian_machine import DebianMachine, as_root, may_mount
from tests.processes.test_package import _built
from tests.updates.release import PUBLIC, signed, tree

ROOT = Path(__file__).parents[2]
ASKED = bool(os.environ.get("KIOSK_LONG_PROOFS"))
pytestmark = [
    pytest.mark.processes,
    pytest.mark.oracle,
    pytest.mark.timeout(1500),
    pytest.mark.xdist_group("package"),
    pytest.mark.skipif(not ASKED, reason="four minutes: KIOSK_LONG_PROOFS=1 asks for it (docs/updates.md)"),
]
FIRST, GOOD, BAD = "0.1.0", "0.2.0", "0.3.0"
STEP_S = 240.0


@dataclass
class Seen:
    """What was seen from the installation to the version that was taken back; seconds of each part."""

    seeded: str = ""
    cut_at: tuple[str, str] = ("", "")
    after_cut: tuple[str, str] = ("", "")
    ran_after_cut: str = ""
    good: dict[str, Any] = field(default_factory=dict)
    good_dpkg: tuple[str, str] = ("", "")
    good_ran: str = ""
    bad: dict[str, Any] = field(default_factory=dict)
    bad_dpkg: tuple[str, str] = ("", "")
    bad_ran: str = ""
    said: str = ""
    left: set[str] = field(default_factory=set)
    seconds: dict[str, float] = field(default_factory=dict)


def _publish(folder: Path, package: Path, version: str, serial: int) -> None:
    """A signed manifest beside the package."""
    with package.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    now = datetime.now(UTC)
    day = (now - timedelta(days=1)).isoformat()
    files = [{"method": "package", "name": package.name, "size": package.stat().st_size, "sha256": digest}]
    rings = [{"name": "all", "percent": 100, "from": day}]
    ends = (now + timedelta(days=9)).isoformat()
    manifest = tree(version, serial, not_before=day, expires=ends, rings=rings, files=files)
    fresh = folder / "stable.json.new"
    fresh.write_bytes(signed(manifest))
    fresh.replace(folder / "stable.json")


@contextmanager
def _platform(folder: Path) -> Iterator[int]:
    """The reference platform; its port."""
    port = free_port()
    kiosk_sim = Path(sys.executable).with_name("kiosk-sim")
    command = [str(kiosk_sim), "platform", "--listen", f"127.0.0.1:{port}", "--db", str(folder / "platform.sqlite")]
    with (folder / "platform.log").open("wb") as log:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        yield port
    finally:
        process.terminate()
        process.wait(30)


@pytest.fixture(name="seen", scope="module")
def _seen() -> Iterator[Seen]:
    if not may_mount():
        pytest.skip("root may not mount here: updates are proved on a machine, not in a container without rights")
    folder = Path(tempfile.mkdtemp(prefix="updates-", dir="/var/tmp"))  # 3 GB: never in memory
    machine = DebianMachine(folder / "root")
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        stack.callback(machine.close)
        with ThreadPoolExecutor(1) as beside:
            building = beside.submit(_built, folder / "deb")
            machine.make()
        yield _lived(machine, building.result(), folder, stack)


def _lived(machine: DebianMachine, first: Path, folder: Path, stack: ExitStack) -> Seen:
    seen, began = Seen(), time.monotonic()

    def part(name: str) -> None:
        nonlocal began
        seen.seconds[name], began = round(time.monotonic() - began, 1), time.monotonic()

    installed = machine.install(first)
    assert installed.returncode == 0, (installed.stdout + installed.stderr)[-3000:]
    own = machine.root / "var/lib/weihai-kiosk-update"
    seen.seeded = installed.stdout + installed.stderr
    part("installed")
    shelf_folder = folder / "shelf"
    shelf_folder.mkdir()
    packages = repacked(first, shelf_folder, {GOOD: True, BAD: False})
    part("repacked")

    powered = Powered(machine, folder / "console.log")
    stack.callback(powered.off)
    ports = {"shelf": stack.enter_context(shelf(shelf_folder)), "platform": stack.enter_context(_platform(folder))}
    powered.put("etc/weihai-kiosk/machine.toml", MACHINE.format(key=PUBLIC, **ports))
    powered.put("etc/systemd/system/weihai-kiosk.service.d/hurried.conf", HURRIED)
    powered.put("etc/systemd/system/weihai-kiosk-out-of-service.service.d/page.conf", PAGE)
    powered.put("etc/dpkg/dpkg.cfg.d/hurried", NO_HURRY_OF_THE_DISK)
    display = machine.root / "etc/systemd/system/weihai-kiosk-x.service"
    subprocess.run(as_root("ln", "-sf", "/dev/null", str(display)), check=True)

    _publish(shelf_folder, packages[GOOD], GOOD, 1)
    powered.on()
    powered.wait_for(lambda: powered.dpkg()[0][:2] == "iH", STEP_S, 0.02)  # dpkg unpacks
    powered.off()
    seen.cut_at = powered.dpkg()
    part("until the plug was pulled")
    powered.on()
    powered.wait_for(lambda: powered.running() != "", STEP_S)
    seen.after_cut, seen.ran_after_cut = powered.dpkg(), powered.running()
    part("a version runs again")
    powered.wait_for(lambda: powered.phase() == f"good {GOOD}", STEP_S)
    seen.good, seen.good_dpkg, seen.good_ran = powered.state(), powered.dpkg(), powered.running()
    part("installed again, tried and kept")

    _publish(shelf_folder, packages[BAD], BAD, 2)
    powered.wait_for(lambda: powered.phase() == f"rolled-back {BAD}", STEP_S)
    seen.bad, seen.bad_dpkg = powered.state(), powered.dpkg()
    seen.bad_ran, seen.said = powered.running(), powered.said()
    seen.left = {each.name for each in own.iterdir()}
    part("the broken one taken back")
    powered.off()
    return seen


def test_the_package_seeds_its_own_way_back(seen: Seen) -> None:
    assert f"{FIRST} is the way back" in seen.seeded


@pytest.mark.promise("P10")
def test_a_plug_pulled_while_dpkg_unpacks_leaves_the_old_version_running(seen: Seen) -> None:
    assert seen.cut_at[0][:2] == "iH"
    assert (seen.after_cut, seen.ran_after_cut) == (("ii", FIRST), FIRST)
    assert f"taking {GOOD} back (half" in seen.said


def test_it_is_installed_again_and_kept(seen: Seen) -> None:
    assert (seen.good_dpkg, seen.good_ran, seen.good["bad"]) == (("ii", GOOD), GOOD, [])


@pytest.mark.promise("P10")
def test_a_version_that_never_gets_ready_goes_back_by_itself_is_marked_and_told(seen: Seen) -> None:
    assert (seen.bad_dpkg, seen.bad_ran) == (("ii", GOOD), GOOD)
    assert (seen.bad["bad"], seen.bad["said"]) == ([BAD], "it could not start")
    assert f"taking {BAD} back (failed" in seen.said
    assert "event=updates.rolled-back" in seen.said
    assert seen.left == {"current.deb", "taken-back"}


def test_how_long_it_took(seen: Seen, record_property: Callable[[str, object], None]) -> None:
    record_property("seconds", seen.seconds)
    print(seen.seconds)
    assert sum(seen.seconds.values()) < 900
