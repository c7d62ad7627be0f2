"""The guard, sh and dpkg alone: what it takes back, what it leaves alone, and what it says about it."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

import pytest

from config import DATA
from kiosk.updates.package import ByOrder

GUARD = DATA / "deploy" / "root" / "usr" / "lib" / "weihai-kiosk" / "update-guard"


def guarded(tmp_path: Path, trial: str, status: str, failed: bool = False, state: str = "inactive") -> tuple[str, int]:
    """What the guard does with a dpkg that writes down what it was told; `trial` ends so many seconds from now."""
    tools, own = tmp_path / "bin", tmp_path / "own"
    tools.mkdir(exist_ok=True)
    own.mkdir(exist_ok=True)
    for name, body in {
        "dpkg": 'echo "$@" >> "$LOG"',
        "dpkg-query": f'printf "%s" "{status}"',
        "systemctl": f'case $1 in show) echo {state}; exit;; is-failed) exit {int(not failed)}; esac\necho $@ >>"$LOG"',
        "sync": ":",
    }.items():
        (tools / name).write_text(f"#!/bin/sh\n{body}\n")
        (tools / name).chmod(0o755)
    version, _, seconds = trial.strip().partition(" ")
    if seconds[:1] in ("+", "-"):
        trial = f"{version} {int(time.time()) + int(seconds)}\n"
    if trial:
        (own / "on-trial").write_text(trial)
    log = tmp_path / "log"
    log.write_text("")
    environment = {"PATH": f"{tools}:/usr/bin:/bin", "KIOSK_UPDATE_FOLDER": str(own), "LOG": str(log)}
    done = subprocess.run(["sh", GUARD], env=environment, capture_output=True, timeout=20, check=False)
    return log.read_text(), done.returncode


@pytest.mark.parametrize(
    ("trial", "status", "goes_back"),
    [
        ("", "ii ", False),
        ("0.2.0 +900\n", "ii ", False),
        ("0.2.0 -5\n", "ii ", True),
        ("0.2.0 +900\n", "iF ", True),
        ("0.2.0 +900\n", "iU ", True),
        ("0.2.0 rubbish\n", "ii ", True),
    ],
    ids=["nothing on trial", "in time", "late", "half configured", "half unpacked", "damaged"],
)
def test_the_guard_takes_back_what_is_late_or_half_installed(
    trial: str, status: str, goes_back: bool, tmp_path: Path
) -> None:
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "current.deb").write_bytes(b"old")
    said, code = guarded(tmp_path, trial, status)
    assert code == 0
    assert ("current.deb" in said) is goes_back
    assert (tmp_path / "own" / "on-trial").exists() is (bool(trial) and not goes_back)


def test_the_guard_does_not_wait_for_a_version_that_cannot_start(tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "current.deb").write_bytes(b"old")
    said, code = guarded(tmp_path, f"0.2.0 {int(time.time()) + 900}\n", "ii ", failed=True)
    assert ("current.deb" in said, "restart weihai-kiosk.service" in said, code) == (True, True, 0)


def test_the_guard_leaves_an_update_alone_that_is_being_installed_now(tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "current.deb").write_bytes(b"old")
    assert guarded(tmp_path, "0.2.0 1\n", "iU ", state="activating") == ("", 0)


def test_the_guard_says_so_when_there_is_no_way_back(tmp_path: Path) -> None:
    said, code = guarded(tmp_path, "0.2.0 1\n", "ii ")
    assert (said, code) == ("", 1)


async def test_the_terminal_reads_why_the_guard_took_a_version_back(tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "current.deb").write_bytes(b"old")

    async def again() -> None:
        raise AssertionError

    ordering = ByOrder(tmp_path, again, 1.0, tmp_path / "own")
    assert await ordering.went_back("0.2.0") == ""
    for trial, status, failed, why in (
        ("0.2.0 -5", "ii ", False, "late"),
        ("0.2.0 +900", "ii ", True, "failed"),
        ("0.2.0 +900", "iU ", False, "half"),
    ):
        guarded(tmp_path, trial, status, failed)
        assert (await ordering.went_back("0.2.0"), await ordering.went_back("0.3.0")) == (why, "")
