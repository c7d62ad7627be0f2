"""A system of two slots for the real RAUC: loop devices, its service on a bus of its own, a boot loader that counts.

The boot loader is RAUC's `custom` backend over a folder, with the meaning of GRUB's script: every slot has OK and TRY;
the first one of ORDER with OK and without TRY starts, and has TRY from then on, until it is marked good. To boot is to
read which slot is next, and to begin RAUC's service anew as it would be there (`--override-boot-slot`).
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from functools import cache
from pathlib import Path

BACKEND = """#!/bin/sh
# get-primary | set-primary SLOT | get-state SLOT | set-state SLOT good|bad
cd {boot} || exit 1
case $1 in
get-primary) cut -c1 order ;;
set-primary) if [ "$2" = A ]; then echo AB > order; else echo BA > order; fi; echo 1 > "$2.ok"; echo 0 > "$2.try" ;;
get-state) if [ "$(cat "$2.ok" "$2.try" | tr -d '\\n')" = 10 ]; then echo good; else echo bad; fi ;;
set-state) if [ "$3" = good ]; then echo 1; else echo 0; fi > "$2.ok"; echo 0 > "$2.try" ;;
esac
"""
SYSTEM = """[system]
compatible=weihai-kiosk
bootloader=custom
mountprefix={folder}/mnt
statusfile={folder}/rauc.status
bundle-formats={format}
[handlers]
bootloader-custom-backend={folder}/backend
[keyring]
path={keyring}
[slot.rootfs.0]
device={a}
type=raw
bootname=A
[slot.rootfs.1]
device={b}
type=raw
bootname=B
"""
BUS = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><listen>unix:path={folder}/bus</listen><auth>EXTERNAL</auth>
<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/>
<allow own="*"/></policy></busconfig>
"""
TOOLS = ("rauc", "dbus-daemon", "losetup", "mksquashfs", "openssl")
WAIT_S = 10.0
SLOT = 1 << 20


@cache
def why_not() -> str:
    """Why two slots cannot be had here, "" when they can. Tried: a picture is attached, mounted and read."""
    path = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
    if missing := [tool for tool in TOOLS if not shutil.which(tool, path=path)]:
        return f"{', '.join(missing)} not installed"
    if os.geteuid():
        return "loop devices need root"
    with tempfile.TemporaryDirectory() as name:
        content, image, at = (Path(name, part) for part in ("content", "image", "at"))
        content.mkdir()
        at.mkdir()
        (content / "word").write_text("word")
        _did("mksquashfs", content, image, "-quiet", "-no-progress")
        if not _did("mount", "-t", "squashfs", "-o", "loop,ro", image, at):
            return "no loop device may be had and mounted here (a container without rights)"
        read = (at / "word").read_text()
        _did("umount", at)
    return "" if read == "word" else "what is mounted here is not what was asked for"


def why_no_verity() -> str:
    """Why a bundle of the format `verity` cannot be installed here, "" when it can."""
    known = Path("/sys/module/dm_verity").exists() and os.access("/dev/mapper/control", os.R_OK | os.W_OK)
    return "" if known else "this kernel shows no device mapper with dm-verity"


def _did(*command: str | Path) -> bool:
    return subprocess.run(command, capture_output=True, check=False, timeout=30).returncode == 0


def bundle(folder: Path, version: str, keys: Path, form: str = "plain", compatible: str = "weihai-kiosk") -> Path:
    """A signed bundle as docs/updates.md makes it; its image says which version it is. `keys`: key.pem, cert.pem."""
    content = folder / f"content-{version}"
    content.mkdir(parents=True)
    image = content / "rootfs.img"
    image.write_bytes(f"{version}\n".encode().ljust(SLOT, b"\0"))
    update = f"[update]\ncompatible={compatible}\nversion={version}\n[bundle]\nformat={form}\n"
    (content / "manifest.raucm").write_text(f"{update}[image.rootfs]\nfilename={image.name}\n")
    made = folder / f"kiosk-{version}.raucb"
    made.unlink(missing_ok=True)
    command = ["rauc", "bundle", f"--cert={keys}/cert.pem", f"--key={keys}/key.pem", str(content), str(made)]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    shutil.rmtree(content)
    return made


def keypair(folder: Path) -> Path:
    """key.pem and cert.pem in `folder`."""
    folder.mkdir(parents=True)
    made = ["-newkey", "rsa:2048", "-nodes", "-subj", "/CN=kiosk", "-keyout", "key.pem", "-out", "cert.pem"]
    subprocess.run(["openssl", "req", "-x509", *made], cwd=folder, check=True, capture_output=True, timeout=60)
    return folder


class RaucSystem:
    """Switched off until `boot`; `close` gives the loop devices back."""

    def __init__(self, folder: Path, keys: Path, form: str = "plain") -> None:
        self.folder = folder
        self.boot_folder = folder / "boot"
        self.boot_folder.mkdir(parents=True)
        (folder / "mnt").mkdir()
        self.booted = "A"
        self._processes: list[subprocess.Popen[bytes]] = []
        self._devices: dict[str, str] = {}
        self.command = folder / "rauc"
        try:
            self._make(keys / "cert.pem", form)
        except BaseException:
            self.close()
            raise

    def _make(self, keyring: Path, form: str) -> None:
        folder = self.folder
        for name in "AB":
            self._devices[name] = self._loop(name)
        self.command.write_text(
            f'#!/bin/sh\nDBUS_SYSTEM_BUS_ADDRESS=unix:path={folder}/bus exec rauc --conf={folder}/system.conf "$@"\n'
        )
        (folder / "backend").write_text(BACKEND.format(boot=self.boot_folder))
        for script in (self.command, folder / "backend"):
            script.chmod(0o755)
        devices = self._devices
        (folder / "system.conf").write_text(
            SYSTEM.format(folder=folder, keyring=keyring, format=form, a=devices["A"], b=devices["B"])
        )
        (folder / "bus.conf").write_text(BUS.format(folder=folder))
        for name, text in {"order": "AB", "A.ok": "1", "B.ok": "1", "A.try": "0", "B.try": "0"}.items():
            (self.boot_folder / name).write_text(f"{text}\n")
        self._begin("dbus-daemon", f"--config-file={folder}/bus.conf", "--nofork")
        until = time.monotonic() + WAIT_S
        while not (folder / "bus").exists():
            assert time.monotonic() < until, (folder / "said").read_text()
            time.sleep(0.01)

    def _loop(self, name: str) -> str:
        image = self.folder / f"{name}.img"
        image.write_bytes(b"0.1.0\n".ljust(SLOT, b"\0"))
        found = subprocess.run(["losetup", "--show", "-f", str(image)], check=True, capture_output=True, text=True)
        return found.stdout.strip()

    def _begin(self, *command: str) -> None:
        with (self.folder / "said").open("ab") as said:
            self._processes.append(subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=said, stderr=said))

    def boot(self) -> str:
        """Start the slot that is next; the version that runs then."""
        order = self._kept("order")
        ready = [slot for slot in order if (self._kept(f"{slot}.ok"), self._kept(f"{slot}.try")) == ("1", "0")]
        self.booted = (ready or [order[0]])[0]
        (self.boot_folder / f"{self.booted}.try").write_text("1\n")
        self._end(self._processes[1:])
        del self._processes[1:]
        self._begin(str(self.command), f"--override-boot-slot={self.booted}", "service")
        until = time.monotonic() + WAIT_S
        while subprocess.run([str(self.command), "status"], capture_output=True, check=False).returncode:
            assert time.monotonic() < until, (self.folder / "said").read_text()
            time.sleep(0.02)
        return self.version(self.booted)

    def version(self, slot: str) -> str:
        """What is written in the slot."""
        with Path(self._devices[slot]).open("rb") as device:
            return device.readline(100).decode("ascii").strip()

    def _kept(self, name: str) -> str:
        return (self.boot_folder / name).read_text().strip()

    @staticmethod
    def _end(processes: list[subprocess.Popen[bytes]]) -> None:
        for process in processes:
            process.terminate()
            try:
                process.wait(WAIT_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(WAIT_S)

    def close(self) -> None:
        """End the service and its bus."""
        self._end(self._processes[::-1])
        for device in self._devices.values():
            subprocess.run(["losetup", "-d", device], check=False)
        self._processes, self._devices = [], {}
