"""The machine that is updated for real: its own systemd, dpkg and guard; a web server, and the plug that is pulled."""

from __future__ import annotations

import functools
import http.server
import json
import os
import re
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from tests.processes.debian_machine import DebianMachine, as_root

PACKAGE = "weihai-kiosk"
HURRIED = """[Unit]
StartLimitBurst=2
[Service]
RestartSec=200ms
Environment=SDL_VIDEODRIVER=dummy SDL_AUDIODRIVER=dummy
"""
PAGE = "[Service]\nEnvironment=SDL_VIDEODRIVER=dummy SDL_AUDIODRIVER=dummy\n"
MACHINE = """simulated = true
state_dir = "/var/lib/weihai-kiosk"
[terminal]
id = "WH-HC-0003"
hall_zh = "环翠区政务服务中心"
hall_en = "Huancui District Service Centre"
number = 3
division = "371002"
help_phone = "0631-12345"
without = ["licence_printer", "payment_pad"]
[platform]
url = "http://127.0.0.1:{platform}"
token = "simulated-terminal"
activation = "SIMULATED-HALL"
public_key = "fdfd5e673966080eaecfd2b2dfc985197d16fce0e538387b853d929a8f3ce2c5"
sealing_key = "d03773180dd7abeba58c9f26d92422eebe7a0bcc267835cd92b7df2122ca3351"
[devices.id_card]
driver = "sam"
link = "serial:///dev/kiosk/id-card?baud=115200"
[devices.receipt_printer]
driver = "escpos"
link = "serial:///dev/kiosk/receipt-printer?baud=115200"
[devices.camera]
driver = "opencv"
link = "/dev/kiosk/camera"
[updates]
url = "http://127.0.0.1:{shelf}"
public_key = "{key}"
method = "package"
every_s = 60
window_from = "00:00"
window_to = "00:00"
quiet_s = 10
ready_min = 0.1
within_min = 20
outer_min = 30
"""
NO_HURRY_OF_THE_DISK = "force-unsafe-io\n"
"""The current is cut by killing what runs: what was written stays written, and dpkg's syncs would only take minutes."""
BROKEN = 'raise SystemExit("this version never gets ready")\n'


def repacked(first: Path, folder: Path, versions: dict[str, bool]) -> dict[str, Path]:
    """The package under other version numbers; False: its terminal ends as soon as it begins."""
    stage = folder / "stage"
    subprocess.run(["dpkg-deb", "-R", str(first), str(stage)], check=True)
    site = stage / "opt/weihai-kiosk/lib/python3.11/site-packages"
    control, app = stage / "DEBIAN/control", site / "kiosk/app.py"
    (metadata,) = site.glob("weihai_kiosk-*.dist-info/METADATA")
    whole, made = app.read_bytes(), {}
    for version, works in versions.items():
        for text in (control, metadata):
            changed = re.sub(r"(?m)^Version: .*$", f"Version: {version}", text.read_text("utf-8"), count=1)
            text.write_text(changed, encoding="utf-8")
        (stage / "usr/share/doc/weihai-kiosk/which").write_text(f"{version}\n")
        for compiled in app.parent.glob("__pycache__/app.*"):
            compiled.unlink()
        app.write_bytes(whole if works else BROKEN.encode() + whole)
        made[version] = folder / f"{PACKAGE}_{version}_amd64.deb"
        build = ["dpkg-deb", "--root-owner-group", "-Zzstd", "-z1", "--build", str(stage), str(made[version])]
        subprocess.run(build, check=True, capture_output=True)
    shutil.rmtree(stage)
    return made


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Nobody reads it."""


@contextmanager
def shelf(folder: Path) -> Iterator[int]:
    """A web server over a folder; its port."""
    handler = functools.partial(_Quiet, directory=str(folder))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


class Powered:
    """A machine with its current on or off. What it wrote is read from its file system, from outside."""

    def __init__(self, machine: DebianMachine, log: Path) -> None:
        self.root = machine.root
        self.log = log
        self._runs: subprocess.Popen[bytes] | None = None

    def put(self, name: str, text: str) -> None:
        """A file of root's in it."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def on(self) -> None:
        """Start it."""
        command = ("systemd-nspawn", "-q", "-D", str(self.root), "-b", "--register=no", "--keep-unit", "--console=pipe")
        with self.log.open("ab") as log:
            self._runs = subprocess.Popen(
                as_root(*command), stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )

    def off(self) -> None:
        """Pull its plug: the kernel ends a process namespace with its first process, which outlives nspawn."""
        if self._runs is None:
            return
        for process in (*_children(self._runs.pid), self._runs.pid):
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        self._runs.wait(20)
        self._runs = None
        self.wait_for(lambda: not self.running(), 20)

    def state(self) -> dict[str, Any]:
        """Where the update stands."""
        try:
            found: dict[str, Any] = json.loads((self.root / "var/lib/weihai-kiosk/updates/state.json").read_text())
        except FileNotFoundError:
            return {"phase": "idle"}
        return found

    def phase(self) -> str:
        """Of the update, and the version that is meant."""
        state = self.state()
        return f"{state['phase']} {state.get('version', '')}".strip()

    def dpkg(self) -> tuple[str, str]:
        """(status, version) that dpkg has written down: `ii ` is wholly there."""
        command = ["dpkg-query", f"--admindir={self.root}/var/lib/dpkg", "-W", "-f", "${db:Status-Abbrev} ${Version}"]
        said = subprocess.run([*command, PACKAGE], capture_output=True, text=True, check=False).stdout
        status, _, version = said.rpartition(" ")
        return status.strip(), version

    def running(self) -> str:
        """The version of the terminal that told systemd last that it is ready; "" while none is."""
        for stat in Path("/proc").glob("[0-9]*/cmdline"):
            with suppress(OSError):
                command = stat.read_bytes().split(b"\0")
                if command[-2:] == [b"run", b""] and (stat.parent / "root").samefile(self.root):
                    return self.dpkg()[1]
        return ""

    def wait_for(self, what: Callable[[], bool], deadline_s: float, every_s: float = 0.1) -> float:
        """Seconds until it is so. Raises `AssertionError` with what the machine said."""
        began = time.monotonic()
        while not what():
            if time.monotonic() - began > deadline_s:
                raise AssertionError(f"waited {deadline_s:g} s; {self.state()} {self.dpkg()}\n{self.said()[-6000:]}")
            time.sleep(every_s)
        return time.monotonic() - began

    def said(self) -> str:
        """Its journal, of our units."""
        units = [f"--unit={PACKAGE}{end}.service" for end in ("", "-update", "-update-guard")]
        command = ("journalctl", "--no-pager", "-o", "short-monotonic", f"--root={self.root}", *units)
        return subprocess.run(as_root(*command), capture_output=True, text=True, check=False).stdout


def _children(parent: int) -> list[int]:
    """Process ids of those whom `parent` has begun."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            if int(stat.read_text().rpartition(")")[2].split()[1]) == parent:
                found.append(int(stat.parent.name))
    return found
