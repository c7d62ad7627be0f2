"""What the package installs beside the program: units that systemd itself accepts, their exposure, the lock-down."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

from tests.deploy.service_unit import UNITS, read_unit

ROOT = Path(__file__).parents[2]
TREE = ROOT / "config/deploy/root"
EXPOSURE = {
    "weihai-kiosk.service": 2.0,
    "weihai-kiosk-out-of-service.service": 1.5,
    "weihai-kiosk-given-up.service": 1.8,
    "weihai-kiosk-x.service": 4.5,
    "weihai-kiosk-cage.service": 2.5,
    "weihai-kiosk-update.service": 5.6,
    "weihai-kiosk-update-guard.service": 5.6,
}
"""At most, of 10 (docs/installing.md has the measured ones)."""


@pytest.fixture(name="machine", scope="module")
def _machine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A root with systemd's own units, ours, and something to run where a command is named."""
    machine = tmp_path_factory.mktemp("machine")
    there = next((p for p in (Path("/usr/lib/systemd/system"), Path("/lib/systemd/system")) if p.is_dir()), None)
    assert there, "systemd's units are missing: make setup installs systemd (config/deploy/system-packages.txt)"
    shutil.copytree(there, machine / "usr/lib/systemd/system", symlinks=True, ignore_dangling_symlinks=True)
    shutil.copytree(TREE, machine, dirs_exist_ok=True)
    for command in ("usr/bin/Xorg", "usr/bin/cage", "usr/bin/sleep"):
        path = machine / command
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("#!/bin/sh\n")
        path.chmod(0o755)
    return machine


@pytest.mark.oracle
@pytest.mark.parametrize("unit", EXPOSURE)
def test_systemd_accepts_the_unit(machine: Path, unit: str) -> None:
    ran = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", f"--root={machine}", unit],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    ours = [line for line in ran.stderr.splitlines() if "weihai" in line]
    assert (ours, ran.returncode) == ([], 0), ran.stderr


@pytest.mark.oracle
@pytest.mark.parametrize(("unit", "most"), EXPOSURE.items())
def test_a_unit_is_no_more_exposed_than_we_say(machine: Path, unit: str, most: float) -> None:
    command = ["systemd-analyze", "security", "--offline=true", "--no-pager", f"--root={machine}", unit]
    ran = subprocess.run(
        command, capture_output=True, text=True, timeout=60, check=False, env={**os.environ, "LC_ALL": "C.UTF-8"}
    )
    found = re.search(r"Overall exposure level for \S+: ([\d.]+)", ran.stdout)
    assert found, ran.stdout[-500:] + ran.stderr
    assert float(found[1]) <= most


def test_each_unit_that_is_shown_has_a_figure() -> None:
    assert {path.name for path in UNITS.glob("*.service")} == set(EXPOSURE)


def test_who_runs_the_terminal_has_no_shell_and_no_right_of_root() -> None:
    service = read_unit(UNITS / "weihai-kiosk.service")["Service"]
    assert service["User"] == ["kiosk"]
    assert service["CapabilityBoundingSet"] == [""]
    assert service["LimitCORE"] == ["0"]
    assert service["LoadCredential"] == ["secrets:/etc/weihai-kiosk/secrets"]
    assert any(value.startswith("TMPDIR=/run/") for value in service["Environment"]), "what a visit writes is in memory"
    users = (TREE / "usr/lib/sysusers.d/weihai-kiosk.conf").read_text("utf-8")
    assert re.search(r'^u kiosk - ".*" /nonexistent /usr/sbin/nologin$', users, re.MULTILINE)


def test_only_devices_of_a_terminal_are_open_to_it() -> None:
    service = read_unit(UNITS / "weihai-kiosk.service")["Service"]
    assert service["DevicePolicy"] == ["closed"]
    kinds = {value.split()[0].removeprefix("char-") for value in service["DeviceAllow"]}
    assert kinds == {"ttyUSB", "ttyACM", "ttyS", "video4linux", "alsa", "input", "hidraw"}


RULES = (TREE / "usr/lib/udev/rules.d/10-weihai-kiosk-usb.rules").read_text("utf-8")


@pytest.mark.parametrize(
    ("number", "what"), [("08", "storage"), ("06", "phones as cameras"), ("e0", "Bluetooth, networks"), ("0d", "?")]
)
def test_a_class_that_is_not_on_the_list_stays_refused(number: str, what: str) -> None:
    assert f'bInterfaceClass}}=="{number}"' not in RULES, what
    assert 'ENV{WEIHAI_USB}!="?*", ATTR{authorized}="0"' in RULES
    assert 'ATTR{interface_authorized_default}="0"' in RULES


def test_adapters_of_the_claim_table_are_let_in_and_no_others() -> None:
    """A vendor's class (ff) may be anything; so it is let in by id only."""
    claims = tomllib.loads((ROOT / "config/claims.toml").read_text("utf-8"))["claim"]
    known = {each["usb"] for each in claims if "usb" in each}
    allowed = re.findall(r'bInterfaceClass\}=="ff", ATTRS\{idVendor\}=="(\w+)", ATTRS\{idProduct\}=="(\w+)"', RULES)
    assert {":".join(pair) for pair in allowed} == known
    assert RULES.count('=="ff"') == len(allowed)


def test_nothing_of_a_visit_survives_a_crash_and_no_key_leaves_the_page() -> None:
    def text(path: str) -> str:
        return (TREE / path).read_text("utf-8")

    assert "fs.suid_dumpable = 0" in text("usr/lib/sysctl.d/60-weihai-kiosk.conf")
    assert "kernel.sysrq = 0" in text("usr/lib/sysctl.d/60-weihai-kiosk.conf")
    assert "Storage=none" in text("usr/lib/systemd/coredump.conf.d/weihai-kiosk.conf")
    assert "NAutoVTs=0" in text("usr/lib/systemd/logind.conf.d/weihai-kiosk.conf")
    assert '"DontVTSwitch" "true"' in text("usr/share/X11/xorg.conf.d/90-weihai-kiosk.conf")
    assert "install usb-storage /bin/false" in text("usr/lib/modprobe.d/weihai-kiosk.conf")
    assert "CtrlAltDelBurstAction=none" in text("usr/lib/systemd/system.conf.d/weihai-kiosk.conf")


@pytest.mark.parametrize("script", ["postinst", "prerm", "postrm"])
def test_maintainer_scripts_are_shell(script: str) -> None:
    path = ROOT / "config/deploy/debian" / script
    assert subprocess.run(["sh", "-n", str(path)], capture_output=True, timeout=10, check=False).returncode == 0
    text = path.read_text("utf-8")
    assert "set -e" in text
    assert "mkfs" not in text, "nothing is ever formatted"


def test_an_order_that_a_power_cut_left_is_gone_before_anything_follows_it() -> None:
    """And what was left half installed is put back before the terminal and before another order."""
    lines = (TREE / "usr/lib/tmpfiles.d/weihai-kiosk.conf").read_text("utf-8").splitlines()
    order = read_unit(UNITS / "weihai-kiosk-update.path")["Path"]["PathExists"][0]
    assert f"r! {order}" in lines
    guard = "weihai-kiosk-update-guard.service"
    assert guard in read_unit(UNITS / "weihai-kiosk-update.service")["Unit"]["After"][0].split()
    assert "weihai-kiosk.service" in read_unit(UNITS / guard)["Unit"]["Before"][0].split()
