"""RAUC by its words: its status, what it is told, how its failures are said; a bundle of the real one."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from kiosk.updates.installer import CannotInstall, run
from kiosk.updates.rauc import Rauc, read_status

KEY_FILES = ("-keyout", "key.pem", "-out", "cert.pem")
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


def test_the_words_of_rauc_status() -> None:
    slots = read_status(
        f"rauc-Message: 15:03:18.354: Using central status file /data/rauc.status\n{json.dumps(STATUS)}\n"
    )
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
