"""Kept is what the database holds: the real agent, a real Mosquitto that forgets, the room's own writer."""

from __future__ import annotations

import asyncio
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from fleet_stand import TOPICS, Mosquitto, Stand, Terminal, say

from kiosk.control_room.feed import Feed
from kiosk.control_room.holding import Held, Key, walked
from kiosk.control_room.ingest import Ingest
from kiosk.control_room.ledger import Changes
from kiosk.control_room.room_settings import RoomSettings

pytestmark = [pytest.mark.oracle, pytest.mark.promise("P1")]
CLIENT = "room-of-the-test"


class Rows:
    """The tables `event` and `held`, as tests/processes holds the real ones to it."""

    def __init__(self) -> None:
        self.events: dict[tuple[str, str, int], int | None] = {}
        self.fen: list[int] = []
        self.twice = 0
        self.held: dict[Key, int] = {}

    def connect(self) -> None: ...
    def close(self) -> None: ...
    def alive(self, now: datetime, odd: Any) -> None: ...
    def trim(self, now: datetime, keep_days: int) -> None: ...
    def known(self, now: datetime) -> dict[str, Any]:
        return {}

    def write(self, changes: Changes) -> None:
        for name, event, _ in changes.events:
            key = (name, event.chain, event.n)
            if key in self.events:
                self.twice += 1
                continue
            self.events[key] = event.after
            self.fen.append(round(float(event.detail["fen"] or 0)))

    def hold(self, wanted: dict[Key, int], now: datetime) -> dict[Key, Held]:
        found = {}
        for key, base in wanted.items():
            n = max(base, self.held.get(key, 0))
            beyond = sorted((k[2], after) for k, after in self.events.items() if k[:2] == key and k[2] > n)
            found[key] = walked(n, beyond)
            self.held[key] = found[key].n
        return found


@pytest.fixture
def rows(monkeypatch: pytest.MonkeyPatch, mosquitto: Mosquitto) -> Iterator[Rows]:
    monkeypatch.setattr("kiosk.control_room.ingest.HELD_EVERY_S", 0.1)
    yield Rows()
    say(mosquitto, TOPICS.of("acknowledged"), b"", retain=True)
    say(mosquitto, TOPICS.of("state"), b"", retain=True)
    forget_the_room(mosquitto)


@contextmanager
def room(mosquitto: Mosquitto, rows: Rows) -> Iterator[Ingest]:
    """The writer over those rows; leaving the block is its death: what the broker still has stays there."""
    feed = Feed(RoomSettings(broker=mosquitto.url, client=CLIENT))
    ingest = Ingest(feed, rows, 400)  # type: ignore[arg-type]  # as much of a store as it uses
    thread = threading.Thread(target=ingest.run)
    thread.start()
    try:
        assert feed.connected.wait(5)
        yield ingest
    finally:
        ingest.stop()
        thread.join(10)
        assert not thread.is_alive()


def forget_the_room(mosquitto: Mosquitto) -> None:
    """Its session at the broker ends, and with it everything that waits there."""
    asked = ["mosquitto_sub", "-V", "5", "-h", "127.0.0.1", "-p", str(mosquitto.port), "-i", CLIENT, "-t", "x", "-E"]
    subprocess.run(asked, check=True, timeout=10, capture_output=True)


async def charged(terminal: Terminal, *fens: int) -> None:
    for fen in fens:
        await terminal.journal.note("", "charge.charged", {"intent": "chg-0011223344556677aabb", "fen": fen})


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not true():
            await asyncio.sleep(0.02)


async def test_broker_and_writer_die_after_the_confirmation_and_no_money_is_missing(
    stand: Stand, mosquitto: Mosquitto, rows: Rows, tmp_path: Path
) -> None:
    async with stand() as terminal:
        backlog = terminal.backlog
        with room(mosquitto, rows):
            await charged(terminal, 1, 2, 3)
            await until(lambda: backlog.cursor == 3)
        await charged(terminal, 4, 5, 6, 7)
        await until(lambda: backlog._n == 7)  # PUBACK: the broker has them, and nobody else
        assert backlog.cursor == 3
        mosquitto.stop()
        mosquitto.start()  # keeps nothing: an empty broker
        with room(mosquitto, rows):
            await until(lambda: backlog.cursor == 7)
    assert rows.fen == [1, 2, 3, 4, 5, 6, 7]
    assert '"n": 7' in (tmp_path / "fleet-told.json").read_text()


async def test_the_terminal_dies_too(stand: Stand, mosquitto: Mosquitto, rows: Rows) -> None:
    async with stand() as terminal:
        with room(mosquitto, rows):
            await charged(terminal, 1, 2)
            await until(lambda: terminal.backlog.cursor == 2)
        await charged(terminal, 3, 4)
        await until(lambda: terminal.backlog._n == 4)
    mosquitto.stop()
    mosquitto.start()
    async with stand() as terminal:
        await charged(terminal, 5)
        with room(mosquitto, rows):
            await until(lambda: terminal.backlog.cursor == 5)
    assert rows.fen == [1, 2, 3, 4, 5]


async def test_a_hole_that_no_broken_connection_tells_of_is_filled(
    stand: Stand, mosquitto: Mosquitto, rows: Rows
) -> None:
    async with stand() as terminal:
        with room(mosquitto, rows):
            await charged(terminal, 1)
            await until(lambda: terminal.backlog.cursor == 1)
        forget_the_room(mosquitto)
        await charged(terminal, 2, 3)  # confirmed by a broker that has nobody to give them to
        await until(lambda: terminal.backlog._n == 3)
        with room(mosquitto, rows):
            await charged(terminal, 4)
            await until(lambda: terminal.backlog.cursor == 4)
    assert sorted(rows.fen) == [1, 2, 3, 4]
    assert rows.fen != [1, 2, 3, 4]  # the hole was there


async def test_without_a_room_that_acknowledges_it_works_as_it_did(
    stand: Stand, mosquitto: Mosquitto, rows: Rows
) -> None:
    async with stand() as terminal:
        await charged(terminal, 1, 2, 3)
        await until(lambda: terminal.backlog.cursor == 3)
    assert not rows.fen


async def test_a_restarted_terminal_hears_at_once_what_is_held(stand: Stand, mosquitto: Mosquitto, rows: Rows) -> None:
    async with stand() as terminal:
        with room(mosquitto, rows):
            await charged(terminal, 1, 2)
            await until(lambda: terminal.backlog.cursor == 2)
        path = terminal.backlog.path
    path.unlink()  # the retained word is enough
    async with stand() as terminal:
        await until(lambda: terminal.backlog.holding.n == 2)
        with room(mosquitto, rows):
            await charged(terminal, 3)
            await until(lambda: terminal.backlog.cursor == 3)
    assert rows.fen == [1, 2, 3]
