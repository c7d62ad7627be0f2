"""The control room's database: written once whatever is repeated, trimmed, and the figures that the page shows."""

from __future__ import annotations

import json
import signal
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

sys.path.insert(0, str(Path(__file__).parent))  # importlib mode gives tests no package to import each other from
from control_room_stand import Database, missing

from kiosk.control_room import look
from kiosk.control_room.holding import Held
from kiosk.control_room.ledger import Changes, Known, Ledger, Spell
from kiosk.control_room.migrations import SchemaTooNew, migrate, steps
from kiosk.control_room.pool import Pool
from kiosk.control_room.reading import Supply, read
from kiosk.control_room.store import Store

pytestmark = [pytest.mark.processes, pytest.mark.xdist_group("fleet")]
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
NAME = "WH-HC-0003"


@pytest.fixture(scope="module")
def database() -> Iterator[Database]:
    """PostgreSQL alone."""
    assert not missing(), f"{missing()}: see config/deploy/system-packages.txt"
    with tempfile.TemporaryDirectory(prefix="kiosk-room-", ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o711)
        found = Database(Path(name))
        found.start()
        yield found
        found.program.stop(signal.SIGINT)


@pytest.fixture
def store(database: Database) -> Iterator[Store]:
    """An empty database with the newest schema."""
    with psycopg.connect(database.dsn, autocommit=True) as cx:
        cx.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    made = Store(database.dsn)
    made.connect()
    yield made
    made.close()


@pytest.fixture
def pool(database: Database) -> Iterator[Pool]:
    """What the page reads with."""
    made = Pool(database.dsn)
    yield made
    made.close()


def event(n: int, **more: Any) -> dict[str, Any]:
    return {
        "v": 1, "session": "a", "chain": "c", "n": n, "id": "money.moved", "class": "money", "at": NOW.isoformat(),
        "device": "", "severity": "info", "detail": {"fen": 2000}, **more,
    }  # fmt: skip


def take(ledger: Ledger, changes: Changes, leaf: str, message: dict[str, Any], at: datetime = NOW) -> None:
    topics, found = read(f"kiosk/v1/371002/{NAME}/{leaf}", json.dumps(message).encode())
    ledger.take(topics, found, at, changes)


def known(at: datetime = NOW, **more: Any) -> Known:
    return Known("371002", at, at, at, **more)


def test_the_schema_is_taken_once_and_a_newer_one_is_refused(database: Database, store: Store) -> None:
    with psycopg.connect(database.dsn, autocommit=True) as cx:
        assert migrate(cx) == []
        cx.execute("INSERT INTO schema_step (number) VALUES (%s)", (len(steps()) + 1,))
        with pytest.raises(SchemaTooNew, match=f"knows {len(steps())}"):
            migrate(cx)


@pytest.mark.promise("P1")
def test_what_is_written_again_is_there_once(database: Database, store: Store) -> None:
    ledger, changes = Ledger({}), Changes()
    for n in (1, 2, 2, 5):
        take(ledger, changes, "event", event(n))
    changes.tallies[NAME, "2026-11-23", 'kiosk_visits_total{how="done"}'] = 3
    store.write(changes)
    store.write(changes)  # the answer to the commit was lost
    again = Changes()
    take(ledger, again, "event", event(2))
    take(ledger, again, "event", event(2, chain="another-disk"))
    store.write(again)
    assert database.ask("SELECT chain, n FROM event ORDER BY chain, n") == [
        ("another-disk", 2), ("c", 1), ("c", 2), ("c", 5),
    ]  # fmt: skip
    assert database.ask("SELECT count FROM tally") == [(3,)]
    assert store.events == 4


@pytest.mark.promise("P1")
def test_what_is_held_ends_at_the_first_hole(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kiosk.control_room.store.STEP", 2)
    ledger, key = Ledger({}), (NAME, "c")

    def written(*pairs: tuple[int, int]) -> None:
        changes = Changes()
        for n, after in pairs:
            take(ledger, changes, "event", event(n, after=after, held=0))
        store.write(changes)

    assert store.hold({key: 0}, NOW) == {key: Held(0)}
    written((1, 0), (2, 1), (2, 1), (4, 2), (5, 4), (6, 5), (9, 8))
    assert store.hold({key: 0}, NOW) == {key: Held(6, hole=True)}
    written((8, 6), (9, 8))
    assert store.hold({key: 0}, NOW) == {key: Held(9)}
    written((12, 11), (13, 12))
    assert store.hold({key: 7}, NOW) == {key: Held(9, hole=True)}
    written((12, 9))  # what stood between is not for the fleet any more
    assert store.hold({key: 7}, NOW) == {key: Held(13)}
    assert store.hold({key: 40, (NAME, "new"): 3}, NOW) == {key: Held(40), (NAME, "new"): Held(3)}


def test_what_was_believed_is_believed_again_after_a_restart(store: Store) -> None:
    ledger, changes = Ledger({}), Changes()
    state = {
        "v": 1, "terminal": NAME, "session": "a", "online": True, "mode": "open", "at": NOW.isoformat(),
        "software": "0.1.0", "open_intents": 2, "worst": "ok",
    }  # fmt: skip
    take(ledger, changes, "state", state)
    store.write(changes)
    store.alive(NOW, {"gaps": 1})
    assert store.known(NOW + timedelta(seconds=5)) == ledger.known
    late = store.known(NOW + timedelta(hours=2))[NAME]
    assert late.serving is None  # two hours of which nothing is known


def test_availability_counts_only_what_is_known(pool: Pool, store: Store) -> None:
    hours = [(-30, True), (-20, False), (-14, True)]  # the last one ends as the room stops, an hour ago
    changes = Changes(terminals={NAME: known()})
    changes.spells[NAME] = [Spell(NOW + timedelta(hours=h), serving) for h, serving in hours]
    store.write(changes)
    store.alive(NOW - timedelta(hours=1), {})
    store.known(NOW)
    with pool.reading() as cx:
        (day, month) = look.availability(cx, NOW)[NAME]
    assert day == pytest.approx((4 + 13) / 23, abs=1e-3)
    assert month == pytest.approx((10 + 13) / 29, abs=1e-3)


def test_what_runs_out_soonest(pool: Pool, store: Store) -> None:
    def supply(item: str, left: float, unit: str = "m", ends_at: datetime | None = None) -> Supply:
        return Supply.model_validate({"device": "p", "item": item, "left": left, "unit": unit, "ends_at": ends_at})

    told = supply("told", 9, ends_at=NOW + timedelta(days=4))
    for hour in range(48, -1, -1):
        at = NOW - timedelta(hours=hour)
        rows = [
            told,
            supply("trend", 10 + hour),
            supply("rising", 50 - hour),
            supply("out", 0),
            supply("low", 1, "level"),
        ]
        changes = Changes(terminals={NAME: known(hall_zh="厅")})
        changes.supplies[NAME] = {(s.device, s.item): (s, at) for s in rows}
        store.write(changes)
    with pool.reading() as cx:
        found = look.supplies(cx, NOW)
        sparks = look.terminal(cx, NAME, {}, NOW, 300)
    assert [(row["item"], row["trend"]) for row in found] == [
        ("out", False), ("low", False), ("trend", True), ("told", False),
    ]  # fmt: skip
    assert found[2]["days"] == pytest.approx(10 / 24, abs=0.01)
    assert sparks is not None
    assert next(row["hours"] for row in sparks["supplies"] if row["item"] == "trend")[-2:] == [11.0, 10.0]


def test_what_is_old_is_deleted(database: Database, store: Store) -> None:
    ledger, changes = Ledger({}), Changes()
    take(ledger, changes, "event", event(1), NOW - timedelta(days=401))
    take(ledger, changes, "event", event(2), NOW)
    changes.spells[NAME] = [Spell(NOW - timedelta(days=900), True), Spell(NOW - timedelta(days=500), False)]
    changes.tallies = {(NAME, "2024-01-01", "x"): 1, (NAME, "2026-11-23", "x"): 1}
    store.write(changes)
    assert store.trim(NOW, 400) == 3
    assert database.ask("SELECT n FROM event") == [(2,)]


def test_the_page_cannot_write(pool: Pool, store: Store) -> None:
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction), pool.reading() as cx:
        cx.execute("DELETE FROM event")
    with pool.reading() as cx:
        assert look.overview(cx, {}, NOW, 300)["terminals"] == []
        assert look.terminal(cx, NAME, {}, NOW, 300) is None


def test_conditions_of_terminals(pool: Pool, store: Store) -> None:
    long_ago = NOW - timedelta(hours=1)
    rows = {
        "WH-HC-0001": known(online=True, mode="open", worst="ok"),
        "WH-HC-0002": known(online=True, mode="open", worst="fault"),
        "WH-HC-0003": known(online=False, mode="open", worst="fault"),
        "WH-HC-0004": known(long_ago, online=True, mode="open", worst="ok"),
        "WH-HC-0005": known(online=True, mode="maintenance", worst="ok"),
        "WH-HC-0006": known(online=True, mode="open", worst="attention", open_intents=2),
        "WH-HC-0007": known(online=True, mode="open", worst="unknown"),
    }
    store.write(Changes(terminals=rows))
    with pool.reading() as cx:
        found = look.overview(cx, {}, NOW, 300)
    place = found["columns"].index("condition")
    wanted = ["ok", "fault", "offline", "silent", "closed", "attention", "unknown"]
    assert [row[place] for row in found["terminals"]] == wanted
    assert (found["intents"], found["intents_at"]) == (2, 1)
