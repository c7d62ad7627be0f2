"""The connection as others see it: the sample configuration's TLS and rules, and tshark on the wire."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from fleet_stand import TOPICS, Ear, Mosquitto, Office, Stand, free_port, id_of, say

from config import DATA
from config.fleet_settings import FleetSettings
from kiosk.fleet.broker import MOST_UNCONFIRMED, Broker, BrokerAway, Message, Will
from simulator.platform import tls

pytestmark = pytest.mark.oracle
SAMPLE = DATA / "deploy" / "mosquitto"
WILL = Will(TOPICS.of("state"), b"{}")


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, int]]:
    """Mosquitto with config/deploy/mosquitto as it is, but for paths and port."""
    folder = tmp_path_factory.mktemp("guarded")
    port = free_port()
    ours, other = (tls._authority(name, datetime.now(UTC)) for name in ("City", "Somebody"))
    from cryptography.hazmat.primitives import serialization

    (folder / "ca.pem").write_bytes(ours.certificate.public_bytes(serialization.Encoding.PEM))
    for name in ("WH-HC-0003", "WH-HC-0004", "control-room", "command-desk"):
        tls._issue((folder / f"{name}.pem", folder / f"{name}.key"), ours, name, datetime.now(UTC))
    tls._issue((folder / "broker.pem", folder / "broker.key"), ours, "broker", datetime.now(UTC), ("127.0.0.1",))
    tls._issue((folder / "foreign.pem", folder / "foreign.key"), other, "WH-HC-0003", datetime.now(UTC))
    (folder / "acl").write_text((SAMPLE / "acl").read_text())
    text = (SAMPLE / "mosquitto.conf").read_text().replace("/etc/mosquitto/kiosk", str(folder))
    text = text.replace("listener 8883", f"listener {port} 127.0.0.1").replace("/var/lib/mosquitto/", f"{folder}/")
    (folder / "mosquitto.conf").write_text(text + "user root\n")
    log = (folder / "log").open("wb")
    process = subprocess.Popen([shutil.which("mosquitto") or "", "-c", str(folder / "mosquitto.conf")], stderr=log)
    time.sleep(0.3)
    assert process.poll() is None, (folder / "log").read_text()
    yield folder, port
    process.kill()
    process.wait()
    log.close()


def settings(folder: Path, port: int, name: str) -> FleetSettings:
    return FleetSettings(
        broker=f"mqtts://127.0.0.1:{port}",
        ca=folder / "ca.pem",
        client_certificate=folder / f"{name}.pem",
        client_key=folder / f"{name}.key",
    )


async def connected(folder: Path, port: int, name: str, topics: dict[str, int]) -> Broker:
    broker = Broker(settings(folder, port, name), name, WILL, topics)
    try:
        await broker.connect()
    except BaseException:
        await broker.close()
        raise
    return broker


async def test_tls_with_the_terminals_own_certificate_and_only_under_its_own_name(guarded: tuple[Path, int]) -> None:
    folder, port = guarded
    room = await connected(folder, port, "control-room", {"kiosk/v1/#": 1})
    terminal = await connected(folder, port, "WH-HC-0003", {TOPICS.of("command"): 1, TOPICS.requests: 0})
    neighbour = await connected(folder, port, "WH-HC-0004", {"kiosk/v1/371002/WH-HC-0004/command": 1})
    try:
        await terminal.publish(TOPICS.of("event"), b"{}", qos=1)
        with pytest.raises(BrokerAway, match=r"(?i)not authorized"):
            await neighbour.publish(TOPICS.of("event"), b"{}", qos=1)
        with pytest.raises(BrokerAway, match=r"(?i)not authorized"):
            await room.publish(TOPICS.of("command"), b"{}", qos=1)
        await room.publish(TOPICS.requests, b"{}", qos=1)
        asked = await asyncio.wait_for(terminal.inbox.get(), 5)
        assert asked.topic == TOPICS.requests
        heard = await asyncio.wait_for(room.inbox.get(), 5)
        assert heard.topic == TOPICS.of("event")
        assert terminal.ends is not None
        assert terminal.ends > datetime.now(UTC)
    finally:
        for each in (room, terminal, neighbour):
            await each.close()


async def test_what_the_control_room_says_to_one_terminal_the_others_neither_hear_nor_say(
    guarded: tuple[Path, int],
) -> None:
    folder, port = guarded
    both = {TOPICS.of("request"): 0, TOPICS.of("acknowledged"): 0}
    room = await connected(folder, port, "control-room", {"kiosk/v1/#": 1})
    terminal = await connected(folder, port, "WH-HC-0003", both)
    neighbour = await connected(folder, port, "WH-HC-0004", {**both, "kiosk/v1/371002/WH-HC-0004/request": 0})
    try:
        for leaf in ("request", "acknowledged"):
            for other in (terminal, neighbour):
                with pytest.raises(BrokerAway, match=r"(?i)not authorized"):
                    await other.publish(TOPICS.of(leaf), b"{}", qos=1)
            await room.publish(TOPICS.of(leaf), b"{}", qos=1)
            assert (await asyncio.wait_for(terminal.inbox.get(), 5)).topic == TOPICS.of(leaf)
        await room.publish("kiosk/v1/371002/WH-HC-0004/request", b"{}", qos=1)
        assert (await asyncio.wait_for(neighbour.inbox.get(), 5)).topic.endswith("WH-HC-0004/request")
        assert neighbour.inbox.empty()
    finally:
        for each in (room, terminal, neighbour):
            await each.close()


async def test_a_broker_with_older_rules_may_refuse_what_can_be_spared() -> None:
    topics = {TOPICS.of("command"): 1, TOPICS.of("acknowledged"): 0}
    yes, no = SimpleNamespace(is_failure=False), SimpleNamespace(is_failure=True)
    for refused, is_ready in (([yes, no], True), ([no, yes], False)):
        broker = Broker(FleetSettings(broker="mqtt://127.0.0.1:1"), "x", WILL, topics, frozenset([*topics][1:]))
        broker._subscribed(None, None, 0, refused, None)
        await asyncio.sleep(0)
        assert broker.lost.is_set() is not is_ready
        await broker.close()


async def test_a_foreign_certificate_and_a_broker_of_another_authority_are_no_connection(
    guarded: tuple[Path, int], tmp_path: Path
) -> None:
    folder, port = guarded
    with pytest.raises(BrokerAway):
        await connected(folder, port, "foreign", {TOPICS.of("command"): 1})
    mine = settings(folder, port, "WH-HC-0003")
    broker = Broker(mine.model_copy(update={"ca": folder / "foreign.pem"}), "x", WILL, {})
    with pytest.raises(BrokerAway, match="CERTIFICATE_VERIFY_FAILED"):
        await broker.connect()
    await broker.close()
    missing = Broker(mine.model_copy(update={"client_key": tmp_path / "none"}), "x", WILL, {})
    with pytest.raises(BrokerAway, match="No such file"):
        await missing.connect()
    await missing.close()


async def test_nobody_there_is_said_with_the_systems_words() -> None:
    broker = Broker(FleetSettings(broker=f"mqtt://127.0.0.1:{free_port()}"), "x", WILL, {})
    with pytest.raises(BrokerAway, match="refused"):
        await broker.connect()
    await broker.close()


def dissected(capture: Path, port: int) -> list[dict[str, Any]]:
    """tshark's reading of every MQTT message on the wire."""
    done = subprocess.run(
        [shutil.which("tshark") or "", "-r", str(capture), "-d", f"tcp.port=={port},mqtt", "-T", "json", "-Y", "mqtt",
         "--no-duplicate-keys"],
        capture_output=True, check=True, timeout=60,
    )  # fmt: skip
    found = []
    for frame in json.loads(done.stdout):
        layers = frame["_source"]["layers"]["mqtt"]
        found += layers if isinstance(layers, list) else [layers]
    return found


async def relayed(port: int, crossed: list[str]) -> asyncio.Server:
    """A relay that notes what crosses as text2pcap wants it: no rights to listen are needed."""

    def note(direction: str, data: bytes) -> None:
        crossed.append(f"{direction} {0:06x} {data.hex(' ')}\n")

    async def copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, direction: str) -> None:
        while data := await reader.read(1 << 20):
            note(direction, data)
            writer.write(data)
            await writer.drain()
        writer.close()

    async def join(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(copy(reader, back, "O"), copy(there, writer, "I"), return_exceptions=True)

    return await asyncio.start_server(join, "127.0.0.1", 0)


async def test_tshark_reads_mqtt_5_in_everything_that_we_send(
    stand: Stand, ear: Callable[..., Ear], mosquitto: Mosquitto, office: Office, tmp_path: Path
) -> None:
    listening = ear()
    capture = tmp_path / "wire.pcap"
    crossed: list[str] = []
    relay = await relayed(mosquitto.port, crossed)
    port = relay.sockets[0].getsockname()[1]
    async with stand(broker=f"mqtt://127.0.0.1:{port}", data_every_s=0.3):
        await listening.next("birth")
        order = office.order("refresh-catalogue")
        say(mosquitto, TOPICS.of("command"), order, "-D", "publish", "correlation-data", "abc")
        await listening.next("result", lambda p: p["command"] == id_of(order) and p["state"] == "DONE")
        await listening.next("data")
    relay.close()
    crossed_at = capture.with_suffix(".txt")
    crossed_at.write_text("".join(crossed))
    subprocess.run(
        [shutil.which("text2pcap") or "", "-q", "-D", "-T", f"{port},40000", str(crossed_at), str(capture)],
        check=True, timeout=30, capture_output=True,
    )  # fmt: skip
    messages = dissected(capture, port)
    kinds = {m["mqtt.hdrflags_tree"]["mqtt.msgtype"] for m in messages if "mqtt.hdrflags_tree" in m}
    # CONNECT, CONNACK, PUBLISH, PUBACK, SUBSCRIBE, SUBACK, DISCONNECT (MQTT 5, 2.1.2)
    assert {"1", "2", "3", "4", "8", "9", "14"} <= kinds
    connect = next(m for m in messages if m.get("mqtt.hdrflags_tree", {}).get("mqtt.msgtype") == "1")
    assert connect["mqtt.ver"] == "5"
    assert connect["mqtt.clientid"] == TOPICS.terminal
    assert connect["mqtt.willtopic"] == TOPICS.of("state")
    assert "mqtt.conflags_tree" in connect
    named = [m["mqtt.topic"] for m in messages if "mqtt.topic" in m]
    topics = {topic for each in named for topic in ([each] if isinstance(each, str) else each)}
    assert {TOPICS.of(leaf) for leaf in ("state", "birth", "data", "event", "result", "command")} <= topics
    assert "malformed" not in json.dumps(messages).lower()


def test_text2pcap_and_the_tools_are_there() -> None:
    missing = [tool for tool in ("tshark", "text2pcap", "mosquitto_pub", "promtool") if shutil.which(tool) is None]
    assert not missing, "see config/deploy/system-packages.txt"


async def test_a_flood_of_requests_leaves_room_for_every_order() -> None:
    broker = Broker(FleetSettings(broker="mqtt://127.0.0.1:1"), "WH-HC-0003", WILL, {})
    for n in range(100):
        broker._is_here(Message(TOPICS.requests, b"{}", 0, n))
    orders = [Message(TOPICS.of("command"), b"{}", 1, n) for n in range(MOST_UNCONFIRMED)]
    for order in orders:
        broker._is_here(order)
    waiting = [broker.inbox.get_nowait() for _ in range(broker.inbox.qsize())]
    assert [each for each in waiting if each.qos] == orders
    await broker.close()
