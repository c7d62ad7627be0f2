"""The door's own book: a journal that was put aside, a disk that refuses, a file that was edited or went, a crash."""

from __future__ import annotations

import asyncio
import errno
import os
import sqlite3
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from door_hall import FIELD_PIN, DoorHall

from kiosk.keys import MachineKey
from kiosk.technician.door import Shut
from kiosk.technician.door_book import BEGUN, FILE, MOST_CODES, MOST_TRIES, BookFull, DoorBook
from kiosk.technician.gate import Gate
from kiosk.technician.lockout import Attempt
from simulator.virtual_time import run_virtual

FIELD_NUMBER = "371002198501019011"
NOW = 1_795_233_600.0


def walk(folder: Path, steps: Callable[[DoorHall], Awaitable[None]], **more: Any) -> None:
    async def run() -> None:
        async with DoorHall(folder, **more) as hall:
            await steps(hall)

    run_virtual(run())


async def guess(gate: Gate, times: int) -> str:
    """So many wrong PINs of the field technician; returns who that is."""
    known = gate.roster.find(FIELD_NUMBER)
    assert known is not None
    for _ in range(times):
        with pytest.raises(Shut, match="pin-wrong"):
            await gate.pin(known, "000000")
    return known.who


def spoil_journal(folder: Path) -> None:
    """The file is no database any more: the next start puts it aside."""
    for each in folder.glob("journal.db-*"):
        each.unlink()
    (folder / "journal.db").write_bytes(b"a disk wrote this" * 999)


def full(*_: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_journal_that_was_put_aside_forgets_neither_lock_out_nor_used_code(tmp_path: Path) -> None:
    given: dict[str, str] = {}
    who: list[str] = []

    async def before(hall: DoorHall) -> None:
        given.update(await hall.code())
        await hall.entry.gate.scanned(given["scan"], "panel")
        who.append(await guess(hall.entry.gate, 3))

    async def after(hall: DoorHall) -> None:
        assert hall.journal.quarantined is not None
        assert not hall.entries("technician.try", "technician.code")
        gate = hall.entry.gate
        known = gate.roster.find(FIELD_NUMBER)
        assert known is not None
        with pytest.raises(Shut, match="locked"):
            await gate.pin(known, FIELD_PIN)
        with pytest.raises(Shut, match="code-used"):
            await gate.scanned(given["scan"], "panel")
        await asyncio.sleep(61)
        assert (await gate.pin(known, FIELD_PIN)).role == "field"

    walk(tmp_path, before)
    spoil_journal(tmp_path)
    walk(tmp_path, after)


def test_a_book_that_the_disk_refuses_lets_card_and_pin_in_counts_on_and_takes_no_code(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def steps(hall: DoorHall) -> None:
        gate, code = hall.entry.gate, await hall.code()
        monkeypatch.setattr(gate._book, "write", full)  # the disk of the book alone refuses
        with pytest.raises(Shut, match="not-recorded"):
            await gate.scanned(code["scan"], "panel")
        assert not hall.entries("technician.code")
        await guess(gate, 1)
        assert (await hall.come_in()).role == "field"
        hall.seen.go.set()
        hall.lift()
        await hall.page("standby")
        hall.journal.hook = refuse  # and now everything refuses: memory counts
        who = await guess(gate, 3)
        assert await gate.locked_until(who) > 0
        hall.journal.hook = None
        monkeypatch.undo()
        assert (await gate.scanned(code["scan"], "panel")).how == "code"  # it opened nothing before, so it is good yet
        with pytest.raises(Shut, match="code-used"):
            await gate.scanned(code["scan"], "panel")

    def refuse(when: str) -> None:
        if when == "before":
            raise sqlite3.OperationalError("database or disk is full")

    walk(tmp_path, steps)
    assert caplog.text.count("event=technician.book-refused") == 1


@pytest.mark.parametrize("harm", ["edited", "torn", "gone"])
def test_a_book_that_was_harmed_shuts_the_door_for_a_while_and_is_never_empty(
    tmp_path: Path, harm: str, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / FILE
    given: dict[str, str] = {}

    async def before(hall: DoorHall) -> None:
        given.update(await hall.code())

    async def after(hall: DoorHall) -> None:
        await hall.at_door()
        assert "12:1" in hall.words()
        assert "记开门的文件" in hall.words()
        await hall.press("leave")
        gate = hall.entry.gate
        with pytest.raises(Shut, match="book-lost"):
            await gate.card(FIELD_NUMBER)
        with pytest.raises(Shut, match="code-void"):
            await gate.scanned(given["scan"], "panel")
        await asyncio.sleep(2)
        assert (await gate.scanned((await hall.code())["scan"], "panel")).how == "code"

    async def later(hall: DoorHall) -> None:
        with pytest.raises(Shut, match="code-void"):  # over restarts too
            await hall.entry.gate.scanned(given["scan"], "panel")
        with pytest.raises(Shut, match="book-lost"):
            await hall.entry.gate.card(FIELD_NUMBER)
        await asyncio.sleep(901)
        assert (await hall.come_in()).role == "field"

    walk(tmp_path, before)
    told = path.read_bytes()
    if harm == "gone":
        path.unlink()
    else:
        path.write_bytes(told[:-9] if harm == "torn" else told.replace(b'"tries":[', b'"tries":[ ', 1))
    spoil_journal(tmp_path)
    walk(tmp_path, after)
    assert caplog.text.count("event=technician.book-lost severity=alarm") == 1
    walk(tmp_path, later)
    assert caplog.text.count("event=technician.book-lost severity=alarm") == 1
    assert path.stat().st_mode & 0o777 == 0o600


def test_unlock_ends_the_lock_of_a_lost_book(tmp_path: Path) -> None:
    async def before(hall: DoorHall) -> None:
        assert await hall.entry.gate.locked_until() == 0.0

    async def after(hall: DoorHall) -> None:
        assert await hall.entry.gate.locked_until() > 0
        at = hall.tools.clock.platform_now().timestamp()
        body = {"result": "released", "reason": "", "who": "0f" * 16, "at": at}
        await hall.journal.write(lambda write: write.entry("", "technician.try", body))
        assert await hall.entry.gate.locked_until() == 0.0

    walk(tmp_path, before)
    (tmp_path / FILE).unlink()
    walk(tmp_path, after)


def test_the_first_book_takes_over_what_the_journal_knows(tmp_path: Path) -> None:
    """A terminal that was updated: its journal is older than its book."""
    given: dict[str, str] = {}

    async def before(hall: DoorHall) -> None:
        given.update(await hall.code())
        await hall.entry.gate.scanned(given["scan"], "panel")
        await guess(hall.entry.gate, 3)

    async def updated(hall: DoorHall) -> None:
        assert await hall.entry.gate.locked_until() == 0.0

    async def after(hall: DoorHall) -> None:
        known = hall.entry.gate.roster.find(FIELD_NUMBER)
        assert known is not None
        assert await hall.entry.gate.locked_until(known.who) > 0
        with pytest.raises(Shut, match="code-used"):
            await hall.entry.gate.scanned(given["scan"], "panel")

    walk(tmp_path, before)
    for name in (FILE, BEGUN):
        (tmp_path / name).unlink()
    walk(tmp_path, updated)
    spoil_journal(tmp_path)
    walk(tmp_path, after)


def test_a_crash_between_the_count_and_the_check_buys_no_try(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class PowerCut(Exception):
        pass

    def cut(*_: object) -> bool:
        raise PowerCut

    async def steps(hall: DoorHall) -> None:
        known = hall.entry.gate.roster.find(FIELD_NUMBER)
        assert known is not None
        with monkeypatch.context() as patch:
            patch.setattr("kiosk.technician.gate.pin_right", cut)
            for _ in range(3):
                with pytest.raises(PowerCut):
                    await hall.entry.gate.pin(known, FIELD_PIN)

    async def after(hall: DoorHall) -> None:
        known = hall.entry.gate.roster.find(FIELD_NUMBER)
        assert known is not None
        assert await hall.entry.gate.locked_until(known.who) > 0

    walk(tmp_path, steps)
    spoil_journal(tmp_path)
    walk(tmp_path, after)


def test_what_is_kept_is_bounded_and_says_nothing_of_anybody(tmp_path: Path) -> None:
    key = MachineKey(b"k" * 32)
    book = DoorBook(tmp_path, key)
    book.load(NOW)
    book.learn(Attempt(NOW + n, f"{n:032x}", "tried") for n in range(MOST_TRIES + 50))
    for n in range(MOST_CODES):
        book.used(f"tc_0123456789abcde{n}", NOW + 60, NOW)
    with pytest.raises(BookFull):
        book.used("tc_another", NOW + 60, NOW)
    book.used("tc_another", NOW + 600, NOW + 61)  # one that has ended gives way
    book.write(book.text())
    assert b"tc_" not in (tmp_path / FILE).read_bytes()
    again = DoorBook(tmp_path, key)
    again.load(NOW)
    assert (again.lost, len(again.tries), again.tries[-1].at) == ("", MOST_TRIES, NOW + MOST_TRIES + 49)
    assert again.was_used("tc_another")
    other = DoorBook(tmp_path, MachineKey(b"x" * 32))
    other.load(NOW)
    assert other.lost == "altered"
