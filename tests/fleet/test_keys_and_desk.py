"""Keys that order, by Ed25519 and SM2; the desk's commands; brokers that say nothing."""

from __future__ import annotations

import asyncio
import base64
import json
from pathlib import Path

import pytest
from fleet_stand import TOPICS, Office, Stand
from typer.testing import CliRunner

from config import sm2
from config.fleet_contract import MOST_BYTES, Topics, everything, parsed
from config.fleet_settings import FleetSettings
from config.signatures import key_id
from kiosk.cli.commands import app
from kiosk.fleet import broker as broker_module
from kiosk.fleet.broker import Broker, BrokerAway, Message, Will
from kiosk.fleet.command_keys import CommandKeys, KeysUnreadable
from kiosk.fleet.messages import TooLarge, payload


@pytest.mark.skipif(not sm2.available(), reason="no GmSSL on this machine: orders are then signed with Ed25519")
async def test_an_order_signed_with_sm2_is_done(stand: Stand) -> None:
    pair = sm2.generate()
    octets = json.dumps(
        json.loads(base64.b64decode(json.loads(Office().order("refresh-catalogue"))["envelope"]))
    ).encode()
    body = {
        "envelope": base64.b64encode(octets).decode(),
        "signature": sm2.sign(pair, octets).hex(),
        "key": key_id(pair.public),
    }
    async with stand(command_keys=(pair.public.hex(),)) as terminal:
        done = asyncio.Event()
        await terminal.orders.take(Message(TOPICS.of("command"), json.dumps(body).encode(), 1, 1), done.set)
        await asyncio.wait_for(done.wait(), 5)
        assert terminal.done == ["refresh-catalogue"]
        body["signature"] = sm2.sign(sm2.generate(), octets).hex()
        await terminal.orders.take(Message(TOPICS.of("command"), json.dumps(body).encode(), 1, 2), done.set)
        assert [e["cause"] for e in await terminal.audit("command.forged")] == ["signature"]


def test_keys_of_the_file_count_until_the_settings_change(tmp_path: Path) -> None:
    one, two, three, four = (Office() for _ in range(4))
    keys = CommandKeys((one.public,), tmp_path)
    keys.add(two.public, one.id)
    keys.add(three.public, two.id)  # takes the place of the one that did not sign
    assert keys.ids == (two.id, three.id)
    assert CommandKeys((one.public,), tmp_path).ids == (two.id, three.id)
    assert CommandKeys((one.public, four.public), tmp_path).ids == (four.id,)  # one was retired
    with pytest.raises(ValueError, match="retired"):
        keys.add(one.public, two.id)
    with pytest.raises(ValueError, match="no such key"):
        keys.retire(four.id, two.id)
    with pytest.raises(ValueError, match="32 octets"):
        keys.add("00" * 31, two.id)
    (tmp_path / "fleet-keys.json").write_text('{"keys": []}')
    with pytest.raises(KeysUnreadable, match="put it aside"):
        CommandKeys((one.public,), tmp_path)


async def test_without_keys_every_order_is_refused(stand: Stand, office: Office) -> None:
    async with stand(command_keys=()) as terminal:
        taken = asyncio.Event()
        await terminal.orders.take(Message(TOPICS.of("command"), office.order("open"), 1, 1), taken.set)
        assert taken.is_set()
        assert [e["cause"] for e in await terminal.audit("command.forged")] == ["unknown-key"]


async def test_an_answer_goes_nowhere_but_below_the_terminals_own_topic(stand: Stand, office: Office) -> None:
    async with stand() as terminal:
        for wanted, topic in (
            (TOPICS.of("result") + "/desk", TOPICS.of("result") + "/desk"),
            ("kiosk/v1/371002/WH-HC-0004/command", ""),
            (TOPICS.of("result") + "/#", ""),
            ("", ""),
        ):
            order = office.order("refresh-catalogue")
            message = Message(TOPICS.of("command"), order, 1, 1, wanted, b"x")
            await terminal.orders.take(message, lambda: None)
            command = json.loads(base64.b64decode(json.loads(order)["envelope"]))["id"]
            address = terminal.orders.address_of(command)
            assert address is not None
            assert address.topic == topic


def test_topics_are_of_terminals_and_nothing_else() -> None:
    assert parsed(TOPICS.of("event")) == (TOPICS, "event")
    assert parsed("kiosk/v1/371002/WH-HC-0003/event/more") is None
    assert parsed("kiosk/v2/371002/WH-HC-0003/event") is None
    assert parsed("kiosk/v1/+/WH-HC-0003/event") is None
    assert everything("data") == "kiosk/v1/+/+/data"
    for site, terminal in (("371002", "+"), ("#", "WH-HC-0003"), ("371002", "WH-HC-0003/command")):
        with pytest.raises(ValueError, match="not a division code"):
            Topics(site, terminal)
    with pytest.raises(TooLarge):
        payload({"words": "x" * MOST_BYTES})


async def test_a_broker_that_says_nothing_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(broker_module, "CONNECT_S", 0.3)
    held: list[asyncio.StreamWriter] = []
    server = await asyncio.start_server(lambda _, writer: held.append(writer), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    broker = Broker(FleetSettings(broker=f"mqtt://127.0.0.1:{port}"), "x", Will(TOPICS.of("state"), b"{}"), {})
    with pytest.raises(BrokerAway, match="no answer within"):
        await broker.connect()
    with pytest.raises(BrokerAway):
        broker.send(TOPICS.of("data"), b"{}", qos=0)
    await broker.close()
    for writer in held:
        writer.close()
    server.close()
    await server.wait_closed()


def test_the_desk_makes_a_key_and_signs_what_a_terminal_takes(tmp_path: Path) -> None:
    run = CliRunner()
    made = run.invoke(app, ["fleet", "key", str(tmp_path / "desk.key")])
    assert made.exit_code == 0
    public = made.stdout.split()[1]
    assert (tmp_path / "desk.key").stat().st_mode & 0o077 == 0
    assert run.invoke(app, ["fleet", "key", str(tmp_path / "desk.key")]).exit_code == 2  # never overwritten
    order = ["fleet", "order", "notice", "--terminal", "WH-HC-0003", "--key", str(tmp_path / "desk.key")]
    signed = json.loads(run.invoke(app, [*order, "--param", "zh=今晚停水"]).stdout)
    octets = base64.b64decode(signed["envelope"])
    assert json.loads(octets)["params"] == {"zh": "今晚停水"}
    keys = CommandKeys((public,), tmp_path)
    assert keys.is_signed(signed["key"], octets, bytes.fromhex(signed["signature"]))
    assert not keys.is_signed(signed["key"], octets + b" ", bytes.fromhex(signed["signature"]))
    assert run.invoke(app, [*order, "--param", f"zh={'x' * 501}"]).exit_code == 2
