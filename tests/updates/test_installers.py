"""Who installs: root's side of the package with a dpkg that is watched, the guard, RAUC's words, the real `rauc`."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from config import DATA
from config.update_settings import UpdateSettings
from kiosk.cli.commands import app
from kiosk.updates.applying import Applier
from kiosk.updates.installer import CannotInstall, run
from kiosk.updates.manifest import read_manifest
from kiosk.updates.package import ANSWER, MANIFEST, ORDER, ByOrder
from kiosk.updates.rauc import Rauc, read_status
from tests.updates.release import CONTENT, KEY, PUBLIC, signed, tree

KEY_FILES = ("-keyout", "key.pem", "-out", "cert.pem")
SETTINGS = UpdateSettings(url="http://127.0.0.1:1/kiosk", public_key=PUBLIC)
FAR = "2999-01-01T00:00:00+08:00"
GUARD = DATA / "deploy" / "root" / "usr" / "lib" / "weihai-kiosk" / "update-guard"
STATUS: dict[str, Any] = {
    "compatible": "kiosk",
    "booted": "A",
    "boot_primary": "rootfs.0",
    "slots": [
        {"rootfs.1": {"class": "rootfs", "bootname": "B", "state": "inactive", "boot_status": "good"}},
        {"rootfs.0": {"class": "rootfs", "bootname": "A", "state": "booted", "boot_status": "good"}},
        {"data.0": {"class": "data", "bootname": None, "state": "active"}},
    ],
}


@dataclass
class Dpkg:
    """dpkg as far as it is asked; a package is its bytes."""

    installed: str = "0.1.0"
    by: dict[bytes, str] = field(default_factory=lambda: {CONTENT: "0.2.0", b"old": "0.1.0"})
    said: list[str] = field(default_factory=list)
    fails: bool = False

    async def __call__(self, argv: Sequence[str], deadline_s: float) -> str:
        assert deadline_s > 0
        self.said.append(" ".join(argv[:1] + argv[-2:-1]) if isinstance(argv, list) else str(argv))
        if argv[0] == "dpkg-query":
            return f"ii {self.installed}"
        if argv[0] == "dpkg-deb":
            return self.by[Path(argv[2]).read_bytes()] + "\n"
        if "-i" in argv:
            if self.fails:
                raise CannotInstall("dpkg: no (status 1)")
            self.installed = self.by[Path(argv[-1]).read_bytes()]
        return ""


@pytest.fixture
def desk(tmp_path: Path) -> tuple[Applier, Dpkg]:
    orders, dpkg = tmp_path / "updates", Dpkg()
    orders.mkdir()
    (orders / MANIFEST).write_bytes(signed(tree(expires=FAR)))
    (orders / "kiosk-0.2.0.deb").write_bytes(CONTENT)
    (tmp_path / "old.deb").write_bytes(b"old")
    applier = Applier(SETTINGS, orders, tmp_path / "own", dpkg)
    asyncio.run(applier.seed(tmp_path / "old.deb"))
    return applier, dpkg


def order(applier: Applier, act: str, version: str = "0.2.0", file: str = "kiosk-0.2.0.deb") -> str:
    (applier.orders / ORDER).write_text(json.dumps({"id": "1", "act": act, "version": version, "file": file}))
    why = asyncio.run(applier.apply())
    assert not (applier.orders / ORDER).exists()
    assert json.loads((applier.orders / ANSWER).read_text()) == {"id": "1", "why": why}
    return why


def test_root_installs_keeps_and_takes_back_what_was_signed(desk: tuple[Applier, Dpkg]) -> None:
    applier, dpkg = desk
    assert order(applier, "install") == ""
    assert dpkg.installed == "0.2.0"
    version, deadline = (applier.own / "on-trial").read_text().split()
    assert (version, int(deadline) > time.time()) == ("0.2.0", True)
    assert order(applier, "take-back") == ""
    assert dpkg.installed == "0.1.0"
    assert not (applier.own / "on-trial").exists()
    assert order(applier, "install") == ""
    assert order(applier, "keep") == ""
    assert order(applier, "keep") == ""  # said again after a power cut
    assert (applier.own / "current.deb").read_bytes() == CONTENT
    assert not (applier.own / "on-trial").exists()
    assert asyncio.run(applier.apply()) == ""  # no order


def test_root_believes_nothing_that_the_terminal_wrote(desk: tuple[Applier, Dpkg], tmp_path: Path) -> None:
    applier, dpkg = desk
    file = applier.orders / "kiosk-0.2.0.deb"
    file.write_bytes(b"evil" * 325)
    assert "not the file that was signed" in order(applier, "install")
    assert "do not agree" in order(applier, "install", file="../../etc/shadow")
    assert "do not agree" in order(applier, "install", version="9.9.9")
    assert "no such act" in order(applier, "rm -rf /")
    file.unlink()
    file.symlink_to(tmp_path / "old.deb")
    assert order(applier, "install")  # links are not followed
    (applier.orders / MANIFEST).write_bytes(json.dumps({**tree(), "signature": "00" * 64}).encode())
    assert "signature" in order(applier, "install")
    (applier.orders / ORDER).write_text("{")
    assert asyncio.run(applier.apply()) == ""
    assert dpkg.installed == "0.1.0"


def test_root_takes_nothing_of_another_channel_or_that_has_expired(desk: tuple[Applier, Dpkg]) -> None:
    """Signed once, and laid down again by whoever has the terminal's user."""
    applier, dpkg = desk
    (applier.orders / MANIFEST).write_bytes(signed(tree(channel="beta", expires=FAR)))
    assert "channel beta" in order(applier, "install")
    past = {"not_before": "2026-01-01T00:00:00+08:00", "expires": "2026-02-01T00:00:00+08:00"}
    (applier.orders / MANIFEST).write_bytes(signed(tree(**past)))
    assert "expired" in order(applier, "install")
    assert dpkg.installed == "0.1.0"


def test_root_writes_through_no_link_of_the_terminal(desk: tuple[Applier, Dpkg], tmp_path: Path) -> None:
    applier, _ = desk
    theirs = tmp_path / "shadow"
    theirs.write_text("root:*:\n")
    (applier.orders / f"{ANSWER}.new").symlink_to(theirs)
    assert order(applier, "install") == ""
    assert theirs.read_text() == "root:*:\n"
    assert not (applier.orders / ANSWER).is_symlink()


def test_nothing_is_installed_without_a_way_back_or_backwards(desk: tuple[Applier, Dpkg]) -> None:
    applier, dpkg = desk
    (applier.own / "current.deb").unlink()
    assert "no way back" in order(applier, "install")
    assert "no way back" in order(applier, "take-back")
    dpkg.installed = "0.5.0"
    assert "older than 0.5.0" in order(applier, "install")
    with pytest.raises(CannotInstall, match=r"installed is 0\.5\.0"):
        asyncio.run(applier.seed(applier.orders.parent / "old.deb"))


def test_a_dpkg_that_fails_leaves_the_way_back_armed(desk: tuple[Applier, Dpkg]) -> None:
    applier, dpkg = desk
    dpkg.fails = True
    assert "dpkg: no" in order(applier, "install")
    assert (applier.own / "on-trial").exists()
    assert (applier.own / "current.deb").read_bytes() == b"old"


async def test_the_terminal_orders_and_hears_the_answer(desk: tuple[Applier, Dpkg]) -> None:
    applier, dpkg = desk

    async def again() -> None:
        raise AssertionError

    async def root() -> None:
        while dpkg.installed != "0.2.0":
            await applier.apply()
            await asyncio.sleep(0.01)

    ends = asyncio.create_task(root())
    ordering = ByOrder(applier.orders, again, 5.0)
    await ordering.install(applier.orders / "kiosk-0.2.0.deb", "0.2.0")
    await ends
    with pytest.raises(CannotInstall, match=r"weihai-kiosk-update\.path"):
        await ByOrder(applier.orders, again, 0.05).keep("0.2.0")


# The guard: sh and dpkg alone


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


# RAUC


def test_the_words_of_rauc_status() -> None:
    slots = read_status(json.dumps(STATUS))
    assert (slots.booted, slots.other, slots.primary, slots.other_good) == ("A", "B", "A", True)
    for text in ("", "[]", "{}", json.dumps({**STATUS, "slots": STATUS["slots"][1:]}), json.dumps({"slots": 5})):
        with pytest.raises(CannotInstall, match="two slots"):
            read_status(text)


async def test_rauc_is_told_to_install_to_keep_and_to_go_back(tmp_path: Path) -> None:
    log, rauc = tmp_path / "log", tmp_path / "rauc"
    rauc.write_text(
        f'#!/bin/sh\necho "$@" >> {log}\n[ "$2" = --output-format=json ] && cat {tmp_path}/status\nexit 0\n'
    )
    rauc.chmod(0o755)
    (tmp_path / "status").write_text(json.dumps(STATUS))
    rebooted = []

    async def reboot() -> None:
        rebooted.append(True)

    system = Rauc(str(rauc), reboot)
    await system.install(tmp_path / "x.raucb", "0.2.0")
    await system.start_anew()
    await system.keep("0.2.0")
    await system.take_back("0.2.0")
    assert rebooted == [True]
    assert log.read_text().splitlines() == [
        f"install {tmp_path}/x.raucb",
        "status mark-good booted",
        "status --output-format=json",
        "status mark-bad booted",
        "status mark-active other",
    ]
    worse = json.loads(json.dumps(STATUS))
    worse["slots"][0]["rootfs.1"]["boot_status"] = "bad"
    (tmp_path / "status").write_text(json.dumps(worse))
    with pytest.raises(CannotInstall, match="not good either"):
        await system.take_back("0.2.0")


async def test_a_program_that_fails_hangs_or_is_not_there_is_a_sentence() -> None:
    with pytest.raises(CannotInstall, match="is it installed"):
        await run(["/nowhere/rauc"], 1)
    with pytest.raises(CannotInstall, match=r"status 3"):
        await run(["sh", "-c", "echo broken; exit 3"], 5)
    with pytest.raises(CannotInstall, match="no end within"):
        await run(["sleep", "20"], 0.1)
    assert len(await run(["sh", "-c", "head -c 3000000 /dev/zero | tr '\\0' x"], 10)) == 262_144


@pytest.mark.oracle
@pytest.mark.processes
@pytest.mark.skipif(
    not (shutil.which("rauc") and shutil.which("openssl") and shutil.which("mksquashfs")),
    reason="rauc is not installed",
)
def test_the_real_rauc_makes_and_checks_a_bundle_of_ours(tmp_path: Path) -> None:
    """The bundle of docs/updates.md: `rauc bundle`, then `rauc info` believes its own key and no other."""
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=kiosk", *KEY_FILES],
        cwd=tmp_path,
        check=True,
        capture_output=True,
    )
    content = tmp_path / "content"
    content.mkdir()
    (content / "rootfs.img").write_bytes(os.urandom(64 << 10))
    (content / "manifest.raucm").write_text(
        "[update]\ncompatible=weihai-kiosk\nversion=0.2.0\n[bundle]\nformat=verity\n[image.rootfs]\nfilename=rootfs.img\n"
    )
    bundle = tmp_path / "kiosk-0.2.0.raucb"
    subprocess.run(
        ["rauc", "bundle", "--cert=cert.pem", "--key=key.pem", "content", bundle.name],
        cwd=tmp_path, check=True, capture_output=True, timeout=60,
    )  # fmt: skip
    info = subprocess.run(
        ["rauc", "info", "--keyring=cert.pem", "--output-format=json", bundle.name],
        cwd=tmp_path, check=True, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    told = json.loads(info.stdout)
    assert (told["compatible"], told["version"]) == ("weihai-kiosk", "0.2.0")
    spoiled = bytearray(bundle.read_bytes())
    spoiled[-200] ^= 1
    bundle.write_bytes(bytes(spoiled))
    again = subprocess.run(
        ["rauc", "info", "--keyring=cert.pem", bundle.name], cwd=tmp_path, capture_output=True, check=False
    )
    assert again.returncode != 0


# The publisher's desk


def test_a_manifest_is_completed_and_signed(tmp_path: Path) -> None:
    manifest = tree(files=[{"method": "package", "name": "kiosk_0.2.0_amd64.deb"}])
    (tmp_path / "in.json").write_text(json.dumps(manifest))
    (tmp_path / "key").write_text(KEY.private_bytes_raw().hex())
    (tmp_path / "key").chmod(0o600)
    asked = ["updates", "sign", str(tmp_path / "in.json"), "--key", str(tmp_path / "key"), "--out", str(tmp_path)]
    missing = CliRunner().invoke(app, asked)
    assert (missing.exit_code, "kiosk_0.2.0_amd64.deb" in missing.output) == (1, True)
    (tmp_path / "kiosk_0.2.0_amd64.deb").write_bytes(CONTENT)
    assert CliRunner().invoke(app, asked).exit_code == 0
    made = read_manifest((tmp_path / "stable.json").read_bytes(), PUBLIC)
    assert made.file("package").size == len(CONTENT)  # type: ignore[union-attr]  # it was given above
    (tmp_path / "key").chmod(0o644)
    assert "chmod 600" in CliRunner().invoke(app, asked).output
