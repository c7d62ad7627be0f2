"""The writer: nothing is acknowledged before it is written, a database that is away is waited for."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from kiosk.control_room import ingest
from kiosk.control_room.feed import Arrived, Feed
from kiosk.control_room.holding import Held
from kiosk.control_room.ingest import Ingest
from kiosk.control_room.ledger import Changes, Known
from kiosk.control_room.room_settings import RoomSettings

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
TOPIC = "kiosk/v1/371002/WH-HC-0003/event"


def event(n: int) -> bytes:
    return json.dumps(
        {"v": 1, "session": "a", "chain": "c", "n": n, "id": "money.moved", "class": "money", "at": NOW.isoformat(),
         "device": "", "severity": "info", "detail": {}}
    ).encode()  # fmt: skip


class Broker:
    """A feed whose messages are there from the beginning; it says what happened in one list with the store."""

    dropped_heartbeats = 0

    def __init__(self, log: list[Any], payloads: list[bytes], last: threading.Event) -> None:
        self._log, self._last = log, last
        self._waiting = [Arrived(TOPIC, p, mid, 1, 1) for mid, p in enumerate(payloads, 1)]
        self.told: list[tuple[str, bool]] = []
        self.connected = threading.Event()
        self._left = len(payloads)

    def start(self) -> None: ...

    def stop(self) -> None: ...

    def next(self, within_s: float) -> Arrived | None:
        return self._waiting.pop(0) if self._waiting else None

    def done(self, arrived: Arrived) -> None:
        self._log.append(("acknowledged", arrived.mid))
        self._left -= 1
        if not self._left:
            self._last.set()

    def tell(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        assert json.loads(payload)["terminal"] == "WH-HC-0003"
        self.told.append((topic, retain))


class Database:
    """A store that fails as it is told: `away` times, and always for a batch that holds `poison`."""

    def __init__(self, log: list[Any], away: int = 0, poison: int = -1) -> None:
        self._log, self._away, self._poison = log, away, poison

    def connect(self) -> None:
        self._log.append("connected")

    def close(self) -> None: ...

    def known(self, now: datetime) -> dict[str, Known]:
        return {}

    def write(self, changes: Changes) -> None:
        numbers = [found.n for _, found, _ in changes.events]
        if self._away:
            self._away -= 1
            raise psycopg.OperationalError
        if self._poison in numbers:
            raise psycopg.DataError
        if numbers:
            self._log.append(("written", numbers))

    def alive(self, now: datetime, odd: Any) -> None: ...

    def trim(self, now: datetime, keep_days: int) -> int:
        return 0


def run(payloads: list[bytes], **how: int) -> tuple[list[Any], Ingest]:
    log: list[Any] = []
    last = threading.Event()
    found = Ingest(Broker(log, payloads, last), Database(log, **how), 400, lambda: NOW)  # type: ignore[arg-type]  # as much of both as it uses
    thread = threading.Thread(target=found.run)
    thread.start()
    assert last.wait(10)
    found.stop()
    thread.join(5)
    assert not thread.is_alive()
    return log, found


def test_a_message_is_acknowledged_after_it_is_written() -> None:
    log, found = run([event(1), event(2)])
    assert log == ["connected", ("written", [1, 2]), ("acknowledged", 1), ("acknowledged", 2)]
    assert found.odd() == {}


@pytest.mark.promise("P1")
def test_a_database_that_is_away_is_waited_for_and_nothing_is_acknowledged_meanwhile() -> None:
    log, _ = run([event(1), event(2)], away=1)
    assert log == ["connected", "connected", ("written", [1, 2]), ("acknowledged", 1), ("acknowledged", 2)]


def test_what_the_database_refuses_takes_nothing_else_with_it() -> None:
    log, found = run([event(1), event(2), event(3)], poison=2)
    assert [entry for entry in log if entry[0] == "written"] == [("written", [1]), ("written", [3])]
    assert found.odd() == {"refused by the database": 1}


def test_who_is_asked_for_a_rebirth_is_asked_alone_and_the_site_only_when_that_was_not_heard() -> None:
    now = [NOW]
    feed = Broker([], [], threading.Event())
    found = Ingest(feed, Database([]), 400, lambda: now[0])  # type: ignore[arg-type]  # as much of both as it uses
    data = {"v": 1, "session": "a", "seq": 4, "at": NOW.isoformat(), "metrics": {}, "sections": [], "supplies": []}
    found._believe(Arrived(TOPIC.replace("event", "data"), json.dumps(data).encode(), 1, 0, 1), Changes())
    for minutes in (0, 0, 2, 4):
        now[0] = NOW + timedelta(minutes=minutes)
        found._next_asks = 0.0
        found._housekeeping()
    site = "kiosk/v1/371002/control/request"
    assert feed.told == [(TOPIC.replace("event", "request"), False), (site, False), (site, False)]


def test_what_is_held_is_said_after_it_is_written_and_while_there_is_a_broker() -> None:
    class Holds(Database):
        def hold(self, wanted: dict[Any, int], now: datetime) -> dict[Any, Held]:
            assert ("written", [1]) in self._log
            return {key: Held(1) for key in wanted}

    log: list[Any] = []
    feed = Broker(log, [], threading.Event())
    found = Ingest(feed, Holds(log), 400, lambda: NOW)  # type: ignore[arg-type]  # as much of both as it uses
    asks = json.dumps({**json.loads(event(1)), "after": 0, "held": 0}).encode()
    assert found._write([Arrived(TOPIC, asks, 1, 1, 1)])
    found._acknowledge()
    assert feed.told == []  # nobody to say it to; it is not forgotten
    feed.connected.set()
    for _ in range(2):
        found._acknowledge()
    assert feed.told == [(TOPIC.replace("event", "acknowledged"), True)]
    assert found._write([Arrived(TOPIC, event(2), 2, 1, 1)])  # an older terminal
    found._acknowledge()
    assert len(feed.told) == 1


def test_nonsense_is_acknowledged_and_counted_by_few_reasons(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ingest, "MOST_REASONS", 1)
    log, found = run([b"\xff", b"[]", event(1)])
    assert ("written", [1]) in log
    assert found.odd() == {"event: no JSON": 1, "other": 1}


def test_a_message_that_is_repeated_while_it_waits_is_taken_once() -> None:
    from paho.mqtt.client import MQTTMessage

    feed = Feed(RoomSettings())
    message = MQTTMessage(mid=7, topic=TOPIC.encode())
    message.qos, message.payload = 1, event(1)
    for _ in range(2):
        feed._message(feed._client, None, message)
    first = feed.next(0)
    assert first is not None
    assert feed.next(0) is None
    feed.done(first)
    feed._message(feed._client, None, message)
    assert feed.next(0) is not None


def test_heartbeats_are_thrown_away_when_the_writer_is_behind() -> None:
    from paho.mqtt.client import MQTTMessage

    from kiosk.control_room.feed import HEARTBEATS_UP_TO

    feed = Feed(RoomSettings())
    message = MQTTMessage(topic=TOPIC.encode())
    for _ in range(HEARTBEATS_UP_TO + 5):
        feed._message(feed._client, None, message)
    assert (feed.waiting, feed.dropped_heartbeats) == (HEARTBEATS_UP_TO, 5)


def test_the_room_is_connected_when_the_broker_has_all_its_subscriptions() -> None:
    """Before that a broker without our session takes events, confirms them, and gives them to nobody."""
    from paho.mqtt.client import ConnectFlags
    from paho.mqtt.packettypes import PacketTypes
    from paho.mqtt.reasoncodes import ReasonCode

    class Wire:
        """Numbers what it is asked for."""

        mids = 0

        def subscribe(self, *what: Any) -> tuple[int, int]:
            self.mids += 1
            return 0, self.mids

    feed, wire = Feed(RoomSettings()), Wire()
    well = ReasonCode(PacketTypes.SUBACK, "Granted QoS 1")  # type: ignore[no-untyped-call]  # paho has no types there
    refused = ReasonCode(PacketTypes.SUBACK, "Not authorized")  # type: ignore[no-untyped-call]
    hello = ReasonCode(PacketTypes.CONNACK, "Success")  # type: ignore[no-untyped-call]
    feed._connected(wire, None, ConnectFlags(False), hello, None)  # type: ignore[arg-type]  # it subscribes, no more
    assert wire.mids == 2
    for mid, reasons, connected in ((1, [well], False), (2, [refused], False), (2, [well], True)):
        feed._subscribed(feed._client, None, mid, reasons, None)
        assert feed.connected.is_set() is connected
