"""What the control room believes: sessions, wills, gaps, counters, times in which a terminal could be used."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from config.fleet_contract import MOST_METRICS, Topics
from kiosk.control_room.ledger import Changes, Known, Ledger, Spell
from kiosk.control_room.reading import Unreadable, read

TOPICS = Topics("371002", "WH-HC-0003")
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
AT = NOW.isoformat()


def state(session: str = "a", mode: str = "open", **more: Any) -> dict[str, Any]:
    return {
        "v": 1, "terminal": TOPICS.terminal, "session": session, "online": True, "mode": mode, "at": AT,
        "software": "0.1.0", "open_intents": 0, "worst": "ok", **more,
    }  # fmt: skip


def gone(session: str = "a") -> dict[str, Any]:
    return {"v": 1, "terminal": TOPICS.terminal, "session": session, "online": False}


def birth(session: str = "a", **more: Any) -> dict[str, Any]:
    place = {"hall_zh": "环翠区政务服务中心", "hall_en": "Huancui", "division": "371002"}
    told = {"metrics": {}, "sections": [], "supplies": [], **more}
    return {
        "v": 1, "terminal": TOPICS.terminal, "session": session, "seq": 0, "at": AT, "software": "1", "place": place,
    } | told  # fmt: skip


def data(seq: int, session: str = "a", **more: Any) -> dict[str, Any]:
    return {"v": 1, "session": session, "seq": seq, "at": AT, "metrics": {}, "sections": [], "supplies": []} | more


class Room:
    """A ledger and what it was told."""

    def __init__(self) -> None:
        self.ledger, self.changes, self.now = Ledger({}), Changes(), NOW

    def take(self, leaf: str, message: dict[str, Any], after_s: float = 1) -> Known:
        import json

        self.now += timedelta(seconds=after_s)
        topic = f"kiosk/v1/{TOPICS.site}/{TOPICS.terminal}/{leaf}"
        topics, read_ = read(topic, json.dumps(message).encode())
        self.ledger.take(topics, read_, self.now, self.changes)
        return self.ledger.known[TOPICS.terminal]


@pytest.fixture
def room() -> Room:
    return Room()


def test_the_will_of_an_old_session_is_ignored(room: Room) -> None:
    room.take("state", state("new"))
    assert room.take("state", gone("old")).online
    assert room.ledger.odd.old_wills == 1
    assert not room.take("state", gone("new")).online


def test_a_will_that_comes_first_is_believed(room: Room) -> None:
    assert not room.take("state", gone("a")).online
    assert room.take("state", state("b")).online


def test_a_gap_asks_for_one_rebirth_a_minute(room: Room) -> None:
    room.take("birth", birth())
    room.take("data", data(1))
    assert room.ledger.wishes(room.now, 10, first=True) == []
    known = room.take("data", data(3, metrics={"kiosk_services_available": 5}))
    assert known.metrics == {"kiosk_services_available": 5}
    assert room.ledger.wishes(room.now, 10, first=True) == [TOPICS]
    room.take("data", data(5))
    assert room.ledger.wishes(room.now, 10, first=True) == []
    assert room.ledger.wishes(room.now + timedelta(seconds=61), 10, first=False) == [TOPICS]
    room.take("data", data(7))
    room.take("birth", birth())
    assert room.ledger.wishes(room.now + timedelta(seconds=200), 10, first=True) == []
    assert room.ledger.odd.gaps == 3


def test_heartbeats_that_were_not_born_or_come_again_change_nothing(room: Room) -> None:
    told = {"kiosk_services_available": 9.0}
    assert room.take("data", data(4, metrics=told)).metrics == {}
    room.take("birth", birth())
    room.take("data", data(1))
    assert room.take("data", data(1, metrics=told)).metrics == {}
    assert room.take("data", data(2, "other", metrics=told)).metrics == {}
    assert (room.ledger.odd.unborn, room.ledger.odd.old_data) == (2, 1)


def test_a_new_session_is_not_born_before_its_birth(room: Room) -> None:
    room.take("birth", birth("a"))
    assert not room.take("state", state("b")).born
    assert room.take("birth", birth("b")).born


def test_counters_are_added_up_over_restarts(room: Room) -> None:
    name = 'kiosk_visits_total{how="done"}'
    room.take("birth", birth(metrics={name: 100}))
    room.take("data", data(1, metrics={name: 103}))
    room.take("birth", birth("b", metrics={name: 2}))
    room.take("birth", birth("b", metrics={name: 2}))
    assert list(room.changes.tallies.items()) == [((TOPICS.terminal, "2026-11-23", name), 5)]


def test_times_in_which_it_could_be_used(room: Room) -> None:
    for mode, after in (("open", 0), ("visit", 10), ("closed", 10), ("open", 10)):
        room.take("state", state(mode=mode), after)
    room.take("state", gone(), 10)
    at = [NOW + timedelta(seconds=s) for s in (0, 20, 30, 40)]
    wanted = [Spell(at[0], True), Spell(at[1], False), Spell(at[2], True), Spell(at[3], False)]
    assert room.changes.spells == {TOPICS.terminal: wanted}


def test_a_birth_replaces_what_was_said_before_it(room: Room) -> None:
    section = {"id": "pad", "state": "fault", "event": "e", "cause": "c", "who": "technician", "since": ""}
    room.take("birth", birth())
    room.take("data", data(1, sections=[section]))
    assert set(room.changes.sections[TOPICS.terminal]) == {"pad"}
    room.take("birth", birth(sections=[{**section, "id": "reader"}]))
    assert set(room.changes.sections[TOPICS.terminal]) == {"reader"}
    assert room.changes.reborn == {TOPICS.terminal}


@pytest.mark.parametrize(
    ("leaf", "change", "why"),
    [
        ("state", {"mode": "dancing"}, "state: mode: literal_error"),
        ("state", {"v": 2}, "state: v: literal_error"),
        ("state", {"at": "2026-11-23T09:00:00"}, "state: at: timezone_aware"),
        ("state", {"at": "1999-11-23T09:00:00Z"}, "state: at: value_error"),
        ("state", {"terminal": "WH-HC-0004"}, "state: another terminal's topic"),
        ("state", {"software": "x" * 81}, "state: software: string_too_long"),
        ("birth", {"metrics": {f"m{i}": 1 for i in range(MOST_METRICS + 1)}}, "birth: metrics: too_long"),
        ("birth", {"place": {"hall_zh": "\ud800", "hall_en": "", "division": ""}}, "birth: characters that are none"),
        ("birth", {"place": {"hall_zh": "\0", "hall_en": "", "division": ""}}, "birth: characters that are none"),
        ("data", {"seq": 0}, "data: seq: greater_than_equal"),
        ("data", {"metrics": {"kiosk_services_available": 1e300}}, "data: metrics: less_than_equal"),
    ],
)
def test_what_is_not_of_the_contract_is_counted_by_reason_and_believed_in_nothing(
    room: Room, leaf: str, change: dict[str, Any], why: str
) -> None:
    whole = {"state": state(), "birth": birth(), "data": data(1)}[leaf] | change
    with pytest.raises(Unreadable) as error:
        room.take(leaf, whole)
    assert error.value.why == why
    assert room.ledger.known == {}


@pytest.mark.parametrize(
    ("topic", "payload", "why"),
    [
        ("kiosk/v1/371002/x/state", b"{}", "topic"),
        ("kiosk/v1/371002/WH-HC-0003/command", b"{}", "command: not for the control room"),
        ("kiosk/v1/371002/WH-HC-0003/data", b"[" * 50_000, "data: no JSON"),
        ("kiosk/v1/371002/WH-HC-0003/data", b"\xff", "data: no JSON"),
        ("kiosk/v1/371002/WH-HC-0003/data", b"[]", "data: no object"),
        ("kiosk/v1/371002/WH-HC-0003/data", b" " * 65_537, "data: too long"),
    ],
)
def test_what_cannot_be_read_at_all(topic: str, payload: bytes, why: str) -> None:
    with pytest.raises(Unreadable) as error:
        read(topic, payload)
    assert error.value.why == why


def test_invented_terminals_are_bounded(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kiosk.control_room.ledger.MOST_TERMINALS", 1)
    room.take("state", state())
    other = Topics("371002", "WH-HC-0004")
    from kiosk.control_room.reading import State

    room.ledger.take(other, State.model_validate(state()), NOW, room.changes)
    assert room.ledger.odd.too_many == 1
    assert other.terminal not in room.ledger.known
