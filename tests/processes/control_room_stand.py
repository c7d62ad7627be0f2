"""A real broker, a real database and a real control room on free ports, as somebody without rights, gone afterwards."""

from __future__ import annotations

import json
import os
import resource
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from simulator.families import free_port

ROOT = Path(__file__).parents[2]
BROKER_CONF = ROOT / "config" / "deploy" / "mosquitto" / "mosquitto.conf"
START_S = 30.0


def missing() -> str:
    """What is not installed, "" when all is there."""
    wanted = {"mosquitto": _mosquitto(), "postgresql": _postgres("initdb")}
    return ", ".join(name for name, path in wanted.items() if path is None)


def _mosquitto() -> str | None:
    return shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin")


def _postgres(program: str) -> str | None:
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: int(p.parent.name), reverse=True)
    return next((str(f / program) for f in folders if (f / program).exists()), None) or shutil.which(program)


def _unprivileged(folder: Path) -> str | None:
    """PostgreSQL refuses to be root: who it becomes, and who then owns `folder`. (`runuser` would lower the limits.)"""
    if os.geteuid() != 0:
        return None
    shutil.chown(folder, "nobody", "nogroup")
    return "nobody"


def _become(user: str | None) -> dict[str, Any]:
    return {"user": user, "group": "nogroup", "extra_groups": []} if user else {}


@dataclass
class Cost:
    """What a process has used."""

    cpu_s: float
    rss_mib: float


def cost(pid: int) -> Cost:
    """Processor seconds and resident memory of a process and of its children."""
    cpu, rss = 0.0, 0.0
    for one in [pid, *_children(pid)]:
        try:
            after = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
        except FileNotFoundError:
            continue
        cpu += (int(after[11]) + int(after[12])) / os.sysconf("SC_CLK_TCK")
        rss += int(after[21]) * os.sysconf("SC_PAGE_SIZE") / 2**20
    return Cost(round(cpu, 2), round(rss, 1))


def _children(pid: int) -> list[int]:
    try:
        found = [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except FileNotFoundError:
        return []
    return found + [each for child in found for each in _children(child)]


@dataclass
class Program:
    """A process of ours: started by a list, ended by its number."""

    command: list[str]
    log: Path
    environment: dict[str, str] = field(default_factory=dict)
    user: str | None = None
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True,
                env={**os.environ, **self.environment}, cwd="/" if self.user else ROOT, **_become(self.user),
            )  # fmt: skip

    def stop(self, number: int = signal.SIGTERM, within_s: float = 30) -> int:
        assert self.process is not None
        if self.process.poll() is None:
            os.killpg(self.process.pid, number)
        return self.process.wait(within_s)

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid


class Broker:
    """mosquitto with the project's own configuration, on a free port of this machine."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.data = data = folder / "mosquitto"
        data.mkdir()
        user = _unprivileged(data)
        conf = folder / "mosquitto.conf"
        kept = [
            line for line in BROKER_CONF.read_text().splitlines()
            if line.split() and line.split()[0] in KEPT and not line.startswith("#")
        ]  # fmt: skip
        lines = [*kept, f"listener {self.port} 127.0.0.1", "allow_anonymous true", f"persistence_location {data}/"]
        conf.write_text("\n".join([*lines, ""]))
        self.program = Program([str(_mosquitto()), "-c", str(conf)], folder / "mosquitto.log", user=user)

    @property
    def url(self) -> str:
        return f"mqtt://127.0.0.1:{self.port}"

    def start(self) -> None:
        self.program.start()
        until = time.monotonic() + START_S
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
            except OSError:
                assert time.monotonic() < until, self.program.log.read_text()
                time.sleep(0.05)
            else:
                return


KEPT = (
    "persistence", "autosave_interval", "autosave_on_changes", "max_queued_messages", "max_queued_bytes",
    "max_inflight_messages", "message_size_limit", "persistent_client_expiration", "log_type", "set_tcp_nodelay",
    "max_keepalive", "per_listener_settings", "queue_qos0_messages", "max_connections",
)  # fmt: skip
"""Of the project's configuration; names, certificates and ports are a test's own."""


class Database:
    """PostgreSQL on a socket in `folder`, without the syncs that only power cuts need."""

    def __init__(self, folder: Path, *, durable: bool = False) -> None:
        self.port = free_port()
        data = folder / "postgres"
        data.mkdir()
        become = _unprivileged(data)
        user = become or os.environ.get("USER", "postgres")
        subprocess.run(
            [str(_postgres("initdb")), "-D", str(data / "d"), "-A", "trust", "-U", user, "-E", "UTF8",
             "--no-locale", "--no-sync"],
            check=True, capture_output=True, cwd="/", **_become(become),
        )  # fmt: skip
        unsafe = [] if durable else ["-c", "fsync=off", "-c", "full_page_writes=off"]
        self.program = Program(
            [str(_postgres("postgres")), "-D", str(data / "d"), "-k", str(data), "-p", str(self.port),
             "-c", "listen_addresses=127.0.0.1", *unsafe],
            folder / "postgres.log",
            user=become,
        )  # fmt: skip
        self.dsn = f"host=127.0.0.1 port={self.port} user={user} dbname=postgres"

    def start(self) -> None:
        self.program.start()
        until = time.monotonic() + START_S
        while True:
            try:
                psycopg.connect(self.dsn, connect_timeout=2).close()
            except psycopg.OperationalError:
                assert time.monotonic() < until, self.program.log.read_text()
                time.sleep(0.05)
            else:
                return

    def ask(self, query: str, *given: Any) -> list[tuple[Any, ...]]:
        """Rows of a query."""
        with psycopg.connect(self.dsn, connect_timeout=5) as cx:
            return cx.execute(query, given or None).fetchall()  # type: ignore[arg-type]  # queries of tests


class RoomProgram:
    """`python -m kiosk.control_room run` before that broker and that database."""

    def __init__(self, folder: Path, broker: Broker, database: Database, **more: str) -> None:
        self.port = free_port()
        given = {"BROKER": broker.url, "DATABASE": database.dsn, "LISTEN": f"127.0.0.1:{self.port}", **more}
        self.program = Program(
            [sys.executable, "-m", "kiosk.control_room", "run"],
            folder / "control-room.log",
            {f"KIOSK_CONTROL_ROOM_{name}": value for name, value in given.items()},
        )

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        self.program.start()
        until = time.monotonic() + START_S
        while not self.get("/healthz").get("ok"):
            assert time.monotonic() < until, self.program.log.read_text()[-4000:]
            time.sleep(0.1)

    def get(self, path: str) -> Any:
        """The answer as JSON; {} while nobody answers."""
        try:
            with urllib.request.urlopen(f"{self.url}{path}", timeout=10) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            return json.loads(error.read() or b"{}")
        except OSError:
            return {}


@dataclass
class Stand:
    """All three."""

    broker: Broker
    database: Database
    room: RoomProgram


@contextmanager
def standing(*, durable: bool = False, **more: str) -> Iterator[Stand]:
    """Broker, database, control room: up, and down again, in a folder that goes with them.

    Not pytest's own: each of its runs closes the folder of all runs again, and "nobody" must get through.
    """
    with tempfile.TemporaryDirectory(prefix="kiosk-fleet-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o711)
        with _standing(folder, durable, more) as stand:
            yield stand


@contextmanager
def _standing(folder: Path, durable: bool, more: dict[str, str]) -> Iterator[Stand]:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard if hard != resource.RLIM_INFINITY else max(soft, 16384), hard))
    broker, database = Broker(folder), Database(folder, durable=durable)
    room = RoomProgram(folder, broker, database, **more)
    started: list[Program] = []
    try:
        for part in (database, broker, room):
            started.append(part.program)
            part.start()
        yield Stand(broker, database, room)
    finally:
        for program in reversed(started):
            if program.process is not None:
                program.stop(signal.SIGINT if program is database.program else signal.SIGTERM)
