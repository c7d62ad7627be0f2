"""A bare Debian machine in a folder: debootstrap from this machine's own mirror; commands run inside it, as root."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

SOURCES = Path("/etc/apt")
STEP_S = 300


class NoMachine(AssertionError):
    """The proof cannot be made here; the sentence says what is missing."""


def codename() -> str:
    """Of this machine's distribution."""
    lines = Path("/etc/os-release").read_text("utf-8").splitlines()
    named = dict(line.split("=", 1) for line in lines if "=" in line)
    return named.get("VERSION_CODENAME", "").strip('"')


def source_files(release: str) -> list[Path]:
    """apt's sources of this machine that speak of its release."""
    files = [SOURCES / "sources.list", *sorted(SOURCES.glob("sources.list.d/*"))]
    return [f for f in files if f.suffix in (".list", ".sources") and f.is_file() and release in _active(f)]


def _active(file: Path) -> str:
    return "\n".join(line for line in file.read_text("utf-8").splitlines() if not line.lstrip().startswith("#"))


def mirror(release: str) -> str:
    """Where this machine has its release from."""
    for file in source_files(release):
        for paragraph in _active(file).split("\n\n"):
            fields = dict(line.split(":", 1) for line in paragraph.splitlines() if ":" in line and line[0] != " ")
            if release in fields.get("Suites", "").split() and "main" in fields.get("Components", "").split():
                return fields["URIs"].split()[0]
        for line in _active(file).splitlines():
            words = [word for word in line.split() if not word.startswith(("[", "signed-by", "arch="))]
            if words[:1] == ["deb"] and words[2:3] == [release]:
                return words[1]
    raise NoMachine(f"no source of {release} main in {SOURCES}: the package's test builds a machine from there")


def as_root(*command: str) -> list[str]:
    """The command as root; by sudo where we are not and are let."""
    return list(command) if os.geteuid() == 0 else ["sudo", "-n", *command]


def may_mount() -> bool:
    """Whether we are root of a machine that lets root mount: not in a container that was given nothing."""
    try:
        command = as_root("unshare", "--mount", "--pid", "--fork", "true")
        return subprocess.run(command, capture_output=True, timeout=10, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


class DebianMachine:
    """A file system with a Debian of this machine's release. `close` deletes it."""

    def __init__(self, folder: Path) -> None:
        self.root = folder
        self.release = codename()

    def make(self) -> None:
        """Bootstrap it. Raises `NoMachine`."""
        if not shutil.which("debootstrap", path=os.environ["PATH"] + ":/usr/sbin"):
            raise NoMachine("debootstrap is missing: make setup installs it (config/deploy/system-packages.txt)")
        where = mirror(self.release)
        command = ("debootstrap", "--variant=minbase", "--include=ca-certificates", self.release, str(self.root), where)
        ran = self._run(as_root(*command))
        if ran.returncode:
            raise NoMachine(f"debootstrap from {where} failed: is the mirror reachable, are we root?\n{_end(ran)}")
        copied = [f for f in (SOURCES / "apt.conf.d").glob("*") if "Acquire::" in f.read_text("utf-8")]
        for folder, files in (("sources.list.d", source_files(self.release)), ("apt.conf.d", copied)):
            for file in files:
                self._run(as_root("cp", str(file), str(self.root / "etc/apt" / folder / file.name)))
        self._run(as_root("rm", "-f", str(self.root / "etc/apt/sources.list")))
        if self.inside("apt-get", "-qq", "update").returncode:
            raise NoMachine(f"apt-get update in the new machine failed: is {where} reachable?")

    def inside(self, *command: str, user: str = "root") -> subprocess.CompletedProcess[str]:
        """Run a command in the machine, with a /proc of its own for as long as it takes."""
        return self._run(self.entered(*command, user=user))

    def entered(self, *command: str, user: str = "root") -> list[str]:
        """The command line of `inside`."""
        mounted = f'mount -t proc proc "{self.root}/proc" && exec chroot --userspec={user} "{self.root}" "$@"'
        return as_root("unshare", "--mount", "sh", "-c", mounted, "sh", *command)

    def install(self, package: Path) -> subprocess.CompletedProcess[str]:
        """As `apt-get install ./x.deb`, without recommended packages and without waiting for the disk."""
        self._run(as_root("ln", "-f", str(package), str(self.root / "tmp/kiosk.deb")))
        options = ("-y", "-q", "--no-install-recommends", "-o", "Dpkg::Options::=--force-unsafe-io")
        return self.inside("apt-get", "install", *options, "/tmp/kiosk.deb")

    def close(self) -> None:
        """Delete it."""
        self._run(as_root("rm", "-rf", "--one-file-system", str(self.root)))

    @staticmethod
    def _run(command: Sequence[str]) -> subprocess.CompletedProcess[str]:
        environment = {
            "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
            "DEBIAN_FRONTEND": "noninteractive",
            "LC_ALL": "C.UTF-8",
        }
        environment |= {key: value for key, value in os.environ.items() if key.lower().endswith("_proxy")}
        try:
            return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=STEP_S, check=False)
        except subprocess.TimeoutExpired as error:
            raise NoMachine(f"{command[0]} did not end within {STEP_S} s: is the mirror slow?") from error


def _end(ran: subprocess.CompletedProcess[str]) -> str:
    return (ran.stdout + ran.stderr)[-1500:]
