"""The chain on its way to the broker, without one: cuts between confirmation and its note, lost files, new chains."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from config.fleet_contract import MOST_DETAIL
from kiosk.clock import Clock
from kiosk.fleet.backlog import FILE, Backlog
from kiosk.fleet.messages import payload
from kiosk.fleet.telling import RULES, told
from kiosk.journal import Journal


class Still:
    """A clock that somebody else sets."""

    def __init__(self) -> None:
        self.at = 1_800_000_000.0

    def monotonic(self) -> float:
        return self.at

    def timestamp(self) -> float:
        return self.at


async def opened(folder: Path, name: str = "journal.db") -> Journal:
    journal = Journal(folder / name, Clock())
    await journal.open()
    return journal


async def charged(journal: Journal, first: int, last: int) -> None:
    for fen in range(first, last + 1):
        await journal.note("", "charge.charged", {"intent": "chg-0011223344556677aabb", "fen": fen})


async def drained(backlog: Backlog, *, confirm_until: int = 10**9) -> list[Any]:
    """Everything that is told until nothing comes; entries above `confirm_until` are not confirmed: the plug."""
    found = []
    while rows := await backlog.batch():
        for row in rows:
            if row.message is not None:
                found.append(row.message)
            if row.n > confirm_until:
                return found
            backlog.confirmed(row.n)
    return found


@pytest.mark.promise("P9")
@pytest.mark.parametrize("cut_after", range(12))
async def test_a_cut_at_any_confirmation_tells_some_twice_and_none_never(tmp_path: Path, cut_after: int) -> None:
    journal = await opened(tmp_path)
    await charged(journal, 1, 10)
    first = Backlog(journal, tmp_path, 1000, "one", Still())
    told_first = await drained(first, confirm_until=cut_after)
    if cut_after % 2:
        await first.keep()  # else the plug is pulled before the note
    again = Backlog(journal, tmp_path, 1000, "two", Still())
    told_again = await drained(again)
    await journal.close()
    keys = [(m["chain"], m["n"]) for m in told_first + told_again]
    assert {n for _, n in keys} == set(range(1, 11))
    assert [m["n"] for m in told_again] == sorted(m["n"] for m in told_again)
    assert len({chain for chain, _ in keys}) == 1
    assert [m["detail"]["fen"] for m in told_again] == [m["n"] for m in told_again]


@pytest.mark.parametrize("content", [b"", b"{", b'{"chain": 1, "n": "x"}', b'{"n": 3}', b"\xff" * 100])
async def test_a_damaged_note_costs_duplicates_only(tmp_path: Path, content: bytes) -> None:
    journal = await opened(tmp_path)
    await charged(journal, 1, 5)
    (tmp_path / FILE).write_bytes(content)
    assert [m["n"] for m in await drained(Backlog(journal, tmp_path, 1000, "s", Still()))] == [1, 2, 3, 4, 5]
    await journal.close()


async def test_another_chain_is_told_from_its_beginning_under_its_own_name(tmp_path: Path) -> None:
    old = await opened(tmp_path)
    await charged(old, 1, 8)
    backlog = Backlog(old, tmp_path, 1000, "s", Still())
    first = await drained(backlog)
    await backlog.keep()
    await old.close()
    new = await opened(tmp_path, "another.db")
    await charged(new, 1, 3)
    second = await drained(Backlog(new, tmp_path, 1000, "s", Still()))
    await new.close()
    assert [m["n"] for m in second] == [1, 2, 3]
    assert {m["chain"] for m in first}.isdisjoint(m["chain"] for m in second)


async def test_a_disk_that_refuses_the_note_stops_nothing(tmp_path: Path) -> None:
    journal = await opened(tmp_path)
    await charged(journal, 1, 3)
    backlog = Backlog(journal, tmp_path / "not" / "there", 1000, "s", Still())
    assert len(await drained(backlog)) == 3
    await backlog.keep()
    await charged(journal, 4, 4)
    assert [m["n"] for m in await drained(backlog)] == [4]
    await journal.close()


async def test_nothing_is_told_twice_when_the_first_entry_comes_while_looking(tmp_path: Path) -> None:
    journal = await opened(tmp_path)
    backlog = Backlog(journal, tmp_path, 1000, "s", Still())
    assert await backlog.batch() == []
    await charged(journal, 1, 2)
    assert [m["n"] for m in await drained(backlog)] == [1, 2]
    assert await backlog.batch() == []
    await journal.close()


@pytest.mark.parametrize(
    ("kind", "left_out"),
    [
        ("clock.off", [False, True, True]),
        ("visit.opened", [False, False, True]),
        ("charge.owed", [False, False, False]),
        ("technician", [False, False, False]),
    ],
)
def test_visits_are_left_out_only_far_behind_money_and_technicians_acts_never(kind: str, left_out: list[bool]) -> None:
    event = told({"seq": 1, "at": "", "kind": kind, "body": {}}, "c", "s")
    assert event is not None
    backlog: Any = Backlog(None, Path(), 100, "s", Still())  # type: ignore[arg-type]  # asked for its rule only
    assert [backlog._is_too_much(event, head) for head in (100, 101, 401)] == left_out


def test_every_rule_names_an_event_of_the_catalogue_and_few_members() -> None:
    from kiosk.events import events

    for rule in RULES:
        assert rule.event in events(), rule
        assert len(rule.detail) + 3 <= MOST_DETAIL
    kinds = [rule.kind for rule in RULES]
    for n, kind in enumerate(kinds):
        before = [k for k in kinds[:n] if k.endswith(".") and kind.startswith(k)]
        assert not before, f"{kind} is never reached: {before} comes first"


def test_a_devices_fault_is_told_by_its_own_event_and_its_end_as_information() -> None:
    def fault(module: str, cause: str, *, is_open: bool) -> Any:
        body = {"module": module, "cause": cause, "open": is_open}
        return told({"seq": 7, "at": "", "kind": "device.fault", "body": body}, "c", "s")

    jam = fault("receipt_printer", "paper-jam", is_open=True)
    assert (jam["device"], jam["class"], jam["detail"]["open"]) == ("receipt-printer", "device", True)
    assert fault("receipt_printer", "paper-jam", is_open=False)["severity"] == "info"
    assert fault("document_camera", "no-answer", is_open=True)["device"] == "document-camera"
    assert fault("teapot", "boils", is_open=True)["id"] == "device.any.other"


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_a_value_that_is_no_number_keeps_no_event_behind_it_away(value: float) -> None:
    event = told({"seq": 1, "at": "", "kind": "clock.jumped", "body": {"seconds": value}}, "c", "s")
    assert event is not None
    assert b'"seconds"' not in payload(event)
