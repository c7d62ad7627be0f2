"""The Debian package, built and put onto a bare machine: installed, set up, started, removed, purged."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.deploy.service_unit import Rules, Supervisor
from tests.processes.booted import Booted, boot
from tests.processes.debian_machine import DebianMachine, as_root, may_mount

ROOT = Path(__file__).parents[2]
pytestmark = [pytest.mark.processes, pytest.mark.timeout(900), pytest.mark.xdist_group("package")]
ANSWERS = """
[terminal]
id = "WH-HC-0007"
hall_zh = "环翠区政务服务中心"
hall_en = "Huancui District Service Centre"
number = 7
[platform]
url = "https://platform.example.invalid"
public_key = "{key}"
[devices]
camera.link = "/dev/kiosk/camera"
id_card.link = "serial:///dev/kiosk/id-card?baud=115200"
receipt_printer.link = "serial:///dev/kiosk/receipt-printer?baud=115200"
licence_printer.link = "ipp://192.0.2.31:631/ipp/print"
payment_pad.link = "tcp://192.0.2.32:20007"
"""
LOOKED_AT = (
    "/usr/bin/kiosk",
    "/opt/weihai-kiosk",
    "/opt/weihai-kiosk/bin/python",
    "/etc/weihai-kiosk/site.toml",
    "/etc/weihai-kiosk/secrets",
    "/etc/weihai-kiosk/machine.toml",
    "/var/lib/weihai-kiosk",
    "/var/lib/weihai-kiosk-update",
    "/var/lib/weihai-kiosk-update/current.deb",
)


@dataclass
class Life:
    """What was seen of the package from its installation to its purge."""

    installed: str = ""
    version: str = ""
    answers: dict[str, int] = field(default_factory=dict)
    modes: dict[str, str] = field(default_factory=dict)
    owners: dict[str, str] = field(default_factory=dict)
    before_setup: dict[str, object] = field(default_factory=dict)
    diagnosis: dict[str, object] = field(default_factory=dict)
    setup: str = ""
    started: list[str] = field(default_factory=list)
    said: str = ""
    booted: Booted = field(default_factory=lambda: Booted(()))
    user: str = ""
    groups: str = ""
    links: dict[str, str] = field(default_factory=dict)
    verified: str = ""
    simulator: bool = True
    after_remove: set[str] = field(default_factory=set)
    after_purge: str = ""
    user_after: int = 0


def _looked(machine: DebianMachine, life: Life) -> None:
    """Who may do what with what was installed."""
    for line in machine.inside("stat", "-c", "%n %a %U:%G", *LOOKED_AT).stdout.splitlines():
        name, mode, owner = line.split()
        life.modes[name], life.owners[name] = mode, owner
    life.user = machine.inside("getent", "passwd", "kiosk").stdout
    life.groups = machine.inside("id", "-nG", "kiosk").stdout
    for name in ("weihai-kiosk-display.service", "ctrl-alt-del.target", "multi-user.target.wants/weihai-kiosk.service"):
        life.links[name] = machine.inside("readlink", f"/etc/systemd/system/{name}").stdout.strip()
    verify = ("verify", "--man=no", f"--root={machine.root}", "weihai-kiosk.service")
    verified = subprocess.run(as_root("systemd-analyze", *verify), capture_output=True, text=True, check=False)
    life.verified = verified.stderr
    life.simulator = (machine.root / "opt/weihai-kiosk/lib/python3.11/site-packages/simulator").exists()


def _started(machine: DebianMachine, life: Life, folder: Path) -> None:
    """As weihai-kiosk.service starts it, but for a display: ready, and its watchdog fed."""
    socket = machine.root / "run/weihai-kiosk"
    subprocess.run(as_root("install", "-d", "-m", "0777", str(socket)), check=True)
    environment = {
        "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
        "SDL_VIDEODRIVER": "dummy",
        "SDL_AUDIODRIVER": "dummy",
        "HOME": "/run/weihai-kiosk",
    }
    command = machine.entered("/usr/bin/kiosk", "run", user="kiosk:kiosk")
    systemd = Supervisor(command, Rules.of("weihai-kiosk.service"), socket, environment)
    systemd.log = folder / "stderr"
    systemd.inside = "/run/weihai-kiosk/notify"
    socket.joinpath("notify").chmod(0o777)
    try:
        systemd.run(80, ready_starts=1)
    finally:
        life.started, life.said = systemd.told, systemd.log.read_text("utf-8")


@pytest.fixture(name="life", scope="module")
def _life() -> Iterator[Life]:
    if not may_mount():
        pytest.skip("root may not mount here: the package is proved on a machine, not in a container without rights")
    folder = Path(tempfile.mkdtemp(prefix="package-", dir="/var/tmp"))  # 1 GB, and devices: never in memory
    machine = DebianMachine(folder / "root")
    try:
        with ThreadPoolExecutor(1) as beside:
            building = beside.submit(_built, folder / "deb")
            machine.make()
        yield _lived(machine, building.result(), folder)
    finally:
        machine.close()
        shutil.rmtree(folder, ignore_errors=True)


def _built(folder: Path) -> Path:
    """The package, packed quickly rather than small."""
    command = [str(ROOT / "config/deploy/build-deb"), sys.executable, str(folder)]
    environment = {**os.environ, "LEVEL": "1"}
    built = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False, env=environment)
    assert built.returncode == 0, built.stderr[-2000:]
    return Path(built.stdout.strip().splitlines()[-1])


def _lived(machine: DebianMachine, package: Path, folder: Path) -> Life:
    life = Life()
    installed = machine.install(package)
    assert installed.returncode == 0, (installed.stdout + installed.stderr)[-3000:]
    life.installed = installed.stdout + installed.stderr
    life.version = machine.inside("kiosk", "--version").stdout
    unset = machine.inside("kiosk", "diagnose", "--json")
    life.answers["diagnose unset"] = unset.returncode
    life.before_setup = json.loads(unset.stdout)

    (folder / "answers.toml").write_text(ANSWERS.format(key="ab" * 32), encoding="utf-8")
    subprocess.run(as_root("cp", str(folder / "answers.toml"), str(machine.root / "root/answers.toml")), check=True)
    done = machine.inside("kiosk", "setup", "--answers", "/root/answers.toml", "--no-enrol")
    life.answers["setup"], life.setup = done.returncode, done.stdout + done.stderr
    looked = machine.inside("kiosk", "diagnose", "--json", user="kiosk:kiosk")
    life.answers["diagnose"] = looked.returncode
    life.diagnosis = json.loads(looked.stdout)
    _started(machine, life, folder)
    _looked(machine, life)
    life.booted = boot(machine, folder)

    life.answers["remove"] = machine.inside("apt-get", "remove", "-y", "-q", "weihai-kiosk").returncode
    kept = ("var/lib/weihai-kiosk/journal.db", "etc/weihai-kiosk/machine.toml", "usr/bin/kiosk", "opt/weihai-kiosk")
    life.after_remove = {path for path in kept if machine.inside("test", "-e", f"/{path}").returncode == 0}
    life.answers["purge"] = machine.inside("apt-get", "purge", "-y", "-q", "weihai-kiosk").returncode
    everywhere = ("find", "/", "-xdev", "-path", "/proc", "-prune", "-o", "-iname", "*weihai*", "-print")
    life.after_purge = machine.inside(*everywhere).stdout
    life.user_after = machine.inside("getent", "passwd", "kiosk").returncode
    return life


def test_it_installs_on_a_bare_machine_and_says_what_comes_next(life: Life) -> None:
    assert "kiosk setup" in life.installed
    assert "on the same partition as the system" in life.installed
    assert life.version.startswith("weihai-kiosk 0.")


def test_it_keeps_itself_as_what_an_update_goes_back_to(life: Life) -> None:
    assert f"{life.version.split()[-1]} is the way back" in life.installed
    assert life.modes["/var/lib/weihai-kiosk-update"] == "711", "the terminal reads one file there, and lists none"
    assert life.owners["/var/lib/weihai-kiosk-update/current.deb"] == "root:root"


def test_before_setup_it_says_that_setup_is_missing(life: Life) -> None:
    assert life.answers["diagnose unset"] == 2
    assert life.before_setup["event"] == "settings.unusable"


def test_setup_from_a_file_and_a_diagnosis_after_it(life: Life) -> None:
    assert "machine.toml: written" in life.setup
    assert life.answers["setup"] == 1, "the camera is not plugged in here, and setup says so"
    assert "NO   camera: /dev/kiosk/camera is not there" in life.setup
    assert life.answers["diagnose"] == 2
    assert life.diagnosis["terminal"] == "WH-HC-0007"
    sections = life.diagnosis["sections"]
    assert isinstance(sections, list)
    assert {"platform", "storage", "time"} <= {section["id"] for section in sections}


@pytest.mark.promise("P10")
def test_the_installed_terminal_starts_and_tells_systemd(life: Life) -> None:
    assert life.started == ["ready"], life.said


@pytest.mark.promise("P10")
@pytest.mark.oracle
def test_systemd_itself_starts_it_watches_it_and_gives_it_up(life: Life) -> None:
    """The real one, with the unit as it was installed but for its patience: three times frozen, three times ended."""
    said = life.booted.said
    assert said("status=") == "in service"
    assert said("alive=") == "active restarts=0", "it feeds the watchdog while nothing is wrong"
    assert said("watchdog=") == "3"
    assert said("bound=") == "1"
    assert said("ended=") == "failed"
    assert said("page=") == "active"
    assert int(said("journal=")) > 0, "events are fields of the journal"


def test_systemd_holds_it_as_the_unit_says(life: Life) -> None:
    said = life.booted.said
    assert said("CapEff:") == said("CapBnd:") == "0000000000000000"
    assert said("NoNewPrivs:") == "1"
    assert said("Seccomp:") == "2"
    assert "0" not in said("Uid:").split()
    assert said("secret=") == "a-secret kiosk 400"


def test_its_user_has_no_shell_and_only_the_groups_of_its_devices(life: Life) -> None:
    assert life.user.strip().endswith(":/nonexistent:/usr/sbin/nologin")
    assert set(life.groups.split()) == {"kiosk", "dialout", "video", "audio", "input", "lp"}


def test_who_may_read_and_write_what(life: Life) -> None:
    assert life.modes["/etc/weihai-kiosk/secrets"] == "700"
    assert life.owners["/etc/weihai-kiosk/secrets"] == "root:root"
    assert life.modes["/etc/weihai-kiosk/machine.toml"] == "640"
    assert life.owners["/etc/weihai-kiosk/machine.toml"] == "root:kiosk"
    assert life.modes["/var/lib/weihai-kiosk"] == "700"
    assert life.owners["/var/lib/weihai-kiosk"] == "kiosk:kiosk"
    assert life.owners["/opt/weihai-kiosk"] == life.owners["/usr/bin/kiosk"] == "root:root"
    assert not life.simulator, "no simulator on a real terminal"


def test_its_units_are_enabled_and_the_machine_is_locked_down(life: Life) -> None:
    assert life.links["ctrl-alt-del.target"] == "/dev/null"
    assert life.links["weihai-kiosk-display.service"].endswith("/weihai-kiosk-x.service")
    assert life.links["multi-user.target.wants/weihai-kiosk.service"].endswith("/system/weihai-kiosk.service")
    assert "weihai-kiosk.service" not in life.verified, life.verified


def test_remove_keeps_journal_and_settings_and_purge_keeps_nothing(life: Life) -> None:
    assert life.after_remove == {"var/lib/weihai-kiosk/journal.db", "etc/weihai-kiosk/machine.toml"}
    assert (life.answers["remove"], life.answers["purge"]) == (0, 0)
    assert life.after_purge == ""
    assert life.user_after == 2, "its user is gone too"
