"""The agent against a real Mosquitto, judged by mosquitto_sub: birth, state, will, rebirth, order, outages."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from fleet_stand import TOPICS, Ear, Mosquitto, Stand, Terminal, say

pytestmark = pytest.mark.oracle


async def test_it_is_born_tells_its_state_and_says_when_it_ends(stand: Stand, ear: Callable[..., Ear]) -> None:
    listening = ear()
    async with stand():
        state = await listening.next("state")
        birth = await listening.next("birth")
    assert state["online"] is True
    assert state["mode"] == "open"
    assert birth["seq"] == 0
    assert birth["session"] == state["session"]
    assert birth["metrics"] == {"kiosk_services_available": 236.0}
    assert birth["place"]["hall_zh"] == "环翠区政务服务中心"
    gone = await listening.next("state")
    assert gone["online"] is False
    assert "at" in gone  # said in order: no last will


async def test_state_is_retained_for_who_comes_later(stand: Stand, ear: Callable[..., Ear]) -> None:
    first = ear()
    async with stand():
        await first.next("birth")
        late = ear(TOPICS.of("state"))
        state = await late.next("state")
    assert state["online"] is True
    assert late.heard[0]["retain"] == 1


async def test_another_state_is_told_and_data_has_only_what_changed(stand: Stand, ear: Callable[..., Ear]) -> None:
    listening = ear()
    async with stand(data_every_s=0.5) as terminal:
        await listening.next("birth")
        worse = {**terminal.look.values, "kiosk_platform_up": 0.0}
        terminal.look = replace(terminal.look, worst="fault", values=worse)
        assert (await listening.next("state"))["worst"] == "fault"
        data = await listening.next("data", lambda p: p["metrics"])
    assert data["metrics"] == {"kiosk_platform_up": 0.0}
    assert data["sections"] == []
    told = [m["payload"]["seq"] for m in listening.heard if m["topic"].endswith("/data")]
    assert told == list(range(1, len(told) + 1))


async def test_who_vanishes_is_declared_gone_by_the_will(stand: Stand, ear: Callable[..., Ear]) -> None:
    listening = ear()
    async with stand() as terminal:
        birth = await listening.next("birth")
        # The socket is cut without a word, as by a plug.
        terminal.agent.broker._client.socket().shutdown(2)
        gone = await listening.next("state", lambda p: not p["online"])
        assert gone == {"v": 1, "terminal": TOPICS.terminal, "session": birth["session"], "online": False}
        again = await listening.next("birth")  # and it comes back by itself
        assert again["session"] == birth["session"]
        assert terminal.agent.online


async def test_a_rebirth_is_given_once_a_minute_and_only_to_its_own_name(
    stand: Stand, ear: Callable[..., Ear], mosquitto: Mosquitto, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kiosk.fleet.agent.REBIRTH_LEAST_S", 1.0)
    listening = ear()
    async with stand() as terminal:
        await listening.next("birth")
        born = terminal.agent._born_at
        for topic in (TOPICS.requests, TOPICS.of("request")):
            say(mosquitto, topic, b'{"want":"rebirth","terminal":"WH-HC-0004"}')
        say(mosquitto, TOPICS.requests, b"not json")
        for topic in (TOPICS.requests, TOPICS.of("request"), TOPICS.of("request")):
            say(mosquitto, topic, b'{"want":"rebirth","terminal":"WH-HC-0003"}')
        await listening.next("birth")
        assert terminal.agent._born_at - born >= 1.0
        await asyncio.sleep(0.3)
        births = sum(m["topic"].endswith("/birth") for m in listening.heard)
    assert births == 2


async def wrote(terminal: Terminal, count: int, kind: str = "visit.opened", **body: Any) -> None:
    for _ in range(count):
        await terminal.journal.note("v-0011223344556677", kind, body)


async def test_events_come_in_order_over_a_brokers_outage(
    stand: Stand, ear: Callable[..., Ear], mosquitto: Mosquitto
) -> None:
    listening = ear()
    async with stand() as terminal:
        await wrote(terminal, 3)
        numbers = [(await listening.next("event"))["n"] for _ in range(3)]
        listening.close()
        mosquitto.stop()
        for fen in range(30):
            await terminal.journal.note("", "charge.charged", {"intent": "chg-0011223344556677aabb", "fen": fen})
        mosquitto.start()
        later = ear()
        events = [await later.next("event") for _ in range(30)]
    assert numbers == [1, 2, 3]
    assert [e["n"] for e in events] == list(range(4, 34))
    assert [e["detail"]["fen"] for e in events] == list(range(30))
    assert {e["class"] for e in events} == {"money"}
    assert {e["id"] for e in events} == {"money.moved"}
    assert len({e["chain"] for e in events}) == 1


async def test_what_was_confirmed_is_not_told_again_after_a_restart(stand: Stand, ear: Callable[..., Ear]) -> None:
    listening = ear()
    async with stand() as terminal:
        await wrote(terminal, 25)
        for _ in range(25):
            await listening.next("event")
        await asyncio.sleep(0.2)
    async with stand() as terminal:
        await wrote(terminal, 1)
        assert (await listening.next("event"))["n"] == 26


async def test_too_much_telemetry_is_left_out_and_the_gap_is_told_but_money_is_not(
    stand: Stand, ear: Callable[..., Ear]
) -> None:
    async def before(terminal: Terminal) -> None:
        await wrote(terminal, 60, "clock.off", seconds=31)
        await terminal.journal.note("", "qr.owed", {"intent": "qr-0011223344556677aabb", "fen": 500})
        await wrote(terminal, 60, "clock.off", seconds=31)

    listening = ear()
    async with stand(before, backlog=100) as terminal:
        events = []
        while not events or events[-1]["n"] < 121:
            events.append(await listening.next("event"))
        assert terminal.backlog.dropped == 21
    assert events[0] | {"at": ""} == {
        "v": 1, "session": "0123456789abcdef", "chain": events[0]["chain"], "n": 21, "id": "fleet.dropped",
        "class": "telemetry", "at": "", "device": "", "severity": "attention",
        "detail": {"count": 21, "from": 1, "to": 21}, "after": 0, "held": 0,
    }  # fmt: skip
    money = [e for e in events if e["class"] == "money"]
    assert [(e["n"], e["id"], e["detail"]["state"]) for e in money] == [(61, "money.open", "owed")]
    assert [e["n"] for e in events] == sorted(e["n"] for e in events)


def test_beats_are_spread_over_the_minute() -> None:
    from kiosk.fleet.beats import until_beat

    waits = sorted(until_beat(f"WH-HC-{i:04}", 1_800_000_000.0, 60.0) for i in range(3143))
    per_second = [sum(second <= wait < second + 1 for wait in waits) for second in range(6, 66)]
    assert max(per_second) < 3143 / 60 * 1.7
    assert waits[0] >= 6.0
