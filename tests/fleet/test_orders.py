"""Orders over a real Mosquitto, sent by mosquitto_pub: done once, answered always; what is none is refused, audited."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fleet_stand import TOPICS, Ear, Mosquitto, Office, Stand, id_of, say

from kiosk.clock import Clock
from kiosk.fleet import orders as orders_module
from kiosk.fleet.broker import Message
from kiosk.fleet.command_keys import CommandKeys
from kiosk.journal import JournalError
from kiosk.platform.devices import Command

pytestmark = pytest.mark.oracle
COMMAND = TOPICS.of("command")


async def answer(listening: Ear, order: bytes, *states: str) -> list[dict[str, Any]]:
    """The results of an order, in turn."""
    found = []
    for state in states:
        found.append(await listening.next("result", lambda p: p["command"] == id_of(order)))
        assert found[-1]["state"] == state, found
    return found


async def test_an_order_is_accepted_done_and_answered_with_its_correlation(
    stand: Stand, ear: Callable[..., Ear], mosquitto: Mosquitto, office: Office
) -> None:
    listening = ear()
    async with stand() as terminal:
        await listening.next("birth")
        order = office.order("refresh-catalogue")
        where = TOPICS.of("result") + "/desk-7"
        say(mosquitto, COMMAND, order, "-D", "publish", "response-topic", where,
            "-D", "publish", "correlation-data", "abc123")  # fmt: skip
        heard: list[dict[str, Any]] = []
        while len(heard) < 2:
            await listening.next("desk-7")
            heard.append(listening.heard[-1])
        event = await listening.next("event")
    assert terminal.done == ["refresh-catalogue"]
    assert [m["payload"]["state"] for m in heard] == ["ACCEPTED", "DONE"]
    assert {m["correlation"] for m in heard} == {"abc123"}
    assert heard[1]["payload"]["words"] == "looking for a newer catalogue"
    assert event["id"] == "fleet.order"
    assert event["detail"] == {
        "entry": "command.ended", "command": id_of(order), "name": "refresh-catalogue", "state": "DONE", "via": "fleet",
    }  # fmt: skip


async def test_an_order_that_comes_again_is_answered_again_and_not_done_again_also_after_a_restart(
    stand: Stand, ear: Callable[..., Ear], mosquitto: Mosquitto, office: Office
) -> None:
    listening = ear()
    order = office.order("refresh-catalogue")
    async with stand() as terminal:
        await listening.next("birth")
        say(mosquitto, COMMAND, order)
        first = (await answer(listening, order, "ACCEPTED", "DONE"))[1]
        say(mosquitto, COMMAND, order)
        assert await answer(listening, order, "DONE") == [first]
        assert terminal.done == ["refresh-catalogue"]
    async with stand() as terminal:
        await listening.next("birth")
        say(mosquitto, COMMAND, order)
        assert await answer(listening, order, "DONE") == [first]
        assert terminal.done == []
        assert len(await terminal.audit("command.begun")) == 1


async def test_expired_unknown_and_not_for_this_terminal_are_refused_answered_and_in_the_chain(
    stand: Stand, ear: Callable[..., Ear], mosquitto: Mosquitto, office: Office
) -> None:
    listening = ear()
    async with stand() as terminal:
        await listening.next("birth")
        expired = office.order("refresh-catalogue", lasts_s=-5)
        unknown = office.order("format-disk")
        elsewhere = office.order("refresh-catalogue", terminal="WH-HC-0004")
        early = office.order("refresh-catalogue", issued_at="2099-01-01T00:00:00Z", expires_at="2099-01-01T01:00:00Z")
        for order, words in (
            (expired, "too late"),
            (unknown, "not known here"),
            (elsewhere, "not for"),
            (early, "not"),
        ):
            say(mosquitto, COMMAND, order)
            assert words in (await answer(listening, order, "REFUSED"))[0]["words"]
        ended = await terminal.audit("command.ended")
        assert [(e["command"], e["state"]) for e in ended] == [(id_of(o), "REFUSED") for o in (expired, unknown)]
        causes = [(e["cause"], e["command"]) for e in await terminal.audit("command.forged")]
        assert causes == [("another-terminal", id_of(elsewhere)), ("not-yet", id_of(early))]
        assert terminal.done == []


async def test_an_order_waits_for_a_disk_that_refuses_and_is_done_then(
    office: Office, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """On a connection that holds no broker brings a message twice."""
    monkeypatch.setattr(orders_module, "AGAIN_S", 0.01)
    said: list[str] = []

    class Commands:
        async def recall(self) -> None: ...

        def told(self, command: str) -> None: ...

        async def follow(self, command: Command, via: str) -> None:
            said.append(f"{command.name} {via}")
            if len(said) < 3:
                raise JournalError("the disk")

    keys = CommandKeys([office.public], tmp_path)
    orders = orders_module.Orders("WH-HC-0003", keys, Commands(), None, Clock(), "x")  # type: ignore[arg-type]  # no entry
    task = asyncio.create_task(orders.run())
    await orders.take(Message(COMMAND, office.order("rebirth"), 1, 1), lambda: said.append("acknowledged"))
    async with asyncio.timeout(5):
        while "acknowledged" not in said:
            await asyncio.sleep(0.01)
    assert said == ["rebirth fleet"] * 3 + ["acknowledged"]
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def test_an_answer_goes_below_our_own_topic_and_nowhere_beside_it() -> None:
    own = TOPICS.of("result")
    orders = orders_module.Orders("WH-HC-0003", None, None, None, None, own)  # type: ignore[arg-type]  # not asked
    for topic, wanted in ((own, own), (f"{own}/desk", f"{own}/desk"), (f"{own}s", ""), ("other", "")):
        orders._remember("one", Message(COMMAND, b"", 1, 1, topic))
        found = orders.address_of("one")
        assert found is not None
        assert found.topic == wanted, topic


def forged(order: bytes) -> bytes:
    """The envelope of `order` with another name, under the signature of before."""
    import base64

    body = json.loads(order)
    octets = base64.b64decode(body["envelope"]).replace(b"refresh-catalogue", b"open")
    return json.dumps({**body, "envelope": base64.b64encode(octets).decode()}).encode()


async def test_forged_unreadable_and_oversized_are_audited_and_not_answered(
    stand: Stand, ear: Callable[..., Ear], mosquitto: Mosquitto, office: Office
) -> None:
    listening = ear()
    stranger = Office()
    good = office.order("refresh-catalogue")
    cases = {
        "signature": forged(good),
        "unknown-key": stranger.order("refresh-catalogue"),
        "unreadable": b'{"envelope": 5}',
        "too-large": b" " * 70_000,
    }
    long_lived = office.order("refresh-catalogue", lasts_s=90_000)
    async with stand() as terminal:
        await listening.next("birth")
        for payload in (*cases.values(), long_lived):
            say(mosquitto, COMMAND, payload)
        say(mosquitto, COMMAND, b"x" * 200_000)  # beyond what the broker may bring us at all
        say(mosquitto, COMMAND, good)
        await answer(listening, good, "ACCEPTED", "DONE")
        found = await terminal.audit("command.forged")
        assert [each["cause"] for each in found] == [*cases, "unreadable"]
        told = [m["payload"] for m in listening.heard if m["topic"].endswith("/event")]
        assert [e["detail"]["cause"] for e in told if e["id"] == "fleet.forged"] == [*cases, "unreadable"]
        results = [m["payload"]["command"] for m in listening.heard if m["topic"].endswith("/result")]
        assert set(results) == {id_of(good)}
        assert terminal.done == ["refresh-catalogue"]


async def test_a_flood_of_forgeries_does_not_fill_the_journal(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    from kiosk.fleet.broker import Message

    monkeypatch.setattr(orders_module, "MOST_ENTRIES", 3)
    monkeypatch.setattr(orders_module, "HOUR_S", 0.4)
    async with stand() as terminal:
        taken = []
        for mid in range(50):
            await terminal.orders.take(Message(COMMAND, b"junk", 1, mid), lambda m=mid: taken.append(m))
        assert len(await terminal.audit("command.forged")) == 3
        await asyncio.sleep(0.5)
        await terminal.orders.take(Message(COMMAND, b"junk", 1, 50), lambda: taken.append(50))
        assert [e["count"] for e in await terminal.audit("command.forged")] == [1, 1, 1, 48]
        assert taken == list(range(51))


async def test_an_order_cut_short_by_a_crash_is_failed_and_not_done_again(
    stand: Stand, ear: Callable[..., Ear], mosquitto: Mosquitto, office: Office
) -> None:
    listening = ear()
    order = office.order("refresh-catalogue")
    body = {"command": id_of(order), "name": "refresh-catalogue", "via": "fleet"}

    async def before(terminal: Any) -> None:
        await terminal.journal.note("", "command.begun", body)

    async with stand(before) as terminal:
        await answer(listening, order, "ACCEPTED")
        say(mosquitto, COMMAND, order)
        failed = (await answer(listening, order, "FAILED"))[0]
        assert "stopped while" in failed["words"]
        assert terminal.done == []


async def test_keys_rotate_with_both_in_force_for_a_while_and_a_retired_one_never_comes_back(
    stand: Stand, ear: Callable[..., Ear], mosquitto: Mosquitto, office: Office, tmp_path: Path
) -> None:
    listening = ear()
    following = Office()

    async def done(by: Office, state: str, name: str, **params: str) -> None:
        order = by.order(name, params)
        say(mosquitto, COMMAND, order)
        await answer(listening, order, "ACCEPTED", state)

    async with stand() as terminal:
        await listening.next("birth")
        await done(office, "DONE", "rotate-key", key=following.public)
        await done(office, "DONE", "refresh-catalogue")
        await done(following, "DONE", "refresh-catalogue")
        await done(following, "REFUSED", "rotate-key", retire=following.id)  # it would lock itself out
        await done(following, "DONE", "rotate-key", retire=office.id)
        say(mosquitto, COMMAND, office.order("refresh-catalogue"))
        await done(following, "REFUSED", "rotate-key", key=office.public)
        assert [e["cause"] for e in await terminal.audit("command.forged")] == ["unknown-key"]
    async with stand() as terminal:
        assert terminal.keys.ids == (following.id,)  # the settings still name the old one
    (tmp_path / "fleet-keys.json").write_text("{")
    with pytest.raises(Exception, match="put it aside"):
        async with stand():
            pass


async def test_orders_of_the_office_reach_the_pages(
    stand: Stand, ear: Callable[..., Ear], mosquitto: Mosquitto, office: Office
) -> None:
    listening = ear()
    async with stand() as terminal:
        await listening.next("birth")
        close = office.order("close", {"zh": "停电检修，16 点恢复。", "en": "No power until 16:00."})
        say(mosquitto, COMMAND, close)
        await answer(listening, close, "ACCEPTED", "DONE")
        assert terminal.orders_in_force.closed
        assert terminal.orders_in_force.closed_words("zh") == "停电检修，16 点恢复。"
        too_long = office.order("notice", {"zh": "停" * 501})
        say(mosquitto, COMMAND, too_long)
        open_ = office.order("open")
        say(mosquitto, COMMAND, open_)
        await answer(listening, open_, "ACCEPTED", "DONE")
        assert not terminal.orders_in_force.closed
    async with stand() as terminal:
        await listening.next("birth")
        assert not terminal.orders_in_force.closed
