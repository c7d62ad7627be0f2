"""What is held, without a broker: the cursor, the walk over events, who is told and how often."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from config.fleet_contract import MOST_UNHELD, Topics
from kiosk.clock import Clock
from kiosk.control_room import holding as room
from kiosk.control_room.holding import Held, walked
from kiosk.control_room.ledger import Changes, Known
from kiosk.fleet import holding
from kiosk.fleet.backlog import Backlog
from kiosk.fleet.holding import FORGOTTEN_S, GRACE_S, PROBE_S, Holding
from kiosk.journal import Journal

pytestmark = pytest.mark.promise("P1")


class Still:
    """A clock that somebody else sets."""

    at = 1_800_000_000.0

    def monotonic(self) -> float:
        return self.at

    timestamp = monotonic


@pytest.fixture
def clock() -> Any:
    return Still()


@pytest.fixture
def held(clock: Any) -> Holding:
    made = Holding(clock)
    made.begin("c", None)
    return made


def test_who_has_just_started_waits_to_hear_of_a_room_and_then_goes_on_without(held: Holding, clock: Any) -> None:
    held.told(3, {})
    assert held.first == 3
    clock.at += GRACE_S + 1
    assert held.first is None


def test_a_room_that_is_away_is_waited_for_but_not_for_ever(held: Holding, clock: Any) -> None:
    held.heard("c", 2, gap=False, retained=False)
    held.told(3, {})
    clock.at += FORGOTTEN_S - 1
    held.heard("c", 2, gap=False, retained=True)  # the word of a room that may be no more
    assert held.first == 3
    clock.at += 2
    assert held.first is None


def test_the_file_knows_better_than_what_is_retained_when_a_room_spoke(clock: Any) -> None:
    made = Holding(clock)
    made.heard("c", 2, gap=False, retained=True)
    made.begin("c", clock.at - FORGOTTEN_S - 1)
    assert not made.is_heeded
    made.heard("c", 2, gap=False, retained=False)
    assert made.is_heeded


def test_so_much_is_told_and_not_held_that_the_rest_stays(held: Holding) -> None:
    for n in range(1, MOST_UNHELD + 1):
        held.told(n, {})
    assert held.is_full
    assert held.waiting == MOST_UNHELD
    held.heard("c", 1, gap=False, retained=False)
    assert not held.is_full
    held.heard("another", 10**6, gap=False, retained=False)
    assert held.first == 2


def test_a_silent_room_is_asked_ever_more_rarely(held: Holding, clock: Any) -> None:
    held.heard("c", 0, gap=False, retained=False)
    assert held.probe() is None
    held.told(1, {"n": 1})
    held.told(2, {"n": 2})
    asked = []
    for second in range(3600):
        clock.at += 1
        if (message := held.probe()) is not None:
            asked.append((second + 1, message))
    assert [second for second, _ in asked] == [PROBE_S * (2**k - 1) for k in range(1, 6)]
    assert asked[0][1] == {"n": 2}


def test_a_hole_is_filled_at_most_every_half_minute(held: Holding, clock: Any) -> None:
    held.told(5, {})
    held.heard("c", 4, gap=True, retained=False)
    assert held.is_again_due
    held.cleared()
    held.told(5, {})
    held.heard("c", 4, gap=True, retained=False)
    assert not held.is_again_due
    clock.at += holding.AGAIN_LEAST_S
    held.heard("c", 4, gap=True, retained=False)
    assert held.is_again_due


async def test_events_name_the_one_before_them_and_untold_entries_are_no_hole(tmp_path: Path, clock: Any) -> None:
    journal = Journal(tmp_path / "journal.db", Clock())
    await journal.open()
    for kind in ("note", "charge.minted", "note", "note", "charge.charged", "note"):
        await journal.note("", kind, {"intent": "chg-0011223344556677aabb", "fen": 1})
    backlog = Backlog(journal, tmp_path, 1000, "s", clock)
    backlog.holding.heard(await backlog.chain(), 0, gap=False, retained=False)

    async def told() -> list[tuple[int, int, int]]:
        rows = await backlog.batch()
        for row in rows:
            backlog.confirmed(row.n, row.message)
        return [(r.message["n"], r.message["after"], r.message["held"]) for r in rows if r.message]

    assert await told() == [(2, 0, 0), (5, 2, 0)]
    assert backlog.cursor == 1  # what is not told needs nobody
    backlog.holding.heard(await backlog.chain(), 2, gap=False, retained=False)
    assert backlog.cursor == 4
    backlog.again()
    assert await told() == [(5, 4, 4)]
    backlog.holding.heard(await backlog.chain(), 5, gap=False, retained=False)
    assert backlog.cursor == 6
    await journal.close()


@pytest.mark.parametrize(
    ("n", "rows", "found"),
    [
        (0, [], Held(0)),
        (0, [(1, 0), (4, 1)], Held(4)),
        (4, [(9, 6)], Held(4, hole=True)),
        (6, [(9, 6), (11, 10)], Held(9, hole=True)),
        (3, [(5, None)], Held(3, hole=True)),
        (3, [(5, 1)], Held(5)),
    ],
)
def test_the_walk_ends_at_the_first_hole(n: int, rows: list[tuple[int, int | None]], found: Held) -> None:
    assert walked(n, rows) == found


def changes(n: int, after: int | None, held_: int | None) -> Changes:
    import datetime

    now = datetime.datetime(2026, 11, 23, tzinfo=datetime.UTC)
    event: Any = type("E", (), {"chain": "c", "n": n, "after": after, "held": held_})
    return Changes(terminals={"WH-HC-0003": Known("371002", now, now, now)}, events=[("WH-HC-0003", event, now)])


def test_each_terminal_is_told_once_and_of_a_hole_only_when_it_stays() -> None:
    one, key = room.Holding(), ("WH-HC-0003", "c")
    for n in range(1, 50):
        one.take(changes(n, n - 1, 0))
    assert one.wanted() == {key: 0}
    said = [message for _, message in one.told({key: Held(49)})]
    assert said == [{"v": 1, "terminal": "WH-HC-0003", "chain": "c", "n": 49, "gap": False}]
    assert one.wanted() == {}
    one.take(changes(60, 55, 49))
    gaps = [one.told({key: Held(49, hole=True)})[0][1]["gap"] for _ in range(2)]
    assert gaps == [False, True]
    assert one.wanted() == {}


def test_who_does_not_ask_is_left_alone() -> None:
    one = room.Holding()
    one.take(changes(5, None, None))
    assert one.wanted() == {}


def test_topics_of_one_terminal_alone() -> None:
    topics = Topics("371002", "WH-HC-0003")
    assert topics.of("request") == "kiosk/v1/371002/WH-HC-0003/request"
    assert topics.of("acknowledged") == "kiosk/v1/371002/WH-HC-0003/acknowledged"
