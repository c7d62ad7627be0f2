"""systemd's part, played for a test: the rules of a unit file, and who starts, feeds on, kills and gives up by them.

Only what P10 stands on: Type=notify, WatchdogSec, Restart, RestartSec, TimeoutStartSec, TimeoutAbortSec,
RestartPreventExitStatus, StartLimitIntervalSec, StartLimitBurst, OnFailure. The real systemd reads the same file.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

UNITS = Path(__file__).parents[2] / "config/deploy/root/usr/lib/systemd/system"


def read_unit(path: Path) -> dict[str, dict[str, list[str]]]:
    """Sections, keys, values: a key that stands twice has two values."""
    sections: dict[str, dict[str, list[str]]] = {}
    section = ""
    for raw in path.read_text(encoding="utf-8").splitlines():
        line = raw.strip()
        if line.startswith("["):
            section = line.strip("[]")
        elif line and line[0] not in "#;":
            key, _, value = line.partition("=")
            sections.setdefault(section, {}).setdefault(key, []).append(value)
    return sections


@dataclass(frozen=True)
class Rules:
    """Seconds and counts of a unit."""

    watchdog: float
    start: float
    abort: float
    pause: float
    interval: float
    burst: int
    fatal: frozenset[int]
    instead: str

    @classmethod
    def of(cls, name: str) -> Rules:
        unit = read_unit(UNITS / name)
        head, service = unit["Unit"], unit["Service"]
        assert service["Type"] == ["notify"]
        assert service["NotifyAccess"] == ["main"]
        assert service["Restart"] == ["always"]
        return cls(
            watchdog=float(service["WatchdogSec"][0]),
            start=float(service["TimeoutStartSec"][0]),
            abort=float(service["TimeoutAbortSec"][0]),
            pause=float(service["RestartSec"][0]),
            interval=float(head["StartLimitIntervalSec"][0]),
            burst=int(head.get("StartLimitBurst", ["5"])[0]),
            fatal=frozenset(int(code) for code in " ".join(service.get("RestartPreventExitStatus", [])).split()),
            instead=" ".join(head.get("OnFailure", [])),
        )

    def cycles(self) -> dict[str, float]:
        """How long each way of failing takes from one start to the next, at the longest; the quick one at the least."""
        return {
            "ends at once": self.pause,
            "is never ready": self.start + self.abort + self.pause,
            # The last feed may come half a WatchdogSec after the part that is stuck has stopped (kiosk.watchdog).
            "is stuck when ready": self.start + 1.5 * self.watchdog + self.abort + self.pause,
        }

    def hurried(self, **changes: float) -> Rules:
        """The same rules with other figures, where a test cannot wait that long."""
        return replace(self, **changes)  # type: ignore[arg-type] # the names are those of the figures


@dataclass
class Supervisor:
    """Runs one unit's command until it is given up, or until `until_starts` of it were ready. What happened is in
    `told`: ready, watchdog, killed, exit N, start limit."""

    command: Sequence[str]
    rules: Rules
    folder: Path
    environment: Mapping[str, str]
    told: list[str] = field(default_factory=list)
    status: list[str] = field(default_factory=list)
    starts: list[float] = field(default_factory=list)
    on_ready: dict[int, object] = field(default_factory=dict)
    """Number of the start -> a callable that makes the trouble."""
    before_restart: object = None
    inside: str = ""
    """What the socket is called where the command runs, when that is another root."""

    def __post_init__(self) -> None:
        self.address = self.folder / "notify"
        self.wire = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.wire.bind(str(self.address))
        self.wire.settimeout(0.1)
        self.log = self.folder / "stderr"
        self.process: subprocess.Popen[bytes] | None = None

    def run(self, deadline: float, *, ready_starts: int = 0) -> None:
        """Until the unit has failed for good, or start number `ready_starts` is ready. Raises `TimeoutError`."""
        end = time.monotonic() + deadline
        try:
            while time.monotonic() < end:
                recent = [at for at in self.starts if time.monotonic() - at < self.rules.interval]
                if len(recent) >= self.rules.burst:
                    self.told.append("start limit")
                    return
                if self._once(end, ready_starts):
                    return
                time.sleep(self.rules.pause)
                if callable(self.before_restart):
                    self.before_restart()
        finally:
            if self.process is not None and self.process.poll() is None:
                self.process.kill()
                self.process.wait()
            self.wire.close()
        raise TimeoutError(f"{self.told} after {deadline} s\n{self.log.read_text()[-2000:]}")

    def _once(self, end: float, ready_starts: int) -> bool:
        """One start and its end. True when nothing is to follow."""
        environment = {
            **self.environment,
            "NOTIFY_SOCKET": self.inside or str(self.address),
            "WATCHDOG_USEC": str(int(self.rules.watchdog * 1e6)),
        }
        with self.log.open("ab") as log:
            process = self.process = subprocess.Popen(self.command, env=environment, stdout=log, stderr=log)
        began = fed = time.monotonic()
        self.starts.append(began)
        ready = False
        while (code := process.poll()) is None:
            for line in self._heard():
                if line == "READY=1" and not ready:
                    ready, fed = True, time.monotonic()
                    self.told.append("ready")
                    if len(self.starts) == ready_starts:
                        return True
                    trouble = self.on_ready.get(len(self.starts))
                    if callable(trouble):
                        trouble()
                elif line == "WATCHDOG=1":
                    fed = time.monotonic()
                elif line.startswith("STATUS="):
                    self.status.append(line.removeprefix("STATUS="))
            now = time.monotonic()
            if now > end:
                raise TimeoutError(f"{self.told}\n{self.log.read_text()[-2000:]}")
            if (ready and now - fed > self.rules.watchdog) or (not ready and now - began > self.rules.start):
                self.told.append("watchdog" if ready else "not ready")
                process.send_signal(signal.SIGABRT)
                try:
                    process.wait(self.rules.abort)
                except subprocess.TimeoutExpired:
                    self.told.append("killed")
                    process.kill()
                    process.wait()
        if not (self.told and self.told[-1] in ("watchdog", "not ready", "killed")):
            self.told.append(f"exit {code}")
        return code in self.rules.fatal

    def _heard(self) -> list[str]:
        try:
            return self.wire.recv(4096).decode().split("\n")
        except TimeoutError:
            return []


def own_environment(**more: str) -> dict[str, str]:
    """This process's, without what systemd or a display would say to it."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("KIOSK_", "NOTIFY", "WATCHDOG", "SDL_"))}
    return {**kept, **more}
