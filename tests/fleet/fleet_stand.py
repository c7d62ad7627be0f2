"""A real Mosquitto for each test file, a terminal's agent on a real journal, and the office that signs orders."""

from __future__ import annotations

import asyncio
import base64
import json
import shutil
import socket
import subprocess
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from config.fleet_contract import Topics
from config.fleet_settings import FleetSettings
from config.signatures import key_id
from kiosk.clock import WEIHAI, Clock
from kiosk.duties.office_commands import Commands
from kiosk.duties.office_orders import OfficeOrders
from kiosk.duties.outbox import Outbox
from kiosk.fleet import fleet_orders
from kiosk.fleet.agent import Agent
from kiosk.fleet.backlog import Backlog
from kiosk.fleet.command_keys import CommandKeys
from kiosk.fleet.orders import Orders
from kiosk.journal import Journal
from kiosk.keys import MachineKey
from kiosk.metrics.look import Look
from simulator.families import free_port

TOPICS = Topics("371002", "WH-HC-0003")
PLACE = {"hall_zh": "环翠区政务服务中心", "hall_en": "Huancui District Service Centre", "division": "371002"}
SECTION = {"id": "reader", "state": "ok", "event": "", "cause": "", "who": "", "since": ""}


@dataclass
class Mosquitto:
    """A broker of the distribution; `stop` and `start` are its outages."""

    folder: Path
    port: int
    more: str = ""
    process: subprocess.Popen[bytes] | None = None
    listeners: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"mqtt://127.0.0.1:{self.port}"

    def start(self) -> None:
        conf = self.folder / "mosquitto.conf"
        conf.write_text(
            f"listener {self.port} 127.0.0.1\nallow_anonymous true\nmessage_size_limit 262144\n{self.more}\n"
        )
        log = (self.folder / "mosquitto.log").open("ab")
        self.process = subprocess.Popen(
            [shutil.which("mosquitto") or "", "-v", "-c", str(conf)], stdout=log, stderr=log
        )
        log.close()
        for _ in range(200):
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
                return
            time.sleep(0.02)
        raise AssertionError((self.folder / "mosquitto.log").read_text())

    def stop(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None


@pytest.fixture(scope="module")
def mosquitto(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mosquitto]:
    if shutil.which("mosquitto") is None:
        pytest.fail("mosquitto is not installed; see config/deploy/system-packages.txt")
    made = Mosquitto(tmp_path_factory.mktemp("mosquitto"), free_port())
    made.start()
    yield made
    made.stop()


class Ear:
    """`mosquitto_sub` of the distribution: what a program that is not ours heard."""

    def __init__(self, broker: Mosquitto, filters: list[str]) -> None:
        asked = [part for topic in filters for part in ("-t", topic)]
        self._process = subprocess.Popen(
            [shutil.which("mosquitto_sub") or "", "-V", "5", "-h", "127.0.0.1", "-p", str(broker.port), "-q", "1",
             *asked, "-F", '{"topic":"%t","retain":%r,"qos":%q,"payload":%p,"correlation":"%D"}'],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        assert self._process.stdout is not None
        self.heard: list[dict[str, Any]] = []

    def _read(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        try:
            return dict(json.loads(line))
        except ValueError:
            return {"topic": "not JSON", "payload": line}

    async def next(self, leaf: str, wanted: Callable[[dict[str, Any]], bool] = lambda _: True, s: float = 5) -> Any:
        """The payload of the next message of a leaf that is wanted."""
        async with asyncio.timeout(s):
            while True:
                message = await asyncio.get_running_loop().run_in_executor(None, self._read)
                self.heard.append(message)
                if message["topic"].endswith(f"/{leaf}") and wanted(message["payload"]):
                    return message["payload"]

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()


@pytest.fixture
def ear(mosquitto: Mosquitto) -> Iterator[Callable[..., Ear]]:
    made: list[Ear] = []

    def listening(*filters: str) -> Ear:
        made.append(Ear(mosquitto, list(filters) or ["kiosk/v1/#"]))
        time.sleep(0.1)
        return made[-1]

    yield listening
    for each in made:
        each.close()
    time.sleep(0.05)
    wipe_retained(mosquitto)


def wipe_retained(mosquitto: Mosquitto) -> None:
    if mosquitto.process is not None:
        say(mosquitto, TOPICS.of("state"), b"", retain=True)


def say(mosquitto: Mosquitto, topic: str, payload: bytes, *more: str, retain: bool = False) -> None:
    """By `mosquitto_pub` of the distribution."""
    asked = [shutil.which("mosquitto_pub") or "", "-V", "5", "-h", "127.0.0.1", "-p", str(mosquitto.port), "-q", "1"]
    asked += ["-t", topic, "-s" if payload else "-n", *more, *(["-r"] if retain else [])]
    subprocess.run(asked, input=payload, check=True, timeout=10, capture_output=True)


class Office:
    """Signs orders. `public` is what the terminal's settings name."""

    def __init__(self) -> None:
        self.key = Ed25519PrivateKey.generate()
        self.public = self.key.public_key().public_bytes_raw().hex()

    @property
    def id(self) -> str:
        return key_id(bytes.fromhex(self.public))

    def order(self, name: str, params: dict[str, str] | None = None, **changes: Any) -> bytes:
        """A signed order; `changes` are members of the envelope, `lasts_s` its life from now."""
        now = datetime.now(WEIHAI)
        lasts = timedelta(seconds=changes.pop("lasts_s", 60))
        envelope = {
            "v": 1, "id": str(uuid.uuid4()), "terminal": TOPICS.terminal, "name": name, "params": params or {},
            "issued_at": (now + min(lasts, timedelta()) * 2).isoformat(), "expires_at": (now + lasts).isoformat(),
            **changes,
        }  # fmt: skip
        return self.signed(json.dumps(envelope).encode())

    def signed(self, octets: bytes) -> bytes:
        body = {
            "envelope": base64.b64encode(octets).decode(), "signature": self.key.sign(octets).hex(), "key": self.id,
        }  # fmt: skip
        return json.dumps(body).encode()


def id_of(order: bytes) -> str:
    return str(json.loads(base64.b64decode(json.loads(order)["envelope"]))["id"])


class Terminal:
    """The agent and what it stands on."""

    def __init__(self, folder: Path, settings: FleetSettings, journal: Journal, clock: Clock) -> None:
        self.journal, self.clock, self.settings = journal, clock, settings
        self.look = Look(clock.now(), "open", "ok", 0, {"kiosk_services_available": 236.0}, (SECTION,), ())  # type: ignore[arg-type]
        self.orders_in_force = OfficeOrders()
        outbox = Outbox(journal, MachineKey(bytes(32)))
        self.commands = Commands(journal, outbox, None, clock, self.orders_in_force)  # type: ignore[arg-type]
        self.keys = CommandKeys(settings.command_keys, folder)
        self.orders = Orders(TOPICS.terminal, self.keys, self.commands, journal, clock, TOPICS.of("result"))
        self.backlog = Backlog(journal, folder, settings.backlog, "0123456789abcdef", clock)
        self.done: list[str] = []
        self.agent = Agent(
            settings, TOPICS, PLACE, "0.1.0", "0123456789abcdef", self._looked, self.backlog, self.orders, clock  # type: ignore[arg-type]
        )  # fmt: skip
        self.commands.add("refresh-catalogue", self._refresh)
        fleet_orders.add_rotate_key(self.commands, self.keys, lambda: self.orders.signer)

    async def _looked(self) -> Look:
        return self.look

    async def _refresh(self, params: Any) -> str:
        del params
        self.done.append("refresh-catalogue")
        return "looking for a newer catalogue"

    async def audit(self, kind: str) -> list[dict[str, Any]]:
        return await self.journal.recent(kind, 100)


@pytest.fixture
def office() -> Office:
    return Office()


Stand = Callable[..., Any]


@pytest.fixture
def stand(tmp_path: Path, mosquitto: Mosquitto, office: Office, monkeypatch: pytest.MonkeyPatch) -> Stand:
    """`async with stand() as terminal`: a journal and an agent that runs; the same folder each time."""
    monkeypatch.setattr("kiosk.fleet.forwarding.CHAIN_S", 0.05)
    monkeypatch.setattr("kiosk.fleet.holding.GRACE_S", 0.0)  # no control room here
    monkeypatch.setattr("kiosk.fleet.agent.FIRST_BACKOFF_S", 0.05)
    monkeypatch.setattr("kiosk.fleet.agent.LONGEST_BACKOFF_S", 0.2)
    monkeypatch.setattr("kiosk.fleet.agent.LOOK_S", 0.1)

    @asynccontextmanager
    async def open_(
        before: Callable[[Terminal], Awaitable[None]] | None = None, **changes: Any
    ) -> AsyncIterator[Terminal]:
        settings = FleetSettings(broker=mosquitto.url, command_keys=(office.public,)).model_copy(update=changes)
        clock = Clock()
        journal = Journal(tmp_path / "journal.db", clock)
        await journal.open()
        terminal = Terminal(tmp_path, settings, journal, clock)
        if before is not None:
            await before(terminal)
        running = asyncio.create_task(terminal.agent.run())
        try:
            yield terminal
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            await journal.close()

    return open_
