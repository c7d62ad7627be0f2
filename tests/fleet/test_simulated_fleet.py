"""The simulated city without a wire: the same seed is the same day, messages are of the contract, money is kept."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from config.divisions import divisions
from kiosk.control_room.reading import Birth, Data, Event, State, read
from simulator.fleet.city import SHARES, places
from simulator.fleet.connection import Broker
from simulator.fleet.life import SERVICES, Life
from simulator.fleet.limits import room_for
from simulator.fleet.mqtt import Publish
from simulator.fleet.scenario import Step, parse
from simulator.fleet.terminal import MOST_BACKLOG, Terminal

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


class Wire:
    """A connection that takes everything at once, when it is up, and acknowledges nothing."""

    def __init__(self) -> None:
        self.up = False
        self.said: list[Publish] = []

    waiting = 0

    def publish(self, message: Publish, acknowledged: object = None) -> bool:
        if not self.up and message.qos == 0:
            return False
        self.said.append(message)
        return True


def terminal(seed: int = 3) -> tuple[Terminal, Wire]:
    found, wire = Terminal(places(7)[0], seed, NOW), Wire()
    found.connection = wire  # type: ignore[assignment]  # as much of a connection as a terminal uses
    return found, wire


def test_a_city_of_3143_places_is_spread_by_the_shares_and_has_no_name_twice() -> None:
    city = places()
    assert len({p.topics.terminal for p in city}) == len(city) == 3143
    by_site = Counter(p.topics.site for p in city)
    for site, (_, share) in SHARES.items():
        assert by_site[site] == pytest.approx(3143 * share / 100, abs=20)
    assert all(p.division in divisions() for p in city)
    assert places(3143, 1) == city != places(3143, 2)


@pytest.mark.parametrize("count", [0, 20_001])
def test_a_number_of_terminals_out_of_bounds_is_refused(count: int) -> None:
    with pytest.raises(ValueError, match=str(count)):
        places(count)


def test_a_day_of_a_terminal() -> None:
    lives = [Life(11, NOW), Life(11, NOW)]
    paper = lives[0].paper_m
    said = [[h for m in range(1440) for h in life.step(NOW + timedelta(minutes=m), 1)] for life in lives]
    assert said[0] == said[1]
    visits = sum(lives[0].visits.values())
    assert 15 <= visits <= 120
    assert lives[0].paper_m != paper
    money = [h for h in said[0] if h.kind == "money"]
    begun = {h.detail["intent"] for h in money if h.detail["state"] == "minted"}
    ended = {h.detail["intent"] for h in money if h.detail["state"] == "closed"}
    assert begun
    assert len(begun - ended) == lives[0].open_intents
    assert 0 <= lives[0].services <= SERVICES


def test_everything_it_says_is_readable_in_the_control_room() -> None:
    one, wire = terminal()
    will = one.last_will()
    assert json.loads(will.payload)["online"] is False
    wire.up = True
    one.connected()
    for minute in range(300):
        one.beat(NOW + timedelta(minutes=minute), 1)
    kinds = Counter(type(read(m.topic, m.payload)[1]) for m in [will, *wire.said])
    assert kinds[Birth] == 1
    assert kinds[Data] == 300
    assert kinds[Event] == one.books.last_n > 5
    assert kinds[State] >= 1
    numbers = [json.loads(m.payload)["seq"] for m in wire.said if m.topic.endswith(("birth", "data"))]
    assert numbers == list(range(301))


def test_a_rebirth_is_honoured_once_a_minute_and_only_for_its_own_name() -> None:
    one, wire = terminal()
    one.last_will()
    wire.up = True
    one.connected()
    asked = Publish(one.topics.requests, json.dumps({"want": "rebirth", "terminal": one.topics.terminal}).encode())
    one.heard(asked)
    assert one.rebirths == 0
    one.beat(NOW + timedelta(minutes=2), 1)
    for message in (asked, asked, Publish(asked.topic, b'{"terminal":"WH-HC-9999"}'), Publish("other", asked.payload)):
        one.heard(message)
    assert one.rebirths == 1


def test_without_a_network_money_is_kept_whatever_is_dropped_and_the_loss_is_told() -> None:
    one, wire = terminal()
    minute = 0
    while one.books.dropped < 40:
        minute += 60
        one.beat(NOW + timedelta(minutes=minute), 60)
    assert len(one._kept) >= MOST_BACKLOG
    wire.up = True
    one.last_will()
    one.connected()
    events = [json.loads(m.payload) for m in wire.said if m.topic.endswith("event")]
    assert sum(e["class"] == "money" for e in events) == one.books.minted["money"]
    numbers = [e["n"] for e in events]
    assert numbers == sorted(set(numbers))
    assert [e["detail"]["count"] for e in events if e["id"] == "fleet.dropped"] == [one.books.dropped]


def test_words_of_a_scenario() -> None:
    assert parse("steady 2; outage 0.33 60;birth-storm;") == (
        Step("steady", (2.0,)), Step("outage", (0.33, 60.0)), Step("birth-storm"),
    )  # fmt: skip
    for wrong in ("", "dance", "steady", "steady x", "outage 0.3", "steady -1", ";".join(["birth-storm"] * 51)):
        with pytest.raises(ValueError, match="scenario"):
            parse(wrong)


def test_the_brokers_address() -> None:
    assert Broker.of("mqtts://name:w%40rd@broker.example") == Broker("broker.example", 8883, True, "name", "w@rd")
    assert "w@rd" not in repr(Broker.of("mqtts://name:w%40rd@broker.example"))
    for wrong in ("http://x", "mqtt://", "mqtt://x:99999", "mqtt://x/path"):
        with pytest.raises(ValueError, match="expected mqtt://"):
            Broker.of(wrong)


def test_more_connections_than_the_machine_allows_are_refused_with_the_limit() -> None:
    with pytest.raises(OSError, match="ulimit"):
        room_for(1 << 40)
