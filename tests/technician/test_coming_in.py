"""Coming in at the panel, as people do it: the right way, every wrong one, over restarts, and what is on record."""

from __future__ import annotations

import asyncio
import json
import logging
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from door_hall import FIELD_PIN, GESTURE, KIOSK, SUPERVISOR_PIN, DoorHall

from kiosk.in_process.panel import Panel
from kiosk.journal.file import STAFF_KINDS
from kiosk.technician.codes import luhn_right
from kiosk.technician.door import Shut
from kiosk.technician.joining import roster_of
from kiosk.technician.roster import RosterError, Technician, card_digest, hashed
from screens.screen import PinPad
from screens.semantics import as_data, tree
from screens.text import as_text
from simulator.people import CITIZENS
from simulator.virtual_time import run_virtual

FIELD_NUMBER = "371002198501019011"


def walk(folder: Path, steps: Callable[[DoorHall], Awaitable[None]], **more: Any) -> None:
    async def run() -> None:
        async with DoorHall(folder, **more) as hall:
            await steps(hall)

    run_virtual(run())


def test_from_gesture_to_session_and_back_to_citizens(tmp_path: Path) -> None:
    async def steps(hall: DoorHall) -> None:
        session = await hall.come_in()
        assert (session.role, session.how, session.source) == ("field", "card", "panel")
        assert hall.terminal.visit_id == session.id  # nothing else uses the devices meanwhile
        assert session.visit is not None
        wipes = hall.display.wipes
        hall.seen.go.set()
        assert (await hall.page("leave")).page == "leave"  # the technician's card lies there yet
        hall.lift()
        await hall.page("standby")
        assert (hall.entry.session, hall.terminal.visit_id) == (None, "")
        assert hall.display.wipes > wipes
        opened, closed = hall.entries("technician.session")
        assert (opened["what"], closed["what"], closed["why"]) == ("opened", "closed", "left")
        assert opened["who"] == closed["who"] == session.who
        await hall.renewal_to_pay()  # citizens are served as before

    walk(tmp_path, steps)


def test_the_gesture_is_nowhere_but_on_standby_and_the_closed_page(tmp_path: Path) -> None:
    async def steps(hall: DoorHall) -> None:
        await hall.page("standby")
        await hall.press("start")
        await hall.page("home")
        await hall.gesture()
        assert hall.display.screen is not None
        assert hall.display.screen.page == "home"
        await hall.press("leave")
        await hall.page("standby")
        await hall.press(*("corner", GESTURE[0]))
        await hall.press("headset", "in")  # nothing that a person touched
        for corner in GESTURE[1:]:
            await hall.press("corner", corner)
        await hall.page("tech_door")
        await hall.press("leave")
        await hall.page("standby")
        hall.capability.closed_reason = "reason.closed"
        hall.terminal.poke()
        await hall.page("closed")
        await hall.at_door()

    walk(tmp_path, steps)


def test_a_card_of_somebody_else_is_refused_and_the_right_one_after_it_is_not(tmp_path: Path) -> None:
    async def steps(hall: DoorHall) -> None:
        await hall.at_door()
        await hall.lay("citizen-02")
        await asyncio.sleep(4)
        assert "不在本机的技术人员名册" in hall.words()
        assert "张秀荣" not in hall.words()
        assert [b["reason"] for b in hall.entries("technician.try")] == ["card-unknown"]
        await hall.lay("technician")
        await hall.pin(FIELD_PIN)
        assert (await hall.session()).role == "field"

    walk(tmp_path, steps)


def test_pins_that_are_guessed_lock_and_a_restart_does_not_unlock(tmp_path: Path) -> None:
    async def guess(hall: DoorHall) -> None:
        await hall.at_door()
        await hall.lay("technician")
        await hall.pin("000000")
        assert "密码不对" in hall.words()
        await hall.pin("000001")
        await hall.pin("000002")
        screen = await hall.page("tech_door")
        assert "12:" in repr(screen)
        assert [b["result"] for b in hall.entries("technician.try")] == ["tried"] * 3

    async def again(hall: DoorHall) -> None:
        await hall.at_door()
        await hall.lay("technician")
        await asyncio.sleep(4)
        assert hall.entry.session is None
        assert hall.display.screen is not None
        assert hall.display.screen.page == "tech_door"  # not even a pad, though the PIN would be right
        assert hall.refusals()[-1] == "locked"
        await hall.press("leave")
        await asyncio.sleep(61)
        assert (await hall.come_in()).role == "field"
        assert hall.entries("technician.try")[-1]["result"] == "opened"

    walk(tmp_path, guess)
    walk(tmp_path, again)


def test_a_plug_that_is_pulled_while_a_pin_is_checked_buys_no_try(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class PowerCut(Exception):
        pass

    def cut(*_: object) -> bool:
        raise PowerCut

    async def steps(hall: DoorHall) -> None:
        gate = hall.entry.gate
        known = gate.roster.find(FIELD_NUMBER)
        assert known is not None
        with monkeypatch.context() as patch:
            patch.setattr("kiosk.technician.gate.pin_right", cut)
            for _ in range(3):
                with pytest.raises(PowerCut):
                    await gate.pin(known, FIELD_PIN)
        assert await gate.locked_until(known.who) > 0

    walk(tmp_path, steps)


def test_a_disk_that_refuses_keeps_no_technician_out_and_forgets_no_try(tmp_path: Path) -> None:
    async def steps(hall: DoorHall) -> None:
        def full(when: str) -> None:
            if when == "before":
                raise sqlite3.OperationalError("database or disk is full")

        code = await hall.code()
        hall.journal.hook = full
        await hall.at_door()
        await hall.lay("technician")
        await hall.pin("000000")
        assert await hall.entry.gate.locked_until("x") == 0.0
        await hall.pin(FIELD_PIN)
        session = await hall.session()
        assert await session.run("refill", lambda: asyncio.sleep(1, "paper")) == "paper"
        hall.seen.go.set()
        hall.lift()
        await hall.page("standby")
        await hall.to_code()
        await hall.digits(code["digits"])  # what cannot be recorded as used cannot be used
        assert "记录写不进去" in hall.words()
        hall.journal.hook = None
        await hall.journal.probe()
        results = [b["result"] for b in hall.entries("technician.try")]
        assert (results.count("tried"), results.count("opened")) == (2, 1)
        assert [b["act"] for b in hall.entries("technician")] == ["refill", "refill"]
        assert not (await hall.journal.verify()).broken

    walk(tmp_path, steps)


def test_codes_are_taken_once_over_restarts_and_refused_for_each_flaw(tmp_path: Path) -> None:
    given: dict[str, Any] = {}

    async def steps(hall: DoorHall) -> None:
        given.update(await hall.code("supervisor"))
        other = await hall.desk("technician-codes", kiosk="WH-HC-0004", form="signed")
        await hall.to_code()
        hall.held.put_nowait("https://example.test/somewhere")
        hall.held.put_nowait(other["code"])
        await asyncio.sleep(2)
        assert "发给另一台" in hall.words()
        await hall.digits((await hall.code(purpose="remote"))["digits"])
        assert hall.refusals()[-1] == "code-purpose"
        slip = given["digits"]
        await hall.digits(slip[:3] + str((int(slip[3]) + 1) % 10) + slip[4:])
        assert "输错了" in hall.words()
        await hall.digits(given["digits"])
        session = await hall.session()
        assert (session.role, session.how) == ("supervisor", "code")
        assert session.may("reissue")
        hall.seen.go.set()
        await hall.page("standby")

    async def again(hall: DoorHall) -> None:
        await hall.to_code()
        await hall.digits(given["digits"])
        assert "已经用过" in hall.words()
        hall.held.put_nowait(given["scan"])
        assert (await hall.session()).how == "code"
        hall.seen.go.set()
        await hall.page("standby")
        await hall.to_code()
        hall.held.put_nowait(given["scan"])
        await asyncio.sleep(2)
        assert hall.refusals()[-2:] == ["code-used", "code-used"]
        await hall.press("leave")
        late = await hall.desk("technician-codes", kiosk=KIOSK, form="signed", minutes=1)
        await asyncio.sleep(200)
        await hall.to_code()
        hall.held.put_nowait(late["code"])
        await asyncio.sleep(2)
        assert hall.refusals()[-1] == "code-expired"

    walk(tmp_path, steps)
    walk(tmp_path, again)


def test_guessing_codes_shuts_the_door_and_only_a_signed_code_opens_it_then(tmp_path: Path) -> None:
    async def steps(hall: DoorHall) -> None:
        good = await hall.code()
        gate = hall.entry.gate
        wrong = [f"1{n:02d}00000000" for n in range(40)]
        reasons = []
        for first in wrong:
            with pytest.raises(Shut) as caught:
                await gate.typed(next(first + c for c in "0123456789" if luhn_right(first + c)), "panel")
            reasons.append(caught.value.reason)
        assert reasons == ["code-wrong"] * 3 + ["locked"] * 37  # then a minute, five, fifteen, an hour for each
        await hall.to_code()
        await hall.digits(good["digits"])
        assert hall.entry.session is None
        hall.held.put_nowait(good["scan"])
        assert (await hall.session()).how == "code"

    walk(tmp_path, steps)


def test_codes_held_up_without_end_do_not_fill_the_journal(tmp_path: Path) -> None:
    async def steps(hall: DoorHall) -> None:
        await hall.to_code()
        for n in range(50):
            hall.held.put_nowait(f"KTC1.forged.{n}")
        await asyncio.sleep(20)
        assert 5 <= hall.refusals().count("code-form") <= 11
        hall.held.get_nowait()

    walk(tmp_path, steps)


def test_a_reader_that_is_gone_leaves_the_code(tmp_path: Path) -> None:
    async def steps(hall: DoorHall) -> None:
        await hall.page("standby")
        await hall.reader_there.unplug()
        await asyncio.sleep(20)
        await hall.at_door()
        await asyncio.sleep(5)
        assert "credit_card_off" in hall.words()
        await hall.press("code")
        await hall.page("tech_code")
        await hall.digits((await hall.code())["digits"])
        assert (await hall.session()).role == "field"

    walk(tmp_path, steps)


def test_somebody_who_does_nothing_is_gone_after_a_while_and_the_card_is_asked_for(tmp_path: Path) -> None:
    async def steps(hall: DoorHall) -> None:
        await hall.at_door()
        await hall.lay("technician")
        await hall.page("tech_pin")
        await hall.page("leave", within_s=300)
        await hall.page("standby", within_s=300)
        assert hall.entries("technician.door")[-1]["result"] == "card-left"
        assert hall.terminal.visit_id == ""

    walk(tmp_path, steps)


def test_nobody_keeps_citizens_away_by_standing_at_the_door(tmp_path: Path) -> None:
    async def steps(hall: DoorHall) -> None:
        await hall.at_door()
        for _ in range(7):
            await hall.press("code")
            await hall.page("tech_code", "standby")
            await asyncio.sleep(25)
            await hall.press("back")
            await asyncio.sleep(25)
        await hall.page("standby")
        assert hall.entries("technician.door")[-1]["result"] == "away"

    walk(tmp_path, steps)


def test_a_roster_of_ones_own_locks_and_removes_at_once(tmp_path: Path) -> None:
    async def steps(hall: DoorHall) -> None:
        roster = hall.entry.gate.roster
        number = CITIZENS["citizen-01"].number
        assert roster.find(number) is None
        card, pin = card_digest(hall.tools.key, number), hashed(hall.tools.key, "195738")
        roster.add(Technician(id="song", name="宋", role="supervisor", card=card, pin=pin))
        assert (roster.path.stat().st_mode & 0o777) == 0o600
        session = await hall.come_in("citizen-01", "195738")
        assert session.role == "supervisor"
        hall.seen.go.set()
        hall.lift()
        await hall.page("standby")
        roster.change("song", locked=True)
        await hall.at_door()
        await hall.lay("citizen-01")
        await asyncio.sleep(4)
        assert "已停用" in hall.words()
        assert hall.refusals() == ["technician-locked"]
        roster.path.chmod(0o644)
        hall.lift()
        await asyncio.sleep(2)
        await hall.lay("technician")
        await asyncio.sleep(4)
        assert hall.refusals()[-1] == "roster-bad"  # fails closed, and says so

    walk(tmp_path, steps)


def test_a_test_technician_on_a_real_roster_opens_nothing(tmp_path: Path) -> None:
    async def steps(hall: DoorHall) -> None:
        key, settings = hall.tools.key, hall.tools.settings
        roster = roster_of(settings, key)
        card = card_digest(key, FIELD_NUMBER)
        roster.add(Technician(id="x1", name="x", role="field", card=card, pin=hashed(key, "195738")))
        real = roster_of(settings.model_copy(update={"simulated": False}), key)
        with pytest.raises(RosterError, match="published test technician"):
            real.find(FIELD_NUMBER)

    walk(tmp_path, steps)


@pytest.mark.promise("P6")
def test_nothing_of_card_pin_and_code_is_in_journal_log_page_or_speech(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    said: list[str] = []

    async def steps(hall: DoorHall) -> None:
        code = await hall.code("supervisor")
        await hall.at_door()
        await hall.lay("citizen-02")
        await asyncio.sleep(4)
        await hall.lay("technician")
        await hall.page("tech_pin")
        await hall.press("voice", "on")
        await hall.pin("913572")
        await hall.pin(FIELD_PIN)
        await hall.session()
        shown = list(hall.display.screens)
        heard: list[str] = []
        panel = Panel(heard.extend, lambda _: None)
        for screen in shown:
            panel.show(screen)
            sheet = panel._stage.sheet
            assert sheet is not None
            mirrored = as_text(screen) + repr([as_data(node) for node in tree(screen, sheet).children])
            assert FIELD_PIN not in mirrored
            assert not any(block.order in mirrored for block in screen.blocks if isinstance(block, PinPad))
        assert any("密码" in each for each in heard)
        assert not {FIELD_PIN, "913572", *FIELD_PIN} & set(heard)  # no digit is said as it is typed
        hall.seen.go.set()
        hall.lift()
        await hall.page("standby")
        await hall.to_code()
        await hall.digits(code["digits"])
        await hall.session()
        typed = code["digits"]
        said.extend([FIELD_NUMBER, "样例技师", FIELD_PIN, "913572", typed, code["scan"]])
        pads = [block for screen in shown for block in screen.blocks if isinstance(block, PinPad)]
        assert {pad.typed for pad in pads} == set(range(7))
        assert all(len(set(pad.order)) == 10 for pad in pads)
        assert len({pad.order for pad in pads}) == 2  # anew for the second try
        assert FIELD_PIN not in repr(shown)

    walk(tmp_path, steps)
    with closing(sqlite3.connect(tmp_path / "journal.db")) as db:
        journal = json.dumps(db.execute("SELECT kind, body FROM entry").fetchall(), ensure_ascii=False)
    for secret in said:
        assert secret not in journal
        assert secret not in caplog.text
    assert "technician.code" in journal  # it was looked at
    assert SUPERVISOR_PIN not in journal


def test_coming_and_going_does_not_push_tries_out_of_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kiosk.technician.gate.ATTEMPTS", 10)

    async def steps(hall: DoorHall) -> None:
        gate = hall.entry.gate
        known = gate.roster.find(FIELD_NUMBER)
        assert known is not None
        for _ in range(4):
            with pytest.raises(Shut):
                await gate.pin(known, "000000")
            if await gate.locked_until(known.who):
                break
        until = await gate.locked_until(known.who)
        for _ in range(30):
            await gate.note("away")
        assert await gate.locked_until(known.who) == until > 0

    walk(tmp_path, steps)


def test_what_technicians_did_is_found_by_an_index(tmp_path: Path) -> None:
    """A gesture must not wait for a walk through years of entries."""

    async def steps(hall: DoorHall) -> None:
        await hall.page("standby")
        with closing(sqlite3.connect(tmp_path / "journal.db")) as db:
            query = f"SELECT body FROM entry WHERE kind=? AND {STAFF_KINDS} ORDER BY seq DESC LIMIT 9"
            plan = db.execute(f"EXPLAIN QUERY PLAN {query}", ("technician.try",)).fetchall()
        assert "entry_staff" in repr(plan)
        assert "TEMP B-TREE" not in repr(plan)

    walk(tmp_path, steps)
