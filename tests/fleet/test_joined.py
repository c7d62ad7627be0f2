"""The fleet joined to the whole terminal by its settings: a real workshop without devices, orders by mosquitto_pub."""

from __future__ import annotations

import asyncio
import hashlib
import io
import json
import ssl
import sys
import threading
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from fleet_stand import TOPICS, Ear, Mosquitto, Office, id_of, say

from config.load import load_settings
from kiosk.duties import service_orders
from kiosk.fleet.running import is_wanted, keep_fleet
from kiosk.visits.visit import Replies
from kiosk.workshop import Workshop
from simulator.platform import tls

pytestmark = pytest.mark.oracle


class NoScreen:
    """A display that nobody sees."""

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *_, **__: None


Taking = tuple[int, list[tuple[str, str, bytes]]]


@pytest.fixture
def taking(tmp_path: Path) -> Iterator[Taking]:
    """What takes bundles over TLS: port, and what came (path, ticket, body)."""
    folder = tmp_path
    authority = tls._authority("City", datetime.now(UTC))
    (folder / "ca.pem").write_bytes(authority.certificate.public_bytes(serialization.Encoding.PEM))
    tls._issue((folder / "room.pem", folder / "room.key"), authority, "room", datetime.now(UTC), ("localhost",))
    came: list[tuple[str, str, bytes]] = []

    class Takes(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            came.append((self.path, self.headers["Authorization"], body))
            answer = json.dumps({"kept": hashlib.sha256(body).hexdigest()}).encode()
            self.send_response(201)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None: ...

    server = HTTPServer(("127.0.0.1", 0), Takes)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "room.pem", folder / "room.key")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield server.server_address[1], came
    finally:
        server.shutdown()
        thread.join(5)
        server.server_close()


async def test_orders_reach_the_terminal_itself_and_everything_is_measured(
    tmp_path: Path,
    mosquitto: Mosquitto,
    office: Office,
    ear: Callable[..., Ear],
    taking: Taking,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(service_orders, "RESTART_S", 0.6)
    monkeypatch.setattr(service_orders, "LOOK_S", 0.05)
    monkeypatch.setattr("kiosk.fleet.forwarding.CHAIN_S", 0.1)
    settings = load_settings("simulated", overrides={"state_dir": str(tmp_path), "platform.url": "http://127.0.0.1:9"})
    port, came = taking
    home = {"room": f"https://localhost:{port}", "ca": tmp_path / "ca.pem"}
    fleet = settings.fleet.model_copy(update={"broker": mosquitto.url, "command_keys": (office.public,), **home})
    listening = ear()
    screen: Any = NoScreen()

    async def ordered(name: str, state: str, **params: str) -> str:
        order = office.order(name, params)
        say(mosquitto, TOPICS.of("command"), order)
        wanted = await listening.next(
            "result", lambda p: p["command"] == id_of(order) and p["state"] != "ACCEPTED", s=10
        )
        assert wanted["state"] == state, wanted
        return str(wanted["words"])

    async with Workshop.open(settings.model_copy(update={"fleet": fleet}), screen, Replies()) as workshop:
        running = asyncio.create_task(keep_fleet(workshop))
        birth = await listening.next("birth", s=10)
        assert {"kiosk_mode", "kiosk_broker_connected", "kiosk_process_resident_bytes"} <= set(birth["metrics"])
        assert {section["id"] for section in birth["sections"]} >= {"reader", "platform", "storage"}
        assert {"device": "receipt-printer", "item": "paper", "left": 80.0, "unit": "m"} in birth["supplies"]
        assert "not come back" in await ordered("restart-device", "REFUSED", device="reader")
        assert "device: one of" in await ordered("restart-device", "REFUSED", device="teapot")
        workshop.terminal.visit_id = "v-somebody"
        assert "a visit is under way" in await ordered("restart-device", "REFUSED", device="reader")
        assert "minutes" in await ordered("drain", "REFUSED", minutes="900")
        workshop.terminal.visit_id = ""
        assert "nobody is here" in await ordered("drain", "DONE", zh="检修。")
        assert workshop.terminal.orders.closed_words("zh") == "检修。"
        await ordered("open", "DONE")
        assert not workshop.terminal.orders.closed
        await ordered("refresh-catalogue", "DONE")
        name = (await ordered("collect-bundle", "DONE")).partition(",")[0]
        with zipfile.ZipFile(tmp_path / "bundles" / name) as bundle:
            assert "manifest.json" in bundle.namelist()
        until = (datetime.now().astimezone() + timedelta(minutes=5)).isoformat()
        await asyncio.sleep(1)  # a bundle's name is its second
        words = await ordered("collect-bundle", "DONE", ticket="t" * 43, most="9999999", until=until)
        assert words.endswith("is in the control room")
        ((path, ticket, body),) = came
        assert (path, ticket) == (f"/bundles/{TOPICS.terminal}", "Bearer " + "t" * 43)
        assert f"sha256 {hashlib.sha256(body).hexdigest()}" in words
        assert zipfile.ZipFile(io.BytesIO(body)).testzip() is None
        late = datetime.now().astimezone().isoformat()
        assert "has expired" in await ordered("collect-bundle", "REFUSED", ticket="t" * 43, most="1", until=late)
        assert "t" * 43 not in json.dumps(await workshop.tools.journal.entries(0, 500))
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    gone = await listening.next("state", lambda p: not p["online"])
    assert "at" in gone


async def test_a_bug_in_the_fleet_never_ends_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    from kiosk.fleet import running

    monkeypatch.setattr(running, "PAUSE_AFTER_BUG_S", 0.01)
    calls = []

    async def work() -> None:
        calls.append(1)
        if len(calls) < 3:
            raise RuntimeError("a bug")

    await asyncio.wait_for(running._for_ever(work), 5)
    assert len(calls) == 3


def test_without_settings_nothing_is_wanted_and_nothing_is_imported() -> None:
    import subprocess

    assert not is_wanted(load_settings("simulated"))
    heavy = "paho.mqtt prometheus_client opentelemetry kiosk.metrics.export kiosk.fleet.agent"
    code = f"import sys, kiosk.app, kiosk.fleet.running; print([m for m in {heavy.split()!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"


def test_a_real_terminal_speaks_to_a_broker_elsewhere_only_over_tls() -> None:
    simulated = load_settings("simulated")
    fleet = simulated.fleet.model_copy(update={"broker": "mqtt://10.0.0.1"})
    with pytest.raises(ValueError, match=r"fleet\.broker: a real terminal"):
        type(simulated).model_validate({**simulated.model_dump(), "simulated": False, "fleet": fleet.model_dump()})
    for wrong in ("http://x", "mqtt://u:p@x", "mqtts://x:0", "mqtts://x:99999"):
        with pytest.raises(ValueError, match="broker"):
            type(fleet).model_validate({"broker": wrong})
